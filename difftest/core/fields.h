// SPDX-License-Identifier: Apache-2.0
//
// The names of the registers in a Case and an Outcome, listed once: JSON, comparison and explanation walk these lists.
#pragma once

#include <string_view>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"

namespace mtecheck::difftest {

/// f(name, value, width) for each field of a Configuration (const or not) but those of exception return: these are what
/// the files of path cases and golden vectors hold, neither of which have any.
template <class C, class F>
void each_lasting_configuration_field(C& c, F&& f) {
    f("el", c.el, 2U);
    f("spsel", c.spsel, 1U);
    f("tco", c.tco, 1U);
    f("pan", c.pan, 1U);
    f("uao", c.uao, 1U);
    f("sctlr_el1", c.sctlr[1], 64U);
    f("sctlr_el2", c.sctlr[2], 64U);
    f("sctlr_el3", c.sctlr[3], 64U);
    f("tcr_el1", c.tcr[1], 64U);
    f("tcr_el2", c.tcr[2], 64U);
    f("tcr_el3", c.tcr[3], 64U);
    f("vbar_el1", c.vbar[1], 64U);
    f("vbar_el2", c.vbar[2], 64U);
    f("vbar_el3", c.vbar[3], 64U);
    f("hcr_el2", c.hcr_el2, 64U);
    f("scr_el3", c.scr_el3, 64U);
    f("cpacr_el1", c.cpacr_el1, 64U);
    f("cptr_el2", c.cptr_el2, 64U);
    f("cptr_el3", c.cptr_el3, 64U);
    f("gmid_el1", c.gmid_el1, 64U);
    f("dczid_el0", c.dczid_el0, 64U);
}

/// f(name, value, width) for each field of a Configuration (const or not).
template <class C, class F>
void each_configuration_field(C& c, F&& f) {
    each_lasting_configuration_field(c, f);
    f("elr_el1", c.elr[1], 64U);
    f("elr_el2", c.elr[2], 64U);
    f("spsr_el1", c.spsr[1], 64U);
    f("spsr_el2", c.spsr[2], 64U);
}

/// f(name, value) for the 64-bit system registers that a State and an Outcome share; `s` is either.
template <class S, class F>
void each_system_register(S& s, F&& f) {
    f("sp_el0", s.sp[0]);
    f("sp_el1", s.sp[1]);
    f("sp_el2", s.sp[2]);
    f("sp_el3", s.sp[3]);
    f("gcr_el1", s.gcr_el1);
    f("rgsr_el1", s.rgsr_el1);
    f("tfsre0_el1", s.tfsre0_el1);
    f("tfsr_el1", s.tfsr[1]);
    f("tfsr_el2", s.tfsr[2]);
    f("tfsr_el3", s.tfsr[3]);
}

} // namespace mtecheck::difftest
