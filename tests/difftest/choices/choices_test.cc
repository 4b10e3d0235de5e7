// SPDX-License-Identifier: Apache-2.0
//
// Targets that choose in ways that are known: what is measured of them is what they chose.
#include "difftest/choices/choices.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/choices/probes.h"
#include "difftest/core/layout.h"
#include "difftest/judge/judge.h"
#include "difftest/judge/model_target.h"
#include "difftest/judge/reading.h"
#include "spec/gen/isa.h"
#include "tests/difftest/campaign/fake_targets.h"

namespace mtecheck::difftest {
namespace {

using spec::DontCare;

const ChoiceSeen& of(const std::vector<ChoiceSeen>& choices, DontCare rule, const std::string& part = {}) {
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const ChoiceSeen& choice) {
        return choice.rule == rule && choice.probe.find(part) != std::string::npos;
    });
    REQUIRE(found != choices.end());
    return *found;
}

/// The model, whose outcomes of code that begins with this instruction are changed.
std::vector<ChoiceSeen> measured_with(spec::Encoding first, const std::function<void(Outcome&, const State&)>& change) {
    const auto target = make_tampered_target([&](const Test& test, std::size_t state, std::uint64_t, Outcome& outcome) {
        if (spec::decode(test.sequence.code.front()) == first) change(outcome, test.states[state]);
    });
    return measure_choices(*target);
}

TEST_CASE("the model chooses as the pseudocode does") {
    const auto target = make_model_target("model");
    const auto choices = measure_choices(*target);
    CHECK(of(choices, DontCare::AddTagReservedField).seen == "UNDEFINED");
    CHECK(of(choices, DontCare::TaggedWithoutCache).seen == "Tagged");
    CHECK(of(choices, DontCare::FaultsAtSeveralAddresses).seen == "the Tag Check Fault, at the lower address");
    CHECK(of(choices, DontCare::MisalignedAtomic).seen == "Alignment fault");
    CHECK(of(choices, DontCare::WritebackOverlapLoad).seen == "Xn holds what was loaded");
    CHECK(of(choices, DontCare::FailingStoreExclusive).seen == "memory aborts are detected, tags are not checked");
    CHECK(of(choices, DontCare::ReservedBitsWritten, "gcr_el1").seen == "the bits are hardwired to 0");
    CHECK(of(choices, DontCare::BlockSizes).seen == "LDGM block 64 bytes, DC ZVA block 64 bytes");
    CHECK(of(choices, DontCare::RandomTag).seen == "the same tag each time");
    // FEAT_MTE3 leaves no reserved value.
    CHECK(of(choices, DontCare::ReservedTagCheckFaultControl).seen.empty());
    CHECK(std::is_sorted(choices.begin(), choices.end(),
                         [](const ChoiceSeen& a, const ChoiceSeen& b) { return a.rule < b.rule; }));
    for (const ChoiceSeen& choice : choices) {
        CAPTURE(choice.probe);
        CHECK(choice.seen.empty() != choice.remark.empty());
        CHECK(to_json(choice).contains("seen") == !choice.seen.empty());
    }
}

TEST_CASE("another choice is seen") {
    const auto nop = measured_with(spec::Encoding::ADDG, [](Outcome& outcome, const State& state) {
        static_cast<Registers&>(outcome) = state;
        outcome.status = Status::completed;
        outcome.exception = {};
        outcome.pc = ARENA_CODE_VA + 4;
        outcome.pstate &= ~(std::uint64_t{1} << 25U); // TCO, which the exception set
    });
    CHECK(of(nop, DontCare::AddTagReservedField).seen == "NOP");
    CHECK(of(nop, DontCare::AddTagReservedField).remark.empty());
}

TEST_CASE("what is not allowed is not said to be any choice") {
    const auto other = measured_with(spec::Encoding::ADDG, [](Outcome& outcome, const State&) {
        outcome.exception.esr = 0x96000011; // some Data Abort
    });
    CHECK(of(other, DontCare::AddTagReservedField).seen.empty());
    CHECK(of(other, DontCare::AddTagReservedField).remark.starts_with("it does none of what is allowed"));

    // One that ends as is allowed counts, and it is told what is wrong besides.
    const auto flawed = measured_with(spec::Encoding::ADDG, [](Outcome& outcome, const State&) { outcome.x[7] = 1; });
    CHECK(of(flawed, DontCare::AddTagReservedField).seen == "UNDEFINED");
    CHECK(of(flawed, DontCare::AddTagReservedField).remark == "but not as is allowed: x7");

    const auto dead = measured_with(spec::Encoding::ADDG, [](Outcome& outcome, const State&) {
        outcome.status = Status::crashed;
        outcome.note = "signal 6";
    });
    CHECK(of(dead, DontCare::AddTagReservedField).seen.empty());
    CHECK(of(dead, DontCare::AddTagReservedField).remark == "crashed: signal 6");
}

TEST_CASE("every probe turns on its rule, for an implementation that leaves it open") {
    Profile profile = model_profile();
    std::vector<Profile> profiles(3, profile);
    for (std::size_t level = 1; level <= 2; ++level) { // FEAT_MTE, and FEAT_MTE2
        Profile& lesser = profiles[level];
        lesser.mte = static_cast<std::uint8_t>(level);
        lesser.mte_async = level == 2;
        std::erase(lesser.features, "FEAT_MTE3");
        lesser.features.emplace_back(level == 1 ? "FEAT_MTE" : "FEAT_MTE2");
    }
    for (const ChoiceProbe& probe : choice_probes(profile)) {
        CAPTURE(spec::info(probe.rule).name, probe.where);
        bool arises = false;
        for (const Profile& candidate : profiles) {
            const auto reading = make_reading(candidate);
            for (const ChoiceProbe& same : choice_probes(candidate)) {
                if (same.rule != probe.rule || same.where != probe.where) continue;
                reading->load(same.cases.front().sequence);
                reading->run(same.cases.front().state, {}, reading->first);
                for (const ChoiceTaken& choice : reading->first.choices)
                    arises = arises || choice.reason == probe.asked;
                for (const Allowance& item : reading->first.allowances) arises = arises || item.reason == probe.asked;
            }
        }
        CHECK(arises);
    }
}

} // namespace
} // namespace mtecheck::difftest
