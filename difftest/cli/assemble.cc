// SPDX-License-Identifier: Apache-2.0
//
// mtecheck assemble and disassemble: the tables of spec, for people.
#include <charconv>
#include <iostream>
#include <vector>

#include "difftest/cli/verbs.h"
#include "difftest/core/json_reader.h"
#include "spec/disassemble.h"
#include "spec/encode.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxWords = 100000;

std::uint32_t to_word(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    std::uint32_t word = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), word, 16);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
        throw UsageError("mtecheck disassemble: '" + std::string(text) +
                         "' is no instruction word: give up to eight hexadecimal digits");
    }
    return word;
}

void print_forms() {
    for (const spec::EncodingInfo& encoding : spec::encodings()) {
        std::cout << encoding.id;
        for (const spec::FieldInfo& field : encoding.fields) {
            std::cout << " " << field.name << "=";
            if (field.role == spec::Role::immediate) {
                std::cout << spec::min_value(field) << ".." << spec::max_value(field);
                if (field.scale != 1) std::cout << "/" << field.scale;
            } else {
                std::cout << "0.." << field.max();
            }
        }
        std::cout << "\n";
    }
}

spec::FieldValue to_field(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view number = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (number.empty() || error != std::errc() || end != number.data() + number.size()) {
        throw UsageError("mtecheck assemble: '" + std::string(text) + "' is no field: write FIELD=NUMBER");
    }
    return {text.substr(0, equals), value};
}

} // namespace

int run_disassemble(std::span<char* const> arguments) {
    Options options("disassemble", "WORD...",
                    "Prints each instruction word as assembly text, from mtecheck's own tables; a word that they do\n"
                    "not hold is printed as .inst.\n");
    options.positional(1, kMaxWords);
    if (!options.parse(arguments)) return kAgree;
    for (const std::string& argument : options.arguments()) {
        const std::uint32_t word = to_word(argument);
        std::cout << hex_text(word, 8) << "  " << spec::disassemble(word) << "\n";
    }
    return kAgree;
}

int run_assemble(std::span<char* const> arguments) {
    Options options(
        "assemble", "FORM [FIELD=NUMBER...] | --list",
        "Prints the instruction word of one form of an instruction, from mtecheck's own tables. Fields that\n"
        "are not named are 0. Register fields take the number (31 is SP or ZR); offsets are in bytes.\n\n"
        "  mtecheck assemble STG_off Xt=1 Xn=2 imm9=16\n");
    options.flag("list", "list every form with its fields and their ranges");
    options.positional(0, 64);
    if (!options.parse(arguments)) return kAgree;
    if (options.given("list")) {
        print_forms();
        return kAgree;
    }
    if (options.arguments().empty()) throw UsageError("mtecheck assemble: name a form (mtecheck assemble --list)");
    const auto encoding = spec::find_encoding(options.arguments().front());
    if (!encoding) {
        throw UsageError("mtecheck assemble: there is no form '" + options.arguments().front() +
                         "' (mtecheck assemble --list)");
    }
    std::vector<spec::FieldValue> fields;
    for (const std::string& argument : std::span(options.arguments()).subspan(1)) fields.push_back(to_field(argument));
    try {
        const std::uint32_t word = spec::encode(*encoding, fields);
        std::cout << hex_text(word, 8) << "  " << spec::disassemble(word) << "\n";
    } catch (const spec::EncodeError& error) {
        throw UsageError(std::string("mtecheck assemble: ") + error.what());
    }
    return kAgree;
}

} // namespace mtecheck::difftest
