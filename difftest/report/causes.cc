// SPDX-License-Identifier: Apache-2.0
#include "difftest/report/causes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "difftest/findings/attribution.h"
#include "spec/gen/isa.h"
#include "spec/gen/mutations.h"

namespace mtecheck::difftest {
namespace {

using Group = std::pair<const GroupKey, TallyGroup>;

const Finding* find(const std::vector<Finding>& findings, const std::string& id) {
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&](const Finding& finding) { return finding.original.id == id; });
    return found == findings.end() ? nullptr : &*found;
}

/// Adds a group, and its examples as candidates for that of the cause: reduced, compared to its end, of no other
/// defect, and short.
class Builder {
  public:
    Builder(Cause cause, const std::vector<Finding>& findings) : cause_(std::move(cause)), findings_(findings) {}

    void add(const Group& group) {
        cause_.cases += group.second.cases;
        cause_.groups.push_back(group.first.id());
        for (const auto* ids : {&group.second.examples, &group.second.suspects}) {
            for (const std::string& id : *ids) {
                const Finding* const candidate = find(findings_, id);
                if (candidate != nullptr && (best_ == nullptr || rank(*candidate) < rank(*best_))) best_ = candidate;
            }
        }
    }
    const std::vector<std::string>& groups() const { return cause_.groups; }
    Cause built() {
        if (best_ != nullptr) {
            cause_.example = best_->original.id;
            if (cause_.pseudocode.empty()) cause_.pseudocode = functions_of(*best_);
        }
        return std::move(cause_);
    }

  private:
    static std::tuple<bool, bool, bool, std::size_t> rank(const Finding& finding) {
        return {finding.led_astray, finding.explained_by.size() > 1, !finding.shrunk,
                finding.shown().sequence.code.size()};
    }
    /// Of the instructions of the case.
    static std::string functions_of(const Finding& finding) {
        std::set<std::string_view> seen;
        std::string text;
        for (const std::uint32_t word : finding.shown().sequence.code) {
            const auto encoding = spec::decode(word);
            if (!encoding || !seen.insert(spec::info(*encoding).pseudocode).second) continue;
            text += (text.empty() ? "" : ", ") + std::string(spec::info(*encoding).pseudocode);
        }
        return text;
    }

    Cause cause_;
    const std::vector<Finding>& findings_;
    const Finding* best_ = nullptr;
};

/// What groups without a common mutation are joined by.
std::string likeness(const Signature& signature) {
    std::string kind = signature.instruction;
    for (const auto& info : spec::encodings()) {
        if (info.mnemonic != signature.instruction) continue;
        kind = std::to_string(static_cast<unsigned>(info.instruction_class));
        break;
    }
    return kind + "/" + signature.expected + "/" + signature.got + "/" + signature.fields + "/" + signature.path;
}

/// Joins unexplained groups, those first that the fewest mutations account for.
void join_unexplained(const std::vector<const Group*>& unexplained, const std::vector<Finding>& findings,
                      std::vector<Cause>& causes) {
    std::map<std::string, std::vector<const Group*>> by_mutation;
    for (const Group* group : unexplained) {
        for (const std::string& name : common_mutations(group->second, findings)) by_mutation[name].push_back(group);
    }
    std::set<const Group*> done;
    const auto cases = [](const Group* group) { return group->second.cases; };
    for (const auto& [name, groups] : attribute(std::move(by_mutation), cases)) {
        const auto mutation = spec::find_mutation(name);
        Cause cause;
        cause.id = name;
        cause.summary = "as if " + (mutation ? std::string(spec::info(*mutation).wrong) : name);
        Builder builder(std::move(cause), findings);
        for (const Group* group : groups) builder.add(*group);
        done.insert(groups.begin(), groups.end());
        causes.push_back(builder.built());
    }
    std::map<std::string, std::vector<const Group*>> by_likeness;
    for (const Group* group : unexplained) {
        if (!done.contains(group)) by_likeness[likeness(group->first.signature)].push_back(group);
    }
    for (auto& [key, groups] : by_likeness) {
        std::stable_sort(groups.begin(), groups.end(),
                         [](const Group* a, const Group* b) { return a->second.cases > b->second.cases; });
        Cause cause;
        cause.id = groups.front()->first.id();
        cause.summary = to_string(groups.front()->first.signature);
        Builder builder(std::move(cause), findings);
        for (const Group* group : groups) builder.add(*group);
        causes.push_back(builder.built());
    }
}

} // namespace

std::string_view to_string(Cause::Kind kind) {
    switch (kind) {
    case Cause::Kind::unexplained: return "unexplained";
    case Cause::Kind::defect: return "defect";
    case Cause::Kind::not_reproduced: return "not reproduced";
    }
    return "unexplained";
}

std::vector<std::string> common_mutations(const TallyGroup& group, const std::vector<Finding>& findings) {
    std::vector<std::string> common;
    bool first = true;
    for (const std::string& id : group.examples) {
        const Finding* const finding = find(findings, id);
        if (finding == nullptr) continue;
        const auto& like = finding->behaves_like;
        if (first) {
            common = like;
        } else {
            std::erase_if(common, [&](const std::string& name) {
                return std::find(like.begin(), like.end(), name) == like.end();
            });
        }
        first = false;
    }
    return common;
}

std::vector<Cause> causes_of(const Tally& tally, const std::vector<Defect>& defects,
                             const std::vector<Finding>& findings) {
    std::vector<Cause> causes;
    std::vector<const Group*> unexplained;
    for (const Group& group : tally.groups) {
        if (!group.first.explained_by.empty()) continue;
        if (!group.second.examples.empty() || GroupTable::counts_others(group.first)) {
            unexplained.push_back(&group);
            continue;
        }
        Cause cause;
        cause.kind = Cause::Kind::not_reproduced;
        cause.id = group.first.id();
        cause.summary = to_string(group.first.signature);
        Builder builder(std::move(cause), findings);
        builder.add(group);
        causes.push_back(builder.built());
    }
    join_unexplained(unexplained, findings, causes);
    for (const Defect& defect : defects) {
        Cause cause;
        cause.kind = Cause::Kind::defect;
        cause.id = defect.id;
        cause.summary = defect.summary;
        cause.pseudocode = defect.pseudocode;
        Builder builder(std::move(cause), findings);
        for (const Group& group : tally.groups) {
            const auto& by = group.first.explained_by;
            if (std::find(by.begin(), by.end(), defect.id) != by.end()) builder.add(group);
        }
        if (!builder.groups().empty()) causes.push_back(builder.built());
    }
    std::stable_sort(causes.begin(), causes.end(), [](const Cause& a, const Cause& b) {
        return std::tuple(a.kind, b.cases, a.id) < std::tuple(b.kind, a.cases, b.id);
    });
    return causes;
}

} // namespace mtecheck::difftest
