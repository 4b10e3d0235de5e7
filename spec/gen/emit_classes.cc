// SPDX-License-Identifier: Apache-2.0
//
// isa_classes.h: one struct template for each instruction class, and dispatch from an encoding
// to the struct with its arguments.

#include "spec/gen/emit.h"

namespace mtecheck::spec::gen {
namespace {

std::string argument_type(const Argument& argument) {
    return argument.type == "unsigned" ? "std::uint8_t" : argument.type;
}

void emit_struct(Output& h, const InstructionClassRow& row) {
    h << "/// " << row.title << "\ntemplate <class W>\nstruct " << row.name << " {\n"
      << "    static constexpr InstructionClass instruction_class = InstructionClass::" << row.name
      << ";\n\n    W opcode;\n";
    for (const auto& argument : row.arguments) {
        h << "    " << argument_type(argument) << " " << argument.name << ";";
        if (!argument.meaning.empty()) h << "  ///< " << argument.meaning;
        h << "\n";
    }
    h << "\n";
    for (const auto& field : row.fields) {
        h << "    constexpr auto " << field.name << "() const { return slice<" << field.hi << ", " << field.lo
          << ">(opcode); }\n";
    }
    h << "};\n\n";
}

} // namespace

void emit_classes(const Tables& tables, const std::filesystem::path& out) {
    Output h(out / "isa_classes.h", "Instruction classes: opcode fields and arguments, and dispatch to them.", true);
    h << "#include <cstdint>\n#include <stdexcept>\n#include <utility>\n\n#include \"spec/gen/isa.h\"\n\nnamespace "
         "mtecheck::spec {\n\n";
    for (const auto& enumeration : tables.enumerations) {
        if (!enumeration.meaning.empty()) h << "/// " << enumeration.meaning << "\n";
        h << "enum class " << enumeration.name << " : std::uint8_t {";
        for (std::size_t i = 0; i < enumeration.values.size(); ++i) h << (i == 0 ? " " : ", ") << enumeration.values[i];
        h << " };\n\n";
    }
    h << "// W is a 32-bit value; `slice<hi, lo>(w)` is found by argument-dependent lookup.\n\n";
    for (const auto& row : tables.classes) emit_struct(h, row);

    h << "/// Calls `visit` with the class struct of `encoding`, arguments filled in.\n"
         "template <class W, class V>\nconstexpr decltype(auto) dispatch(Encoding encoding, W opcode, V&& visit) {\n"
         "    switch (encoding) {\n";
    for (const auto& row : tables.encodings) {
        h << "        case Encoding::" << row.id << ":\n            return visit("
          << tables.classes[row.class_index].name << "<W>{opcode";
        for (const auto& argument : row.arguments) h << ", " << argument;
        h << "});\n";
    }
    h << "    }\n    throw std::logic_error(\"dispatch: not an encoding\");\n}\n\n}  // namespace mtecheck::spec\n";
    h.finish();
}

} // namespace mtecheck::spec::gen
