// SPDX-License-Identifier: Apache-2.0
//
// Sequences that stress order: the generator makes enough of each kind, and they come to what they are for.
#include <algorithm>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/arena.h"
#include "difftest/core/branches.h"
#include "difftest/generate/generator.h"
#include "difftest/generate/sites.h"
#include "difftest/judge/judge.h"
#include "spec/encode.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

using spec::Encoding;
using spec::InstructionClass;
namespace field = spec::field;

constexpr std::uint64_t kSequences = 6000;
constexpr std::size_t kStates = 4;

/// One instruction of generated code.
struct Word {
    std::uint32_t opcode = 0;
    const spec::EncodingInfo* info = nullptr;

    explicit Word(std::uint32_t word) : opcode(word), info(&spec::info(*spec::decode(word))) {}
    bool is(InstructionClass what) const { return info->instruction_class == what; }
    int operand(const char* name) const {
        const spec::FieldInfo* const found = spec::find_field(info->encoding, name);
        return found == nullptr ? -1 : static_cast<int>(found->extract(opcode));
    }
    int base() const {
        for (const spec::FieldInfo& f : info->fields) {
            if (f.role == spec::Role::base) return static_cast<int>(f.extract(opcode));
        }
        return -1;
    }
    bool stores_tag() const { return info->tag_access == spec::Access::write && base() >= 0; }
    bool checked() const {
        return base() >= 0 &&
               (info->tag_checked == spec::TagChecked::base_not_sp || info->tag_checked == spec::TagChecked::always);
    }
    bool exclusive(spec::Access access) const {
        return (is(InstructionClass::LoadStoreExclusive) || is(InstructionClass::LoadStoreExclusivePair)) &&
               info->access == access;
    }
};

/// Calls f(test, words, expectations) for the tests of a seed.
template <class F>
void each_test(F&& f) {
    const auto generator = make_random_generator(model_profile(), kStates);
    Test test;
    std::vector<Expectation> expectations;
    for (std::uint64_t index = 0; index < kSequences; ++index) {
        generator->generate(11, static_cast<std::uint32_t>(index % 64), index / 64, test, expectations);
        std::vector<Word> words;
        for (const std::uint32_t word : test.sequence.code) words.emplace_back(word);
        f(test, words, expectations);
    }
}

/// Whether three instructions of these kinds come in this order.
template <class A, class B, class C>
bool in_order(const std::vector<Word>& words, A&& a, B&& b, C&& c) {
    for (auto i = words.begin(); i != words.end(); ++i) {
        if (!a(*i)) continue;
        for (auto j = i + 1; j != words.end(); ++j) {
            if (!b(*i, *j)) continue;
            if (std::any_of(j + 1, words.end(), [&](const Word& k) { return c(*i, *j, k); })) return true;
        }
    }
    return false;
}

TEST_CASE("tags are stored through one address of a granule and compared through another") {
    std::size_t made = 0;
    std::size_t faulted = 0;
    each_test([&](const Test&, const std::vector<Word>& words, const std::vector<Expectation>& expectations) {
        const bool alias = in_order(
            words, [](const Word& a) { return a.info->encoding == Encoding::EOR_x_imm; },
            [](const Word& a, const Word& b) {
                return b.stores_tag() && (b.base() == a.operand("Rn") || b.base() == a.operand("Rd"));
            },
            [](const Word& a, const Word& b, const Word& c) {
                return c.checked() && c.base() != b.base() &&
                       (c.base() == a.operand("Rn") || c.base() == a.operand("Rd"));
            });
        if (!alias) return;
        ++made;
        for (const Expectation& e : expectations) {
            if (e.coverage.decisions.contains(spec::Decision::TagMatch, false)) ++faulted;
        }
    });
    CAPTURE(made, faulted);
    CHECK(made >= 60);
    CHECK(faulted >= 60);
}

TEST_CASE("several asynchronous faults come together before they are read") {
    std::size_t made = 0;
    std::size_t accumulated = 0;
    each_test([&](const Test& test, const std::vector<Word>& words, const std::vector<Expectation>& expectations) {
        const auto barrier = std::find_if(words.begin(), words.end(),
                                          [](const Word& word) { return word.info->encoding == Encoding::DSB; });
        const auto is_checked = [](const Word& word) { return word.checked(); };
        if (std::count_if(words.begin(), barrier, is_checked) < 2 || barrier == words.end()) return;
        if (std::none_of(barrier, words.end(), [](const Word& word) { return word.info->encoding == Encoding::MRS; }))
            return;
        ++made;
        for (std::size_t i = 0; i < expectations.size(); ++i) {
            const Outcome& outcome = expectations[i].outcome;
            const State& state = test.states[i];
            if (outcome.tfsr != state.tfsr || outcome.tfsre0_el1 != state.tfsre0_el1) ++accumulated;
        }
    });
    CAPTURE(made, accumulated);
    CHECK(made >= 100);
    CHECK(accumulated >= 40);
}

