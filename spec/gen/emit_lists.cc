// SPDX-License-Identifier: Apache-2.0
//
// The lists: features, requirements, don't-cares, decisions, mutations. Each becomes an
// enumeration, an array of rows and a lookup by name.

#include <algorithm>
#include <cctype>

#include "spec/gen/emit.h"

namespace mtecheck::spec::gen {
namespace {

/// What the five lists have in common: file names, enumeration, accessors.
struct ListShape {
    std::string stem;      ///< file: features
    std::string type;      ///< enumeration: Feature
    std::string singular;  ///< functions: find_feature
    std::string base_type; ///< std::uint8_t
    std::string purpose;
    std::string includes;        ///< extra includes of the header
    std::string source_includes; ///< extra includes of the source
};

void emit_list_header(const ListShape& shape, const std::vector<std::pair<std::string, std::string>>& enumerators,
                      const std::filesystem::path& out) {
    Output h(out / (shape.stem + ".h"), shape.purpose, true);
    h << "#include <cstddef>\n#include <cstdint>\n#include <optional>\n#include <span>\n#include <string_view>\n\n"
      << "#include \"spec/list_types.h\"\n"
      << shape.includes << "\nnamespace mtecheck::spec {\n\n"
      << "enum class " << shape.type << " : " << shape.base_type << " {\n";
    for (const auto& [name, comment] : enumerators) h << "    " << name << ",  ///< " << comment << "\n";
    h << "};\n\ninline constexpr std::size_t " << shape.singular << "_count = " << enumerators.size() << ";\n\n"
      << "std::span<const " << shape.type << "Info> " << shape.stem << "();\nconst " << shape.type << "Info& info("
      << shape.type << " " << shape.singular << ");\n"
      << "std::optional<" << shape.type << "> find_" << shape.singular
      << "(std::string_view id);\n\n}  // namespace mtecheck::spec\n";
    h.finish();
}

void emit_list_functions(Output& c, const ListShape& shape, const std::string& rows) {
    c << "constexpr " << shape.type << "Info table[] = {\n"
      << rows << "};\n\n}  // namespace\n\n"
      << "std::span<const " << shape.type << "Info> " << shape.stem << "() { return table; }\n\n"
      << "const " << shape.type << "Info& info(" << shape.type << " " << shape.singular
      << ") { return table[static_cast<std::size_t>(" << shape.singular << ")]; }\n\n"
      << "std::optional<" << shape.type << "> find_" << shape.singular << "(std::string_view id) {\n"
      << "    for (const " << shape.type
      << "Info& row : table) {\n        if (row.id == id) {\n            return row.value;\n        }\n    }\n"
      << "    return std::nullopt;\n}\n\n}  // namespace mtecheck::spec\n";
}

Output list_source(const ListShape& shape, const std::filesystem::path& out) {
    Output c(out / (shape.stem + ".cc"), shape.purpose, false);
    c << "#include \"spec/gen/" << shape.stem << ".h\"\n"
      << shape.source_includes << "\nnamespace mtecheck::spec {\nnamespace {\n\n";
    return c;
}

std::vector<std::string> requirement_items(const std::vector<std::string>& ids) {
    std::vector<std::string> result;
    for (const auto& id : ids) result.push_back("Requirement::" + requirement_name(id));
    return result;
}

void emit_features(const Tables& tables, const std::filesystem::path& out) {
    const ListShape shape{"features", "Feature", "feature", "std::uint8_t", "Architecture features.", "", ""};
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& row : tables.features) names.emplace_back(row.id, row.title);
    emit_list_header(shape, names, out);

    Output c = list_source(shape, out);
    SpanPool closures("closure_pool", "Feature");
    SpanPool reports("report_pool", "FeatureReport");
    std::ostringstream rows;
    for (const auto& row : tables.features) {
        std::vector<std::string> closure;
        for (const auto& id : row.closure) closure.push_back("Feature::" + id);
        std::vector<std::string> report_items;
        for (const auto& report : row.reported_by) {
            report_items.push_back("{" + quoted(report.reg) + ", " + quoted(report.field) + ", " +
                                   std::to_string(report.at_least) + ", " + (report.is_signed ? "true" : "false") +
                                   "}");
        }
        rows << "    {Feature::" << row.id << ", " << quoted(row.id) << ", " << quoted(row.title) << ", "
             << closures.add(closure) << ", " << reports.add(report_items) << ", " << quoted(row.enables) << "},\n";
    }
    c << closures.definition() << reports.definition();
    emit_list_functions(c, shape, rows.str());
    c.finish();
}

void emit_requirements(const Tables& tables, const std::filesystem::path& out) {
    const ListShape shape{
        "requirements",
        "Requirement",
        "requirement",
        "std::uint16_t",
        "Conformance requirements.",
        "",
        "#include \"spec/gen/decisions.h\"\n#include \"spec/gen/features.h\"\n#include \"spec/gen/isa.h\"\n"
        "#include \"spec/gen/registers.h\"\n"};
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& row : tables.requirements) names.emplace_back(requirement_name(row.id), row.title);
    emit_list_header(shape, names, out);

