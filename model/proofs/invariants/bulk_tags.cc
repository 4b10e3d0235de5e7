// SPDX-License-Identifier: Apache-2.0
//
// Invariants of instructions on the tags of a block: LDGM, STGM, STZGM, DC GVA, DC GZVA and DC ZVA. The size of the
// block is IMPLEMENTATION DEFINED: GMID_EL1.BS and DCZID_EL0.BS; each size is a variant.
//
// Translation is plain: stage 1 and the data cache on, 39-bit addresses. A block is part of a page, so it is
// translated as one granule is (tag_storage.cc).
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/locations.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

constexpr AddressMapPolicy kTaggedMemory{.all_mapped = true, .all_tagged = true, .all_accessible = true};

/// An instruction on a block, executed.
template <class S>
struct BlockAccess : Step<S> {
    using typename Step<S>::M;
    using Value = typename Step<S>::Word;
    using Tag = typename S::template Bits<4>;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Encoding encoding{};
    unsigned size = 0; ///< of the block, in bytes
    unsigned el = 0;
    Value argument; ///< the address
    Value data;     ///< Xt
    typename S::Bool enabled;

    enum class Place : std::uint8_t { anywhere, known, at_el0, sampled };

    static M start(S& s, Place place) {
        if (place == Place::sampled) return s.machine(EL1);
        return place == Place::at_el0 ? s.machine(EL0) : s.machine();
    }

    /// X1 is the address, X2 the other register. A known place in 256 bytes is each of them in turn: shifts by it
    /// are then by constants. A sample has one place in a page, EL1 and no tag checks.
    BlockAccess(S& s, Encoding which, unsigned BS, Place place = Place::anywhere)
        : Step<S>(start(s, place)), encoding(which), size(4U << BS) {
        if (place == Place::sampled) {
            SetPlainConfiguration(before);
            before.state.PSTATE.TCO = bits<M, 1>(1);
            before.state.x[1] = PlainAddress<S, 12>(s, false, bits<M, 12>(0x834)).value;
        } else {
            SetPlainTranslation(before);
        }
        if (place == Place::known) {
            const Tag number(s.each_of(16 / granules()) * granules());
            Value& x1 = before.state.x[1];
            x1 = with_slice<7, 4>(x1, number | (slice<7, 4>(x1) & Tag(granules() - 1)));
        }
        before.state.GMID_EL1 = Value(spec::field::GMID_EL1::BS.place(BS));
        before.state.DCZID_EL0 = Value(spec::field::DCZID_EL0::BS.place(BS));
        el = CurrentEL(before);
        argument = before.state.x[1];
        data = before.state.x[2];
        enabled = TagAccessIsEnabled(before, el);
        after = before;
        status = execute(s, after);
    }
    bool is_dc() const {
        return encoding == Encoding::DC_GVA || encoding == Encoding::DC_GZVA || encoding == Encoding::DC_ZVA;
    }
    RunStatus execute(S& s, M& m) const {
        if (is_dc()) return s.execute(m, encoding, {{"Rt", 1}});
        return s.execute(m, encoding, {{"Xt", 2}, {"Xn", 1}, {"imm9", 0}});
    }
    unsigned granules() const { return size / 16; }
    /// The address of a granule of the block.
    Value granule(unsigned i) const { return (argument & ~Value(size - 1)) + Value(std::uint64_t{16} * i); }
    bits<M, 56> block() const { return Locate(before, granule(0)).paddress; }
    bits<M, 56> paddress(unsigned i) const { return block() + bits<M, 56>(std::uint64_t{16} * i); }
    typename S::Bool inside(bits<M, 56> anywhere) const {
        return (anywhere & ~bits<M, 56>(size - 1)) == (block() & ~bits<M, 56>(size - 1));
    }
    /// The tag of granule `i` in the register of LDGM and STGM: at four times bits 7:4 of its address.
    Tag in_register(Value value, unsigned i) const {
        const auto place = slice<7, 4>(granule(i));
        return slice<3, 0>(LSR(value, ZeroExtend<64>(concat(place, bits<M, 2>(0)))));
    }
    /// The bits of the register of LDGM and STGM that the block does not use.
    Value unused(Value value) const {
        const Value used(granules() == 16 ? ~std::uint64_t{0} : (std::uint64_t{1} << (4 * granules())) - 1);
        const auto place = slice<7, 4>(granule(0));
        return value & ~LSL(used, ZeroExtend<64>(concat(place, bits<M, 2>(0))));
    }
};

