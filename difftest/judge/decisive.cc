// SPDX-License-Identifier: Apache-2.0
#include "difftest/judge/decisive.h"

#include <string_view>

#include "difftest/judge/oracle.h"
#include "model/machine/tracing_machine.h"
#include "spec/gen/decisions.h"

namespace mtecheck::difftest {
namespace {

bool passed_over(std::string_view outline) {
    return outline == "Regime" || outline == "TakeException" || outline == "TranslateAddress";
}

} // namespace

struct DecisionTracer::Implementation {
    explicit Implementation(const Profile& profile) : oracle(profile) { oracle.machine().observer.keep_events = true; }
    Oracle<model::TracingMachine> oracle;
};

DecisionTracer::DecisionTracer(const Profile& profile) : implementation_(std::make_unique<Implementation>(profile)) {}
DecisionTracer::~DecisionTracer() = default;

std::string DecisionTracer::decisive(const Sequence& sequence, const State& state) {
    auto& oracle = implementation_->oracle;
    const auto& events = oracle.machine().observer.events;
    oracle.load(sequence);
    const std::uint32_t steps = oracle.run(state, {}).steps;
    std::size_t before = 0;
    if (steps > 1) {
        oracle.run(state, {}, steps - 1);
        before = events.size();
    }
    oracle.run(state, {}, steps);
    for (std::size_t i = events.size(); i-- > before;) {
        if (events[i].kind != model::Event::Kind::decision) continue;
        const auto& decision = spec::info(static_cast<spec::Decision>(events[i].what));
        if (passed_over(decision.outline)) continue;
        return std::string(decision.id) + (events[i].value != 0 ? "=1" : "=0");
    }
    return {};
}

} // namespace mtecheck::difftest
