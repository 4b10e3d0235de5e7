// SPDX-License-Identifier: Apache-2.0
//
// What is judged agreed, diverged or unknown, and what is learnt.
#include <catch2/catch_test_macros.hpp>

#include "difftest/core/json_reader.h"
#include "tests/difftest/trace/samples.h"

namespace mtecheck::difftest {
namespace {

using namespace sample;

void counts(const TraceResult& result, std::uint64_t agreed, std::uint64_t diverged, std::uint64_t unknown) {
    CHECK(result.judged.agreed == agreed);
    CHECK(result.judged.diverged == diverged);
    CHECK(result.judged.unknown == unknown);
}

TEST_CASE("a trace of an implementation that is right agrees") {
    const TraceResult result = judged(
        kHeader + kAddg + kStg + kLdg + record(3, kLdrX1) +
        record(4, R"("op":"0xf9400004","exception":"synchronous","to_el":1,)"
                  R"("after":{"ESR_EL1":"0x92000011","FAR_EL1":"0x100000","ELR_EL1":"0x1010","SPSR_EL1":"0x0"})"));
    counts(result, 5, 0, 0);
    CHECK(result.tags_stored == 1);
    CHECK(result.findings.empty());
}

TEST_CASE("a missing tag check fault is a finding with its place, decisions and requirements") {
    const TraceResult result = judged(kHeader + kAddg + kStg + record(2, kLdrX0) + record(3, kLdrX0));
    // The tag is not relied on after a divergence.
    counts(result, 2, 1, 1);
    REQUIRE(result.findings.size() == 1);
    const TraceFinding& finding = result.findings.front();
    CHECK(finding.line == 4);
    CHECK(finding.pc == 0x1008);
    CHECK(finding.pseudocode == "aarch64_instrs_memory_single_general_immediate_unsigned");
    REQUIRE(finding.differences.size() == 1);
    CHECK(finding.differences[0].what == "exception");
    CHECK(finding.decisions.back().function == "AArch64.TagCheckFault");
    CHECK_FALSE(finding.requirements.empty());
}

TEST_CASE("a tag that the trace tells is held against what follows, from the first access on") {
    const std::string told = R"({"tags":[{"va":"0x100000","tags":"5"}]})"
                             "\n";
    const auto with = [&](const std::string& what) {
        return judged(kHeader + kAddg + told + what, MemoryIs::not_known);
    };
    counts(with(record(1, kLdrX1)), 2, 0, 0);
    counts(with(record(1, kLdrX0)), 1, 1, 0); // tag 0 in the address
    counts(judged(kHeader + kAddg + record(1, kLdrX1), MemoryIs::not_known), 1, 0, 1);
}

TEST_CASE("in a complete trace a register that the record does not tell is what it was") {
    // ldr x1, [x1], whose data are not told, loads what X1 holds; then ldr x3, [x1] needs it.
    const std::string load = record(2, R"("op":"0xf9400021")");
    counts(judged(kHeader + kAddg + kStg + load + record(3, kLdrX1)), 4, 0, 0);
}

TEST_CASE("a process of Linux is judged by the word of prctl") {
    const auto of = [](const std::string& word) {
        return judged(
            R"({"schema":"mtecheck-trace/1","complete":true,"scope":"process","registers":{)"
            R"("ID_AA64PFR1_EL1":"0x300","ID_AA64ISAR3_EL1":"0x0","MIDR_EL1":"0xf0510","tagged_addr_ctrl":")" +
                word + "\"}}\n" + kAddg + R"({"tags":[{"va":"0x100000","tags":"5"}]})" + "\n" + record(1, kLdrX0),
            MemoryIs::not_known);
    };
    counts(of("0x7fffb"), 1, 1, 0); // synchronous: a fault is missing
    counts(of("0x7fff9"), 2, 0, 0); // no checks
    counts(of("0x7ffff"), 1, 0, 1); // that of the CPU, which is not known
}

TEST_CASE("results that differ are findings") {
    counts(judged(kHeader + kAddg + kStg + record(2, R"("op":"0xd9600022","after":{"x2":"0x600000000000000"})")), 2, 1,
           0);
    // SUBP x3, x1, x0
    counts(judged(kHeader + kAddg + record(1, R"("op":"0x9ac00023","after":{"x3":"0x0"})")), 2, 0, 0);
    counts(judged(kHeader + kAddg + record(1, R"("op":"0x9ac00023","after":{"x3":"0x1"})")), 1, 1, 0);
    // A register that was to change and did not: STG x1, [x1], #16.
    counts(judged(kHeader + kAddg + record(1, R"("op":"0xd9201421","after":{"x1":"0x500000000100010"})")), 2, 0, 0);
    counts(judged(kHeader + kAddg + record(1, R"("op":"0xd9201421")")), 1, 1, 0);
    // A tag check fault of untagged access.
    counts(
        judged(kHeader + kAddg + kStg +
               record(2, R"("op":"0xf9400023","exception":"synchronous","to_el":1,"after":{"ESR_EL1":"0x92000011"})")),
        2, 1, 0);
    // Data: STR x1, [x1] writes what X1 holds.
    const std::string store = R"("op":"0xf9000021","memory":[{"op":"write","va":"0x100000","data":")";
    counts(judged(kHeader + kAddg + kStg + record(2, store + R"(0000100000000005"}])")), 3, 0, 0);
    counts(judged(kHeader + kAddg + kStg + record(2, store + R"(0000200000000005"}])")), 2, 1, 0);
}

