// SPDX-License-Identifier: Apache-2.0
//
// Reproducers, assembled and run by the commands in their own comments: those of findings end with 1, those of cases
// that agree with 0.
#include "difftest/reproduce/reproduce.h"

#include <catch2/catch_test_macros.hpp>
#include <regex>
#include <set>
#include <string>

#include "difftest/campaign/campaign.h"
#include "difftest/core/error.h"
#include "difftest/generate/generator.h"
#include "difftest/reproduce/checks.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/judge/arena_cases.h"
#include "tests/difftest/qemu/qemu_fixture.h"
#include "tests/difftest/reproduce/assembled.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

constexpr int kMaxAgreeing = 24;

TEST_CASE("the reproducers of what is found on QEMU end with 1 there", "[slow]") {
    const QemuOptions options = qemu_tests::options_or_skip();
    const std::vector<Defect> defects = read_defects(mtecheck::places::source() + "/corpus/defects");
    Settings settings;
    settings.target = options.spec;
    settings.cases = 40'000;
    Progress progress(ProgressStyle::none);
    const auto campaign = Campaign::start(settings, scratch_path("reproduce-campaign"),
                                          {[&] { return make_qemu_system_target(options); }, defects});
    REQUIRE(campaign->run(2, kNever, progress) == CampaignEnd::complete);
    const auto directory = scratch_directory("reproducers");
    std::set<std::string> shown;
    int number = 0;
    for (const Finding& finding : campaign->findings()) {
        if (!finding.shrunk) continue;
        check_shown(finding, "finding" + std::to_string(number++), *campaign, directory, options.program);
        shown.insert(finding.explained_by.begin(), finding.explained_by.end());
    }
    for (const auto& [key, group] : campaign->tally().groups) {
        if (group.examples.empty()) continue;
        for (const std::string& id : key.explained_by) {
            INFO(id);
            CHECK(shown.contains(id));
        }
    }
}

TEST_CASE("the reproducers of cases that agree end with 0", "[slow]") {
    const QemuOptions options = qemu_tests::options_or_skip();
    const auto target = make_qemu_system_target(options);
    const Profile& profile = target->probe();
    Judge judge(profile);
    const auto generator = make_random_generator(profile, 1);
    const auto directory = scratch_directory("agreeing-reproducers");
    std::set<unsigned> levels;
    int ran_so_far = 0;
    for (std::uint64_t index = 0; index < 400 && ran_so_far < kMaxAgreeing; ++index) {
        Test test;
        generator->generate(5, static_cast<std::uint32_t>(index % 8), index * 16, test);
        if (test.states.empty()) continue;
        judge.load(test.sequence);
        const Outcome got = qemu_tests::run_one(*target, test);
        if (!judge.judge(test.states[0], got).agreed()) continue;
        Finding finding;
        finding.original = {"agrees", test.sequence, test.states[0]};
        std::string text;
        const std::string name = "agrees" + std::to_string(index);
        try {
            text = reproducer(finding, name, false, profile, {});
        } catch (const InputError&) {
            continue; // too much is left open
        }
        ++ran_so_far;
        levels.insert(test.sequence.configuration.el);
        const Ran ran = assemble_and_run(directory, name, text, options.program);
        INFO(name << ": " << ran.output);
        CHECK(ran.status == 0);
        CHECK(ran.output.empty());
    }
    CHECK(ran_so_far == kMaxAgreeing);
    CHECK(levels.size() >= 3);
}

/// The text with a line that contains `where` made an instruction that faults.
std::string broken_at(std::string text, const std::string& where) {
    const std::size_t found = text.find(where);
    REQUIRE(found != std::string::npos);
    const std::size_t begin = text.rfind('\n', found) + 1;
    return text.replace(begin, text.find('\n', found) - begin, "        .inst   0");
}

TEST_CASE("a reproducer that goes wrong itself ends, and says so, also without FEAT_MTE2") {
    const QemuOptions options = qemu_tests::options_or_skip();
    const auto directory = scratch_directory("broken-reproducers");
    Profile profile = model_profile();
    profile.cpu = "max";
    for (const unsigned mte : {1U, 2U}) {
        CAPTURE(mte);
        profile.mte = static_cast<std::uint8_t>(mte);
        const Test test = qemu_tests::make_test(profile, 1, 1, {qemu_tests::kNop});
        Finding finding;
        finding.original = {"nop", test.sequence, test.states[0]};
        const std::string text = reproducer(finding, "nop", false, profile, {});
        CHECK((text.find("svc     #0\n") != std::string::npos) == (mte == 1));
        const Ran whole = assemble_and_run(directory, "nop", text, options.program);
        INFO(whole.output);
        CHECK(whole.status == 0);
        // Before the code, and in the recorder.
        for (const char* const where : {"tlbi    alle1", "asynchronous Tag Check Faults are complete"}) {
            const Ran ran = assemble_and_run(directory, "nop", broken_at(text, where), options.program);
            INFO(ran.output);
            CHECK(ran.status == 2);
            CHECK(ran.output.starts_with(
                "cannot tell: the program itself took an exception to EL3: ESR 0x0000000002000000, FAR 0x"));
        }
        const Ran elsewhere =
            assemble_and_run(directory, "nop", std::regex_replace(text, std::regex("secure=on,mte=\\w+"), "secure=off"),
                             options.program);
        CHECK(elsewhere.status == 2);
        CHECK(elsewhere.output == "cannot tell: this has to begin at EL3\n");
    }
}

TEST_CASE("checks look at nothing that is left open, and at what differs") {
    // LDR X0, [X1] with a tag that does not match.
    Case value = test::el1_case(1, {test::kLdr});
    test::add_window(value, 0, 3);
    value.state.x[1] = test::address(8, 4);
    Judge judge(model_profile());
    judge.load(value.sequence);
    const Outcome expected = judge.expect(value.state).outcome;
    for (const Check& check : checks_of(value, model_profile(), nullptr))
        CHECK(passes(check, words_of(expected, false)));
    Outcome got = expected;
    got.x[7] ^= 1;
    const std::vector<Check> checks = checks_of(value, model_profile(), &got);
    CHECK(std::count_if(checks.begin(), checks.end(),
                        [&](const Check& check) { return !passes(check, words_of(got, false)); }) == 1);
    CHECK_THROWS_AS(checks_of(value, model_profile(), &expected), InputError);
}

TEST_CASE("a reproducer is the same each time, and says what bare metal cannot set up") {
    Finding finding;
    finding.original = test::el1_case(1, {test::kLdr});
    test::add_window(finding.original, 0, 3);
    finding.original.state.x[1] = test::address(8, 3);
    const Profile profile = model_profile();
    finding.original.sequence.configuration.gmid_el1 = profile.gmid_el1;
    finding.original.sequence.configuration.dczid_el0 = profile.dczid_el0;
    const std::string text = reproducer(finding, "example", false, profile, {});
    CHECK(text == reproducer(finding, "example", false, profile, {}));
    CHECK(text.find("ldr x0, [x1, #0]") != std::string::npos);
    CHECK(commands_of(text, "qemu").size() == 3);
    finding.original.sequence.configuration.sctlr[1] = 0; // the MMU is off
    CHECK_THROWS_AS(reproducer(finding, "example", false, profile, {}), InputError);
}

} // namespace
} // namespace mtecheck::difftest
