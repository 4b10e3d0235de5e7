// SPDX-License-Identifier: Apache-2.0
//
// What an invariant is stated about, read symbolically: machines whose whole state is arbitrary, instructions whose
// immediates are arbitrary, assumptions, and claims that are proved for every path.
//
// An invariant is a template over its Subject, so that the same text is also asserted on concrete states. A Subject
// offers: Machine, Bits, Bool, machine(), any<N>(), each_of(), execute(), assume(), irrelevant(), claim(), claim_if()
// and the looks into memory below.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/machine/mutant_machine.h"
#include "model/proofs/instruction.h"
#include "model/run/run.h"
#include "model/symbolic/explorer.h"
#include "model/symbolic/symbolic_machine.h"

namespace mtecheck::model::proofs {

/// Values of one path: those that refute a claim, or those that show that a claim says something.
struct Claimed {
    struct Choice {
        spec::DontCare reason{};
        unsigned answer = 0;
    };
    struct MetPage {
        bool upper = false;
        std::uint64_t number = 0; ///< the page's address within its half, without its low 12 bits
        std::uint64_t frame = 0;
        bool mapped = true;
        MemoryKind memory = MemoryKind::tagged;
        std::uint8_t ap = 1;
        std::uint8_t level = 3;
    };
    std::string text; ///< of the claim
    symbolic::Assignment values;
    std::vector<unsigned> ways;         ///< answers of each_of()
    std::vector<Choice> choices;        ///< that machines made, in order
    std::vector<MetPage> pages;         ///< that machines met
    std::vector<std::uint32_t> opcodes; ///< of the instructions that were executed, in order, whatever the machine
};

/// What came of one statement.
struct StatementResult {
    std::uint64_t claims = 0;       ///< made, over all paths
    std::uint64_t unknown = 0;      ///< about which the solver gave up
    std::optional<Claimed> witness; ///< for values on which a claim says something
    std::optional<Claimed> counterexample;
};

class SymbolicSubject {
  public:
    using Machine = SymbolicMachine;
    template <unsigned N>
    using Bits = symbolic::SymbolicBits<N>;
    using Bool = symbolic::SymbolicBool;

    SymbolicSubject(const FeatureSet& features, const MutationSet& mutations, const AddressMapPolicy& map)
        : features_(features), mutations_(mutations), map_(map) {}

    /// A PE in an arbitrary state that an implementation can be in, about to run an instruction. All machines of one
    /// invariant begin in the same state.
    Machine machine() const { return machine_at(any<2>("PSTATE.EL")); }
    /// The same at one Exception level.
    Machine machine(unsigned el) const { return machine_at(Bits<2>(el)); }
    /// Any value.
    template <unsigned N>
    Bits<N> any(const std::string& name) const {
        return Bits<N>(symbolic::current_terms().variable(name, N));
    }

    /// One of several ways to state the invariant; it holds for each.
    unsigned each_of(unsigned ways);

    /// Runs one instruction. Operands that are not given are arbitrary, the same ones for the same encoding.
    RunStatus execute(Machine& m, spec::Encoding encoding, std::initializer_list<Operand> operands);

    /// What follows, and what was claimed, is about states in which this holds. For setups.
    void assume(Bool condition) { symbolic::current_explorer().assume(condition.term()); }
    /// Leaves out this path: what happened on it is not what the scenario is about. For setups.
    [[noreturn]] void irrelevant() const { throw symbolic::PathEnd{}; }

    /// The current statement says that this holds.
    void claim(Bool condition, const char* text) { claim_if(Bool(true), condition, text); }
    /// The current statement says that `condition` holds wherever `premise` does.
    void claim_if(Bool premise, Bool condition, const char* text);

    /// For scenarios that enumerate: a machine with native values and the deliberate faults of this proof.
    MutantMachine native_machine() const;
    /// The current statement's claim for one of all inputs. False: it does not hold; the statement is refuted.
    bool enumerated(bool holds, const char* text, std::initializer_list<std::pair<const char*, std::uint64_t>> inputs);

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

    // ---- for the prover ----

    /// Begins a path.
    void start();
    /// Makes statement `number` the current one. False: nothing is asked of it.
    bool is_about(unsigned number);
    /// Proves what this path claimed.
    void settle();
    /// The statements that are asked about, before the first path; by default none is.
    void ask(std::vector<bool> statements);
    /// Nothing is left to ask: every statement is refuted.
    bool all_refuted() const;

    const std::vector<StatementResult>& results() const { return results_; }
    /// Deliberate faults whose presence some path asked for.
    MutationSet consulted() const {
        MutationSet all = consulted_;
        all |= log_->consulted;
        return all;
    }

  private:
    Machine machine_at(Bits<2> el) const;

    struct Claim {
        unsigned statement = 0;
        symbolic::Term premise = symbolic::Term::none;
        symbolic::Term condition = symbolic::Term::none;
        const char* text = "";
    };

    /// Whether a condition holds on this path. Values that refute it have been made to agree with ChooseNonExcludedTag
    /// itself, of which the path knows only the contract: a refutation is not one of the contract's freedom.
    std::optional<bool> holds(symbolic::Term condition, std::optional<symbolic::Evaluation>& values) const;
    Claimed describe(const char* text, symbolic::Evaluation& values) const;

    FeatureSet features_;
    MutationSet mutations_;
    AddressMapPolicy map_;
    std::vector<bool> asked_;
    std::vector<StatementResult> results_;
    unsigned current_ = 0;

    // of the current path
    std::vector<Claim> claims_;
    std::vector<unsigned> ways_;
    std::vector<symbolic::Term> opcodes_;
    std::shared_ptr<PathLog> log_ = std::make_shared<PathLog>();
    MutationSet consulted_; // on earlier paths
};

} // namespace mtecheck::model::proofs
