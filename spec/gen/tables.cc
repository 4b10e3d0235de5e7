// SPDX-License-Identifier: Apache-2.0
//
// Loading of the lists (features, requirements, don't-cares, decisions, mutations) and the
// references between all tables. Instructions and registers have their own files.

#include "spec/gen/tables.h"

#include <algorithm>
#include <functional>
#include <set>

#include "spec/gen/document.h"
#include "spec/gen/load.h"

namespace mtecheck::spec::gen {
namespace {

/// `*` and `?` as in a shell.
bool glob_matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        return glob_matches(pattern.substr(1), text) || (!text.empty() && glob_matches(pattern, text.substr(1)));
    }
    return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
           glob_matches(pattern.substr(1), text.substr(1));
}

void load_features(const Node& root, Tables& tables) {
    std::map<std::string, std::vector<std::string>> implies;
    root.each("features", [&](const Node& row) {
        FeatureRow feature;
        feature.id = row["id"].text();
        feature.title = row["title"].text();
        feature.enables = row["enables"].text();
        row.each("reported_by", [&](const Node& report) {
            feature.reported_by.push_back({report["register"].text(), report["field"].text(),
                                           report["at_least"].number(),
                                           report.has("signed") && report["signed"].flag()});
        });
        if (!implies.emplace(feature.id, row["implies"].texts()).second) {
            row["id"].fail("repeats the id of an earlier row");
        }
        tables.features.push_back(std::move(feature));
    });
    for (auto& feature : tables.features) {
        std::set<std::string> reached;
        std::function<void(const std::string&)> visit = [&](const std::string& id) {
            const auto found = implies.find(id);
            if (found == implies.end()) root.fail("'" + id + "' is implied but has no row");
            for (const auto& next : found->second) {
                if (reached.insert(next).second) visit(next);
            }
        };
        visit(feature.id);
        reached.erase(feature.id);
        feature.closure.assign(reached.begin(), reached.end());
    }
}

void load_requirements(const Node& root, const std::set<std::string>& feature_ids, Tables& tables) {
    std::set<std::string> ids;
    root.each("requirements", [&](const Node& row) {
        RequirementRow requirement;
        requirement.id = row["id"].text();
        if (!ids.insert(requirement.id).second) row["id"].fail("repeats the id of an earlier row");
        requirement.title = row["title"].text();
        requirement.statement = row["statement"].text();
        requirement.kind = row["kind"].text();
        requirement.feature = row["feature"].text();
        if (requirement.feature != "none" && feature_ids.count(requirement.feature) == 0) {
            row["feature"].fail("there is no feature '" + requirement.feature + "'", "add it to features.json");
        }
        requirement.source = row["source"].text();
        requirement.unconfirmed = row.has("unconfirmed") && row["unconfirmed"].flag();
        if (row.has("scope")) requirement.scope = row["scope"].text();
        tables.requirements.push_back(std::move(requirement));
    });
}

void load_dont_cares(const Node& root, Tables& tables) {
    std::set<std::string> ids;
    std::set<std::string> names;
    root.each("dont_cares", [&](const Node& row) {
        DontCareRow dont_care{row["id"].text(),        row["name"].text(),     row["kind"].text(),
                              row["condition"].text(), row["allowed"].texts(), row["source"].text()};
        if (!ids.insert(dont_care.id).second) row["id"].fail("repeats the id of an earlier row");
        if (!names.insert(dont_care.name).second) row["name"].fail("repeats the name of an earlier row");
        tables.dont_cares.push_back(std::move(dont_care));
    });
}

void check_requirements(const Node& row, const std::set<std::string>& known) {
    row.each("requirements", [&](const Node& id) {
        if (known.count(id.text()) == 0)
            id.fail("there is no requirement '" + id.text() + "'", "see requirements.json");
    });
}

