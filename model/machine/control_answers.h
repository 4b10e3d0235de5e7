// SPDX-License-Identifier: Apache-2.0
//
// Functions of the pseudocode that depend on control registers alone, or on them and one half of the address space, are
// worked out once by the machines of the fast path and remembered for as long as the control registers stay the same:
// most runs that follow each other have them in common. The decisions that are made on the way count as met by every
// run that gets the answer.
//
// An overload for the machine is preferred to the template wherever semantics call it; no semantic function is written
// again. Machines with deliberate faults, and those that see each decision at its time, do without.
#pragma once

#include "model/machine/native_machine.h"
#include "model/memory/memory.h"

namespace mtecheck::model {

template <class Observer>
using PlainMachine = NativeMachine<PlainValues, Observer, NoMutations>;

namespace control {
enum Function : std::uint8_t {
    kEL2Enabled,
    kELIsInHost,
    kTranslationRegime,
    kEffectiveTBI,
    kEffectiveTCMA,
    kAllocationTagAccessIsEnabled,
    kS1Enabled,
    kAlignmentEnforced,
    kFunctions
};
static_assert(8 * kFunctions == control_answers);

/// The argument of a function of an Exception level and a half of the address space.
inline unsigned level_and_half(unsigned el, Bits<64> address) {
    return 2 * el + static_cast<unsigned>(address.raw() >> 55U & 1U);
}
} // namespace control

template <class Observer>
requires(!Observer::sees_all) bool EL2Enabled(PlainMachine<Observer>& m) {
    return m.control_answer(control::kEL2Enabled, 0, [&] { return EL2Enabled<PlainMachine<Observer>>(m); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) bool ELIsInHost(PlainMachine<Observer>& m, unsigned el) {
    return m.control_answer(control::kELIsInHost, el, [&] { return ELIsInHost<PlainMachine<Observer>>(m, el); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) Regime TranslationRegime(PlainMachine<Observer>& m, unsigned el) {
    return static_cast<Regime>(m.control_answer(control::kTranslationRegime, el, [&] {
        return static_cast<unsigned>(TranslationRegime<PlainMachine<Observer>>(m, el));
    }));
}

template <class Observer>
requires(!Observer::sees_all) Bits<1> EffectiveTBI(PlainMachine<Observer>& m, Bits<64> address, unsigned el) {
    return m.control_answer(control::kEffectiveTBI, control::level_and_half(el, address),
                            [&] { return unsigned{EffectiveTBI<PlainMachine<Observer>>(m, address, el).raw()}; });
}

template <class Observer>
requires(!Observer::sees_all) Bits<1> EffectiveTCMA(PlainMachine<Observer>& m, Bits<64> address, unsigned el) {
    return m.control_answer(control::kEffectiveTCMA, control::level_and_half(el, address),
                            [&] { return unsigned{EffectiveTCMA<PlainMachine<Observer>>(m, address, el).raw()}; });
}

template <class Observer>
requires(!Observer::sees_all) bool AllocationTagAccessIsEnabled(PlainMachine<Observer>& m, unsigned el) {
    return m.control_answer(control::kAllocationTagAccessIsEnabled, el,
                            [&] { return AllocationTagAccessIsEnabled<PlainMachine<Observer>>(m, el); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) bool S1Enabled(PlainMachine<Observer>& m, Regime regime) {
    return m.control_answer(control::kS1Enabled, static_cast<unsigned>(regime),
                            [&] { return S1Enabled<PlainMachine<Observer>>(m, regime); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) bool AlignmentEnforced(PlainMachine<Observer>& m) {
    return m.control_answer(control::kAlignmentEnforced, CurrentEL(m),
                            [&] { return AlignmentEnforced<PlainMachine<Observer>>(m); }) != 0;
}

} // namespace mtecheck::model
