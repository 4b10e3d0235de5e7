// SPDX-License-Identifier: Apache-2.0
//
// The Linux ABI of memory tagging: its clauses, what they leave open, deliberate faults and known defects, which are
// lists of model/linux and of corpus/abi-defects.
#include "docs/gen/markdown.h"
#include "docs/gen/reference.h"
#include "model/linux/contract.h"
#include "model/linux/faults.h"

namespace mtecheck::docs {
namespace {

using namespace model::linux_abi;

/// A clause or a fault.
std::string to_abi_row(std::string_view id) { return link(plain(id), "abi-contract.md#" + anchor(id)); }
std::string to_abi_defect(const std::string& id) { return link(plain(id), "abi-defects.md#" + anchor(id)); }

} // namespace

std::string abi_contract_page(const Facts& facts) {
    Page page(
        "The contract of the Linux ABI",
        "What a kernel owes to programs about tags, as [`mtecheck abi`](../linux-abi.md) judges it. Documents are "
        "those of Documentation/arch/arm64 in Linux's source.");
    page.heading(2, "Clauses");
    page.table({"Clause", "Source", "What it says"});
    for (const ClauseInfo& clause : clauses())
        page.row({place(clause.id) + code(clause.id), plain(clause.source), plain(clause.sentence)});
    page.heading(2, "What it leaves open");
    page.paragraph("Each may go either way; a report counts which way it went.");
    page.table({"Choice", "Source", "What may be"});
    for (const OpenInfo& open : left_open()) page.row({code(open.id), plain(open.source), plain(open.why)});
    page.heading(2, "Deliberate faults");
    page.paragraph("`mtecheck abi --target model:NAME` shows that programs find one; a set of them describes a "
                   "[known defect](abi-defects.md) of a target.");
    page.table({"Fault", "What is wrong", "Clause", "Describes"});
    for (const AbiFaultInfo& fault : abi_faults()) {
        std::vector<std::string> defects;
        for (const auto& defect : facts.abi_defects) {
            if (defect.faults.has(fault.value)) defects.push_back(to_abi_defect(defect.id));
        }
        page.row(
            {place(fault.id) + code(fault.id), plain(fault.wrong), to_abi_row(info(fault.clause).id), joined(defects)});
    }
    return page.text();
}

std::string abi_defects_page(const Facts& facts) {
    Page page("Known defects of the Linux ABI",
              "Of kernels, and of qemu-user, which plays one. A divergence is *explained* by such a defect if the "
              "[contract](abi-contract.md) with its faults is what the target did. [The Linux ABI of memory "
              "tagging](../linux-abi.md#what-was-found) tells how they were found.");
    for (const auto& defect : facts.abi_defects) {
        page.heading(3, defect.id);
        page.paragraph(plain(defect.summary) + ".");
        std::vector<std::string> parts;
        for (const std::string& version : defect.versions) parts.push_back(code(version));
        page.item("Versions: " + joined(parts));
        parts.clear();
        for (const AbiFaultInfo& fault : abi_faults()) {
            if (defect.faults.has(fault.value)) parts.push_back(to_abi_row(fault.id));
        }
        page.item("Faults: " + joined(parts));
        page.item("Contradicts: " + plain(defect.contradicts));
        if (!defect.where.empty()) page.item("Where: " + plain(defect.where));
    }
    return page.text();
}

} // namespace mtecheck::docs
