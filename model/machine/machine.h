// SPDX-License-Identifier: Apache-2.0
//
// What a machine must offer to the semantics. A machine is a reading of the one source: concrete (plain integers),
// tracing, mutant, strict (a test), symbolic. Semantics are `template <Machine M>` functions that mirror one
// pseudocode function each and take the machine as their first argument.
//
// Control is carried by few primitives:
//  - `m.decide(Decision::name, cond)` is a labelled control decision of the pseudocode and returns a native bool;
//    a plain `if (cond)` on an M::Bool is an unlabelled one (bookkeeping without a line of its own in the manual);
//  - select(), &, | choose data and never fork;
//  - `m.choose(DontCare::name, n)` picks one of n outcomes that the architecture allows (0 is the pseudocode's own);
//  - `m.unknown(DontCare::name, place)` says that a result is UNKNOWN; see Mark in model/marks.h;
//  - native bool is used for what is fixed before execution: features, arguments of an encoding.
// Semantics are deterministic: no clock, no random numbers, no globals, so a run can be repeated with another
// answer to one decision.
#pragma once

#include <concepts>
#include <cstdint>

namespace mtecheck::model {

/// bits(N) and boolean of the pseudocode, in machine M.
template <class M, unsigned N>
using bits = typename M::template Bits<N>;
template <class M>
using boolean = typename M::Bool;

} // namespace mtecheck::model
