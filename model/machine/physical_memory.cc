// SPDX-License-Identifier: Apache-2.0
//
// PhysicalMemory: what is not on the path of every access.
#include "model/machine/physical_memory.h"

#include <algorithm>

namespace mtecheck::model {

void PhysicalMemory::reset() {
    for (std::size_t i = 0; i < used_; ++i) {
        lookup_[windows_[i]->number % lookup_size] = nullptr;
    }
    used_ = 0;
    journal_size_ = 0;
    escaped_ = false;
}

inline PhysicalMemory::Window* PhysicalMemory::find(std::uint64_t number) const {
    for (std::size_t i = 0; i < used_; ++i) {
        if (windows_[i]->number == number) return windows_[i].get();
    }
    return nullptr;
}

void PhysicalMemory::add_window() { windows_.push_back(std::make_unique<Window>()); }

inline PhysicalMemory::Window& PhysicalMemory::new_window(std::uint64_t number) {
    if (used_ == windows_.size()) [[unlikely]]
        add_window();
    Window& window = *windows_[used_++];
    window.number = number;
    return window;
}

PhysicalMemory::Window& PhysicalMemory::touch(std::uint64_t number) {
    Window* window = find(number);
    if (window == nullptr) {
        window = &new_window(number);
        window->data = window->own_data.data();
        window->tags = &window->own_tags;
        window->data_given = false;
        window->tags_given = false;
        window->tags_written = 0;
        window->written.fill(0);
        window->own_data.fill(0);
        window->own_tags = 0;
    }
    lookup_[number % lookup_size] = window;
    return *window;
}

void PhysicalMemory::lend_window(std::uint64_t pa, std::uint8_t* data, std::uint64_t& tags) {
    const std::uint64_t number = pa / window_bytes;
    Window* window = find(number);
    if (window == nullptr) window = &new_window(number);
    window->data = data;
    window->tags = &tags;
    window->data_given = true;
    window->tags_given = true;
    window->tags_written = 0;
    window->written.fill(0);
    lookup_[number % lookup_size] = window;
}

void PhysicalMemory::initialise_window(std::uint64_t pa, const std::uint8_t* data, std::uint64_t tags) {
    Window& window = this->window(pa);
    std::copy_n(data, window_bytes, window.own_data.begin());
    window.own_tags = tags;
    lend_window(pa, window.own_data.data(), window.own_tags);
}

void PhysicalMemory::set_tags(std::uint64_t pa, std::uint64_t tags) {
    Window& window = this->window(pa);
    window.tags_given = true;
    *window.tags = tags;
}

std::vector<PhysicalMemory::Written> PhysicalMemory::written() const {
    std::vector<Written> result;
    for (std::size_t i = 0; i < used_; ++i) {
        const Window& window = *windows_[i];
        for (unsigned granule = 0; granule < granules_per_window; ++granule) {
            const bool tag = (unsigned{window.tags_written} >> granule & 1U) != 0;
            if (window.written[granule] != 0 || tag) {
                result.push_back({.pa = window.number * window_bytes + granule * granule_bytes,
                                  .bytes = window.written[granule],
                                  .tag = tag});
            }
        }
    }
    std::sort(result.begin(), result.end(), [](const Written& a, const Written& b) { return a.pa < b.pa; });
    return result;
}

} // namespace mtecheck::model
