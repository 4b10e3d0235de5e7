// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/examples.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kMaxUnreproduced = 8; // then a group's candidates are counted, not tried alone any more

/// Of more unexplained groups than this only some of each kind are reduced: what is wrong everywhere, as in the entry
/// to exceptions, makes thousands that look alike.
constexpr std::size_t kReducedInAnyCase = 200;
constexpr std::size_t kReducedOfKind = 4;

/// Counts the unexplained groups by what happened, whichever instruction it happened to.
class Kinds {
  public:
    explicit Kinds(const Tally& tally)
        : few_(static_cast<std::size_t>(std::count_if(tally.groups.begin(), tally.groups.end(), [](const auto& group) {
                   return group.first.explained_by.empty() && !group.second.examples.empty();
               })) <= kReducedInAnyCase) {}

    bool enough(const Signature& signature) {
        return !few_ && ++met_[{signature.expected, signature.got, signature.fields}] > kReducedOfKind;
    }

  private:
    bool few_;
    std::map<std::array<std::string, 3>, std::size_t> met_;
};

} // namespace

bool is_full(const GroupKey& key, const TallyGroup& group) {
    const std::size_t wanted = key.explained_by.size() > 1 ? 1 : kExamples;
    return group.examples.size() >= wanted || group.not_reproduced >= kMaxUnreproduced;
}

std::vector<std::string> examples_to_shrink(const Tally& tally) {
    std::vector<std::string> ids;
    std::set<std::string> shown; // defects that have an example
    Kinds kinds(tally);
    for (std::size_t together = 0, most = 1; together <= most; ++together) {
        for (const bool led_astray : {false, true}) {
            for (const auto& [key, group] : tally.groups) {
                most = std::max(most, key.explained_by.size());
                if (group.examples.empty() || key.explained_by.size() != together || key.led_astray != led_astray)
                    continue;
                const bool all_shown = std::all_of(key.explained_by.begin(), key.explained_by.end(),
                                                   [&](const std::string& id) { return shown.contains(id); });
                if (key.explained_by.empty() ? kinds.enough(key.signature) : all_shown) continue;
                shown.insert(key.explained_by.begin(), key.explained_by.end());
                ids.push_back(group.examples.front());
            }
        }
    }
    return ids;
}

bool is_shrinkable(const Finding& finding) { return finding.got.status != Status::runaway; }

} // namespace mtecheck::difftest
