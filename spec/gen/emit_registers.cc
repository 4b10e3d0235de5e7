// SPDX-License-Identifier: Apache-2.0
//
// registers.h and registers.cc: system registers, their encodings, fields and masks.

#include "spec/gen/emit.h"

namespace mtecheck::spec::gen {
namespace {

void emit_layouts(Output& h, const Tables& tables) {
    h << "/// Bit ranges for code that builds or takes apart 64-bit values: field::SCTLR_EL1::ATA0.\nnamespace field "
         "{\n\n";
    for (const auto& layout : tables.layouts) {
        h << "namespace " << layout.name << " {\n";
        for (const auto& f : layout.fields) {
            h << "inline constexpr BitRange " << f.name << "{" << f.hi << ", " << f.lo << "};\n";
        }
        h << "}  // namespace " << layout.name << "\n\n";
    }
    h << "}  // namespace field\n\n/// Typed views of a value of type W: "
         "fields::SCTLR_EL1<W>{value}.ATA0().\nnamespace fields {\n\n";
    for (const auto& layout : tables.layouts) {
        h << "template <class W>\nstruct " << layout.name << " {\n    W value;\n\n";
        for (const auto& f : layout.fields) {
            h << "    constexpr auto " << f.name << "() const { return slice<" << f.hi << ", " << f.lo
              << ">(value); }\n";
        }
        h << "\n";
        for (const auto& f : layout.fields) {
            h << "    template <class V>\n    constexpr void set_" << f.name << "(V v) { value = with_slice<" << f.hi
              << ", " << f.lo << ">(value, v); }\n";
        }
        h << "};\n\n";
    }
    h << "}  // namespace fields\n\n/// The bits that software can change.\nnamespace mask {\n\n";
    for (const auto& layout : tables.layouts) {
        if (!layout.writable.empty()) {
            h << "inline constexpr std::uint64_t " << layout.name << " = " << layout.writable << "ULL;\n";
        }
    }
    h << "\n}  // namespace mask\n\n";
}

const Layout& layout_of(const Tables& tables, const RegisterRow& row) {
    for (const auto& layout : tables.layouts) {
        if (layout.name == row.layout) return layout;
    }
    return tables.layouts.front(); // not reached: loading has checked the name
}

} // namespace

void emit_registers(const Tables& tables, const std::filesystem::path& out) {
    Output h(out / "registers.h", "System registers.", true);
    h << "#include <cstddef>\n#include <cstdint>\n#include <optional>\n#include <span>\n#include <string_view>\n\n"
         "#include \"spec/gen/features.h\"\n#include \"spec/register_types.h\"\n\nnamespace mtecheck::spec {\n\n"
         "enum class Reg : std::uint8_t {\n";
    for (const auto& row : tables.registers) h << "    " << row.name << ",\n";
    h << "};\n\ninline constexpr std::size_t reg_count = " << tables.registers.size() << ";\n\n"
      << "std::span<const RegInfo> registers();\nconst RegInfo& info(Reg reg);\n\n"
         "/// The register with these opcode fields, if the tables know it.\n"
         "std::optional<Reg> decode_register(SystemRegisterKey key);\n"
         "std::optional<Reg> find_register(std::string_view name);\n\n";
    emit_layouts(h, tables);
    h << "}  // namespace mtecheck::spec\n";
    h.finish();

    Output c(out / "registers.cc", "The system register table.", false);
    c << "#include \"spec/gen/registers.h\"\n\n#include <algorithm>\n#include <iterator>\n\nnamespace mtecheck::spec "
         "{\nnamespace {\n\n";
    SpanPool features("feature_pool", "Feature");
    SpanPool fields("field_pool", "RegisterField");
    SpanPool access("access_pool", "AccessRule");
    std::ostringstream rows;
    for (const auto& row : tables.registers) {
        std::vector<std::string> feature_items;
        for (const auto& id : row.exists_if) feature_items.push_back("Feature::" + id);
        std::vector<std::string> field_items;
        const Layout& layout = layout_of(tables, row);
        for (const auto& f : layout.fields) {
            field_items.push_back("{" + quoted(f.name) + ", {" + std::to_string(f.hi) + ", " + std::to_string(f.lo) +
                                  "}}");
        }
        std::vector<std::string> access_items;
        for (const auto& rule : row.access) {
            access_items.push_back("{" + quoted(rule.from) + ", " + quoted(rule.operation) + ", " + quoted(rule.when) +
                                   ", " + quoted(rule.result) + ", " + quoted(rule.requirement) + "}");
        }
        rows << "    {Reg::" << row.name << ", " << quoted(row.name) << ", SystemRegisterKey::of(" << row.op0 << ", "
             << row.op1 << ", " << row.crn << ", " << row.crm << ", " << row.op2 << "), "
             << (row.read_only ? "true" : "false") << ", " << row.lowest_el << ", "
             << (layout.writable.empty() ? "~0ULL" : layout.writable + "ULL") << ", " << fields.add(field_items) << ", "
             << features.add(feature_items) << ", " << access.add(access_items) << ", " << quoted(row.reset) << ", "
             << quoted(row.source) << "},\n";
    }
    c << fields.definition() << features.definition() << access.definition() << "constexpr RegInfo table[] = {\n"
      << rows.str() << "};\n\n}  // namespace\n\n"
      << "std::span<const RegInfo> registers() { return table; }\n\n"
         "const RegInfo& info(Reg reg) { return table[static_cast<std::size_t>(reg)]; }\n\n"
         "std::optional<Reg> decode_register(SystemRegisterKey key) {\n"
         "    switch (key.value) {\n";
    for (const auto& row : tables.registers) {
        c << "        case SystemRegisterKey::of(" << row.op0 << ", " << row.op1 << ", " << row.crn << ", " << row.crm
          << ", " << row.op2 << ").value:\n            return Reg::" << row.name << ";\n";
    }
    c << "        default:\n            return std::nullopt;\n    }\n}\n\n"
         "std::optional<Reg> find_register(std::string_view name) {\n"
         "    const auto found = std::find_if(std::begin(table), std::end(table), [&](const RegInfo& row) { return "
         "row.name == name; });\n"
         "    if (found == std::end(table)) {\n        return std::nullopt;\n    }\n    return found->reg;\n}\n\n"
         "}  // namespace mtecheck::spec\n";
    c.finish();
}

} // namespace mtecheck::spec::gen
