// SPDX-License-Identifier: Apache-2.0
//
// Invariants of ST2G and STZ2G: both granules are written, each is translated, and a fault of either leaves the base
// alone. And of tag stores at EL0 in the EL2&0 regime, which other scenarios about one granule leave out.
//
// The address is any multiple of 16, and the immediate any: the base is their difference, which is any base.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/tag_access.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Mutation;

/// Moves the base in X1 back by the offset of an instruction that adds it before its access.
template <class S>
void SubtractOffset(S& s, typename S::Machine& m, const TagStore& store) {
    if (store.postindex) return;
    const auto imm9 = s.template any<9>(std::string(spec::info(store.encoding).id) + ".imm9");
    Address<S>& base = m.state.x[1];
    base = base - shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(imm9));
}

const std::vector<std::string>& TwoGranuleForms() {
    static const std::vector<std::string> names = {"ST2G",  "ST2G pre-index",  "ST2G post-index",
                                                   "STZ2G", "STZ2G pre-index", "STZ2G post-index"};
    return names;
}

Scenario TwoGranuleStores() {
    return scenario(
        {.name = "store-two-tags",
         .about = "ST2G or STZ2G that completes, with plain translation",
         .file = __FILE__,
         .variants = TwoGranuleForms(),
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            const TagStore& store = kTagStores[kSingleGranuleStores + variant];
            auto m = WithAlignedBase(s, 1);
            SetPlainTranslation(m);
            SubtractOffset(s, m, store);
            TagAccess r(s, m, store, {.t = 2, .n = 1});
            if (!r.completed()) s.irrelevant();
            return r;
        },
        invariant({"st2g-stores-both-tags",
                   "ST2G and STZ2G store the tag of Xt to the granule of the address and to the next one.",
                   {"MTE-STG-007", "MTE-STZG-003"},
                   {Mutation::st2g_second_granule_missed}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      const auto first = Locate(r.before, r.address);
                      const auto second = Locate(r.before, r.address + Address<S>(16));
                      s.claim_if(r.enabled, s.tag_at(r.after, first.paddress) == Tag<S>(r.data), "the first");
                      s.claim_if(r.enabled, s.tag_at(r.after, second.paddress) == Tag<S>(r.data), "the second");
                  }),
        invariant(
            {"st2g-changes-two-granules-only",
             "ST2G and STZ2G change no tag and no byte outside of their two granules; ST2G changes no byte, STZ2G "
             "sets all 32 to 0.",
             {"MTE-STG-007", "MTE-STZG-003", "MTE-TAG-007"},
             {Mutation::page_tags_aliased}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                const auto first = Locate(r.before, r.address);
                const auto second = Locate(r.before, r.address + Address<S>(16));
                const auto anywhere = Anywhere(s);
                const auto granule = slice<55, 4>(anywhere);
                const auto inside =
                    (granule == slice<55, 4>(first.paddress)) | (granule == slice<55, 4>(second.paddress));
                s.claim_if(!inside, s.tag_at(r.after, anywhere) == s.tag_at(r.before, anywhere), "no other tag");
                const auto now = s.byte_at(r.after, anywhere);
                const auto same = now == s.byte_at(r.before, anywhere);
                if (r.store.zeroes) {
                    auto m = r.after;
                    s.claim(IsZero(m.template phys_read<16>(first.paddress)) &
                                IsZero(m.template phys_read<16>(second.paddress)),
                            "zeros");
                    s.claim_if(!inside, same, "no other byte");
                } else {
                    s.claim(same, "no byte");
                }
            }),
        invariant({"st2g-writes-its-base-back",
                   "ST2G and STZ2G leave base + offset in the base of an indexed form and change no other register.",
                   {"MTE-STG-005"},
                   {Mutation::disabled_tag_store_skips_writeback}},
                  [](auto& s, auto& r) {
                      const auto expected = r.store.writeback ? r.base + r.offset : r.base;
                      s.claim(r.after.state.x[r.n] == expected, "the base");
                      ClaimSameState(s, r, {r.n});
                  }));
}

// ------------------------------------------------------------------------------------------------------ faults

/// ST2G or STZ2G at EL1 in one configuration, in the middle of a page or at its end.
template <class S>
struct TwoPages : TagAccess<S> {
    PlainPage first; ///< the page of the first granule
    PlainPage second;

    TwoPages(S& s, const typename S::Machine& m, const TagStore& which, const PlainAddress<S, 12>& where)
        : TagAccess<S>(s, m, which, {.t = 2, .n = 1}) {
        if (!this->predicted()) s.irrelevant();
        auto next = where;
        next.value = where.value + Address<S>(TAG_GRANULE);
        if (slice<55, 48>(next.value) != slice<55, 48>(where.value)) s.irrelevant(); // the end of the lower half
        first = where.page(this->before, EL1);
        second = next.page(this->before, EL1);
        for (const PlainPage& page : {first, second}) {
            if (page.mapped && page.memory == MemoryKind::device) s.irrelevant(); // may be an Alignment fault
        }
    }
    static bool denied(const PlainPage& page) { return !page.mapped || !page.writable; }
    static unsigned status_of(const PlainPage& page) {
        return (page.mapped ? kPermissionFault : kTranslationFault) | page.level;
    }
    /// The fault that the page gives is the one that was taken, for the granule at `address`.
    typename S::Bool reports(const PlainPage& page, Address<S> at) const {
        if (!denied(page)) return typename S::Bool(false);
        return (this->esr() == DataAbortSyndrome(*this, status_of(page), true)) & (this->far() == at);
    }
};

