// SPDX-License-Identifier: Apache-2.0
//
// Reductions that are disturbed: by time, by a target that is not the same each time, and by one that ends.
#include "difftest/shrink/shrinker.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/shrink/plain.h"
#include "difftest/shrink/shrink_file.h"
#include "spec/gen/isa.h"
#include "tests/difftest/campaign/fake_targets.h"
#include "tests/difftest/judge/arena_cases.h"
#include "tests/difftest/shrink/found.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kMutation = "ldapur_stlur_unchecked";

const Finding& example() {
    static const Finding finding = *found_on_mutant(kMutation);
    return finding;
}

std::unique_ptr<Target> mutant() { return make_model_target(std::string("model:") + kMutation); }

Finding undisturbed() {
    const auto target = mutant();
    Examiner examiner(target->probe(), {});
    Finding finding = example();
    REQUIRE(Shrinker(examiner, *target, {}).shrink(finding) == ShrinkEnd::minimal);
    return finding;
}

/// A target that is gone after so many cases.
class DyingTarget final : public Target {
  public:
    DyingTarget(std::unique_ptr<Target> target, std::uint64_t cases) : target_(std::move(target)), left_(cases) {}
    const Profile& probe() override { return target_->probe(); }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        if (tests.size() > left_) throw TargetError("gone");
        left_ -= tests.size();
        target_->run(tests, outcomes);
    }
    void reset() override { target_->reset(); }
    TargetStatistics statistics() const override { return target_->statistics(); }

  private:
    std::unique_ptr<Target> target_;
    std::uint64_t left_;
};

TEST_CASE("a reduction that was stopped at any phase goes on to the same result") {
    const OrderedJson wanted = to_json(undisturbed());
    const auto target = mutant();
    Examiner examiner(target->probe(), {});
    for (std::size_t stop_after = 1; stop_after < 40; stop_after += 3) {
        std::atomic<bool> interrupt = false;
        std::size_t phases = 0;
        ShrinkProgress progress;
        ShrinkSetup setup;
        setup.interrupt = &interrupt;
        setup.checkpoint = [&](const ShrinkProgress& reached) {
            // As a file would hold it.
            const std::string file = "progress";
            const nlohmann::json document = nlohmann::json::parse(to_json(reached).dump());
            progress = shrink_progress_from_json(JsonPlace(document, file));
            if (++phases == stop_after) interrupt = true;
        };
        Finding finding = example();
        const ShrinkEnd end = Shrinker(examiner, *target, setup).shrink(finding);
        if (end == ShrinkEnd::minimal) break; // there are no more phases
        REQUIRE(end == ShrinkEnd::interrupted);
        CHECK(finding.shortest);
        CHECK_FALSE(finding.shrunk->minimal);
        interrupt = false;
        setup.checkpoint = nullptr;
        finding = example();
        REQUIRE(Shrinker(examiner, *target, setup).shrink(finding, progress) == ShrinkEnd::minimal);
        CHECK(to_json(finding) == wanted);
    }
}

TEST_CASE("few runs give what can be had for them") {
    const auto target = mutant();
    Examiner examiner(target->probe(), {});
    const Profile profile = target->probe();
    for (const std::uint64_t runs : {1U, 10U, 50U, 100U}) {
        ShrinkSetup setup;
        setup.runs = runs;
        Finding finding = example();
        REQUIRE(Shrinker(examiner, *target, setup).shrink(finding) == ShrinkEnd::out_of_runs);
        CHECK_FALSE(finding.shrunk->minimal);
        CHECK(cost(finding.shown(), profile) <= cost(finding.original, profile));
        Trial trial(examiner, *target);
        CHECK(same_cause(*trial.groups({&finding.shown(), 1}).front(), finding.group()));
    }
}

TEST_CASE("a target that ends on the way loses nothing: the file is whole, and another process goes on") {
    const OrderedJson wanted = to_json(undisturbed());
    for (const std::uint64_t cases : {0U, 20U, 60U, 150U, 250U}) {
        const auto directory = scratch_directory("dying");
        const auto file = directory / "finding.json";
        write_durably(file, dump(to_json(example())));
        {
            DyingTarget target(mutant(), cases);
            Examiner examiner(target.probe(), {});
            Finding finding = read_finding(file);
            CHECK_THROWS_AS(shrink_to_file(finding, file, examiner, target, {}), TargetError);
        }
        CHECK(to_json(read_finding(file)) == to_json(example()));
        const auto target = mutant();
        Examiner examiner(target->probe(), {});
        Finding finding = read_finding(file);
        REQUIRE(shrink_to_file(finding, file, examiner, *target, {}) == ShrinkEnd::minimal);
        CHECK(to_json(read_finding(file)) == wanted);
        CHECK_FALSE(std::filesystem::exists(progress_file(file)));
    }
}

