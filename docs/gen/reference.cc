// SPDX-License-Identifier: Apache-2.0
#include "docs/gen/reference.h"

#include <algorithm>

#include "docs/gen/markdown.h"
#include "model/linux/contract.h"
#include "model/linux/faults.h"

namespace mtecheck::docs {
namespace {

std::string counted(std::size_t count, const std::string& singular) {
    return std::to_string(count) + " " + singular + (count == 1 ? "" : "s");
}

std::string index_page(const Facts& facts) {
    const spec::gen::Tables& tables = facts.tables;
    Page page("Reference",
              "What mtecheck knows, page by page, written from the data that it works with: `spec/*.json`, "
              "`model/linux`, `corpus` and the verbs' own help.");
    page.table({"Page", "What", "From"});
    const auto row = [&](const std::string& title, const std::string& file, const std::string& what,
                         const std::string& from) {
        page.row({link(title, file), what, code(from)});
    };
    for (std::size_t i = 0; i < tables.groups.size(); ++i) {
        const auto count = std::count_if(tables.encodings.begin(), tables.encodings.end(),
                                         [&](const spec::gen::EncodingRow& encoding) {
                                             return tables.classes[encoding.class_index].group_index == i;
                                         });
        const spec::gen::Group& group = tables.groups[i];
        row("Instructions: " + words(group.name), instructions_file(group.name),
            plain(group.summary) + " " + counted(static_cast<std::size_t>(count), "encoding") + ".",
            "spec/isa/" + group.name + ".json");
    }
    row("System registers", "registers.md",
        counted(tables.registers.size(), "register") + ": fields, RES0, reset, who may access them and who traps",
        "spec/registers.json");
    row("Features", "features.md",
        counted(tables.features.size(), "feature") + " and the ID registers that report them", "spec/features.json");
    row("Requirements", "requirements.md",
        counted(tables.requirements.size(), "row") + " of the conformance report, and what covers each",
        "spec/requirements.json");
    row("Decisions", "decisions.md", counted(tables.decisions.size(), "decision") + " of Arm's pseudocode",
        "spec/decisions.json");
    const auto rules = std::count_if(tables.dont_cares.begin(), tables.dont_cares.end(),
                                     [](const auto& one) { return !one.of_deliberate_fault(); });
    row("Don't-cares", "dont-cares.md",
        counted(static_cast<std::size_t>(rules), "rule") + " about what the architecture leaves open",
        "spec/dont_cares.json");
    row("Mutations", "mutations.md", counted(tables.mutations.size(), "deliberate fault") + " of the model",
        "spec/mutations.json");
    row("Known defects", "defects.md", counted(facts.defects.size(), "defect") + " of targets, each as mutations",
        "corpus/defects");
    row("The contract of the Linux ABI", "abi-contract.md",
        counted(model::linux_abi::clauses().size(), "clause") + ", what they leave open, and " +
            counted(model::linux_abi::abi_faults().size(), "deliberate fault"),
        "model/linux");
    row("Known defects of the Linux ABI", "abi-defects.md",
        counted(facts.abi_defects.size(), "defect") + " of kernels and of qemu-user, each as faults",
        "corpus/abi-defects");
    row("Command line", "command-line.md", "the manual of every verb", "mtecheck VERB --help");
    return page.text();
}

} // namespace

std::string to_requirement(const std::string& id) { return link(plain(id), "requirements.md#" + anchor(id)); }

std::string to_requirements(const std::vector<std::string>& ids) {
    std::vector<std::string> links;
    for (const std::string& id : ids) links.push_back(to_requirement(id));
    return joined(links);
}

std::string to_feature(const std::string& id) { return link(plain(id), "features.md#" + anchor(id)); }

std::string to_features(const std::vector<std::string>& ids) {
    std::vector<std::string> links;
    for (const std::string& id : ids) links.push_back(to_feature(id));
    return joined(links);
}

std::string to_decision(const std::string& id) { return link(plain(id), "decisions.md#" + anchor(id)); }

std::string to_mutation(const std::string& id) { return link(plain(id), "mutations.md#" + anchor(id)); }

std::string to_dont_care(const Facts& facts, const std::string& name) {
    for (const auto& row : facts.tables.dont_cares) {
        if (row.name == name) return link(plain(row.id + " " + name), "dont-cares.md#" + anchor(row.id));
    }
    return code(name);
}

std::string to_class(const Facts& facts, std::size_t class_index) {
    const auto& row = facts.tables.classes[class_index];
    return link(plain(row.name), instructions_file(facts.tables.groups[row.group_index].name) + "#" + anchor(row.name));
}

std::string to_register(const std::string& name) { return link(plain(name), "registers.md#" + anchor(name)); }

std::string to_defect(const std::string& id) {
    std::string target = anchor(id); // GitHub drops the dots of a heading
    std::erase(target, '.');
    return link(plain(id), "defects.md#" + target);
}

std::string words(std::string text) {
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string instructions_file(const std::string& group) {
    std::string name = "instructions-" + group + ".md";
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

Facts read_facts(const std::filesystem::path& source, const std::filesystem::path& mtecheck) {
    return {spec::gen::load_tables(source / "spec", source / "spec" / "schema"),
            difftest::read_defects(source / "corpus" / "defects"),
            difftest::read_abi_defects(source / "corpus" / "abi-defects"), read_help(mtecheck)};
}

Pages make_reference(const Facts& facts) {
    Pages pages;
    pages["README.md"] = index_page(facts);
    add_instructions(facts, pages);
    pages["registers.md"] = registers_page(facts);
    pages["features.md"] = features_page(facts);
    pages["requirements.md"] = requirements_page(facts);
    pages["decisions.md"] = decisions_page(facts);
    pages["dont-cares.md"] = dont_cares_page(facts);
    pages["mutations.md"] = mutations_page(facts);
    pages["defects.md"] = defects_page(facts);
    pages["abi-contract.md"] = abi_contract_page(facts);
    pages["abi-defects.md"] = abi_defects_page(facts);
    pages["command-line.md"] = command_line_page(facts);
    return pages;
}

} // namespace mtecheck::docs
