// SPDX-License-Identifier: Apache-2.0
//
// The model agrees with everything that Arm's pseudocode did.
#include <chrono>
#include <iostream>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/json.h"
#include "difftest/golden/golden_run.h"
#include "spec/disassemble.h"

using namespace mtecheck::difftest;

namespace {

constexpr std::uint64_t kCases = 45418;

std::string describe(const GoldenCase& golden, const Verdict& verdict) {
    std::ostringstream out;
    out << golden.input.id << ": " << mtecheck::spec::disassemble(golden.input.sequence.code.back());
    for (const auto& difference : verdict.differences) {
        out << "\n    " << difference.field << ": the model expects " << difference.expected << ", the pseudocode gave "
            << difference.got;
    }
    return out.str();
}

} // namespace

TEST_CASE("the model agrees with the golden corpus", "[golden]") {
    Judge judge(model_profile());
    GoldenCounts total;
    for (const auto& file : golden_files(MTECHECK_SOURCE_DIR "/corpus/golden")) {
        std::uint64_t shown = 0;
        total += run_golden(file, judge, [&](const GoldenCase& golden, const Verdict& verdict) {
            if (++shown <= 3) UNSCOPED_INFO(describe(golden, verdict));
        });
        CHECK(shown == 0);
    }
    CHECK(total.cases == kCases);
    CHECK(total.agreed == kCases);
}

TEST_CASE("mutants of the model disagree with the golden corpus", "[golden]") {
    for (const char* mutation : {"tcma_ignored", "wnr_wrong", "tco_not_set_on_exception"}) {
        Judge judge(model_profile(), parse_mutations(mutation, "test"));
        std::uint64_t diverged = 0;
        for (const char* file : {"v94_ldst_uimm.golden.xz", "v94_ctx_el2.golden.xz"}) {
            diverged += run_golden(std::filesystem::path(MTECHECK_SOURCE_DIR "/corpus/golden") / file, judge,
                                   [](const GoldenCase&, const Verdict&) {})
                            .diverged;
        }
        INFO(mutation);
        CHECK(diverged > 0);
    }
}
