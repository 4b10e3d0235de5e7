// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/lockstep.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "difftest/core/json.h"
#include "difftest/trace/adoption.h"
#include "difftest/trace/comparison.h"
#include "difftest/trace/decoded.h"
#include "difftest/trace/processors.h"
#include "model/state/exception_level.h"
#include "model/state/registers.h"
#include "spec/disassemble.h"

namespace mtecheck::difftest {

using model::partial::PartialBits;

namespace {

constexpr std::size_t kMostRuns = 256;
constexpr std::size_t kMostFindings = 200;

using Kind = DecodedKind;
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

/// A run with one set of answers.
struct Leaf {
    std::vector<std::uint8_t> script; ///< of its answers
    std::vector<Supposition> suppositions;
    std::size_t distance = 0; ///< from the record
    bool agrees = false;
    PEState state;
    std::vector<TagWrite> tag_writes;
    bool aborted = false;
};

bool same(const Supposition& a, const Supposition& b) {
    return a.kind == b.kind && a.answer == b.answer && a.tag == b.tag && a.location == b.location;
}

} // namespace

class Lockstep::Impl {
  public:
    explicit Impl(const LockstepSettings& settings)
        : settings_(settings), shadow_(settings.most_pages), machine_(shadow_), comparison_(machine_),
          processors_(machine_, shadow_, settings), adoption_(machine_, shadow_, processors_, settings.only_user) {
        shadow_.set_default_memory(settings.memory);
    }

    void take(const TraceRecord& record) {
        if (record.after_a_gap) {
            forget();
            return;
        }
        ++result_.records;
        processors_.switch_to(record.cpu);
        if (processors_.find_gap(record)) {
            ++result_.gaps;
            shadow_.forget_all();
        }
        for (const GranuleTag& told : record.tags) {
            const std::uint64_t location = machine_.location_of(told.va);
            shadow_.set_memory(location, machine_.space_of(location), MemoryIs::tagged);
            shadow_.set_tag(location, machine_.space_of(location), told.tag);
        }
        for (const RegisterValue& value : record.before) processors_.apply(value);
        if (record.el) {
            machine_.state.PSTATE.EL = PartialBits<2>(std::uint64_t{*record.el});
            machine_.state.PSTATE.SP =
                record.spsel ? PartialBits<1>(std::uint64_t{*record.spsel}) : machine_.state.PSTATE.SP;
        }
        if (!record.has_opcode) {
            if (record.exception != TraceRecord::Exception::none) adoption_.adopt_exception(record);
            for (const RegisterValue& value : record.after) processors_.apply(value);
            return;
        }
        ++result_.instructions;
        map_pages(record);
        const DecodedForTrace& decoded = decoder_.decode(record.opcode);
        if (decoded.kind == Kind::judged) {
            judge(record, decoded);
        } else {
            ++result_.adopted;
            adoption_.adopt(record, decoded);
        }
        processors_.goes_on_at(decoded.may_branch || record.exception != TraceRecord::Exception::none
                                   ? std::optional<std::uint64_t>()
                                   : record.pc + 4);
    }

    void forget() {
        ++result_.gaps;
        shadow_.forget_all();
        processors_.forget_all_registers();
    }

    TraceResult result() const {
        TraceResult result = result_;
        result.shadow_pages = shadow_.most_pages_seen();
        result.shadow_full = shadow_.times_full();
        result.adopted_exceptions = adoption_.exceptions();
        result.interrupts = adoption_.interrupts();
        for (const auto& [what, count] : reasons_) result.reasons.push_back({what, count});
        std::stable_sort(result.reasons.begin(), result.reasons.end(),
                         [](const auto& a, const auto& b) { return a.count > b.count; });
        return result;
    }

  private:
    /// Where the pages are that the record tells both addresses of.
    void map_pages(const TraceRecord& record) {
        for (const MemoryAccess& access : record.accesses) {
            if (access.has_pa) map_page({access.va, access.pa});
        }
        for (const PageTranslation& translation : record.translations) map_page(translation);
    }

