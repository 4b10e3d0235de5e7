// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/attempts.h"

#include <algorithm>

namespace mtecheck::difftest {

using model::partial::PartialBits;

namespace {

constexpr std::size_t kMostRuns = 256;

using PEState = model::ProcState<TraceMachine>;

bool same(const Supposition& a, const Supposition& b) {
    return a.kind == b.kind && a.answer == b.answer && a.tag == b.tag && a.location == b.location;
}

std::uint8_t tag_written(const TraceRecord& record, unsigned rt) {
    for (const RegisterValue& value : record.after) {
        if (value.id.is_x() && value.id.number() == rt) return static_cast<std::uint8_t>(value.value >> 56 & 0xf);
    }
    return 0;
}

} // namespace

AnsweredRuns::Agreement AnsweredRuns::agreement() const {
    Agreement result;
    for (const AnsweredRun& run : runs) {
        const bool agrees = std::any_of(runs.begin(), runs.end(), [&](const AnsweredRun& other) {
            return other.agrees && std::equal(run.suppositions.begin(), run.suppositions.end(),
                                              other.suppositions.begin(), other.suppositions.end(), same);
        });
        result.all = result.all && agrees;
        result.any = result.any || agrees;
    }
    return result;
}

const AnsweredRun& AnsweredRuns::nearest() const {
    return *std::min_element(runs.begin(), runs.end(),
                             [](const AnsweredRun& a, const AnsweredRun& b) { return a.distance < b.distance; });
}

void Attempts::prepare(const TraceRecord& record, const DecodedForTrace& decoded) {
    PEState& state = machine_.state;
    if (decoded.simd) state.v.fill(PartialBits<128>::unknown());
    // Another PE may have cleared the monitor, or the load-exclusive not be in the trace: that is left open here.
    if (decoded.store_exclusive) state.exclusive = {.set = true, .size = 0, .vaddress = 0, .paddress = 0};
    state.pc = PartialBits<64>(record.pc);
    before_.x = state.x;
    before_.sp = state.sp;
    static_cast<model::ControlledState<TraceMachine>&>(before_) = state;
    machine_.set({.record = &record,
                  .explicit_tag_read = decoded.loads_tags,
                  .unprivileged = decoded.unprivileged,
                  .random_tag = decoded.random_tag ? tag_written(record, decoded.rt) : std::uint8_t{0}});
}

void Attempts::restore() {
    PEState& state = machine_.state;
    state.x = before_.x;
    state.sp = before_.sp;
    static_cast<model::ControlledState<TraceMachine>&>(state) = before_;
}

RunEnd Attempts::attempt(const TraceRecord& record, const DecodedForTrace& decoded,
                         std::span<const std::uint8_t> script) {
    machine_.start(script);
    const RunEnd end = run_instruction(machine_, decoded.instruction);
    if (machine_.state.rgsr_implementation_defined) {
        machine_.state.rgsr_implementation_defined = false;
        machine_.state.RGSR_EL1 = PartialBits<64>::unknown();
    }
    if (end == RunEnd::completed || end == RunEnd::exception)
        comparison_.compare(record, decoded, end, before_, complete_);
    return end;
}

void Attempts::keep_unwritten() {
    for (std::size_t n = 0; n < before_.x.size(); ++n) {
        if (!machine_.state.x[n].all_known()) machine_.state.x[n] = before_.x[n];
    }
}

AnsweredRuns Attempts::explore(const TraceRecord& record, const DecodedForTrace& decoded) {
    std::vector<std::vector<std::uint8_t>> pending{{}};
    AnsweredRuns result;
    std::size_t runs = 0;
    while (!pending.empty()) {
        const std::vector<std::uint8_t> script = std::move(pending.back());
        pending.pop_back();
        if (++runs > kMostRuns) {
            result.open = true;
            break;
        }
        restore();
        const RunEnd end = attempt(record, decoded, script);
        std::vector<std::uint8_t> prefix(script);
        for (std::size_t i = script.size(); i < machine_.answers.size(); ++i) {
            const GivenAnswer& given = machine_.answers[i];
            for (std::uint8_t other = 0; other < given.options; ++other) {
                if (other == given.answer) continue;
                pending.push_back(prefix);
                pending.back().push_back(other);
            }
            prefix.push_back(given.answer);
        }
        if (end == RunEnd::not_known) result.open = true;
        if (end != RunEnd::completed && end != RunEnd::exception) continue;
        result.runs.push_back(
            {script, machine_.suppositions, comparison_.distance(), comparison_.agrees(), {}, {}, machine_.aborted});
        if (comparison_.agrees()) {
            result.runs.back().state = machine_.state;
            result.runs.back().tag_writes = machine_.tag_writes;
            if (machine_.suppositions.empty()) break; // an allowed outcome
        }
    }
    return result;
}

} // namespace mtecheck::difftest
