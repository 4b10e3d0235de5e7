// SPDX-License-Identifier: Apache-2.0
//
// The model agrees with everything that Arm's pseudocode did.
#include <algorithm>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/json.h"
#include "difftest/golden/golden_run.h"
#include "difftest/judge/features.h"
#include "difftest/judge/oracle.h"
#include "model/machine/tracing_machine.h"
#include "spec/disassemble.h"
#include "tests/places.h"

using namespace mtecheck::difftest;

namespace {

constexpr std::uint64_t kCases = 45418;
constexpr std::uint64_t kByChoice = 142; // RES0 bits that keep what is written to them

/// Every byte (its address) and granule tag (its address with the top bit set) that was written, in order.
std::vector<std::uint64_t> written(mtecheck::model::TracingMachine& machine) {
    std::vector<std::uint64_t> result;
    for (const auto& granule : machine.memory().written()) {
        for (unsigned i = 0; i < 16; ++i) {
            if ((granule.bytes >> i & 1U) != 0) result.push_back(granule.pa + i);
        }
        if (granule.tag) result.push_back(granule.pa | std::uint64_t{1} << 63U);
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<std::uint64_t> written(const GoldenCase& golden) {
    const Windows& windows = golden.input.state.windows;
    std::vector<std::uint64_t> result;
    for (const auto& run : golden.written) {
        for (unsigned i = 0; i < run.bytes; ++i) result.push_back(windows[run.window].pa + run.offset + i);
    }
    for (std::size_t w = 0; w < windows.size(); ++w) {
        for (unsigned granule = 0; granule < kWindowGranules; ++granule) {
            if ((golden.written_tags[w] >> granule & 1U) != 0) {
                result.push_back((windows[w].pa + 16 * granule) | std::uint64_t{1} << 63U);
            }
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

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
    for (const auto& file : golden_files(mtecheck::places::source() + "/corpus/golden")) {
        std::uint64_t shown = 0;
        total += run_golden(file, judge, [&](const GoldenCase& golden, const Verdict& verdict) {
            if (++shown <= 3) UNSCOPED_INFO(describe(golden, verdict));
        });
        CHECK(shown == 0);
    }
    CHECK(total.cases == kCases);
    CHECK(total.agreed == kCases);
    CHECK(total.by_choice == kByChoice);
}

TEST_CASE("the model writes exactly the bytes and tags that the pseudocode wrote", "[golden][slow]") {
    using Machine = mtecheck::model::TracingMachine;
    Oracle<Machine> oracle(model_profile());
    Expectation expectation;
    std::uint64_t different = 0;
    for (const auto& file : golden_files(mtecheck::places::source() + "/corpus/golden")) {
        const std::string packed = read_file(file);
        GoldenReader reader(packed, file.string());
        GoldenCase golden;
        while (reader.next(golden)) {
            oracle.load(golden.input.sequence);
            oracle.run(golden.input.state, {}, expectation);
            expectation.allowances.clear();
            if (!agrees(expectation, golden.outcome)) continue; // another choice, or something left open
            if (written(oracle.machine()) != written(golden) && ++different <= 5) UNSCOPED_INFO(golden.input.id);
        }
    }
    CHECK(different == 0);
}

TEST_CASE("mutants of the model disagree with the golden corpus", "[golden][slow]") {
    for (const char* mutation : {"tcma_ignored", "wnr_wrong", "tco_not_set_on_exception"}) {
        Judge judge(model_profile(), parse_mutations(mutation, "test"));
        std::uint64_t diverged = 0;
        for (const char* file : {"v94_ldst_uimm.golden.xz", "v94_ctx_el2.golden.xz"}) {
            diverged += run_golden(std::filesystem::path(mtecheck::places::source() + "/corpus/golden") / file, judge,
                                   [](const GoldenCase&, const Verdict&) {})
                            .diverged;
        }
        INFO(mutation);
        CHECK(diverged > 0);
    }
}
