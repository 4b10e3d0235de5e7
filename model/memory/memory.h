// SPDX-License-Identifier: Apache-2.0
//
// Everything that instructions need of memory. Sizes are in bytes and native; addresses are virtual.
// An access that faults takes the exception and does not return.
#pragma once

#include "model/memory/access_descriptor.h"
#include "model/memory/exclusive_monitors.h"
#include "model/memory/mem_atomic.h"
#include "model/memory/mem_block.h"
#include "model/memory/mem_read_write.h"
#include "model/memory/mem_tag.h"
#include "model/tags/tag_check.h"

namespace mtecheck::model {

// The functions, for the reader (definitions are in the headers above):
//
//   bits<M, 8 * size> Mem_read<size>(m, address, accdesc, bool ispair = false)
//   void Mem_set<size>(m, address, accdesc, bits<M, 8 * size> value, bool ispair = false)
//   bits<M, N> MemAtomic<N>(m, address, bits<M, N> cmpoperand, bits<M, N> operand, accdesc)   N bits
//   bits<M, 4> MemTag_read(m, address, accdesc)
//   void MemTag_set(m, address, accdesc, bits<M, 4> tag)
//   void MemZero(m, regval, CacheType)                       DC ZVA, GVA, GZVA
//   void AArch64_DC(m, regval, CacheType, CacheOp, CacheOpScope)
//   void SetExclusiveMonitors(m, address, size), bool ExclusiveMonitorsPass(m, address, size, tagchecked)
//   bool IsUnprivAccessPriv(m)
//   boolean<M> IsAligned<size>(address), bits<M, 64> Align<size>(address)

} // namespace mtecheck::model
