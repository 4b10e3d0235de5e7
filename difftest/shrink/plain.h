// SPDX-License-Identifier: Apache-2.0
//
// What a plain case is, and how far a case is from it. A plain case runs one instruction at EL1 in the configuration
// that base_configuration() calls the most ordinary one, from registers, memory and allocation tags that are all zero.
//
// Invariant: cost() is a function of the case and the profile; every simplification lowers it, so that no series of
// simplifications is endless and a case that was reduced is never larger than before.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// The plainest configuration with the Exception level of `like`, and with HCR_EL2.E2H if it has that.
Configuration plain_configuration(const Profile& profile, const Configuration& like);

/// Part of a field of Configuration that makes sense alone: a named field of the register, or a bit without a name.
struct Piece {
    std::string_view name; // of the field of Configuration, as each_configuration_field() has it
    std::uint64_t mask = 0;
};

/// In which pieces two configurations differ. The layout of registers is that of `configuration`.
std::vector<Piece> pieces_that_differ(const Configuration& configuration, const Configuration& plain);

std::uint64_t value_of(const Configuration& configuration, std::string_view name);
void set_value(Configuration& configuration, std::string_view name, std::uint64_t value);

std::uint64_t cost(const Case& value, const Profile& profile);

} // namespace mtecheck::difftest
