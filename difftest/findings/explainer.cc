// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/explainer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "spec/gen/mutations.h"

namespace mtecheck::difftest {
namespace {

MutationSet mutations_of(const Defect& defect) {
    std::string names;
    for (const std::string& name : defect.mutations) names += (names.empty() ? "" : "+") + name;
    return parse_mutations(names, "defect " + defect.id);
}

} // namespace

Explainer::Explainer(const Profile& profile, const std::vector<Defect>& defects) : judge_(profile) {
    for (const Defect& defect : defects) {
        mutations_.push_back(difftest::mutations_of(defect));
        all_ |= mutations_.back();
    }
}

MutationSet Explainer::mutations_of(const std::vector<std::size_t>& defects) const {
    MutationSet set;
    for (const std::size_t i : defects) set |= mutations_[i];
    return set;
}

Explanation Explainer::explain() {
    if (mutations_.empty()) return {};
    std::vector<std::size_t> rest(mutations_.size());
    std::iota(rest.begin(), rest.end(), std::size_t{0});
    Match best = judge_.match(all_);
    // One defect may hide another: a single one is tried too. Agreement goes before being led astray.
    for (const Match wanted : {Match::full, Match::astray}) {
        if (best >= wanted) break;
        for (std::size_t i = 0; i < mutations_.size(); ++i) {
            if (judge_.match(mutations_[i]) == wanted) return {{i}, wanted == Match::astray};
        }
    }
    // A target may have been rid of one that hides others: all but that one are tried.
    for (const Match wanted : {Match::full, Match::astray}) {
        for (std::size_t i = 0; best == Match::none && i < mutations_.size(); ++i) {
            std::vector<std::size_t> others(mutations_.size());
            std::iota(others.begin(), others.end(), std::size_t{0});
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
            if (others.empty() || judge_.match(mutations_of(others)) != wanted) continue;
            best = wanted;
            rest = std::move(others);
        }
    }
    if (best == Match::none) return {};
    // Leave out as long as the others still do as well or better: halves first, then less, at last one by one.
    for (std::size_t chunk = std::max<std::size_t>(1, rest.size() / 2); chunk > 0; chunk /= 2) {
        for (std::size_t i = 0; i < rest.size();) {
            std::vector<std::size_t> fewer = rest;
            const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(i);
            fewer.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, fewer.size() - i)));
            const Match match = fewer.empty() ? Match::none : judge_.match(mutations_of(fewer));
            if (match != Match::none && match >= best) {
                best = match;
                rest = std::move(fewer);
            } else {
                i += chunk;
            }
        }
    }
    return {std::move(rest), best == Match::astray};
}

std::vector<std::string> Explainer::behaves_like() {
    std::vector<std::string> names;
    for (const auto& mutation : spec::mutations()) {
        MutationSet alone;
        alone.add(mutation.value);
        // The target has the known defects anyway; but of each it is known only that it was seen, not that it always
        // is.
        MutationSet added = all_;
        added.add(mutation.value);
        if (judge_.match(added) == Match::full || judge_.match(alone) == Match::full) names.emplace_back(mutation.id);
    }
    return names;
}

} // namespace mtecheck::difftest