    void map_page(const PageTranslation& translation) {
        const std::uint64_t location = TagShadow::virtual_location(translation.va);
        const std::uint64_t pa = translation.pa & ~(TagShadow::page_bytes - 1) & (TagShadow::kLowerHalf / 2 - 1);
        machine_.map(location, pa);
        shadow_.move(location, machine_.space_of(location), pa);
    }

    // ------------------------------------------------------------------------------------------------ judged

    void judge(const TraceRecord& record, const DecodedForTrace& decoded) {
        if (record.exception == TraceRecord::Exception::synchronous && !comparison_.is_of_mte(record)) {
            forget_partial_effects(decoded);
            adoption_.adopt_exception(record);
            for (const RegisterValue& value : record.after) processors_.apply(value);
            return;
        }
        prepare(record, decoded);
        const RunEnd end = attempt(record, decoded, {});
        TraceVerdict verdict{};
        if (end == RunEnd::not_known || end == RunEnd::not_predicted) {
            verdict = TraceVerdict::unknown;
            give_up(record, decoded, end);
        } else if (comparison_.agrees() && machine_.suppositions.empty()) {
            verdict = accept(record, decoded);
            if (verdict == TraceVerdict::agreed && end == RunEnd::exception && decoded.checked)
                note_fault(record, decoded);
        } else if (machine_.answers.empty()) {
            verdict = TraceVerdict::diverged;
            diverge(record, decoded, {});
        } else {
            verdict = explore(record, decoded);
        }
        result_.judged.add(verdict);
        result_.encodings[static_cast<std::size_t>(decoded.instruction.encoding)].add(verdict);
        if (record.exception == TraceRecord::Exception::interrupt ||
            (record.exception != TraceRecord::Exception::none && settings_.only_user))
            adoption_.adopt_exception(record);
        if (settings_.complete && record.exception == TraceRecord::Exception::none) keep_unwritten();
        for (const RegisterValue& value : record.after) processors_.apply(value);
    }

    /// What the model cannot say, and the record does not tell, has not changed.
    void keep_unwritten() {
        for (std::size_t n = 0; n < before_.x.size(); ++n) {
            if (!machine_.state.x[n].all_known()) machine_.state.x[n] = before_.x[n];
        }
    }

