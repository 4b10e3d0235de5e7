// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/changed_bytes.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {
namespace {

using Bytes = std::span<const std::uint8_t>;

using Values = std::bitset<256>;

constexpr std::size_t kEnoughAlike = 4; // bytes that show where it goes on
constexpr unsigned kMostTold = 8;       // values, or ranges of them

std::string text(std::size_t byte) { return hex_text(byte, 2); }

/// Whether `came` goes on as `sent` does.
bool goes_on(Bytes sent, Bytes came) {
    const std::size_t bytes = std::min({sent.size(), came.size(), kEnoughAlike});
    return bytes != 0 && std::equal(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(bytes), sent.begin());
}

/// The values that `came` lacks, if it is all of `sent` but every byte of these values, as far as it goes.
std::optional<Values> left_out(Bytes sent, Bytes came) {
    Values lacks;
    std::size_t at = 0;
    std::size_t alike = 0; // one after the other
    for (const std::uint8_t byte : came) {
        if (at == sent.size() && alike >= kEnoughAlike) break;
        for (; at < sent.size() && sent[at] != byte; ++at, alike = 0) lacks.set(sent[at]);
        if (at++ == sent.size()) return std::nullopt;
        ++alike;
    }
    for (const std::uint8_t byte : came) {
        if (lacks.test(byte)) return std::nullopt;
    }
    return lacks;
}

/// "0x03, 0x04", and for more than two that follow each other "0x03 to 0x05".
std::string list(const Values& values) {
    std::string told;
    unsigned count = 0;
    for (std::size_t first = 0; first < values.size(); ++first) {
        if (!values.test(first)) continue;
        if (count++ == kMostTold) return told + " and more";
        std::size_t last = first;
        while (last + 1 < values.size() && values.test(last + 1)) ++last;
        told += (told.empty() ? "" : ", ") + text(first);
        if (last - first >= 2) {
            told += " to " + text(last);
            first = last;
        }
    }
    return told;
}

} // namespace

std::string changed_bytes(Bytes sent, Bytes came) {
    std::size_t at = 0;
    while (at < came.size() && at < sent.size() && sent[at] == came[at]) ++at;
    if (at == came.size()) return {};
    if (at == sent.size()) return text(came[at]) + " comes behind all that was sent";
    const Bytes rest = sent.subspan(at);
    const Bytes other = came.subspan(at);
    if (goes_on(rest.subspan(1), other.subspan(1))) return text(rest[0]) + " comes as " + text(other[0]);
    if (goes_on(rest, other.subspan(1))) return text(other[0]) + " is put before " + text(rest[0]);
    if (const auto values = left_out(rest, other))
        return list(*values) + (values->count() == 1 ? " does not come" : " do not come");
    return "in the place of " + text(rest[0]) + " comes " + text(other[0]);
}

} // namespace mtecheck::difftest
