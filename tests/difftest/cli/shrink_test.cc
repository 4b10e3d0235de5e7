// SPDX-License-Identifier: Apache-2.0
//
// mtecheck shrink as a process: what it prints, and that nothing is lost when it is killed.
#include <algorithm>
#include <csignal>
#include <fstream>

#include "difftest/core/json.h"
#include "difftest/generate/random.h"
#include "spec/schema_validator.h"
#include "tests/difftest/cli/campaign_process.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kTarget = "model:ldapur_stlur_unchecked";

/// The findings of a campaign that does not reduce them.
std::vector<std::filesystem::path> unreduced(const std::string& name) {
    const auto directory = scratch_path(name);
    REQUIRE(mtecheck({"campaign", "--target", kTarget, "--cases", "20000", "--paths", "none", "--no-shrink", "--output",
                      directory.string()})
                .status == 1);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "findings")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    REQUIRE_FALSE(files.empty());
    return files;
}

TEST_CASE("shrink replaces a finding by its reduced self, or writes that elsewhere") {
    const auto files = unreduced("shrink-cli");
    REQUIRE(files.size() > 1);
    const auto& file = files.front();
    const std::string before = read_file(file);
    CHECK(before.find("\"shortest\"") == std::string::npos);
    const auto elsewhere = scratch_path("shrink-output");
    const Ended ended = mtecheck({"shrink", file.string(), "--output", elsewhere.string()});
    CHECK(ended.status == 0);
    CHECK(ended.out.find("to 1 instruction in ") != std::string::npos);
    CHECK(read_file(file) == before);
    const std::string reduced = read_file(elsewhere / file.filename());
    CHECK(spec::validate(published_schema("mtecheck-finding/2"), nlohmann::json::parse(reduced)).empty());
    CHECK(mtecheck({"shrink", file.string(), "--quiet"}).status == 0);
    CHECK(read_file(file) == reduced);
    // Another target agrees: nothing to reduce.
    const Ended agreeing = mtecheck({"shrink", file.string(), "--target", "model"});
    CHECK(agreeing.status == 1);
    CHECK(agreeing.out.find("does not show alone on model") != std::string::npos);
    CHECK(mtecheck({"shrink", files.back().string(), "--runs", "3"}).status == 1);
}

TEST_CASE("shrink that is killed at any moment goes on to the same result", "[slow]") {
    const auto files = unreduced("shrink-killed");
    const auto wanted = scratch_path("shrink-undisturbed");
    std::vector<std::string> arguments = {"shrink"};
    for (const auto& file : files) arguments.push_back(file.string());
    std::vector<std::string> undisturbed = arguments;
    undisturbed.insert(undisturbed.end(), {"--output", wanted.string()});
    REQUIRE(mtecheck(undisturbed).status == 0);
    Random random(3, 0, 0);
    for (int round = 0; round < 10; ++round) {
        ChildProcess child(arguments);
        pause(random.below(300));
        child.signal(round % 3 == 2 ? SIGINT : SIGKILL);
        const Ended ended = child.wait();
        CHECK((ended.status < 0 || ended.status == 130 || ended.status == 0)); // a signal, or its handler, or neither
    }
    CHECK(mtecheck(arguments).status == 0);
    for (const auto& file : files) {
        CHECK(read_file(file) == read_file(wanted / file.filename()));
        std::filesystem::path left = file;
        left += ".shrink";
        CHECK_FALSE(std::filesystem::exists(left));
    }
}

} // namespace
} // namespace mtecheck::difftest