    void prepare(const TraceRecord& record, const DecodedForTrace& decoded) {
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

    void restore() {
        PEState& state = machine_.state;
        state.x = before_.x;
        state.sp = before_.sp;
        static_cast<model::ControlledState<TraceMachine>&>(state) = before_;
    }

    static std::uint8_t tag_written(const TraceRecord& record, unsigned rt) {
        for (const RegisterValue& value : record.after) {
            if (value.id.is_x() && value.id.number() == rt) return static_cast<std::uint8_t>(value.value >> 56 & 0xf);
        }
        return 0;
    }

    RunEnd attempt(const TraceRecord& record, const DecodedForTrace& decoded, std::span<const std::uint8_t> script) {
        machine_.start(script);
        const RunEnd end = run_instruction(machine_, decoded.instruction);
        if (machine_.state.rgsr_implementation_defined) {
            machine_.state.rgsr_implementation_defined = false;
            machine_.state.RGSR_EL1 = PartialBits<64>::unknown();
        }
        if (end == RunEnd::completed || end == RunEnd::exception)
            comparison_.compare(record, decoded, end, before_, settings_.complete);
        return end;
    }

    /// The run agrees and hangs on nothing that the trace did not tell.
    TraceVerdict accept(const TraceRecord& record, const DecodedForTrace& decoded) {
        result_.values_compared += comparison_.compared();
        result_.values_adopted += comparison_.adopted();
        commit_tags(machine_.tag_writes, machine_.aborted);
        if (!machine_.tags_learnt.empty()) {
            learn_loaded(record, decoded);
            because("the Allocation Tag was not known: it is now");
            return TraceVerdict::unknown;
        }
        if (comparison_.operand_not_known()) {
            because("an operand was not known");
            return TraceVerdict::unknown;
        }
        return TraceVerdict::agreed;
    }

    void note_fault(const TraceRecord& record, const DecodedForTrace& decoded) {
        if (!Comparison::is_tag_check_fault(record)) return;
        ++result_.tag_check_faults;
        const std::uint64_t location = machine_.tag_read_at();
        const auto tag = shadow_.tag(location, machine_.space_of(location));
        if (result_.faults.size() >= settings_.most_faults || !tag) return;
        std::vector<std::uint8_t> script;
        for (const GivenAnswer& given : machine_.answers) script.push_back(given.answer);
        TagCheckFaultSeen& fault = result_.faults.emplace_back();
        fault.at = finding(record, decoded, script);
        fault.logical_tag = machine_.logical_tag();
        fault.allocation_tag = *tag;
        for (const RegisterValue& value : record.after) {
            if (value.id == RegisterId::system(spec::Reg::FAR_EL1) ||
                value.id == RegisterId::system(spec::Reg::FAR_EL2))
                fault.address = value.value;
        }
    }

    void commit_tags(const std::vector<TagWrite>& writes, bool aborted) {
        for (const TagWrite& write : writes) {
            const std::uint32_t space = machine_.space_of(write.location);
            if (aborted || !write.tag.all_known()) {
                shadow_.forget_tag(write.location, space);
            } else {
                shadow_.set_tag(write.location, space, write.tag.value().raw());
                ++result_.tags_stored;
            }
        }
    }

    /// LDG and LDGM show tags that were not known.
    void learn_loaded(const TraceRecord& record, const DecodedForTrace& decoded) {
        for (const RegisterValue& value : record.after) {
            if (!value.id.is_x() || value.id.number() != decoded.rt || ~value.known != 0) continue;
            for (const std::uint64_t location : machine_.tags_learnt) {
                const unsigned at = decoded.bulk ? 4 * (location >> 4 & 0xf) : 56;
                shadow_.set_tag(location, machine_.space_of(location),
                                static_cast<std::uint8_t>(value.value >> at & 0xf));
                ++result_.tags_learnt;
            }
        }
    }

    void because(const std::string& what) { ++reasons_[what]; }

    /// Control hangs on something that is not known, or the architecture leaves open what happens.
    void give_up(const TraceRecord& record, const DecodedForTrace& decoded, RunEnd end) {
        if (end == RunEnd::not_predicted) {
            because("the architecture leaves open what happens");
        } else {
            because(comparison_.reason());
        }
        restore();
        forget_partial_effects(decoded);
        if (record.exception == TraceRecord::Exception::synchronous && !settings_.only_user)
            adoption_.adopt_exception(record);
    }

    /// What the instruction may have changed, when the model cannot say.
    void forget_partial_effects(const DecodedForTrace& decoded) {
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

    static PartialBits<64> sp_or_unknown(PEState& state) {
        const PartialBits<64>* sp = selected_sp(state);
        return sp == nullptr ? PartialBits<64>::unknown() : *sp;
    }

    /// Every outcome, by every answer to what the trace did not tell and to what the architecture leaves open.
    TraceVerdict explore(const TraceRecord& record, const DecodedForTrace& decoded) {
        std::vector<std::vector<std::uint8_t>> pending{{}};
        std::vector<Leaf> leaves;
        std::size_t runs = 0;
        bool open = false;
        while (!pending.empty()) {
            const std::vector<std::uint8_t> script = std::move(pending.back());
            pending.pop_back();
            if (++runs > kMostRuns) {
                open = true;
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
            if (end == RunEnd::not_known) open = true;
            if (end != RunEnd::completed && end != RunEnd::exception) continue;
            leaves.push_back({script,
                              machine_.suppositions,
                              comparison_.distance(),
                              comparison_.agrees(),
                              {},
                              {},
                              machine_.aborted});
            if (comparison_.agrees()) {
                leaves.back().state = machine_.state;
                leaves.back().tag_writes = machine_.tag_writes;
                if (machine_.suppositions.empty()) break; // an allowed outcome
            }
        }
        return conclude(record, decoded, leaves, open);
    }

    TraceVerdict conclude(const TraceRecord& record, const DecodedForTrace& decoded, const std::vector<Leaf>& leaves,
                          bool open) {
        // What the trace did not tell may be as any set of suppositions says; one of the outcomes that the architecture
        // allows then has to agree.
        bool all = true;
        bool any = false;
        for (const Leaf& leaf : leaves) {
            bool agrees = false;
            for (const Leaf& other : leaves) {
                agrees =
                    agrees || (other.agrees && std::equal(leaf.suppositions.begin(), leaf.suppositions.end(),
                                                          other.suppositions.begin(), other.suppositions.end(), same));
            }
            all = all && agrees;
            any = any || agrees;
        }
        if (!any && !open) {
            if (leaves.empty()) {
                restore();
                because("no outcome is allowed that the model knows");
                forget_partial_effects(decoded);
                return TraceVerdict::unknown;
            }
            const auto nearest = std::min_element(leaves.begin(), leaves.end(),
                                                  [](const Leaf& a, const Leaf& b) { return a.distance < b.distance; });
            restore();
            attempt(record, decoded, nearest->script);
            diverge(record, decoded, nearest->script);
            return TraceVerdict::diverged;
        }
        if (!any || open) {
            restore();
            because(any ? "too much is left open" : comparison_.reason());
            forget_partial_effects(decoded);
            return TraceVerdict::unknown;
        }
        merge(leaves);
        learn(leaves);
        learn_loaded(record, decoded);
        if (all && machine_.tags_learnt.empty()) {
            result_.values_compared += comparison_.compared();
            return TraceVerdict::agreed;
        }
        if (std::any_of(leaves.begin(), leaves.end(), [](const Leaf& leaf) {
                return std::any_of(leaf.suppositions.begin(), leaf.suppositions.end(),
                                   [](const Supposition& s) { return s.kind == Supposition::Kind::memory_is_tagged; });
            })) {
            because("the trace does not tell whether the memory is Tagged");
        } else {
            because("the Allocation Tag was not known");
        }
        return TraceVerdict::unknown;
    }

    /// The state after any of the runs that agree.
    void merge(const std::vector<Leaf>& leaves) {
        const Leaf* first = nullptr;
        for (const Leaf& leaf : leaves) {
            if (!leaf.agrees) continue;
            if (first == nullptr) {
                first = &leaf;
                machine_.state = leaf.state;
                commit_tags(leaf.tag_writes, leaf.aborted);
                continue;
            }
            each_written(machine_.state, leaf.state, [](auto& a, const auto& b) { intersect(a, b); });
            const bool same_tags = std::equal(leaf.tag_writes.begin(), leaf.tag_writes.end(), first->tag_writes.begin(),
                                              first->tag_writes.end(), [](const TagWrite& a, const TagWrite& b) {
                                                  return a.location == b.location && static_cast<bool>(a.tag == b.tag);
                                              });
            if (!same_tags) {
                commit_tags(first->tag_writes, true);
                commit_tags(leaf.tag_writes, true);
            }
        }
    }

    /// What has to be so, for the record to agree.
    void learn(const std::vector<Leaf>& leaves) {
        std::vector<Supposition> asked;
        for (const Leaf& leaf : leaves) {
            for (const Supposition& supposition : leaf.suppositions) asked.push_back(supposition);
        }
        for (const Supposition& question : asked) {
            if (question.kind == Supposition::Kind::memory_is_tagged) {
                learn_memory(leaves, question);
            } else {
                learn_tag(leaves, question);
            }
        }
    }

    void learn_memory(const std::vector<Leaf>& leaves, const Supposition& question) {
        for (const Leaf& leaf : leaves) {
            if (leaf.agrees && !holds(leaf, Supposition::Kind::memory_is_tagged, question.location, true)) return;
        }
        shadow_.set_memory(question.location, machine_.space_of(question.location), MemoryIs::tagged);
    }

    /// If the memory is Tagged, the tag is the address's: unless a run agrees in which both is not so.
    void learn_tag(const std::vector<Leaf>& leaves, const Supposition& question) {
        bool needed = false;
        for (const Leaf& leaf : leaves) {
            const bool mismatch = holds(leaf, Supposition::Kind::tags_match, question.location, false);
            const bool untagged = holds(leaf, Supposition::Kind::memory_is_tagged, question.location, false);
            if (leaf.agrees && mismatch && !untagged) return;
            needed = needed || (!leaf.agrees && mismatch);
        }
        const std::uint32_t space = machine_.space_of(question.location);
        if (!needed || shadow_.tag(question.location, space) == question.tag) return;
        shadow_.set_tag(question.location, space, question.tag);
        ++result_.tags_learnt;
    }

    static bool holds(const Leaf& leaf, Supposition::Kind kind, std::uint64_t location, bool answer) {
        const std::uint64_t unit =
            kind == Supposition::Kind::tags_match ? TagShadow::granule_bytes : TagShadow::page_bytes;
        return std::any_of(leaf.suppositions.begin(), leaf.suppositions.end(), [&](const Supposition& s) {
            return s.kind == kind && s.location / unit == location / unit && s.answer == answer;
        });
    }

    // --------------------------------------------------------------------------------------------- divergences

    void diverge(const TraceRecord& record, const DecodedForTrace& decoded, std::span<const std::uint8_t> script) {
        std::string kind = std::to_string(static_cast<unsigned>(decoded.instruction.encoding));
        for (const StepDifference& difference : comparison_.differences()) kind += " " + kind_of(difference);
        kind += std::to_string(static_cast<unsigned>(machine_.last_decision));
        const auto known = kinds_.find(kind);
        if (known != kinds_.end()) {
            ++result_.findings[known->second].occurrences;
        } else if (result_.findings.size() == kMostFindings) {
            ++result_.more_kinds;
        } else {
            kinds_.emplace(kind, result_.findings.size());
            result_.findings.push_back(finding(record, decoded, script));
        }
        // The implementation goes on with what it did: its tags are not known where it and the model disagree.
        const auto tag_writes = machine_.tag_writes;
        const std::uint64_t read_at = machine_.tag_read_at();
        restore();
        commit_tags(tag_writes, true);
        if (decoded.checked || decoded.loads_tags) shadow_.forget_tag(read_at, machine_.space_of(read_at));
        forget_partial_effects(decoded);
        if (record.exception == TraceRecord::Exception::synchronous && !settings_.only_user)
            adoption_.adopt_exception(record);
    }

    TraceFinding finding(const TraceRecord& record, const DecodedForTrace& decoded,
                         std::span<const std::uint8_t> script) {
        TraceFinding finding;
        finding.line = record.line;
        finding.cpu = record.cpu;
        finding.pc = record.pc;
        finding.opcode = record.opcode;
        finding.disassembly = spec::disassemble(record.opcode);
        const spec::EncodingInfo& info = spec::info(decoded.instruction.encoding);
        finding.pseudocode = info.pseudocode;
        finding.occurrences = 1;
        for (const StepDifference& difference : comparison_.differences())
            finding.differences.push_back(text_of(difference));
        restore();
        machine_.keep_decisions = true;
        machine_.start(script);
        run_instruction(machine_, decoded.instruction);
        machine_.keep_decisions = false;
        const auto at_stake = [&](spec::Requirement requirement) {
            std::string id(spec::info(requirement).id);
            auto& all = finding.requirements;
            if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(std::move(id));
        };
        for (const model::DecisionTaken& taken : machine_.decisions) {
            const spec::DecisionInfo& decision = spec::info(taken.decision);
            finding.decisions.push_back(
                {std::string(decision.function), std::string(decision.condition), taken.outcome});
            for (const spec::Requirement requirement : decision.requirements) at_stake(requirement);
        }
        for (const spec::Requirement requirement : info.requirements) at_stake(requirement);
        return finding;
    }

    LockstepSettings settings_;
    TagShadow shadow_;
    TraceMachine machine_;
    Comparison comparison_;
    Processors processors_;
    Adoption adoption_;
    TraceDecoder decoder_;
    PEState before_;
    TraceResult result_;
    std::map<std::string, std::uint64_t> reasons_;
    std::unordered_map<std::string, std::size_t> kinds_;
};

Lockstep::Lockstep(const LockstepSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Lockstep::~Lockstep() = default;
void Lockstep::take(const TraceRecord& record) { impl_->take(record); }
TraceResult Lockstep::result() const { return impl_->result(); }

} // namespace mtecheck::difftest
