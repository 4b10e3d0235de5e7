// SPDX-License-Identifier: Apache-2.0
//
// The program's promises to scripts: exit statuses, one clear line for each error, help everywhere.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "spec/schema_validator.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// One line on standard error that contains `part`, and exit status 2.
void complains(const std::vector<std::string>& arguments, const std::string& part) {
    const Ended ended = mtecheck(arguments);
    INFO(ended.err);
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK(lines(ended.err) == 1);
    CHECK(ended.err.find(part) != std::string::npos);
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

TEST_CASE("help is printed for the program and for each verb") {
    CHECK(mtecheck({"--help"}).status == 0);
    CHECK(mtecheck({"--version"}).out.starts_with("mtecheck "));
    for (const char* verb : {"campaign", "replay", "shrink", "reproduce", "explain", "prove", "report", "targets",
                             "trace", "bench", "assemble", "disassemble"}) {
        const Ended ended = mtecheck({verb, "--help"});
        CHECK(ended.status == 0);
        CHECK(ended.out.starts_with(std::string("usage: mtecheck ") + verb));
    }
}

TEST_CASE("wrong arguments and files are one line and exit status 2") {
    complains({}, "verb");
    complains({"frobnicate"}, "frobnicate");
    complains({"campaign", "--targte", "model"}, "--targte");
    complains({"campaign", "--target", "toaster", "--cases", "1"}, "toaster");
    complains({"campaign", "--target", "model:no_such_mutation", "--cases", "1"}, "no_such_mutation");
    complains({"campaign", "--cases", "many"}, "many");
    complains({"campaign", "--resume", "/no/such/directory"}, "/no/such/directory");
    complains({"campaign", "--resume", "x", "--seed", "1"}, "--seed");
    complains({"replay", "/no/such/file"}, "/no/such/file");
    complains({"report", "/no/such/file"}, "/no/such/file");
    complains({"shrink", "/no/such/file"}, "/no/such/file");
    complains({"reproduce", "/no/such/file"}, "/no/such/file");
    complains({"explain", "/no/such/file"}, "/no/such/file");
    complains({"targets"}, "argument");
    complains({"targets", "frobnicate"}, "frobnicate");
    complains({"targets", "install"}, "name");
    complains({"targets", "list", "model"}, "list");
    complains({"targets", "install", "qemu-system:1.0"}, "qemu-system:11.1");
    complains({"targets", "remove", "/tmp"}, "qemu-system:5.2");
    complains({"targets", "probe", "toaster"}, "toaster");
    complains({"disassemble", "zz"}, "zz");
    complains({"assemble", "NO_SUCH_FORM"}, "NO_SUCH_FORM");
}

TEST_CASE("targets are listed and probed") {
    const Ended list = mtecheck({"targets", "list"});
    CHECK(list.status == 0);
    for (const char* name : {"qemu-system:PATH", "qemu-system:5.2", "qemu-user:11.1"})
        CHECK(list.out.find(name) != std::string::npos);
    CHECK(mtecheck({"targets", "probe", "model"}).out.starts_with("target      model\n"));
    const Ended table = mtecheck({"targets", "probe", "--table", "model", "model:wnr_wrong"});
    CHECK(table.status == 0);
    CHECK(lines(table.out.substr(0, table.out.find("\n\n") + 1)) == 4); // of targets; that of choices follows
    CHECK(table.out.find("| DC-05 AddTagReservedField | addg x0, x1, #16, #1 (op3 is 1) | UNDEFINED | UNDEFINED |") !=
          std::string::npos);
    const Ended json = mtecheck({"targets", "probe", "--json", "model"});
    CHECK(json.status == 0);
    const nlohmann::json probed = nlohmann::json::parse(json.out);
    for (const auto& error : spec::validate(published_schema("mtecheck-probe/1"), probed))
        FAIL_CHECK(error.place << ": " << error.problem);
    CHECK(probed["targets"][0]["mte_features"]["FEAT_MTE3"] == true);
}

TEST_CASE("damaged files are one line and exit status 2") {
    const auto directory = scratch_directory("damaged-files");
    const auto file = directory / "file.json";
    for (const char* text : {"", "{", "[]", "null", "{\"schema\": 1}", "{\"schema\": \"mtecheck-finding/1\"}",
                             "{\"schema\": \"mtecheck-report/1\"}", "{\"schema\": \"mtecheck-case/9\"}", "\xff\xfe"}) {
        write(file, text);
        for (const char* verb : {"replay", "explain", "report", "shrink", "reproduce"})
            complains({verb, file.string()}, "file.json");
    }
    write(file, std::string(100000, '['));
    complains({"replay", file.string()}, "file.json");
    complains({"campaign", "--target", "model", "--cases", "1", "--defects", directory.string()}, "file.json");
}

TEST_CASE("a campaign, its report and its findings") {
    const auto directory = scratch_path("whole");
    const std::string name = "model:tco_not_set_on_exception";
    const Ended campaign = mtecheck(
        {"campaign", "--target", name, "--cases", "5000", "--max-groups", "12", "--output", directory.string()});
    CHECK(campaign.status == 1);
    CHECK(campaign.err.find("seed 1") != std::string::npos);
    CHECK(campaign.out.find("UNEXPLAINED DIVERGENCES") != std::string::npos);
    const Ended report = mtecheck({"report", (directory / "report.json").string()});
    CHECK(report.status == 0);
    CHECK(campaign.out.starts_with(report.out));

    const std::string findings = (directory / "findings").string();
    CHECK(mtecheck({"replay", findings}).status == 1);
    CHECK(mtecheck({"replay", findings, "--target", name}).status == 1);
    CHECK(mtecheck({"replay", findings, "--target", "model"}).status == 0);
    bool pseudocode = false; // of a case that decides something at all
    for (const auto& finding : std::filesystem::directory_iterator(directory / "findings")) {
        const Ended explanation = mtecheck({"explain", finding.path().string()});
        CHECK(explanation.status == 0);
        pseudocode = pseudocode || explanation.out.find("AArch64") != std::string::npos;
    }
    CHECK(pseudocode);

    const auto again = scratch_path("again");
    CHECK(mtecheck({"campaign", "--target", "model", "--cases", "1000", "--output", again.string()}).status == 0);
}

TEST_CASE("words go to text and back") {
    CHECK(mtecheck({"disassemble", "d9200820", "0x00000000"}).out ==
          "0xd9200820  stg x0, [x1, #0]\n0x00000000  .inst 0x00000000\n");
    CHECK(mtecheck({"assemble", "STG_off", "Xt=0", "Xn=1"}).out.starts_with("0xd9200820"));
    CHECK(mtecheck({"assemble", "--list"}).out.find("STG_off Xt=0..31") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
