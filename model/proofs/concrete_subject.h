// SPDX-License-Identifier: Apache-2.0
//
// What an invariant is stated about, read concretely: one state out of a world (native_world.h), claims that hold in it
// or do not. The same templates as those of SymbolicSubject; nothing here knows a solver.
//
// Two uses: all invariants are asserted on random states, and what the solver calls a counterexample is run again: the
// model, with plain values, must break the same claim.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/proofs/native_proof_machine.h"

namespace mtecheck::model::proofs {

/// An instruction that was executed, for people who read a counterexample.
struct Execution {
    struct Change {
        std::string name;
        Uint128 before = 0;
        Uint128 after = 0;
    };
    std::uint32_t opcode = 0;
    RunStatus status{};
    std::vector<DecisionTaken> decisions;
    std::vector<Change> changes; ///< of registers, memory ("[0x40]") and allocation tags ("tag[0x40]")
    TakenException exception;
    NativeProofMachine before; ///< the PE about to run it
};

class ConcreteSubject {
  public:
    using Machine = NativeProofMachine;
    template <unsigned N>
    using Bits = model::Bits<N>;
    using Bool = model::Bool;

    /// Thrown to leave a state that the scenario is not about.
    struct Irrelevant {};

    /// What came of one statement in this state.
    struct Result {
        std::vector<const char*> made;   ///< claims whose premise holds
        std::vector<const char*> broken; ///< those of them that do not hold
    };

    ConcreteSubject(const FeatureSet& features, const MutationSet& mutations, const AddressMapPolicy& map,
                    std::shared_ptr<NativeWorld> world, std::size_t statements)
        : features_(features), mutations_(mutations), map_(map), world_(std::move(world)), results_(statements) {}

    Machine machine() const { return machine_at(any<2>("PSTATE.EL")); }
    Machine machine(unsigned el) const { return machine_at(Bits<2>(el)); }
    template <unsigned N>
    Bits<N> any(const std::string& name) const {
        return Bits<N>::from_wide(world_->variable(name, N));
    }
    unsigned each_of(unsigned ways) { return ways <= 1 ? 0 : world_->way(ways); }
    RunStatus execute(Machine& m, spec::Encoding encoding, std::initializer_list<Operand> operands);

    void assume(Bool condition) const {
        if (!static_cast<bool>(condition)) irrelevant();
    }
    [[noreturn]] void irrelevant() const { throw Irrelevant{}; }

    void claim(Bool condition, const char* text) { claim_if(Bool(true), condition, text); }
    void claim_if(Bool premise, Bool condition, const char* text);

    MutantMachine native_machine() const;
    bool enumerated(bool holds, const char* text, std::initializer_list<std::pair<const char*, std::uint64_t>> inputs);

    static Bits<4> tag_at(const Machine& m, Bits<56> paddress) { return m.tags.at(paddress.raw() >> 4U); }
    static Bits<8> byte_at(const Machine& m, Bits<56> paddress) { return m.bytes.at(paddress.raw()); }
    NativeArray any_tags(const std::string& name) const { return {world_, name, 4}; }
    Bool same_data(const Machine& a, const Machine& b) const {
        return Bool(NativeArray::same(a.bytes, b.bytes, any<56>("address of a byte").raw()));
    }
    Bool same_tags(const Machine& a, const Machine& b) const {
        return Bool(NativeArray::same(a.tags, b.tags, any<56>("address of a tag").raw() >> 4U));
    }

    // ---- for the scenario ----

    bool is_about(unsigned number) {
        current_ = number;
        return true;
    }
    void settle() {}

    const std::vector<Result>& results() const { return results_; }
    /// Keeps what each instruction does from now on.
    void keep_executions(std::vector<Execution>& executions) { executions_ = &executions; }

  private:
    Machine machine_at(Bits<2> el) const;
    void keep(const Machine& before, const Machine& after, RunStatus status) const;

    FeatureSet features_;
    MutationSet mutations_;
    AddressMapPolicy map_;
    std::shared_ptr<NativeWorld> world_;
    std::vector<Result> results_;
    unsigned current_ = 0;
    std::vector<Execution>* executions_ = nullptr;
};

} // namespace mtecheck::model::proofs