template <class S, class Record>
void ClaimNothingOutside(S& s, const Record& r) {
    const auto anywhere = Anywhere(s);
    const auto outside = !r.inside(anywhere);
    s.claim_if(outside, s.tag_at(r.after, anywhere) == s.tag_at(r.before, anywhere), "no other tag");
    s.claim_if(outside, s.byte_at(r.after, anywhere) == s.byte_at(r.before, anywhere), "no other byte");
    s.claim(SameConfiguration(r.before.state, r.after.state), "no control register");
    s.claim(SameNZCV(r.before.state, r.after.state) & SameControls(r.before.state, r.after.state), "no PSTATE");
}

template <class S, class Record>
void ClaimZeros(S& s, const Record& r) {
    auto m = r.after;
    for (unsigned i = 0; i < r.granules(); ++i) {
        s.claim(IsZero(m.template phys_read<16>(r.paddress(i))), "zeros");
    }
}

std::vector<std::string> Sizes(std::initializer_list<const char*> names, unsigned last, unsigned first = 2) {
    std::vector<std::string> variants;
    for (const char* name : names) {
        for (unsigned BS = first; BS <= last; ++BS) {
            variants.push_back(std::string(name) + ", " + std::to_string(4U << BS) + " bytes");
        }
    }
    return variants;
}

