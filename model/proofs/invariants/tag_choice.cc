// SPDX-License-Identifier: Apache-2.0
//
// Invariants of the leaves that loop over bits: ChooseNonExcludedTag and the generator of tags. The same templates run
// on all inputs, one by one; other scenarios use what is proved here as a contract (model/symbolic/summaries.h).
#include "model/isa/tag_choice.h"
#include "model/proofs/invariants/all.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Mutation;

/// choose(tag, offset, exclude) for all arguments.
class AllChoices {
  public:
    explicit AllChoices(MutantMachine m) : table_(std::size_t{1} << 24U) {
        for (unsigned exclude = 0; exclude <= 0xffff; ++exclude) {
            for (unsigned tag = 0; tag < 16; ++tag) {
                for (unsigned offset = 0; offset < 16; ++offset) {
                    table_[index(tag, offset, exclude)] = static_cast<std::uint8_t>(
                        ChooseNonExcludedTag(m, Bits<4>(tag), Bits<4>(offset), Bits<16>(exclude)).raw());
                }
            }
        }
    }
    unsigned operator()(unsigned tag, unsigned offset, unsigned exclude) const {
        return table_[index(tag, offset, exclude)];
    }

  private:
    static std::size_t index(unsigned tag, unsigned offset, unsigned exclude) {
        return std::size_t{exclude} << 8U | tag << 4U | offset;
    }
    std::vector<std::uint8_t> table_;
};

/// Claims `holds(tag, offset, exclude)` for all arguments with offsets from `first` to `last`.
template <class S, class Holds>
void ForAllChoices(S& s, unsigned first, unsigned last, const char* text, const Holds& holds) {
    for (unsigned exclude = 0; exclude <= 0xffff; ++exclude) {
        for (unsigned tag = 0; tag < 16; ++tag) {
            for (unsigned offset = first; offset <= last; ++offset) {
                if (!s.enumerated(holds(tag, offset, exclude), text,
                                  {{"tag", tag}, {"offset", offset}, {"exclude", exclude}})) {
                    return;
                }
            }
        }
    }
}

bool excluded(unsigned exclude, unsigned tag) { return (exclude >> tag & 1U) != 0; }

Scenario Choice() {
    return scenario(
        {.name = "choose-tag",
         .about = "ChooseNonExcludedTag with all its arguments",
         .file = __FILE__,
         .variants = {"all"},
         .method = Method::enumeration,
         .map = {}},
        [](auto& s, unsigned) { return AllChoices(s.native_machine()); },
        invariant({"chosen-tag-is-allowed",
                   "A chosen tag is not excluded, unless all are; then it is 0.",
                   {"MTE-TAG-003", "MTE-TAG-006"},
                   {Mutation::all_excluded_not_zero, Mutation::excluded_start_tag_kept}},
                  [](auto& s, const AllChoices& choose) {
                      ForAllChoices(s, 0, 15, "allowed, or 0", [&](unsigned tag, unsigned offset, unsigned exclude) {
                          const unsigned chosen = choose(tag, offset, exclude);
                          return exclude == 0xffff ? chosen == 0 : !excluded(exclude, chosen);
                      });
                  }),
        invariant({"chosen-tag-without-exclusion-is-the-sum",
                   "With no tag excluded the chosen tag is the sum of tag and offset, modulo 16.",
                   {"MTE-TAG-005"},
                   {Mutation::zero_offset_taken_as_one}},
                  [](auto& s, const AllChoices& choose) {
                      for (unsigned tag = 0; tag < 16; ++tag) {
                          for (unsigned offset = 0; offset < 16; ++offset) {
                              if (!s.enumerated(choose(tag, offset, 0) == (tag + offset) % 16, "the sum",
                                                {{"tag", tag}, {"offset", offset}}))
                                  return;
                          }
                      }
                  }),
        invariant(
            {"chosen-tag-at-offset-0-is-the-first-allowed",
             "With an offset of 0 the chosen tag is the first allowed one from the tag on, wrapping at 15: the tag "
             "itself if it is allowed.",
             {"MTE-TAG-004"},
             {Mutation::zero_offset_taken_as_one, Mutation::excluded_start_tag_kept}},
            [](auto& s, const AllChoices& choose) {
                ForAllChoices(s, 0, 0, "the first allowed", [&](unsigned tag, unsigned offset, unsigned exclude) {
                    if (exclude == 0xffff) return true;
                    unsigned first = tag;
                    while (excluded(exclude, first)) first = (first + 1) % 16;
                    return choose(tag, offset, exclude) == first;
                });
            }),
        invariant({"offsets-count-allowed-tags",
                   "Each unit of the offset moves on to the next allowed tag: excluded tags use up no offset.",
                   {"MTE-TAG-005"},
                   {Mutation::excluded_tags_use_offset}},
                  [](auto& s, const AllChoices& choose) {
                      ForAllChoices(s, 1, 15, "the next", [&](unsigned tag, unsigned offset, unsigned exclude) {
                          if (exclude == 0xffff) return true;
                          unsigned next = offset == 1 ? tag : choose(tag, offset - 1, exclude);
                          do {
                              next = (next + 1) % 16;
                          } while (excluded(exclude, next));
                          return choose(tag, offset, exclude) == next;
                      });
                  }),
        invariant({"offsets-add-up",
                   "Two steps of a and b (not 0) allowed tags are one step of a + b.",
                   {"MTE-TAG-005"},
                   {Mutation::excluded_tags_use_offset}},
                  [](auto& s, const AllChoices& choose) {
                      ForAllChoices(s, 2, 15, "one step", [&](unsigned tag, unsigned sum, unsigned exclude) {
                          for (unsigned a = 1; a < sum; ++a) {
                              if (choose(choose(tag, a, exclude), sum - a, exclude) != choose(tag, sum, exclude))
                                  return false;
                          }
                          return true;
                      });
                  }),
        invariant({"choosing-again-changes-nothing",
                   "A tag chosen with an offset of 0 is chosen again.",
                   {"MTE-TAG-004"},
                   {Mutation::zero_offset_taken_as_one}},
                  [](auto& s, const AllChoices& choose) {
                      ForAllChoices(s, 0, 0, "the same", [&](unsigned tag, unsigned, unsigned exclude) {
                          const unsigned chosen = choose(tag, 0, exclude);
                          return choose(chosen, 0, exclude) == chosen;
                      });
                  }),
        invariant({"a-single-allowed-tag-is-chosen",
                   "Where one tag only is allowed, it is chosen from every tag and offset.",
                   {"MTE-TAG-006"},
                   {Mutation::excluded_start_tag_kept}},
                  [](auto& s, const AllChoices& choose) {
                      for (unsigned only = 0; only < 16; ++only) {
                          const unsigned exclude = 0xffffU & ~(1U << only);
                          for (unsigned tag = 0; tag < 16; ++tag) {
                              for (unsigned offset = 0; offset < 16; ++offset) {
                                  if (!s.enumerated(choose(tag, offset, exclude) == only, "that tag",
                                                    {{"tag", tag}, {"offset", offset}, {"exclude", exclude}}))
                                      return;
                              }
                          }
                      }
                  }));
}

