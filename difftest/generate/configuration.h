// SPDX-License-Identifier: Apache-2.0
//
// The control state of sequences: a base that every bare-metal target can set up, and what the generator varies.
//
// Sequences that follow each other share most of their configuration (see kConfigurationRun), because targets pay
// for every write to SCTLR_ELx and TCR_ELx.
#pragma once

#include <array>
#include <cstdint>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/generate/random.h"
#include "model/machine/native_machine.h"

namespace mtecheck::difftest {

/// So many successive sequences of a shard share system registers and Exception level.
inline constexpr std::uint64_t kConfigurationRun = 16;

/// Stage 1 on with the arena's map, caches on, access to allocation tags enabled at every EL, synchronous checks,
/// top byte ignored, no traps: the most ordinary state in which MTE does its work.
/// Host configurations (HCR_EL2.E2H = 1) are not ordinary; ConfigurationGenerator draws them.
Configuration base_configuration(const Profile& profile, unsigned el);

/// Turns a base configuration of EL0, EL1 or EL2 into one with HCR_EL2.E2H = 1.
void make_host(Configuration& out, bool tge);

class ConfigurationGenerator {
  public:
    explicit ConfigurationGenerator(const Profile& profile);

    /// A configuration that the profile has: mostly ordinary, each unusual value with a probability of its own.
    /// `system` drives the part that a run of sequences shares, `sequence` the rest (TCO, PAN, UAO, SPSel).
    Configuration draw(Random& system, Random& sequence) const;

    /// Whether a target with the profile can be given PSTATE.TCO = 1.
    bool can_set_tco() const { return !profile_.simulator && (!profile_.process || profile_.mte >= 2); }

    /// SPSR_ELx of the Exception level, EL1 or EL2: mostly of a legal return, to the same level or a lower one.
    void draw_return(Random& random, Configuration& out) const;

  private:
    Profile profile_;
    model::FeatureSet features_;
    bool dit_ = false;
    bool ssbs_ = false;
};

/// HCR_EL2.E2H
bool host_el2(const Configuration& configuration);

/// How addresses are read by data accesses from Configuration::el.
struct AddressRegime {
    bool two_ranges = false;
    std::array<bool, 2> tbi{};  // by bit 55 of the address
    std::array<bool, 2> tcma{}; // by bit 55 of the address
};

AddressRegime address_regime(const Configuration& configuration);

} // namespace mtecheck::difftest
