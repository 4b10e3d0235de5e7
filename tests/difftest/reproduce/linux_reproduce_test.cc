// SPDX-License-Identifier: Apache-2.0
//
// Reproducers of a Linux process, assembled and run: those of findings end with 1, those of cases that agree with 0.
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "difftest/campaign/campaign.h"
#include "difftest/core/error.h"
#include "difftest/judge/judge.h"
#include "difftest/linux/target.h"
#include "difftest/reproduce/reproduce.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/linux/samples.h"
#include "tests/difftest/linux/user_fixture.h"
#include "tests/difftest/reproduce/assembled.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

constexpr int kMaxFindings = 12;
constexpr int kMaxAgreeing = 12;

Finding finding_of(const Test& test) {
    Finding finding;
    finding.original = {"agrees", test.sequence, test.states[0]};
    return finding;
}

} // namespace

TEST_CASE("the reproducers of what is found in user mode end with 1 there") {
    const QemuOptions options = linux_tests::options_or_skip();
    Settings settings;
    settings.target = options.spec;
    settings.cases = 3'000;
    Progress progress(ProgressStyle::none);
    const auto campaign = Campaign::start(
        settings, scratch_path("linux-reproduce-campaign"),
        {[&] { return make_qemu_user_target(options); }, read_defects(mtecheck::places::source() + "/corpus/defects")});
    REQUIRE(campaign->run(1, kNever, progress) == CampaignEnd::complete);
    const auto directory = scratch_directory("linux-reproducers");
    int number = 0;
    for (const Finding& finding : campaign->findings()) {
        if (!finding.shrunk || number == kMaxFindings) continue;
        if (check_shown(finding, "finding" + std::to_string(number), *campaign, directory, options.program)) ++number;
    }
    CHECK(number > 0);
}

TEST_CASE("the reproducers of cases of a process that agree end with 0") {
    const QemuOptions options = linux_tests::options_or_skip();
    const auto target = make_qemu_user_target(options);
    const Profile profile = target->probe();
    Judge judge(profile);
    const auto generator = make_random_generator(profile, 1);
    const auto directory = scratch_directory("agreeing-linux-reproducers");
    int ran_so_far = 0;
    for (std::uint64_t index = 0; index < 400 && ran_so_far < kMaxAgreeing; ++index) {
        Test test;
        generator->generate(5, static_cast<std::uint32_t>(index % 8), index * 16, test);
        if (test.states.empty()) continue;
        judge.load(test.sequence);
        std::vector<std::vector<Outcome>> outcomes;
        target->run({&test, 1}, outcomes);
        if (!judge.judge(test.states[0], outcomes[0][0]).agreed()) continue;
        std::string text;
        const std::string name = "agrees" + std::to_string(index);
        try {
            text = reproducer(finding_of(test), name, false, profile, {});
        } catch (const InputError&) {
            continue; // too much is left open
        }
        ++ran_so_far;
        const Ran ran = assemble_and_run(directory, name, text, options.program);
        INFO(name << ": " << ran.output);
        CHECK(ran.status == 0);
        CHECK(ran.output.empty());
    }
    CHECK(ran_so_far == kMaxAgreeing);
}

TEST_CASE("a reproducer for Linux says what a process cannot set up") {
    Profile profile = model_profile();
    profile.process = true;
    Test test = linux_tests::make_test(profile, TagCheckMode::sync, {linux_tests::kLdrX5X4});
    const std::string text = reproducer(finding_of(test), "example", false, profile, {});
    CHECK(text == reproducer(finding_of(test), "example", false, profile, {}));
    CHECK(commands_of(text, "qemu").size() == 3);
    test.states[0].rgsr_el1 = 1;
    CHECK_THROWS_AS(reproducer(finding_of(test), "example", false, profile, {}), InputError);
}

} // namespace mtecheck::difftest
