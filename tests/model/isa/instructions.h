// SPDX-License-Identifier: Apache-2.0
//
// Writing instructions in tests by encoding and operands, and running one or a few of them on a prepared machine.
#pragma once

#include <initializer_list>

#include "spec/encode.h"
#include "tests/model/pe.h"

namespace mtecheck::model::testing {

using spec::Encoding;

inline std::uint32_t word(Encoding encoding, std::initializer_list<spec::FieldValue> operands) {
    return spec::encode(encoding, std::span(operands.begin(), operands.size()));
}

/// A PE at EL1 with one window of Tagged memory (tags 0, 1, ... 15 in its granules) and one of Untagged memory.
struct PE : ConcreteMachine {
    PE() {
        ConcreteMachine& machine = *this;
        set_up(machine);
        give_window(machine, kTagged, 0xfedcba9876543210);
        give_window(machine, kUntagged, 0xfedcba9876543210);
    }

    /// Runs the instructions from the start of the code.
    RunStatus execute(std::initializer_list<std::uint32_t> opcodes) {
        state.pc = kCode;
        return run(static_cast<ConcreteMachine&>(*this), opcodes).status;
    }
    RunStatus execute(Encoding encoding, std::initializer_list<spec::FieldValue> operands) {
        return execute({word(encoding, operands)});
    }

    std::uint64_t x(unsigned n) const { return state.x[n].raw(); }
    unsigned nzcv() const {
        const auto& pstate = state.PSTATE;
        return concat(concat(pstate.N, pstate.Z), concat(pstate.C, pstate.V)).raw();
    }
    std::uint64_t sp() const { return state.sp[1].raw(); }
    unsigned tag_at(std::uint64_t offset) { return memory().tag(kPhysical + offset); }
    std::uint8_t byte_at(std::uint64_t offset) { return memory().byte(kPhysical + offset); }
    std::uint64_t doubleword_at(std::uint64_t offset) {
        std::uint64_t value = 0;
        for (unsigned i = 8; i-- > 0;) value = value << 8U | byte_at(offset + i);
        return value;
    }

    unsigned ec() const {
        const std::uint64_t esr = exception.to_el == 1   ? state.ESR_EL1.raw()
                                  : exception.to_el == 2 ? state.ESR_EL2.raw()
                                                         : state.ESR_EL3.raw();
        return static_cast<unsigned>(spec::field::ESR_ELx::EC.extract(esr));
    }
    unsigned dfsc() const { return static_cast<unsigned>(state.ESR_EL1.raw() & 0x3fU); }
    bool wnr() const { return (state.ESR_EL1.raw() >> 6U & 1U) != 0; }
};

/// The bytes of the windows: 0, 1, 2, ... as an integer from `offset`.
constexpr std::uint64_t ascending(std::uint64_t offset, unsigned bytes) {
    std::uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;) value = value << 8U | ((offset + i) & 0xffU);
    return value;
}

inline constexpr unsigned kUncategorized = 0x00;
inline constexpr unsigned kSystemRegisterTrap = 0x18;
inline constexpr unsigned kDataAbortSameEL = 0x25;
inline constexpr unsigned kSPAlignment = 0x26;
inline constexpr unsigned kAlignmentFault = 0x21;
inline constexpr unsigned kTagCheckFault = 0x11;

} // namespace mtecheck::model::testing
