// SPDX-License-Identifier: Apache-2.0
//
// Names of registers, and the bookkeeping that all readers share.
#include "difftest/trace/record.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace mtecheck::difftest {

namespace {

constexpr std::size_t kSkippedShown = 10;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
    return result;
}

std::unordered_map<std::string, RegisterId> all_names() {
    std::unordered_map<std::string, RegisterId> names;
    for (unsigned n = 0; n < 31; ++n) names.emplace("x" + std::to_string(n), RegisterId::x(n));
    for (unsigned n = 0; n < 31; ++n) names.emplace("r" + std::to_string(n), RegisterId::x(n));
    names.emplace("lr", RegisterId::x(30));
    names.emplace("sp", RegisterId::sp());
    names.emplace("cpsr", RegisterId::pstate());
    names.emplace("pstate", RegisterId::pstate());
    names.emplace("nzcv", RegisterId::nzcv());
    names.emplace("sp_el3", RegisterId::sp_el3());
    for (const spec::RegInfo& info : spec::registers()) names.emplace(lower(info.name), RegisterId::system(info.reg));
    return names;
}

std::optional<RegisterId> look_up(std::string_view name) {
    static const std::unordered_map<std::string, RegisterId> names = all_names();
    if (name.size() > 24) return std::nullopt;
    const auto found = names.find(lower(name));
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

std::optional<RegisterId> RegisterId::named(std::string_view name) {
    // General registers are most of a trace.
    if (name.size() >= 2 && name.size() <= 3 && lower(name[0]) == 'x') {
        unsigned n = 0;
        bool digits = true;
        for (const char c : name.substr(1)) {
            digits = digits && c >= '0' && c <= '9';
            n = 10 * n + static_cast<unsigned>(c - '0');
        }
        if (digits && n < 31) return x(n);
    }
    // A trace has few others, and writes each in one way: what was asked for last in a place is there, as it was.
    struct Asked {
        std::array<char, 15> text{};
        std::uint8_t size = 0;
        std::optional<RegisterId> id;
    };
    thread_local std::array<Asked, 256> asked;
    if (name.empty() || name.size() > sizeof(Asked::text)) return look_up(name);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    Asked& last =
        asked[(byte(0) * 31U + byte(name.size() / 2) * 7U + byte(name.size() - 1) + name.size()) % asked.size()];
    if (std::string_view(last.text.data(), last.size) != name) {
        last.size = static_cast<std::uint8_t>(name.size());
        std::copy(name.begin(), name.end(), last.text.begin());
        last.id = look_up(name);
    }
    return last.id;
}

std::string RegisterId::name() const {
    if (is_x()) return "x" + std::to_string(value_);
    if (is_system()) return std::string(spec::info(reg()).name);
    if (*this == sp()) return "sp";
    if (*this == sp_el3()) return "sp_el3";
    return *this == pstate() ? "pstate" : "nzcv";
}

void TraceRecord::clear() {
    line = 0;
    cpu = 0;
    after_a_gap = false;
    has_opcode = false;
    pc = 0;
    opcode = 0;
    el.reset();
    spsel.reset();
    before.clear();
    after.clear();
    accesses.clear();
    tags.clear();
    translations.clear();
    exception = Exception::none;
    to_el.reset();
}

void TraceReader::skip(std::uint64_t line, std::string why) {
    ++skipped_;
    if (first_skipped_.size() < kSkippedShown) first_skipped_.push_back({line, std::move(why)});
}

} // namespace mtecheck::difftest
