// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/lockstep.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "difftest/core/json.h"
#include "difftest/trace/adoption.h"
#include "difftest/trace/aftermath.h"
#include "difftest/trace/attempts.h"
#include "difftest/trace/comparison.h"
#include "difftest/trace/decoded.h"
#include "difftest/trace/processors.h"
#include "model/state/exception_level.h"
#include "model/state/registers.h"
#include "spec/disassemble.h"

namespace mtecheck::difftest {

using model::partial::PartialBits;

namespace {

constexpr std::size_t kMostFindings = 200;

using Kind = DecodedKind;

} // namespace

class Lockstep::Impl {
  public:
    explicit Impl(const LockstepSettings& settings)
        : settings_(settings), shadow_(settings.most_pages), machine_(shadow_), comparison_(machine_),
          attempts_(machine_, comparison_, settings.complete), aftermath_(machine_, shadow_),
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
        result.tags_stored = aftermath_.tags_stored();
        result.tags_learnt = aftermath_.tags_learnt();
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
            aftermath_.forget_partial_effects(decoded);
            adoption_.adopt_exception(record);
            for (const RegisterValue& value : record.after) processors_.apply(value);
            return;
        }
        attempts_.prepare(record, decoded);
        const RunEnd end = attempts_.attempt(record, decoded, {});
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
            verdict = conclude(record, decoded, attempts_.explore(record, decoded));
        }
        result_.judged.add(verdict);
        result_.encodings[static_cast<std::size_t>(decoded.instruction.encoding)].add(verdict);
        if (record.exception == TraceRecord::Exception::interrupt ||
            (record.exception != TraceRecord::Exception::none && settings_.only_user))
            adoption_.adopt_exception(record);
        if (settings_.complete && record.exception == TraceRecord::Exception::none) attempts_.keep_unwritten();
        for (const RegisterValue& value : record.after) processors_.apply(value);
    }

    /// The run agrees and hangs on nothing that the trace did not tell.
    TraceVerdict accept(const TraceRecord& record, const DecodedForTrace& decoded) {
        result_.values_compared += comparison_.compared();
        result_.values_adopted += comparison_.adopted();
        aftermath_.commit_tags(machine_.tag_writes, machine_.aborted);
        if (!machine_.tags_learnt.empty()) {
            aftermath_.learn_loaded(record, decoded);
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

    void because(const std::string& what) { ++reasons_[what]; }

    /// Control hangs on something that is not known, or the architecture leaves open what happens.
    void give_up(const TraceRecord& record, const DecodedForTrace& decoded, RunEnd end) {
        if (end == RunEnd::not_predicted) {
            because("the architecture leaves open what happens");
        } else {
            because(comparison_.reason());
        }
        attempts_.restore();
        aftermath_.forget_partial_effects(decoded);
        if (record.exception == TraceRecord::Exception::synchronous && !settings_.only_user)
            adoption_.adopt_exception(record);
    }

    TraceVerdict conclude(const TraceRecord& record, const DecodedForTrace& decoded, const AnsweredRuns& answered) {
        const auto [any, all] = answered.agreement();
        if (!any && !answered.open) {
            attempts_.restore();
            if (answered.runs.empty()) {
                because("no outcome is allowed that the model knows");
                aftermath_.forget_partial_effects(decoded);
                return TraceVerdict::unknown;
            }
            const AnsweredRun& nearest = answered.nearest();
            attempts_.attempt(record, decoded, nearest.script);
            diverge(record, decoded, nearest.script);
            return TraceVerdict::diverged;
        }
        if (!any || answered.open) {
            attempts_.restore();
            because(any ? "too much is left open" : comparison_.reason());
            aftermath_.forget_partial_effects(decoded);
            return TraceVerdict::unknown;
        }
        aftermath_.merge(answered.runs);
        aftermath_.learn(answered.runs);
        aftermath_.learn_loaded(record, decoded);
        if (all && machine_.tags_learnt.empty()) {
            result_.values_compared += comparison_.compared();
            return TraceVerdict::agreed;
        }
        if (std::any_of(answered.runs.begin(), answered.runs.end(), [](const AnsweredRun& run) {
                return std::any_of(run.suppositions.begin(), run.suppositions.end(),
                                   [](const Supposition& s) { return s.kind == Supposition::Kind::memory_is_tagged; });
            })) {
            because("the trace does not tell whether the memory is Tagged");
        } else {
            because("the Allocation Tag was not known");
        }
        return TraceVerdict::unknown;
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
        attempts_.restore();
        aftermath_.commit_tags(tag_writes, true);
        if (decoded.checked || decoded.loads_tags) shadow_.forget_tag(read_at, machine_.space_of(read_at));
        aftermath_.forget_partial_effects(decoded);
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
        attempts_.restore();
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
    Attempts attempts_;
    Aftermath aftermath_;
    Processors processors_;
    Adoption adoption_;
    TraceDecoder decoder_;
    TraceResult result_;
    std::map<std::string, std::uint64_t> reasons_;
    std::unordered_map<std::string, std::size_t> kinds_;
};

Lockstep::Lockstep(const LockstepSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Lockstep::~Lockstep() = default;
void Lockstep::take(const TraceRecord& record) { impl_->take(record); }
TraceResult Lockstep::result() const { return impl_->result(); }

} // namespace mtecheck::difftest
