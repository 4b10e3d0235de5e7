// SPDX-License-Identifier: Apache-2.0
//
// Invariants of what accesses more than 16 bytes: loads and stores of structures (LD1 to ST4, one lane, all lanes and
// whole registers) and pairs of quadwords; in one configuration (plain_state.h), by X10 from within a granule and by SP
// from where one begins, in a page that the access does not leave, with elements of 1 and of 8 bytes.
#include <algorithm>

#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::InstructionClass;
using spec::Mutation;

constexpr unsigned kBase = 10;
constexpr unsigned kQuadword = 16;

/// One of the instructions with its operands.
struct Instruction {
    Encoding encoding{};
    unsigned size = 0; ///< log2 of the element size in bytes, where the field is free
    unsigned bytes = 0;
    bool writes_back = false;
    bool checked_by_sp = false;
};

/// How many bytes an instance of a class accesses, and whether it writes its base back.
struct Shape {
    unsigned bytes = 0;
    bool writes_back = false;

    void operator()(const spec::SimdLoadStoreMultiple<spec::Word>& i) {
        *this = {unsigned{i.rpt} * i.selem * kQuadword, i.wback};
    }
    void operator()(const spec::SimdLoadStoreSingle<spec::Word>& i) {
        *this = {unsigned{i.selem} << (i.replicate ? i.size() : i.scale), i.wback};
    }
    void operator()(const spec::SimdLoadStorePair<spec::Word>& i) { *this = {2U << i.scale, i.wback}; }
    template <class Other>
    void operator()(const Other&) {}
};

/// Those of some classes, with elements of each of `sizes` where the size is a field of the opcode.
std::vector<Instruction> InstructionsOf(std::initializer_list<InstructionClass> classes,
                                        std::initializer_list<unsigned> sizes) {
    std::vector<Instruction> all;
    for (const spec::EncodingInfo& info : spec::encodings()) {
        if (std::find(classes.begin(), classes.end(), info.instruction_class) == classes.end()) continue;
        const auto* field = std::find_if(info.fields.data(), info.fields.data() + info.fields.size(),
                                         [](const spec::FieldInfo& one) { return one.name == "size"; });
        for (const unsigned size : sizes) {
            const bool free = field != info.fields.data() + info.fields.size() && field->width() == 2;
            if (!free && size != *sizes.begin()) continue;
            Shape shape;
            const spec::Word opcode{free ? field->insert(info.value, size) : info.value};
            spec::dispatch(info.encoding, opcode, [&](const auto& instruction) { shape(instruction); });
            if (shape.bytes <= TAG_GRANULE && info.instruction_class == InstructionClass::SimdLoadStorePair) continue;
            all.push_back({.encoding = info.encoding,
                           .size = size,
                           .bytes = shape.bytes,
                           .writes_back = shape.writes_back,
                           .checked_by_sp = info.tag_checked == spec::TagChecked::always});
        }
    }
    return all;
}

const std::vector<Instruction>& InstructionsOfVariant(unsigned variant) {
    static const std::vector<Instruction> all[] = {
        InstructionsOf({InstructionClass::SimdLoadStoreMultiple}, {0, 3}),
        InstructionsOf({InstructionClass::SimdLoadStoreSingle}, {0, 3}),
        InstructionsOf({InstructionClass::SimdLoadStorePair}, {0}),
    };
    return all[variant];
}

/// One of them that was executed, with X10 or SP as its base.
template <class S>
struct LongAccess : Step<S> {
    using typename Step<S>::Bool;
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Instruction by;
    unsigned n = kBase;
    Word base;
    Bool mismatch{false}; ///< of the tag of any granule of the access

