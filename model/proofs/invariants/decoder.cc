// SPDX-License-Identifier: Apache-2.0
//
// Invariants of the decoder, by enumeration of words: patterns are disjoint, encoder and decoder are inverse, and the
// words of the MTE groups are UNDEFINED exactly where the architecture says so. What a word does is asked of the model
// itself, which runs it.
#include <array>
#include <optional>

#include "model/proofs/invariants/all.h"
#include "model/run/run.h"
#include "spec/encode.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::EncodingInfo;
using spec::Mutation;

/// A PE with features that runs one word at a time, from EL1 or EL0 with everything else at 0.
class OneWord {
  public:
    explicit OneWord(MutantMachine& m) : machine_(m), space_({}, 0, 48) { machine_.set_address_space(space_); }

    /// The encoding that the PE takes the word for; nothing if it is not allocated.
    std::optional<Encoding> taken_for(std::uint32_t word) {
        const std::optional<Encoding> encoding = spec::decode(word);
        if (!encoding) return std::nullopt;
        return TakenFor(machine_, *encoding);
    }

    /// Whether the word takes the exception of UNDEFINED instructions at this Exception level.
    bool is_undefined(std::uint32_t word, unsigned el) {
        const std::array<std::uint32_t, 1> code{word};
        program_.assign(0x4000, code);
        machine_.reset();
        machine_.state = {};
        machine_.state.pc = program_.start;
        machine_.state.PSTATE.EL = Bits<2>(el);
        machine_.state.SCR_EL3 = Bits<64>(spec::field::SCR_EL3::NS.place(1));
        machine_.state.HCR_EL2 = Bits<64>(spec::field::HCR_EL2::ATA.place(1));
        const RunResult result = Run(machine_, program_, 1);
        return result.status == RunStatus::exception &&
               spec::field::ESR_ELx::EC.extract(machine_.state.ESR_EL1.raw()) == 0;
    }

  private:
    MutantMachine& machine_;
    AddressSpace space_;
    Program program_;
};

// ------------------------------------------------------------------------------------------------------- tables

/// Values of a field that tell bits and ends apart.
std::vector<std::uint32_t> BoundaryValues(const spec::FieldInfo& field) {
    std::vector<std::uint32_t> values;
    if (field.width() <= 6) {
        for (std::uint32_t bits = 0; bits <= field.max(); ++bits) values.push_back(bits);
        return values;
    }
    for (const std::uint32_t bits : {0U, field.max(), field.max() >> 1U, (field.max() >> 1U) + 1U})
        values.push_back(bits);
    for (unsigned bit = 0; bit < field.width(); ++bit) values.push_back(1U << bit);
    return values;
}

Scenario Patterns() {
    return scenario(
        {.name = "instruction-patterns",
         .about =
             "All rows of the table of encodings, with all values of small fields, and bits and ends of large ones",
         .file = __FILE__,
         .variants = {"all"},
         .method = Method::enumeration,
         .map = {}},
        [](auto& s, unsigned) { return s.native_machine(); },
        invariant({"encodings-are-disjoint",
                   "No word matches the patterns of two encodings, and a word that matches the pattern of one is taken "
                   "for it.",
                   {"MTE-ENC-015"},
                   {Mutation::gmi_taken_for_irg}},
                  [](auto& s, auto& machine) {
                      OneWord pe(machine);
                      for (const EncodingInfo& a : spec::encodings()) {
                          if (!s.enumerated(pe.taken_for(a.value) == a.encoding, "taken for its encoding",
                                            {{"word", a.value}}))
                              return;
                          for (const EncodingInfo& b : spec::encodings()) {
                              const bool apart =
                                  a.encoding == b.encoding || ((a.value ^ b.value) & a.mask & b.mask) != 0;
                              if (!s.enumerated(apart, "disjoint", {{"word", a.value}, {"other", b.value}})) return;
                          }
                      }
                  }),
        invariant(
            {"every-encoding-is-reached-by-its-encoder",
             "A word that was encoded from operands is taken for the encoding that it was made of, and has the same "
             "operands.",
             {"MTE-ENC-015", "MTE-ENC-005"},
             {Mutation::gmi_taken_for_irg}},
            [](auto& s, auto& machine) {
                OneWord pe(machine);
                for (const EncodingInfo& row : spec::encodings()) {
                    for (const spec::FieldInfo& field : row.fields) {
                        for (const std::uint32_t bits : BoundaryValues(field)) {
                            const std::int64_t value = spec::field_value(field, field.insert(0, bits));
                            const std::array<spec::FieldValue, 1> operands{{{field.name, value}}};
                            const std::uint32_t word = spec::encode(row.encoding, operands);
                            if (!s.enumerated(pe.taken_for(word) == row.encoding &&
                                                  spec::field_value(field, word) == value,
                                              "the same again", {{"word", word}}))
                                return;
                        }
                    }
                }
            }),
        invariant(
            {"bits-of-a-pattern-are-its-fields-or-fixed",
             "Every bit of a word is either fixed by the pattern of its encoding or belongs to exactly one field.",
             {"MTE-ENC-015"},
             {Mutation::gmi_taken_for_irg}},
            [](auto& s, auto& machine) {
                OneWord pe(machine);
                for (const EncodingInfo& row : spec::encodings()) {
                    std::uint32_t covered = row.mask;
                    bool once = (row.value & ~row.mask) == 0;
                    for (const spec::FieldInfo& field : row.fields) {
                        once = once && (covered & field.mask()) == 0;
                        covered |= field.mask();
                    }
                    const std::uint32_t all_ones = row.value | ~row.mask;
                    if (!s.enumerated(once && covered == ~0U && pe.taken_for(all_ones) == row.encoding, "each once",
                                      {{"word", row.value}}))
                        return;
                }
            }));
}

