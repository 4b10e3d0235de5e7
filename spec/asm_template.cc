// SPDX-License-Identifier: Apache-2.0
//
// Parser of assembly templates; see the header for the language.

#include "spec/asm_template.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mtecheck::spec {
namespace {

constexpr std::array<AsmFunctionField, 3> extend_fields{
    {{"Rm", Role::general}, {"option", Role::selector}, {"S", Role::selector}}};
constexpr std::array<AsmFunctionField, 3> extended_register_fields{
    {{"Rm", Role::general}, {"option", Role::selector}, {"imm3", Role::selector}}};
constexpr std::array<AsmFunctionField, 2> shift_fields{{{"shift", Role::selector}, {"imm6", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> shift12_fields{{{"sh", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> move_shift_fields{{{"hw", Role::selector}}};
constexpr std::array<AsmFunctionField, 2> bitmask_fields{{{"immr", Role::selector}, {"imms", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> cond_fields{{{"cond", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> imm26_fields{{{"imm26", Role::immediate}}};
constexpr std::array<AsmFunctionField, 1> imm19_fields{{{"imm19", Role::immediate}}};
constexpr std::array<AsmFunctionField, 1> imm14_fields{{{"imm14", Role::immediate}}};
constexpr std::array<AsmFunctionField, 2> bit_number_fields{{{"b5", Role::selector}, {"b40", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> prefetch_fields{{{"Rt", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> barrier_fields{{{"CRm", Role::selector}}};
constexpr std::array<AsmFunctionField, 5> sysreg_fields{{{"o0", Role::selector},
                                                         {"op1", Role::selector},
                                                         {"CRn", Role::selector},
                                                         {"CRm", Role::selector},
                                                         {"op2", Role::selector}}};
constexpr std::array<AsmFunctionField, 1> vector_fields{{{"Rt", Role::simd}}};

constexpr AsmFunction functions[] = {
    {"extend", extend_fields},                       // Rm, extend #argument: register offset
    {"extended_register", extended_register_fields}, // Rm, extend #imm3; argument is the width
    {"shift", shift_fields},                         // ", lsl #imm6"
    {"shift12", shift12_fields},                     // ", lsl #12"
    {"move_shift", move_shift_fields},               // ", lsl #16"
    {"bitmask", bitmask_fields},                     // bitmask immediate; argument is the width
    {"cond", cond_fields},
    {"label26", imm26_fields}, // branch targets, relative to the instruction
    {"label19", imm19_fields},
    {"label14", imm14_fields},
    {"bit_number", bit_number_fields},
    {"prefetch", prefetch_fields},
    {"barrier", barrier_fields},
    {"sysreg", sysreg_fields},
    {"list", vector_fields},         // argument whole registers, arrangement from Q:size
    {"element_list", vector_fields}, // argument registers, one element; option is its letter
    {"list_bytes", {}},              // bytes in a list of `argument` registers
    {"element_bytes", {}},           // bytes in one element (from size) of `argument` registers
};

[[noreturn]] void fail(std::string_view asm_template, const std::string& problem) {
    throw std::invalid_argument("assembly template \"" + std::string(asm_template) + "\": " + problem);
}

unsigned number(std::string_view asm_template, std::string_view text) {
    if (text.empty() || text.size() > 5 ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        fail(asm_template, "'" + std::string(text) + "' is not a number");
    }
    return static_cast<unsigned>(std::stoul(std::string(text)));
}

class Parser {
  public:
    Parser(std::string_view asm_template, std::span<const std::string_view> fields)
        : template_(asm_template), fields_(fields) {}

    std::vector<AsmPiece> run() {
        std::string text;
        for (std::size_t i = 0; i < template_.size(); ++i) {
            const char c = template_[i];
            if ((c == '{' || c == '}') && i + 1 < template_.size() && template_[i + 1] == c) {
                text += c;
                ++i;
            } else if (c == '{') {
                const std::size_t end = template_.find('}', i);
                if (end == std::string_view::npos) fail(template_, "'{' is not closed");
                flush(text);
                operand(template_.substr(i + 1, end - i - 1));
                i = end;
            } else if (c == '}') {
                fail(template_, "'}' without '{'");
            } else {
                if (c == '[') bracket_ = true;
                text += c;
            }
        }
        flush(text);
        return std::move(pieces_);
    }

  private:
    bool has(std::string_view field) const { return std::find(fields_.begin(), fields_.end(), field) != fields_.end(); }

    void require(std::string_view field) const {
        if (!has(field)) fail(template_, "there is no field '" + std::string(field) + "'");
    }

    void flush(std::string& text) {
        if (text.empty()) return;
        AsmPiece piece;
        piece.text = std::move(text);
        pieces_.push_back(std::move(piece));
        text.clear();
    }

    void operand(std::string_view body) {
        if (const std::size_t question = body.find('?'); question != std::string_view::npos) {
            flag(body.substr(0, question), body.substr(question + 1));
        } else if (const std::size_t open = body.find('('); open != std::string_view::npos && body.back() == ')') {
            function(body.substr(0, open), body.substr(open + 1, body.size() - open - 2));
        } else if (!reg(body)) {
            immediate(body);
        }
    }

    void flag(std::string_view field, std::string_view words) {
        require(field);
        AsmPiece piece;
        piece.kind = AsmPiece::Kind::flag;
        piece.text = field;
        const std::size_t bar = words.find('|');
        piece.when_set = words.substr(0, bar);
        if (bar != std::string_view::npos) piece.when_clear = words.substr(bar + 1);
        pieces_.push_back(std::move(piece));
    }

    void function(std::string_view name, std::string_view arguments) {
        const auto all = asm_functions();
        const auto found = std::find_if(all.begin(), all.end(), [&](const AsmFunction& f) { return f.name == name; });
        if (found == all.end()) fail(template_, "there is no function '" + std::string(name) + "'");
        for (const AsmFunctionField& used : found->fields) require(used.field);
        AsmPiece piece;
        piece.kind = AsmPiece::Kind::function;
        piece.text = name;
        if (!arguments.empty()) {
            const std::size_t comma = arguments.find(',');
            piece.argument = number(template_, arguments.substr(0, comma));
            if (comma != std::string_view::npos) piece.option = arguments.substr(comma + 1);
        }
        pieces_.push_back(std::move(piece));
    }

    bool reg(std::string_view body) {
        AsmPiece piece;
        piece.kind = AsmPiece::Kind::reg;
        std::string_view rest = body;
        if (rest.size() > 3 && rest.substr(rest.size() - 3) == "|SP") {
            piece.sp = true;
            rest.remove_suffix(3);
        }
        if (rest.size() > 2 && rest.substr(rest.size() - 2) == "+1") {
            piece.plus = 1;
            rest.remove_suffix(2);
        }
        if (rest.size() < 2 || rest.size() > 3 || std::string_view("WXBHSDQ").find(rest[0]) == std::string_view::npos) {
            return false;
        }
        const std::string suffix(rest.substr(1));
        const std::string named_r = "R" + suffix;
        const std::string named_x = "X" + suffix;
        if (has(named_r)) {
            piece.text = named_r;
        } else if (has(named_x)) {
            piece.text = named_x;
        } else {
            return false;
        }
        piece.view = rest[0];
        piece.base = bracket_;
        bracket_ = false;
        pieces_.push_back(std::move(piece));
        return true;
    }

    void immediate(std::string_view body) {
        AsmPiece piece;
        piece.kind = AsmPiece::Kind::immediate;
        std::string_view rest = body;
        if (rest.size() > 2 && rest.substr(rest.size() - 2) == ":s") {
            piece.is_signed = true;
            rest.remove_suffix(2);
        }
        if (const std::size_t star = rest.find('*'); star != std::string_view::npos) {
            piece.scale = static_cast<std::uint16_t>(number(template_, rest.substr(star + 1)));
            rest = rest.substr(0, star);
        }
        require(rest);
        piece.text = rest;
        pieces_.push_back(std::move(piece));
    }

    std::string_view template_;
    std::span<const std::string_view> fields_;
    std::vector<AsmPiece> pieces_;
    bool bracket_ = false;
};

} // namespace

std::span<const AsmFunction> asm_functions() { return functions; }

std::vector<AsmPiece> parse_asm_template(std::string_view asm_template, std::span<const std::string_view> fields) {
    return Parser(asm_template, fields).run();
}

} // namespace mtecheck::spec
