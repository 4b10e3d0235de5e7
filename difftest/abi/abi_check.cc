// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_check.h"

#include <algorithm>
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

    void take(std::uint64_t number, const AbiProgram& program) {
        if (!judge_.models(program)) {
            ++result_.not_modelled;
            return;
        }
        const AbiVerdict verdict = run(program);
        if (verdict.kind == AbiVerdict::Kind::not_modelled) {
            ++result_.not_modelled;
            return;
        }
        result_.cannot += verdict.cannot;
        if (verdict.kind == AbiVerdict::Kind::agrees) {
            ++result_.agreed;
            for (const auto& choice : verdict.open) ++result_.open[choice.open][choice.answer];
            return;
        }
        ++result_.diverged;
        for (AbiGroup& group : result_.groups) {
            if (!group.divergence.same_group(*verdict.divergence)) continue;
            ++group.cases;
            return;
        }
        result_.groups.push_back({*verdict.divergence, 1, number, program});
    }

    AbiResult finish(const std::atomic<bool>& interrupted) {
        for (AbiGroup& group : result_.groups) {
            if (result_.settings.reduce && !interrupted) reduce(group);
        }
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

    AbiVerdict run(const AbiProgram& program) {
        const auto observed = target_.run(program);
        return judge_.judge(program, observed, observed ? std::string() : target_.obituary());
    }

    /// Leaves out steps as long as the divergence stays what it is: first what comes after it.
    void reduce(AbiGroup& group) {
        const auto stays = [&](const AbiProgram& candidate) {
            if (!judge_.models(candidate)) return false;
            const AbiVerdict verdict = run(candidate);
            if (verdict.kind != AbiVerdict::Kind::diverges || !verdict.divergence->same_group(group.divergence))
                return false;
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
    for (std::uint64_t n = 0; n < settings.cases && !interrupted; ++n)
        check.take(n, generate_abi_program(settings.seed, n));
    return check.finish(interrupted);
}

AbiResult check_abi(AbiTarget& target, const AbiProgram& program) {
    AbiCheck check(target, {.cases = 1, .seed = 0, .reduce = false});
    check.take(0, program);
    return check.finish(false);
}

} // namespace mtecheck::difftest
