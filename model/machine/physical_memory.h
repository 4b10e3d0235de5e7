// SPDX-License-Identifier: Apache-2.0
//
// Physical memory of machines with native values: bytes and allocation tags, in 256-byte windows that exist when
// touched.
//
// What a host gives, as a copy or as memory of its own, are such windows. Everything else reads as zero, and touching
// it sets `escaped()`: a run that escapes depends on memory that the host does not control.
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

    PhysicalMemory() { windows_.reserve(16); }

    /// Forgets everything.
    void reset();

    /// Host access. `pa` is aligned to 256; granule g has its tag in bits 4g+3:4g.
    void initialise_window(std::uint64_t pa, const std::uint8_t* data, std::uint64_t tags);
    /// The same without a copy: until reset() the window is this memory of the host's.
    void lend_window(std::uint64_t pa, std::uint8_t* data, std::uint64_t& tags);
    /// The tags alone, of any window: touching them is no escape from then on.
    void set_tags(std::uint64_t pa, std::uint64_t tags);
    std::uint64_t tags(std::uint64_t pa) { return *window(pa).tags; }
    std::uint8_t byte(std::uint64_t pa) { return window(pa).data[pa % window_bytes]; }
    std::uint8_t tag(std::uint64_t pa) { return tag_in(window(pa), pa); }
    std::vector<Written> written() const;

    bool escaped() const { return escaped_; }
    void set_escaped() { escaped_ = true; }

    template <unsigned size>
    Bits<8 * size> read(std::uint64_t pa) {
        const Window& window = checked_window(pa, &Window::data_given);
        typename Bits<8 * size>::Storage value;
        std::memcpy(&value, &window.data[pa % window_bytes], size);
        return Bits<8 * size>::from_wide(value);
    }

    template <unsigned size>
    void write(std::uint64_t pa, Bits<8 * size> value) {
        Window& window = checked_window(pa, &Window::data_given);
        const unsigned offset = pa % window_bytes;
        OldValue& old = new_journal_entry(pa, size);
        const auto raw = value.raw();
        std::memcpy(old.bytes.data(), &window.data[offset], size);
        std::memcpy(&window.data[offset], &raw, size);
        constexpr unsigned mask = (1U << size) - 1;
        std::uint16_t& written = window.written[offset / granule_bytes];
        written = static_cast<std::uint16_t>(written | (mask << (offset % granule_bytes)));
    }

    std::uint8_t read_tag(std::uint64_t pa) { return tag_in(checked_window(pa, &Window::tags_given), pa); }

    void write_tag(std::uint64_t pa, std::uint8_t tag) {
        Window& window = checked_window(pa, &Window::tags_given);
        new_journal_entry(pa & ~std::uint64_t{granule_bytes - 1}, 0).tag = tag_in(window, pa);
        const unsigned granule = pa % window_bytes / granule_bytes;
        std::uint64_t& tags = *window.tags;
        tags = (tags & ~(std::uint64_t{0xf} << (4 * granule))) | (std::uint64_t{tag} << (4 * granule));
        window.tags_written = static_cast<std::uint16_t>(window.tags_written | (1U << granule));
    }

    /// Starts the record of what an instruction overwrites.
    void new_instruction() { journal_size_ = 0; }
    unsigned journal_size() const { return journal_size_; }
    const OldValue& journal_entry(unsigned index) const { return journal_[index]; }

  private:
    struct Window {
        std::uint64_t number = 0;
        std::uint8_t* data = nullptr;  ///< `own_data`, or the host's
        std::uint64_t* tags = nullptr; ///< `own_tags`, or the host's; granule g in bits 4g+3:4g
        bool data_given = false;       ///< by the host
        bool tags_given = false;       ///< by the host; if `data_given`, too
        std::uint16_t tags_written = 0;
        std::array<std::uint16_t, granules_per_window> written{};
        std::uint64_t own_tags = 0;
        std::array<std::uint8_t, window_bytes> own_data{};
    };
    static std::uint8_t tag_in(const Window& window, std::uint64_t pa) {
        const unsigned granule = pa % window_bytes / granule_bytes;
        return static_cast<std::uint8_t>(*window.tags >> (4 * granule) & 0xf);
    }
    static constexpr unsigned lookup_size = 64;

    Window& window(std::uint64_t pa) {
        const std::uint64_t number = pa / window_bytes;
        Window* found = lookup_[number % lookup_size];
        return found != nullptr && found->number == number ? *found : touch(number);
    }
    /// One that is not in its place in the look-up table: all zero, if it is new.
    Window& touch(std::uint64_t number);
    /// Among those in use; or none.
    Window* find(std::uint64_t number) const;
    Window& new_window(std::uint64_t number);
    [[gnu::noinline]] void add_window();

    /// `given`: what an access of this kind is meant for.
    Window& checked_window(std::uint64_t pa, const bool Window::*given) {
        Window& found = window(pa);
        if (!(found.*given)) [[unlikely]] {
            escaped_ = true;
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

    std::vector<std::unique_ptr<Window>> windows_; ///< the first `used_` are in use
    std::size_t used_ = 0;
    std::array<Window*, lookup_size> lookup_{};
    std::vector<OldValue> journal_;
    unsigned journal_size_ = 0;
    bool escaped_ = false;
};

} // namespace mtecheck::model
