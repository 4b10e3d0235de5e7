// SPDX-License-Identifier: Apache-2.0
//
// LDG and tag stores as invariants look at them: the record of one that was executed, the table of tag stores, and
// claims that several scenarios make.
#pragma once

#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/locations.h"
#include "model/proofs/invariants/step.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model::proofs {

using spec::Encoding;

template <class S>
using Address = typename S::template Bits<64>;

template <class S>
typename S::template Bits<4> Tag(Address<S> address) {
    return slice<59, 56>(address);
}

/// Encodings of one shape.
struct TagStore {
    Encoding encoding{};
    unsigned granules = 1;
    bool zeroes = false;
    bool pair = false; ///< of data registers
    bool writeback = false;
    bool postindex = false;
};
constexpr TagStore kTagStores[] = {
    {.encoding = Encoding::STG_off},
    {.encoding = Encoding::STG_pre, .writeback = true},
    {.encoding = Encoding::STG_post, .writeback = true, .postindex = true},
    {.encoding = Encoding::STZG_off, .zeroes = true},
    {.encoding = Encoding::STZG_pre, .zeroes = true, .writeback = true},
    {.encoding = Encoding::STZG_post, .zeroes = true, .writeback = true, .postindex = true},
    {.encoding = Encoding::STGP_off, .pair = true},
    {.encoding = Encoding::STGP_pre, .pair = true, .writeback = true},
    {.encoding = Encoding::STGP_post, .pair = true, .writeback = true, .postindex = true},
    {.encoding = Encoding::ST2G_off, .granules = 2},
    {.encoding = Encoding::ST2G_pre, .granules = 2, .writeback = true},
    {.encoding = Encoding::ST2G_post, .granules = 2, .writeback = true, .postindex = true},
    {.encoding = Encoding::STZ2G_off, .granules = 2, .zeroes = true},
    {.encoding = Encoding::STZ2G_pre, .granules = 2, .zeroes = true, .writeback = true},
    {.encoding = Encoding::STZ2G_post, .granules = 2, .zeroes = true, .writeback = true, .postindex = true}};
constexpr unsigned kSingleGranuleStores = 9;
constexpr unsigned kSTG = 0;
constexpr unsigned kSTZG = 3;
constexpr unsigned kSTGP = 6;

struct DataAndBase {
    unsigned t = 2;
    unsigned n = 1;
};

/// LDG, STG or one of its kind that was executed.
template <class S>
struct TagAccess : Step<S> {
    using typename Step<S>::M;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    TagStore store; ///< of LDG: its encoding
    unsigned t = 0;
    unsigned n = 0;
    Address<S> base;
    Address<S> data;    ///< Xt, before
    Address<S> offset;  ///< imm * 16
    Address<S> address; ///< that is accessed
    typename S::Bool enabled;

    TagAccess(S& s, const M& start, const TagStore& which, DataAndBase registers)
        : Step<S>(start), store(which), t(registers.t), n(registers.n) {
        M m = before;
        base = XorSP(m, n);
        data = XorSP(m, t);
        enabled = TagAccessIsEnabled(m, CurrentEL(m));
        status = execute(s, after);
        using Opcode = bits<M, 32>;
        offset = shift_left<LOG2_TAG_GRANULE>(
            store.pair ? SignExtend<64>(
                             spec::STGP<Opcode>{.opcode = after.opcode, .writeback = false, .postindex = false}.simm7())
                       : SignExtend<64>(spec::LDG<Opcode>{after.opcode}.imm9()));
        address = store.postindex ? base : base + offset;
    }
    RunStatus execute(S& s, M& m) const {
        if (store.pair) return s.execute(m, store.encoding, {{"Xt", t}, {"Xt2", 3}, {"Xn", n}});
        return s.execute(m, store.encoding, {{"Xt", t}, {"Xn", n}});
    }
    Address<S> granule() const { return address & ~Address<S>(15); }
    typename S::template Bits<1> write_not_read() const { return this->data_abort_iss().WnR(); }
};

/// A state with an arbitrary multiple of 16 in a base register.
template <class S>
typename S::Machine WithAlignedBase(S& s, unsigned n) {
    auto m = s.machine();
    XorSP_set(m, n, concat(s.template any<60>("granule of the base"), typename S::template Bits<4>(0)));
    return m;
}

/// Nothing of the state changed that software had in registers, but `but`.
template <class S>
void ClaimSameState(S& s, const TagAccess<S>& r, std::initializer_list<unsigned> but) {
    s.claim(SameRegisters(r.before.state, r.after.state, but), "no other register");
    s.claim(SameConfiguration(r.before.state, r.after.state), "no control register");
    s.claim(r.before.state.RGSR_EL1 == r.after.state.RGSR_EL1, "not RGSR_EL1");
    if (!r.completed()) return;
    s.claim(SameNZCV(r.before.state, r.after.state) & SameControls(r.before.state, r.after.state), "no PSTATE");
}

/// The same instruction with another PSTATE.TCO, other TCF fields and other tags in memory.
template <class S>
struct WithOtherChecks {
    typename S::Machine m;
    RunStatus status{};

    WithOtherChecks(S& s, const TagAccess<S>& r, bool other_tags) : m(r.before) {
        m.state.PSTATE.TCO = s.template any<1>("another PSTATE.TCO");
        const auto change = [&](Address<S>& sctlr, const char* name) {
            namespace field = spec::field::SCTLR_EL1;
            sctlr = with_slice<field::TCF.hi, field::TCF0.lo>(sctlr, s.template any<4>(name));
        };
        change(m.state.SCTLR_EL1, "another SCTLR_EL1.<TCF,TCF0>");
        change(m.state.SCTLR_EL2, "another SCTLR_EL2.<TCF,TCF0>");
        change(m.state.SCTLR_EL3, "another SCTLR_EL3.TCF");
        if (other_tags) m.tags = s.any_tags("other tags");
        status = r.execute(s, m);
    }
};

constexpr AddressMapPolicy kAccessibleMemory{.all_mapped = true, .all_tagged = false, .all_accessible = true};
constexpr AddressMapPolicy kTaggedMemory{.all_mapped = true, .all_tagged = true, .all_accessible = true};
/// A tag store that completed, with plain translation, in Tagged memory.
template <class S>
TagAccess<S> CompletedStore(S& s, const TagStore& store, DataAndBase registers) {
    auto m = WithAlignedBase(s, registers.n);
    SetPlainTranslation(m);
    TagAccess<S> r(s, m, store, registers);
    if (!r.completed()) s.irrelevant();
    return r;
}

} // namespace mtecheck::model::proofs
