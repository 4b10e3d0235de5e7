// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "difftest/abi/abi_generator.h"
#include "difftest/abi/abi_report.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "model/linux/uapi.h"
#include "spec/schema_validator.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/schemas.h"

using namespace mtecheck;
using namespace mtecheck::difftest;
using namespace mtecheck::model::linux_abi;

namespace {

constexpr std::uint64_t kManyPrograms = 10000;

AbiProgram parsed(const std::string& text) {
    const std::string file = "test";
    const nlohmann::json document = parse_json(text, file);
    return abi_program_from_json(JsonPlace(document, file));
}

AbiStep step(std::uint32_t op, std::array<std::uint64_t, ABI_ARGS> arguments = {}) {
    AbiStep result{};
    result.op = op;
    std::copy(arguments.begin(), arguments.end(), result.args);
    return result;
}

constexpr std::uint64_t kRead = prot::READ, kReadWrite = prot::READ | prot::WRITE, kTagged = kReadWrite | prot::MTE;
constexpr std::uint64_t kSync = pr::TAGGED_ADDR_ENABLE | pr::MTE_TCF_SYNC;
constexpr std::uint64_t kAsync = pr::TAGGED_ADDR_ENABLE | pr::MTE_TCF_ASYNC;

/// What the model's own target answers.
abi_response answer(const AbiProgram& program) { return *make_abi_model_target({})->run(program); }

AbiVerdict judged(const AbiProgram& program, const abi_response& response) {
    const auto target = make_abi_target("model");
    return AbiJudge(target->probe()).judge(program, response, {});
}

} // namespace

TEST_CASE("generated ABI programs are well formed and named by seed and index") {
    std::set<std::string> texts;
    std::set<std::uint32_t> steps;
    for (std::uint64_t index = 0; index < 500; ++index) {
        const AbiProgram program = generate_abi_program(7, index);
        const std::string text = dump(to_json(program));
        CHECK(dump(to_json(parsed(text))) == text);
        CHECK(dump(to_json(generate_abi_program(7, index))) == text);
        texts.insert(text);
        for (const AbiStep& one : program) steps.insert(one.op);
    }
    CHECK(texts.size() > 495);
    CHECK(steps.size() == ABI_OP_COUNT);
    CHECK(dump(to_json(generate_abi_program(8, 0))) != dump(to_json(generate_abi_program(7, 0))));
}

TEST_CASE("an ABI program is read strictly") {
    const auto with = [](const std::string& steps) {
        return R"({"schema": "mtecheck-abi-program/1", "steps": [)" + steps + "]}";
    };
    CHECK(parsed(with(R"({"step": "enter"})")).size() == 1);
    for (const char* const wrong :
         {R"({"step": "jump"})", R"({"step": "ldg", "page": 0})", R"({"step": "ldg", "page": 8, "granule": 0})",
          R"({"step": "ldg", "page": 0, "granule": 256})", R"({"step": "enter", "page": 0})",
          R"({"step": "munmap", "page": 7, "count": 2})", R"({"step": "munmap", "page": 0, "count": 0})",
          R"({"step": "mmap", "page": 0, "count": 5, "prot": "0x23", "kind": 2})",
          R"({"step": "st2g", "page": 7, "granule": 255, "top": "0x0"})", R"({"step": "fork"}, {"step": "exec"})",
          R"({"step": "peek", "page": 0, "granule": 0, "count": 0})", R"({"step": "prefer", "mode": 3})"}) {
        CHECK_THROWS_AS(parsed(with(wrong)), InputError);
    }
    CHECK_THROWS_AS(parsed(R"({"schema": "mtecheck-abi-program/2", "steps": []})"), InputError);
}

TEST_CASE("the model of the ABI agrees with itself") {
    const auto target = make_abi_target("model");
    const AbiResult result = check_abi(*target, {.cases = kManyPrograms}, kNever);
    CHECK(result.diverged == 0);
    CHECK(result.not_modelled < kManyPrograms / 100);
    CHECK(result.agreed + result.not_modelled == kManyPrograms);
    CHECK(result.open.size() >= 3);
}

