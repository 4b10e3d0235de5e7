// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/profile.h"

#include <array>

namespace mtecheck::difftest {

namespace {

std::uint64_t field(const Profile& profile, const char* name, unsigned low) {
    return profile.registers.at(name) >> low & 0xf;
}

/// A feature is there if a field of an ID register is at least `value`.
struct Feature {
    const char* name;
    const char* id_register;
    unsigned low;
    unsigned value;
};

constexpr auto kFeatures = std::to_array<Feature>({
    {"FEAT_MTE", "ID_AA64PFR1_EL1", 8, 1},       {"FEAT_MTE2", "ID_AA64PFR1_EL1", 8, 2},
    {"FEAT_MTE_ASYNC", "ID_AA64PFR1_EL1", 8, 2}, // unless MTE_frac says otherwise
    {"FEAT_MTE3", "ID_AA64PFR1_EL1", 8, 3},      {"FEAT_LSE", "ID_AA64ISAR0_EL1", 20, 2},
    {"FEAT_FlagM", "ID_AA64ISAR0_EL1", 52, 1},   {"FEAT_DPB", "ID_AA64ISAR1_EL1", 0, 1},
    {"FEAT_DPB2", "ID_AA64ISAR1_EL1", 0, 2},     {"FEAT_LRCPC", "ID_AA64ISAR1_EL1", 20, 1},
    {"FEAT_LRCPC2", "ID_AA64ISAR1_EL1", 20, 2},  {"FEAT_VHE", "ID_AA64MMFR1_EL1", 8, 1},
    {"FEAT_LOR", "ID_AA64MMFR1_EL1", 16, 1},     {"FEAT_PAN", "ID_AA64MMFR1_EL1", 20, 1},
    {"FEAT_PAN2", "ID_AA64MMFR1_EL1", 20, 2},    {"FEAT_PAN3", "ID_AA64MMFR1_EL1", 20, 3},
    {"FEAT_UAO", "ID_AA64MMFR2_EL1", 4, 1},      {"FEAT_LSE2", "ID_AA64MMFR2_EL1", 32, 1},
    {"FEAT_IDST", "ID_AA64MMFR2_EL1", 36, 1},    {"FEAT_E0PD", "ID_AA64MMFR2_EL1", 60, 1},
    {"FEAT_SEL2", "ID_AA64PFR0_EL1", 36, 1},     {"FEAT_DIT", "ID_AA64PFR0_EL1", 48, 1},
    {"FEAT_SSBS", "ID_AA64PFR1_EL1", 4, 1},      {"FEAT_BTI", "ID_AA64PFR1_EL1", 0, 1},
});

} // namespace

Profile read_profile(std::span<const std::uint64_t, WIRE_ID_COUNT> id) {
    Profile profile;
#define PROFILE_REGISTER(name, assembler) profile.registers[#name] = id[WIRE_ID_##name];
    WIRE_ID_REGISTERS(PROFILE_REGISTER)
#undef PROFILE_REGISTER
    profile.dczid_el0 = profile.registers.at("DCZID_EL0");
    profile.mte = static_cast<std::uint8_t>(field(profile, "ID_AA64PFR1_EL1", 8));
    // ID_AA64PFR1_EL1.MTE_frac = 0b1111: asynchronous faulting is not implemented.
    profile.mte_async = profile.mte >= 2 && field(profile, "ID_AA64PFR1_EL1", 40) != 0xf;
    profile.lse2 = field(profile, "ID_AA64MMFR2_EL1", 32) >= 1;
    profile.el2 = field(profile, "ID_AA64PFR0_EL1", 8) != 0;
    profile.el3 = field(profile, "ID_AA64PFR0_EL1", 12) != 0;
    profile.has_vectors = field(profile, "ID_AA64PFR0_EL1", 20) != 0xf; // AdvSIMD
    for (const Feature& feature : kFeatures)
        if (field(profile, feature.id_register, feature.low) >= feature.value)
            profile.features.emplace_back(feature.name);
    if (!profile.mte_async) std::erase(profile.features, "FEAT_MTE_ASYNC");
    return profile;
}

} // namespace mtecheck::difftest
