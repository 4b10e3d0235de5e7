// SPDX-License-Identifier: Apache-2.0
//
// Features come from the ID registers through spec/features.json, and from the fields that a target derived itself.
#include "difftest/judge/features.h"

#include <algorithm>
#include <optional>

#include "difftest/judge/judge.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

/// Whether the field of an ID register has a value that reports the feature; nothing if the profile has no such field.
std::optional<bool> reports(const Profile& profile, const spec::FeatureReport& report) {
    const auto value = profile.registers.find(std::string(report.reg));
    const auto reg = spec::find_register(report.reg);
    if (value == profile.registers.end() || !reg) return std::nullopt;
    for (const auto& field : spec::info(*reg).fields) {
        if (field.name != report.field) continue;
        const std::uint64_t bits = field.bits.extract(value->second);
        const bool negative = report.is_signed && (bits >> (field.bits.width() - 1) & 1U) != 0;
        return !negative && bits >= report.at_least;
    }
    return std::nullopt;
}

/// Whether the ID registers of the profile say that the feature is not there.
bool denied(const Profile& profile, spec::Feature feature) {
    const auto& by = spec::info(feature).reported_by;
    return std::any_of(by.begin(), by.end(),
                       [&](const spec::FeatureReport& report) { return reports(profile, report) == false; });
}

/// Whether the ID registers of the profile report the feature, and deny none that it implies. (QEMU 11.1 with mte=off
/// has ID_AA64PFR1_EL1.MTE = 1 and yet the fields of what needs FEAT_MTE2.)
bool reported(const Profile& profile, const spec::FeatureInfo& feature) {
    const auto& by = feature.reported_by;
    return !by.empty() && std::all_of(by.begin(), by.end(), [&](const spec::FeatureReport& report) {
        return reports(profile, report) == true;
    }) && std::none_of(feature.closure.begin(), feature.closure.end(), [&](spec::Feature implied) {
        return denied(profile, implied);
    });
}

} // namespace

model::FeatureSet features_of(const Profile& profile) {
    model::FeatureSet result;
    const auto add = [&](spec::Feature feature) {
        result.add(feature);
        for (const auto implied : spec::info(feature).closure) result.add(implied);
    };
    add(spec::Feature::FEAT_AA64);
    for (const auto& feature : spec::features()) {
        if (reported(profile, feature) || has_feature(profile, feature.id)) add(feature.value);
    }
    // A target may have Exception levels that it cannot reach; for its cases they are not implemented.
    const auto exactly = [&](spec::Feature feature, bool present) {
        if (present) {
            add(feature);
        } else {
            result.remove(feature);
        }
    };
    exactly(spec::Feature::FEAT_EL2, profile.el2);
    exactly(spec::Feature::FEAT_EL3, profile.el3);
    exactly(spec::Feature::FEAT_LSE2, profile.lse2);
    exactly(spec::Feature::FEAT_MTE_ASYNC, profile.mte_async);
    return result;
}

std::uint32_t data_cache_line_of(const Profile& profile) {
    const auto ctr = profile.registers.find("CTR_EL0");
    if (ctr == profile.registers.end()) return 64;
    return std::uint32_t{4} << spec::field::CTR_EL0::DminLine.extract(ctr->second);
}

Profile model_profile() {
    Profile profile;
    profile.target = "model";
    profile.version = "mtecheck model";
    profile.cpu = "everything in scope";
    profile.gmid_el1 = 4; // 64 bytes, as many cores have: less than a window, so that it matters where a block is
    profile.dczid_el0 = 4;
    profile.mte = 3;
    profile.mte_async = true;
    profile.lse2 = true;
    profile.has_vectors = true;
    for (const auto feature :
         {spec::Feature::FEAT_MTE3, spec::Feature::FEAT_LSE2, spec::Feature::FEAT_LOR, spec::Feature::FEAT_LRCPC2,
          spec::Feature::FEAT_AdvSIMD, spec::Feature::FEAT_DPB2, spec::Feature::FEAT_SB, spec::Feature::FEAT_PAN,
          spec::Feature::FEAT_UAO, spec::Feature::FEAT_EL2, spec::Feature::FEAT_EL3, spec::Feature::FEAT_VHE,
          spec::Feature::FEAT_SEL2, spec::Feature::FEAT_IDST}) {
        profile.features.emplace_back(spec::info(feature).id);
    }
    return profile;
}

} // namespace mtecheck::difftest
