// SPDX-License-Identifier: Apache-2.0
//
// What a trace has shown of Allocation Tags: for each granule the tag that it has if its memory is Tagged, where that
// is known, and for each page whether it is.
//
// Pages are found by a location: a physical address, or a virtual one where the trace has no other (with the address
// space that it belongs to). Memory is bounded: beyond so many pages all is forgotten, which makes items unknown and
// never wrong.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace mtecheck::difftest {

enum class MemoryIs : std::uint8_t { not_known, tagged, untagged };

class TagShadow {
  public:
    static constexpr std::uint64_t page_bytes = 4096;
    static constexpr unsigned granule_bytes = 16;

    explicit TagShadow(std::size_t most_pages) : most_pages_(most_pages) {}

    /// A location is a physical address, below 2^52, or virtual(). `space` says which address space a virtual one is
    /// in.
    static constexpr std::uint64_t kLowerHalf = std::uint64_t{1} << 53;
    static constexpr std::uint64_t virtual_location(std::uint64_t va) {
        constexpr std::uint64_t kUpper = std::uint64_t{1} << 55;
        const std::uint64_t address = va & ((kUpper << 1U) - 1);
        return (va & kUpper) != 0 ? address | (std::uint64_t{7} << 53) : (address & (kLowerHalf - 1)) | kLowerHalf;
    }
    static constexpr bool is_virtual(std::uint64_t location) { return (location & kLowerHalf) != 0; }

    std::optional<std::uint8_t> tag(std::uint64_t location, std::uint32_t space);
    void set_tag(std::uint64_t location, std::uint32_t space, std::uint8_t tag);
    void forget_tag(std::uint64_t location, std::uint32_t space);
    MemoryIs memory(std::uint64_t location, std::uint32_t space);
    void set_memory(std::uint64_t location, std::uint32_t space, MemoryIs what);
    /// What is so where nothing else is known.
    void set_default_memory(MemoryIs what) { default_memory_ = what; }

    /// The tags of a page; its memory stays what it is.
    void forget_tags(std::uint64_t location, std::uint32_t space);
    void forget_page(std::uint64_t location, std::uint32_t space);
    void forget_virtual();
    void forget_all();
    /// A page was known by its virtual address; from now on it is by its physical one.
    void move(std::uint64_t from, std::uint32_t space, std::uint64_t to);

    std::size_t pages() const { return pages_.size(); }
    std::size_t most_pages_seen() const { return most_seen_; }
    std::uint64_t times_full() const { return times_full_; }

  private:
    struct Page {
        std::array<std::uint8_t, page_bytes / granule_bytes / 2> tags{};
        std::bitset<page_bytes / granule_bytes> known;
        MemoryIs memory = MemoryIs::not_known;
    };
    static std::uint64_t key(std::uint64_t location, std::uint32_t space) {
        const std::uint64_t number = location / page_bytes;
        return is_virtual(location) ? number | (std::uint64_t{space} << 44U) : number;
    }
    static std::size_t granule(std::uint64_t location) { return location % page_bytes / granule_bytes; }
    Page* find(std::uint64_t location, std::uint32_t space);
    Page& make(std::uint64_t location, std::uint32_t space);
    void forget_recent();

    struct Recent {
        std::uint64_t key = ~std::uint64_t{0};
        Page* page = nullptr;
    };
    std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
    std::array<Recent, 256> recent_; ///< by key: most accesses are to a few pages
    std::size_t most_pages_;
    std::size_t most_seen_ = 0;
    std::uint64_t times_full_ = 0;
    MemoryIs default_memory_ = MemoryIs::not_known;
};

} // namespace mtecheck::difftest
