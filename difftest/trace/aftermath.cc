// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/aftermath.h"

#include <algorithm>

namespace mtecheck::difftest {

using model::partial::PartialBits;

namespace {

using PEState = model::ProcState<TraceMachine>;

/// What is known of both.
template <unsigned N>
void intersect(PartialBits<N>& to, const PartialBits<N>& from) {
    to = PartialBits<N>(to.value(), to.known() & from.known() & ~(to.value() ^ from.value()));
}

/// f(a, b) for the registers that instructions of MTE may write.
template <class F>
void each_written(PEState& a, const PEState& b, const F& f) {
    for (std::size_t n = 0; n < a.x.size(); ++n) f(a.x[n], b.x[n]);
    for (std::size_t n = 0; n < a.sp.size(); ++n) f(a.sp[n], b.sp[n]);
    f(a.GCR_EL1, b.GCR_EL1);
    f(a.RGSR_EL1, b.RGSR_EL1);
    f(a.TFSRE0_EL1, b.TFSRE0_EL1);
    f(a.TFSR_EL1, b.TFSR_EL1);
    f(a.TFSR_EL2, b.TFSR_EL2);
    f(a.TFSR_EL3, b.TFSR_EL3);
    f(a.PSTATE.N, b.PSTATE.N);
    f(a.PSTATE.Z, b.PSTATE.Z);
    f(a.PSTATE.C, b.PSTATE.C);
    f(a.PSTATE.V, b.PSTATE.V);
    f(a.PSTATE.TCO, b.PSTATE.TCO);
    f(a.PSTATE.EL, b.PSTATE.EL);
    f(a.PSTATE.SP, b.PSTATE.SP);
    f(a.PSTATE.PAN, b.PSTATE.PAN);
}

bool holds(const AnsweredRun& run, Supposition::Kind kind, std::uint64_t location, bool answer) {
    const std::uint64_t unit = kind == Supposition::Kind::tags_match ? TagShadow::granule_bytes : TagShadow::page_bytes;
    return std::any_of(run.suppositions.begin(), run.suppositions.end(), [&](const Supposition& s) {
        return s.kind == kind && s.location / unit == location / unit && s.answer == answer;
    });
}

PartialBits<64> sp_or_unknown(PEState& state) {
    const PartialBits<64>* sp = selected_sp(state);
    return sp == nullptr ? PartialBits<64>::unknown() : *sp;
}

} // namespace

void Aftermath::commit_tags(const std::vector<TagWrite>& writes, bool aborted) {
    for (const TagWrite& write : writes) {
        const std::uint32_t space = machine_.space_of(write.location);
        if (aborted || !write.tag.all_known()) {
            shadow_.forget_tag(write.location, space);
        } else {
            shadow_.set_tag(write.location, space, write.tag.value().raw());
            ++tags_stored_;
        }
    }
}

void Aftermath::learn_loaded(const TraceRecord& record, const DecodedForTrace& decoded) {
    for (const RegisterValue& value : record.after) {
        if (!value.id.is_x() || value.id.number() != decoded.rt || ~value.known != 0) continue;
        for (const std::uint64_t location : machine_.tags_learnt) {
            const unsigned at = decoded.bulk ? 4 * (location >> 4 & 0xf) : 56;
            shadow_.set_tag(location, machine_.space_of(location), static_cast<std::uint8_t>(value.value >> at & 0xf));
            ++tags_learnt_;
        }
    }
}

void Aftermath::forget_partial_effects(const DecodedForTrace& decoded) {
    PEState& state = machine_.state;
    if (decoded.stores_tags) {
        const auto base = decoded.base == 31 ? sp_or_unknown(state) : state.x[decoded.base];
        if (base.all_known()) {
            const std::uint64_t va = base.value().raw();
            for (const std::uint64_t at : {va - TagShadow::page_bytes, va, va + TagShadow::page_bytes}) {
                const std::uint64_t location = machine_.location_of(at);
                shadow_.forget_tags(location, machine_.space_of(location));
            }
        } else {
            shadow_.forget_all();
        }
    }
    if (decoded.checked) {
        for (PartialBits<64>* reg : {&state.TFSRE0_EL1, &state.TFSR_EL1, &state.TFSR_EL2, &state.TFSR_EL3})
            *reg = PartialBits<64>::unknown();
    }
    if (decoded.random_tag) state.RGSR_EL1 = PartialBits<64>::unknown();
    if (decoded.reg) {
        if (auto* reg = system_register(state, *decoded.reg)) *reg = PartialBits<64>::unknown();
    }
    if (decoded.writes_pstate) {
        auto& pstate = state.PSTATE;
        pstate.N = pstate.Z = pstate.C = pstate.V = pstate.TCO = PartialBits<1>::unknown();
    }
}

void Aftermath::merge(const std::vector<AnsweredRun>& runs) {
    const AnsweredRun* first = nullptr;
    for (const AnsweredRun& run : runs) {
        if (!run.agrees) continue;
        if (first == nullptr) {
            first = &run;
            machine_.state = run.state;
            commit_tags(run.tag_writes, run.aborted);
            continue;
        }
        each_written(machine_.state, run.state, [](auto& a, const auto& b) { intersect(a, b); });
        const bool same_tags = std::equal(run.tag_writes.begin(), run.tag_writes.end(), first->tag_writes.begin(),
                                          first->tag_writes.end(), [](const TagWrite& a, const TagWrite& b) {
                                              return a.location == b.location && static_cast<bool>(a.tag == b.tag);
                                          });
        if (!same_tags) {
            commit_tags(first->tag_writes, true);
            commit_tags(run.tag_writes, true);
        }
    }
}

void Aftermath::learn(const std::vector<AnsweredRun>& runs) {
    std::vector<Supposition> asked;
    for (const AnsweredRun& run : runs) {
        for (const Supposition& supposition : run.suppositions) asked.push_back(supposition);
    }
    for (const Supposition& question : asked) {
        if (question.kind == Supposition::Kind::memory_is_tagged) {
            learn_memory(runs, question);
        } else {
            learn_tag(runs, question);
        }
    }
}

void Aftermath::learn_memory(const std::vector<AnsweredRun>& runs, const Supposition& question) {
    for (const AnsweredRun& run : runs) {
        if (run.agrees && !holds(run, Supposition::Kind::memory_is_tagged, question.location, true)) return;
    }
    shadow_.set_memory(question.location, machine_.space_of(question.location), MemoryIs::tagged);
}

/// If the memory is Tagged, the tag is the address's: unless a run agrees in which both is not so.
void Aftermath::learn_tag(const std::vector<AnsweredRun>& runs, const Supposition& question) {
    bool needed = false;
    for (const AnsweredRun& run : runs) {
        const bool mismatch = holds(run, Supposition::Kind::tags_match, question.location, false);
        const bool untagged = holds(run, Supposition::Kind::memory_is_tagged, question.location, false);
        if (run.agrees && mismatch && !untagged) return;
        needed = needed || (!run.agrees && mismatch);
    }
    const std::uint32_t space = machine_.space_of(question.location);
    if (!needed || shadow_.tag(question.location, space) == question.tag) return;
    shadow_.set_tag(question.location, space, question.tag);
    ++tags_learnt_;
}

} // namespace mtecheck::difftest
