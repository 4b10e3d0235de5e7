// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_check.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "difftest/abi/abi_generator.h"

namespace mtecheck::difftest {

namespace {

class AbiCheck {
  public:
    AbiCheck(AbiTarget& target, const AbiSettings& settings) : target_(target), judge_(require_mte(target)) {
        result_.system = target.probe();
        result_.settings = settings;
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
            return std::pair(a.divergence.clause, a.divergence.what) <
                   std::pair(b.divergence.clause, b.divergence.what);
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
        diverges(number, program, *verdict.divergence);
    }

    void diverges(std::uint64_t number, const AbiProgram& program, const AbiDivergence& divergence) {
        const bool again = run(program).diverges_like(divergence);
        ++result_.diverged;
        if (!again) ++result_.not_reproduced;
        auto group = std::find_if(result_.groups.begin(), result_.groups.end(),
                                  [&](const AbiGroup& known) { return known.divergence.same_group(divergence); });
        if (group == result_.groups.end()) {
            result_.groups.push_back({.divergence = divergence, .first_case = number, .program = program});
            group = std::prev(result_.groups.end());
        } else if (again && group->not_reproduced == group->cases) {
            group->divergence = divergence;
            group->first_case = number;
            group->program = program;
        }
        ++group->cases;
        if (!again) ++group->not_reproduced;
    }

    AbiVerdict run(const AbiProgram& program) {
        auto observed = target_.run(program);
        if (!observed) {
            observed = target_.run(program);
            if (observed) ++result_.lost;
        }
        return judge_.judge(program, observed, observed ? std::string() : target_.obituary());
    }

    /// Leaves out steps as long as the divergence stays what it is: first what comes after it.
    void reduce(AbiGroup& group) {
        const auto stays = [&](const AbiProgram& candidate) {
            if (judge_.why_not_modelled(candidate)) return false;
            const AbiVerdict verdict = run(candidate);
            if (!verdict.diverges_like(group.divergence)) return false;
            group.program = candidate;
            group.divergence = *verdict.divergence;
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
    AbiResult result_;
};

} // namespace

AbiResult check_abi(AbiTarget& target, const AbiSettings& settings, const std::atomic<bool>& interrupted) {
    AbiCheck check(target, settings);
    check.run_all([&](std::uint64_t n) { return generate_abi_program(settings.seed, n); }, interrupted);
    return check.finish();
}

AbiResult check_abi_program(AbiTarget& target, const AbiProgram& program, const std::atomic<bool>& interrupted) {
    AbiCheck check(target, {.cases = 1, .seed = 0, .reduce = false, .generated = false});
    check.run_all([&](std::uint64_t) { return program; }, interrupted);
    return check.finish();
}

} // namespace mtecheck::difftest
