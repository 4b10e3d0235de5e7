// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_check.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "difftest/abi/abi_generator.h"

namespace mtecheck::difftest {

namespace {

class AbiCheck {
  public:
    AbiCheck(AbiTarget& target, const AbiSettings& settings, const std::vector<AbiDefect>& known)
        : target_(target), judge_(require_mte(target)), explainer_(target.probe(), known) {
        result_.system = target.probe();
        result_.settings = settings;
        for (const AbiDefect& defect : explainer_.defects()) result_.defects.emplace_back(defect, 0);
    }

    /// Runs programs until there are enough, then reduces; ends before if interrupted or the target does not come back.
    template <class Generate>
    void run_all(const Generate& generate, const std::atomic<bool>& interrupted) {
        try {
            for (std::uint64_t n = 0; n < result_.settings.cases && !interrupted; ++n) {
                take(n, generate(n));
                ++result_.cases;
            }
            for (AbiGroup& group : result_.groups) {
                if (result_.settings.reduce && !interrupted) reduce(group);
            }
        } catch (const TargetError& error) {
            result_.trouble = error.what();
        }
        result_.interrupted = interrupted;
    }

    AbiResult finish() {
        std::stable_sort(result_.groups.begin(), result_.groups.end(), [](const AbiGroup& a, const AbiGroup& b) {
            return std::tuple(!a.defects.empty(), a.divergence.clause, a.divergence.what) <
                   std::tuple(!b.defects.empty(), b.divergence.clause, b.divergence.what);
        });
        return std::move(result_);
    }

  private:
    static const AbiSystem& require_mte(AbiTarget& target) {
        const AbiSystem& system = target.probe();
        if (!system.has_mte()) throw NoMemoryTagging(system.target + ": the kernel does not have HWCAP2_MTE");
        return system;
    }

    void take(std::uint64_t number, const AbiProgram& program) {
        const auto not_modelled = [this](const std::string& why) {
            ++result_.not_modelled;
            ++result_.why_not_modelled[why];
        };
        if (const auto why = judge_.why_not_modelled(program)) return not_modelled(*why);
        const AbiVerdict verdict = run(program);
        if (verdict.kind == AbiVerdict::Kind::not_modelled) return not_modelled(verdict.why);
        result_.cannot += verdict.cannot;
        if (verdict.kind == AbiVerdict::Kind::agrees) {
            ++result_.agreed;
            for (const auto& choice : verdict.open) ++result_.open[choice.open][choice.answer];
            return;
        }
        diverges(number, program, verdict);
    }

    void diverges(std::uint64_t number, const AbiProgram& program, const AbiVerdict& verdict) {
        const AbiDivergence& divergence = *verdict.divergence;
        const bool again = run(program).diverges_like(divergence);
        ++result_.diverged;
        if (!again) ++result_.not_reproduced;
        count_defects(verdict.defects);
        auto group = std::find_if(result_.groups.begin(), result_.groups.end(),
                                  [&](const AbiGroup& known) { return belongs(verdict, known); });
        if (group == result_.groups.end()) {
            group = result_.groups.insert(result_.groups.end(), AbiGroup{});
            group->first_case = number;
            represent(*group, program, verdict);
        } else if (again && group->not_reproduced == group->cases) {
            represent(*group, program, verdict);
            group->first_case = number;
        }
        ++group->cases;
        if (!again) ++group->not_reproduced;
    }

    static bool belongs(const AbiVerdict& verdict, const AbiGroup& group) {
        return verdict.kind == AbiVerdict::Kind::diverges && verdict.defects.empty() == group.defects.empty() &&
               verdict.essence().same_group(group.beyond ? *group.beyond : group.divergence);
    }

    static void represent(AbiGroup& group, const AbiProgram& program, const AbiVerdict& verdict) {
        group.program = program;
        group.divergence = *verdict.divergence;
        group.defects = verdict.defects;
        group.beyond = verdict.beyond;
        group.why = verdict.why;
    }

    void count_defects(const std::vector<std::string>& ids) {
        if (!ids.empty()) ++result_.explained;
        for (auto& [defect, programs] : result_.defects) {
            if (std::find(ids.begin(), ids.end(), defect.id) != ids.end()) ++programs;
        }
    }

    AbiVerdict run(const AbiProgram& program) {
        auto observed = target_.run(program);
        if (!observed) {
            observed = target_.run(program);
            if (observed) ++result_.lost;
        }
        AbiVerdict verdict = judge_.judge(program, observed, observed ? std::string() : target_.obituary());
        if (observed && verdict.kind == AbiVerdict::Kind::diverges)
            take(explainer_.explain(program, *observed), verdict);
        return verdict;
    }

    static void take(AbiExplanation explanation, AbiVerdict& verdict) {
        verdict.defects = std::move(explanation.defects);
        verdict.beyond = std::move(explanation.beyond);
        verdict.why = std::move(explanation.why);
    }

    /// Leaves out steps as long as the divergence stays what it is: first what comes after it.
    void reduce(AbiGroup& group) {
        const auto stays = [&](const AbiProgram& candidate) {
            if (judge_.why_not_modelled(candidate)) return false;
            const AbiVerdict verdict = run(candidate);
            if (!belongs(verdict, group)) return false;
            represent(group, candidate, verdict);
            return true;
        };
        for (std::size_t n = group.program.size(); n-- > 0;) {
            AbiProgram without = group.program;
            without.erase(without.begin() + static_cast<std::ptrdiff_t>(n));
            stays(without);
        }
    }

    AbiTarget& target_;
    AbiJudge judge_;
    AbiExplainer explainer_;
    AbiResult result_;
};

} // namespace

AbiResult check_abi(AbiTarget& target, const AbiSettings& settings, const std::atomic<bool>& interrupted,
                    const std::vector<AbiDefect>& known) {
    AbiCheck check(target, settings, known);
    check.run_all([&](std::uint64_t n) { return generate_abi_program(settings.seed, n); }, interrupted);
    return check.finish();
}

AbiResult check_abi_program(AbiTarget& target, const AbiProgram& program, const std::atomic<bool>& interrupted,
                            const std::vector<AbiDefect>& known) {
    AbiCheck check(target, {.cases = 1, .seed = 0, .reduce = false, .generated = false}, known);
    check.run_all([&](std::uint64_t) { return program; }, interrupted);
    return check.finish();
}

} // namespace mtecheck::difftest