TEST_CASE("each deliberate fault of the ABI is found") {
    for (const AbiFaultInfo& fault : abi_faults()) {
        INFO(fault.id);
        AbiFaultSet faults;
        faults.add(fault.value);
        const auto target = make_abi_model_target(faults);
        bool found = false;
        for (std::uint64_t seed = 1; seed <= 30 && !found; ++seed)
            found = check_abi(*target, {.cases = 500, .seed = seed, .reduce = false}, kNever).diverged != 0;
        CHECK(found);
    }
}

TEST_CASE("a divergence is reduced, and says which clause it is about") {
    const auto target = make_abi_target("model:prot-mte-cleared-by-mprotect");
    const AbiResult result = check_abi(*target, {.cases = 2000}, kNever);
    REQUIRE_FALSE(result.groups.empty());
    for (const AbiGroup& group : result.groups) CHECK(group.program.size() <= 8);
    CHECK(to_text(result).find("memory-tagging-extension.rst") != std::string::npos);
    const nlohmann::json report = nlohmann::json::parse(dump(to_json(result)));
    for (const auto& error : spec::validate(published_schema(std::string(kAbiReportSchema)), report))
        FAIL_CHECK(error.place << " " << error.problem);
    const nlohmann::json program = report["groups"][0]["program"];
    for (const auto& error : spec::validate(published_schema(std::string(kAbiProgramSchema)), program))
        FAIL_CHECK(error.place << " " << error.problem);
}

TEST_CASE("control words are read back, whole or not at all") {
    const AbiProgram program{step(ABI_get_ctrl), step(ABI_set_ctrl, {kSync | pr::MTE_TCF_ASYNC | 0x55555U << 3U}),
                             step(ABI_set_ctrl, {kSync | 0x7fff8}),
                             step(ABI_set_ctrl, {kSync | pr::MTE_TCF_ASYNC | 0x5550}), step(ABI_get_ctrl)};
    const abi_response response = answer(program);
    const auto& steps = response.flows[0].steps;
    CHECK(steps[0].value == 0);
    CHECK(steps[1].value == err::INVAL); // bits above the mask
    CHECK(steps[2].value == 0);
    CHECK(steps[4].value == static_cast<std::int64_t>(kSync | pr::MTE_TCF_ASYNC | 0x5550));
}

TEST_CASE("PROT_MTE cannot be cleared, and its tags stay") {
    const AbiProgram program{step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_stg, {0, 1, 9}),
                             step(ABI_mprotect, {0, 1, kRead}),
                             step(ABI_ldg, {0, 1}),
                             step(ABI_ldg, {0, 0}),
                             step(ABI_mmap, {1, 1, kTagged, ABI_DEV_ZERO})};
    const abi_response response = answer(program);
    CHECK(response.flows[0].steps[3].value == 9);
    CHECK(response.flows[0].steps[4].value == 0);
    CHECK(response.flows[0].steps[5].value == err::INVAL);
}

TEST_CASE("a synchronous fault tells its address, an asynchronous one comes by the next system call") {
    const AbiProgram sync{step(ABI_set_ctrl, {kSync}), step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                          step(ABI_handler, {ABI_HANDLE, ABI_EXPOSE_TAGBITS | ABI_FLIPS_TCO}),
                          step(ABI_store, {0, 2, 5, 1}), step(ABI_get_tco)};
    const abi_response seen = answer(sync);
    REQUIRE(seen.flows[0].signal_count == 1);
    CHECK(seen.flows[0].signals[0].code == segv::MTESERR);
    CHECK(seen.flows[0].signals[0].address == ((ABI_PLAYGROUND_VA + 32) | std::uint64_t{5} << 56U));
    CHECK(seen.flows[0].steps[3].state == ABI_NOT_DONE);
    CHECK(seen.flows[0].steps[4].value == 1);

    AbiProgram async = sync;
    async[0] = step(ABI_set_ctrl, {kAsync});
    async.push_back(step(ABI_enter));
    const abi_response later = answer(async);
    REQUIRE(later.flows[0].signal_count == 1);
    CHECK(later.flows[0].signals[0].code == segv::MTEAERR);
    CHECK(later.flows[0].signals[0].address == 0);
    CHECK(later.flows[0].steps[3].state == ABI_DONE);

    // At once is as good.
    abi_response early = later;
    early.flows[0].signals[0].step = 3;
    CHECK(judged(async, early).kind == AbiVerdict::Kind::agrees);
    early.flows[0].signals[0].step = 2;
    CHECK(judged(async, early).kind == AbiVerdict::Kind::diverges);
    early.flows[0].signal_count = 0;
    CHECK(judged(async, early).divergence->clause == Clause::asynchronous_mode);
}

