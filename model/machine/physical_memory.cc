// SPDX-License-Identifier: Apache-2.0
//
// PhysicalMemory: what is not on the path of every access.
#include "model/machine/physical_memory.h"

#include <algorithm>

namespace mtecheck::model {

void PhysicalMemory::reset() {
    for (std::size_t i = 0; i < used_; ++i) {
        lookup_[pages_[i]->number % lookup_size] = nullptr;
    }
    used_ = 0;
    journal_size_ = 0;
    escaped_ = false;
}

PhysicalMemory::Page& PhysicalMemory::find_page(std::uint64_t number) {
    const auto end = pages_.begin() + static_cast<std::ptrdiff_t>(used_);
    const auto found = std::find_if(pages_.begin(), end, [&](const auto& page) { return page->number == number; });
    Page* page = nullptr;
    if (found != end) {
        page = found->get();
    } else {
        if (used_ == pages_.size()) {
            pages_.push_back(std::make_unique<Page>());
        }
        page = pages_[used_++].get();
        page->number = number;
        page->touched = 0;
        page->initialised = 0;
        page->tags_given = 0;
    }
    lookup_[number % lookup_size] = page;
    return *page;
}

void PhysicalMemory::touch(Page& page, unsigned index) {
    page.touched = static_cast<std::uint16_t>(page.touched | (1U << index));
    forget_writes(page, index);
    page.tags[index] = 0;
    std::fill_n(&page.data[index * window_bytes], window_bytes, std::uint8_t{0});
}

void PhysicalMemory::forget_writes(Page& page, unsigned index) {
    page.tags_written[index] = 0;
    std::fill_n(&page.written[index * granules_per_window], granules_per_window, std::uint16_t{0});
}

void PhysicalMemory::initialise_window(std::uint64_t pa, const std::uint8_t* data, std::uint64_t tags) {
    Page& page = this->page(pa);
    const unsigned index = pa % page_bytes / window_bytes;
    page.touched = static_cast<std::uint16_t>(page.touched | (1U << index));
    page.initialised = static_cast<std::uint16_t>(page.initialised | (1U << index));
    page.tags_given = static_cast<std::uint16_t>(page.tags_given | (1U << index));
    forget_writes(page, index);
    page.tags[index] = tags;
    std::memcpy(&page.data[index * window_bytes], data, window_bytes);
}

void PhysicalMemory::read_window(std::uint64_t pa, std::uint8_t* data, std::uint64_t& tags) {
    const unsigned index = pa % page_bytes / window_bytes;
    std::memcpy(data, &window(pa).data[index * window_bytes], window_bytes);
    tags = this->tags(pa);
}

void PhysicalMemory::set_tags(std::uint64_t pa, std::uint64_t tags) {
    Page& page = window(pa);
    const unsigned index = pa % page_bytes / window_bytes;
    page.tags_given = static_cast<std::uint16_t>(page.tags_given | (1U << index));
    page.tags[index] = tags;
}

std::uint64_t PhysicalMemory::tags(std::uint64_t pa) { return window(pa).tags[pa % page_bytes / window_bytes]; }

std::vector<PhysicalMemory::Written> PhysicalMemory::written() const {
    std::vector<Written> result;
    for (std::size_t i = 0; i < used_; ++i) {
        const Page& page = *pages_[i];
        for (unsigned granule = 0; granule < page_bytes / granule_bytes; ++granule) {
            const unsigned index = granule / granules_per_window;
            if ((unsigned{page.touched} >> index & 1U) == 0) {
                continue;
            }
            const bool tag = (unsigned{page.tags_written[index]} >> (granule % granules_per_window) & 1U) != 0;
            if (page.written[granule] != 0 || tag) {
                result.push_back({.pa = page.number * page_bytes + granule * granule_bytes,
                                  .bytes = page.written[granule],
                                  .tag = tag});
            }
        }
    }
    std::sort(result.begin(), result.end(), [](const Written& a, const Written& b) { return a.pa < b.pa; });
    return result;
}

} // namespace mtecheck::model
