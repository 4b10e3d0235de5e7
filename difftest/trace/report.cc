// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"

namespace mtecheck::difftest {

namespace {

constexpr std::size_t kFindingsShown = 10;
constexpr std::size_t kDecisionsShown = 12; // the last ones: those before are about translation regimes

OrderedJson counts(const VerdictCounts& verdicts) {
    return OrderedJson{{"agreed", verdicts.agreed}, {"diverged", verdicts.diverged}, {"unknown", verdicts.unknown}};
}

bool any(const VerdictCounts& verdicts) { return verdicts.agreed + verdicts.diverged + verdicts.unknown != 0; }

OrderedJson finding_json(const TraceFinding& finding) {
    OrderedJson out;
    out["line"] = finding.line;
    out["cpu"] = finding.cpu;
    out["pc"] = hex_text(finding.pc);
    out["word"] = hex_text(finding.opcode, 8);
    out["asm"] = finding.disassembly;
    out["pseudocode"] = finding.pseudocode;
    out["requirements"] = finding.requirements;
    out["differences"] = OrderedJson::array();
    for (const auto& difference : finding.differences) {
        out["differences"].push_back(
            OrderedJson{{"what", difference.what}, {"expected", difference.expected}, {"got", difference.got}});
    }
    out["decisions"] = OrderedJson::array();
    for (const auto& decision : finding.decisions) {
        out["decisions"].push_back(OrderedJson{
            {"function", decision.function}, {"condition", decision.condition}, {"outcome", decision.outcome}});
    }
    out["occurrences"] = finding.occurrences;
    return out;
}

/// By requirement: the instructions that it speaks of.
std::map<std::string, VerdictCounts> by_requirement(const TraceResult& result) {
    std::map<std::string, VerdictCounts> rows;
    for (std::size_t i = 0; i < result.encodings.size(); ++i) {
        const VerdictCounts& verdicts = result.encodings[i];
        if (!any(verdicts)) continue;
        for (const spec::Requirement requirement : spec::info(static_cast<spec::Encoding>(i)).requirements) {
            VerdictCounts& row = rows[std::string(spec::info(requirement).id)];
            row.agreed += verdicts.agreed;
            row.diverged += verdicts.diverged;
            row.unknown += verdicts.unknown;
        }
    }
    return rows;
}

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string finding_text(const TraceReport& report, const TraceFinding& finding) {
    std::string text = "\n" + report.trace + ":" + number(finding.line) + ": " + hex_text(finding.pc) + "  " +
                       hex_text(finding.opcode, 8).substr(2) + "  " + finding.disassembly;
    if (finding.occurrences > 1) text += "   (" + number(finding.occurrences) + " of this kind)";
    text += "\n";
    for (const auto& difference : finding.differences)
        text += "    " + difference.what + ": expected " + difference.expected + ", got " + difference.got + "\n";
    text += "    " + finding.pseudocode + "\n";
    const std::size_t shown = std::min(kDecisionsShown, finding.decisions.size());
    for (std::size_t i = finding.decisions.size() - shown; i < finding.decisions.size(); ++i) {
        const auto& decision = finding.decisions[i];
        text += "      " + decision.function + ": " + decision.condition + "? " +
                (decision.outcome ? "true" : "false") + "\n";
    }
    std::string requirements;
    for (const auto& id : finding.requirements) requirements += " " + id;
    return text + "    " + (finding.differences.empty() ? "about:" : "at stake:") + requirements + "\n";
}

std::string tags_of(const TagCheckFaultSeen& fault) {
    return (fault.address ? "address " + hex_text(*fault.address) + ", " : std::string()) + "Logical Address Tag " +
           hex_text(fault.logical_tag) + ", Allocation Tag " + hex_text(fault.allocation_tag);
}

} // namespace

OrderedJson to_json(const TraceReport& report) {
    const TraceResult& result = report.result;
    OrderedJson out;
    out["schema"] = kTraceReportSchema;
    out["trace"] = report.trace;
    out["format"] = report.format;
    if (!report.producer.empty()) out["producer"] = report.producer;
    out["features"] = report.features;
    out["memory"] = report.memory;
    out["records"] = result.records;
    out["instructions"] = result.instructions;
    out["judged"] = counts(result.judged);
    out["adopted"] = OrderedJson{{"instructions", result.adopted},
                                 {"exceptions", result.adopted_exceptions},
                                 {"interrupts", result.interrupts},
                                 {"values", result.values_adopted}};
    out["values_compared"] = result.values_compared;
    out["gaps"] = result.gaps;
    OrderedJson tags{{"stored", result.tags_stored},
                     {"learnt", result.tags_learnt},
                     {"most_pages", result.shadow_pages},
                     {"times_forgotten", result.shadow_full}};
    out["tags"] = std::move(tags);
    OrderedJson skipped{{"lines", report.lines_skipped}, {"cut", report.cut}, {"first", OrderedJson::array()}};
    for (const auto& line : report.first_skipped)
        skipped["first"].push_back(OrderedJson{{"line", line.line}, {"why", line.why}});
    out["skipped"] = std::move(skipped);
    out["unknown_because"] = OrderedJson::array();
    for (const auto& reason : result.reasons)
        out["unknown_because"].push_back(OrderedJson{{"what", reason.what}, {"count", reason.count}});
    out["encodings"] = OrderedJson::array();
    for (std::size_t i = 0; i < result.encodings.size(); ++i) {
        if (!any(result.encodings[i])) continue;
        OrderedJson row{{"id", spec::info(static_cast<spec::Encoding>(i)).id}};
        row.update(counts(result.encodings[i]));
        out["encodings"].push_back(std::move(row));
    }
    out["requirements"] = OrderedJson::array();
    for (const auto& [id, verdicts] : by_requirement(result)) {
        OrderedJson row{{"id", id}};
        row.update(counts(verdicts));
        out["requirements"].push_back(std::move(row));
    }
    out["findings"] = OrderedJson::array();
    for (const auto& finding : result.findings) out["findings"].push_back(finding_json(finding));
    out["more_findings"] = result.more_kinds;
    out["tag_check_faults"] = result.tag_check_faults;
    out["faults"] = OrderedJson::array();
    for (const auto& fault : result.faults) {
        OrderedJson row = finding_json(fault.at);
        row.erase("differences");
        row.erase("occurrences");
        if (fault.address) row["address"] = hex_text(*fault.address);
        row["logical_tag"] = fault.logical_tag;
        row["allocation_tag"] = fault.allocation_tag;
        out["faults"].push_back(std::move(row));
    }
    return out;
}

std::string to_text(const TraceReport& report) {
    const TraceResult& result = report.result;
    const std::uint64_t judged = result.judged.agreed + result.judged.diverged + result.judged.unknown;
    std::string text = report.trace + " (" + report.format + ")\n";
    text += "records          " + number(result.records) + ", of instructions " + number(result.instructions) + "\n";
    text += "judged           " + number(judged) + ": agreed " + number(result.judged.agreed) + ", diverged " +
            number(result.judged.diverged) + ", unknown " + number(result.judged.unknown) + "\n";
    text += "adopted          " + number(result.adopted) + " instructions, " + number(result.adopted_exceptions) +
            " exceptions, " + number(result.interrupts) + " interrupts\n";
    text += "values           " + number(result.values_compared) + " compared, " + number(result.values_adopted) +
            " adopted\n";
    text += "tags             " + number(result.tags_stored) + " stored, " + number(result.tags_learnt) +
            " learnt, in " + number(result.shadow_pages) + " pages";
    if (result.shadow_full != 0) text += "; all forgotten " + number(result.shadow_full) + " times, for memory";
    text += "\n";
    if (result.tag_check_faults != 0)
        text +=
            "faults           " + number(result.tag_check_faults) + " Tag Check Faults, as the model expects them\n";
    if (result.gaps != 0) text += "gaps             " + number(result.gaps) + "\n";
    if (report.lines_skipped != 0) {
        text += "lines skipped    " + number(report.lines_skipped) + "\n";
        for (const auto& line : report.first_skipped)
            text += "    " + report.trace + ":" + number(line.line) + ": " + line.why + "\n";
    }
    if (report.cut) text += "the last line has no end: the trace was cut\n";
    if (!result.reasons.empty()) text += "unknown because\n";
    for (const auto& reason : result.reasons) text += "    " + number(reason.count) + "  " + reason.what + "\n";
    std::size_t shown = 0;
    for (const auto& finding : result.findings) {
        if (shown++ == kFindingsShown) break;
        text += finding_text(report, finding);
    }
    for (const auto& fault : result.faults)
        text += finding_text(report, fault.at) + "    Tag Check Fault, as the model expects: " + tags_of(fault) + "\n";
    if (result.findings.size() > kFindingsShown)
        text += "\n" + number(result.findings.size() - kFindingsShown) + " more kinds of divergence are in the JSON\n";
    return text;
}

TraceResult judge_trace(TraceReader& reader, const LockstepSettings& settings) {
    Lockstep lockstep(settings);
    TraceRecord record;
    while (reader.next(record)) lockstep.take(record);
    return lockstep.result();
}

} // namespace mtecheck::difftest
