// SPDX-License-Identifier: Apache-2.0
//
// Tests that are stored, as a generator, so that campaigns run them like any other: test number `index`, whatever the
// seed and the shard.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "difftest/generate/generator.h"

namespace mtecheck::difftest {

/// `name` outlives the generator.
std::unique_ptr<Generator> make_stored_generator(std::string_view name, std::shared_ptr<const std::vector<Test>> tests,
                                                 const Profile& profile);

} // namespace mtecheck::difftest
