// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/tag_shadow.h"

#include <algorithm>

namespace mtecheck::difftest {

TagShadow::Page* TagShadow::find(std::uint64_t location, std::uint32_t space) {
    const std::uint64_t wanted = key(location, space);
    Recent& recent = recent_[wanted % recent_.size()];
    if (recent.key == wanted) return recent.page;
    const auto found = pages_.find(wanted);
    if (found == pages_.end()) return nullptr;
    recent = {wanted, found->second.get()};
    return recent.page;
}

TagShadow::Page& TagShadow::make(std::uint64_t location, std::uint32_t space) {
    if (Page* found = find(location, space)) return *found;
    if (pages_.size() >= most_pages_) {
        forget_all();
        ++times_full_;
    }
    auto& page = pages_[key(location, space)];
    page = std::make_unique<Page>();
    most_seen_ = std::max(most_seen_, pages_.size());
    return *page;
}

std::optional<std::uint8_t> TagShadow::tag(std::uint64_t location, std::uint32_t space) {
    const Page* page = find(location, space);
    const std::size_t index = granule(location);
    if (page == nullptr || !page->known[index]) return std::nullopt;
    return static_cast<std::uint8_t>(page->tags[index / 2] >> (index % 2 * 4) & 0xf);
}

void TagShadow::set_tag(std::uint64_t location, std::uint32_t space, std::uint8_t tag) {
    Page& page = make(location, space);
    const std::size_t index = granule(location);
    const unsigned shift = index % 2 * 4;
    page.tags[index / 2] = static_cast<std::uint8_t>((page.tags[index / 2] & ~(0xf << shift)) | (tag & 0xf) << shift);
    page.known.set(index);
}

void TagShadow::forget_tag(std::uint64_t location, std::uint32_t space) {
    if (Page* page = find(location, space)) page->known.reset(granule(location));
}

MemoryIs TagShadow::memory(std::uint64_t location, std::uint32_t space) {
    const Page* page = find(location, space);
    return page == nullptr || page->memory == MemoryIs::not_known ? default_memory_ : page->memory;
}

void TagShadow::set_memory(std::uint64_t location, std::uint32_t space, MemoryIs what) {
    make(location, space).memory = what;
}

void TagShadow::forget_tags(std::uint64_t location, std::uint32_t space) {
    if (Page* page = find(location, space)) page->known.reset();
}

void TagShadow::forget_page(std::uint64_t location, std::uint32_t space) {
    if (pages_.erase(key(location, space)) != 0) forget_recent();
}

void TagShadow::forget_virtual() {
    std::erase_if(pages_, [](const auto& page) { return is_virtual(page.first * page_bytes); });
    forget_recent();
}

void TagShadow::forget_all() {
    pages_.clear();
    forget_recent();
}

void TagShadow::move(std::uint64_t from, std::uint32_t space, std::uint64_t to) {
    if (find(from, space) == nullptr) return;
    auto node = pages_.extract(key(from, space));
    forget_recent();
    Page* there = find(to, space);
    if (there == nullptr) {
        node.key() = key(to, space);
        pages_.insert(std::move(node));
        forget_recent();
        return;
    }
    // What the page was known for by its physical address is as old or as new: only what agrees is kept.
    const Page& page = *node.mapped();
    for (std::size_t index = 0; index < page.known.size(); ++index) {
        if (!page.known[index]) continue;
        const std::uint64_t location = to / page_bytes * page_bytes + index * granule_bytes;
        const auto tag = static_cast<std::uint8_t>(page.tags[index / 2] >> (index % 2 * 4) & 0xf);
        if (!there->known[index]) {
            set_tag(location, space, tag);
        } else if (this->tag(location, space) != tag) {
            there->known.reset(index);
        }
    }
    if (there->memory == MemoryIs::not_known) there->memory = page.memory;
}

void TagShadow::forget_recent() { recent_.fill({}); }

} // namespace mtecheck::difftest
