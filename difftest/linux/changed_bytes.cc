// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/changed_bytes.h"

#include <algorithm>

#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kMostLeftOut = 32; // one after the other, that are looked for
constexpr std::size_t kEnoughAlike = 4;  // bytes that show where it goes on

std::string text(std::uint8_t byte) { return hex_text(byte, 2); }

/// Whether `came` goes on as `sent` does.
bool goes_on(Bytes sent, Bytes came) {
    const std::size_t bytes = std::min({sent.size(), came.size(), kEnoughAlike});
    return bytes != 0 && std::equal(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(bytes), sent.begin());
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
    std::string left_out;
    for (std::size_t count = 1; count <= kMostLeftOut && count < rest.size(); ++count) {
        left_out += (count == 1 ? "" : ", ") + text(rest[count - 1]);
        if (goes_on(rest.subspan(count), other)) return left_out + (count == 1 ? " does" : " do") + " not come";
    }
    return "in the place of " + text(rest[0]) + " comes " + text(other[0]);
}

} // namespace mtecheck::difftest
