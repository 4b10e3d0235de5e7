// SPDX-License-Identifier: Apache-2.0
//
// The path corpus as a generator of tests.
#pragma once

#include <memory>

#include "difftest/generate/generator.h"
#include "difftest/paths/path_corpus.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kPathGenerator = "paths";

std::unique_ptr<Generator> make_path_generator(const std::shared_ptr<const PathCorpus>& corpus, const Profile& profile);

} // namespace mtecheck::difftest
