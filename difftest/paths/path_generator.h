// SPDX-License-Identifier: Apache-2.0
//
// The path corpus as a generator of tests, so that campaigns run it like any other: test number `index` of the corpus,
// whatever the seed and the shard.
#pragma once

#include <memory>

#include "difftest/generate/generator.h"
#include "difftest/paths/path_corpus.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kPathGenerator = "paths";

std::unique_ptr<Generator> make_path_generator(std::shared_ptr<const PathCorpus> corpus, const Profile& profile);

} // namespace mtecheck::difftest
