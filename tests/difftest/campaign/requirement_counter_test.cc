// SPDX-License-Identifier: Apache-2.0
//
// What counts as exercising a requirement: an encoding, an access to one of its registers, a decision.
#include "difftest/campaign/requirement_counter.h"

#include <catch2/catch_test_macros.hpp>

using namespace mtecheck;
using namespace mtecheck::difftest;

namespace {

bool exercised(const Coverage& coverage, const char* id) {
    static const RequirementCounter counter;
    return counter.exercised(coverage)[static_cast<std::size_t>(*spec::find_requirement(id))];
}

/// An MRS or MSR of a register that was begun.
Coverage access(spec::Reg reg, bool write) {
    Coverage coverage;
    coverage.encodings.set(static_cast<std::size_t>(write ? spec::Encoding::MSR_reg : spec::Encoding::MRS));
    coverage.accesses.set(2 * static_cast<std::size_t>(reg) + (write ? 1U : 0U));
    return coverage;
}

} // namespace

TEST_CASE("an MRS or MSR exercises the requirements of its register only") {
    CHECK(exercised(access(spec::Reg::GMID_EL1, true), "MTE-BULK-009"));
    CHECK_FALSE(exercised(access(spec::Reg::GMID_EL1, false), "MTE-BULK-009")); // about MSR
    CHECK_FALSE(exercised(access(spec::Reg::GCR_EL1, true), "MTE-BULK-009"));
    CHECK(exercised(access(spec::Reg::TCO, false), "MTE-TCO-006"));
    CHECK_FALSE(exercised(access(spec::Reg::NZCV, false), "MTE-TCO-006"));
    CHECK(exercised(access(spec::Reg::TFSR_EL3, false), "MTE-TRAP-001"));
    CHECK_FALSE(exercised(access(spec::Reg::TCO, false), "MTE-TRAP-001"));
}

TEST_CASE("a decision is needed as well where the row names some") {
    Coverage coverage = access(spec::Reg::TFSR_EL12, false);
    CHECK_FALSE(exercised(coverage, "MTE-ASYNC-011"));
    coverage.decisions.insert(spec::Decision::E2H, true);
    CHECK(exercised(coverage, "MTE-ASYNC-011"));
    CHECK_FALSE(exercised(coverage, "MTE-ASYNC-008")); // of TFSR_EL2
}

TEST_CASE("another encoding of the row counts without a register") {
    Coverage coverage;
    coverage.encodings.set(static_cast<std::size_t>(spec::Encoding::MSR_imm_TCO));
    CHECK(exercised(coverage, "MTE-TCO-006"));
}
