// SPDX-License-Identifier: Apache-2.0
//
// What an invariant is stated about, read symbolically: machines whose whole state is arbitrary, instructions whose
// immediates are arbitrary, assumptions, and claims that are proved for every path.
//
// An invariant is a template over its Subject, so that the same text is also asserted on concrete cases
// (concrete_subject.h). A Subject offers: Machine, machine(), any<N>(), execute(), assume(), claim() and the looks
// into memory below.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "model/proofs/operands.h"
#include "model/run/run.h"
#include "model/symbolic/explorer.h"
#include "model/symbolic/symbolic_machine.h"

namespace mtecheck::model::proofs {

/// Which of a claim's paths is looked at: the values that refute it, or those that show that it says something.
struct Claimed {
    std::string text;
    symbolic::Evaluation values;
    std::uint32_t opcode = 0; ///< of the last instruction, 0 if there was none
};

class SymbolicSubject {
  public:
    using Machine = SymbolicMachine;
    template <unsigned N>
    using Bits = symbolic::SymbolicBits<N>;
    using Bool = symbolic::SymbolicBool;

    SymbolicSubject(const FeatureSet& features, const MutationSet& mutations)
        : features_(features), mutations_(mutations) {}

    /// A PE in an arbitrary state that an implementation can be in, about to run an instruction. All machines of one
    /// invariant begin in the same state.
    Machine machine() const;
    /// Any value.
    template <unsigned N>
    Bits<N> any(const std::string& name) const {
        return Bits<N>(symbolic::current_terms().variable(name, N));
    }

    /// One of several ways to state the invariant; it holds for each.
    unsigned each_of(unsigned ways) const { return symbolic::current_explorer().fork(ways); }

    /// Runs one instruction. Operands that are not given are arbitrary, the same ones for the same encoding.
    RunStatus execute(Machine& m, spec::Encoding encoding, std::initializer_list<Operand> operands);

    /// What follows is about states in which this holds.
    void assume(Bool condition) const { symbolic::current_explorer().assume(condition.term()); }
    /// Leaves out this path: what happened on it is not what the invariant is about.
    [[noreturn]] void irrelevant() const { throw symbolic::PathEnd{}; }
    void claim(Bool condition, const char* text);

    /// The Allocation Tag and the byte at an address that `m` translates on this path.
    static Bits<4> tag_at(const Machine& m, Bits<56> paddress) {
        return Bits<4>(symbolic::current_terms().select(m.tags, slice<55, 4>(paddress).term()));
    }
    static Bits<8> byte_at(const Machine& m, Bits<56> paddress) {
        return Bits<8>(symbolic::current_terms().select(m.bytes, paddress.term()));
    }
    /// Any other allocation tags.
    symbolic::Term any_tags(const std::string& name) const {
        return symbolic::current_terms().array_variable(name, 52, 4);
    }
    /// No byte and no tag differs.
    Bool same_data(const Machine& a, const Machine& b) const;
    Bool same_tags(const Machine& a, const Machine& b) const;

    // ---- what came of it, for the prover ----

    std::uint64_t claims() const { return claims_; }
    std::uint64_t unknown() const { return unknown_; }
    const std::optional<Claimed>& counterexample() const { return counterexample_; }
    const std::optional<Claimed>& witness() const { return witness_; }

  private:
    FeatureSet features_;
    MutationSet mutations_;
    std::optional<Claimed> counterexample_;
    std::optional<Claimed> witness_;
    symbolic::Term opcode_ = symbolic::Term::none;
    std::uint64_t claims_ = 0;
    std::uint64_t unknown_ = 0;
};

} // namespace mtecheck::model::proofs
