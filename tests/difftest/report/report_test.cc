// SPDX-License-Identifier: Apache-2.0
//
// The report of a small campaign: valid by its schema, complete, and readable; hostile files are refused.
#include "difftest/report/report.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/campaign/campaign.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/judge/model_target.h"
#include "spec/gen/requirements.h"
#include "spec/schema_validator.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

const nlohmann::json& example() {
    static const nlohmann::json report = [] {
        const std::string name = "model:tco_not_set_on_exception";
        Settings settings;
        settings.target = name;
        settings.cases = 4000;
        settings.shrink = false; // takes most of the time
        const auto campaign =
            Campaign::start(settings, scratch_path("report"), {[&] { return make_model_target(name); }, {}});
        Progress progress(ProgressStyle::none);
        campaign->run(2, kNever, progress);
        const auto findings = campaign->findings();
        const std::string text =
            report_text({campaign->file(), campaign->profile(), campaign->tally(), campaign->defects(), findings});
        CHECK(findings.size() > 1);
        CHECK((text == dump(OrderedJson::parse(text)))); // put together from pieces, but no worse for it
        return nlohmann::json::parse(text);
    }();
    return report;
}

std::string render(const nlohmann::json& report) {
    const std::string file = "report.json";
    return render_report(JsonPlace(report, file), "out/findings");
}

void check_valid(const nlohmann::json& document) {
    const std::string format = document.at("schema");
    for (const auto& error : spec::validate(published_schema(format), document))
        FAIL_CHECK(format << error.place << ": " << error.problem);
}

TEST_CASE("reports, findings, checkpoints, settings and defects are valid by their published schemas") {
    check_valid(example());
    for (const auto& finding : example().at("findings")) check_valid(finding);
    const auto directory = scratch_place("report"); // of example()
    for (const char* name : {"campaign", "checkpoint"}) {
        const std::string file = (directory / (std::string(name) + ".json")).string();
        check_valid(parse_json(read_file(file), file));
    }
    for (const auto& entry : std::filesystem::directory_iterator(mtecheck::places::source() + "/corpus/defects")) {
        check_valid(parse_json(read_file(entry.path()), entry.path().string()));
    }
}

TEST_CASE("a report has a row for every requirement, and a reason for each that was not exercised") {
    CHECK(example().at("requirements").size() == spec::requirement_count);
    std::size_t exercised = 0;
    for (const auto& row : example().at("requirements")) {
        const bool reached = row.at("status") == "agreed" || row.at("status") == "diverged";
        CHECK(reached == (row.at("exercised") != 0));
        CHECK(reached != row.contains("why"));
        CHECK(row.at("agreed").get<std::uint64_t>() + row.at("diverged").get<std::uint64_t>() ==
              row.at("exercised").get<std::uint64_t>());
        exercised += reached ? 1 : 0;
    }
    CHECK(exercised > 0);
}

TEST_CASE("the readable report says what diverged and how to replay it") {
    const std::string text = render(example());
    CHECK(text.find("UNEXPLAINED DIVERGENCES") != std::string::npos);
    CHECK(text.find("behaves like the model with the mutation") != std::string::npos);
    CHECK(text.find("mtecheck replay out/findings/random-1-") != std::string::npos);
}

TEST_CASE("a report with a member of another kind, or without it, is refused") {
    for (const char* key :
         {"schema", "target", "campaign", "counts", "requirements", "coverage", "groups", "findings", "defects"}) {
        nlohmann::json changed = example();
        changed[key] = 3;
        CHECK_THROWS_AS(render(changed), InputError);
        changed.erase(key);
        CHECK_THROWS_AS(render(changed), InputError);
    }
}

} // namespace
} // namespace mtecheck::difftest
