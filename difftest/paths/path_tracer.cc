// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_tracer.h"

#include "difftest/judge/oracle.h"
#include "model/machine/tracing_machine.h"

namespace mtecheck::difftest {

namespace field = spec::field;

struct PathTracer::Implementation {
    explicit Implementation(const Profile& profile) : oracle(profile) { oracle.machine().observer.keep_events = true; }
    Oracle<model::TracingMachine> oracle;
};

PathTracer::PathTracer(const Profile& profile) : implementation_(std::make_unique<Implementation>(profile)) {}
PathTracer::~PathTracer() = default;
PathTracer::PathTracer(PathTracer&&) noexcept = default;
PathTracer& PathTracer::operator=(PathTracer&&) noexcept = default;

void PathTracer::load(const Sequence& sequence) { implementation_->oracle.load(sequence); }

bool PathTracer::trace(const State& state, std::size_t subject, PathLog& log) {
    auto& oracle = implementation_->oracle;
    const auto steps = static_cast<std::uint32_t>(subject);
    std::size_t before = 0;
    if (steps > 0) {
        if (oracle.run(state, {}, steps).status != model::RunStatus::runaway) return false;
        before = oracle.machine().observer.events.size();
    }
    const model::RunResult result = oracle.run(state, {}, steps + 1);
    const auto& machine = oracle.machine();
    log.steps.clear();
    for (std::size_t i = before; i < machine.observer.events.size(); ++i) {
        const model::Event& event = machine.observer.events[i];
        if (event.kind == model::Event::Kind::decision || event.kind == model::Event::Kind::choice) {
            log.steps.push_back(
                {event.kind == model::Event::Kind::choice, event.what, static_cast<std::uint8_t>(event.value)});
        }
    }
    log.ending = {};
    if (result.status == model::RunStatus::exception) {
        const auto& s = machine.state;
        const auto to_el = machine.exception.to_el;
        const auto esr = (to_el == 1 ? s.ESR_EL1 : to_el == 2 ? s.ESR_EL2 : s.ESR_EL3).raw();
        log.ending = {.exception = true,
                      .to_el = to_el,
                      .exception_class = static_cast<std::uint8_t>(field::ESR_ELx::EC.extract(esr)),
                      .fault_status = static_cast<std::uint8_t>(field::DataAbortISS::DFSC.extract(esr))};
        if (!is_data_abort(log.ending.exception_class)) log.ending.fault_status = 0;
    }
    return result.status != model::RunStatus::not_predicted && result.status != model::RunStatus::not_allowed &&
           !oracle.machine().memory().escaped();
}

} // namespace mtecheck::difftest