Scenario TagMultiples() {
    constexpr unsigned sizes = 5; // 16 to 256 bytes: all that GMID_EL1 allows
    return scenario(
        {.name = "tag-multiple",
         .about = "LDGM or STGM at EL1 and above, for each size of the block, with plain translation in Tagged memory",
         .file = __FILE__,
         .variants = Sizes({"LDGM", "STGM"}, 6),
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            using Access = BlockAccess<std::decay_t<decltype(s)>>;
            const Encoding encoding = variant < sizes ? Encoding::LDGM : Encoding::STGM;
            const bool known = encoding == Encoding::STGM && variant % sizes != 0;
            Access r(s, encoding, 2 + variant % sizes, known ? Access::Place::known : Access::Place::anywhere);
            if (!r.completed()) s.irrelevant();
            return r;
        },
        invariant(
            {"ldgm-gathers-the-tags-of-its-block",
             "LDGM gives the tag of each granule of the block at four times bits 7:4 of its address, and 0 in all "
             "other bits; it changes nothing else.",
             {"MTE-BULK-001", "MTE-BULK-002", "MTE-LDG-007"},
             {Mutation::ldgm_index_from_zero}},
            [](auto& s, auto& r) {
                if (r.encoding != Encoding::LDGM) return;
                const auto result = r.after.state.x[2];
                for (unsigned i = 0; i < r.granules(); ++i) {
                    s.claim_if(r.enabled, r.in_register(result, i) == s.tag_at(r.before, r.paddress(i)), "the tag");
                }
                s.claim(IsZero(r.unused(result)), "0 elsewhere");
                s.claim(SameRegisters(r.before.state, r.after.state, {2}), "no other register");
                s.claim(SameTFSR(r.before.state, r.after.state), "no fault accumulates");
                s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
            }),
        invariant({"ldgm-gives-0-without-access",
                   "Where Allocation Tag access is disabled LDGM gives 0.",
                   {"MTE-BULK-006"},
                   {Mutation::ata_ignored}},
                  [](auto& s, auto& r) {
                      if (r.encoding == Encoding::LDGM) s.claim_if(!r.enabled, IsZero(r.after.state.x[2]), "0");
                  }),
        invariant(
            {"stgm-scatters-its-register",
             "STGM stores to each granule of the block the tag at four times bits 7:4 of its address; the bits that "
             "the block does not use have no effect.",
             {"MTE-BULK-001", "MTE-BULK-003"},
             {Mutation::stgm_block_size_wrong}},
            [](auto& s, auto& r) {
                if (r.encoding != Encoding::STGM) return;
                for (unsigned i = 0; i < r.granules(); ++i) {
                    s.claim_if(r.enabled, s.tag_at(r.after, r.paddress(i)) == r.in_register(r.data, i), "the tag");
                }
            }),
        invariant(
            {"stgm-changes-the-tags-of-its-block-only",
             "STGM changes the tags of its block, none of them where access to tags is disabled; no other tag, no "
             "data and no register.",
             {"MTE-BULK-003", "MTE-BULK-006", "MTE-TAG-007"},
             {Mutation::tags_written_though_disabled}},
            [](auto& s, auto& r) {
                if (r.encoding != Encoding::STGM) return;
                ClaimNothingOutside(s, r);
                s.claim(s.same_data(r.before, r.after), "no data");
                s.claim_if(!r.enabled, s.same_tags(r.before, r.after), "no tag without access");
                s.claim(SameRegisters(r.before.state, r.after.state), "no register");
                s.claim(SameTFSR(r.before.state, r.after.state), "no fault accumulates");
            }),
        invariant({"ldgm-after-stgm-gives-it-back",
                   "LDGM after STGM of the same block gives what was stored, and 0 in the bits that the block does not "
                   "use.",
                   {"MTE-BULK-002", "MTE-BULK-003", "MTE-MM-001"},
                   {Mutation::ldgm_index_from_zero, Mutation::stgm_block_size_wrong}},
                  [](auto& s, auto& r) {
                      if (r.encoding != Encoding::STGM) return;
                      auto m = r.after;
                      if (s.execute(m, Encoding::LDGM, {{"Xt", 0}, {"Xn", 1}, {"imm9", 0}}) != RunStatus::completed)
                          return;
                      const auto result = m.state.x[0];
                      for (unsigned i = 0; i < r.granules(); ++i) {
                          s.claim_if(r.enabled, r.in_register(result, i) == r.in_register(r.data, i),
                                     "what was stored");
                      }
                      s.claim(IsZero(r.unused(result)), "0 elsewhere");
                  }));
}

Scenario TagAndZeroMultiples() {
    return scenario(
        {.name = "tag-and-zero-multiple",
         .about = "STZGM at EL1 and above, for blocks of 16 to 64 bytes, with plain translation in Tagged memory",
         .file = __FILE__,
         .variants = Sizes({"STZGM"}, 4),
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            BlockAccess r(s, Encoding::STZGM, 2 + variant);
            if (!r.completed()) s.irrelevant();
            return r;
        },
        invariant({"stzgm-stores-one-tag",
                   "STZGM stores bits 3:0 of Xt as the tag of each granule of the block.",
                   {"MTE-BULK-005"},
                   {Mutation::stzgm_tag_from_address}},
                  [](auto& s, auto& r) {
                      for (unsigned i = 0; i < r.granules(); ++i) {
                          s.claim_if(r.enabled, s.tag_at(r.after, r.paddress(i)) == slice<3, 0>(r.data), "the tag");
                      }
                  }),
        invariant(
            {"stzgm-zeroes-its-block",
             "STZGM sets the data of its block to 0, whether or not access to tags is enabled, and changes nothing "
             "outside of it; no tag where access is disabled.",
             {"MTE-BULK-005", "MTE-BULK-006"},
             {Mutation::tags_written_though_disabled}},
            [](auto& s, auto& r) {
                ClaimZeros(s, r);
                ClaimNothingOutside(s, r);
                s.claim_if(!r.enabled, s.same_tags(r.before, r.after), "no tag without access");
                s.claim(SameRegisters(r.before.state, r.after.state), "no register");
            }));
}

