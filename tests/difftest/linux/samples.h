// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the Linux agent share: a case of a process to start from.
#pragma once

#include <initializer_list>

#include "difftest/core/layout.h"
#include "difftest/core/process.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest::linux_tests {

/// The model as a Linux process.
inline Profile process_profile() {
    Profile profile = model_profile();
    profile.process = true;
    profile.el2 = false;
    profile.el3 = false;
    return profile;
}

/// One state: x[n] = 0x1000 + n; the first window of the arena with tag 5 all over and data 0, 1, 2...; x3 points at
/// its second granule with tag 5, x4 with tag 6.
inline Test make_test(const Profile& profile, TagCheckMode mode, std::initializer_list<std::uint32_t> code) {
    Test test;
    test.sequence.layout = LayoutId::process;
    test.sequence.configuration = process_configuration(profile, mode);
    test.sequence.pc = ARENA_CODE_VA;
    test.sequence.code.assign(code.begin(), code.end());
    State state;
    for (unsigned n = 0; n < 31; ++n) state.x[n] = 0x1000 + n;
    state.gcr_el1 = std::uint64_t{1} << 16;
    Window window;
    window.pa = ARENA_PA;
    window.tags = 0x5555555555555555;
    for (unsigned i = 0; i < kWindowBytes; ++i) window.data[i] = static_cast<std::uint8_t>(i);
    state.windows.push_back(window);
    state.x[3] = (ARENA_VA + 16) | std::uint64_t{5} << 56;
    state.x[4] = (ARENA_VA + 16) | std::uint64_t{6} << 56;
    test.states.push_back(state);
    return test;
}

inline constexpr std::uint32_t kNop = 0xd503201f;
inline constexpr std::uint32_t kUdf = 0x00000000;
inline constexpr std::uint32_t kStrX0X3 = 0xf9000060;    // str x0, [x3]
inline constexpr std::uint32_t kStrX0X4 = 0xf9000080;    // str x0, [x4]
inline constexpr std::uint32_t kLdrX5X3 = 0xf9400065;    // ldr x5, [x3]
inline constexpr std::uint32_t kLdrX5X4 = 0xf9400085;    // ldr x5, [x4]
inline constexpr std::uint32_t kStgX4X4 = 0xd9200884;    // stg x4, [x4]
inline constexpr std::uint32_t kLdgX7X3 = 0xd9600067;    // ldg x7, [x3]
inline constexpr std::uint32_t kIrgX8X9 = 0x9adf1128;    // irg x8, x9
inline constexpr std::uint32_t kLdxrX5X3 = 0xc85f7c65;   // ldxr x5, [x3]
inline constexpr std::uint32_t kStxrW6X0X3 = 0xc8067c60; // stxr w6, x0, [x3]
inline constexpr std::uint32_t kMsrTco1 = 0xd503419f;    // msr tco, #1
inline constexpr std::uint32_t kBranchToItself = 0x14000000;
constexpr std::uint32_t movz(unsigned rd, unsigned immediate) { return 0xd2800000U | immediate << 5 | rd; }

} // namespace mtecheck::difftest::linux_tests
