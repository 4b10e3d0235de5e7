// SPDX-License-Identifier: Apache-2.0
//
// Invariants of LDG, STG, STZG and STGP: which granule they access, what they load and store, what they leave alone,
// and what a fault leaves behind. ST2G and STZ2G are in tag_pairs.cc.
//
// Each dimension is proved where it matters, so that no exploration has all of them at once: one granule in any
// configuration and any kind of memory; faults with any address map; addressing forms and registers with plain
// translation.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/tag_access.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Mutation;

// --------------------------------------------------------------------------------------------------------- LDG

Scenario TagLoads() {
    return scenario(
        {.name = "load-tag",
         .about = "LDG in any configuration from memory of any kind",
         .file = __FILE__,
         .variants = {"LDG"},
         .method = Method::paths,
         .map = kAccessibleMemory},
        [](auto& s, unsigned) { return TagAccess(s, s.machine(), {.encoding = Encoding::LDG}, {.t = 2, .n = 1}); },
        invariant({"ldg-loads-the-tag-of-the-granule",
                   "LDG of any address, aligned or not, gives the Allocation Tag of the granule that contains it.",
                   {"MTE-LDG-001", "MTE-LDG-002", "MTE-ENC-005"},
                   {Mutation::ldg_wrong_granule}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.completed()) return;
                      const auto at = Locate(r.before, r.granule());
                      if (!at.tagged) return;
                      const auto tag = Tag<S>(r.after.state.x[r.t]);
                      const auto stored = s.tag_at(r.before, at.paddress);
                      s.claim_if(r.enabled, (tag == stored) | (typename S::Bool(at.open) & (tag == 0)),
                                 "the tag of the granule");
                  }),
        invariant({"ldg-changes-the-tag-only",
                   "LDG changes bits 59:56 of its destination; no other bit of it and nothing else.",
                   {"MTE-LDG-001", "MTE-TAG-007"},
                   {Mutation::ldg_disabled_returns_address, Mutation::tag_accesses_checked}},
                  [](auto& s, auto& r) {
                      const auto result = r.after.state.x[r.t];
                      s.claim((slice<63, 60>(result) == slice<63, 60>(r.data)) &
                                  (slice<55, 0>(result) == slice<55, 0>(r.data)),
                              "the other bits of Xt");
                      ClaimSameState(s, r, {r.t});
                      s.claim(SameTFSR(r.before.state, r.after.state), "no fault accumulates");
                      s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
                  }),
        invariant({"ldg-gives-tag-0-where-there-are-none",
                   "Where Allocation Tag access is disabled, or the memory is Untagged, LDG gives tag 0.",
                   {"MTE-LDG-003"},
                   {Mutation::ata_ignored, Mutation::untagged_memory_has_tags}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.completed()) return;
                      const auto at = Locate(r.before, r.granule());
                      s.claim_if(typename S::Bool(!at.tagged) | !r.enabled, Tag<S>(r.after.state.x[r.t]) == 0,
                                 "the tag is 0");
                  }),
        invariant({"ldg-faults-at-the-granule-as-a-read",
                   "LDG takes no exception but a Data Abort: never for alignment or tags, with the address of the "
                   "granule, as a read.",
                   {"MTE-LDG-002", "MTE-LDG-005", "MTE-LDG-007"},
                   {Mutation::wnr_wrong, Mutation::tag_accesses_checked}},
                  [](auto& s, auto& r) {
                      if (!r.faulted()) return;
                      s.claim(r.data_abort() & (r.write_not_read() == 0), "a Data Abort of a read");
                      s.claim((r.fault_status() != kAlignmentFault) & (r.fault_status() != kTagCheckFault),
                              "not for alignment or tags");
                      s.claim(r.far() == r.granule(), "at the granule");
                  }),
        invariant({"ldg-ignores-checking",
                   "What LDG gives, if it completes, is the same with any PSTATE.TCO and any SCTLR_ELx.<TCF,TCF0>.",
                   {"MTE-CHK-003", "MTE-LDG-007"},
                   {Mutation::tag_access_obeys_tco}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.completed() || Locate(r.before, r.granule()).open) return;
                      const WithOtherChecks<S> other(s, r, false);
                      s.claim(typename S::Bool(other.status == r.status), "it completes, too");
                      s.claim(other.m.state.x[r.t] == r.after.state.x[r.t], "the same result");
                  }));
}

// ---------------------------------------------------------------------------------------------------- STG, STZG

