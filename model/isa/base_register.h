// SPDX-License-Identifier: Apache-2.0
//
// The base register of loads and stores: read first, with the check of SP's alignment, and written last.
#pragma once

#include "model/exceptions/exceptions.h"
#include "model/state/registers.h"

namespace mtecheck::model {

/// if n == 31 then CheckSPAlignment(); address = SP[]; else address = X[n, 64]
template <class M>
bits<M, 64> BaseAddress(M& m, unsigned n) {
    if (n == 31) {
        CheckSPAlignment(m);
        return SP(m);
    }
    return X<64>(m, n);
}

/// The same for LDAPUR, STLUR and structures of SIMD&FP registers, which a defective implementation leaves out.
template <class M>
bits<M, 64> BaseAddressOfRcpcOrStructure(M& m, unsigned n) {
    if (n == 31 && mutated(m, spec::Mutation::sp_misalignment_ignored_by_some)) return SP(m);
    return BaseAddress(m, n);
}

/// How an address and its base register change.
struct Indexing {
    bool writeback;
    bool postindex;
};

/// if writeback then { if postindex then address = address + offset; SP[] or X[n, 64] = address }
template <class M>
void WriteBack(M& m, Indexing indexing, unsigned n, bits<M, 64> address, bits<M, 64> offset) {
    if (!indexing.writeback) return;
    bits<M, 64> result = indexing.postindex ? address + offset : address;
    if (mutated(m, spec::Mutation::writeback_loses_tag)) result = with_slice<59, 56>(result, bits<M, 4>(0));
    XorSP_set(m, n, result);
}

/// "boolean tagchecked = wback || n != 31" of the decode functions: an access relative to SP is not checked, unless
/// SP changes with it.
template <class M>
bool TagCheckedUnlessSP(M& m, bool wback, unsigned n) {
    if (n != 31) return true;
    if (wback) return !mutated(m, spec::Mutation::sp_base_writeback_unchecked);
    return mutated(m, spec::Mutation::sp_base_checked);
}

/// AArch64.SetLSInstructionSyndrome: the size is log2 of bytes.
template <class M>
void SetLSInstructionSyndrome(M& m, unsigned scale, bool sign_extend, unsigned t, bool sf, bool acqrel) {
    m.state.ls_instruction_syndrome = {.valid = true,
                                       .SAS = static_cast<std::uint8_t>(scale),
                                       .SSE = sign_extend,
                                       .SRT = static_cast<std::uint8_t>(t),
                                       .SF = sf,
                                       .AR = acqrel,
                                       .writeback = false};
}

} // namespace mtecheck::model
