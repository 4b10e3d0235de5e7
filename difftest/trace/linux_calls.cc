// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/linux_calls.h"

namespace mtecheck::difftest {

namespace {

// Numbers of the AArch64 system call table.
enum Call : std::uint64_t {
    kShmat = 196,
    kShmdt = 197,
    kBrk = 214,
    kMunmap = 215,
    kMremap = 216,
    kExecve = 221,
    kMmap = 222,
    kMprotect = 226,
    kMadvise = 233,
    kRemapFilePages = 234,
    kExecveat = 281,
    kPkeyMprotect = 288,
    kProcessMadvise = 440,
};
constexpr std::uint64_t kMapFixed = 0x10;

} // namespace

MappingCall mapping_call(const std::array<model::partial::PartialBits<64>, 31>& x) {
    const auto known = [&](unsigned n) { return x[n].all_known(); };
    const auto value = [&](unsigned n) -> std::uint64_t { return x[n].value().raw(); };
    if (!known(8)) return {.everything = true};
    const MappingCall range = known(0) && known(1) ? MappingCall{false, value(0), value(1)} : MappingCall{true, 0, 0};
    switch (value(8)) {
    case kMunmap:
    case kMprotect:
    case kPkeyMprotect:
    case kMadvise: return range;
    case kMmap:
        // Elsewhere than at an address that was asked for, nothing was mapped before.
        if (!known(3)) return {.everything = true};
        return (value(3) & kMapFixed) != 0 ? range : MappingCall{};
    case kShmat:
    case kShmdt:
    case kBrk:
    case kMremap:
    case kExecve:
    case kRemapFilePages:
    case kExecveat:
    case kProcessMadvise: return {.everything = true};
    default: return {};
    }
}

} // namespace mtecheck::difftest
