// SPDX-License-Identifier: Apache-2.0
//
// AccessDescriptor: what an instruction says about an access, before any address is known.
// Everything in it but the Exception level follows from the encoding, hence native values.
#pragma once

#include <cstdint>

#include "model/state/exception_level.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

inline constexpr unsigned LOG2_TAG_GRANULE = 4;
inline constexpr unsigned TAG_GRANULE = 1U << LOG2_TAG_GRANULE;

using spec::CacheOp;
using spec::CacheOpScope;
using spec::CacheType;
using spec::MemAtomicOp;
using spec::MemOp;

enum class AccessType : std::uint8_t { GPR, ASIMD, DC, DCZero };

struct AccessDescriptor {
    AccessType acctype = AccessType::GPR;
    std::uint8_t el = 0; ///< acting Exception level for the access
    bool acqsc = false;
    bool acqpc = false;
    bool relsc = false;
    bool limitedordered = false;
    bool exclusive = false;
    bool atomicop = false;
    MemAtomicOp modop = MemAtomicOp::ADD;
    bool nontemporal = false;
    bool read = false;
    bool write = false;
    bool pan = false;
    bool tagchecked = false;
    bool tagaccess = false;
    CacheOp cacheop = CacheOp::Clean; ///< for AccessType::DC
    CacheOpScope opscope = CacheOpScope::PoC;
    bool looked_up = false; ///< an emulator looks its address up, where it makes the others on its host
};

template <class M>
AccessDescriptor NewAccDesc(M& m, AccessType acctype) {
    AccessDescriptor accdesc;
    accdesc.acctype = acctype;
    accdesc.el = static_cast<std::uint8_t>(CurrentEL(m));
    return accdesc;
}

template <class M>
AccessDescriptor NewAccDesc(M& m, AccessType acctype, MemOp memop) {
    AccessDescriptor accdesc = NewAccDesc(m, acctype);
    accdesc.read = memop == MemOp::LOAD;
    accdesc.write = memop == MemOp::STORE;
    accdesc.pan = true;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescGPR(M& m, MemOp memop, bool nontemporal, bool privileged, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::GPR, memop);
    if (!privileged) {
        accdesc.el = EL0;
    }
    accdesc.nontemporal = nontemporal;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescExLDST(M& m, MemOp memop, bool acqrel, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::GPR, memop);
    accdesc.acqsc = acqrel && memop == MemOp::LOAD;
    accdesc.relsc = acqrel && memop == MemOp::STORE;
    accdesc.exclusive = true;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescLDGSTG(M& m, MemOp memop) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::GPR, memop);
    accdesc.tagaccess = true;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescAtomicOp(M& m, MemAtomicOp modop, bool acquire, bool release, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::GPR);
    accdesc.acqsc = acquire;
    accdesc.relsc = release;
    accdesc.atomicop = true;
    accdesc.modop = modop;
    accdesc.read = true;
    accdesc.write = true;
    accdesc.pan = true;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescAcqRel(M& m, MemOp memop, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::GPR, memop);
    accdesc.acqsc = memop == MemOp::LOAD;
    accdesc.relsc = memop == MemOp::STORE;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescLOR(M& m, MemOp memop, bool tagchecked) {
    AccessDescriptor accdesc = CreateAccDescAcqRel(m, memop, tagchecked);
    accdesc.limitedordered = true;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescLDAcqPC(M& m, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::GPR, MemOp::LOAD);
    accdesc.acqpc = true;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescASIMD(M& m, MemOp memop, bool nontemporal, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::ASIMD, memop);
    accdesc.nontemporal = nontemporal;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescDC(M& m, CacheOp cacheop, CacheOpScope opscope) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::DC);
    accdesc.cacheop = cacheop;
    accdesc.opscope = opscope;
    return accdesc;
}

template <class M>
AccessDescriptor CreateAccDescDCZero(M& m, bool tagaccess, bool tagchecked) {
    AccessDescriptor accdesc = NewAccDesc(m, AccessType::DCZero);
    accdesc.write = true;
    accdesc.pan = true;
    accdesc.tagaccess = tagaccess;
    accdesc.tagchecked = tagchecked;
    return accdesc;
}

} // namespace mtecheck::model
