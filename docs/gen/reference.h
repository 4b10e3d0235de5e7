// SPDX-License-Identifier: Apache-2.0
//
// The generated reference: docs/reference/*.md, a view for people of the tables in spec/ and model/linux, of known
// defects in corpus/ and of the help of mtecheck's verbs. Nothing is said here that is not in one of them, apart from
// how to read a page.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "difftest/abi/abi_defects.h"
#include "difftest/findings/defects.h"
#include "spec/gen/tables.h"

namespace mtecheck::docs {

struct Facts {
    spec::gen::Tables tables;
    std::vector<difftest::Defect> defects;
    std::vector<difftest::AbiDefect> abi_defects;
    std::vector<std::pair<std::string, std::string>> help; // of mtecheck itself ("") and of each verb
};

/// Reads all below the project's `source` directory; asks the program `mtecheck` for its help.
Facts read_facts(const std::filesystem::path& source, const std::filesystem::path& mtecheck);

/// File name to text of every page.
using Pages = std::map<std::string, std::string>;
Pages make_reference(const Facts& facts);

// The pages.
void add_instructions(const Facts& facts, Pages& pages);
std::string registers_page(const Facts& facts);
std::string features_page(const Facts& facts);
std::string requirements_page(const Facts& facts);
std::string decisions_page(const Facts& facts);
std::string dont_cares_page(const Facts& facts);
std::string mutations_page(const Facts& facts);
std::string defects_page(const Facts& facts);
std::string abi_contract_page(const Facts& facts);
std::string abi_defects_page(const Facts& facts);
std::string command_line_page(const Facts& facts);

std::vector<std::pair<std::string, std::string>> read_help(const std::filesystem::path& mtecheck);

// Links from one page to a row of another.
std::string to_requirement(const std::string& id);
std::string to_requirements(const std::vector<std::string>& ids);
std::string to_feature(const std::string& id);
std::string to_features(const std::vector<std::string>& ids);
std::string to_decision(const std::string& id);
std::string to_mutation(const std::string& id);
std::string to_dont_care(const Facts& facts, const std::string& name);
std::string to_class(const Facts& facts, std::size_t class_index);
std::string to_register(const std::string& name);
std::string to_defect(const std::string& id);
/// snake_case as words.
std::string words(std::string text);
std::string instructions_file(const std::string& group);

} // namespace mtecheck::docs
