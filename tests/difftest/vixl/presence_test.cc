// SPDX-License-Identifier: Apache-2.0
// Encodings that an implementation skips, refuses or calls UNDEFINED are found out; what is merely wrong is not.
#include "difftest/vixl/presence.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/process.h"
#include "difftest/judge/judge.h"
#include "spec/gen/isa.h"
#include "tests/difftest/vixl/profiles.h"

using namespace mtecheck;
using namespace mtecheck::difftest;

namespace {

/// What the model expects, but for one encoding.
class Lacking final : public Target {
  public:
    enum class Way : std::uint8_t { skips, refuses, undefined, wrong };
    Lacking(spec::Encoding encoding, Way way) : profile_(simulator_profile()), encoding_(encoding), way_(way) {}

    const Profile& probe() override { return profile_; }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        Judge judge(profile_);
        outcomes.assign(tests.size(), {});
        for (std::size_t i = 0; i < tests.size(); ++i) {
            judge.load(tests[i].sequence);
            for (const State& state : tests[i].states) {
                Outcome outcome = judge.expect(state).outcome;
                if (spec::decode(tests[i].sequence.code.front()) == encoding_) spoil(state, outcome);
                outcomes[i].push_back(outcome);
            }
        }
    }
    void reset() override {}
    TargetStatistics statistics() const override { return {}; }

  private:
    void spoil(const State& state, Outcome& outcome) const {
        switch (way_) {
        case Way::skips:
            static_cast<Registers&>(outcome) = state;
            outcome.windows = state.windows;
            outcome.v = state.v;
            outcome.pstate = std::uint64_t{state.nzcv} << 28;
            break;
        case Way::refuses: outcome.status = Status::unsupported; break;
        case Way::undefined:
            outcome.status = Status::signal;
            outcome.signal = {linux_signal::kSigill, linux_signal::kIllegalOpcode, 0};
            break;
        case Way::wrong: outcome.x[0] ^= 1; break;
        }
    }

    Profile profile_;
    spec::Encoding encoding_;
    Way way_;
};

std::vector<std::string> absent(spec::Encoding encoding, Lacking::Way way) {
    Lacking target(encoding, way);
    return absent_encodings(target, target.probe());
}

} // namespace

TEST_CASE("an encoding that is not there is found out, however it is not there") {
    using enum Lacking::Way;
    const std::vector<std::string> stg{std::string(spec::info(spec::Encoding::STG_off).id)};
    CHECK(absent(spec::Encoding::STG_off, skips) == stg);
    CHECK(absent(spec::Encoding::STG_off, refuses) == stg);
    CHECK(absent(spec::Encoding::STG_off, undefined) == stg);
    CHECK(absent(spec::Encoding::STG_off, wrong).empty());
    CHECK(absent(spec::Encoding::MRS, skips).size() == 1);
    CHECK(absent(spec::Encoding::MSR_reg, skips).size() == 1);
    CHECK(absent(spec::Encoding::MSR_imm_TCO, skips).size() == 1);
    CHECK(absent(spec::Encoding::DC_GVA, skips).size() == 1);
    CHECK(absent(spec::Encoding::SUBPS, skips).size() == 1);
}