Scenario TagStores() {
    return scenario(
        {.name = "store-tag",
         .about = "STG or STZG in any configuration to memory of any kind",
         .file = __FILE__,
         .variants = {"STG", "STZG"},
         .method = Method::paths,
         .map = kAccessibleMemory},
        [](auto& s, unsigned variant) {
            return TagAccess(s, WithAlignedBase(s, 1), kTagStores[variant == 0 ? kSTG : kSTZG], {.t = 2, .n = 1});
        },
        invariant({"stg-stores-the-tag-of-its-register",
                   "STG and STZG store bits 59:56 of Xt as the Allocation Tag of the granule.",
                   {"MTE-STG-001", "MTE-STZG-001"},
                   {Mutation::page_tags_aliased, Mutation::stzg_zeroes_without_tag}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.completed()) return;
                      const auto at = Locate(r.before, r.address);
                      if (!at.tagged) return;
                      const auto now = s.tag_at(r.after, at.paddress);
                      const auto kept = typename S::Bool(at.open) & (now == s.tag_at(r.before, at.paddress));
                      s.claim_if(r.enabled, (now == Tag<S>(r.data)) | kept, "the tag of Xt");
                  }),
        invariant({"stg-changes-no-other-tag",
                   "STG and STZG change the tag of no other granule.",
                   {"MTE-STG-001"},
                   {Mutation::page_tags_aliased}},
                  [](auto& s, auto& r) {
                      if (!r.completed()) return;
                      const auto at = Locate(r.before, r.address);
                      const auto anywhere = Anywhere(s);
                      s.claim_if(slice<55, 4>(anywhere) != slice<55, 4>(at.paddress),
                                 s.tag_at(r.after, anywhere) == s.tag_at(r.before, anywhere), "the tag stays");
                  }),
        invariant({"stg-writes-no-data",
                   "STG changes no byte of data; STZG sets the 16 bytes of its granule to 0, with access to tags "
                   "disabled, too, and changes no other.",
                   {"MTE-TAG-007", "MTE-STG-001", "MTE-STZG-001"},
                   {Mutation::stg_zeroes_data, Mutation::stzg_tags_without_zero}},
                  [](auto& s, auto& r) {
                      if (!r.completed()) return;
                      if (!r.store.zeroes) {
                          s.claim(s.same_data(r.before, r.after), "no byte changes");
                          return;
                      }
                      const auto at = Locate(r.before, r.address);
                      auto m = r.after;
                      s.claim(IsZero(m.template phys_read<16>(at.paddress)), "the bytes of the granule are 0");
                      const auto anywhere = Anywhere(s);
                      const auto inside = slice<55, 4>(anywhere) == slice<55, 4>(at.paddress);
                      s.claim_if(!inside, s.byte_at(r.after, anywhere) == s.byte_at(r.before, anywhere),
                                 "no other byte changes");
                  }),
        invariant(
            {"stg-stores-no-tag-where-there-are-none",
             "Where Allocation Tag access is disabled, or the memory is Untagged, STG and STZG change no tag, and "
             "complete.",
             {"MTE-STG-003"},
             {Mutation::tags_written_though_disabled, Mutation::untagged_memory_has_tags}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                if (!r.completed()) return;
                const auto at = Locate(r.before, r.address);
                s.claim_if(typename S::Bool(!at.tagged) | !r.enabled, s.same_tags(r.before, r.after), "no tag changes");
            }),
        invariant({"stg-changes-memory-only",
                   "STG and STZG without writeback change no register, and accumulate no fault.",
                   {"MTE-STG-001", "MTE-STG-008"},
                   {Mutation::tag_accesses_checked, Mutation::zeroing_tag_stores_checked}},
                  [](auto& s, auto& r) {
                      ClaimSameState(s, r, {});
                      s.claim(SameTFSR(r.before.state, r.after.state), "no fault accumulates");
                  }),
        invariant(
            {"stg-ignores-checking",
             "What STG and STZG do, if they complete, is the same with any PSTATE.TCO, any SCTLR_ELx.<TCF,TCF0> "
             "and any Allocation "
             "Tags in memory.",
             {"MTE-STG-008", "MTE-CHK-003"},
             {Mutation::tag_access_obeys_tco, Mutation::tag_accesses_checked, Mutation::zeroing_tag_stores_checked}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                if (!r.completed()) return;
                const auto at = Locate(r.before, r.address);
                if (at.open) return;
                const WithOtherChecks<S> other(s, r, true);
                s.claim(typename S::Bool(other.status == r.status), "it completes, too");
                if (!at.tagged) return;
                s.claim_if(r.enabled, s.tag_at(other.m, at.paddress) == s.tag_at(r.after, at.paddress),
                           "the same tag is stored");
            }));
}

