// SPDX-License-Identifier: Apache-2.0
//
// mtecheck targets probe: what targets say of themselves, and what they were seen to choose where the architecture
// leaves that open.
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "difftest/choices/choices.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/json.h"
#include "difftest/findings/waivers.h"
#include "difftest/judge/features.h"
#include "spec/gen/features.h"

namespace mtecheck::difftest {
namespace {

struct Probed {
    Profile profile;
    std::vector<ChoiceSeen> choices;
};

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::uint64_t gmid_block_bytes(const Profile& profile) { return std::uint64_t{4} << (profile.gmid_el1 & 0xf); }
std::uint64_t zva_block_bytes(const Profile& profile) { return std::uint64_t{4} << (profile.dczid_el0 & 0xf); }

/// The features that make up memory tagging, and whether the target has them.
std::vector<std::pair<std::string_view, bool>> tagging_features(const Profile& profile) {
    const model::FeatureSet has = features_of(profile);
    std::vector<std::pair<std::string_view, bool>> features;
    for (const spec::FeatureInfo& feature : spec::features()) {
        if (feature.id.starts_with("FEAT_MTE")) features.emplace_back(feature.id, has.has(feature.value));
    }
    return features;
}

std::string names_of(const std::vector<std::pair<std::string_view, bool>>& features, bool present) {
    std::string text;
    for (const auto& [name, there] : features) {
        if (there == present) text += (text.empty() ? "" : " ") + std::string(name);
    }
    return text.empty() ? "-" : text;
}

void print_text(const Probed& probed) {
    const Profile& profile = probed.profile;
    std::cout << "target      " << profile.target << "\n"
              << "version     " << profile.version << "\n"
              << "cpu         " << profile.cpu << "\n"
              << "FEAT_MTE    level " << int{profile.mte}
              << (profile.process && profile.mte < 2 ? ": no tags for a process" : "")
              << (profile.mte_async ? ", asynchronous faults" : "") << "\n"
              << "  has       " << names_of(tagging_features(profile), true) << "\n"
              << "  has not   " << names_of(tagging_features(profile), false) << "\n";
    if (profile.mte >= 2 && !profile.process)
        std::cout << "LDGM block  " << gmid_block_bytes(profile) << " bytes (GMID_EL1.BS)\n";
    std::cout << "DC ZVA      " << zva_block_bytes(profile) << " bytes\n"
              << "EL2, EL3    " << (profile.el2 ? "yes" : "no") << ", " << (profile.el3 ? "yes" : "no") << "\n"
              << "features   ";
    for (const std::string& feature : profile.features) std::cout << " " << feature;
    std::cout << "\n";
    for (const auto& [name, value] : profile.registers) {
        std::cout << "  " << padded(name, 24) << hex_text(value, 16) << "\n";
    }
    if (profile.process) {
        if (!profile.absent.empty()) {
            std::cout << "does not have, as running it showed:";
            for (const std::string& id : profile.absent) std::cout << " " << id;
            std::cout << "\n";
        }
        std::cout << (profile.simulator ? "the simulator does not have or show:\n"
                                        : "a Linux process can neither set nor see:\n");
        for (const ProfileLimit& limit : profile.limits) std::cout << "  " << limit.what << ": " << limit.why << "\n";
        return;
    }
    std::cout << "what it chose where the architecture leaves that open:\n";
    for (const ChoiceSeen& choice : probed.choices) {
        const spec::DontCareInfo& rule = spec::info(choice.rule);
        std::cout << "  " << rule.id << " " << rule.name << " [" << rule.source << "]\n    " << choice.probe << "\n    "
                  << (choice.seen.empty() ? "not measured" : choice.seen);
        if (!choice.remark.empty()) std::cout << " (" << choice.remark << ")";
        std::cout << "\n";
    }
}

constexpr std::string_view kTableHead =
    "| target | version | CPU | FEAT_MTE | asynchronous | asymmetric | LDGM block | DC ZVA block | without |\n"
    "|---|---|---|---|---|---|---|---|---|\n";

/// The features of any of these targets, but those of memory tagging, which have columns of their own.
std::set<std::string> features_of_any(const std::vector<Probed>& all) {
    std::set<std::string> features;
    for (const Probed& probed : all) {
        for (const std::string& feature : probed.profile.features) {
            if (!feature.starts_with("FEAT_MTE")) features.insert(feature);
        }
    }
    return features;
}

/// A line of the table; the last column has what others have.
void print_line(const Profile& profile, const std::set<std::string>& others) {
    std::string without;
    for (const std::string& feature : others) {
        if (has_feature(profile, feature)) continue;
        without += (without.empty() ? "" : " ") + feature.substr(std::string_view("FEAT_").size());
    }
    const std::string version = version_number(profile.version);
    const bool tags = profile.mte >= 2 && !profile.process; // a process cannot read GMID_EL1
    std::cout << "| `" << profile.target << "` | " << (version.empty() ? profile.version : version) << " | "
              << profile.cpu << " | " << int{profile.mte} << " | " << (profile.mte_async ? "yes" : "no") << " | "
              << (profile.mte >= 3 && !profile.process ? "yes" : "no") << " | "
              << (tags ? std::to_string(gmid_block_bytes(profile)) + " bytes" : "-") << " | "
              << zva_block_bytes(profile) << " bytes | " << without << " |\n";
}

/// Text in a cell of a table.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
    return out;
}

/// A row for each probe, a column for each target.
void print_choices(const std::vector<Probed>& all) {
    std::vector<std::pair<spec::DontCare, std::string>> rows;
    for (const Probed& probed : all) {
        for (const ChoiceSeen& choice : probed.choices) {
            const std::pair row(choice.rule, choice.probe);
            if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::cout << "\n| rule | measured by |";
    for (const Probed& probed : all) std::cout << " `" << cell(probed.profile.target) << "` |";
    std::cout << "\n|---|---|";
    for (std::size_t i = 0; i < all.size(); ++i) std::cout << "---|";
    std::cout << "\n";
    for (const auto& row : rows) {
        const spec::DontCareInfo& rule = spec::info(row.first);
        std::cout << "| " << rule.id << " " << rule.name << " | " << cell(row.second) << " |";
        for (const Probed& probed : all) {
            const auto choice = std::find_if(probed.choices.begin(), probed.choices.end(), [&](const ChoiceSeen& item) {
                return item.rule == row.first && item.probe == row.second;
            });
            std::cout << " " << (choice == probed.choices.end() || choice->seen.empty() ? "-" : cell(choice->seen))
                      << (choice != probed.choices.end() && !choice->seen.empty() && !choice->remark.empty() ? " \\*"
                                                                                                             : "")
                      << " |";
        }
        std::cout << "\n";
    }
}

OrderedJson to_json(const Probed& probed) {
    const Profile& profile = probed.profile;
    OrderedJson registers = OrderedJson::object();
    for (const auto& [name, value] : profile.registers) registers[name] = hex_text(value, 16);
    OrderedJson tagging = OrderedJson::object();
    for (const auto& [name, there] : tagging_features(profile)) tagging[std::string(name)] = there;
    OrderedJson choices = OrderedJson::array();
    for (const ChoiceSeen& choice : probed.choices) choices.push_back(to_json(choice));
    return {{"target", profile.target},
            {"version", profile.version},
            {"cpu", profile.cpu},
            {"mte", profile.mte},
            {"mte_features", std::move(tagging)},
            {"features", profile.features},
            {"el2", profile.el2},
            {"el3", profile.el3},
            {"has_vectors", profile.has_vectors},
            {"ldgm_block_bytes", profile.mte >= 2 && !profile.process ? gmid_block_bytes(profile) : 0},
            {"dc_zva_block_bytes", zva_block_bytes(profile)},
            {"registers", std::move(registers)},
            {"choices", std::move(choices)}};
}

} // namespace

int probe_targets(std::span<const std::string> targets, ProbeForm form) {
    std::vector<Probed> all;
    for (const std::string& name : targets) {
        const std::unique_ptr<Target> target = make_target(name);
        const Profile& profile = target->probe();
        // The cases that measure choices are of bare metal.
        all.push_back({profile, profile.process ? std::vector<ChoiceSeen>() : measure_choices(*target)});
        if (form == ProbeForm::text) print_text(all.back());
    }
    if (form == ProbeForm::json) {
        OrderedJson list = OrderedJson::array();
        for (const Probed& probed : all) list.push_back(to_json(probed));
        std::cout << dump({{"schema", "mtecheck-probe/1"}, {"targets", std::move(list)}});
    }
    if (form == ProbeForm::tables) {
        std::cout << kTableHead;
        const std::set<std::string> features = features_of_any(all);
        for (const Probed& probed : all) print_line(probed.profile, features);
        print_choices(all);
    }
    return kAgree;
}

} // namespace mtecheck::difftest