Scenario BulkAtEL0() {
    return scenario(
        {.name = "tag-multiple-at-el0",
         .about = "LDGM, STGM or STZGM at EL0, in any configuration",
         .file = __FILE__,
         .variants = {"LDGM", "STGM", "STZGM"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) {
            constexpr Encoding encodings[] = {Encoding::LDGM, Encoding::STGM, Encoding::STZGM};
            using Access = BlockAccess<std::decay_t<decltype(s)>>;
            return Access(s, encodings[variant], 2, Access::Place::at_el0);
        },
        invariant({"bulk-tag-accesses-are-undefined-at-el0",
                   "LDGM, STGM and STZGM are UNDEFINED at EL0, before anything else, and change nothing.",
                   {"MTE-BULK-004"},
                   {Mutation::bulk_tag_access_at_el0}},
                  [](auto& s, auto& r) {
                      s.claim(r.faulted(), "an exception");
                      s.claim(r.exception_class() == kUncategorized, "of unknown reason: UNDEFINED");
                      s.claim(SameRegisters(r.before.state, r.after.state), "no register");
                      s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
                  }));
}

Scenario CacheZeroes() {
    constexpr unsigned sizes = 3;
    return scenario(
        {.name = "dc-zero",
         .about = "DC GVA, DC GZVA or DC ZVA, for blocks of 16 to 64 bytes, with plain translation in Tagged memory",
         .file = __FILE__,
         .variants = Sizes({"DC GVA", "DC GZVA", "DC ZVA"}, 4),
         .method = Method::paths,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            constexpr Encoding encodings[] = {Encoding::DC_GVA, Encoding::DC_GZVA, Encoding::DC_ZVA};
            BlockAccess r(s, encodings[variant / sizes], 2 + variant % sizes);
            if (!r.completed()) s.irrelevant();
            return r;
        },
        invariant(
            {"dc-gva-stores-the-tag-of-its-argument",
             "DC GVA and DC GZVA store bits 59:56 of Xt as the tag of each granule of the block that contains the "
             "address, which need not be aligned; DC ZVA stores none.",
             {"MTE-DC-002", "MTE-DC-003", "MTE-DC-004", "MTE-DC-017"},
             {Mutation::dc_gva_ignored, Mutation::dc_gzva_leaves_tags}},
            [](auto& s, auto& r) {
                const bool stores = r.encoding != Encoding::DC_ZVA;
                for (unsigned i = 0; stores && i < r.granules(); ++i) {
                    s.claim_if(r.enabled, s.tag_at(r.after, r.paddress(i)) == slice<59, 56>(r.argument), "the tag");
                }
                using S = std::decay_t<decltype(s)>;
                s.claim_if(typename S::Bool(!stores) | !r.enabled, s.same_tags(r.before, r.after), "no tag");
            }),
        invariant(
            {"dc-gzva-zeroes-its-block",
             "DC GZVA and DC ZVA set the data of the block to 0, whether or not access to tags is enabled; DC GVA "
             "changes no data.",
             {"MTE-DC-002", "MTE-DC-003", "MTE-DC-004"},
             {Mutation::dc_gva_zeroes_data}},
            [](auto& s, auto& r) {
                if (r.encoding == Encoding::DC_GVA) {
                    s.claim(s.same_data(r.before, r.after), "no data");
                } else {
                    ClaimZeros(s, r);
                }
            }),
        invariant({"dc-zero-changes-its-block-only",
                   "DC GVA, DC GZVA and DC ZVA change nothing outside of their block and no general register.",
                   {"MTE-DC-002", "MTE-DC-003", "MTE-TAG-007"},
                   {Mutation::page_tags_aliased}},
                  [](auto& s, auto& r) {
                      ClaimNothingOutside(s, r);
                      s.claim(SameRegisters(r.before.state, r.after.state), "no register");
                  }),
        invariant(
            {"dc-zva-checks-every-granule",
             "With synchronous checking DC ZVA completes only if the tag of every granule of the block is that of "
             "its argument; DC GVA and DC GZVA accumulate no fault.",
             {"MTE-DC-001", "MTE-DC-002", "MTE-DC-003", "MTE-CHK-035"},
             {Mutation::dc_zva_first_granule_only}},
            [](auto& s, auto& r) {
                if (r.encoding != Encoding::DC_ZVA) {
                    s.claim(SameTFSR(r.before.state, r.after.state), "no fault accumulates");
                    return;
                }
                const auto checked =
                    IsTagCheckedAt(r.before, r.el, r.el, r.argument) & (TagCheckFaultControl(r.before, r.el) == 1);
                for (unsigned i = 0; i < r.granules(); ++i) {
                    s.claim_if(checked, s.tag_at(r.before, r.paddress(i)) == slice<59, 56>(r.argument), "it matches");
                }
            }));
}

Scenario LargeCacheZeroes() {
    constexpr unsigned first = 5;
    constexpr unsigned last = 9;
    constexpr unsigned sizes = last - first + 1; // 128 to 2048 bytes: the rest of what DCZID_EL0 allows
    return scenario(
        {.name = "dc-zero-of-large-blocks",
         .about =
             "DC GVA, DC GZVA or DC ZVA, unchecked, for a block of 128 to 2048 bytes at one place in a page, at EL1 in "
             "one configuration: a sample",
         .file = __FILE__,
         .variants = Sizes({"DC GVA", "DC GZVA", "DC ZVA"}, last, first),
         .method = Method::lemma,
         .map = kTaggedMemory},
        [](auto& s, unsigned variant) {
            constexpr Encoding encodings[] = {Encoding::DC_GVA, Encoding::DC_GZVA, Encoding::DC_ZVA};
            using Access = BlockAccess<std::decay_t<decltype(s)>>;
            Access r(s, encodings[variant / sizes], first + variant % sizes, Access::Place::sampled);
            if (!r.completed()) s.irrelevant();
            return r;
        },
        invariant({"dc-zero-covers-large-blocks",
                   "DC GVA, DC GZVA and DC ZVA of blocks of 128 to 2048 bytes work on every granule of the block: tags "
                   "by DC GVA "
                   "and DC GZVA, zeros by DC GZVA and DC ZVA; and not on the granules before and after it.",
                   {"MTE-DC-002", "MTE-DC-003", "MTE-DC-004", "MTE-DC-006"},
                   {Mutation::dc_gva_ignored, Mutation::dc_gzva_leaves_tags, Mutation::page_tags_aliased}},
                  [](auto& s, auto& r) {
                      using Paddress = typename std::decay_t<decltype(s)>::template Bits<56>;
                      const auto block = r.block();
                      const auto granule = [&](unsigned i) { return block + Paddress(std::uint64_t{i} * TAG_GRANULE); };
                      auto after = r.after;
                      for (unsigned i = 0; i < r.granules(); ++i) {
                          if (r.encoding == Encoding::DC_ZVA) {
                              s.claim(s.tag_at(r.after, granule(i)) == s.tag_at(r.before, granule(i)), "the tag stays");
                          } else {
                              s.claim(s.tag_at(r.after, granule(i)) == slice<59, 56>(r.argument), "the tag");
                          }
                          if (r.encoding != Encoding::DC_GVA) {
                              s.claim(IsZero(after.template phys_read<TAG_GRANULE>(granule(i))), "zeros");
                          }
                      }
                      if (r.encoding == Encoding::DC_GVA) s.claim(s.same_data(r.before, r.after), "no data");
                      for (const auto& beside : {block - Paddress(1), granule(r.granules())}) {
                          s.claim(s.tag_at(r.after, beside) == s.tag_at(r.before, beside), "no tag beside it");
                          s.claim(s.byte_at(r.after, beside) == s.byte_at(r.before, beside), "no byte beside it");
                      }
                  }));
}

} // namespace

void AppendBulkTags(std::vector<Scenario>& all) {
    all.push_back(TagMultiples());
    all.push_back(TagAndZeroMultiples());
    all.push_back(BulkAtEL0());
    all.push_back(CacheZeroes());
    all.push_back(LargeCacheZeroes());
}

} // namespace mtecheck::model::proofs
