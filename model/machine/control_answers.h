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

#include <cassert>
#include <cstddef>

#include "model/machine/native_machine.h"
#include "model/memory/memory.h"

namespace mtecheck::model {

template <class Observer>
using PlainMachine = NativeMachine<PlainValues, Observer, NoMutations>;

namespace control {
/// Where a machine keeps the answers of a function: one for each of its arguments.
struct Answers {
    std::size_t first;
    std::size_t count;

    /// Those that follow.
    constexpr Answers next(std::size_t its_count) const { return {first + count, its_count}; }
    constexpr std::size_t slot(unsigned argument) const {
        assert(argument < count);
        return first + argument;
    }
};

constexpr std::size_t kLevels = 4;
constexpr std::size_t kRegimes = 4;
constexpr std::size_t kLevelsAndHalves = 8;

constexpr Answers kEL2Enabled{0, 1};
constexpr Answers kELIsInHost = kEL2Enabled.next(kLevels);
constexpr Answers kTranslationRegime = kELIsInHost.next(kLevels);
constexpr Answers kEffectiveTBI = kTranslationRegime.next(kLevelsAndHalves);
constexpr Answers kEffectiveTCMA = kEffectiveTBI.next(kLevelsAndHalves);
constexpr Answers kAllocationTagAccessIsEnabled = kEffectiveTCMA.next(kLevels);
constexpr Answers kS1Enabled = kAllocationTagAccessIsEnabled.next(kRegimes);
constexpr Answers kAlignmentEnforced = kS1Enabled.next(kLevels);
constexpr Answers kGetS1Controls = kAlignmentEnforced.next(kLevelsAndHalves);
static_assert(kGetS1Controls.first + kGetS1Controls.count <= control_answers);

/// The argument of a function of an Exception level and a half of the address space.
inline unsigned level_and_half(unsigned el, Bits<64> address) {
    return 2 * el + static_cast<unsigned>(address.raw() >> 55U & 1U);
}
} // namespace control

template <class Observer>
requires(!Observer::sees_all) bool EL2Enabled(PlainMachine<Observer>& m) {
    const std::size_t slot = control::kEL2Enabled.slot(0);
    return m.answer(slot, [&] { return EL2Enabled<PlainMachine<Observer>>(m); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) bool ELIsInHost(PlainMachine<Observer>& m, unsigned el) {
    const std::size_t slot = control::kELIsInHost.slot(el);
    return m.answer(slot, [&] { return ELIsInHost<PlainMachine<Observer>>(m, el); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) Regime TranslationRegime(PlainMachine<Observer>& m, unsigned el) {
    const std::size_t slot = control::kTranslationRegime.slot(el);
    return static_cast<Regime>(
        m.answer(slot, [&] { return static_cast<unsigned>(TranslationRegime<PlainMachine<Observer>>(m, el)); }));
}

template <class Observer>
requires(!Observer::sees_all) Bits<1> EffectiveTBI(PlainMachine<Observer>& m, Bits<64> address, unsigned el) {
    const std::size_t slot = control::kEffectiveTBI.slot(control::level_and_half(el, address));
    return m.answer(slot, [&] { return unsigned{EffectiveTBI<PlainMachine<Observer>>(m, address, el).raw()}; });
}

template <class Observer>
requires(!Observer::sees_all) Bits<1> EffectiveTCMA(PlainMachine<Observer>& m, Bits<64> address, unsigned el) {
    const std::size_t slot = control::kEffectiveTCMA.slot(control::level_and_half(el, address));
    return m.answer(slot, [&] { return unsigned{EffectiveTCMA<PlainMachine<Observer>>(m, address, el).raw()}; });
}

template <class Observer>
requires(!Observer::sees_all) bool AllocationTagAccessIsEnabled(PlainMachine<Observer>& m, unsigned el) {
    const std::size_t slot = control::kAllocationTagAccessIsEnabled.slot(el);
    return m.answer(slot, [&] { return AllocationTagAccessIsEnabled<PlainMachine<Observer>>(m, el); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) bool S1Enabled(PlainMachine<Observer>& m, Regime regime) {
    const std::size_t slot = control::kS1Enabled.slot(static_cast<unsigned>(regime));
    return m.answer(slot, [&] { return S1Enabled<PlainMachine<Observer>>(m, regime); }) != 0;
}

template <class Observer>
requires(!Observer::sees_all) bool AlignmentEnforced(PlainMachine<Observer>& m) {
    const std::size_t slot = control::kAlignmentEnforced.slot(CurrentEL(m));
    return m.answer(slot, [&] { return AlignmentEnforced<PlainMachine<Observer>>(m); }) != 0;
}

namespace control {
// S1Controls as a number.
constexpr unsigned number_of(const auto& controls) {
    return static_cast<unsigned>(controls.regime) | (controls.tbi ? 4U : 0U) | (controls.enabled ? 8U : 0U) |
           (controls.upper ? 16U : 0U) | unsigned{controls.txsz.raw()} << 5U;
}
template <class M>
constexpr S1Controls<M> controls_of(unsigned number) {
    return {.regime = static_cast<Regime>(number & 3U),
            .tbi = (number & 4U) != 0,
            .enabled = (number & 8U) != 0,
            .upper = (number & 16U) != 0,
            .txsz = number >> 5U};
}
} // namespace control

template <class Observer>
requires(!Observer::sees_all) S1Controls<PlainMachine<Observer>> GetS1Controls(PlainMachine<Observer>& m, Bits<64> va,
                                                                               unsigned el) {
    const std::size_t slot = control::kGetS1Controls.slot(control::level_and_half(el, va));
    const unsigned answer =
        m.answer(slot, [&] { return control::number_of(GetS1Controls<PlainMachine<Observer>>(m, va, el)); });
    return control::controls_of<PlainMachine<Observer>>(answer);
}

} // namespace mtecheck::model
