// SPDX-License-Identifier: Apache-2.0
//
// FNV-1a: fingerprints of tables and corpora, and names of groups and of files in a cache. No protection against
// anybody; whoever cannot live with a collision keeps what was hashed, too.
//
// Invariant: a value is a function of the bytes that were added, on every machine: values are kept in files.
#pragma once

#include <cstdint>
#include <string_view>

namespace mtecheck::difftest {

template <class Value>
class Fnv1a {
  public:
    constexpr Fnv1a(Value basis, Value prime) : value_(basis), prime_(prime) {}

    constexpr void add_byte(std::uint8_t byte) { value_ = (value_ ^ byte) * prime_; }
    constexpr void add_bytes(std::string_view bytes) {
        for (const char c : bytes) add_byte(static_cast<std::uint8_t>(c));
    }
    /// With where it ends: no text holds this byte.
    constexpr void add(std::string_view text) {
        add_bytes(text);
        add_byte(0xff);
    }
    constexpr void add(std::uint32_t word) {
        for (unsigned shift = 0; shift < 32; shift += 8) add_byte(static_cast<std::uint8_t>(word >> shift));
    }
    constexpr Value value() const { return value_; }

  private:
    Value value_;
    Value prime_;
};

/// Of 64 bits, with the usual parameters.
class Hash : public Fnv1a<std::uint64_t> {
  public:
    constexpr Hash() : Fnv1a(0xcbf29ce484222325U, 0x100000001b3U) {}
};

/// Of 32 bits, with the usual parameters.
class ShortHash : public Fnv1a<std::uint32_t> {
  public:
    constexpr ShortHash() : Fnv1a(2166136261U, 16777619U) {}
};

} // namespace mtecheck::difftest