TEST_CASE("what the trace does not tell is unknown, never a pass") {
    const std::string bare = R"({"schema":"mtecheck-trace/1","complete":true,"features":["FEAT_MTE3"]})"
                             "\n";
    const TraceResult result = judged(bare + kAddg + kStg + kLdg + record(3, kLdrX1));
    counts(result, 0, 0, 4);
    REQUIRE_FALSE(result.reasons.empty());
    CHECK(result.reasons.front().what.find("is not known") != std::string::npos);
    // An operand.
    counts(judged(kHeader + record(0, R"("op":"0x91801401","el":0,"after":{"x1":"0x500000000100000"})")), 0, 0, 1);
}

TEST_CASE("the first loads and checks of a granule teach its tag") {
    const std::string base = R"({"pc":"0x1000","op":"0xd503201f","el":0,"spsel":0,)"
                             R"("before":{"x0":"0x100000","x1":"0x500000000100000","x2":"0x0","pstate":"0x0"}})"
                             "\n";
    // LDG, then a check.
    TraceResult result = judged(kHeader + base + record(1, R"("op":"0xd9600022","after":{"x2":"0x500000000000000"})") +
                                record(2, kLdrX1) + record(3, kLdrX0));
    counts(result, 1, 1, 1);
    CHECK(result.tags_learnt == 1);
    // A check that passed, then LDG.
    result = judged(kHeader + base + record(1, kLdrX1) +
                    record(2, R"("op":"0xd9600022","after":{"x2":"0x500000000000000"})") +
                    record(3, R"("op":"0xd9600022","after":{"x2":"0x600000000000000"})"));
    counts(result, 1, 1, 1);
    CHECK(result.tags_learnt == 1);
    // With checks that are ignored nothing follows, and either outcome is right.
    std::string ignored = kHeader;
    ignored.replace(ignored.find("0x44000000005"), 13, "0x40000000005");
    result = judged(ignored + base + record(1, kLdrX1));
    counts(result, 1, 0, 0);
    CHECK(result.tags_learnt == 0);
}

TEST_CASE("whether memory is Tagged is learnt where the trace shows it") {
    const TraceResult result =
        judged(kHeader + kAddg + kStg + kLdg + record(3, R"("op":"0xd9600022","after":{"x2":"0x500000000000000"})") +
                   record(4, R"("op":"0xd9600022","after":{"x2":"0x0"})"),
               MemoryIs::not_known);
    // The first LDG shows that the memory is Tagged, from then on it is held against the implementation.
    counts(result, 3, 1, 1);
    // Memory may be Untagged as long as nothing shows otherwise.
    counts(judged(kHeader + kAddg + kStg + record(2, R"("op":"0xd9600022","after":{"x2":"0x0"})"), MemoryIs::not_known),
           2, 0, 1);
    counts(judged(kHeader + kAddg + kStg + record(2, R"("op":"0xd9600022","after":{"x2":"0x0"})")), 2, 1, 0);
    // It cannot have any tag but its own, or none.
    counts(judged(kHeader + kAddg + kStg + record(2, R"("op":"0xd9600022","after":{"x2":"0x600000000000000"})"),
                  MemoryIs::not_known),
           2, 1, 0);
}

