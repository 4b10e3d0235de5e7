// SPDX-License-Identifier: Apache-2.0
//
// Which encodings an implementation has, found out by running each: one that it skips without a word, or refuses, is no
// bug of its tag checks, and must not count as judged.
#pragma once

#include <string>
#include <vector>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// The ids of encodings that `profile` promises, and of which nothing was seen: in every state in which the model is
/// sure of an effect on registers, memory or tags, the target refuses the instruction, calls it UNDEFINED, or goes on
/// with nothing changed. Encodings without a visible effect (NOP, DMB) are believed. For cases of LayoutId::simulator.
std::vector<std::string> absent_encodings(Target& target, const Profile& profile);

} // namespace mtecheck::difftest