// ------------------------------------------------------------------------------------------- alignment and faults

Scenario MisalignedTagStores() {
    return scenario(
        {.name = "store-tag-misaligned",
         .about = "A tag store to an address that is no multiple of 16, in any configuration and any memory",
         .file = __FILE__,
         .variants = {"STG", "STG pre-index", "STG post-index", "STZG", "STZG pre-index", "STZG post-index", "STGP",
                      "STGP pre-index", "STGP post-index", "ST2G", "ST2G pre-index", "ST2G post-index", "STZ2G",
                      "STZ2G pre-index", "STZ2G post-index"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) {
            const auto m = s.machine();
            s.assume(slice<3, 0>(m.state.x[1]) != 0);
            return TagAccess(s, m, kTagStores[variant], {.t = 2, .n = 1});
        },
        invariant({"misaligned-tag-store-faults",
                   "A tag store to an address that is no multiple of 16 takes an Alignment fault before any other, "
                   "whatever SCTLR_ELx.A, access to tags or the memory: as a write, with that address.",
                   {"MTE-STG-002", "MTE-STGP-003"},
                   {Mutation::stg_no_alignment_fault, Mutation::stg_st2g_no_alignment_fault, Mutation::wnr_wrong}},
                  [](auto& s, auto& r) {
                      s.claim(r.faulted(), "an exception");
                      if (!r.faulted()) return;
                      s.claim(r.data_abort() & (r.fault_status() == kAlignmentFault), "an Alignment fault");
                      s.claim((r.write_not_read() == 1) & (r.far() == r.address), "of a write to the address");
                  }),
        invariant({"misaligned-tag-store-changes-nothing",
                   "A misaligned tag store changes no register, its base included, no data and no tag.",
                   {"MTE-STG-005", "MTE-FAULT-006"},
                   {Mutation::tag_store_writeback_before_fault}},
                  [](auto& s, auto& r) {
                      ClaimSameState(s, r, {});
                      s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
                      s.claim(SameTFSR(r.before.state, r.after.state), "no fault accumulates");
                  }));
}

Scenario FaultingTagAccesses() {
    return scenario(
        {.name = "tag-access-faults",
         .about = "LDG or a tag store of one granule, with plain translation by any address map",
         .file = __FILE__,
         .variants = {"LDG", "STG pre-index", "STZG post-index", "STGP pre-index"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) {
            constexpr TagStore accesses[] = {{.encoding = Encoding::LDG}, kTagStores[1], kTagStores[5], kTagStores[7]};
            auto m = variant == 0 ? s.machine() : WithAlignedBase(s, 1);
            SetPlainTranslation(m);
            TagAccess r(s, m, accesses[variant], {.t = 2, .n = 1});
            if (!r.faulted()) s.irrelevant();
            return r;
        },
        invariant({"faulting-tag-access-changes-nothing",
                   "LDG or a tag store of one granule that takes a Data Abort changes no register, its base and "
                   "destination included, and no tag; nor data, unless the fault is for a tag store to Device memory.",
                   {"MTE-STG-005", "MTE-FAULT-006"},
                   {Mutation::tag_store_writeback_before_fault}},
                  [](auto& s, auto& r) {
                      ClaimSameState(s, r, {});
                      s.claim(s.same_tags(r.before, r.after), "no tag");
                      s.claim_if(r.fault_status() != kAlignmentFault, s.same_data(r.before, r.after), "no data");
                  }),
        invariant(
            {"tag-access-faults-by-its-kind",
             "LDG faults as a read and a tag store as a write, whether or not access to tags is enabled, with the "
             "address of the granule.",
             {"MTE-STG-004", "MTE-LDG-005", "MTE-FAULT-002"},
             {Mutation::wnr_wrong}},
            [](auto& s, auto& r) {
                const unsigned write = r.store.encoding == Encoding::LDG ? 0 : 1;
                s.claim(r.data_abort(), "a Data Abort");
                s.claim(r.write_not_read() == write, "as its kind of access");
                s.claim(slice<63, 4>(r.far()) == slice<63, 4>(r.address), "at the granule");
            }));
}

// ------------------------------------------------------------------------------ addressing, registers, granules

const std::vector<std::string>& StoreForms() {
    static const std::vector<std::string> names = {"STG",  "STG pre-index",  "STG post-index",
                                                   "STZG", "STZG pre-index", "STZG post-index",
                                                   "STGP", "STGP pre-index", "STGP post-index"};
    return names;
}

Scenario TagStoreForms() {
    return scenario(
        {.name = "store-tag-forms",
         .about = "A tag store of one granule that completes, with plain translation, for each addressing form and "
                  "kind of register",
         .file = __FILE__,
         .variants = StoreForms(),
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            // Of each form two kinds of registers; SP as base costs most.
            constexpr DataAndBase registers[][2] = {{{2, 1}, {31, 1}}, {{2, 2}, {2, 31}}, {{2, 1}, {2, 2}}};
            return CompletedStore(s, kTagStores[variant], registers[variant % 3][s.each_of(2)]);
        },
        invariant(
            {"tag-store-addresses-by-its-form",
             "A tag store accesses base + offset, post-indexed the base; the offset is the signed immediate times "
             "16. The tag is that of Xt or SP, of STGP that of the address.",
             {"MTE-ENC-004", "MTE-ENC-005", "MTE-STG-005", "MTE-STGP-002", "MTE-STG-010", "MTE-ENC-010", "MTE-STG-006"},
             {Mutation::tag_store_post_index_as_pre, Mutation::stgp_tag_from_register, Mutation::stgp_tag_from_base,
              Mutation::stg_source_is_never_sp}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                const auto at = Locate(r.before, r.address);
                const auto tag = Tag<S>(r.store.pair ? r.address : r.data);
                s.claim_if(r.enabled, s.tag_at(r.after, at.paddress) == tag, "the tag of the granule");
            }),
        invariant(
            {"tag-store-writes-its-base-back",
             "A tag store that completes leaves base + offset in the base of an indexed form, with access to tags "
             "disabled, too; it changes no other register.",
             {"MTE-STG-005", "MTE-STG-003"},
             {Mutation::disabled_tag_store_skips_writeback}},
            [](auto& s, auto& r) {
                auto m = r.after;
                const auto expected = r.store.writeback ? r.base + r.offset : r.base;
                s.claim(XorSP(m, r.n) == expected, "the base");
                ClaimSameState(s, r, {r.n});
            }),
        invariant({"stgp-stores-its-registers-in-order",
                   "STGP stores Xt to bytes 0 to 7 of its granule and Xt2 to bytes 8 to 15, register 31 as 0, and no "
                   "other byte.",
                   {"MTE-STGP-001", "MTE-STGP-004"},
                   {Mutation::stgp_order_swapped}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.store.pair) return;
                      auto m = r.before;
                      const auto at = Locate(r.before, r.address);
                      auto read = r.after;
                      const Address<S> zero(0);
                      s.claim(read.template phys_read<8>(at.paddress) == (r.t == 31 ? zero : X<64>(m, r.t)), "Xt");
                      s.claim(read.template phys_read<8>(at.paddress + typename S::template Bits<56>(8)) == X<64>(m, 3),
                              "Xt2");
                      const auto anywhere = Anywhere(s);
                      s.claim_if(slice<55, 4>(anywhere) != slice<55, 4>(at.paddress),
                                 s.byte_at(r.after, anywhere) == s.byte_at(r.before, anywhere), "no other byte");
                  }));
}

// ------------------------------------------------------------------------------------- registers of LDG, SP as base

Scenario LoadTagRegisters() {
    return scenario(
        {.name = "load-tag-registers",
         .about = "LDG with Xt as its base, with XZR and with SP, with plain translation, in Tagged memory",
         .file = __FILE__,
         .variants = {"Xt is Xn", "Xt is XZR", "SP base"},
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            constexpr DataAndBase registers[] = {{2, 2}, {31, 1}, {2, 31}};
            auto m = s.machine();
            SetPlainTranslation(m);
            return TagAccess(s, m, {.encoding = Encoding::LDG}, registers[variant]);
        },
        invariant({"ldg-reads-its-base-first",
                   "LDG finds its granule by the original value of its base, which may be its destination or SP.",
                   {"MTE-LDG-006", "MTE-ENC-010"},
                   {Mutation::ldg_wrong_granule}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (!r.completed() || r.t == 31) return;
                      const auto at = Locate(r.before, r.granule());
                      s.claim_if(r.enabled, Tag<S>(r.after.state.x[r.t]) == s.tag_at(r.before, at.paddress), "the tag");
                  }),
        invariant({"ldg-to-xzr-changes-nothing",
                   "LDG with Xt = 31 changes no register: it is XZR, not SP.",
                   {"MTE-ENC-010"},
                   {Mutation::ldg_destination_may_be_sp}},
                  [](auto& s, auto& r) {
                      if (r.t == 31) ClaimSameState(s, r, {});
                  }),
        invariant({"misaligned-sp-base-faults-first",
                   "With SP as base and SCTLR_ELx.SA, at EL0 SA0, at 1, LDG with a misaligned SP takes an SP alignment "
                   "fault before any other; else it takes none.",
                   {"MTE-ENC-012"},
                   {Mutation::sp_misalignment_ignored}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (r.n != 31) return;
                      auto m = r.before;
                      const unsigned el = CurrentEL(m);
                      const spec::fields::SCTLR_EL1<Address<S>> sctlr{ControllingSCTLR(m, el)};
                      const auto checks = Is<typename S::Machine>(el == 0 ? sctlr.SA0() : sctlr.SA());
                      const auto misaligned = checks & (slice<3, 0>(r.base) != 0);
                      s.claim(misaligned == (r.faulted() & (r.exception_class() == kSPAlignment)),
                              "an SP alignment fault");
                  }));
}

// -------------------------------------------------------------------------------------------------- round trips

/// STG to X1 with the tag of X2, then LDG to X0 from X3.
template <class S>
struct RoundTrip {
    typename S::Machine before;
    typename S::Machine after;
    typename S::Bool enabled;
    Location<typename S::Machine> stored;
    Location<typename S::Machine> loaded;

    RoundTrip(S& s, bool same_page) : before(WithAlignedBase(s, 1)) {
        SetPlainTranslation(before);
        // Any Logical Address Tag and any byte of that page, or of the other one of a pair of pages.
        const Address<S> x1 = before.state.x[1];
        const Address<S> page = same_page ? x1 : x1 ^ Address<S>(4096);
        before.state.x[3] = with_slice<59, 56>(with_slice<11, 0>(page, s.template any<12>("offset in the page")),
                                               s.template any<4>("another Logical Address Tag"));
        enabled = TagAccessIsEnabled(before, CurrentEL(before));
        after = before;
        if (s.execute(after, Encoding::STG_off, {{"Xt", 2}, {"Xn", 1}, {"imm9", 0}}) != RunStatus::completed)
            s.irrelevant();
        if (s.execute(after, Encoding::LDG, {{"Xt", 0}, {"Xn", 3}, {"imm9", 0}}) != RunStatus::completed)
            s.irrelevant();
        stored = Locate(before, before.state.x[1]);
        loaded = Locate(before, before.state.x[3] & ~Address<S>(15));
    }
    typename S::Bool same_granule() const { return slice<55, 4>(stored.paddress) == slice<55, 4>(loaded.paddress); }
    typename S::template Bits<4> result() const { return slice<59, 56>(after.state.x[0]); }
};

Scenario RoundTrips() {
    return scenario(
        {.name = "tag-round-trip",
         .about =
             "STG, then LDG by any address of the page or of its neighbour, with plain translation: two pages may go "
             "to one frame",
         .file = __FILE__,
         .variants = {"one page", "two pages"},
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) { return RoundTrip(s, variant == 0); },
        invariant(
            {"stored-tag-is-loaded-by-every-address",
             "LDG of any address of a granule gives the tag that STG stored there, whatever virtual addresses the "
             "two used.",
             {"MTE-MM-001", "MTE-STG-001", "MTE-LDG-001"},
             {Mutation::ldg_wrong_granule}},
            [](auto& s, auto& r) {
                s.claim_if(r.enabled & r.same_granule(), r.result() == slice<59, 56>(r.before.state.x[2]),
                           "the tag that was stored");
            }),
        invariant({"stored-tag-is-not-loaded-elsewhere",
                   "LDG of another granule gives the tag that was there before STG.",
                   {"MTE-MM-001", "MTE-MEM-012"},
                   {Mutation::page_tags_aliased}},
                  [](auto& s, auto& r) {
                      s.claim_if(r.enabled & !r.same_granule(), r.result() == s.tag_at(r.before, r.loaded.paddress),
                                 "the tag of before");
                  }));
}

} // namespace

void AppendTagStorage(std::vector<Scenario>& all) {
    all.push_back(TagLoads());
    all.push_back(TagStores());
    all.push_back(MisalignedTagStores());
    all.push_back(FaultingTagAccesses());
    all.push_back(TagStoreForms());
    all.push_back(LoadTagRegisters());
    all.push_back(RoundTrips());
}

} // namespace mtecheck::model::proofs
