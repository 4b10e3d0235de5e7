// SPDX-License-Identifier: Apache-2.0
//
// One page for each group of instructions, one section for each class. Rows of a class that differ in anything but
// pattern and syntax get a table of their own.
#include <algorithm>
#include <tuple>

#include "docs/gen/markdown.h"
#include "docs/gen/reference.h"

namespace mtecheck::docs {
namespace {

using spec::gen::EncodingRow;
using spec::gen::Field;
using spec::gen::InstructionClassRow;

/// The 32 bits from the top: runs of fixed bits, and fields with their widths.
std::string bits_of(const EncodingRow& row) {
    std::vector<std::string> parts;
    std::string fixed;
    const auto flush = [&] {
        if (!fixed.empty()) parts.push_back(std::exchange(fixed, {}));
    };
    for (unsigned bit = 32; bit-- > 0;) {
        const auto field = std::find_if(row.fields.begin(), row.fields.end(),
                                        [&](const Field& f) { return f.lo <= bit && bit <= f.hi; });
        if (field == row.fields.end()) {
            fixed += ((row.value >> bit) & 1U) != 0 ? '1' : '0';
        } else if (bit == field->hi) {
            flush();
            parts.push_back(field->name + ":" + std::to_string(field->hi - field->lo + 1));
        }
    }
    flush();
    return code(joined(parts, " "));
}

std::string tag_check_of(const EncodingRow& row) {
    if (row.tag_checked == "always") return "Tag Checked";
    if (row.tag_checked == "base_not_sp") return "Tag Checked unless the base register is SP";
    return row.tag_checked == "never" ? "not Tag Checked" : "";
}

/// What the rows of one table have in common.
std::vector<std::string> properties_of(const Facts& facts, const EncodingRow& row) {
    std::vector<std::string> items = {"Pseudocode: " + code(row.pseudocode)};
    if (!row.features.empty()) items.push_back("Feature: " + to_features(row.features));
    if (row.min_el != 0) items.push_back("UNDEFINED below EL" + std::to_string(row.min_el));
    std::string accesses;
    if (row.access != "none") accesses = words(row.access) + " of data";
    if (row.tag_access != "none") {
        accesses += (accesses.empty() ? "" : "; ") + words(row.tag_access) + " of Allocation Tags";
    }
    if (const std::string check = tag_check_of(row); !check.empty()) {
        items.push_back("Memory: " + (accesses.empty() ? "" : accesses + "; ") + check +
                        (row.unprivileged ? "; unprivileged" : ""));
    }
    for (const auto& undefined : row.undefined) {
        items.push_back("UNDEFINED if " + code(undefined.condition.text) + ": " + plain(undefined.because));
    }
    for (const auto& constraint : row.constraints) {
        items.push_back("CONSTRAINED UNPREDICTABLE if " + code(constraint.condition.text) + ": " +
                        to_dont_care(facts, constraint.dont_care));
    }
    std::vector<std::string> requirements = row.requirements;
    for (const auto& requirement : facts.tables.requirements) {
        const auto& list = requirement.encodings;
        if (std::find(list.begin(), list.end(), row.id) != list.end() &&
            std::find(requirements.begin(), requirements.end(), requirement.id) == requirements.end()) {
            requirements.push_back(requirement.id);
        }
    }
    std::sort(requirements.begin(), requirements.end());
    if (!requirements.empty()) items.push_back("Requirements: " + to_requirements(requirements));
    return items;
}

std::string syntax_of(const EncodingRow& row) {
    std::string text = code(row.asm_template);
    for (const auto& alias : row.aliases) {
        text += "; if " + code(alias.condition.text) + ", " + code(alias.asm_template);
    }
    return text;
}

std::string arguments_of(const InstructionClassRow& parent, const EncodingRow& row) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < parent.arguments.size(); ++i) {
        std::string value = row.arguments[i];
        if (value.find("::") != std::string::npos) {
            value = value.substr(value.find("::") + 2);
        } else if (value.ends_with('U')) {
            value.pop_back();
        }
        parts.push_back(parent.arguments[i].name + "=" + value);
    }
    return parts.empty() ? "" : code(joined(parts, " "));
}

void add_class(const Facts& facts, std::size_t index, Page& page) {
    const InstructionClassRow& parent = facts.tables.classes[index];
    page.heading(2, parent.name).paragraph(plain(parent.title) + ".");
    std::vector<std::pair<std::vector<std::string>, std::vector<const EncodingRow*>>> tables;
    for (const EncodingRow& row : facts.tables.encodings) {
        if (row.class_index != index) continue;
        std::vector<std::string> properties = properties_of(facts, row);
        auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& t) { return t.first == properties; });
        if (table == tables.end())
            table = tables.emplace(tables.end(), std::move(properties), std::vector<const EncodingRow*>());
        table->second.push_back(&row);
    }
    for (const auto& [properties, rows] : tables) {
        for (const std::string& property : properties) page.item(property);
        std::vector<std::string> head = {"Form", "Syntax", "Bits 31 to 0"};
        if (!parent.arguments.empty()) head.emplace_back("Decoded as");
        page.table(head);
        for (const EncodingRow* row : rows) {
            std::vector<std::string> cells = {code(row->id), syntax_of(*row), bits_of(*row)};
            if (!parent.arguments.empty()) cells.push_back(arguments_of(parent, *row));
            page.row(cells);
        }
    }
}

} // namespace

void add_instructions(const Facts& facts, Pages& pages) {
    const auto& tables = facts.tables;
    for (std::size_t group = 0; group < tables.groups.size(); ++group) {
        Page page("Instructions: " + words(tables.groups[group].name),
                  plain(tables.groups[group].summary) + " A section is one execute function of Arm's pseudocode.");
        page.paragraph("*Form* is what `mtecheck assemble` takes. In *Syntax*, `{Xn|SP}` is a register field whose 31 "
                       "is SP (without `|SP`, ZR), and `{imm9*16:s}` an immediate that is scaled and signed. In "
                       "*Bits*, `name:width` is a field. *Requirements* are the rows that name the encoding, or "
                       "that it exercises.");
        for (std::size_t i = 0; i < tables.classes.size(); ++i) {
            if (tables.classes[i].group_index == group) add_class(facts, i, page);
        }
        pages[instructions_file(tables.groups[group].name)] = page.text();
    }
}

} // namespace mtecheck::docs
