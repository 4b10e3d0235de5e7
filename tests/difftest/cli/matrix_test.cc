// SPDX-License-Identifier: Apache-2.0
//
// `mtecheck matrix` as a process: exit status, files, targets that do not start, and kill -9.
#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "difftest/generate/random.h"
#include "spec/schema_validator.h"
#include "tests/difftest/cli/campaign_process.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

const std::string kFault = "model:subps_flags_carry_wrong";
const std::string kNowhere = "qemu-system:/no/such/qemu";

std::vector<std::string> matrix_command(const std::filesystem::path& directory, const std::vector<std::string>& targets,
                                        const std::string& cases = "4096") {
    std::vector<std::string> arguments = {"matrix",   "--paths", "none",       "--cases", cases,
                                          "--output", directory, "--progress", "none"};
    arguments.insert(arguments.end(), targets.begin(), targets.end());
    return arguments;
}

nlohmann::json matrix_of(const std::filesystem::path& directory) {
    nlohmann::json matrix = nlohmann::json::parse(read_file(directory / "matrix.json"));
    CHECK(spec::validate(published_schema("mtecheck-matrix/1"), matrix).empty());
    return matrix;
}

TEST_CASE("matrix runs each target, says which differ, and that one does not start") {
    const auto directory = scratch_path("matrix");
    const Ended ended = mtecheck(matrix_command(directory, {"model", kFault, kNowhere}));
    INFO(ended.err);
    CHECK(ended.status == 1);
    const nlohmann::json matrix = matrix_of(directory);
    CHECK(matrix["targets"][0]["status"] == "agreed");
    CHECK(matrix["targets"][1]["status"] == "diverged");
    CHECK(matrix["targets"][2]["status"] == "could not run");
    CHECK(matrix["same_campaign"] == true);
    CHECK(matrix["requirements"][0]["differs"] == "verdict");
    const nlohmann::json& cause = matrix["findings"][0];
    CHECK(cause["id"] == "subps_flags_carry_wrong");
    CHECK(cause["says"] == "present in " + kFault + "; not met in model");
    // The file of the finding is there, for replay.
    const std::string file = cause["targets"][1]["file"];
    CHECK(mtecheck({"replay", (directory / file).string(), "--target", kFault}).status == 1);
    CHECK(ended.out.find("COULD NOT RUN") != std::string::npos);
    CHECK(read_file(directory / "matrix.md").find("Findings that differ") != std::string::npos);

    // Stored reports, joined where they are, give the same but for the names of files.
    const std::string sound = (directory / "model").string();
    const std::string faulty = (directory / matrix["targets"][1]["report"].get<std::string>()).string();
    const Ended stored = mtecheck({"matrix", "--from", sound, faulty, "--json"});
    CHECK(stored.status == 1);
    const nlohmann::json again = nlohmann::json::parse(stored.out);
    CHECK(spec::validate(published_schema("mtecheck-matrix/1"), again).empty());
    CHECK(again["findings"][0]["says"] == "present in subps_flags_carry_wrong; not met in model"); // all of one kind
    CHECK(mtecheck({"matrix", "--from", sound, sound}).status == 0);
    CHECK(mtecheck({"matrix", "--from", faulty, "--markdown"}).out.starts_with("# Targets side by side"));

    // What has a report is not run again: not even its target has to be there; a target is added.
    const auto untouched = read_file(directory / "model" / "report.json");
    CHECK(mtecheck(matrix_command(directory, {"model", kFault, kNowhere, "model:async_wrong_bit"})).status == 1);
    CHECK((read_file(directory / "model" / "report.json") == untouched));
    CHECK(matrix_of(directory)["targets"].size() == 4);
}

TEST_CASE("matrix whose targets all agree, or of which one does not start, says so by its exit status") {
    CHECK(mtecheck(matrix_command(scratch_path("matrix-sound"), {"model"})).status == 0);
    CHECK(mtecheck(matrix_command(scratch_path("matrix-part"), {"model", kNowhere})).status == 2);
    CHECK(mtecheck(matrix_command(scratch_path("matrix-none"), {kNowhere})).status == 2);
}

TEST_CASE("matrix that is asked for nonsense says so in one line before anything is run") {
    const auto refuses = [](const std::vector<std::string>& arguments, const std::string& part) {
        const Ended ended = mtecheck(arguments);
        INFO(ended.err);
        CHECK(ended.status == 2);
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
        CHECK(ended.err.find(part) != std::string::npos);
    };
    const auto directory = scratch_path("matrix-refused");
    refuses(matrix_command(directory, {"model", "model"}), "named twice");
    refuses(matrix_command(directory, {"model", "modell"}), "there is no target 'modell'");
    refuses(matrix_command(directory, {"model:no_such_fault"}), "no_such_fault");
    CHECK_FALSE(std::filesystem::exists(directory));
    refuses({"matrix", "--from", directory, "--seed", "3"}, "leave it out");
    refuses({"matrix", "--from", directory}, "matrix-refused");
    REQUIRE(mtecheck(matrix_command(directory, {"model"})).status == 0);
    refuses(matrix_command(directory, {"model"}, "5000"), "holds a campaign with other settings");
}

TEST_CASE("kill -9 while a matrix runs, again and again: it ends as if nothing had been") {
    const std::vector<std::string> targets = {kFault, "model:async_wrong_bit", "model"};
    const auto quiet = scratch_path("matrix-quiet");
    REQUIRE(mtecheck(matrix_command(quiet, targets)).status == 1);
    const auto directory = scratch_path("matrix-killed");
    Random random(5, 0, 0);
    for (int round = 0; round < 6; ++round) {
        ChildProcess child(matrix_command(directory, targets));
        pause(random.below(150));
        child.signal(SIGKILL);
        child.wait();
    }
    CHECK(mtecheck(matrix_command(directory, targets)).status == 1);
    CHECK((read_file(directory / "matrix.json") == read_file(quiet / "matrix.json")));
    CHECK((read_file(directory / "matrix.md") == read_file(quiet / "matrix.md")));
    for (const char* target : {"model-subps_flags_carry_wrong", "model-async_wrong_bit", "model"})
        CHECK((report_of(directory / target) == report_of(quiet / target)));
}

} // namespace
} // namespace mtecheck::difftest
