// SPDX-License-Identifier: Apache-2.0
//
// Strict reading of JSON; see the header for the rules.
#include "difftest/core/json_reader.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

constexpr int kMaxDepth = 32;

std::string escape(std::string_view key) {
    std::string result;
    for (const char c : key) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            result += '?';
        } else {
            result += c;
        }
    }
    return result.size() > 80 ? result.substr(0, 80) + "..." : result;
}

/// One line for people: parser messages quote the input.
std::string printable(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f) c = '?';
    }
    return text.size() > 300 ? text.substr(0, 300) + "..." : text;
}

std::string kind(const nlohmann::json& value) { return value.is_number() ? "a number" : value.type_name(); }

} // namespace

nlohmann::json parse_json(std::string_view text, const std::string& file) {
    std::vector<std::set<std::string, std::less<>>> keys;
    const auto check = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        using Event = nlohmann::json::parse_event_t;
        if (depth > kMaxDepth) {
            throw InputError(file, "",
                             "nested deeper than " + std::to_string(kMaxDepth) + " levels; this is no file of ours");
        }
        if (event == Event::object_start) {
            keys.emplace_back();
        } else if (event == Event::object_end) {
            keys.pop_back();
        } else if (event == Event::key) {
            const std::string& key = parsed.get_ref<const std::string&>();
            if (!keys.back().insert(key).second) {
                throw InputError(file, "", "the key \"" + escape(key) + "\" is there twice in one object; remove one");
            }
        }
        return true;
    };
    try {
        return nlohmann::json::parse(text, check);
    } catch (const nlohmann::json::exception& error) {
        // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
        std::string message = error.what();
        if (const auto end = message.find("] "); end != std::string::npos) message.erase(0, end + 2);
        throw InputError(file, "", "not valid JSON: " + printable(message));
    }
}

std::string read_file(const std::filesystem::path& path, std::uint64_t limit) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw InputError(path.string(), "", "is a directory; name a file");
    std::ifstream in(path, std::ios::binary);
    if (!in) throw InputError(path.string(), "", "cannot be opened; check the name and the permissions");
    std::string text;
    std::vector<char> chunk(1U << 16U);
    while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), in.gcount() > 0) {
        text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > limit) {
            throw InputError(path.string(), "",
                             "is larger than " + std::to_string(limit) + " bytes; this is no file of ours");
        }
    }
    if (in.bad()) throw InputError(path.string(), "", "cannot be read to its end");
    return text;
}

void JsonPlace::fail(const std::string& mend) const {
    throw InputError(*file_, pointer_.empty() ? "/" : pointer_, mend);
}

void JsonPlace::need_object() const {
    if (!value_->is_object()) fail("must be an object, not " + kind(*value_));
}

void JsonPlace::only(std::initializer_list<std::string_view> keys, std::span<const std::string> more) const {
    need_object();
    for (const auto& [key, value] : value_->items()) {
        const auto is_key = [&name = key](std::string_view known) { return known == name; };
        if (std::any_of(keys.begin(), keys.end(), is_key) || std::any_of(more.begin(), more.end(), is_key)) continue;
        std::string known;
        for (const auto other : keys) known += (known.empty() ? "" : ", ") + std::string(other);
        if (!more.empty()) known += (known.empty() ? "" : ", ") + more.front() + " ... " + more.back();
        JsonPlace(value, *file_, pointer_ + "/" + escape(key)).fail("is not a known key; known here: " + known);
    }
}

JsonPlace JsonPlace::member(std::string_view key) const {
    need_object();
    const auto found = value_->find(key);
    if (found == value_->end()) fail("the key \"" + std::string(key) + "\" is missing; add it");
    return {*found, *file_, pointer_ + "/" + std::string(key)};
}

void JsonPlace::schema(std::string_view name) const {
    const JsonPlace place = member("schema");
    if (place.text() != name) place.fail("must be \"" + std::string(name) + "\"");
}

