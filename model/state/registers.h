// SPDX-License-Identifier: Apache-2.0
//
// Accessors of the pseudocode for general, stack pointer and SIMD&FP registers. Register numbers are native:
// `m.index` has turned the opcode's field into a number.
#pragma once

#include "model/machine/machine.h"
#include "model/state/exception_level.h"
#include "model/state/proc_state.h"

namespace mtecheck::model {

/// X[n, N] for reading; register 31 is XZR.
template <unsigned N, class M>
bits<M, N> X(M& m, unsigned n) {
    if (n == 31) {
        return bits<M, N>(0);
    }
    if constexpr (N == 64) {
        return m.state.x[n];
    } else {
        return slice<N - 1, 0>(m.state.x[n]);
    }
}

/// X[n, N] = value; a 32-bit write clears the upper half.
template <unsigned N, class M>
void X_set(M& m, unsigned n, bits<M, N> value) {
    static_assert(N == 32 || N == 64);
    if (n != 31) {
        m.state.x[n] = ZeroExtend<64>(value);
    }
}

/// SP[]
template <class M>
bits<M, 64> SP(M& m) {
    return m.state.sp[m.index(m.state.PSTATE.SP) == 0 ? 0 : CurrentEL(m)];
}

template <class M>
void SP_set(M& m, bits<M, 64> value) {
    m.state.sp[m.index(m.state.PSTATE.SP) == 0 ? 0 : CurrentEL(m)] = value;
}

/// if n == 31 then SP[] else X[n, 64]
template <class M>
bits<M, 64> XorSP(M& m, unsigned n) {
    return n == 31 ? SP(m) : X<64>(m, n);
}

template <class M>
void XorSP_set(M& m, unsigned n, bits<M, 64> value) {
    if (n == 31) {
        SP_set(m, value);
    } else {
        X_set<64>(m, n, value);
    }
}

/// V[n, N]
template <unsigned N, class M>
bits<M, N> V(M& m, unsigned n) {
    if constexpr (N == 128) {
        return m.state.v[n];
    } else {
        return slice<N - 1, 0>(m.state.v[n]);
    }
}

/// V[n, N] = value; the upper bits become zero.
template <unsigned N, class M>
void V_set(M& m, unsigned n, bits<M, N> value) {
    m.state.v[n] = ZeroExtend<128>(value);
}

/// ThisInstrAddr(64)
template <class M>
bits<M, 64> ThisInstrAddr(M& m) {
    return m.state.pc;
}

/// NextInstrAddr(64)
template <class M>
bits<M, 64> NextInstrAddr(M& m) {
    return m.state.pc + bits<M, 64>(4);
}

/// BranchTo(target, ...): execution goes on at `target` after this instruction.
template <class M>
void BranchTo(M& m, bits<M, 64> target) {
    m.next_pc = target;
}

} // namespace mtecheck::model