TEST_CASE("a fault without a handler ends the process; the parent of a child learns of it") {
    const AbiProgram program{step(ABI_set_ctrl, {kSync}), step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_SHARED}),
                             step(ABI_stg, {0, 0, 9}),    step(ABI_fork),
                             step(ABI_ldg, {0, 0}),       step(ABI_stg, {0, 0, 3}),
                             step(ABI_load, {0, 0, 9})};
    const abi_response response = answer(program);
    CHECK(response.flows[1].steps[4].value == 9);
    CHECK(response.flows[1].steps[6].state == ABI_NOT_DONE);
    CHECK(response.flows[0].steps[3].value == kSegmentationFault);
    CHECK(response.flows[0].steps[4].value == 3); // what the child left in shared memory
    CHECK(response.status == kSegmentationFault);
}

TEST_CASE("what the contract leaves open may go either way") {
    const AbiProgram program{step(ABI_set_ctrl, {kSync}), step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_write, {0, 0, 7}), step(ABI_set_ctrl, {kAsync}), step(ABI_write, {0, 0, 7})};
    abi_response response = answer(program);
    CHECK(response.flows[0].steps[2].value == err::FAULT);
    CHECK(response.flows[0].steps[4].value == 8);
    response.flows[0].steps[2].value = 8;
    const AbiVerdict verdict = judged(program, response);
    CHECK(verdict.kind == AbiVerdict::Kind::agrees);
    REQUIRE(verdict.open.size() == 1);
    CHECK(verdict.open[0].open == Open::kernel_access_checked);
    CHECK(verdict.open[0].answer == 1);
    response.flows[0].steps[4].value = err::FAULT;
    CHECK(judged(program, response).divergence->clause == Clause::kernel_access_not_checked);
}

TEST_CASE("however much the contract leaves open, what is seen settles it") {
    for (const unsigned accesses : {9U, 16U, 22U}) {
        AbiProgram program{step(ABI_set_ctrl, {kSync}), step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE})};
        for (unsigned n = 0; n < accesses; ++n) program.push_back(step(n % 3 == 2 ? ABI_read : ABI_write, {0, n, 7}));
        INFO(accesses);
        abi_response response = answer(program);
        CHECK(judged(program, response).kind == AbiVerdict::Kind::agrees);
        for (std::size_t n = 2; n < program.size(); ++n) response.flows[0].steps[n].value = 8;
        const AbiVerdict verdict = judged(program, response);
        CHECK(verdict.kind == AbiVerdict::Kind::agrees);
        CHECK(verdict.open.size() == accesses);
        for (std::size_t n = 2; n < program.size(); n += 2) response.flows[0].steps[n].value = err::FAULT;
        CHECK(judged(program, response).kind == AbiVerdict::Kind::agrees);

        response.flows[0].steps[program.size() - 2].value = 4;
        const AbiVerdict wrong = judged(program, response);
        REQUIRE(wrong.kind == AbiVerdict::Kind::diverges);
        CHECK(wrong.divergence->step == program.size() - 2);
    }
}

TEST_CASE("an answer that is asked for late may be about what came before") {
    // The report of the fault in step 3 comes to the first handler or to the second.
    AbiProgram program{step(ABI_set_ctrl, {kAsync}),
                       step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                       step(ABI_handler, {ABI_HANDLE, 0}),
                       step(ABI_store, {0, 0, 5, 1}),
                       step(ABI_get_tco),
                       step(ABI_handler, {ABI_IGNORE, 0})};
    for (unsigned n = 0; n < 9; ++n) program.push_back(step(ABI_munmap, {1, 1}));
    abi_response response = answer(program);
    REQUIRE(response.flows[0].signal_count == 1);
    response.flows[0].signals[0].step = 3;
    CHECK(judged(program, response).kind == AbiVerdict::Kind::agrees);
    response.flows[0].signal_count = 0;
    CHECK(judged(program, response).kind == AbiVerdict::Kind::agrees);
}