    LongAccess(S& s, unsigned variant) : Step<S>(s.machine(EL1)) {
        const auto& instructions = InstructionsOfVariant(variant);
        by = instructions[s.each_of(static_cast<unsigned>(instructions.size()))];
        const bool by_sp = s.each_of(2) == 1;
        n = by_sp ? 31 : kBase;
        SetPlainConfiguration(before);
        const unsigned place = by_sp ? 0x110 : 0x518; // where a granule begins, or within one
        base = PlainAddress<S, 12>(s, by_sp, typename S::template Bits<12>(place)).value;
        XorSP_set(before, n, base);
        after = before;
        status = s.execute(after, by.encoding,
                           {{"Rn", n},
                            {"Rt", 0},
                            {"Rt2", 2},
                            {"Rm", 31},
                            {"Q", 1},
                            {"size", by.size},
                            {"S", 0},
                            {"size1", 0},
                            {"imm7", 0}});
        if (!this->predicted()) s.irrelevant();
        auto probe = before;
        const auto where = TranslateAddress(probe, base, NewAccDesc(probe, AccessType::ASIMD, MemOp::LOAD), true);
        if (IsFault(where)) s.irrelevant();
        for (unsigned at = 0; at < place % TAG_GRANULE + by.bytes; at += TAG_GRANULE) {
            const auto tag = s.tag_at(before, where.paddress + typename S::template Bits<56>(at));
            mismatch = mismatch | (tag != slice<59, 56>(base));
        }
    }
    bool exempt() const { return n == 31 && !by.checked_by_sp; }
    bool pair() const { return spec::info(by.encoding).instruction_class == InstructionClass::SimdLoadStorePair; }
};

} // namespace

void AppendStructures(std::vector<Scenario>& all) {
    all.push_back(scenario(
        {.name = "structure-access",
         .about = "LD1 to ST4 of whole registers, of one lane and of all lanes, and pairs of quadwords, within a page",
         .file = __FILE__,
         .variants = {"multiple structures", "single structures", "quadword pairs"},
         .method = Method::lemma,
         .map = {.all_mapped = true, .all_tagged = true, .all_accessible = true}},
        [](auto& s, unsigned variant) { return LongAccess(s, variant); },
        invariant(
            {"every-granule-of-a-structure-is-checked",
             "A load or store of structures or of a pair of quadwords faults exactly when the Allocation Tag of "
             "any of the "
             "granules that it accesses, up to five, is not the Logical Address Tag; relative to SP without "
             "writeback it "
             "never does.",
             {"MTE-GRAN-001", "MTE-GRAN-002", "MTE-GRAN-004", "MTE-CHK-014", "MTE-CHK-015"},
             {Mutation::size_checked_modulo_32, Mutation::last_granule_of_pair_missed, Mutation::last_element_unchecked,
              Mutation::sp_base_checked, Mutation::sp_base_writeback_unchecked}},
            [](auto& s, auto& r) {
                if (r.exempt()) {
                    s.claim(!r.faulted(), "no fault, whatever the tags");
                } else {
                    s.claim(r.faulted() == r.mismatch, "exactly then");
                }
            }),
        invariant(
            {"structure-access-writes-its-base-back",
             "A load or store of structures or of a pair of quadwords that completes adds the bytes that it accessed "
             "to its base, or the offset, if it has writeback; it changes no other general register, one that faults "
             "none, and neither changes an Allocation Tag.",
             {"MTE-FAULT-006", "MTE-TAG-007", "MTE-FAULT-008"},
             {Mutation::store_clears_tag}},
            [](auto& s, auto& r) {
                using Word = decltype(r.base);
                auto m = r.after;
                // The immediate of a pair is 0 here.
                const bool moves = r.by.writes_back && !r.pair();
                if (r.completed()) s.claim(XorSP(m, r.n) == r.base + Word(moves ? r.by.bytes : 0), "the base");
                s.claim(SameRegisters(r.before.state, r.after.state, {r.n}), "no other register");
                s.claim_if(r.faulted(), SameRegisters(r.before.state, r.after.state), "none with a fault");
                s.claim(s.same_tags(r.before, r.after), "no tag");
            })));
}

} // namespace mtecheck::model::proofs