Scenario TwoGranuleFaults() {
    return scenario(
        {.name = "store-two-tags-faults",
         .about = "ST2G or STZ2G at EL1 within a page or across two, by any address map without Devices",
         .file = __FILE__,
         .variants = TwoGranuleForms(),
         .method = Method::lemma,
         .map = {}},
        [](auto& s, unsigned variant) {
            using S = std::decay_t<decltype(s)>;
            const TagStore& store = kTagStores[kSingleGranuleStores + variant];
            auto m = s.machine(EL1);
            SetPlainConfiguration(m);
            const bool upper = s.each_of(2) == 1;
            const PlainAddress<S, 12> where(s, upper, typename S::template Bits<12>(s.each_of(2) == 0 ? 0x800 : 0xff0));
            m.state.x[1] = where.value;
            SubtractOffset(s, m, store);
            return TwoPages<S>(s, m, store, where);
        },
        invariant(
            {"two-granule-store-faults-by-either-page",
             "ST2G and STZ2G take an MMU fault exactly where the page of either granule is not mapped or may not be "
             "written: of a write, with the address of that granule.",
             {"MTE-STG-004", "MTE-STG-007", "MTE-FAULT-002", "MTE-FAULT-014"},
             {Mutation::st2g_second_granule_missed, Mutation::wnr_wrong}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                using Bool = typename S::Bool;
                s.claim(r.faulted() == Bool(r.denied(r.first) || r.denied(r.second)), "exactly there");
                s.claim_if(r.faulted(),
                           r.reports(r.first, r.address) | r.reports(r.second, r.address + Address<S>(TAG_GRANULE)),
                           "the fault of one of them");
            }),
        invariant({"faulting-two-granule-store-keeps-its-base",
                   "ST2G or STZ2G that takes a fault, of the second granule, too, changes no register, and no tag and "
                   "no byte "
                   "outside of its two granules.",
                   {"MTE-STG-005", "MTE-STG-007", "MTE-FAULT-006"},
                   {Mutation::tag_store_writeback_before_fault}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.faulted()) return;
                      ClaimSameState(s, r, {});
                      const auto anywhere = Anywhere(s);
                      auto inside = typename S::Bool(false);
                      for (const unsigned granule : {0U, TAG_GRANULE}) {
                          if (r.denied(granule == 0 ? r.first : r.second)) continue;
                          const auto at = Locate(r.before, r.address + Address<S>(granule));
                          inside = inside | (slice<55, 4>(anywhere) == slice<55, 4>(at.paddress));
                      }
                      s.claim_if(!inside, s.tag_at(r.after, anywhere) == s.tag_at(r.before, anywhere), "no other tag");
                      s.claim_if(!inside, s.byte_at(r.after, anywhere) == s.byte_at(r.before, anywhere),
                                 "no other byte");
                  }));
}

// ---------------------------------------------------------------------------------------------- EL0 of the host

Scenario HostTagStores() {
    static constexpr TagStore stores[] = {kTagStores[kSTG], kTagStores[kSTZG], kTagStores[kSTGP],
                                          kTagStores[kSingleGranuleStores], kTagStores[kSingleGranuleStores + 3]};
    return scenario(
        {.name = "store-tag-in-host",
         .about = "a tag store at EL0 with HCR_EL2.<E2H,TGE> at 11 that completes, with plain translation",
         .file = __FILE__,
         .variants = {"STG", "STZG", "STGP", "ST2G", "STZ2G"},
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            namespace hcr = spec::field::HCR_EL2;
            using S = std::decay_t<decltype(s)>;
            auto m = s.machine(EL0);
            m.state.x[1] = concat(s.template any<60>("granule of the base"), typename S::template Bits<4>(0));
            SetPlainTranslation(m);
            m.state.HCR_EL2 = m.state.HCR_EL2 | Address<S>(hcr::E2H.mask() | hcr::TGE.mask());
            if (!stores[variant].pair) SubtractOffset(s, m, stores[variant]);
            TagAccess<S> r(s, m, stores[variant], {.t = 2, .n = 1});
            if (!r.completed()) s.irrelevant();
            return r;
        },
        invariant(
            {"host-stores-tags-by-sctlr-el2",
             "At EL0 with HCR_EL2.<E2H,TGE> at 11 a tag store stores its tag, ST2G and STZ2G two, where SCTLR_EL2.ATA0 "
             "and SCR_EL3.ATA are 1, and changes none where they are not, whatever HCR_EL2.ATA and SCTLR_EL1 say.",
             {"MTE-CHK-004", "MTE-STG-001", "MTE-STG-003", "MTE-STG-007"},
             {Mutation::ata_ignored, Mutation::tags_written_though_disabled, Mutation::st2g_second_granule_missed}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                using M = typename S::Machine;
                const spec::fields::SCTLR_EL1<Address<S>> sctlr{r.before.state.SCTLR_EL2};
                const spec::fields::SCR_EL3<Address<S>> scr{r.before.state.SCR_EL3};
                const auto enabled = Is<M>(sctlr.ATA0()) & Is<M>(scr.ATA());
                const auto tag = Tag<S>(r.store.pair ? r.address : r.data);
                for (unsigned i = 0; i < r.store.granules; ++i) {
                    const auto at = Locate(r.before, r.address + Address<S>(std::uint64_t{i} * TAG_GRANULE));
                    s.claim_if(enabled, s.tag_at(r.after, at.paddress) == tag, "the tag of the granule");
                }
                s.claim_if(!enabled, s.same_tags(r.before, r.after), "no tag");
                ClaimSameState(s, r, {});
            }));
}

} // namespace

void AppendTagPairs(std::vector<Scenario>& all) {
    all.push_back(TwoGranuleStores());
    all.push_back(TwoGranuleFaults());
    all.push_back(HostTagStores());
}

} // namespace mtecheck::model::proofs
