// SPDX-License-Identifier: Apache-2.0
//
// Loading of spec/registers.json.

#include <algorithm>

#include "spec/gen/load.h"

namespace mtecheck::spec::gen {
namespace {

Layout load_layout(const Node& row) {
    Layout layout;
    layout.name = row["name"].text();
    layout.writable = row.text_or("writable", "");
    std::uint64_t covered = 0;
    for (const auto& [name, range] : row["fields"].json().items()) {
        Field field;
        field.name = name;
        field.hi = range[0].get<unsigned>();
        field.lo = range[1].get<unsigned>();
        if (field.hi < field.lo) row["fields"][name].fail("the highest bit comes first");
        if (name == layout.name) row["fields"][name].fail("has the name of its layout", "the two must differ in C++");
        const unsigned width = field.hi - field.lo + 1U;
        const std::uint64_t bits = (width == 64U ? ~0ULL : (1ULL << width) - 1U) << field.lo;
        if ((bits & covered) != 0U) row["fields"][name].fail("overlaps another field");
        covered |= bits;
        layout.fields.push_back(std::move(field));
    }
    if (!layout.writable.empty() && (std::stoull(layout.writable, nullptr, 16) & ~covered) != 0U) {
        row["writable"].fail("has bits that are in no field");
    }
    return layout;
}

} // namespace

void load_registers(const Node& root, const std::set<std::string>& features, const std::set<std::string>& requirements,
                    Tables& tables) {
    root.each("layouts", [&](const Node& row) {
        for (const auto& earlier : tables.layouts) {
            if (earlier.name == row["name"].text()) row["name"].fail("repeats the name of an earlier layout");
        }
        tables.layouts.push_back(load_layout(row));
    });
    const auto check_layout = [&](const Node& name) {
        const bool known = std::any_of(tables.layouts.begin(), tables.layouts.end(),
                                       [&](const Layout& layout) { return layout.name == name.text(); });
        if (!known) name.fail("there is no layout '" + name.text() + "'");
    };
    root.each("registers", [&](const Node& row) {
        RegisterRow reg;
        reg.name = row["name"].text();
        const Node encoding = row["encoding"];
        reg.op0 = encoding[0].number();
        reg.op1 = encoding[1].number();
        reg.crn = encoding[2].number();
        reg.crm = encoding[3].number();
        reg.op2 = encoding[4].number();
        if (reg.op0 < 2 || reg.op0 > 3 || reg.op1 > 7 || reg.op2 > 7)
            encoding.fail("op0 is 2 or 3, op1 and op2 are at most 7");
        for (const auto& earlier : tables.registers) {
            if (earlier.name == reg.name) row["name"].fail("repeats the name of an earlier register");
            if (earlier.op0 == reg.op0 && earlier.op1 == reg.op1 && earlier.crn == reg.crn && earlier.crm == reg.crm &&
                earlier.op2 == reg.op2) {
                encoding.fail("is also the encoding of " + earlier.name);
            }
        }
        reg.layout = row["layout"].text();
        check_layout(row["layout"]);
        row.each("other_layouts", [&](const Node& other) {
            check_layout(other["layout"]);
            reg.other_layouts.push_back({other["when"].text(), other["layout"].text()});
        });
        row.each("exists_if", [&](const Node& feature) {
            if (features.count(feature.text()) == 0) feature.fail("there is no feature '" + feature.text() + "'");
        });
        reg.exists_if = row["exists_if"].texts();
        reg.read_only = row.has("read_only") && row["read_only"].flag();
        reg.lowest_el = row.has("lowest_el") ? row["lowest_el"].number() : 1U;
        reg.reset = row["reset"].text();
        reg.source = row["source"].text();
        row.each("access", [&](const Node& rule) {
            if (rule.has("requirement") && requirements.count(rule["requirement"].text()) == 0) {
                rule["requirement"].fail("there is no such requirement");
            }
            reg.access.push_back({rule["from"].text(), rule.text_or("operation", ""), rule["when"].text(),
                                  rule["result"].text(), rule.text_or("requirement", "")});
        });
        tables.registers.push_back(std::move(reg));
    });
}

void check_feature_reports(const Node& features_root, const Tables& tables) {
    features_root.each("features", [&](const Node& feature) {
        feature.each("reported_by", [&](const Node& report) {
            const auto reg = std::find_if(tables.registers.begin(), tables.registers.end(),
                                          [&](const RegisterRow& r) { return r.name == report["register"].text(); });
            if (reg == tables.registers.end())
                report["register"].fail("there is no such register", "see registers.json");
            const auto layout = std::find_if(tables.layouts.begin(), tables.layouts.end(),
                                             [&](const Layout& l) { return l.name == reg->layout; });
            const bool known = std::any_of(layout->fields.begin(), layout->fields.end(),
                                           [&](const Field& f) { return f.name == report["field"].text(); });
            if (!known) report["field"].fail("register " + reg->name + " has no such field");
        });
    });
}

} // namespace mtecheck::spec::gen
