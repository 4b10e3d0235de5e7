// SPDX-License-Identifier: Apache-2.0
//
// What the tests of target qemu-system share: a target (or a skip, if no QEMU is installed), and tests to start from.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "difftest/core/layout.h"
#include "difftest/core/target.h"
#include "difftest/qemu/launch.h"
#include "difftest/qemu/target.h"

namespace mtecheck::difftest::qemu_tests {

constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }

// Fields of the configurations below.
constexpr std::uint64_t kScrNs = bit(0), kScrEel2 = bit(18), kScrAta = bit(26);
constexpr std::uint64_t kHcrTge = bit(27), kHcrE2h = bit(34), kHcrAta = bit(56);
constexpr unsigned kTcf0Shift = 38, kTcfShift = 40;
constexpr unsigned kSynchronous = 1, kAsynchronous = 2, kAsymmetric = 3;

/// Options of the QEMU on PATH, or of MTECHECK_TEST_QEMU if that is set; skips the test if there is none.
QemuOptions options_or_skip();
std::unique_ptr<Target> target_or_skip();

/// A test with one state: MMU on, tags accessible, TBI, synchronous tag checks, everything else quiet; x[n] =
/// 0x1000 + n; the first window of the arena with tag 5 all over and data 0, 1, 2...
Test make_test(const Profile& profile, unsigned el, unsigned spsel, std::initializer_list<std::uint32_t> code);
/// As many states as wanted, all the same.
void repeat_state(Test& test, std::size_t count);
void set_tcf(Test& test, unsigned mode);

Outcome run_one(Target& target, const Test& test);
std::vector<std::vector<Outcome>> run_all(Target& target, const std::vector<Test>& tests);

constexpr std::uint64_t tagged(std::uint64_t address, std::uint64_t tag) {
    return (address & ~(std::uint64_t{0xf} << 56)) | tag << 56;
}

/// The processes whose parent we are.
std::vector<pid_t> children();

// Instructions.
constexpr std::uint32_t kNop = 0xd503201f;
constexpr std::uint32_t kEret = 0xd69f03e0;
constexpr std::uint32_t kAddX0X1X2 = 0x8b020020;
constexpr std::uint32_t kAddsX0X1X2 = 0xab020020;
constexpr std::uint32_t kSubsXzrX1X1 = 0xeb01003f;
constexpr std::uint32_t kStrX0X3 = 0xf9000060;   // str x0, [x3]
constexpr std::uint32_t kLdrX5X6 = 0xf94000c5;   // ldr x5, [x6]
constexpr std::uint32_t kStrX0Sp16 = 0xf9000be0; // str x0, [sp, #16]
constexpr std::uint32_t kMovSpX3 = 0x9100007f;
constexpr std::uint32_t kLdgX7X3 = 0xd9600067;
constexpr std::uint32_t kStgX3X3 = 0xd9200863;
constexpr std::uint32_t kIrgX8X9 = 0x9adf1128;
constexpr std::uint32_t kMsrTco0 = 0xd503409f;
constexpr std::uint32_t kMsrTco1 = 0xd503419f;
constexpr std::uint32_t kBranchToItself = 0x14000000;
constexpr std::uint32_t kBrX3 = 0xd61f0060;
constexpr std::uint32_t kLdrQ31X3 = 0x3dc0007f;
constexpr std::uint32_t kStrQ30X3 = 0x3d80007e;
constexpr std::uint32_t kUdf = 0x00000000;
constexpr std::uint32_t svc(unsigned immediate) { return 0xd4000001u | immediate << 5; }
constexpr std::uint32_t hvc(unsigned immediate) { return 0xd4000002u | immediate << 5; }
constexpr std::uint32_t smc(unsigned immediate) { return 0xd4000003u | immediate << 5; }
constexpr std::uint32_t movz(unsigned rd, unsigned immediate) { return 0xd2800000u | immediate << 5 | rd; }

} // namespace mtecheck::difftest::qemu_tests