// -------------------------------------------------------------------------------------------------- UNDEFINED words

/// The word of group "load/store memory tags" with these fields, X1 as base and X2 as Xt.
std::uint32_t TagGroupWord(unsigned opc, unsigned imm9, unsigned op2) {
    return 0xd9200000U | opc << 22U | imm9 << 12U | op2 << 10U | 1U << 5U | 2U;
}

Scenario UndefinedWords() {
    return scenario(
        {.name = "undefined-words",
         .about = "All words of the MTE groups, but for their register fields, run at EL0 and EL1",
         .file = __FILE__,
         .variants = {"all"},
         .method = Method::enumeration,
         .map = {}},
        [](auto& s, unsigned) { return s.native_machine(); },
        invariant(
            {"tag-load-store-group-is-undefined-where-stated",
             "Of the group of loads and stores of tags exactly these words are UNDEFINED: those with op2 = 00 and an "
             "opc other than 01 (LDG) whose imm9 is not 0, and at EL0 with any imm9.",
             {"MTE-ENC-003", "MTE-ENC-006", "MTE-BULK-004"},
             {Mutation::bulk_imm9_ignored, Mutation::bulk_tag_access_at_el0}},
            [](auto& s, auto& machine) {
                OneWord pe(machine);
                for (unsigned opc = 0; opc < 4; ++opc) {
                    for (unsigned op2 = 0; op2 < 4; ++op2) {
                        for (unsigned imm9 = 0; imm9 < 512; ++imm9) {
                            for (unsigned el = 0; el < 2; ++el) {
                                const std::uint32_t word = TagGroupWord(opc, imm9, op2);
                                const bool expected = op2 == 0 && opc != 1 && (imm9 != 0 || el == 0);
                                if (!s.enumerated(pe.is_undefined(word, el) == expected, "UNDEFINED where stated",
                                                  {{"word", word}, {"EL", el}}))
                                    return;
                            }
                        }
                    }
                }
            }),
        invariant(
            {"two-source-tag-group-is-allocated-where-stated",
             "With bits 31, 29 and 15:10 of the data-processing group of two sources, IRG is 1, 0 and 000100, GMI 1, "
             "0 and 000101, SUBP 1, 0 and 000000, SUBPS 1, 1 and 000000; the 32-bit forms of these are none of them.",
             {"MTE-ENC-002", "MTE-ENC-008"},
             {Mutation::gmi_taken_for_irg}},
            [](auto& s, auto& machine) {
                OneWord pe(machine);
                for (unsigned bits = 0; bits < 256; ++bits) {
                    const unsigned sf = bits & 1U;
                    const unsigned S = bits >> 1U & 1U;
                    const unsigned opcode = bits >> 2U;
                    const std::uint32_t word =
                        0x1ac00000U | sf << 31U | S << 29U | 3U << 16U | opcode << 10U | 1U << 5U | 2U;
                    const std::optional<Encoding> taken = pe.taken_for(word);
                    bool as_stated = true;
                    for (const auto& [encoding, is_it] : {std::pair{Encoding::IRG, sf == 1 && S == 0 && opcode == 4},
                                                          {Encoding::GMI, sf == 1 && S == 0 && opcode == 5},
                                                          {Encoding::SUBP, sf == 1 && S == 0 && opcode == 0},
                                                          {Encoding::SUBPS, sf == 1 && S == 1 && opcode == 0}}) {
                        as_stated = as_stated && (taken == encoding) == is_it;
                    }
                    if (!s.enumerated(as_stated, "as stated", {{"word", word}})) return;
                }
            }),
        invariant({"absent-features-make-instructions-undefined",
                   "Without FEAT_MTE every instruction of it is UNDEFINED, without FEAT_MTE2 LDGM, STGM, STZGM and the "
                   "invalidation of tag caches are.",
                   {"MTE-FEAT-008", "MTE-FEAT-009"},
                   {Mutation::absent_features_ignored}},
                  [](auto& s, auto& machine) {
                      for (const spec::Feature absent : {spec::Feature::FEAT_MTE, spec::Feature::FEAT_MTE2}) {
                          machine.features.remove(absent);
                          OneWord pe(machine);
                          for (const EncodingInfo& row : spec::encodings()) {
                              bool needs = false;
                              for (const spec::Feature feature : row.features) needs = needs || feature == absent;
                              const bool of_system = row.id == "MRS" || row.id == "MSR_reg"; // by register
                              if (!needs || of_system) continue;
                              if (!s.enumerated(pe.is_undefined(row.value, 1), "UNDEFINED", {{"word", row.value}}))
                                  break;
                          }
                          machine.features.add(absent);
                      }
                  }));
}

} // namespace

void AppendDecoder(std::vector<Scenario>& all) {
    all.push_back(Patterns());
    all.push_back(UndefinedWords());
}

} // namespace mtecheck::model::proofs
