// SPDX-License-Identifier: Apache-2.0
//
// The JSON tables as checked C++ values. Loading validates every file against its schema and
// then everything a schema cannot say: names that must exist, fields that must cover a pattern
// exactly, patterns that must be disjoint. Whoever holds a Tables may rely on all of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "spec/asm_template.h"
#include "spec/isa_types.h"

namespace mtecheck::spec::gen {

struct Enumeration {
    std::string name;
    std::string meaning;
    std::vector<std::string> values;
};

struct Group { ///< a file of spec/isa
    std::string name;
    std::string summary;
};

/// About the fields of an opcode.
struct Condition {
    std::string expression; ///< in C++, over `opcode`
    std::string text;       ///< for people
};

struct Argument {
    std::string name;
    std::string type;
    std::string meaning;
};

struct Field {
    std::string name;
    unsigned hi = 0;
    unsigned lo = 0;
    Role role = Role::selector;
    bool is_signed = false;
    unsigned scale = 1;
};

struct InstructionClassRow {
    std::string name;
    std::size_t group_index = 0;
    std::string title;
    std::vector<Argument> arguments;
    std::vector<Field> fields;
};

struct Alias {
    Condition condition;
    std::string asm_template;
};

struct UndefinedCase {
    Condition condition;
    std::string because;
};

struct Constraint {
    Condition condition;
    std::string dont_care;
};

struct EncodingRow {
    std::string id;
    std::string place; ///< file and JSON pointer, for messages
    std::size_t class_index = 0;
    std::string mnemonic;
    std::string asm_template;
    std::vector<Alias> aliases;
    std::string pseudocode;
    std::uint32_t mask = 0;
    std::uint32_t value = 0;
    std::vector<std::string> arguments; ///< C++ values, in the order of the class
    std::vector<Field> fields;
    std::string tag_checked;
    std::string access;
    std::string tag_access;
    bool unprivileged = false;
    unsigned min_el = 0;
    std::vector<std::string> features;
    std::vector<std::string> requirements;
    std::vector<UndefinedCase> undefined;
    std::vector<Constraint> constraints;
};

struct FeatureReport {
    std::string reg;
    std::string field;
    unsigned at_least = 0;
    bool is_signed = false;
};

struct FeatureRow {
    std::string id;
    std::string title;
    std::vector<std::string> closure; ///< everything implied, transitively, without itself
    std::vector<FeatureReport> reported_by;
    std::string enables;
};

struct RequirementRow {
    std::string id;
    std::string title;
    std::string statement;
    std::string kind;
    std::string feature;
    std::string source;
    bool unconfirmed = false;
    std::string scope;
    std::vector<std::string> encodings;  ///< ids, globs resolved
    std::vector<std::string> covered_by; ///< as written: encodings, classes, globs
    std::vector<std::string> registers;  ///< of MRS and MSR
    std::vector<std::pair<std::string, bool>> decisions;
};

struct DontCareRow {
    std::string id;
    std::string name;
    std::string kind;
    std::string condition;
    std::vector<std::string> allowed;
    std::string source;

    bool of_deliberate_fault() const { return kind == "DELIBERATE_FAULT"; }
};

struct DecisionRow {
    std::string id;
    std::string function;
    std::string condition;
    std::vector<std::string> requirements;
    std::string outline;
};

struct MutationRow {
    std::string id;
    std::string wrong;
    std::string defect;
    std::vector<std::string> requirements;
    std::string beyond_invariants;
    std::string beyond_campaigns;
};

struct Layout {
    std::string name;
    std::string writable; ///< C++ literal, empty if not stated
    std::vector<Field> fields;
};

struct AccessRow {
    std::string from;
    std::string operation;
    std::string when;
    std::string result;
    std::string requirement;
};

struct OtherLayout {
    std::string when;
    std::string layout;
};

struct RegisterRow {
    std::string name;
    unsigned op0 = 0, op1 = 0, crn = 0, crm = 0, op2 = 0;
    std::string layout;
    std::vector<OtherLayout> other_layouts;
    bool read_only = false;
    unsigned lowest_el = 0;
    std::vector<std::string> exists_if;
    std::string reset;
    std::string source;
    std::vector<AccessRow> access;
};

struct Tables {
    std::vector<Enumeration> enumerations;
    std::vector<Group> groups;
    std::vector<InstructionClassRow> classes;
    std::vector<EncodingRow> encodings;
    std::vector<FeatureRow> features;
    std::vector<RequirementRow> requirements;
    std::vector<DontCareRow> dont_cares;
    std::vector<DecisionRow> decisions;
    std::vector<MutationRow> mutations;
    std::vector<RegisterRow> registers;
    std::vector<Layout> layouts;
};

/// Reads `spec_dir`/*.json and `spec_dir`/isa/*.json with the schemas in `schema_dir`.
/// Throws InputError.
Tables load_tables(const std::filesystem::path& spec_dir, const std::filesystem::path& schema_dir);

} // namespace mtecheck::spec::gen
