// SPDX-License-Identifier: Apache-2.0
//
// Helpers of the emitters.

#include "spec/gen/emit.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mtecheck::spec::gen {

Output::Output(std::filesystem::path file, const std::string& purpose, bool header) : file_(std::move(file)) {
    text_ << "// SPDX-License-Identifier: Apache-2.0\n//\n// " << purpose
          << "\n// Generated from spec/*.json by spec/gen; do not edit.\n";
    text_ << (header ? "#pragma once\n\n" : "\n");
}

void Output::finish() {
    const std::string text = text_.str();
    {
        std::ifstream old(file_, std::ios::binary);
        if (old && std::string(std::istreambuf_iterator<char>(old), {}) == text) return;
    }
    std::ofstream out(file_, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + file_.string());
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20U || byte >= 0x7FU) {
            char octal[8];
            std::snprintf(octal, sizeof octal, "\\%03o", static_cast<unsigned>(byte));
            out += octal;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string hex32(std::uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08XU", value);
    return text;
}

std::string requirement_name(const std::string& id) {
    std::string name = id;
    for (char& c : name) {
        if (c == '-') c = '_';
    }
    return name;
}

std::string SpanPool::add(const std::vector<std::string>& items) {
    if (items.empty()) return "{}";
    const auto [entry, is_new] = known_.emplace(items, items_.size());
    if (is_new) items_.insert(items_.end(), items.begin(), items.end());
    return "{&" + array_ + "[" + std::to_string(entry->second) + "], " + std::to_string(items.size()) + "}";
}

std::string SpanPool::definition() const {
    std::string text = "[[maybe_unused]] constexpr " + type_ + " " + array_ + "[] = {\n";
    for (const auto& item : items_) text += "    " + item + ",\n";
    if (items_.empty()) text += "    " + type_ + "{},\n";
    return text + "};\n\n";
}

} // namespace mtecheck::spec::gen