/// What one call of RandomTag does to each SEED.
struct Generator {
    std::vector<std::uint8_t> tag = std::vector<std::uint8_t>(0x10000);
    std::vector<std::uint16_t> next = std::vector<std::uint16_t>(0x10000);

    explicit Generator(MutantMachine m) {
        for (unsigned seed = 0; seed <= 0xffff; ++seed) {
            m.state.RGSR_EL1 = spec::field::RGSR_EL1::SEED.place(seed);
            tag[seed] = static_cast<std::uint8_t>(RandomTag(m).raw());
            next[seed] = static_cast<std::uint16_t>(spec::field::RGSR_EL1::SEED.extract(m.state.RGSR_EL1.raw()));
        }
    }
};

Scenario RandomTags() {
    return scenario(
        {.name = "random-tags",
         .about = "RandomTag from each SEED of RGSR_EL1",
         .file = __FILE__,
         .variants = {"all"},
         .method = Method::enumeration,
         .map = {}},
        [](auto& s, unsigned) { return Generator(s.native_machine()); },
        invariant(
            {"random-tag-follows-the-polynomial",
             "RandomTag takes four steps of x^16 + x^5 + x^3 + x^2 + 1; the bit of the first is bit 0 of the tag.",
             {"MTE-IRG-003", "MTE-IRG-004"},
             {Mutation::lfsr_wrong_taps}},
            [](auto& s, const Generator& generator) {
                for (unsigned seed = 0; seed <= 0xffff; ++seed) {
                    unsigned stepped = seed;
                    unsigned tag = 0;
                    for (unsigned i = 0; i < 4; ++i) {
                        const unsigned bit = (stepped >> 5U ^ stepped >> 3U ^ stepped >> 2U ^ stepped) & 1U;
                        stepped = stepped >> 1U | bit << 15U;
                        tag |= bit << i;
                    }
                    if (!s.enumerated(generator.tag[seed] == tag && generator.next[seed] == stepped, "four steps",
                                      {{"SEED", seed}}))
                        return;
                }
            }),
        invariant({"seed-0-stays-0",
                   "From a SEED of 0 every tag is 0 and SEED stays 0; no other SEED gets there.",
                   {"MTE-IRG-006"},
                   {Mutation::zero_seed_replaced}},
                  [](auto& s, const Generator& generator) {
                      for (unsigned seed = 0; seed <= 0xffff; ++seed) {
                          const bool zero = generator.next[seed] == 0;
                          if (!s.enumerated(zero == (seed == 0) && (seed != 0 || generator.tag[0] == 0),
                                            "0 and only it", {{"SEED", seed}}))
                              return;
                      }
                  }),
        invariant({"random-tags-have-period-65535",
                   "From a SEED that is not 0 the sequence of tags repeats after 65535, not earlier.",
                   {"MTE-IRG-007"},
                   {Mutation::lfsr_wrong_taps, Mutation::irg_seed_not_advanced}},
                  [](auto& s, const Generator& generator) {
                      unsigned length = 0;
                      unsigned seed = 1;
                      do {
                          seed = generator.next[seed];
                          ++length;
                      } while (seed != 1 && length <= 0xffff);
                      s.enumerated(length == 65535, "65535 tags", {{"length", length}});
                  }));
}

} // namespace

void AppendTagChoice(std::vector<Scenario>& all) {
    all.push_back(Choice());
    all.push_back(RandomTags());
}

} // namespace mtecheck::model::proofs
