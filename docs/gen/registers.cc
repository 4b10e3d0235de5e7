// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <set>

#include "docs/gen/markdown.h"
#include "docs/gen/reference.h"

namespace mtecheck::docs {
namespace {

using spec::gen::Field;
using spec::gen::Layout;
using spec::gen::RegisterRow;

std::string range(unsigned hi, unsigned lo) {
    return hi == lo ? std::to_string(hi) : std::to_string(hi) + ":" + std::to_string(lo);
}

/// Fields from the top, with what lies between them. Without a mask of writable bits the table states no more than
/// where fields are.
void add_layout(const Layout& layout, Page& page) {
    const bool exact = !layout.writable.empty();
    const std::uint64_t writable = exact ? std::stoull(layout.writable, nullptr, 16) : ~std::uint64_t{0};
    std::vector<Field> fields = layout.fields;
    std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.hi > b.hi; });
    page.table({"Bits", "Field"});
    unsigned next = 64; // bits from here on are told
    const auto gap = [&](unsigned down_to) {
        if (next > down_to) page.row({range(next - 1, down_to), exact ? "RES0" : "RES0, or of no concern here"});
    };
    for (const Field& field : fields) {
        gap(field.hi + 1);
        const std::uint64_t ones = ~std::uint64_t{0} >> (63 - (field.hi - field.lo));
        const bool read_only = ((writable >> field.lo) & ones) == 0;
        page.row({range(field.hi, field.lo), plain(field.name) + (read_only ? " (read-only)" : "")});
        next = field.lo;
    }
    gap(0);
}

void add_register(const Facts& facts, const RegisterRow& row, Page& page) {
    page.heading(2, row.name);
    char encoding[96];
    std::snprintf(encoding, sizeof encoding, "op0=%u op1=%u CRn=%u CRm=%u op2=%u (S%u_%u_C%u_C%u_%u)", row.op0, row.op1,
                  row.crn, row.crm, row.op2, row.op0, row.op1, row.crn, row.crm, row.op2);
    page.item("Encoding: " + code(encoding));
    if (!row.exists_if.empty()) page.item("Exists with " + to_features(row.exists_if));
    page.item(row.read_only ? "Read-only" : "Reset: " + plain(row.reset));
    page.item("Lowest Exception level with access: EL" + std::to_string(row.lowest_el));
    page.item("Source: " + plain(row.source));
    if (!row.access.empty()) {
        page.paragraph("Accesses; the first rule that applies decides:");
        page.table({"From", "Access", "When", "Result", "Requirement"});
        for (const auto& rule : row.access) {
            page.row({plain(rule.from), rule.operation.empty() ? "MRS, MSR" : plain(rule.operation), plain(rule.when),
                      plain(rule.result), rule.requirement.empty() ? "" : to_requirement(rule.requirement)});
        }
    }
    const auto layout = [&](const std::string& name) {
        const auto& layouts = facts.tables.layouts;
        add_layout(*std::find_if(layouts.begin(), layouts.end(), [&](const Layout& l) { return l.name == name; }),
                   page);
    };
    page.paragraph("Fields" + (row.layout == row.name ? "" : " (layout " + code(row.layout) + ")") + ":");
    layout(row.layout);
    for (const auto& other : row.other_layouts) {
        page.paragraph("Fields if " + plain(other.when) + " (layout " + code(other.layout) + "):");
        layout(other.layout);
    }
}

} // namespace

std::string registers_page(const Facts& facts) {
    Page page("System registers",
              "The registers that the model or the monitor handles. RES0 bits of a register that can be written are "
              "hardwired or keep what was written, as the implementation chooses "
              "([DC-68](dont-cares.md#dc-68)). A register without rules of access is one that sequences do not "
              "access: the monitor sets it up, or the profile comes from it.");
    std::set<std::string> used;
    for (const RegisterRow& row : facts.tables.registers) {
        add_register(facts, row, page);
        used.insert(row.layout);
        for (const auto& other : row.other_layouts) used.insert(other.layout);
    }
    page.heading(2, "Parts of registers");
    page.paragraph("Layouts of fields inside of registers, above all of ESR_ELx.ISS.");
    for (const Layout& layout : facts.tables.layouts) {
        if (used.contains(layout.name)) continue;
        page.heading(3, layout.name);
        add_layout(layout, page);
    }
    return page.text();
}

} // namespace mtecheck::docs
