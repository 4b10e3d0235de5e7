// SPDX-License-Identifier: Apache-2.0
//
// Configuration classes: paths are enumerated, counted and reported for each. A class fixes the Exception level and the
// translation regime; everything else that a target can be set up with is free within it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

struct PathClass {
    std::string_view name;
    std::uint8_t el = 0;
    bool e2h = false;          ///< HCR_EL2.E2H
    bool el2_disabled = false; ///< Secure state without Secure EL2
};

std::span<const PathClass> path_classes();

/// Whether an encoding is the last of its kind: of those that have the same pseudocode and access memory in the same
/// way. It is one that accesses more than a byte, if any does. The paths of called functions are enumerated with these.
bool stands_for_its_kind(const spec::EncodingInfo& info);
/// Whether the paths of an encoding are enumerated in a class. That EL2 is disabled matters to what EL2 traps and to
/// access to Allocation Tags: elsewhere the encodings that stand for their kind are enough.
bool applies(const PathClass& path_class, const spec::EncodingInfo& info);
/// The class in which accesses that are not aligned are enumerated: EL0 and EL1 in turn.
bool has_unaligned(const PathClass& path_class, const spec::EncodingInfo& info);

/// The class of a configuration, as an index.
std::size_t class_of(const Configuration& configuration);

/// Everything on, in a class: what cases are like unless their path needs something else.
Configuration class_configuration(const PathClass& path_class, const Profile& profile);

} // namespace mtecheck::difftest
