// SPDX-License-Identifier: Apache-2.0
//
// The cases of the path corpus, on the model alone, show every deliberate fault of the model, whether invariants are
// about it or not.
#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "difftest/judge/judge.h"
#include "difftest/paths/path_corpus.h"
#include "spec/gen/mutations.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

/// Faults with which a case of the corpus does what the architecture does not allow.
MutationSet shown_by_corpus(const Profile& profile) {
    const PathCorpus corpus(mtecheck::places::source() + "/corpus/paths", profile);
    Judge judge(profile);
    const auto faulty = make_mutant_reading(profile);
    MutationSet shown;
    for (const Test& test : corpus.tests()) {
        judge.load(test.sequence);
        faulty->load(test.sequence);
        for (const State& state : test.states) {
            // A fault that a run does not ask for does not change it.
            faulty->mutate({});
            faulty->run(state, {}, faulty->first);
            const MutationSet asked = faulty->asked();
            for (const auto& mutation : spec::mutations()) {
                if (!asked.has(mutation.value) || shown.has(mutation.value)) continue;
                MutationSet one;
                one.add(mutation.value);
                faulty->mutate(one);
                faulty->run(state, {}, faulty->first);
                if (!leads_astray(faulty->first) &&
                    judge.judge(state, faulty->first.outcome).kind == Verdict::Kind::diverged) {
                    shown.add(mutation.value);
                }
            }
        }
    }
    return shown;
}

/// Without the features that a fault may give all the same.
Profile without_atomics() {
    Profile profile = model_profile();
    profile.lse2 = false;
    std::erase(profile.features, "FEAT_LSE2"); // which implies FEAT_LSE
    return profile;
}

/// Faults of exception return, which the corpus has not got, of one address, of one register, of MMU faults of a block
/// whose address is not its start and of addresses that are not aligned, of a block of more than 64 bytes, of signals,
/// which are a process's, of prefetches, of a byte for register 31, of what only FEAT_MTE without FEAT_MTE2 shows, and
/// of the values that atomics and moves give, which no path depends on.
constexpr std::array kNotInCorpus{spec::Mutation::tco_not_restored_on_return,
                                  spec::Mutation::tco_cleared_on_return,
                                  spec::Mutation::tco_needs_mte2,
                                  spec::Mutation::illegal_return_keeps_pan,
                                  spec::Mutation::illegal_state_ignored,
                                  spec::Mutation::return_keeps_exclusive_monitor,
                                  spec::Mutation::open_monitor_has_an_address,
                                  spec::Mutation::stgp_tag_from_base,
                                  spec::Mutation::casp_of_x30_writes_sp,
                                  spec::Mutation::dc_zva_abort_at_block,
                                  spec::Mutation::dc_zva_fault_granule_quartered,
                                  spec::Mutation::undefined_is_illegal_operand,
                                  spec::Mutation::permission_fault_is_not_mapped,
                                  spec::Mutation::asynchronous_fault_hides_signal,
                                  spec::Mutation::prefetch_checks_sp_alignment,
                                  spec::Mutation::byte_to_zero_register_not_loaded,
                                  spec::Mutation::signed_atomics_sign_extend,
                                  spec::Mutation::movk_sign_extends,
                                  spec::Mutation::unaligned_access_aborts_at_aligned};

TEST_CASE("the path corpus shows every deliberate fault, on the model alone", "[paths][slow]") {
    MutationSet shown = shown_by_corpus(model_profile());
    CHECK(!shown.has(spec::Mutation::absent_features_ignored)); // nothing is absent
    shown |= shown_by_corpus(without_atomics());
    for (const auto& mutation : spec::mutations()) {
        CAPTURE(mutation.id, mutation.wrong);
        const bool expected = std::find(kNotInCorpus.begin(), kNotInCorpus.end(), mutation.value) == kNotInCorpus.end();
        CHECK(shown.has(mutation.value) == expected);
    }
}

} // namespace
} // namespace mtecheck::difftest
