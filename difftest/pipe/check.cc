// SPDX-License-Identifier: Apache-2.0
#include "difftest/pipe/check.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/generate/generator.h"
#include "difftest/judge/judge.h"
#include "difftest/pipe/protocol.h"
#include "difftest/pipe/session.h"
#include "difftest/pipe/target.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kTests = 64;
constexpr double kFinishSeconds = 10;

/// Questions to one adapter; the first that gets no answer ends it.
class Examination {
  public:
    explicit Examination(const CommandOptions& options) : options_(options), session_(options.command) {}

    std::string ask(const std::string& request) {
        auto answer = session_.exchange(request, options_.seconds);
        if (const auto* const failure = std::get_if<AdapterSession::Failure>(&answer))
            throw TargetError(std::string(to_string(*failure)) + " (" + session_.obituary() + ")");
        return std::get<std::string>(std::move(answer));
    }
    Profile profile() {
        const std::uint64_t number = ++number_;
        return read_profile_answer(ask(probe_request(number)), number);
    }
    Profile profile_asked_strangely() {
        const std::uint64_t number = ++number_;
        return read_profile_answer(ask(strange_request(number, "probe")), number);
    }
    std::string refusal() {
        const std::uint64_t number = ++number_;
        return read_error_answer(ask(strange_request(number, "a request of a later version")), number);
    }
    std::vector<Outcome> run(const Test& test) {
        const std::uint64_t number = ++number_;
        return read_run_answer(ask(run_request(number, test)), number, test.states);
    }
    bool finish() { return session_.finish(kFinishSeconds); }

  private:
    const CommandOptions& options_;
    AdapterSession session_;
    std::uint64_t number_ = 0;
};

std::vector<Test> tests_for(const Profile& profile) {
    const auto generator = make_random_generator(profile);
    std::vector<Test> tests(kTests);
    for (std::size_t i = 0; i < kTests; ++i) generator->generate(1, 0, i, tests[i]);
    return tests;
}

bool same(const std::vector<Outcome>& a, const std::vector<Outcome>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Outcome& x, const Outcome& y) { return to_json(x) == to_json(y); });
}

/// How many cases have which verdict.
std::string agreement(const Profile& profile, const std::vector<Test>& tests,
                      const std::vector<std::vector<Outcome>>& outcomes) {
    Judge judge(profile);
    std::map<std::string, std::uint64_t> counts;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        judge.load(tests[i].sequence);
        for (std::size_t j = 0; j < tests[i].states.size(); ++j) {
            switch (judge.judge(tests[i].states[j], outcomes[i][j]).kind) {
            case Verdict::Kind::agreed: ++counts["agree with the model"]; break;
            case Verdict::Kind::diverged: ++counts["diverge"]; break;
            case Verdict::Kind::tool_trouble: ++counts["crashed, hung or garbled"]; break;
            case Verdict::Kind::not_applicable: ++counts["unsupported"]; break;
            case Verdict::Kind::open: ++counts["left open"]; break;
            }
        }
    }
    std::string text;
    for (const auto& [what, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    return text;
}

/// Whether something was supported, and what was not says why.
AdapterCheck supports(const std::vector<std::vector<Outcome>>& outcomes) {
    AdapterCheck check{"it runs cases, and says of those that it does not set up why", true, {}};
    std::size_t supported = 0;
    for (const auto& of_test : outcomes) {
        for (const Outcome& outcome : of_test) {
            supported += outcome.status != Status::unsupported ? 1U : 0U;
            if (outcome.status == Status::unsupported && outcome.note.empty()) {
                check.passed = false;
                check.detail = "an outcome is unsupported without a note";
            }
        }
    }
    if (supported == 0) {
        check.passed = false;
        check.detail = "it supports no case at all";
    }
    return check;
}

} // namespace

std::vector<AdapterCheck> check_adapter(const std::string& spec) {
    const CommandOptions options = parse_command_options(spec, "pipe");
    Examination examination(options);
    std::vector<AdapterCheck> checks;
    /// Runs one; whether it went as it should.
    const auto check = [&](const std::string& what, const auto& of) {
        AdapterCheck result{what, false, {}};
        try {
            result.detail = of();
            result.passed = result.detail.empty();
        } catch (const InputError& error) {
            result.detail = error.what();
        } catch (const TargetError& error) {
            result.detail = error.what();
        }
        checks.push_back(result);
        return result.passed;
    };
    Profile profile;
    if (!check("it says what it is", [&] {
            profile = examination.profile();
            return std::string();
        }))
        return checks;
    const auto same_profile = [&](const Profile& again) {
        return to_json(again) == to_json(profile) ? std::string() : std::string("it says something else");
    };
    check("it says the same when it is asked again", [&] { return same_profile(examination.profile()); });
    check("members that it does not know do not matter",
          [&] { return same_profile(examination.profile_asked_strangely()); });
    if (!check("a request that it does not know is answered with an error",
               [&] { return examination.refusal().empty() ? std::string("the error has no text") : std::string(); }))
        return checks;

    const std::vector<Test> tests = tests_for(profile);
    std::vector<std::vector<Outcome>> outcomes;
    if (!check("it answers " + std::to_string(kTests) + " tests", [&] {
            for (const Test& test : tests) outcomes.push_back(examination.run(test));
            return std::string();
        }))
        return checks;
    checks.push_back(supports(outcomes));
    const auto repeat = [&](bool alone) {
        for (std::size_t i = tests.size(); i-- != 0;) {
            std::vector<Outcome> again;
            if (alone) {
                for (const State& state : tests[i].states) {
                    again.push_back(std::move(examination.run({tests[i].sequence, {state}}).front()));
                }
            } else {
                again = examination.run(tests[i]);
            }
            if (!same(again, outcomes[i])) return "test " + std::to_string(i) + " ended otherwise";
        }
        return std::string();
    };
    // An implementation that draws tags at random may, with GCR_EL1.RRND = 1, so it is not asked.
    if (!profile.chooses_tags) {
        check("the same tests in another order end as before", [&] { return repeat(false); });
        check("states alone end as they did together", [&] { return repeat(true); });
    }
    check("it ends when its input does",
          [&] { return examination.finish() ? std::string() : std::string("it runs on"); });
    checks.push_back({"for information: " + agreement(profile, tests, outcomes), true, {}});
    return checks;
}

} // namespace mtecheck::difftest
