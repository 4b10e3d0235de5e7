// SPDX-License-Identifier: Apache-2.0
//
// What a machine must offer to the semantics. A machine is a reading of the one source: concrete (plain integers),
// tracing, mutant, strict (a test), symbolic. Semantics are `template <class M>` functions that mirror one
// pseudocode function each and take the machine as their first argument.
//
// Control is carried by few primitives:
//  - `m.decide(Decision::name, cond)` is a labelled control decision of the pseudocode and returns a native bool;
//    a plain `if (cond)` on an M::Bool is an unlabelled one (bookkeeping without a line of its own in the manual);
//  - select(), &, | choose data and never fork;
//  - `m.index(x)` is the case analysis over a small domain: it turns a register field, an Exception level or a size
//    into a native number (the symbolic machine forks over its values);
//  - `m.choose(DontCare::name, n)` picks one of n outcomes that the architecture allows (0 is the pseudocode's own);
//  - `m.unknown(mark)` says that part of the result is UNKNOWN; see model/marks.h;
//  - native bool is used for what is fixed before execution: features, arguments of an encoding.
// Semantics are deterministic: no clock, no random numbers, no globals, so a run can be repeated with another
// answer to one decision.
//
// Explicit instantiation of each machine is in its own file.
#pragma once

#include <concepts>
#include <cstdint>
#include <utility>

#include "model/exceptions/taken_exception.h"
#include "model/machine/feature_set.h"
#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/features.h"
#include "spec/gen/mutations.h"

namespace mtecheck::model {

/// bits(N) and boolean of the pseudocode, in machine M.
template <class M, unsigned N>
using bits = typename M::template Bits<N>;
template <class M>
using boolean = typename M::Bool;

template <class M>
struct Mark;
template <class M>
struct ProcState;
struct Region;

/// A synchronous fault that was passed over to report the one at another address (see model/exceptions/abort.h).
template <class M>
struct PassedOverFault {
    bool any = false;
    bool tag_check = false;
    bits<M, 64> vaddress = 0;
};

template <class M>
concept Machine = requires(M m, boolean<M> condition, bits<M, 64> value, bits<M, 56> address, bits<M, 5> field,
                           bits<M, 4> tag, const FeatureSet& features, const Mark<M>& mark) {
    // Decisions, choices and marks.
    { m.decide(spec::Decision{}, condition) } -> std::same_as<bool>;
    { static_cast<bool>(condition) } -> std::same_as<bool>;
    { m.index(field) } -> std::same_as<unsigned>;
    { m.choose(spec::DontCare{}, 2U) } -> std::same_as<unsigned>;
    { m.unknown(mark) } -> std::same_as<void>;
    // What the implementation has.
    { m.have(spec::Feature{}) } -> std::same_as<bool>;
    { m.have_all(features) } -> std::same_as<bool>;
    { m.mutated(spec::Mutation{}) } -> std::same_as<bool>;
    // State. `opcode` is ThisInstr(), `next_pc` where execution goes on.
    { m.state } -> std::same_as<ProcState<M>&>;
    { m.opcode } -> std::same_as<bits<M, 32>&>;
    { m.next_pc } -> std::same_as<bits<M, 64>&>;
    { m.exception } -> std::same_as<TakenException&>;
    { m.passed_over } -> std::same_as<PassedOverFault<M>&>;
    // Instructions: where one begins, and what it had written when an abort ended it.
    { m.new_instruction(std::size_t{}) } -> std::same_as<void>;
    { m.mark_partial_writes() } -> std::same_as<void>;
    // run_each(begin, body, end) calls begin(), body() and end(false) by turns until begin() says that there is no
    // more. All have the control registers and features that the first finds; none is in another run_each().
    // end_instruction(), which only body() may come to, does not return: it goes on with end(true); outside of
    // run_each(), ExceptionTaken is thrown.
    { m.end_instruction() } -> std::same_as<void>;
    {
        m.run_each([] { return false; }, [] {}, [](bool) {})
        } -> std::same_as<void>;
    // The address map, and physical memory (bytes and allocation tags).
    { m.find_region(true, value).mapped } -> std::convertible_to<bool>;
    { m.pa_bits() } -> std::same_as<unsigned>;
    { m.template phys_read<8>(address) } -> std::same_as<bits<M, 64>>;
    { m.template phys_write<8>(address, value) } -> std::same_as<void>;
    { m.phys_tag_read(address) } -> std::same_as<bits<M, 4>>;
    { m.phys_tag_write(address, tag) } -> std::same_as<void>;
};

/// Whether a deliberate fault is switched on: constant false in normal machines.
template <class M>
constexpr bool mutated(M& m, spec::Mutation mutation) {
    return m.mutated(mutation);
}

/// Runs `body`; whether it was left by end_instruction().
template <class M, class Body>
bool until_exception(M& m, const Body& body) {
    bool more = true;
    bool left = false;
    m.run_each([&] { return std::exchange(more, false); }, body, [&](bool by_exception) { left = by_exception; });
    return left;
}

} // namespace mtecheck::model