TEST_CASE("nothing diverges that was not compared with all that is right") {
    AbiProgram program{
        step(ABI_mmap, {0, 4, kTagged, ABI_ANONYMOUS_PRIVATE}), step(ABI_mmap, {4, 4, kTagged, ABI_ANONYMOUS_PRIVATE}),
        step(ABI_madvise, {0, 8, madv::DONTNEED}), step(ABI_madvise, {0, 8, madv::DONTNEED}), step(ABI_get_tco)};
    abi_response response = answer(program);
    CHECK(judged(program, response).kind == AbiVerdict::Kind::agrees);
    response.flows[0].steps[4].value = 1;
    const AbiVerdict verdict = judged(program, response);
    CHECK(verdict.kind == AbiVerdict::Kind::not_modelled);
    CHECK(verdict.why.find("ways") != std::string::npos);
    program.erase(program.begin() + 3);
    response.flows[0].steps[3] = response.flows[0].steps[4];
    response.flows[0].steps[4] = {};
    CHECK(judged(program, response).kind == AbiVerdict::Kind::diverges);
}

TEST_CASE("of several modes the one that the CPU prefers is taken, from when it is written on") {
    AbiProgram program{step(ABI_set_ctrl, {kSync | pr::MTE_TCF_ASYNC}),
                       step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                       step(ABI_handler, {ABI_HANDLE}),
                       step(ABI_prefer, {ABI_PREFER_SYNC}),
                       step(ABI_store, {0, 0, 5, 1}),
                       step(ABI_prefer, {ABI_PREFER_ASYMM}),
                       step(ABI_store, {0, 0, 5, 1}),
                       step(ABI_load, {0, 0, 5}),
                       step(ABI_set_ctrl, {kAsync}),
                       step(ABI_load, {0, 0, 5}),
                       step(ABI_enter)};
    const abi_response seen = answer(program);
    REQUIRE(seen.flows[0].signal_count == 3);
    CHECK(seen.flows[0].signals[0].code == segv::MTESERR); // a store: synchronous
    CHECK(seen.flows[0].signals[0].step == 4);
    CHECK(seen.flows[0].signals[1].code == segv::MTESERR); // a load: asymmetric, and the signal of the store is lost
    CHECK(seen.flows[0].signals[1].step == 7);
    CHECK(seen.flows[0].signals[2].code == segv::MTEAERR); // one mode, whatever is preferred
    CHECK(judged(program, seen).kind == AbiVerdict::Kind::agrees);

    // Where it cannot be written the step is not judged, and changes nothing.
    AbiSystem system = make_abi_target("model")->probe();
    system.preferred_writable = false;
    program.resize(5);
    program.push_back(step(ABI_enter));
    abi_response elsewhere = answer(program);
    elsewhere.flows[0].steps[3] = {.state = ABI_CANNOT, .reserved = 0, .value = 0, .extra = {}};
    const AbiVerdict verdict = AbiJudge(system).judge(program, elsewhere, {});
    REQUIRE(verdict.kind == AbiVerdict::Kind::diverges);
    CHECK(verdict.divergence->clause == Clause::asynchronous_mode);
    CHECK(verdict.cannot == 1);
}

namespace {

/// The model, with trouble in some of its runs.
class TroubledTarget : public AbiTarget {
  public:
    enum class Trouble : std::uint8_t { none, ends, wrong, gone };
    explicit TroubledTarget(std::map<unsigned, Trouble> troubles) : troubles_(std::move(troubles)) {}
    const AbiSystem& probe() override { return model_->probe(); }
    std::optional<abi_response> run(const AbiProgram& program) override {
        const auto found = troubles_.find(runs_++);
        const Trouble trouble = found == troubles_.end() ? Trouble::none : found->second;
        if (trouble == Trouble::gone) throw TargetError("it does not come back");
        if (trouble == Trouble::ends) return std::nullopt;
        auto response = model_->run(program);
        if (trouble == Trouble::wrong) response->status = 7;
        return response;
    }
    std::string obituary() const override { return "signal 9"; }

