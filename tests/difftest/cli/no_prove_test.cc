// SPDX-License-Identifier: Apache-2.0
//
// A program without proofs says so, and does everything else.
#include <catch2/catch_test_macros.hpp>

#include "tests/difftest/cli/child_process.h"

namespace mtecheck::difftest {
namespace {

TEST_CASE("a build without proofs says so in one line, with exit status 2") {
    const Ended ended = mtecheck({"prove"});
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("built without proofs") != std::string::npos);
    CHECK(mtecheck({"prove", "--help"}).status == 0);
}

} // namespace
} // namespace mtecheck::difftest
