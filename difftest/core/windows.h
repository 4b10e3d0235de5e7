// SPDX-License-Identifier: Apache-2.0
//
// The windows of a case: 256-byte stretches of physical memory and their tags.
//
// A small vector. Generated cases have one window or two, and campaigns hold thousands of states and outcomes at a
// time: room for kMaxWindows in each would spread them over several times the cache and the pages.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

namespace mtecheck::difftest {

inline constexpr std::size_t kWindowBytes = 256;   // one LDGM block at GMID_EL1.BS = 6
inline constexpr std::size_t kWindowGranules = 16; // 16-byte tag granules
inline constexpr std::size_t kMaxWindows = 8;

/// 256 bytes of physical memory and their 16 allocation tags.
struct Window {
    std::uint64_t pa = 0;                          // 256-byte aligned
    std::uint64_t tags = 0;                        // granule g in bits 4g+3:4g, as LDGM with BS = 6 returns them
    std::array<std::uint8_t, kWindowBytes> data{}; // ascending addresses
    bool operator==(const Window&) const = default;
};

/// Invariant: up to kFew windows are in few_, more of them all in many_.
class Windows {
  public:
    using value_type = Window;
    using iterator = Window*;
    using const_iterator = const Window*;

    Windows() = default;
    Windows(const Windows& other) { *this = other; }
    Windows(Windows&& other) noexcept { swap(other); }
    ~Windows() = default;
    Windows& operator=(const Windows& other) {
        if (this == &other) return *this;
        resize_without_values(other.size_);
        std::copy(other.begin(), other.end(), begin());
        return *this;
    }
    Windows& operator=(Windows&& other) noexcept {
        swap(other);
        return *this;
    }
    void swap(Windows& other) noexcept {
        std::swap(size_, other.size_);
        std::swap(few_, other.few_);
        std::swap(many_, other.many_);
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    Window* data() { return size_ <= kFew ? few_.data() : many_->data(); }
    const Window* data() const { return size_ <= kFew ? few_.data() : many_->data(); }
    iterator begin() { return data(); }
    iterator end() { return data() + size_; }
    const_iterator begin() const { return data(); }
    const_iterator end() const { return data() + size_; }
    Window& operator[](std::size_t i) { return data()[i]; }
    const Window& operator[](std::size_t i) const { return data()[i]; }
    const Window& at(std::size_t i) const {
        if (i >= size_) throw std::out_of_range("no such window");
        return data()[i];
    }
    Window& front() { return *begin(); }
    const Window& front() const { return *begin(); }
    Window& back() { return *(end() - 1); }
    const Window& back() const { return *(end() - 1); }

    void clear() { size_ = 0; }
    void resize(std::size_t size) {
        const std::size_t before = size_;
        resize_without_values(size);
        for (std::size_t i = before; i < size; ++i) data()[i] = {};
    }
    /// The same, but the caller sets what is new.
    void resize_without_values(std::size_t size) {
        if (size > kMaxWindows) throw std::length_error("more windows than a case may have");
        if (size > kFew && size_ <= kFew) {
            if (!many_) many_ = std::make_unique<std::array<Window, kMaxWindows>>();
            std::copy_n(few_.begin(), size_, many_->begin());
        } else if (size <= kFew && size_ > kFew) {
            std::copy_n(many_->begin(), size, few_.begin());
        }
        size_ = size;
    }
    void push_back(const Window& window) {
        const Window copy = window; // it may be one of ours
        resize_without_values(size_ + 1);
        back() = copy;
    }
    void pop_back() { resize_without_values(size_ - 1); }
    Window& emplace_back() {
        resize(size_ + 1);
        return back();
    }
    bool operator==(const Windows& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

  private:
    static constexpr std::size_t kFew = 2;

    std::size_t size_ = 0;
    std::array<Window, kFew> few_;
    std::unique_ptr<std::array<Window, kMaxWindows>> many_;
};

} // namespace mtecheck::difftest
