// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_judge.h"

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;

constexpr std::size_t kMostWays = 4096; // of settling what is open; each takes a fraction of a millisecond

/// When something happens in a step: the second flow ends before the first goes on.
std::size_t time_of(const AbiProgram& program, unsigned flow, unsigned step) {
    return flow == 0 && step >= parting(program) ? program.size() + step : step;
}

/// Leaves out the last answers that make no difference to what is up to the divergence.
void forget_later(const AbiProgram& program, const AbiDivergence& divergence, AbiChoices& asked) {
    const std::size_t time = time_of(program, divergence.flow, divergence.step);
    while (!asked.empty() && time_of(program, asked.back().flow, asked.back().since) > time) asked.pop_back();
}

/// The next way after `asked` that has not been tried: the last answer that has a successor; false: there is none.
bool next_way(const AbiChoices& asked, std::vector<unsigned>& script) {
    script.clear();
    for (const auto& choice : asked) script.push_back(choice.answer);
    while (!script.empty()) {
        if (++script.back() < asked[script.size() - 1].options) return true;
        script.pop_back();
    }
    return false;
}

} // namespace

AbiVerdict AbiJudge::judge(const AbiProgram& program, const std::optional<abi_response>& observed,
                           const std::string& obituary) {
    AbiVerdict verdict;
    unsigned best = 0;
    std::vector<unsigned> script;
    for (std::size_t ways = 0;; ++ways) {
        if (ways == kMostWays)
            return {.kind = AbiVerdict::Kind::not_modelled,
                    .why = "more than " + std::to_string(kMostWays) + " ways to settle what the contract leaves open"};
        AbiChoices asked;
        const AbiExpectation expected = model_.run(program, script, asked);
        if (!expected.predicted) {
            if (!verdict.divergence) verdict = {.kind = AbiVerdict::Kind::not_modelled, .why = expected.why};
            if (!next_way(asked, script)) break;
            continue;
        }
        if (!observed) {
            verdict.kind = AbiVerdict::Kind::diverges;
            verdict.divergence = {0,
                                  static_cast<unsigned>(program.size()),
                                  Clause::mapping,
                                  "the target ends",
                                  "it runs the program",
                                  obituary};
            return verdict;
        }
        const AbiComparison here = compare(program, expected, *observed);
        if (!here.divergence) return {.kind = AbiVerdict::Kind::agrees, .open = asked, .cannot = here.cannot};
        if (!verdict.divergence || here.progress > best) {
            best = here.progress;
            verdict.kind = AbiVerdict::Kind::diverges;
            verdict.divergence = here.divergence;
            verdict.cannot = here.cannot;
        }
        forget_later(program, *here.divergence, asked);
        if (!next_way(asked, script)) break;
    }
    return verdict;
}

std::optional<std::string> AbiJudge::why_not_modelled(const AbiProgram& program) {
    AbiChoices asked;
    const AbiExpectation expected = model_.run(program, {}, asked);
    if (expected.predicted) return std::nullopt;
    return expected.why;
}

} // namespace mtecheck::difftest
