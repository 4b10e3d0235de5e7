// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/statistics.h"

#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "difftest/core/layout.h"
#include "difftest/generate/code.h"
#include "difftest/generate/configuration.h"
#include "difftest/generate/generator.h"
#include "difftest/generate/state.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

constexpr std::array<const char*, kOutcomeKinds> kNames{
    "clean", "asynchronous tag fault", "tag fault", "MMU fault", "alignment fault", "undefined", "trap", "other"};

// ESR_ELx.EC
constexpr std::uint64_t kUnknownReason = 0x00;
constexpr std::uint64_t kSystemTrap = 0x18;
constexpr std::uint64_t kDataAbortLower = 0x24;
constexpr std::uint64_t kDataAbortSame = 0x25;
constexpr std::uint64_t kSpAlignment = 0x26;
// ISS.DFSC
constexpr std::uint64_t kTagCheckFault = 0x11;
constexpr std::uint64_t kAlignmentFault = 0x21;

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

} // namespace

OutcomeKind kind_of(const State& before, const Expectation& expectation) {
    const Outcome& after = expectation.outcome;
    if (after.status == Status::completed) {
        const bool recorded = after.tfsre0_el1 != before.tfsre0_el1 || after.tfsr != before.tfsr;
        return recorded ? OutcomeKind::asynchronous_fault : OutcomeKind::clean;
    }
    if (after.status != Status::exception) return OutcomeKind::other;
    namespace esr = spec::field::ESR_ELx;
    switch (esr::EC.extract(after.exception.esr)) {
    case kUnknownReason: return OutcomeKind::undefined;
    case kSystemTrap: return OutcomeKind::trap;
    case kSpAlignment: return OutcomeKind::alignment_fault;
    case kDataAbortLower:
    case kDataAbortSame:
        switch (spec::field::DataAbortISS::DFSC.extract(esr::ISS.extract(after.exception.esr))) {
        case kTagCheckFault: return OutcomeKind::tag_fault;
        case kAlignmentFault: return OutcomeKind::alignment_fault;
        default: return OutcomeKind::mmu_fault;
        }
    default: return OutcomeKind::other;
    }
}

void Distribution::add(const State& before, const Expectation& expectation) {
    ++cases;
    instructions += expectation.steps;
    const auto& decisions = expectation.coverage.decisions;
    if (decisions.contains(spec::Decision::TagMatch, false) || decisions.contains(spec::Decision::TagMatch, true))
        ++checked;
    ++kinds[static_cast<std::size_t>(kind_of(before, expectation))];
}

double Distribution::share(OutcomeKind kind) const {
    return static_cast<double>(kinds[static_cast<std::size_t>(kind)]) / static_cast<double>(cases);
}

double Distribution::checked_share() const { return static_cast<double>(checked) / static_cast<double>(cases); }

std::string Distribution::text() const {
    std::string result;
    std::array<char, 96> line{};
    const auto add_line = [&](const char* name, double value) {
        std::snprintf(line.data(), line.size(), "%-24s %6.2f %%\n", name, 100 * value);
        result += line.data();
    };
    for (std::size_t kind = 0; kind < kOutcomeKinds; ++kind) {
        add_line(kNames[kind], share(static_cast<OutcomeKind>(kind)));
    }
    add_line("compared a tag", checked_share());
    return result;
}

GeneratorCost measure_generator_cost(const Profile& profile, std::uint64_t sequences) {
    const ConfigurationGenerator configurations(profile);
    const CodeGenerator code(profile);
    const auto generator = make_random_generator(profile);
    Test test;
    State state;
    double in_sequences = 0;
    double in_states = 0;
    double last = processor_seconds();
    const auto lap = [&] {
        const double now = processor_seconds();
        return now - std::exchange(last, now);
    };

    // In batches, for the clock is coarse.
    constexpr std::uint64_t kBatch = 64;
    std::uint64_t done = 0;
    std::vector<Sequence> drawn(kBatch);
    std::vector<SequencePlan> plans(kBatch);
    for (; done < sequences; done += kBatch) {
        lap();
        for (std::uint64_t i = 0; i < kBatch; ++i) {
            Random system(0, 0, (done + i) / kConfigurationRun, 1);
            Random random(0, 0, done + i);
            drawn[i].pc = ARENA_CODE_VA;
            drawn[i].configuration = configurations.draw(system, random);
            code.draw(random, drawn[i], plans[i]);
        }
        in_sequences += lap();
        for (std::uint64_t i = 0; i < kBatch; ++i) {
            Random random(1, 0, done + i);
            const StateGenerator states(drawn[i], plans[i]);
            for (std::size_t k = 0; k < kStatesPerSequence; ++k) states.draw(random, state);
        }
        in_states += lap();
    }
    lap();
    for (std::uint64_t i = 0; i < done; ++i) generator->generate(0, 0, i, test);
    const double whole = lap();

    const auto count = static_cast<double>(done);
    const double cases = count * kStatesPerSequence;
    return {.sequence = in_sequences / count * 1e6, .state = in_states / cases * 1e6, .per_case = whole / cases * 1e6};
}

} // namespace mtecheck::difftest
