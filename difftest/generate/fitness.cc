// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/fitness.h"

#include <algorithm>

#include "difftest/core/arena.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

bool takes_random_tag(const Expectation& expectation) {
    return std::any_of(expectation.choices.begin(), expectation.choices.end(),
                       [](const ChoiceTaken& choice) { return choice.reason == spec::DontCare::RandomTag; });
}

/// A process has the pages that are mapped, and no others.
bool has_its_windows(const State& state) {
    return std::all_of(state.windows.begin(), state.windows.end(), [](const Window& window) {
        return kArenaPages[(window.pa - ARENA_PA) / ARENA_PAGE_BYTES].mapped;
    });
}

} // namespace

bool writes_seed(const Sequence& sequence) {
    const spec::EncodingInfo& msr = spec::info(spec::Encoding::MSR_reg);
    return std::any_of(sequence.code.begin(), sequence.code.end(), [&](std::uint32_t word) {
        return (word & msr.mask) == msr.value &&
               spec::decode_register(spec::SystemRegisterKey::of_opcode(word)) == spec::Reg::RGSR_EL1;
    });
}

// With GCR_EL1.RRND == 1 an implementation may seed its random tags itself where RGSR_EL1 has no seed, as QEMU does:
// every tag is allowed then, but no run is like another, and no report like another.
// A process has no seed to give at all: there, code and states keep random tags rare (see CodeGenerator).
bool is_fit(LayoutId layout, const State& state, bool may_write_seed, const Expectation& expectation) {
    const bool may_lack_seed = (state.rgsr_el1 & spec::field::RGSR_EL1::SEED.mask()) == 0 || may_write_seed;
    if (runs_as_process(layout)) return has_its_windows(state) && !expectation.escaped && expectation.predicted;
    return !expectation.escaped && expectation.predicted && !(may_lack_seed && takes_random_tag(expectation));
}

} // namespace mtecheck::difftest
