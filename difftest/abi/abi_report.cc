// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_report.h"

#include <array>
#include <nlohmann/json.hpp>

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;

/// The names of the ways in which something open can be settled, in the order of the answers.
std::array<std::string_view, 3> answers(Open open) {
    switch (open) {
    case Open::preferred_mode: return {"asynchronous", "synchronous", "asymmetric"};
    case Open::advised_tags: return {"cleared", "kept", ""};
    case Open::kernel_access_checked: return {"checked", "not checked", ""};
    case Open::partial_store: return {"not written", "written", ""};
    case Open::replaced_mapping: return {"left", "unmapped", ""};
    case Open::execute_only: return {"not readable", "readable", ""};
    case Open::executable_file: return {"allowed", "refused", ""};
    case Open::freed_pages: return {"kept", "given back", "tags cleared"};
    case Open::dumped_pages: return {"dumped", "left out", ""};
    default: return {"before the next system call", "at its end", ""};
    }
}

std::string capabilities(const AbiSystem& system) {
    std::string text = "HWCAP2_MTE";
    if (system.has_mte3()) text += " HWCAP2_MTE3";
    if (system.has_mte_far()) text += " HWCAP3_MTE_FAR";
    if (system.has_store_only()) text += " HWCAP3_MTE_STORE_ONLY";
    return text;
}

std::string_view preferred_name(const AbiSystem& system) {
    if (!system.preferred) return "cannot be read";
    switch (*system.preferred) {
    case mte_ctrl::TCF_SYNC: return "sync";
    case mte_ctrl::TCF_ASYMM: return "asymm";
    default: return "async";
    }
}

std::string not_reproduced(std::uint64_t count) {
    return count == 0 ? "" : ", " + std::to_string(count) + " not reproduced";
}

/// ", explained by X, Y"; what is not explained stands out.
std::string explained_by(const AbiGroup& group) {
    if (group.defects.empty()) return ": UNEXPLAINED";
    std::string text = ", explained by ";
    for (const std::string& id : group.defects) text += (id == group.defects.front() ? "" : ", ") + id;
    return text;
}

/// Those that were met.
std::string known_defects_text(const AbiResult& result) {
    std::string text;
    for (const auto& [defect, programs] : result.defects) {
        if (programs == 0) continue;
        text += "  " + defect.id + " (" + std::to_string(programs) + (programs == 1 ? " program" : " programs") +
                "): " + defect.summary + "\n    contradicts " + defect.contradicts + "\n";
    }
    return text.empty() ? text : "\nKNOWN DEFECTS OF THE TARGET\n" + text;
}

/// What was run: "2000 of seed 1", "669 of 2000 of seed 1, interrupted".
std::string extent(const AbiResult& result) {
    std::string text = std::to_string(result.cases);
    if (result.cases != result.settings.cases) text += " of " + std::to_string(result.settings.cases);
    text += result.settings.generated ? " of seed " + std::to_string(result.settings.seed) : " that was given";
    if (result.interrupted) text += ", interrupted";
    if (!result.trouble.empty()) text += ", incomplete: " + result.trouble;
    return text;
}

std::string beyond_text(const AbiDivergence& beyond, std::size_t steps) {
    return "    what known defects leave: " + std::string(info(beyond.clause).id) + ": " + beyond.what + ", " +
           (beyond.step >= steps ? std::string("at the end") : "step " + std::to_string(beyond.step)) +
           (beyond.flow == 1 ? " in the child or thread" : "") + ": expected " + beyond.expected + ", got " +
           beyond.observed + "\n";
}

std::string to_text(const AbiGroup& group) {
    const AbiDivergence& d = group.divergence;
    const ClauseInfo& clause = info(d.clause);
    std::string text = "\n" + std::string(clause.id) + ": " + d.what + " (" + std::to_string(group.cases) +
                       (group.cases == 1 ? " program" : " programs") + ", first " + std::to_string(group.first_case) +
                       not_reproduced(group.not_reproduced) + ")" + explained_by(group) + "\n  " +
                       std::string(clause.source) + ": " + std::string(clause.sentence) + "\n";
    for (std::size_t n = 0; n < group.program.size(); ++n) {
        text += "    " + std::to_string(n) + "  " + difftest::to_text(group.program[n]);
        if (n == d.step) {
            text += std::string("    <- ") + (d.flow == 1 ? "in the child or thread: " : "") + "expected " +
                    d.expected + ", got " + d.observed;
        }
        text += "\n";
    }
    if (d.step >= group.program.size()) text += "    end: expected " + d.expected + ", got " + d.observed + "\n";
    if (group.beyond) text += beyond_text(*group.beyond, group.program.size());
    if (!group.why.empty()) text += "    not judged with the known defects: " + group.why + "\n";
    return text;
}

/// Which clause, and what about it.
void add_clause(OrderedJson& out, const AbiDivergence& divergence) {
    const ClauseInfo& clause = info(divergence.clause);
    out["clause"] = clause.id;
    out["source"] = clause.source;
    out["sentence"] = clause.sentence;
    out["what"] = divergence.what;
}

