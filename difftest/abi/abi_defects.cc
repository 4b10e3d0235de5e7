// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_defects.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "difftest/findings/defect_files.h"
#include "difftest/findings/defects.h"

namespace mtecheck::difftest {

namespace {

constexpr std::size_t kMostDefects = 1000;
constexpr std::size_t kMostItems = 100;

AbiDefect defect_from_json(const JsonPlace& place) {
    place.only({"id", "versions", "faults", "summary", "contradicts", "where"});
    AbiDefect defect;
    defect.id = place.member("id").text();
    defect.versions = place.member("versions").texts(kMostItems);
    const JsonPlace faults = place.member("faults");
    const std::size_t count = faults.array_size(kMostItems);
    if (count == 0) faults.fail("name at least one fault: a defect is described by what it does to the model");
    for (std::size_t n = 0; n < count; ++n) {
        const auto fault = model::linux_abi::find_abi_fault(faults.element(n).text());
        if (!fault) faults.element(n).fail("name a deliberate fault of mtecheck abi --list-faults");
        defect.faults.add(*fault);
    }
    defect.summary = place.member("summary").text();
    defect.contradicts = place.member("contradicts").text();
    if (const auto where = place.find("where")) defect.where = where->text();
    return defect;
}

} // namespace

std::vector<AbiDefect> abi_defects_from_json(const JsonPlace& place) {
    place.only({"schema", "defects"});
    place.schema(kAbiDefectsSchema);
    const JsonPlace list = place.member("defects");
    const std::size_t size = list.array_size(kMostDefects);
    std::vector<AbiDefect> result;
    for (std::size_t n = 0; n < size; ++n) result.push_back(defect_from_json(list.element(n)));
    return result;
}

std::vector<AbiDefect> read_abi_defects(const std::filesystem::path& place) {
    return read_described(place, abi_defects_from_json);
}

AbiExplainer::AbiExplainer(const AbiSystem& system, const std::vector<AbiDefect>& all) : judge_(system) {
    const auto is_of = [&](const AbiDefect& defect) {
        return std::any_of(defect.versions.begin(), defect.versions.end(),
                           [&](const std::string& pattern) { return matches(pattern, system.version); });
    };
    std::copy_if(all.begin(), all.end(), std::back_inserter(defects_), is_of);
}

AbiExplanation AbiExplainer::explain(const AbiProgram& program, const abi_response& observed) {
    if (defects_.empty()) return {};
    const auto explains = [&](const std::vector<bool>& with) {
        return judge(with, program, observed).kind == AbiVerdict::Kind::agrees;
    };
    std::vector<bool> with(defects_.size(), true);
    if (const AbiVerdict with_all = judge(with, program, observed); with_all.kind != AbiVerdict::Kind::agrees) {
        // A target may have been rid of one that shows in this program, too, or of all but one.
        bool found = false;
        for (const bool others : {true, false}) {
            for (std::size_t n = 0; n < defects_.size() && !found; ++n) {
                with.assign(defects_.size(), others);
                with[n] = !others;
                found = explains(with);
            }
        }
        if (!found) return {{}, with_all.divergence, with_all.why};
    }
    AbiExplanation result;
    for (std::size_t n = 0; n < defects_.size(); ++n) {
        if (!with[n]) continue;
        with[n] = false;
        if (explains(with)) continue;
        with[n] = true;
        result.defects.push_back(defects_[n].id);
    }
    return result;
}

AbiVerdict AbiExplainer::judge(const std::vector<bool>& with, const AbiProgram& program, const abi_response& observed) {
    model::linux_abi::AbiFaultSet faults;
    for (std::size_t n = 0; n < defects_.size(); ++n) {
        if (with[n]) faults.add(defects_[n].faults);
    }
    judge_.assume(faults);
    return judge_.judge(program, observed, {});
}

} // namespace mtecheck::difftest
