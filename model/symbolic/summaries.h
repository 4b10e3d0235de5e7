// SPDX-License-Identifier: Apache-2.0
//
// Functions of the pseudocode that decide on configuration only are read by the symbolic machine all paths at once:
// each overload here runs the one template on all its paths and joins the results into a term, so that a caller forks
// over the result and not over the ways to it. An overload for the machine is preferred to the template wherever
// semantics call it; no semantic function is written again.
//
// The leaf that loops over bits is used by its contract; the proof of the contract runs the template on all inputs
// (tests/model/tag_choice_test.cc).
#pragma once

#include "model/isa/tag_choice.h"
#include "model/memory/memory.h"
#include "model/symbolic/cases.h"
#include "model/symbolic/symbolic_machine.h"

namespace mtecheck::model {

namespace symbolic {

/// Features, deliberate faults and control registers of a machine.
void append_control_state(const SymbolicMachine& m, std::vector<std::uint64_t>& key);

/// What a function returns where a condition holds.
template <class Result>
struct Case {
    Term condition{};
    Result value{};
};
template <class Result>
using Cases = std::vector<Case<Result>>;

/// What a function depends on besides the control state: which it is, its arguments.
using Key = std::vector<std::uint64_t>;

inline std::uint64_t key_of(std::uint64_t number) { return number; }
inline std::uint64_t key_of(Regime regime) { return static_cast<std::uint64_t>(regime); }
/// The name of the function and all that it can read: arguments, features, deliberate faults, control registers.
template <class... Arguments>
Key key_for(const SymbolicMachine& m, Function function, const Arguments&... arguments) {
    Key key{static_cast<std::uint64_t>(function), key_of(arguments)...};
    append_control_state(m, key);
    return key;
}

template <class F>
auto summary_of(SymbolicMachine& m, const Key& key, F&& function) {
    using Result = decltype(function());
    Explorer& explorer = current_explorer();
    const bool within = explorer.within_summary();
    if (!within) {
        if (const auto known = explorer.summaries().find(key); known != explorer.summaries().end()) {
            return std::any_cast<Cases<Result>>(known->second);
        }
    }
    Cases<Result> cases;
    std::optional<Result> value;
    const std::size_t decisions = m.decisions.size();
    explorer.summarise(
        [&] {
            value.reset();
            value.emplace(function());
        },
        [&](Term condition) {
            if (!within) m.decisions.resize(decisions);
            cases.push_back({condition, *value});
        });
    if (!within) explorer.summaries().emplace(key, cases);
    return cases;
}

/// A native result: forks over its values.
template <class F>
auto merged_value(SymbolicMachine& m, const Key& key, F&& function) {
    return fork_over_values(summary_of(m, key, function));
}

/// A result of bits: one term.
template <unsigned N, class F>
SymbolicBits<N> merged_bits(SymbolicMachine& m, const Key& key, F&& function) {
    const Cases<SymbolicBits<N>> cases = summary_of(m, key, function);
    Terms& terms = current_terms();
    Term result = cases.back().value.term();
    for (std::size_t i = cases.size() - 1; i-- > 0;) {
        result = terms.ite(cases[i].condition, cases[i].value.term(), result);
    }
    return SymbolicBits<N>(result);
}

} // namespace symbolic

inline bool EL2Enabled(SymbolicMachine& m) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::EL2Enabled),
                                  [&] { return EL2Enabled<SymbolicMachine>(m); });
}

inline bool ELIsInHost(SymbolicMachine& m, unsigned el) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::ELIsInHost, el),
                                  [&] { return ELIsInHost<SymbolicMachine>(m, el); });
}

inline unsigned S1TranslationRegime(SymbolicMachine& m, unsigned el) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::S1TranslationRegime, el),
                                  [&] { return S1TranslationRegime<SymbolicMachine>(m, el); });
}

inline Regime TranslationRegime(SymbolicMachine& m, unsigned el) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::TranslationRegime, el),
                                  [&] { return TranslationRegime<SymbolicMachine>(m, el); });
}

inline symbolic::SymbolicBits<1> EffectiveTBI(SymbolicMachine& m, symbolic::SymbolicBits<64> address, unsigned el) {
    return symbolic::merged_bits<1>(m, symbolic::key_for(m, symbolic::Function::EffectiveTBI, address, el),
                                    [&] { return EffectiveTBI<SymbolicMachine>(m, address, el); });
}

inline symbolic::SymbolicBits<1> EffectiveTCMA(SymbolicMachine& m, symbolic::SymbolicBits<64> address, unsigned el) {
    return symbolic::merged_bits<1>(m, symbolic::key_for(m, symbolic::Function::EffectiveTCMA, address, el),
                                    [&] { return EffectiveTCMA<SymbolicMachine>(m, address, el); });
}

inline bool AllocationTagAccessIsEnabled(SymbolicMachine& m, unsigned el) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::AllocationTagAccessIsEnabled, el),
                                  [&] { return AllocationTagAccessIsEnabled<SymbolicMachine>(m, el); });
}

inline bool AccessIsTagChecked(SymbolicMachine& m, symbolic::SymbolicBits<64> vaddr, const AccessDescriptor& accdesc) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::AccessIsTagChecked, vaddr, accdesc.el),
                                  [&] { return AccessIsTagChecked<SymbolicMachine>(m, vaddr, accdesc); });
}

inline bool UnalignedAccessFaults(SymbolicMachine& m, const AccessDescriptor& accdesc,
                                  symbolic::SymbolicBits<64> address, unsigned size) {
    return symbolic::merged_value(m,
                                  symbolic::key_for(m, symbolic::Function::UnalignedAccessFaults,
                                                    accdesc.exclusive || accdesc.atomicop,
                                                    accdesc.acqsc || accdesc.acqpc || accdesc.relsc, address, size),
                                  [&] { return UnalignedAccessFaults<SymbolicMachine>(m, accdesc, address, size); });
}

inline bool S1Enabled(SymbolicMachine& m, Regime regime) {
    return symbolic::merged_value(m, symbolic::key_for(m, symbolic::Function::S1Enabled, regime),
                                  [&] { return S1Enabled<SymbolicMachine>(m, regime); });
}

/// Needs no choice if FEAT_MTE_ASYM_FAULT is there.
inline symbolic::SymbolicBits<2> EffectiveTCF(SymbolicMachine& m, unsigned el) {
    if (!m.have(spec::Feature::FEAT_MTE_ASYM_FAULT)) return EffectiveTCF<SymbolicMachine>(m, el);
    return symbolic::merged_bits<2>(m, symbolic::key_for(m, symbolic::Function::EffectiveTCF, el),
                                    [&] { return EffectiveTCF<SymbolicMachine>(m, el); });
}

/// By its contract: any function of its arguments that obeys it.
symbolic::SymbolicBits<4> ChooseNonExcludedTag(SymbolicMachine& m, symbolic::SymbolicBits<4> tag,
                                               symbolic::SymbolicBits<4> offset, symbolic::SymbolicBits<16> exclude);

} // namespace mtecheck::model