TEST_CASE("what an older reduction of another finding left is not used") {
    const auto directory = scratch_directory("stale");
    const auto file = directory / "finding.json";
    const auto target = mutant();
    Examiner examiner(target->probe(), {});
    {
        Finding other = example();
        other.original.state.x[29] ^= 1;
        DyingTarget dying(mutant(), 60);
        Examiner dying_examiner(dying.probe(), {});
        CHECK_THROWS_AS(shrink_to_file(other, file, dying_examiner, dying, {}), TargetError);
    }
    REQUIRE(std::filesystem::exists(progress_file(file)));
    Finding finding = example();
    REQUIRE(shrink_to_file(finding, file, examiner, *target, {}) == ShrinkEnd::minimal);
    CHECK(to_json(finding) == to_json(undisturbed()));
}

TEST_CASE("a finding that the target does not show is left as it was") {
    const auto target = make_model_target("model");
    Examiner examiner(target->probe(), {});
    Finding finding = example();
    REQUIRE(Shrinker(examiner, *target, {}).shrink(finding) == ShrinkEnd::not_reproduced);
    CHECK(to_json(finding) == to_json(example()));
}

/// The model, with another X0 in every `nth` of its cases, whatever they are.
std::unique_ptr<Target> flaky(std::uint64_t nth) {
    return make_tampered_target([nth](const Test&, std::size_t, std::uint64_t since_reset, Outcome& outcome) {
        if (since_reset % nth == nth - 1) outcome.x[0] ^= 1;
    });
}

TEST_CASE("a target that is not the same each time never makes a finding worse") {
    const Profile profile = model_profile();
    for (const std::uint64_t nth : {1U, 2U, 3U, 7U, 50U}) {
        INFO(nth);
        const auto target = flaky(nth);
        Examiner examiner(profile, {});
        Finding before;
        before.original = test::el1_case(1, {test::kNop, test::kLdr, test::kNop, test::kStr, test::kNop});
        test::add_window(before.original, 0, 3);
        before.original.state.x[1] = test::address(0, 3);
        before.target = "flaky";
        before.confirmation = Confirmation::confirmed;
        before.got.status = Status::completed;
        before.signature = {"NOP", "completed", "completed", "x"};
        Finding finding = before;
        const ShrinkEnd end = Shrinker(examiner, *target, {}).shrink(finding);
        CHECK(to_json(finding.original) == to_json(before.original));
        if (end == ShrinkEnd::not_reproduced) {
            CHECK(to_json(finding) == to_json(before));
        } else {
            CHECK(finding.differences.size() == 1);
            CHECK(cost(*finding.shortest, profile) <= cost(before.original, profile));
        }
    }
}

TEST_CASE("a case that ends the target is reduced to the instruction that does") {
    const auto target = make_tampered_target([](const Test& test, std::size_t, std::uint64_t, Outcome& outcome) {
        for (const std::uint32_t word : test.sequence.code) {
            if (instruction_name(word) != "LDR") continue;
            outcome = {};
            outcome.status = Status::crashed;
            outcome.note = "died";
        }
    });
    Examiner examiner(target->probe(), {});
    Finding finding;
    finding.original = test::el1_case(1, {test::kNop, test::kStr, test::kLdr, test::kStp});
    test::add_window(finding.original, 0, 3);
    finding.original.state.x[1] = test::address(0, 3);
    finding.got.status = Status::crashed;
    finding.signature = {"(any)", "completed", "crashed", ""};
    const ShrinkEnd end = Shrinker(examiner, *target, {}).shrink(finding);
    CHECK((end == ShrinkEnd::minimal || end == ShrinkEnd::out_of_runs));
    CHECK(finding.shortest->sequence.code.size() == 1);
    CHECK(instruction_name(finding.shortest->sequence.code[0]) == "LDR");
    CHECK(finding.got.status == Status::crashed);
}

} // namespace
} // namespace mtecheck::difftest
