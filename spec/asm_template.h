// SPDX-License-Identifier: Apache-2.0
//
// The little language of the `asm` strings in spec/isa/*.json. The generator reads it to check
// the strings and to learn the role of every field; the disassembler reads it to print.
//
//   text          printed as it is; "{{" and "}}" print one brace
//   {Xt} {Wn}     register; the letter is the view (W X B H S D Q), the rest names field Rt or Xt
//   {Xn|SP}       register 31 is the stack pointer
//   {Xs+1}        the register after the one in the field
//   {imm9:s}      number in field imm9; ":s" it is signed
//   {imm12*8}     number in the field times 8
//   {A?a}         "a" if the field is not zero; {A?a|b} "b" otherwise
//   {shift()}     one of asm_functions, for what has a syntax of its own
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/isa_types.h"

namespace mtecheck::spec {

struct AsmPiece {
    enum class Kind { text, reg, immediate, flag, function };
    Kind kind = Kind::text;
    std::string text;  ///< text: itself; function: its name; otherwise the field's name
    char view = 0;     ///< reg: letter of the register view
    unsigned plus = 0; ///< reg: added to the register number
    bool sp = false;   ///< reg: 31 is SP
    bool base = false; ///< reg: the first one after '['
    bool is_signed = false;
    std::uint16_t scale = 1;
    std::string when_set;
    std::string when_clear;
    unsigned argument = 0; ///< function: a number, 0 if none is given
    std::string option;    ///< function: the second argument, a word
};

struct AsmFunctionField {
    std::string_view field;
    Role role;
};

struct AsmFunction {
    std::string_view name;
    std::span<const AsmFunctionField> fields;
};

/// Every function that a template may call, with the fields it prints.
std::span<const AsmFunction> asm_functions();

/// Throws std::invalid_argument, saying what is wrong, for a template that is malformed or
/// names a field that is not in `fields`.
std::vector<AsmPiece> parse_asm_template(std::string_view asm_template, std::span<const std::string_view> fields);

} // namespace mtecheck::spec
