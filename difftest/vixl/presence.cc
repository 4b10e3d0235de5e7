// SPDX-License-Identifier: Apache-2.0
#include "difftest/vixl/presence.h"

#include <algorithm>

#include "difftest/core/arena.h"
#include "difftest/core/process.h"
#include "difftest/generate/instructions.h"
#include "difftest/generate/random.h"
#include "difftest/judge/judge.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

constexpr unsigned kAttempts = 48; // to draw operands and a state with an effect
constexpr std::size_t kEnough = 4; // such tests of an encoding
constexpr std::uint64_t kTag = 5;  // of addresses: any but 0

/// The only system registers that cases of user code read and write are those of PSTATE: TCO is that of MTE.
std::uint32_t with_tco(std::uint32_t word) {
    return (word & ~(0xffffU << 5)) | std::uint32_t{spec::info(spec::Reg::TCO).key.value} << 5;
}

std::uint32_t draw_word(const Instruction& instruction, bool plain, Random& random) {
    std::uint32_t word = instruction.value;
    for (const InstructionField& field : instruction.fields) {
        const std::uint64_t drawn = random.next();
        const bool is_register = field.role != spec::Role::immediate && field.role != spec::Role::selector;
        if (is_register) {
            word = field.insert(word, static_cast<std::uint32_t>(drawn % 30)); // neither SP nor XZR
        } else if (!plain) {
            word = field.insert(word, static_cast<std::uint32_t>(drawn));
        }
    }
    return word;
}

/// One window, and addresses into it in every register: with its tag, or with another, which instructions that store
/// tags change.
State draw_state(Random& random, bool vectors, std::uint64_t tag) {
    State state;
    Window window;
    window.pa = ARENA_PA + kWindowBytes;
    window.tags = tag * 0x1111111111111111;
    for (auto& byte : window.data) byte = static_cast<std::uint8_t>(random.next());
    const auto address = [&] {
        const std::uint64_t drawn = random.next();
        return (ARENA_VA + kWindowBytes + (drawn & 0x80)) | kTag << 56;
    };
    for (auto& x : state.x) x = address();
    state.sp[0] = address();
    state.nzcv = random.next() & 15;
    state.gcr_el1 = std::uint64_t{1} << 16;
    if (vectors) {
        state.v.resize(32);
        for (Vector128& v : state.v) {
            v.low = random.next();
            v.high = random.next();
        }
    }
    state.windows.push_back(window);
    return state;
}

constexpr std::uint64_t kFlags = (std::uint64_t{0xf} << 28) | spec::mask::PSTATE_TCO;

bool unchanged(const State& state, const Outcome& outcome) {
    return static_cast<const Registers&>(outcome) == state && outcome.v == state.v &&
           std::equal(outcome.windows.begin(), outcome.windows.end(), state.windows.begin(), state.windows.end()) &&
           (outcome.pstate & kFlags) == std::uint64_t{state.nzcv} << 28;
}

bool seen(const State& state, const Outcome& outcome) {
    if (outcome.status == Status::unsupported) return false;
    if (outcome.status == Status::signal) return outcome.signal.number != linux_signal::kSigill;
    return outcome.status != Status::completed || !unchanged(state, outcome);
}

} // namespace

std::vector<std::string> absent_encodings(Target& target, const Profile& profile) {
    const InstructionSet instructions(profile);
    Judge judge(profile);
    std::vector<Test> tests;
    std::vector<const Instruction*> of;
    Sequence sequence;
    sequence.layout = LayoutId::simulator;
    sequence.configuration = process_configuration(profile, TagCheckMode::sync);
    sequence.pc = ARENA_CODE_VA;
    for (const Instruction& instruction : instructions.all()) {
        Random random(0, 0, static_cast<std::uint64_t>(instruction.encoding));
        std::size_t found = 0;
        for (unsigned attempt = 0; attempt < kAttempts && found < kEnough; ++attempt) {
            std::uint32_t word = draw_word(instruction, attempt % 2 == 0, random);
            const auto encoding = instruction.encoding;
            if (encoding == spec::Encoding::MRS || encoding == spec::Encoding::MSR_reg) word = with_tco(word);
            sequence.code.assign(1, word);
            State state = draw_state(random, instruction.uses_vectors, attempt % 4 < 2 ? kTag : kTag + 1);
            // What sets PSTATE.TCO shows.
            if (encoding == spec::Encoding::MSR_reg) state.x.fill(spec::mask::PSTATE_TCO);
            judge.load(sequence);
            const Expectation& expected = judge.expect(state);
            if (expected.escaped || !expected.predicted || expected.outcome.status != Status::completed ||
                unchanged(state, expected.outcome))
                continue;
            ++found;
            tests.push_back({sequence, {state}});
            of.push_back(&instruction);
        }
    }
    std::vector<std::vector<Outcome>> outcomes;
    target.run(tests, outcomes);
    std::vector<std::string> absent;
    for (std::size_t i = 0; i < tests.size();) {
        bool any = false;
        const Instruction* const instruction = of[i];
        for (; i < tests.size() && of[i] == instruction; ++i)
            any = any || seen(tests[i].states.front(), outcomes[i].front());
        if (!any) absent.emplace_back(spec::info(instruction->encoding).id);
    }
    return absent;
}

} // namespace mtecheck::difftest