TEST_CASE("tags change between a load-exclusive and a store-exclusive, and under atomic operations") {
    std::size_t memory = 0;
    std::size_t pointer = 0;
    std::size_t atomics = 0;
    each_test([&](const Test&, const std::vector<Word>& words, const std::vector<Expectation>&) {
        const auto load = [](const Word& a) { return a.exclusive(spec::Access::read); };
        if (in_order(
                words, load, [](const Word& a, const Word& b) { return b.stores_tag() && b.base() == a.base(); },
                [](const Word& a, const Word&, const Word& c) {
                    return c.exclusive(spec::Access::write) && c.base() == a.base();
                }))
            ++memory;
        if (in_order(
                words, load,
                [](const Word& a, const Word& b) {
                    return b.is(InstructionClass::ADDG) && b.operand("Xn") == a.base();
                },
                [](const Word&, const Word& b, const Word& c) {
                    return c.exclusive(spec::Access::write) && c.base() == b.operand("Xd");
                }))
            ++pointer;
        if (in_order(
                words, [](const Word& a) { return a.stores_tag(); }, [](const Word&, const Word&) { return true; },
                [](const Word& a, const Word&, const Word& c) {
                    using enum InstructionClass;
                    return c.base() == a.base() && (c.is(CompareAndSwap) || c.is(CompareAndSwapPair) ||
                                                    c.is(AtomicMemoryOperation) || c.is(Swap));
                }))
            ++atomics;
    });
    CAPTURE(memory, pointer, atomics);
    CHECK(memory >= 15);
    CHECK(pointer >= 15);
    CHECK(atomics >= 30);
}

TEST_CASE("what was just written is overlapped, and bases are loaded over") {
    std::size_t overlaps = 0;
    std::size_t onto_base = 0;
    each_test([&](const Test&, const std::vector<Word>& words, const std::vector<Expectation>&) {
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            const Word& a = words[i];
            const Word& b = words[i + 1];
            using enum InstructionClass;
            const bool wide = a.is(STGP) || a.is(ST2G) || a.is(STZ2G);
            if (wide && (b.is(LoadStorePair) || b.is(STGP)) && b.base() == a.base()) ++overlaps;
        }
        onto_base += static_cast<std::size_t>(std::count_if(words.begin(), words.end(), [](const Word& word) {
            return word.is(InstructionClass::LoadStorePair) && word.info->access == spec::Access::read &&
                   (word.operand("Rt") == word.base() || word.operand("Rt2") == word.base());
        }));
    });
    CAPTURE(overlaps, onto_base);
    CHECK(overlaps >= 60);
    CHECK(onto_base >= 30);
}

TEST_CASE("accesses cross the edge between pages of which one has no tags or is not mapped") {
    std::size_t states = 0;
    std::size_t crossing = 0; // a tag is compared on one side, and the other side decides otherwise
    each_test([&](const Test& test, const std::vector<Word>&, const std::vector<Expectation>& expectations) {
        for (std::size_t i = 0; i < test.states.size(); ++i) {
            bool edge = false;
            for (const Window& window : test.states[i].windows) {
                const std::uint64_t end = window.pa - ARENA_PA + kWindowBytes;
                if (end % ARENA_PAGE_BYTES != 0 || end == kArenaBytes) continue;
                const auto above = static_cast<unsigned>(end / ARENA_PAGE_BYTES);
                edge = edge || plain_tagged(above - 1) != plain_tagged(above);
            }
            if (!edge) continue;
            ++states;
            const auto& decisions = expectations[i].coverage.decisions;
            const bool compared = decisions.contains(spec::Decision::TagMatch, true);
            const std::uint64_t esr = expectations[i].outcome.exception.esr;
            const bool translation = (field::DataAbortISS::DFSC.extract(esr) & 0x3c) == 0x04;
            if (compared && (decisions.contains(spec::Decision::AllocationTagged, false) || translation)) ++crossing;
        }
    });
    CAPTURE(states, crossing);
    CHECK(states >= 800);
    CHECK(crossing >= 100);
}

TEST_CASE("exception returns go forward, to every level that there is, legally or not") {
    std::size_t same = 0;
    std::size_t lower = 0;
    std::size_t illegal = 0;
    std::size_t tco_changed = 0;
    each_test([&](const Test& test, const std::vector<Word>& words, const std::vector<Expectation>& expectations) {
        if (!has_exception_return(test.sequence)) return;
        const Configuration& c = test.sequence.configuration;
        CHECK(c.el != 3);
        CHECK(std::count_if(words.begin(), words.end(),
                            [](const Word& w) { return w.is(InstructionClass::ExceptionReturn); }) >= 1);
        CHECK(branches_stay(test.sequence));
        if (c.el == 0) return;
        const std::uint64_t mode = field::SPSR_ELx::M.extract(c.spsr.at(c.el));
        for (const Expectation& e : expectations) {
            CHECK_FALSE(e.escaped);
            const auto& decisions = e.coverage.decisions;
            if (decisions.contains(spec::Decision::ReturnNamesNoLevel, true) ||
                decisions.contains(spec::Decision::ReturnToHigherLevel, true) ||
                decisions.contains(spec::Decision::ReturnToEL1OfHost, true)) {
                ++illegal;
            } else if (decisions.contains(spec::Decision::ReturnInIllegalState, false)) {
                ++(mode >> 2 == c.el ? same : lower);
                if (field::SPSR_ELx::TCO.extract(c.spsr.at(c.el)) != c.tco) ++tco_changed;
            }
        }
    });
    CAPTURE(same, lower, illegal, tco_changed);
    CHECK(same >= 100);
    CHECK(lower >= 100);
    CHECK(illegal >= 30);
    CHECK(tco_changed >= 100);
}

} // namespace
} // namespace mtecheck::difftest