TEST_CASE("exceptions that the model cannot know of are adopted") {
    // A translation fault.
    const TraceResult result =
        judged(kHeader + kAddg +
               record(1, R"("op":"0xf9400023","exception":"synchronous","to_el":1,"after":{"ESR_EL1":"0x92000006"})"));
    counts(result, 1, 0, 0);
    CHECK(result.adopted_exceptions == 1);
}

TEST_CASE("a gap and a line that cannot be read make what was known unknown") {
    TraceResult result =
        judged(kHeader + kAddg + kStg + record(7, R"("op":"0xd9600022","after":{"x2":"0x500000000000000"})"));
    counts(result, 2, 0, 1);
    CHECK(result.gaps == 1);
    result = judged(kHeader + kAddg + kStg + "{\"pc\":\n" + kLdg);
    counts(result, 2, 0, 1);
    CHECK(result.gaps == 1);
}

TEST_CASE("in a trace of few instructions only what a record says before it is known") {
    std::string partial = kHeader;
    partial.replace(partial.find("true"), 4, "false");
    const std::string before = R"("el":0,"before":{"x0":"0x100000","x1":"0x500000000100000","pstate":"0x0"})";
    const TraceResult result =
        judged(partial + kAddg + record(9, R"("op":"0xd9200821",)" + before) +
               record(40, R"("op":"0xd9600022","after":{"x2":"0x500000000000000"})") +
               record(50, R"("op":"0xd9600022",)" + before + R"(,"after":{"x2":"0x500000000000000"})"));
    counts(result, 2, 0, 2); // X1 is not known at the third; at the fourth X2 is not, below the tag
}

TEST_CASE("each processor has its registers, and tags are common") {
    const TraceResult result = judged(
        kHeader + kAddg + kStg +
        R"({"cpu":1,"pc":"0x5000","op":"0xd9600022","el":0,"spsel":0,"before":{"x1":"0x100000","x2":"0x0","pstate":"0x0"},)"
        R"("after":{"x2":"0x500000000000000"}})"
        "\n" +
        record(2, R"("op":"0xd9600022","after":{"x2":"0x500000000000000"})"));
    counts(result, 4, 0, 0);
}

TEST_CASE("the physical address of a page is what its tags are kept by") {
    const std::string at =
        R"(,"memory":[{"op":"read","va":"0x500000000100000","pa":"0x80000000","data":"7700000000000000"}])";
    const std::string other =
        R"({"pc":"0x1010","op":"0xf9400004","before":{"x0":"0x400000000200000"},"after":{"x4":"0x77"},)"
        R"("memory":[{"op":"read","va":"0x200000","pa":"0x80000000","data":"7700000000000000"}]})"
        "\n";
    const TraceResult result = judged(kHeader + kAddg + kStg + kLdg + record(3, kLdrX1 + at) + other);
    CHECK(result.judged.diverged == 1); // another name of the granule, with another tag
}

TEST_CASE("random tags have to be allowed ones") {
    std::string random = kHeader;
    random.replace(random.find(R"("GCR_EL1":"0x0")"), 15, R"("GCR_EL1":"0x1fff0")");
    const std::string irg =
        R"({"pc":"0x1000","op":"0x9adf1005","el":0,"before":{"x0":"0x100000","pstate":"0x0"},"after":{"x5":)";
    counts(judged(random + irg + "\"0x300000000100000\"}}\n"), 1, 0, 0);
    counts(judged(random + irg + "\"0x500000000100000\"}}\n"), 0, 1, 0);
}

} // namespace
} // namespace mtecheck::difftest
