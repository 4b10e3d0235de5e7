// SPDX-License-Identifier: Apache-2.0
//
// One decoded instruction: the class function that the tables say.
#pragma once

#include "model/isa/atomics.h"
#include "model/isa/branches.h"
#include "model/isa/data_processing.h"
#include "model/isa/exclusive.h"
#include "model/isa/load_store.h"
#include "model/isa/load_store_pair.h"
#include "model/isa/ordered.h"
#include "model/isa/simd_load_store.h"
#include "model/isa/system.h"
#include "model/isa/tags.h"

namespace mtecheck::model {

/// From the struct of an instruction class to its function.
template <class M>
struct Executor {
    M& m;
    using Opcode = bits<M, 32>;

    void operator()(const spec::ADDG<Opcode>& i) const { ADDG(m, i); }
    void operator()(const spec::SUBG<Opcode>& i) const { SUBG(m, i); }
    void operator()(const spec::IRG<Opcode>& i) const { IRG(m, i); }
    void operator()(const spec::GMI<Opcode>& i) const { GMI(m, i); }
    void operator()(const spec::SUBP<Opcode>& i) const { SUBP(m, i); }
    void operator()(const spec::SUBPS<Opcode>& i) const { SUBPS(m, i); }
    void operator()(const spec::LDG<Opcode>& i) const { LDG(m, i); }
    void operator()(const spec::STG<Opcode>& i) const { STG(m, i); }
    void operator()(const spec::STZG<Opcode>& i) const { STZG(m, i); }
    void operator()(const spec::ST2G<Opcode>& i) const { ST2G(m, i); }
    void operator()(const spec::STZ2G<Opcode>& i) const { STZ2G(m, i); }
    void operator()(const spec::STGP<Opcode>& i) const { STGP(m, i); }
    void operator()(const spec::STZGM<Opcode>& i) const { STZGM(m, i); }
    void operator()(const spec::STGM<Opcode>& i) const { STGM(m, i); }
    void operator()(const spec::LDGM<Opcode>& i) const { LDGM(m, i); }
    void operator()(const spec::LoadStoreImmediate<Opcode>& i) const { LoadStoreImmediate(m, i); }
    void operator()(const spec::LoadStoreUnprivileged<Opcode>& i) const { LoadStoreUnprivileged(m, i); }
    void operator()(const spec::LoadStoreRegisterOffset<Opcode>& i) const { LoadStoreRegisterOffset(m, i); }
    void operator()(const spec::LoadLiteral<Opcode>& i) const { LoadLiteral(m, i); }
    void operator()(const spec::Prefetch<Opcode>& i) const { Prefetch(m, i); }
    void operator()(const spec::LoadStorePair<Opcode>& i) const { LoadStorePair(m, i); }
    void operator()(const spec::LoadStoreExclusive<Opcode>& i) const { LoadStoreExclusive(m, i); }
    void operator()(const spec::LoadStoreExclusivePair<Opcode>& i) const { LoadStoreExclusivePair(m, i); }
    void operator()(const spec::LoadStoreOrdered<Opcode>& i) const { LoadStoreOrdered(m, i); }
    void operator()(const spec::LoadRcpc<Opcode>& i) const { LoadRcpc(m, i); }
    void operator()(const spec::LoadStoreRcpcUnscaled<Opcode>& i) const { LoadStoreRcpcUnscaled(m, i); }
    void operator()(const spec::CompareAndSwap<Opcode>& i) const { CompareAndSwap(m, i); }
    void operator()(const spec::CompareAndSwapPair<Opcode>& i) const { CompareAndSwapPair(m, i); }
    void operator()(const spec::AtomicMemoryOperation<Opcode>& i) const { AtomicMemoryOperation(m, i); }
    void operator()(const spec::Swap<Opcode>& i) const { Swap(m, i); }
    void operator()(const spec::SimdLoadStoreImmediate<Opcode>& i) const { SimdLoadStoreImmediate(m, i); }
    void operator()(const spec::SimdLoadStoreRegisterOffset<Opcode>& i) const { SimdLoadStoreRegisterOffset(m, i); }
    void operator()(const spec::SimdLoadLiteral<Opcode>& i) const { SimdLoadLiteral(m, i); }
    void operator()(const spec::SimdLoadStorePair<Opcode>& i) const { SimdLoadStorePair(m, i); }
    void operator()(const spec::SimdLoadStoreMultiple<Opcode>& i) const { SimdLoadStoreMultiple(m, i); }
    void operator()(const spec::SimdLoadStoreSingle<Opcode>& i) const { SimdLoadStoreSingle(m, i); }
    void operator()(const spec::MoveWide<Opcode>& i) const { MoveWide(m, i); }
    void operator()(const spec::AddSubImmediate<Opcode>& i) const { AddSubImmediate(m, i); }
    void operator()(const spec::AddSubShifted<Opcode>& i) const { AddSubShifted(m, i); }
    void operator()(const spec::AddSubExtended<Opcode>& i) const { AddSubExtended(m, i); }
    void operator()(const spec::LogicalImmediate<Opcode>& i) const { LogicalImmediate(m, i); }
    void operator()(const spec::LogicalShifted<Opcode>& i) const { LogicalShifted(m, i); }
    void operator()(const spec::Bitfield<Opcode>& i) const { Bitfield(m, i); }
    void operator()(const spec::Extract<Opcode>& i) const { Extract(m, i); }
    void operator()(const spec::ConditionalSelect<Opcode>& i) const { ConditionalSelect(m, i); }
    void operator()(const spec::Branch<Opcode>& i) const { Branch(m, i); }
    void operator()(const spec::BranchConditional<Opcode>& i) const { BranchConditional(m, i); }
    void operator()(const spec::CompareAndBranch<Opcode>& i) const { CompareAndBranch(m, i); }
    void operator()(const spec::TestAndBranch<Opcode>& i) const { TestAndBranch(m, i); }
    void operator()(const spec::SupervisorCall<Opcode>& i) const { SupervisorCall(m, i); }
    void operator()(const spec::ExceptionReturn<Opcode>& i) const { ExceptionReturn(m, i); }
    void operator()(const spec::MoveSystemRegister<Opcode>& i) const { MoveSystemRegister(m, i); }
    void operator()(const spec::MovePstateImmediate<Opcode>& i) const { MovePstateImmediate(m, i); }
    void operator()(const spec::DataCacheZero<Opcode>& i) const { DataCacheZero(m, i); }
    void operator()(const spec::DataCacheMaintenance<Opcode>& i) const { DataCacheMaintenance(m, i); }
    void operator()(const spec::Barrier<Opcode>& i) const { Barrier(m, i); }
    void operator()(const spec::Hint<Opcode>& i) const { Hint(m, i); }
};

/// Executes `opcode`, an instance of `encoding` that the PE implements and whose operands do not make it UNDEFINED:
/// the step loop knows both since decoding.
template <class M>
void execute(M& m, spec::Encoding encoding, bits<M, 32> opcode) {
    spec::dispatch(encoding, opcode, Executor<M>{m});
}

} // namespace mtecheck::model