  private:
    std::unique_ptr<AbiTarget> model_ = make_abi_model_target({});
    std::map<unsigned, Trouble> troubles_;
    unsigned runs_ = 0;
};

} // namespace

TEST_CASE("trouble with a target is told apart from what it does wrong") {
    using Trouble = TroubledTarget::Trouble;
    SECTION("a connection that is lost once") {
        TroubledTarget target({{3, Trouble::ends}});
        const AbiResult result = check_abi(target, {.cases = 10}, kNever);
        CHECK(result.lost == 1);
        CHECK(result.agreed == 10);
    }
    SECTION("a divergence that does not show again") {
        TroubledTarget target({{3, Trouble::wrong}});
        const AbiResult result = check_abi(target, {.cases = 10}, kNever);
        CHECK(result.agreed == 9);
        CHECK(result.diverged == 1);
        CHECK(result.not_reproduced == 1);
        REQUIRE(result.groups.size() == 1);
        CHECK(result.groups[0].not_reproduced == 1);
        CHECK(to_text(result).find("1 not reproduced") != std::string::npos);
    }
    SECTION("one that does, later") {
        std::map<unsigned, Trouble> troubles{{3, Trouble::wrong}};
        for (unsigned run = 5; run < 60; ++run) troubles[run] = Trouble::wrong;
        TroubledTarget target(troubles);
        const AbiResult result = check_abi(target, {.cases = 20, .reduce = false}, kNever);
        CHECK(result.not_reproduced == 1);
        const auto group = std::find_if(result.groups.begin(), result.groups.end(),
                                        [](const AbiGroup& one) { return one.not_reproduced == 1; });
        REQUIRE(group != result.groups.end());
        CHECK(group->cases > 1);
        CHECK(group->first_case > 3);
    }
    SECTION("a target that goes away for good") {
        TroubledTarget target({{3, Trouble::wrong}, {4, Trouble::wrong}, {8, Trouble::gone}});
        const AbiResult result = check_abi(target, {.cases = 10}, kNever);
        CHECK(result.trouble == "it does not come back");
        CHECK(result.cases == 7);
        CHECK(result.diverged == 1);
        CHECK(result.groups.size() == 1);
        const nlohmann::json report = nlohmann::json::parse(dump(to_json(result)));
        for (const auto& error : spec::validate(published_schema(std::string(kAbiReportSchema)), report))
            FAIL_CHECK(error.place << " " << error.problem);
        CHECK(report["incomplete"] == result.trouble);
    }
}

TEST_CASE("a run that is interrupted counts what ran") {
    const std::atomic<bool> interrupted{true};
    const auto target = make_abi_target("model");
    const AbiResult result = check_abi(*target, {.cases = 10}, interrupted);
    CHECK(result.interrupted);
    CHECK(result.cases == 0);
}

TEST_CASE("after MADV_FREE a page goes when it likes, until it is written to") {
    const AbiProgram program{step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_store, {0, 0, 0, 7}),
                             step(ABI_stg, {0, 0, 5}),
                             step(ABI_madvise, {0, 1, madv::FREE}),
                             step(ABI_load, {0, 0}),
                             step(ABI_ldg, {0, 0}),
                             step(ABI_load, {0, 0}),
                             step(ABI_stg, {0, 1, 3}),
                             step(ABI_load, {0, 0}),
                             step(ABI_ldg, {0, 0}),
                             step(ABI_load, {0, 0})};
    const abi_response kept = answer(program);
    std::int64_t at_the_end = 7;
    const auto agrees = [&](std::int64_t first, std::int64_t tag, std::int64_t second, std::int64_t third,
                            std::int64_t last) {
        abi_response response = kept;
        auto& steps = response.flows[0].steps;
        steps[4].value = first;
        steps[5].value = tag;
        steps[6].value = second;
        steps[8].value = third;
        steps[9].value = last;
        steps[10].value = third == 7 ? at_the_end : 0;
        return judged(program, response).kind == AbiVerdict::Kind::agrees;
    };
    CHECK(agrees(7, 5, 7, 7, 5));
    CHECK(agrees(0, 0, 0, 0, 0));
    CHECK(agrees(7, 0, 0, 0, 0));
    CHECK(agrees(7, 5, 0, 0, 0));
    CHECK(agrees(7, 5, 7, 0, 0));
    CHECK(agrees(7, 0, 7, 7, 0)); // the tags alone
    CHECK(agrees(7, 5, 7, 7, 0));
    CHECK_FALSE(agrees(0, 5, 7, 7, 5)); // it does not come back
    CHECK_FALSE(agrees(7, 0, 7, 7, 5));
    CHECK_FALSE(agrees(7, 5, 7, 0, 5));
    at_the_end = 0; // from the store on it stays
    CHECK_FALSE(agrees(7, 5, 7, 7, 5));
}