    Output c = list_source(shape, out);
    SpanPool encodings("encoding_pool", "Encoding");
    SpanPool registers("register_pool", "Reg");
    SpanPool decisions("decision_pool", "DecisionOutcome");
    std::ostringstream rows;
    for (const auto& row : tables.requirements) {
        std::vector<std::string> encoding_items;
        for (const auto& id : row.encodings) encoding_items.push_back("Encoding::" + id);
        std::vector<std::string> register_items;
        for (const auto& name : row.registers) register_items.push_back("Reg::" + name);
        std::vector<std::string> decision_items;
        for (const auto& [id, outcome] : row.decisions) {
            decision_items.push_back("{Decision::" + id + ", " + (outcome ? "true" : "false") + "}");
        }
        rows << "    {Requirement::" << requirement_name(row.id) << ", " << quoted(row.id) << ", " << quoted(row.title)
             << ",\n     " << quoted(row.statement)
             << ",\n     RequirementKind::" << (row.kind == "register" ? "register_" : row.kind) << ", "
             << (row.feature == "none" ? "std::nullopt" : "Feature::" + row.feature) << ", " << quoted(row.source)
             << ", " << (row.unconfirmed ? "true" : "false") << ", " << quoted(row.scope) << ", "
             << encodings.add(encoding_items) << ", " << registers.add(register_items) << ", "
             << decisions.add(decision_items) << "},\n";
    }
    c << encodings.definition() << registers.definition() << decisions.definition();
    emit_list_functions(c, shape, rows.str());
    c.finish();
}

void emit_dont_cares(const Tables& tables, const std::filesystem::path& out) {
    const ListShape shape{"dont_cares", "DontCare", "dont_care", "std::uint8_t", "What the architecture leaves open.",
                          "",           ""};
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& row : tables.dont_cares) names.emplace_back(row.name, row.id + " " + row.condition);
    emit_list_header(shape, names, out);

    Output c = list_source(shape, out);
    SpanPool allowed("allowed_pool", "std::string_view");
    std::ostringstream rows;
    for (const auto& row : tables.dont_cares) {
        std::string kind = row.kind;
        std::transform(kind.begin(), kind.end(), kind.begin(),
                       [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
        std::vector<std::string> items;
        for (const auto& option : row.allowed) items.push_back(quoted(option));
        rows << "    {DontCare::" << row.name << ", " << quoted(row.id) << ", " << quoted(row.name)
             << ", DontCareKind::" << kind << ",\n     " << quoted(row.condition) << ", " << allowed.add(items) << ", "
             << quoted(row.source) << "},\n";
    }
    c << allowed.definition();
    emit_list_functions(c, shape, rows.str());
    c.finish();
}

void emit_decisions(const Tables& tables, const std::filesystem::path& out) {
    const ListShape shape{"decisions",
                          "Decision",
                          "decision",
                          "std::uint16_t",
                          "Labelled decisions of the model.",
                          "#include \"spec/gen/requirements.h\"\n",
                          ""};
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& row : tables.decisions) names.emplace_back(row.id, row.function + ": " + row.condition);
    emit_list_header(shape, names, out);

    Output c = list_source(shape, out);
    SpanPool requirements("requirement_pool", "Requirement");
    std::ostringstream rows;
    for (const auto& row : tables.decisions) {
        rows << "    {Decision::" << row.id << ", " << quoted(row.id) << ", " << quoted(row.function) << ", "
             << quoted(row.condition) << ", " << requirements.add(requirement_items(row.requirements)) << ", "
             << quoted(row.outline) << "},\n";
    }
    c << requirements.definition();
    emit_list_functions(c, shape, rows.str());
    c.finish();
}

void emit_mutations(const Tables& tables, const std::filesystem::path& out) {
    const ListShape shape{"mutations",
                          "Mutation",
                          "mutation",
                          "std::uint16_t",
                          "Deliberate faults of the model.",
                          "#include \"spec/gen/requirements.h\"\n",
                          ""};
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& row : tables.mutations) names.emplace_back(row.id, row.wrong);
    emit_list_header(shape, names, out);

    Output c = list_source(shape, out);
    SpanPool requirements("requirement_pool", "Requirement");
    std::ostringstream rows;
    for (const auto& row : tables.mutations) {
        rows << "    {Mutation::" << row.id << ", " << quoted(row.id) << ", " << quoted(row.wrong) << ", "
             << quoted(row.defect) << ", " << requirements.add(requirement_items(row.requirements)) << ", "
             << quoted(row.beyond_invariants) << ", " << quoted(row.beyond_campaigns) << "},\n";
    }
    c << requirements.definition();
    emit_list_functions(c, shape, rows.str());
    c.finish();
}

} // namespace

void emit_lists(const Tables& tables, const std::filesystem::path& out) {
    emit_features(tables, out);
    emit_requirements(tables, out);
    emit_dont_cares(tables, out);
    emit_decisions(tables, out);
    emit_mutations(tables, out);
}

} // namespace mtecheck::spec::gen