/// The coverage columns of the requirements: they refer to encodings and decisions, which are
/// loaded later than the rows themselves.
void resolve_coverage(const Node& root, Tables& tables) {
    std::set<std::string> decisions;
    for (const auto& decision : tables.decisions) decisions.insert(decision.id);
    std::size_t index = 0;
    root.each("requirements", [&](const Node& row) {
        RequirementRow& requirement = tables.requirements[index++];
        const Node covered = row["covered_by"];
        covered.each("encodings", [&](const Node& wanted) {
            const std::string pattern = wanted.text();
            requirement.covered_by.push_back(pattern);
            bool found = false;
            for (const auto& encoding : tables.encodings) {
                if (glob_matches(pattern, encoding.id) || tables.classes[encoding.class_index].name == pattern) {
                    found = true;
                    auto& list = requirement.encodings;
                    if (std::find(list.begin(), list.end(), encoding.id) == list.end()) list.push_back(encoding.id);
                }
            }
            if (!found) wanted.fail("'" + pattern + "' is no encoding, class or glob that matches one");
        });
        covered.each("registers", [&](const Node& wanted) {
            const bool known = std::any_of(tables.registers.begin(), tables.registers.end(),
                                           [&](const auto& reg) { return reg.name == wanted.text(); });
            if (!known) wanted.fail("there is no register '" + wanted.text() + "'", "see registers.json");
            requirement.registers.push_back(wanted.text());
        });
        covered.each("decisions", [&](const Node& wanted) {
            const std::string text = wanted.text();
            const std::string id = text.substr(0, text.find('='));
            if (decisions.count(id) == 0) wanted.fail("there is no decision '" + id + "'", "see decisions.json");
            requirement.decisions.emplace_back(id, text.back() == '1');
        });
        const bool covered_by_something = covered.has("encodings") || covered.has("decisions");
        if (covered_by_something == !requirement.scope.empty()) {
            row["id"].fail("a row has either something that covers it or a scope that says why nothing does");
        }
    });
}

} // namespace

Tables load_tables(const std::filesystem::path& spec_dir, const std::filesystem::path& schema_dir) {
    Tables tables;
    const auto document = [&](const std::string& name) {
        return Document(spec_dir / (name + ".json"), schema_dir / (name + ".schema.json"));
    };

    const Document features = document("features");
    load_features(features.root(), tables);
    std::set<std::string> feature_ids;
    for (const auto& feature : tables.features) feature_ids.insert(feature.id);

    const Document requirements = document("requirements");
    load_requirements(requirements.root(), feature_ids, tables);
    std::set<std::string> requirement_ids;
    for (const auto& requirement : tables.requirements) requirement_ids.insert(requirement.id);

    const Document dont_cares = document("dont_cares");
    load_dont_cares(dont_cares.root(), tables);
    std::set<std::string> dont_care_names;
    for (const auto& dont_care : tables.dont_cares) dont_care_names.insert(dont_care.name);

    const Document registers = document("registers");
    load_registers(registers.root(), feature_ids, requirement_ids, tables);
    check_feature_reports(features.root(), tables);

    const Document enumerations(spec_dir / "isa" / "enumerations.json", schema_dir / "enumerations.schema.json");
    load_enumerations(enumerations.root(), tables);
    std::vector<std::filesystem::path> groups;
    for (const auto& entry : std::filesystem::directory_iterator(spec_dir / "isa")) {
        if (entry.path().extension() == ".json" && entry.path().filename() != "enumerations.json") {
            groups.push_back(entry.path());
        }
    }
    std::sort(groups.begin(), groups.end());
    for (const auto& group : groups) {
        const Document isa(group, schema_dir / "isa.schema.json");
        load_isa(isa.root(), {feature_ids, requirement_ids, dont_care_names}, tables);
    }
    check_disjoint(tables);

    const Document decisions = document("decisions");
    std::set<std::string> decision_ids;
    decisions.root().each("decisions", [&](const Node& row) {
        if (!decision_ids.insert(row["id"].text()).second) row["id"].fail("repeats the id of an earlier row");
        check_requirements(row, requirement_ids);
        tables.decisions.push_back({row["id"].text(), row["function"].text(), row["condition"].text(),
                                    row["requirements"].texts(), row.text_or("outline", {})});
    });

    const Document mutations = document("mutations");
    std::set<std::string> mutation_ids;
    mutations.root().each("mutations", [&](const Node& row) {
        if (!mutation_ids.insert(row["id"].text()).second) row["id"].fail("repeats the id of an earlier row");
        check_requirements(row, requirement_ids);
        tables.mutations.push_back({row["id"].text(), row["wrong"].text(), row["defect"].text(),
                                    row["requirements"].texts(), row.text_or("beyond_invariants", {}),
                                    row.text_or("beyond_campaigns", {})});
    });

    resolve_coverage(requirements.root(), tables);
    return tables;
}

} // namespace mtecheck::spec::gen
