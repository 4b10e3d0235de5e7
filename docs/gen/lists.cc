// SPDX-License-Identifier: Apache-2.0
//
// Features, requirements, decisions, don't-cares, mutations and defects: lists of rows that refer to each other.
#include <algorithm>
#include <set>

#include "docs/gen/markdown.h"
#include "docs/gen/reference.h"

namespace mtecheck::docs {
namespace {

using spec::gen::RequirementRow;

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// MTE-CHK-003 is in area MTE-CHK.
std::string area_of(const RequirementRow& row) { return row.id.substr(0, row.id.rfind('-')); }

/// Encodings as a requirement names them, linked if they are of one class.
std::string to_encodings(const Facts& facts, const std::string& pattern) {
    for (const auto& encoding : facts.tables.encodings) {
        const auto& parent = facts.tables.classes[encoding.class_index];
        if (parent.name != pattern && encoding.id != pattern) continue;
        return link(plain(pattern),
                    instructions_file(facts.tables.groups[parent.group_index].name) + "#" + anchor(parent.name));
    }
    return code(pattern);
}

void add_requirement(const Facts& facts, const RequirementRow& row, Page& page) {
    page.heading(3, row.id);
    page.paragraph("**" + plain(row.title) + "** (" + plain(row.kind) + ")");
    page.paragraph(plain(row.statement));
    page.item("Source: " + plain(row.source) + (row.unconfirmed ? " (not confirmed in Arm's text)" : ""));
    if (row.feature != "none") page.item("Feature: " + to_feature(row.feature));
    std::vector<std::string> parts;
    for (const std::string& pattern : row.covered_by) parts.push_back(to_encodings(facts, pattern));
    if (!parts.empty()) page.item("Exercised by the instructions " + joined(parts));
    parts.clear();
    for (const std::string& name : row.registers) parts.push_back(code(name));
    if (!parts.empty()) page.item("MRS and MSR count with " + joined(parts));
    parts.clear();
    for (const auto& [decision, outcome] : row.decisions) {
        parts.push_back(to_decision(decision) + " = " + (outcome ? "1" : "0"));
    }
    if (!parts.empty()) page.item("Exercised by the decisions " + joined(parts));
    if (!row.scope.empty()) page.item("Not exercised: " + plain(row.scope));
    parts.clear();
    for (const auto& mutation : facts.tables.mutations) {
        if (contains(mutation.requirements, row.id)) parts.push_back(to_mutation(mutation.id));
    }
    if (!parts.empty()) page.item("Mutations that break it: " + joined(parts));
    parts.clear();
    for (const auto& defect : facts.defects) {
        if (contains(defect.requirements, row.id)) parts.push_back(to_defect(defect.id));
    }
    if (!parts.empty()) page.item("Known defects: " + joined(parts));
}

/// A table of the rules, of Arm's or of those that deliberate faults alone leave open.
void add_dont_cares(const Facts& facts, bool of_deliberate_faults, Page& page) {
    page.table({"Rule", "Kind", "When", "Allowed", "Source", "Operands of"});
    for (const auto& row : facts.tables.dont_cares) {
        if (row.of_deliberate_fault() != of_deliberate_faults) continue;
        std::vector<std::string> classes;
        for (const auto& encoding : facts.tables.encodings) {
            for (const auto& constraint : encoding.constraints) {
                if (constraint.dont_care != row.name) continue;
                std::string name = to_class(facts, encoding.class_index);
                if (!contains(classes, name)) classes.push_back(std::move(name));
            }
        }
        std::string kind = row.kind;
        std::replace(kind.begin(), kind.end(), '_', ' ');
        page.row({place(row.id) + plain(row.id) + " " + plain(row.name), plain(kind), plain(row.condition),
                  plain(joined(row.allowed, "; ")), plain(row.source), joined(classes)});
    }
}

} // namespace

std::string features_page(const Facts& facts) {
    Page page("Features", "What a target has is read from its ID registers, by these rules, and never assumed.");
    for (const auto& row : facts.tables.features) {
        page.heading(3, row.id);
        page.paragraph(plain(row.title) + ": " + plain(row.enables) + ".");
        for (const auto& report : row.reported_by) {
            page.item("Reported by " + to_register(report.reg) + "." + plain(report.field) +
                      " &gt;= " + std::to_string(report.at_least) + (report.is_signed ? " (signed)" : ""));
        }
        if (!row.closure.empty()) page.item("Implies " + to_features(row.closure));
    }
    return page.text();
}

std::string requirements_page(const Facts& facts) {
    Page page("Requirements",
              "The rows of a conformance report. A row is *exercised* by a case that runs one of its instructions or "
              "meets one of its decisions with the outcome given; where neither can be, the row says why.");
    page.table({"Area", "Rows", "Of them exercised by cases"});
    std::set<std::string> areas;
    for (const auto& row : facts.tables.requirements) areas.insert(area_of(row));
    for (const std::string& name : areas) {
        std::size_t rows = 0;
        std::size_t covered = 0;
        for (const auto& row : facts.tables.requirements) {
            if (area_of(row) != name) continue;
            ++rows;
            if (row.scope.empty()) ++covered;
        }
        page.row({link(name, "#" + anchor(name)), std::to_string(rows), std::to_string(covered)});
    }
    for (const std::string& name : areas) {
        page.heading(2, name);
        for (const auto& row : facts.tables.requirements) {
            if (area_of(row) == name) add_requirement(facts, row, page);
        }
    }
    return page.text();
}

std::string decisions_page(const Facts& facts) {
    Page page("Decisions",
              "Where Arm's pseudocode branches and tagging is at stake. Each is one labelled line of the model; "
              "coverage counts both outcomes of each, and `mtecheck explain` shows those that a case met.");
    page.table({"Decision", "Function of the pseudocode", "Condition", "Requirements"});
    for (const auto& row : facts.tables.decisions) {
        page.row({place(row.id) + plain(row.id), code(row.function), plain(row.condition),
                  to_requirements(row.requirements)});
    }
    return page.text();
}

std::string dont_cares_page(const Facts& facts) {
    Page page("Don't-cares",
              "What the architecture leaves open, each with its source: the only reasons for which a comparison "
              "accepts a difference. Reports and explanations name these rules.");
    add_dont_cares(facts, false, page);
    page.heading(2, "Of deliberate faults");
    page.paragraph("Not the architecture's: nothing that a target does is accepted for such a rule. It is met when the "
                   "model with [deliberate faults](mutations.md) is asked whether these explain a divergence that was "
                   "found without it.");
    add_dont_cares(facts, true, page);
    return page.text();
}

std::string mutations_page(const Facts& facts) {
    Page page("Mutations",
              "Deliberate faults of the model. `mtecheck campaign --target model:NAME` shows that the tester finds "
              "one; a set of them describes a [known defect](defects.md) of a target.");
    page.table({"Mutation", "What is wrong", "Kind of real defect", "Requirements", "Describes"});
    for (const auto& row : facts.tables.mutations) {
        std::vector<std::string> defects;
        for (const auto& defect : facts.defects) {
            if (contains(defect.mutations, row.id)) defects.push_back(to_defect(defect.id));
        }
        page.row({place(row.id) + code(row.id), plain(row.wrong), plain(row.defect), to_requirements(row.requirements),
                  joined(defects)});
    }
    return page.text();
}

std::string defects_page(const Facts& facts) {
    Page page("Known defects of targets",
              "A divergence is *explained* by such a defect if the model with its mutations does what the target "
              "did. [Findings in QEMU](../findings.md) tells about them at more length.");
    for (const auto& defect : facts.defects) {
        page.heading(3, defect.id);
        page.paragraph(plain(defect.summary) + ".");
        page.item("Target: " + code(defect.target));
        std::vector<std::string> parts;
        for (const std::string& version : defect.versions) parts.push_back(code(version));
        page.item("Versions: " + joined(parts));
        parts.clear();
        for (const std::string& mutation : defect.mutations) parts.push_back(to_mutation(mutation));
        page.item("Mutations: " + joined(parts));
        page.item("Contradicts: " + code(defect.pseudocode));
        if (!defect.requirements.empty()) page.item("Requirements: " + to_requirements(defect.requirements));
        parts.clear();
        for (const std::string& evidence : defect.evidence) parts.push_back(code(evidence));
        if (!parts.empty()) page.item("Evidence: " + joined(parts));
        if (!defect.link.empty()) page.item("Reported: <" + defect.link + ">");
    }
    return page.text();
}

} // namespace mtecheck::docs