TEST_CASE("mprotect() changes what is in front of a gap, and madvise() what is around it") {
    const AbiProgram program{step(ABI_mmap, {0, 1, kReadWrite, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_mmap, {2, 1, kReadWrite, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_mprotect, {0, 3, kTagged}),
                             step(ABI_stg, {0, 0, 5}),
                             step(ABI_ldg, {0, 0}),
                             step(ABI_stg, {2, 0, 5}),
                             step(ABI_ldg, {2, 0}),
                             step(ABI_store, {2, 0, 0, 7}),
                             step(ABI_madvise, {0, 3, madv::DONTNEED}),
                             step(ABI_load, {2, 0, 0}),
                             step(ABI_mprotect, {1, 2, kRead}),
                             step(ABI_store, {2, 0, 0, 7}),
                             step(ABI_munmap, {0, 3})};
    const abi_response response = answer(program);
    const auto& steps = response.flows[0].steps;
    CHECK(steps[2].value == err::NOMEM);
    CHECK(steps[4].value == 5);
    CHECK(steps[6].value == 0);
    CHECK(steps[8].value == err::NOMEM);
    CHECK(steps[9].value == 0);
    CHECK(steps[10].value == err::NOMEM);
    CHECK(steps[11].state == ABI_DONE);
    CHECK(steps[12].value == 0);
}

TEST_CASE("where mprotect() of a gap changes the host alone, a store to a page that was writable never ends") {
    AbiFaultSet faults;
    faults.add(AbiFault::gap_changes_host_alone);
    const AbiProgram program{step(ABI_handler, {ABI_HANDLE}),
                             step(ABI_mmap, {0, 1, kReadWrite, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_mprotect, {0, 2, kRead}), // page 1 is the gap
                             step(ABI_load, {0, 0}),
                             step(ABI_store, {0, 0, 0, 7}),
                             step(ABI_load, {0, 0})};
    abi_response seen = *make_abi_model_target(faults)->run(program);
    CHECK(seen.status == kAlarm);
    CHECK(seen.flows[0].steps[2].value == err::NOMEM);
    CHECK(seen.flows[0].steps[3].state == ABI_DONE);
    CHECK(seen.flows[0].steps[4].state == ABI_NOT_DONE);
    CHECK(seen.flows[0].signal_count == 0);
    // A kernel sends SIGSEGV, and the next step is done.
    const abi_response right = answer(program);
    CHECK(right.status == 0);
    REQUIRE(right.flows[0].signal_count == 1);
    CHECK(right.flows[0].signals[0].code == segv::ACCERR);
    const AbiVerdict verdict = judged(program, seen);
    REQUIRE(verdict.kind == AbiVerdict::Kind::diverges);
    CHECK(verdict.divergence->step == 4);
    CHECK(verdict.divergence->observed.find("does not end") != std::string::npos);
    // A model with this fault expects just that, and no other end.
    AbiJudge judge(make_abi_target("model")->probe());
    judge.assume(faults);
    CHECK(judge.judge(program, seen, {}).kind == AbiVerdict::Kind::agrees);
    seen.status = 11;
    CHECK(judge.judge(program, seen, {}).kind == AbiVerdict::Kind::diverges);
    // Of a child that does so its parent knows nothing.
    AbiProgram of_child = program;
    of_child.insert(of_child.begin() + 3, step(ABI_fork));
    CHECK(judge.why_not_modelled(of_child).value_or("").find("a child that does not end") != std::string::npos);
}

TEST_CASE("mprotect() that a later page refuses has changed the earlier ones") {
    const AbiProgram program{step(ABI_mmap, {0, 1, kReadWrite, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_mmap, {1, 1, kReadWrite, ABI_DEV_ZERO}), step(ABI_mprotect, {0, 2, kTagged}),
                             step(ABI_stg, {0, 0, 5}), step(ABI_ldg, {0, 0})};
    const abi_response response = answer(program);
    CHECK(response.flows[0].steps[2].value == err::INVAL);
    CHECK(response.flows[0].steps[4].value == 5);
}

TEST_CASE("a file system need not allow PROT_EXEC") {
    const AbiProgram program{step(ABI_mmap, {0, 1, kRead | prot::EXEC, ABI_DEV_ZERO}),
                             step(ABI_mmap, {0, 1, kRead, ABI_DEV_ZERO}),
                             step(ABI_mprotect, {0, 1, kRead | prot::EXEC})};
    abi_response response = answer(program);
    CHECK(response.flows[0].steps[0].value == 0);
    response.flows[0].steps[0].value = err::PERM;
    CHECK(judged(program, response).kind == AbiVerdict::Kind::diverges);
    response.flows[0].steps[2].value = err::ACCES;
    CHECK(judged(program, response).kind == AbiVerdict::Kind::agrees);
}

TEST_CASE("execute-only memory can be read or not, by the CPU, and not once this way and once that") {
    const AbiProgram program{step(ABI_handler, {ABI_HANDLE}),
                             step(ABI_mmap, {0, 1, prot::EXEC | prot::MTE, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_load, {0, 0}),
                             step(ABI_write, {0, 0}),
                             step(ABI_ldg, {0, 0}),
                             step(ABI_store, {0, 0}),
                             step(ABI_mprotect, {0, 1, kRead}),
                             step(ABI_load, {0, 0})};
    const abi_response without = answer(program);
    REQUIRE(without.flows[0].signal_count == 3);
    for (const unsigned n : {0U, 1U, 2U}) CHECK(without.flows[0].signals[n].code == segv::ACCERR);
    CHECK(without.flows[0].steps[3].value == err::FAULT);
    CHECK(without.flows[0].steps[7].state == ABI_DONE);

    abi_response with = without;
    with.flows[0].signals[0] = with.flows[0].signals[2]; // that of the store
    with.flows[0].signal_count = 1;
    with.flows[0].steps[2].state = with.flows[0].steps[4].state = ABI_DONE;
    with.flows[0].steps[3].value = 8;
    CHECK(judged(program, with).kind == AbiVerdict::Kind::agrees);
    with.flows[0].steps[3].value = err::FAULT;
    CHECK(judged(program, with).kind == AbiVerdict::Kind::diverges);
}

TEST_CASE("a program that is not judged is reported with the reason") {
    const AbiProgram program{step(ABI_set_ctrl, {kAsync}), step(ABI_mmap, {0, 1, kTagged, ABI_ANONYMOUS_PRIVATE}),
                             step(ABI_store, {0, 0, 5, 1}), step(ABI_get_tco)};
    const auto target = make_abi_target("model");
    const AbiResult result = check_abi_program(*target, program, kNever);
    const std::string why = "an asynchronous fault before the end";
    CHECK(result.why_not_modelled.at(why) == 1);
    CHECK(to_text(result).find(why) != std::string::npos);
}

TEST_CASE("a target that ends says so") {
    const AbiProgram program{step(ABI_enter)};
    const auto target = make_abi_target("model");
    const AbiVerdict verdict = AbiJudge(target->probe()).judge(program, std::nullopt, "signal 11");
    REQUIRE(verdict.kind == AbiVerdict::Kind::diverges);
    CHECK(verdict.divergence->observed == "signal 11");
}
