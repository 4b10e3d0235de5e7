// SPDX-License-Identifier: Apache-2.0
//
// Findings as files: what is written is read back, and hostile files are refused in one line.
#include "difftest/findings/finding.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/core/layout.h"

namespace mtecheck::difftest {
namespace {

Finding example() {
    Finding finding;
    finding.original.id = "random/1/2/3/4";
    finding.original.sequence.pc = ARENA_CODE_VA;
    finding.original.sequence.code = {0xd503201f, 0xd9200820};
    finding.original.state.x[1] = 0x0300000140600000;
    finding.original.state.windows.resize(1);
    finding.original.state.windows[0].pa = ARENA_PA;
    finding.target = "qemu-system";
    finding.version = "QEMU emulator version 7.2.22";
    finding.confirmation = Confirmation::confirmed;
    finding.shortest = finding.original;
    finding.shortest->sequence.code.resize(1);
    finding.expected.status = Status::completed;
    finding.got.status = Status::crashed;
    finding.got.note = "died";
    finding.signature = {"STG", "completed", "crashed", "tag"};
    finding.explained_by = {"a-defect"};
    finding.led_astray = true;
    finding.behaves_like = {"a_mutation"};
    finding.differences = {{"tag 0x40600000", "3", "0", "MTE-MEM-012"}, {"x1", "1", "2", ""}};
    finding.choices = {"DC-01"};
    finding.decisions = {"AArch64.CheckTag: tags are equal is true"};
    finding.note = "died";
    return finding;
}

Finding finding_in(const std::string& text) {
    const std::string file = "finding.json";
    const nlohmann::json document = parse_json(text, file);
    return finding_from_json(JsonPlace(document, file));
}

TEST_CASE("a finding that is written is read back") {
    const std::string text = dump(to_json(example()));
    CHECK(dump(to_json(finding_in(text))) == text);
}

TEST_CASE("a finding that was only seen is read back") {
    Finding seen;
    seen.original = example().original;
    seen.target = "model";
    seen.batch = Batch{"random", "0x1-0x2", 3, 63, 256, 256, 255, 15};
    const std::string text = dump(to_json(seen));
    CHECK(dump(to_json(finding_in(text))) == text);
}

TEST_CASE("every truncation and every loss of a key of a finding is refused as bad input") {
    const std::string text = dump(to_json(example()));
    for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
        CHECK_THROWS_AS(finding_in(text.substr(0, length)), InputError);
    }
    const nlohmann::json document = nlohmann::json::parse(text);
    for (const char* key : {"schema", "target", "version", "confirmation", "expected", "got", "original"}) {
        nlohmann::json less = document;
        less.erase(key);
        CHECK_THROWS_AS(finding_in(less.dump()), InputError);
    }
    for (const auto& [key, value] : document.items()) {
        nlohmann::json changed = document;
        changed[key] = 1.5;
        CHECK_THROWS_AS(finding_in(changed.dump()), InputError);
    }
}

TEST_CASE("the description of a finding has its code, the registers that it names, and how to replay it") {
    const std::string text = describe(example(), "out/findings/f.json");
    CHECK(text.find("nop") != std::string::npos);
    CHECK(text.find("expected completed, got crashed") != std::string::npos);
    CHECK(text.find("mtecheck replay out/findings/f.json --target qemu-system") != std::string::npos);
}

TEST_CASE("the command that replays a finding can be given to a shell as it is printed") {
    Finding finding = example();
    finding.target = "agent:ssh board 'my agents'/mte-agent";
    const std::string text = describe(finding, "our findings/f.json");
    CHECK(text.find("mtecheck replay 'our findings/f.json' --target "
                    R"('agent:ssh board '\''my agents'\''/mte-agent')") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
