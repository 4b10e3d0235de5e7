// SPDX-License-Identifier: Apache-2.0
//
// Which qemu-aarch64 the tests run.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "difftest/core/error.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest::linux_tests {

/// That of MTECHECK_TEST_QEMU_USER, of the PATH, or an installed one whose user mode has MTE; skips the test if there
/// is none.
inline QemuOptions options_or_skip() {
    QemuOptions none;
    if (const char* const wanted = std::getenv("MTECHECK_TEST_QEMU_USER")) return parse_qemu_options(wanted, kQemuUser);
    for (const char* const name : {"qemu-user:10.0", "qemu-user:11.1", "qemu-user:7.2", "qemu-user"}) {
        try {
            return parse_qemu_options(name, kQemuUser);
        } catch (const TargetError&) {
            continue;
        }
    }
    SKIP("no qemu-aarch64: mtecheck targets install qemu-user:10.0");
    return none;
}

} // namespace mtecheck::difftest::linux_tests
