// SPDX-License-Identifier: Apache-2.0
//
// Physical memory of machines with native values: bytes and allocation tags, in pages that exist when touched.
//
// What a host initialises are 256-byte windows. Everything else reads as zero, and touching it sets `escaped()`:
// a run that escapes depends on memory that the host does not control.
// Which bytes and tags a run wrote is kept by granule. What the current instruction wrote is kept with the old
// values, since an abort leaves it open whether earlier writes of the same instruction happened.
//
// Invariants: an access does not cross a 16-byte granule. After reset() the memory is as new, in time proportional
// to the windows touched; nothing is allocated once the largest case has been seen.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "model/machine/bits.h"

namespace mtecheck::model {

class PhysicalMemory {
  public:
    static constexpr unsigned page_bytes = 4096;
    static constexpr unsigned granule_bytes = 16;
    static constexpr unsigned window_bytes = 256;
    static constexpr unsigned granules_per_window = window_bytes / granule_bytes;
    static constexpr unsigned windows_per_page = page_bytes / window_bytes;

    /// What one granule got from the run.
    struct Written {
        std::uint64_t pa = 0;
        std::uint16_t bytes = 0; ///< bit i: byte i was written
        bool tag = false;
    };

    /// What the current instruction overwrote.
    struct OldValue {
        std::uint64_t pa = 0;
        std::uint8_t size = 0; ///< in bytes; 0: the allocation tag
        std::array<std::uint8_t, granule_bytes> bytes{};
        std::uint8_t tag = 0;
    };

    PhysicalMemory() { pages_.reserve(16); }

    /// Forgets everything.
    void reset();

    /// Host access. `pa` is aligned to 256; granule g has its tag in bits 4g+3:4g.
    void initialise_window(std::uint64_t pa, const std::uint8_t* data, std::uint64_t tags);
    void read_window(std::uint64_t pa, std::uint8_t* data, std::uint64_t& tags);
    /// The tags alone, of any window: touching them is no escape from then on.
    void set_tags(std::uint64_t pa, std::uint64_t tags);
    std::uint64_t tags(std::uint64_t pa);
    std::uint8_t byte(std::uint64_t pa) { return window(pa).data[pa % page_bytes]; }
    std::uint8_t tag(std::uint64_t pa) { return tag_in(window(pa), pa); }
    std::vector<Written> written() const;

    bool escaped() const { return escaped_; }
    void set_escaped() { escaped_ = true; }

    template <unsigned size>
    Bits<8 * size> read(std::uint64_t pa) {
        const Page& page = checked_window(pa, &Page::initialised);
        typename Bits<8 * size>::Storage value;
        std::memcpy(&value, &page.data[pa % page_bytes], size);
        return Bits<8 * size>::from_wide(value);
    }

    template <unsigned size>
    void write(std::uint64_t pa, Bits<8 * size> value) {
        Page& page = checked_window(pa, &Page::initialised);
        const unsigned offset = pa % page_bytes;
        OldValue& old = new_journal_entry(pa, size);
        const auto raw = value.raw();
        std::memcpy(old.bytes.data(), &page.data[offset], size);
        std::memcpy(&page.data[offset], &raw, size);
        constexpr unsigned mask = (1U << size) - 1;
        std::uint16_t& written = page.written[offset / granule_bytes];
        written = static_cast<std::uint16_t>(written | (mask << (offset % granule_bytes)));
    }

    std::uint8_t read_tag(std::uint64_t pa) { return tag_in(checked_window(pa, &Page::tags_given), pa); }

    void write_tag(std::uint64_t pa, std::uint8_t tag) {
        Page& page = checked_window(pa, &Page::tags_given);
        new_journal_entry(pa & ~std::uint64_t{granule_bytes - 1}, 0).tag = tag_in(page, pa);
        const unsigned index = pa % page_bytes / window_bytes;
        const unsigned granule = pa % window_bytes / granule_bytes;
        std::uint64_t& tags = page.tags[index];
        tags = (tags & ~(std::uint64_t{0xf} << (4 * granule))) | (std::uint64_t{tag} << (4 * granule));
        std::uint16_t& written = page.tags_written[index];
        written = static_cast<std::uint16_t>(written | (1U << granule));
    }

    /// Starts the record of what an instruction overwrites.
    void new_instruction() { journal_size_ = 0; }
    unsigned journal_size() const { return journal_size_; }
    const OldValue& journal_entry(unsigned index) const { return journal_[index]; }

  private:
    struct Page {
        std::uint64_t number = 0;
        std::uint16_t touched = 0;     ///< windows that hold defined values
        std::uint16_t initialised = 0; ///< windows that the host gave; a subset of `touched`
        std::uint16_t tags_given = 0;  ///< windows whose tags the host gave; has all of `initialised`
        std::array<std::uint16_t, windows_per_page> tags_written{};
        std::array<std::uint16_t, page_bytes / granule_bytes> written{};
        std::array<std::uint64_t, windows_per_page> tags{}; ///< granule g of a window in bits 4g+3:4g
        std::array<std::uint8_t, page_bytes> data{};
    };
    static std::uint8_t tag_in(const Page& page, std::uint64_t pa) {
        const unsigned granule = pa % window_bytes / granule_bytes;
        return static_cast<std::uint8_t>(page.tags[pa % page_bytes / window_bytes] >> (4 * granule) & 0xf);
    }
    static constexpr unsigned lookup_size = 64;

    Page& page(std::uint64_t pa) {
        const std::uint64_t number = pa / page_bytes;
        Page* found = lookup_[number % lookup_size];
        return found != nullptr && found->number == number ? *found : find_page(number);
    }
    Page& find_page(std::uint64_t number);
    void touch(Page& page, unsigned index);
    static void forget_writes(Page& page, unsigned index);

    Page& window(std::uint64_t pa) {
        Page& found = page(pa);
        const unsigned index = pa % page_bytes / window_bytes;
        if ((unsigned{found.touched} >> index & 1U) == 0) {
            touch(found, index);
        }
        return found;
    }

    /// `given`: the windows that an access of this kind is meant for.
    Page& checked_window(std::uint64_t pa, const std::uint16_t Page::*given) {
        Page& found = page(pa);
        const unsigned index = pa % page_bytes / window_bytes;
        if ((unsigned{found.*given} >> index & 1U) == 0) [[unlikely]] {
            escaped_ = true;
            return window(pa);
        }
        return found;
    }

    OldValue& new_journal_entry(std::uint64_t pa, unsigned size) {
        if (journal_size_ == journal_.size()) [[unlikely]] {
            journal_.resize(journal_.size() * 2 + 64);
        }
        OldValue& entry = journal_[journal_size_++];
        entry.pa = pa;
        entry.size = static_cast<std::uint8_t>(size);
        return entry;
    }

    std::vector<std::unique_ptr<Page>> pages_; ///< the first `used_` are in use
    std::size_t used_ = 0;
    std::array<Page*, lookup_size> lookup_{};
    std::vector<OldValue> journal_;
    unsigned journal_size_ = 0;
    bool escaped_ = false;
};

} // namespace mtecheck::model
