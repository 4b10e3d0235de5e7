// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/signature.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/branches.h"
#include "difftest/core/layout.h"
#include "difftest/findings/examiner.h"
#include "difftest/generate/configuration.h"
#include "difftest/judge/decisive.h"

namespace mtecheck::difftest {
namespace {

FieldDifference differs(const std::string& kind) { return {kind, kind, "1", "2", {}, {}}; }

TEST_CASE("an instruction turns on what the model decides last in it") {
    const Profile profile = model_profile();
    DecisionTracer tracer(profile);
    Sequence sequence;
    sequence.pc = ARENA_CODE_VA;
    sequence.configuration = base_configuration(profile, 1);
    sequence.code = {0xd503201f, 0xf9400020}; // NOP; LDR X0, [X1]
    State state;
    state.windows.resize_without_values(1);
    state.windows[0] = {};
    state.windows[0].pa = ARENA_PA;
    state.windows[0].tags = 0x5;
    state.x[1] = ARENA_VA | std::uint64_t{5} << 56;
    CHECK(tracer.decisive(sequence, state) == "TagMatch=1");
    sequence.configuration.tco = 1;
    CHECK(tracer.decisive(sequence, state) == "TCO=1");
    sequence.code.resize(1);
    CHECK(tracer.decisive(sequence, state).empty());
}

TEST_CASE("an event is named without its numbers") {
    Outcome outcome;
    CHECK(event_name(outcome) == "completed");
    outcome.status = Status::crashed;
    CHECK(event_name(outcome) == "crashed");
    outcome.status = Status::exception;
    outcome.exception.to_el = 1;
    outcome.exception.esr = 0x92000011;
    CHECK(event_name(outcome) == "data abort, tag check fault to EL1");
    outcome.exception.esr = 0x96000011;
    outcome.exception.far = 0x123456;
    CHECK(event_name(outcome) == "data abort, tag check fault to EL1");
    outcome.exception.esr = 0x02000000;
    CHECK(event_name(outcome) == "unknown reason to EL1");
}

TEST_CASE("a signature has each kind of field once, and flags together") {
    Verdict verdict;
    verdict.kind = Verdict::Kind::diverged;
    verdict.differences = {differs("x"),        differs("tag"),      differs("x"),
                           differs("pstate.N"), differs("pstate.V"), differs("pstate.TCO")};
    const Signature signature = make_signature("STG", Outcome{}, Outcome{}, verdict);
    CHECK(signature.fields == "pstate.NZCV,pstate.TCO,tag,x");
    CHECK(to_string(signature) == "STG: completed; differs in pstate.NZCV,pstate.TCO,tag,x");
    Signature with_path = signature;
    with_path.path = "TagMatch=0";
    CHECK(to_string(with_path) == "STG: completed; differs in pstate.NZCV,pstate.TCO,tag,x; at TagMatch=0");
    CHECK(GroupKey{{}, false, with_path}.id() != GroupKey{{}, false, signature}.id());
}

TEST_CASE("what a branch leads to beyond its end is no part of a sequence") {
    constexpr std::uint32_t kNop = 0xd503201f;
    constexpr std::uint32_t kCbnz12 = 0xb5000069; // CBNZ X9, .+12
    constexpr std::uint32_t kBack = 0x17ffffff;   // B .-4
    constexpr std::uint32_t kTbz8 = 0x36180041;   // TBZ W1, #3, .+8
    constexpr std::uint32_t kNext = 0x54000020;   // B.EQ .+4
    const auto stay = [](std::initializer_list<std::uint32_t> code) {
        Sequence sequence;
        sequence.code.assign(code.begin(), code.end());
        return branches_stay(sequence);
    };
    CHECK(stay({kCbnz12, kNop, kNop})); // to the end
    CHECK_FALSE(stay({kCbnz12, kNop}));
    CHECK(stay({kNop, kBack}));
    CHECK_FALSE(stay({kBack, kNop}));
    CHECK(stay({kTbz8, kNop}));
    CHECK_FALSE(stay({kNop, kTbz8}));
    CHECK(stay({kNext}));
}

TEST_CASE("a group's name depends on its defects and its signature") {
    const Signature stg{"STG", "completed", "crashed", ""};
    const GroupKey plain{{}, false, stg};
    const GroupKey explained{{"defect"}, false, stg};
    const GroupKey astray{{"defect"}, true, stg};
    CHECK(plain.id().size() == 8);
    CHECK(plain.id() == GroupKey{{}, false, stg}.id());
    CHECK(plain.id() != explained.id());
    CHECK(astray.id() != explained.id());
}

TEST_CASE("a name for a file has no separators") {
    CHECK(file_name("random/1/2/3/4") == "random-1-2-3-4.json");
    CHECK(file_name("../../etc/passwd") == "..-..-etc-passwd.json");
}

} // namespace
} // namespace mtecheck::difftest
