// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON that people, or other programs, wrote: strict, and every complaint names the file, the place (a JSON
// pointer) and the mend. All JSON formats of this project are read through these functions.
//
// Invariants: nothing is coerced (numbers are JSON integers in a stated range; 64-bit values are hexadecimal
// strings), duplicate and unknown keys are errors, nesting and size are bounded, and the only exception is InputError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace mtecheck::difftest {

/// The only object representation for output: keys in the order in which they are written.
using OrderedJson = nlohmann::ordered_json;

/// Parses a whole text; `file` is its name in complaints.
nlohmann::json parse_json(std::string_view text, const std::string& file);

/// The bytes of a file of at most `limit` bytes. Throws InputError if it cannot be read or is larger.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit = 64U << 20U);

/// A value in a parsed document, with where it is. Lives no longer than the document and the file name.
class JsonPlace {
  public:
    JsonPlace(const nlohmann::json& value, const std::string& file) : value_(&value), file_(&file) {}

    const nlohmann::json& value() const { return *value_; }
    const std::string& file() const { return *file_; }
    const std::string& pointer() const { return pointer_; }

    /// Throws the InputError of this place.
    [[noreturn]] void fail(const std::string& mend) const;

    /// An object whose keys are all in `keys` (and in `more`).
    void only(std::initializer_list<std::string_view> keys, std::span<const std::string> more = {}) const;
    JsonPlace member(std::string_view key) const;
    /// An object whose "schema" is this.
    void schema(std::string_view name) const;
    std::optional<JsonPlace> find(std::string_view key) const;

    /// An array of at most `limit` elements: how many it has.
    std::size_t array_size(std::size_t limit) const;
    JsonPlace element(std::size_t index) const;

    /// "0x" and hexadecimal digits, the value below 2^width.
    std::uint64_t hex(unsigned width = 64) const;
    /// Exactly `out.size()` bytes as pairs of hexadecimal digits, lowest address first.
    void bytes(std::span<std::uint8_t> out) const;
    std::uint64_t number(std::uint64_t maximum) const;
    bool boolean() const;
    const std::string& text(std::size_t limit = 4096) const;
    /// An array of at most `limit` strings.
    std::vector<std::string> texts(std::size_t limit) const;
    /// The index in `names` of this string.
    std::size_t one_of(std::span<const std::string_view> names) const;

  private:
    JsonPlace(const nlohmann::json& value, const std::string& file, std::string pointer)
        : value_(&value), file_(&file), pointer_(std::move(pointer)) {}
    void need_object() const;

    const nlohmann::json* value_;
    const std::string* file_;
    std::string pointer_;
};

/// "0x2a": lower case, at least `digits` digits.
std::string hex_text(std::uint64_t value, unsigned digits = 1);
std::string bytes_text(std::span<const std::uint8_t> bytes);

/// The value of one hexadecimal digit, or -1.
int hex_digit(char c);

} // namespace mtecheck::difftest
