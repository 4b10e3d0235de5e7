// SPDX-License-Identifier: Apache-2.0
//
// What a mapping permits: prot of mmap() and mprotect(), and, for the deliberate faults of an emulator, what its host
// permits where that is not the same. Mirrors arch/arm64/mm/mmap.c.
#pragma once

#include "model/linux/kernel.h"

namespace mtecheck::model::linux_abi {

/// protection_map[]: there is no write-only memory, and execute-only memory with FEAT_PAN3 alone.
template <class M>
void set_protection(Kernel<M>& k, Vma& vma, std::uint64_t prot) {
    const std::uint64_t access = prot & (prot::READ | prot::WRITE | prot::EXEC);
    if (access == prot::EXEC && !k.has_epan) k.has_epan = k.choices.choose(Open::execute_only, 2) == 0;
    vma.execute_only = access == prot::EXEC && *k.has_epan;
    vma.permitted = {access != 0 && !vma.execute_only, (access & prot::WRITE) != 0};
    vma.host.reset();
}

/// The deliberate fault gap_changes_host_alone: what mprotect() does to a page in front of a gap.
inline void set_protection_of_host(Vma& vma, std::uint64_t prot) {
    const std::uint64_t access = prot & (prot::READ | prot::WRITE | prot::EXEC);
    vma.host = {access != 0, (access & prot::WRITE) != 0};
}

/// What is asked before an access is made.
enum class Asks : std::uint8_t {
    flags, ///< the mapping: it loads or stores tags alone
    host,  ///< the host of an emulator, if it has one: it loads or stores data, and no tag is checked
    both,  ///< the one, then the other
};

template <class M>
Permitted permitted(const Kernel<M>& k, const Vma& vma, Asks asks) {
    const bool host_reads = vma.execute_only && mutated(k, AbiFault::execute_only_read_where_unchecked);
    const Permitted host = vma.host.value_or(Permitted{vma.permitted.read || host_reads, vma.permitted.write});
    switch (asks) {
    case Asks::flags: return vma.permitted;
    case Asks::host: return host;
    default: return {vma.permitted.read && host.read, vma.permitted.write && host.write};
    }
}

} // namespace mtecheck::model::linux_abi
