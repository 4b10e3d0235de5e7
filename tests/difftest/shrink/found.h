// SPDX-License-Identifier: Apache-2.0
//
// Findings to reduce: the first one that a short campaign makes on a target.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "difftest/campaign/campaign.h"
#include "difftest/judge/model_target.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {

inline std::optional<Finding> found_on(const std::function<std::unique_ptr<Target>()>& target, const std::string& name,
                                       std::uint64_t cases) {
    Settings settings;
    settings.target = name;
    settings.cases = cases;
    settings.stop_at_first = true;
    settings.shrink = false;
    Progress progress(ProgressStyle::none);
    const auto campaign = Campaign::start(settings, scratch_path("to-shrink"), {target, {}});
    campaign->run(2, kNever, progress);
    for (const Finding& finding : campaign->findings()) {
        if (finding.confirmation == Confirmation::confirmed) return finding;
    }
    return std::nullopt;
}

inline std::optional<Finding> found_on_mutant(const std::string& mutation, std::uint64_t cases = 100'000) {
    const std::string name = "model:" + mutation;
    return found_on([&] { return make_model_target(name); }, name, cases);
}

} // namespace mtecheck::difftest
