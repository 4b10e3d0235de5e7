// SPDX-License-Identifier: Apache-2.0
//
// Traces in JSON Lines: what is read, what is refused, and what is skipped and counted.
#include "difftest/trace/json_lines.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "spec/schema_validator.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/trace/samples.h"

namespace mtecheck::difftest {
namespace {

using namespace sample;

std::string refused(const std::string& line) {
    TraceRecord record;
    const char* why = "it was read";
    if (parse_trace_record(line, record, why)) return "it was read";
    return why;
}

TEST_CASE("a record is read as it was written") {
    TraceRecord record;
    const char* why = nullptr;
    REQUIRE(parse_trace_record(
        R"({ "cpu":3, "pc":"0x1000", "op":"0xf9400023", "el":1, "spsel":1, "before":{"X1":"0x5","sp":"0x10"},)"
        R"( "after":{"x3":"0x77","TFSR_EL1":"0x1","V0_MADE_UP":"0x0"}, "exception":"synchronous", "to_el":2,)"
        R"( "memory":[{"op":"read","va":"0x5","pa":"0x80","data":"00112233445566778899aabbccddeeff0102"},)"
        R"({"op":"write","va":"0x50","size":8}], "translations":[{"va":"0x5000","pa":"0x9000"}]})",
        record, why));
    CHECK(record.cpu == 3);
    CHECK(record.pc == 0x1000);
    CHECK(record.opcode == 0xf9400023);
    CHECK(record.el == 1);
    REQUIRE(record.before.size() == 2);
    CHECK(record.before[0].id == RegisterId::x(1));
    CHECK(record.before[1].id == RegisterId::sp());
    REQUIRE(record.after.size() == 2); // registers that the model does not know do not matter
    CHECK(record.after[1].id == RegisterId::system(spec::Reg::TFSR_EL1));
    CHECK(record.exception == TraceRecord::Exception::synchronous);
    CHECK(record.to_el == 2);
    REQUIRE(record.accesses.size() == 3);
    CHECK(record.accesses[0].size == 16);
    CHECK(record.accesses[0].data[15] == 0xff);
    CHECK(record.accesses[1].va == 0x15);
    CHECK(record.accesses[1].pa == 0x90);
    CHECK(record.accesses[1].known == 3);
    CHECK(record.accesses[2].write);
    CHECK(record.accesses[2].known == 0);
    REQUIRE(record.translations.size() == 1);
    CHECK(record.translations[0].va == 0x5000);
    CHECK(record.translations[0].pa == 0x9000);
}

TEST_CASE("tags are told by granule, and the mode of a process by the word of prctl") {
    TraceRecord record;
    const char* why = nullptr;
    REQUIRE(parse_trace_record(R"({"tags":[{"va":"0x1000","tags":"5a"},{"va":"0x2000","tags":"0"}]})", record, why));
    REQUIRE(record.tags.size() == 3);
    CHECK(record.tags[1].va == 0x1010);
    CHECK(record.tags[1].tag == 0xa);
    CHECK(record.tags[2].va == 0x2000);
    record.clear();
    CHECK(record.tags.empty());

    // PR_TAGGED_ADDR_ENABLE, PR_MTE_TCF_SYNC, and all tags but 0.
    REQUIRE(parse_trace_record(R"({"after":{"tagged_addr_ctrl":"0x7fff3"}})", record, why));
    REQUIRE(record.after.size() == 2);
    CHECK(record.after[0].id == RegisterId::system(spec::Reg::SCTLR_EL1));
    CHECK(record.after[0].value == std::uint64_t{1} << 38);
    CHECK(record.after[0].known == std::uint64_t{3} << 38);
    CHECK(record.after[1].id == RegisterId::system(spec::Reg::GCR_EL1));
    CHECK(record.after[1].value == 0x10001);
    // Of several modes the CPU chooses.
    REQUIRE(parse_trace_record(R"({"after":{"tagged_addr_ctrl":"0x7"}})", record, why));
    CHECK(record.after[0].known == 0);
    CHECK(record.after[0].unknown == std::uint64_t{3} << 38);
}

TEST_CASE("records that are not as they should be are refused with a reason") {
    const char* const no_tags = "tags are not the address of a granule and a digit for each from there on";
    CHECK(refused(R"({"tags":[{"va":"0x1000","tags":"5g"}]})") == no_tags);
    CHECK(refused(R"({"tags":[{"va":"0x1000"}]})") == no_tags);
    CHECK(refused(R"({"tags":[]})") == no_tags);
    CHECK(refused(R"({"tags":[{"va":"0x1008","tags":"5"}]})") == no_tags);
    CHECK(refused(R"({"tags":[{"va":"0x1000","va":"0x2000","tags":"5"}]})") == no_tags);
    CHECK(refused("") == "it is not a JSON object, or was cut");
    CHECK(refused(R"({"pc":"0x1000","op":"0xf94)") != "it was read");
    CHECK(refused(R"({"pc":"0x1000"})") == "pc and op belong together");
    CHECK(refused(R"({"pc":"0x1002","op":"0x0"})") == "pc is not a multiple of 4");
    CHECK(refused(R"({"pc":"0x1000","op":"0x100000000"})") == "op has more than 32 bits");
    CHECK(refused(R"({"pc":4096,"op":"0x0"})") == "a value is not \"0x\" and 1 to 16 digits");
    CHECK(refused(R"({"cpu":1,"cpu":1})") == "it has a member twice");
    CHECK(refused(R"({"cpu":1024})") == "cpu is not a number below 1024");
    CHECK(refused(R"({"frob":1})") == "it has a member that records do not have");
    CHECK(refused(R"({"to_el":1})") == "to_el without an exception");
    CHECK(refused(R"({"exception":"none"})") == "exception is neither synchronous nor interrupt");
    CHECK(refused(R"({"memory":[{"op":"read","va":"0x0","data":"0"}]})") != "it was read");
    CHECK(refused(R"({"translations":[{"va":"0x0"}]})") == "a translation is not an object with va and pa");
    CHECK(refused(R"({"translations":[{"va":"0x0","va":"0x1000","pa":"0x0"}]})") != "it was read");
    CHECK(refused(R"({"translations":[{"va":"0x0","pa":"0x00000000000000000"}]})") != "it was read");
    CHECK(refused(R"({"cpu":1} x)") != "it was read");
    CHECK(refused("{}") == "it was read");
}

TEST_CASE("every record that is cut somewhere is refused") {
    const std::string line = record(0, kLdrX1 + R"(,"memory":[{"op":"read","va":"0x1","data":"77"}])");
    for (std::size_t size = 0; size + 2 < line.size(); ++size) {
        CAPTURE(size);
        CHECK(refused(line.substr(0, size)) != "it was read");
    }
}

TEST_CASE("what is no trace is refused with its place") {
    const auto open = [](const std::string& text) { JsonLinesReader(std::make_unique<LineReader>("file", text)); };
    CHECK_THROWS_AS(open(""), InputError);
    CHECK_THROWS_AS(open("\x7f"
                         "ELF"),
                    InputError);
    CHECK_THROWS_AS(open(R"({"schema":"mtecheck-case/1"})"), InputError);
    CHECK_THROWS_AS(open(R"({"schema":"mtecheck-trace/1","complete":true,"features":["FEAT_NOTHING"]})"), InputError);
    CHECK_THROWS_AS(open(R"({"schema":"mtecheck-trace/1","complete":true,"more":1})"), InputError);
    CHECK_THROWS_AS(open(std::string(3 << 20, ' ')), InputError);
    CHECK_NOTHROW(open(kHeader));
}

TEST_CASE("lines that cannot be read are skipped and counted, however long they are") {
    const std::string text = kHeader + kAddg + std::string(5 << 20, 'x') + "\n" + kStg + "{\"pc\"\n" + kLdg;
    JsonLinesReader reader(std::make_unique<LineReader>("file", text));
    TraceRecord record;
    std::vector<std::uint64_t> lines;
    while (reader.next(record)) {
        if (!record.after_a_gap) lines.push_back(record.line);
    }
    CHECK(lines == std::vector<std::uint64_t>{2, 4, 6});
    CHECK(reader.skipped() == 2);
    REQUIRE(reader.first_skipped().size() == 2);
    CHECK(reader.first_skipped()[0].line == 3);
    CHECK(reader.first_skipped()[1].line == 5);
}

TEST_CASE("traces and reports are valid by the published schemas") {
    const auto valid = [](const std::string& format, const std::string& text) {
        for (const auto& error : spec::validate(published_schema(format), nlohmann::json::parse(text)))
            FAIL_CHECK(format << error.place << ": " << error.problem);
    };
    for (const std::string& line : {kHeader, kAddg, kStg, kLdg, record(3, kLdrX1)}) valid("mtecheck-trace/1", line);
    TraceReport report;
    report.trace = "sample";
    report.format = "jsonl";
    report.memory = "learn";
    report.features = {"FEAT_MTE"};
    report.first_skipped = {{3, "why"}};
    report.result = judged(kHeader + kAddg + kStg + record(2, kLdrX0) + kLdg);
    valid("mtecheck-trace-report/1", dump(to_json(report)));
    CHECK(to_text(report).find("sample:4: 0x1008") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
