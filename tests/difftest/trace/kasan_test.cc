// SPDX-License-Identifier: Apache-2.0
//
// A piece of the trace of a kernel with KASAN: memory is allocated, freed, allocated again, and a test of the kernel's
// writes behind its end (docs/traces.md, "A whole kernel").
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kFault = 400; // the line of the store that KASAN reports

std::string piece() { return mtecheck::places::source() + "/docs/examples/kasan/kmalloc_oob_right.jsonl"; }

TraceResult judged_trace(const std::string& file) {
    JsonLinesReader reader(std::make_unique<LineReader>(file));
    LockstepSettings settings;
    settings.features = reader.header().features.value();
    settings.complete = reader.header().complete;
    settings.registers = reader.header().registers;
    settings.most_faults = 1;
    TraceResult result = judge_trace(reader, settings);
    CHECK(reader.skipped() == 0);
    return result;
}

/// What is judged of the piece when the lines are changed: by hand, so that the record is wrong.
template <class Change>
TraceResult judged_changed(const std::string& name, const Change& change) {
    std::vector<std::string> lines;
    std::ifstream in(piece());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    change(lines);
    const auto file = scratch_directory("kasan-" + name) / "trace.jsonl";
    std::ofstream out(file);
    for (const std::string& line : lines) out << line << "\n";
    out.close();
    return judged_trace(file.string());
}

TEST_CASE("what a kernel with KASAN did is judged, and its report explained") {
    const TraceResult result = judged_trace(piece());
    CHECK(result.instructions == 413);
    CHECK(result.judged.agreed == 59);
    CHECK(result.judged.diverged == 0);
    CHECK(result.judged.unknown == 1); // the first use of the page
    CHECK(result.tags_stored == 31);
    CHECK(result.tag_check_faults == 1);
    REQUIRE(result.faults.size() == 1);
    // BUG: KASAN: slab-out-of-bounds in kmalloc_oob_right+0xc4/0x230
    // Write at addr f4ffff8000b26470, Pointer tag: [f4], memory tag: [fe]
    const TagCheckFaultSeen& fault = result.faults[0];
    CHECK(fault.at.line == kFault);
    CHECK(fault.at.opcode == 0x3901c280); // strb w0, [x20, #112]
    CHECK(fault.address == 0xf4ffff8000b26470);
    CHECK(fault.logical_tag == 0x4);
    CHECK(fault.allocation_tag == 0xe);
    CHECK_FALSE(fault.at.decisions.empty());
}

TEST_CASE("a write that KASAN would miss diverges") {
    const TraceResult result = judged_changed("missed", [](std::vector<std::string>& lines) {
        lines.resize(kFault);
        const std::size_t end = lines.back().find(R"(,"exception")");
        REQUIRE(end != std::string::npos);
        lines.back() = lines.back().substr(0, end) + "}";
    });
    CHECK(result.tag_check_faults == 0);
    CHECK(result.judged.diverged == 1);
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings[0].line == kFault);
}

TEST_CASE("a Tag Check Fault with the tag that the memory has diverges") {
    const TraceResult result = judged_changed("reasonless", [](std::vector<std::string>& lines) {
        std::string& store = lines[kFault - 1];
        const std::string pointer = "0xf4ffff8000b264";
        unsigned changed = 0;
        for (std::size_t at = store.find(pointer); at != std::string::npos; at = store.find(pointer)) {
            store[at + 3] = 'e';
            ++changed;
        }
        REQUIRE(changed == 3); // X20 before and after, and FAR_EL1
    });
    CHECK(result.tag_check_faults == 0);
    CHECK(result.judged.diverged == 1);
}

} // namespace
} // namespace mtecheck::difftest
