// SPDX-License-Identifier: Apache-2.0
//
// Small cases in the arena, at EL1 with tag checks on, and what the model makes of them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "difftest/core/case.h"
#include "difftest/core/layout.h"
#include "difftest/judge/judge.h"
#include "difftest/judge/mutation_set.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest::test {

inline constexpr std::uint32_t kLdr = 0xf9400020;      // LDR X0, [X1]
inline constexpr std::uint32_t kStr = 0xf9000020;      // STR X0, [X1]
inline constexpr std::uint32_t kStp = 0xa9000c20;      // STP X0, X3, [X1]
inline constexpr std::uint32_t kLdp = 0xa9400c20;      // LDP X0, X3, [X1]
inline constexpr std::uint32_t kLdrX4X5 = 0xf94000a4;  // LDR X4, [X5]
inline constexpr std::uint32_t kCas = 0xc8a27c20;      // CAS X2, X0, [X1]
inline constexpr std::uint32_t kReadTfsr = 0xd5385602; // MRS X2, TFSR_EL1
inline constexpr std::uint32_t kNop = 0xd503201f;
inline constexpr std::uint32_t kUnallocated = 0x00000000; // UDF

enum Tcf : unsigned { kIgnore = 0, kSync = 1, kAsync = 2 };

/// TCF: what a mismatch does. TBI on in both halves, allocation tag access on.
inline Case el1_case(unsigned tcf, std::initializer_list<std::uint32_t> code) {
    namespace field = spec::field;
    Case result;
    result.id = "test";
    result.sequence.pc = ARENA_CODE_VA;
    result.sequence.code.assign(code.begin(), code.end());
    Configuration& c = result.sequence.configuration;
    c.el = 1;
    c.spsel = 1;
    c.sctlr[1] = field::SCTLR_EL1::M.place(1) | field::SCTLR_EL1::C.place(1) | field::SCTLR_EL1::ATA.place(1) |
                 field::SCTLR_EL1::ATA0.place(1) | field::SCTLR_EL1::TCF.place(tcf) | field::SCTLR_EL1::TCF0.place(tcf);
    c.tcr[1] = field::TCR_EL1::T0SZ.place(ARENA_TXSZ) | field::TCR_EL1::T1SZ.place(ARENA_TXSZ) |
               field::TCR_EL1::TBI0.place(1) | field::TCR_EL1::TBI1.place(1);
    c.hcr_el2 = field::HCR_EL2::ATA.place(1);
    c.scr_el3 = field::SCR_EL3::NS.place(1) | field::SCR_EL3::ATA.place(1);
    return result;
}

/// Adds a window of the arena whose granules all have `tag`.
inline void add_window(Case& input, std::uint64_t offset, unsigned tag) {
    Window window;
    window.pa = ARENA_PA + offset;
    window.tags = 0x1111111111111111U * tag;
    for (std::size_t i = 0; i < window.data.size(); ++i) window.data[i] = static_cast<std::uint8_t>(i);
    input.state.windows.push_back(window);
}

/// An address in the view with the attributes of ARENA_PAGE_TABLE, with a logical tag.
constexpr std::uint64_t address(std::uint64_t offset, unsigned tag) {
    return (ARENA_VA + offset) | std::uint64_t{tag} << 56U;
}

/// The outcome of the model with these deliberate faults.
inline Outcome outcome_of(const Case& input, const MutationSet& mutations = {}) {
    Judge judge(model_profile(), mutations);
    judge.load(input.sequence);
    return judge.expect(input.state).outcome;
}

/// The same, of faults by name.
inline Outcome outcome_of(const Case& input, std::string_view mutations) {
    return outcome_of(input, parse_mutations(mutations, "test"));
}

} // namespace mtecheck::difftest::test
