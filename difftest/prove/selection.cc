// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/selection.h"

#include <fnmatch.h>

#include <algorithm>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

Selection select_invariants(const std::vector<model::proofs::Scenario>& all, const std::vector<std::string>& patterns) {
    Selection selection;
    selection.everything = patterns.empty();
    std::vector<bool> used(patterns.size());
    const auto named = [&](std::string_view id) {
        bool any = false;
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            if (::fnmatch(patterns[i].c_str(), std::string(id).c_str(), 0) != 0) continue;
            used[i] = true;
            any = true;
        }
        return any;
    };
    for (const auto& scenario : all) {
        const bool whole = selection.everything || named(scenario.name);
        SelectedScenario selected{&scenario, {}};
        for (const auto& statement : scenario.statements) {
            const bool itself = named(statement.id);
            selected.statements.push_back(whole || itself);
        }
        if (std::find(selected.statements.begin(), selected.statements.end(), true) != selected.statements.end()) {
            selection.scenarios.push_back(std::move(selected));
        }
    }
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (!used[i]) {
            throw InputError("mtecheck prove", "", "no invariant and no scenario is called '" + patterns[i] + "'",
                             "mtecheck prove --list names all");
        }
    }
    return selection;
}

} // namespace mtecheck::difftest
