// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_generator.h"

#include "difftest/generate/stored_generator.h"

namespace mtecheck::difftest {

std::unique_ptr<Generator> make_path_generator(const std::shared_ptr<const PathCorpus>& corpus,
                                               const Profile& profile) {
    return make_stored_generator(kPathGenerator, {corpus, &corpus->tests()}, profile);
}

} // namespace mtecheck::difftest
