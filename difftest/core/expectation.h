// SPDX-License-Identifier: Apache-2.0
//
// What the model expects of a case: one outcome that the architecture allows, what it leaves open about that outcome,
// and how the model came to it.
//
// Invariant: nothing is exempt from comparison but by an Allowance, and each Allowance names the rule behind it.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>

#include <boost/container/small_vector.hpp>

#include "difftest/core/outcome.h"
#include "model/machine/observers.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

/// Part of the final state that may differ from the model's.
struct Allowance {
    enum class Kind : std::uint8_t {
        general_register, // index: number
        simd_register,    // index: number; mask applies to each half
        stack_pointer,    // index: Exception level
        gcr,
        rgsr,
        tfsr, // index: Exception level; 0 is TFSRE0_EL1
        nzcv, // mask in the place of PSTATE
        esr,
        far,
        elr,    // the PC of a signal, too
        memory, // a byte at address
        tag,    // of the granule at address
        spsr,   // of the exception
    };
    spec::DontCare reason{};
    Kind kind{};
    bool either = false; // the model's value or `alternative`; else any value in the bits of `mask`
    std::uint16_t index = 0;
    std::uint64_t address = 0; // physical
    std::uint64_t mask = ~std::uint64_t{0};
    std::uint64_t alternative = 0;
};

/// What a run of the model went through.
struct Coverage {
    model::DecisionSet decisions;                // (decision, outcome) pairs
    std::bitset<spec::encoding_count> encodings; // of the instructions that were begun
    std::bitset<2 * spec::reg_count> accesses;   // 2 * register, + 1 if written: of the MRS and MSR that were begun

    Coverage& operator|=(const Coverage& other) {
        decisions.insert_all(other.decisions);
        encodings |= other.encodings;
        accesses |= other.accesses;
        return *this;
    }
    bool operator==(const Coverage&) const = default;
};

/// One answer to a question that the architecture leaves open: `taken` of `options`; 0 is the pseudocode's own.
struct ChoiceTaken {
    spec::DontCare reason{};
    std::uint32_t taken = 0;
    std::uint32_t options = 0;
    bool operator==(const ChoiceTaken&) const = default;
};

/// Few runs have more of them: those are kept where the rest of an expectation is.
using Allowances = boost::container::small_vector<Allowance, 1>;
using Choices = boost::container::small_vector<ChoiceTaken, 2>;

/// Empties `list`, and goes back to its own memory. The storage of expectations is used again and again: most of them
/// would once have had a run with more, and then be spread over two places for good.
template <class SmallVector>
void start_over(SmallVector& list) {
    list.clear();
    if (list.capacity() > SmallVector::static_capacity) {
        std::destroy_at(&list);
        std::construct_at(&list);
    }
}

struct Expectation {
    bool far_valid = false;     // the exception wrote FAR_ELx; otherwise it is not compared
    bool predicted = true;      // false: the architecture leaves so much open that there is no outcome to compare
    bool from_anywhere = false; // if not predicted: it may go on from any instruction that it came to before
    bool escaped = false;       // touched memory outside the windows or reserved, or left its code: useless as a test
    std::uint32_t steps = 0;    // instructions executed
    std::uint32_t last_opcode = 0; // the last instruction that was begun
    Allowances allowances;         // for this outcome
    Choices choices;               // on the way to it; not empty: other outcomes are allowed too
    Coverage coverage;
    Outcome outcome;
};

} // namespace mtecheck::difftest
