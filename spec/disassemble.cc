// SPDX-License-Identifier: Apache-2.0
//
// Printing of assembly templates.

#include "spec/disassemble.h"

#include <array>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <vector>

#include "spec/asm_template.h"
#include "spec/encode.h"
#include "spec/gen/registers.h"

namespace mtecheck::spec {
namespace {

constexpr std::array<std::string_view, 16> conditions{"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc",
                                                      "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
constexpr std::array<std::string_view, 4> shifts{"lsl", "lsr", "asr", "ror"};
constexpr std::array<std::string_view, 8> extends{"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};
constexpr std::array<std::string_view, 16> barrier_options{"", "oshld", "oshst", "osh", "", "nshld", "nshst", "nsh",
                                                           "", "ishld", "ishst", "ish", "", "ld",    "st",    "sy"};

std::string register_name(char view, unsigned number, bool sp) {
    const bool general = view == 'X' || view == 'W';
    const char letter = static_cast<char>(view - 'A' + 'a');
    if (general && number == 31U) {
        if (sp) return view == 'X' ? "sp" : "wsp";
        return std::string(1, letter) + "zr";
    }
    return letter + std::to_string(number);
}

/// One instruction under the printer.
class Printer {
  public:
    Printer(Encoding encoding, std::uint32_t opcode) : encoding_(encoding), opcode_(opcode) {
        for (const FieldInfo& field : fields_of(encoding)) names_.push_back(field.name);
    }

    std::string print(std::string_view asm_template) const {
        std::string text;
        for (const AsmPiece& piece : parse_asm_template(asm_template, names_)) text += print(piece);
        return text;
    }

  private:
    std::uint32_t raw(std::string_view field) const { return find_field(encoding_, field)->extract(opcode_); }
    std::int64_t value(std::string_view field) const { return field_value(*find_field(encoding_, field), opcode_); }
    std::uint32_t bits(unsigned hi, unsigned lo) const { return (opcode_ >> lo) & ((2U << (hi - lo)) - 1U); }

    std::string print(const AsmPiece& piece) const {
        switch (piece.kind) {
        case AsmPiece::Kind::text: return piece.text;
        case AsmPiece::Kind::reg: return register_name(piece.view, (raw(piece.text) + piece.plus) & 31U, piece.sp);
        case AsmPiece::Kind::immediate: return std::to_string(value(piece.text));
        case AsmPiece::Kind::flag: return raw(piece.text) != 0U ? piece.when_set : piece.when_clear;
        case AsmPiece::Kind::function: return call(piece);
        }
        return {};
    }

    std::string call(const AsmPiece& piece) const {
        using Function = std::string (Printer::*)(const AsmPiece&) const;
        static const std::map<std::string_view, Function> functions{
            {"extend", &Printer::extend},
            {"extended_register", &Printer::extended_register},
            {"shift", &Printer::shift},
            {"shift12", &Printer::shift12},
            {"move_shift", &Printer::move_shift},
            {"bitmask", &Printer::bitmask},
            {"cond", &Printer::cond},
            {"label26", &Printer::label<26>},
            {"label19", &Printer::label<19>},
            {"label14", &Printer::label<14>},
            {"bit_number", &Printer::bit_number},
            {"prefetch", &Printer::prefetch},
            {"barrier", &Printer::barrier},
            {"sysreg", &Printer::sysreg},
            {"list", &Printer::list},
            {"element_list", &Printer::element_list},
            {"list_bytes", &Printer::list_bytes},
            {"element_bytes", &Printer::element_bytes},
        };
        return (this->*functions.at(piece.text))(piece);
    }

    /// Index of a register offset: the word form for UXTW and SXTW.
    std::string extend(const AsmPiece& piece) const {
        const std::uint32_t option = raw("option");
        const bool shifted = raw("S") != 0U;
        std::string text = register_name((option & 1U) != 0U ? 'X' : 'W', raw("Rm"), false);
        if (option == 3U) {
            return shifted ? text + ", lsl #" + std::to_string(piece.argument) : text;
        }
        text += ", " + std::string(extends[option]);
        return shifted ? text + " #" + std::to_string(piece.argument) : text;
    }

    std::string extended_register(const AsmPiece& piece) const {
        const std::uint32_t option = raw("option");
        const bool wide = piece.argument == 64U && (option & 3U) == 3U;
        return register_name(wide ? 'X' : 'W', raw("Rm"), false) + ", " + std::string(extends[option]) + " #" +
               std::to_string(raw("imm3"));
    }

    std::string shift(const AsmPiece&) const {
        if (raw("shift") == 0U && raw("imm6") == 0U) return {};
        return ", " + std::string(shifts[raw("shift")]) + " #" + std::to_string(raw("imm6"));
    }

    std::string shift12(const AsmPiece&) const { return raw("sh") != 0U ? ", lsl #12" : ""; }

    std::string move_shift(const AsmPiece&) const {
        return raw("hw") != 0U ? ", lsl #" + std::to_string(16U * raw("hw")) : "";
    }

    /// The rotated, replicated run of ones that N:imms:immr stands for.
    std::string bitmask(const AsmPiece& piece) const {
        const std::uint32_t n = piece.argument == 64U ? bits(22, 22) : 0U;
        const std::uint32_t imms = raw("imms");
        const std::uint32_t immr = raw("immr");
        const std::uint32_t length_code = (n << 6U) | (~imms & 0x3FU);
        unsigned len = 0;
        while (len < 6U && (length_code >> (len + 1U)) != 0U) ++len;
        const unsigned size = 1U << len;
        const std::uint64_t ones = (std::uint64_t{2} << (imms & (size - 1U))) - 1U;
        const unsigned rotation = immr & (size - 1U);
        const std::uint64_t element_mask = size == 64U ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1U;
        const std::uint64_t element =
            rotation == 0U ? ones : ((ones >> rotation) | (ones << (size - rotation))) & element_mask;
        std::uint64_t result = 0;
        for (unsigned at = 0; at < piece.argument; at += size) result |= element << at;
        char text[24];
        std::snprintf(text, sizeof text, "#0x%llx", static_cast<unsigned long long>(result));
        return text;
    }

    std::string cond(const AsmPiece&) const { return std::string(conditions[raw("cond")]); }

    template <unsigned Width>
    std::string label(const AsmPiece&) const {
        const std::int64_t offset = value("imm" + std::to_string(Width));
        return (offset < 0 ? "." : ".+") + std::to_string(offset);
    }

    std::string bit_number(const AsmPiece&) const { return std::to_string((raw("b5") << 5U) | raw("b40")); }

    std::string prefetch(const AsmPiece&) const {
        static constexpr std::array<std::string_view, 3> types{"pld", "pli", "pst"};
        const std::uint32_t operation = raw("Rt");
        const std::uint32_t type = operation >> 3U;
        const std::uint32_t target = (operation >> 1U) & 3U;
        if (type == 3U || target == 3U) return "#" + std::to_string(operation);
        return std::string(types[type]) + "l" + std::to_string(target + 1U) +
               ((operation & 1U) != 0U ? "strm" : "keep");
    }

    std::string barrier(const AsmPiece&) const {
        const std::string_view option = barrier_options[raw("CRm")];
        return option.empty() ? "#" + std::to_string(raw("CRm")) : std::string(option);
    }

    std::string sysreg(const AsmPiece&) const {
        const SystemRegisterKey key = SystemRegisterKey::of_opcode(opcode_);
        if (const auto reg = decode_register(key)) {
            std::string text(info(*reg).name);
            for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            return text;
        }
        return "s" + std::to_string(key.op0()) + "_" + std::to_string(key.op1()) + "_c" + std::to_string(key.crn()) +
               "_c" + std::to_string(key.crm()) + "_" + std::to_string(key.op2());
    }

    std::string registers(unsigned count, const std::string& arrangement) const {
        std::string text = "{ ";
        for (unsigned i = 0; i < count; ++i) {
            if (i != 0) text += ", ";
            text += "v" + std::to_string((raw("Rt") + i) & 31U) + "." + arrangement;
        }
        return text + " }";
    }

    std::string list(const AsmPiece& piece) const {
        static constexpr std::array<std::string_view, 8> arrangements{"8b", "4h", "2s", "1d", "16b", "8h", "4s", "2d"};
        return registers(piece.argument, std::string(arrangements[(bits(30, 30) << 2U) | bits(11, 10)]));
    }

    std::string element_list(const AsmPiece& piece) const {
        const std::uint32_t byte_index = (bits(30, 30) << 3U) | bits(12, 10);
        const unsigned scale = piece.option == "b" ? 0U : piece.option == "h" ? 1U : piece.option == "s" ? 2U : 3U;
        // A doubleword element is told from a word by size<0> = 1, which is not part of the index.
        return registers(piece.argument, piece.option) + "[" + std::to_string(byte_index >> scale) + "]";
    }

    std::string list_bytes(const AsmPiece& piece) const {
        return std::to_string(piece.argument * (bits(30, 30) != 0U ? 16U : 8U));
    }

    std::string element_bytes(const AsmPiece& piece) const { return std::to_string(piece.argument << bits(11, 10)); }

    Encoding encoding_;
    std::uint32_t opcode_;
    std::vector<std::string_view> names_;
};

} // namespace

std::string disassemble(Encoding encoding, std::uint32_t opcode) {
    const EncodingInfo& row = info(encoding);
    std::string_view chosen = row.asm_template;
    for (const AliasInfo& alias : row.aliases) {
        if (alias.applies(opcode)) {
            chosen = alias.asm_template;
            break;
        }
    }
    return Printer(encoding, opcode).print(chosen);
}

std::string disassemble(std::uint32_t opcode) {
    if (const auto encoding = decode(opcode)) {
        return disassemble(*encoding, opcode);
    }
    char text[32];
    std::snprintf(text, sizeof text, ".inst 0x%08x", opcode);
    return text;
}

} // namespace mtecheck::spec