/// Where, and what.
void add_place(OrderedJson& out, const AbiDivergence& divergence) {
    out["flow"] = divergence.flow;
    out["step"] = divergence.step;
    out["expected"] = divergence.expected;
    out["observed"] = divergence.observed;
}

OrderedJson to_json(const AbiGroup& group) {
    OrderedJson out;
    add_clause(out, group.divergence);
    out["explained_by"] = group.defects;
    if (group.beyond) {
        OrderedJson& beyond = out["beyond_known_defects"];
        add_clause(beyond, *group.beyond);
        add_place(beyond, *group.beyond);
    }
    if (!group.why.empty()) out["not_judged_with_known_defects"] = group.why;
    out["cases"] = group.cases;
    out["not_reproduced"] = group.not_reproduced;
    out["first_case"] = group.first_case;
    add_place(out, group.divergence);
    out["program"] = difftest::to_json(group.program);
    return out;
}

} // namespace

std::string to_text(const AbiResult& result) {
    const AbiSystem& system = result.system;
    std::string text = "target    " + system.target + "  (" + system.version + ")\n";
    text += "kernel    " + capabilities(system) + "; mte_tcf_preferred " + std::string(preferred_name(system)) +
            (system.preferred_writable ? ", which can be written\n" : "\n");
    text += "programs  " + extent(result) + "\nagree     " + std::to_string(result.agreed) + "\ndiverge   " +
            std::to_string(result.diverged) + " in " + std::to_string(result.groups.size()) +
            (result.groups.size() == 1 ? " group" : " groups") + not_reproduced(result.not_reproduced) + ": " +
            std::to_string(result.explained) + " explained by known defects, " + std::to_string(result.unexplained()) +
            " UNEXPLAINED\n";
    if (result.not_modelled != 0) text += "not judged " + std::to_string(result.not_modelled) + "\n";
    for (const auto& [why, count] : result.why_not_modelled) text += "  " + std::to_string(count) + "  " + why + "\n";
    if (result.lost != 0)
        text += "connections that ended for no reason that showed again: " + std::to_string(result.lost) + "\n";
    if (result.cannot != 0) text += "steps that the target cannot do: " + std::to_string(result.cannot) + "\n";
    for (const AbiGroup& group : result.groups) text += to_text(group);
    text += known_defects_text(result);
    if (!result.open.empty()) text += "\nleft open by the contract, and how it was settled:\n";
    for (const auto& [open, counts] : result.open) {
        text += "  " + std::string(info(open).id) + " (" + std::string(info(open).why) + "):";
        const auto names = answers(open);
        for (std::size_t n = 0; n < counts.size(); ++n) {
            if (counts[n] != 0) text += " " + std::string(names[n]) + " " + std::to_string(counts[n]);
        }
        text += "\n";
    }
    return text;
}

OrderedJson to_json(const AbiResult& result) {
    const AbiSystem& system = result.system;
    OrderedJson out;
    out["schema"] = kAbiReportSchema;
    out["target"] = system.target;
    out["version"] = system.version;
    out["hwcap2"] = hex_text(system.hwcap2);
    out["hwcap3"] = hex_text(system.hwcap3);
    out["mte_tcf_preferred"] = system.preferred ? preferred_name(system) : "";
    if (result.settings.generated) out["seed"] = hex_text(result.settings.seed);
    out["cases"] = result.cases;
    out["interrupted"] = result.interrupted;
    out["incomplete"] = result.trouble;
    out["agreed"] = result.agreed;
    out["diverged"] = result.diverged;
    out["explained"] = result.explained;
    out["unexplained"] = result.unexplained();
    out["not_reproduced"] = result.not_reproduced;
    out["connections_lost"] = result.lost;
    out["not_judged"] = result.not_modelled;
    out["not_judged_for"] = OrderedJson::object();
    for (const auto& [why, count] : result.why_not_modelled) out["not_judged_for"][why] = count;
    out["steps_not_possible"] = result.cannot;
    out["groups"] = OrderedJson::array();
    for (const AbiGroup& group : result.groups) out["groups"].push_back(to_json(group));
    out["known_defects"] = OrderedJson::array();
    for (const auto& [defect, programs] : result.defects) {
        OrderedJson one;
        one["id"] = defect.id;
        one["summary"] = defect.summary;
        one["contradicts"] = defect.contradicts;
        if (!defect.where.empty()) one["where"] = defect.where;
        one["programs"] = programs;
        out["known_defects"].push_back(std::move(one));
    }
    out["left_open"] = OrderedJson::array();
    for (const auto& [open, counts] : result.open) {
        OrderedJson one;
        one["id"] = info(open).id;
        one["source"] = info(open).source;
        one["why"] = info(open).why;
        const auto names = answers(open);
        for (std::size_t n = 0; n < counts.size(); ++n) {
            if (!names[n].empty()) one["settled"][std::string(names[n])] = counts[n];
        }
        out["left_open"].push_back(std::move(one));
    }
    return out;
}

} // namespace mtecheck::difftest
