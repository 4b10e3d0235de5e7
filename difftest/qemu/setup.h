// SPDX-License-Identifier: Apache-2.0
//
// What the monitor can set up: from a Configuration to the control registers of the guest, or a reason why not.
//
// The table of rules (setup.cc) says for every bit of every control register which of these it is:
//  - free: the configuration's bit is used;
//  - own: the monitor's bit is used whatever the configuration says, since no test can tell the difference;
//  - of the regime (MMU enable, TxSZ): must be the monitor's in the regime that the test runs in, own in others;
//  - everything else must be the monitor's, or the configuration is unsupported.
#pragma once

#include <span>
#include <string>
#include <variant>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/qemu/page_tables.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

struct RegisterRule {
    const char* name;
    std::uint64_t monitor; // the monitor's value
    std::uint64_t free;
    std::uint64_t own;
    std::uint64_t regime;
};

/// Control registers to boot with: every EL with the MMU on, Non-secure, nothing trapped.
wire_sequence initial_setup(const PageTables& tables);

/// The wire's header for a sequence (all but code_va and state_count), or why the monitor cannot run it.
std::variant<wire_sequence, std::string> set_up(const Sequence& sequence, const PageTables& tables,
                                                const Profile& profile);

} // namespace mtecheck::difftest