std::optional<JsonPlace> JsonPlace::find(std::string_view key) const {
    need_object();
    const auto found = value_->find(key);
    if (found == value_->end()) return std::nullopt;
    return JsonPlace(*found, *file_, pointer_ + "/" + std::string(key));
}

std::size_t JsonPlace::array_size(std::size_t limit) const {
    if (!value_->is_array()) fail("must be an array, not " + kind(*value_));
    if (value_->size() > limit) {
        fail("has " + std::to_string(value_->size()) + " elements; at most " + std::to_string(limit) + " are allowed");
    }
    return value_->size();
}

JsonPlace JsonPlace::element(std::size_t index) const {
    return {value_->at(index), *file_, pointer_ + "/" + std::to_string(index)};
}

std::uint64_t JsonPlace::hex(unsigned width) const {
    if (!value_->is_string()) fail("must be a string like \"0x2a\", not " + kind(*value_));
    const auto& digits = value_->get_ref<const std::string&>();
    if (digits.size() < 3 || digits.size() > 18 || !digits.starts_with("0x")) {
        fail("must be \"0x\" and 1 to 16 hexadecimal digits");
    }
    std::uint64_t result = 0;
    for (const char c : std::string_view(digits).substr(2)) {
        const int digit = hex_digit(c);
        if (digit < 0) fail("must be \"0x\" and 1 to 16 hexadecimal digits");
        result = result << 4U | static_cast<unsigned>(digit);
    }
    if (width < 64 && result >> width != 0) fail("does not fit into " + std::to_string(width) + " bits");
    return result;
}

void JsonPlace::bytes(std::span<std::uint8_t> out) const {
    const std::string mend = "must be a string of " + std::to_string(2 * out.size()) + " hexadecimal digits";
    if (!value_->is_string()) fail(mend);
    const auto& digits = value_->get_ref<const std::string&>();
    if (digits.size() != 2 * out.size()) fail(mend);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_digit(digits[2 * i]);
        const int low = hex_digit(digits[2 * i + 1]);
        if (high < 0 || low < 0) fail(mend);
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
}

std::uint64_t JsonPlace::number(std::uint64_t maximum) const {
    if (!value_->is_number_unsigned() || value_->get<std::uint64_t>() > maximum) {
        fail("must be an integer from 0 to " + std::to_string(maximum));
    }
    return value_->get<std::uint64_t>();
}

bool JsonPlace::boolean() const {
    if (!value_->is_boolean()) fail("must be true or false");
    return value_->get<bool>();
}

const std::string& JsonPlace::text(std::size_t limit) const {
    if (!value_->is_string()) fail("must be a string, not " + kind(*value_));
    const auto& result = value_->get_ref<const std::string&>();
    if (result.size() > limit) fail("is longer than " + std::to_string(limit) + " bytes");
    return result;
}

std::vector<std::string> JsonPlace::texts(std::size_t limit) const {
    std::vector<std::string> result;
    const std::size_t size = array_size(limit);
    for (std::size_t i = 0; i < size; ++i) result.push_back(element(i).text());
    return result;
}

std::size_t JsonPlace::one_of(std::span<const std::string_view> names) const {
    if (value_->is_string()) {
        const auto found = std::find(names.begin(), names.end(), value_->get_ref<const std::string&>());
        if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    }
    std::string known;
    for (const auto name : names) known += (known.empty() ? "\"" : ", \"") + std::string(name) + "\"";
    fail("must be one of " + known);
}

std::string hex_text(std::uint64_t value, unsigned digits) {
    std::string result;
    for (; value != 0 || result.size() < digits; value >>= 4U) result += "0123456789abcdef"[value & 15U];
    std::reverse(result.begin(), result.end());
    return "0x" + result;
}

std::string bytes_text(std::span<const std::uint8_t> bytes) {
    std::string result;
    result.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        result += "0123456789abcdef"[byte >> 4U];
        result += "0123456789abcdef"[byte & 15U];
    }
    return result;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace mtecheck::difftest
