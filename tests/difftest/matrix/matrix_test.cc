// SPDX-License-Identifier: Apache-2.0
//
// Reports side by side: what is said of a cause that some versions have, and of requirements.
#include "difftest/matrix/matrix.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "spec/schema_validator.h"
#include "tests/difftest/schemas.h"

namespace mtecheck::difftest {
namespace {

using Presence = MatrixCause::Presence;

/// A report with as much in it as a matrix reads.
class Report {
  public:
    explicit Report(const std::string& target, const std::string& seed = "0x1") {
        document_ = {{"schema", "mtecheck-report/1"},
                     {"mtecheck", {{"version", "0.1.0"}, {"tables", "0x1"}}},
                     {"target", {{"name", target}, {"version", "emulator version 1.2"}, {"cpu", "max"}, {"mte", 3}}},
                     {"campaign", {{"generator", "random"}, {"seed", seed}, {"guided", true}, {"cases", 100}}},
                     {"requirements", nlohmann::json::array()},
                     {"defects", nlohmann::json::array()},
                     {"causes", nlohmann::json::array()},
                     {"groups", nlohmann::json::array()}};
        Counts counts;
        counts.cases = counts.agreed = 100;
        Counts::each(counts, [&](const char* name, std::uint64_t value) { document_["counts"][name] = value; });
    }
    Report& requirement(const std::string& id, const std::string& status, const std::string& why = {}) {
        nlohmann::json row = {{"id", id},
                              {"title", "what " + id + " says"},
                              {"status", status},
                              {"exercised", why.empty() ? 7 : 0},
                              {"diverged", status == "diverged" ? 3 : 0}};
        if (!why.empty()) row["why"] = why;
        document_["requirements"].push_back(row);
        return *this;
    }
    Report& defect(const std::string& id, const std::string& mutation, const std::string& requirement) {
        document_["defects"].push_back({{"id", id}, {"mutations", {mutation}}, {"requirements", {requirement}}});
        return *this;
    }
    Report& cause(const std::string& kind, const std::string& id, std::uint64_t cases,
                  const std::vector<std::string>& groups) {
        document_["causes"].push_back({{"kind", kind},
                                       {"id", id},
                                       {"summary", "about " + id},
                                       {"pseudocode", "F"},
                                       {"cases", cases},
                                       {"groups", groups},
                                       {"example", "random/1/0/1/" + std::to_string(cases)},
                                       {"code", {"ldr x0, [x1]"}}});
        nlohmann::json explained = nlohmann::json::array();
        if (kind == "defect") explained.push_back(id);
        document_["groups"].push_back(
            {{"explained_by", explained},
             {"signature", {{"instruction", "LDR"}, {"expected", "a"}, {"got", "b"}, {"fields", id}}},
             {"cases", cases}});
        return *this;
    }
    nlohmann::json& document() { return document_; }
    MatrixColumn column(const Waivers& waivers = {}) const {
        const std::string file = "report.json";
        const nlohmann::json read = parse_json(document_.dump(), file);
        return column_of(JsonPlace(read, file), file, "findings", waivers);
    }

  private:
    nlohmann::json document_;
};

Matrix joined(const std::vector<MatrixColumn>& columns) {
    const Matrix matrix = join_columns(columns);
    const auto document = nlohmann::json::parse(dump(to_json(matrix)));
    for (const auto& error : spec::validate(published_schema("mtecheck-matrix/1"), document))
        FAIL_CHECK(error.place << ": " << error.problem);
    CHECK(dump(to_json(matrix)) == dump(to_json(join_columns(columns)))); // the same input, the same bytes
    return matrix;
}

TEST_CASE("a cause is present, gone, not met, not tested, or there is no report") {
    Report v5("qemu-system:5.2");
    v5.requirement("R-1", "not applicable", "the target does not implement FEAT_X").defect("d", "m", "R-1");
    Report v7("qemu-system:7.2");
    v7.requirement("R-1", "diverged").defect("d", "m", "R-1").cause("defect", "d", 5, {"g1"});
    Report v10("qemu-system:10.0");
    v10.requirement("R-1", "diverged").defect("d", "m", "R-1").cause("defect", "d", 4, {"g1"});
    Report v11("qemu-system:11.1");
    v11.requirement("R-1", "agreed");
    Report cpu("qemu-system:11.1,cpu=other");
    cpu.requirement("R-1", "agreed").defect("d", "m", "R-1");
    const Matrix matrix = joined({v5.column(), v7.column(), v10.column(), v11.column(), cpu.column(),
                                  column_without("qemu-system:12", "no such\nprogram")});
    REQUIRE(matrix.causes.size() == 1);
    const MatrixCause& cause = matrix.causes.front();
    CHECK(cause.says ==
          "present in 7.2, 10.0; gone in 11.1; known of, but not met in 11.1,cpu=other; not tested in 5.2");
    CHECK(cause.cells[0].why == "R-1 is not applicable: the target does not implement FEAT_X");
    CHECK(cause.cells[5].presence == Presence::no_report);
    CHECK(cause.differs);
    CHECK(matrix.columns[5].problem == "no such program");
    CHECK(matrix.requirements.front().differs == Spread::verdict);
    CHECK_FALSE(matrix.requirements.front().cells[5]);
    CHECK(matrix.diverged());
    CHECK_FALSE(matrix.all_ran());
    const std::string text = to_text(matrix);
    CHECK(text.find("COULD NOT RUN: no such program") != std::string::npos);
    CHECK(text.find("gone in 11.1") != std::string::npos);
    CHECK(to_markdown(matrix).find("**could not run**: no such program") != std::string::npos);
}

TEST_CASE("what comes back is not gone, and another kind of target is no version of it") {
    const auto with = [](const std::string& name, bool has) {
        Report report(name);
        report.requirement("R-1", has ? "diverged" : "agreed");
        if (has) report.cause("unexplained", "g1", 2, {"g1"});
        return report.column();
    };
    const Matrix back = joined({with("q:1", true), with("q:2", false), with("q:3", true), with("q:4", false)});
    CHECK(back.causes.front().says == "present in 1, 3; gone in 4; not met in 2");
    const Matrix kinds = joined({with("q:1", true), with("other:1", false)});
    CHECK(kinds.causes.front().says == "present in q:1; not met in other:1");
}

TEST_CASE("one fault of the model is one row, whether a version has it as a known defect or not") {
    Report known("q:1");
    known.requirement("R-1", "diverged").defect("d-1", "m", "R-1").cause("defect", "d-1", 5, {"g1"});
    Report unknown("q:2");
    unknown.requirement("R-1", "diverged").cause("unexplained", "m", 6, {"g2"});
    Report group("q:3"); // two groups there, one of which is that of q:2
    group.requirement("R-1", "diverged")
        .cause("unexplained", "g3", 7, {"g3", "g2"})
        .cause("unexplained", "g9", 1, {"g9"});
    const Matrix matrix = joined({unknown.column(), known.column(), group.column()});
    REQUIRE(matrix.causes.size() == 2);
    CHECK(matrix.causes[0].id == "g9"); // it differs
    const MatrixCause& everywhere = matrix.causes[1];
    CHECK_FALSE(everywhere.differs);
    CHECK(everywhere.id == "d-1");
    CHECK(everywhere.cells[0].seen.id == "m");
    CHECK(everywhere.cells[2].seen.cases == 7);
    CHECK(everywhere.says == "present in 2, 1, 3");
}

TEST_CASE("what differs comes first, a difference in verdict before one in reach") {
    Report a("q:1");
    a.requirement("R-1", "agreed").requirement("R-2", "not reached", "no case").requirement("R-3", "agreed");
    Report b("q:2");
    b.requirement("R-1", "agreed")
        .requirement("R-2", "agreed")
        .requirement("R-3", "diverged")
        .requirement("R-4", "agreed");
    const Matrix matrix = joined({a.column(), b.column()});
    std::vector<std::string> order;
    for (const MatrixRequirement& row : matrix.requirements) order.push_back(row.id);
    CHECK(order == std::vector<std::string>{"R-3", "R-2", "R-1", "R-4"});
    CHECK_FALSE(matrix.requirements[3].cells[0]); // the report has no such row
}

TEST_CASE("reports of other campaigns are joined, and it is said that they are") {
    const auto column = [](const std::string& seed) { return Report("q", seed).requirement("R", "agreed").column(); };
    CHECK(joined({column("0x1"), column("0x1")}).same_stream);
    const Matrix other = joined({column("0x1"), column("0x2")});
    CHECK_FALSE(other.same_stream);
    CHECK(other.columns[0].label == "q");
    CHECK(other.columns[1].label == "q (2)");
    CHECK(to_text(other).find("NOTE: The reports are not of one campaign") != std::string::npos);
    Report timed("q");
    timed.document()["campaign"].erase("cases");
    timed.document()["campaign"]["seconds"] = 30;
    CHECK_FALSE(joined({timed.column(), timed.column()}).same_stream);
    CHECK_FALSE(other.diverged());
    CHECK(other.any_compared());
}

TEST_CASE("waivers take divergences out of the status, and statistics put them in") {
    Report report("q:1");
    report.requirement("R", "diverged").cause("defect", "d", 5, {"g"});
    CHECK(report.column().diverged);
    Waiver waiver;
    waiver.defect = "d";
    waiver.target = "*";
    waiver.reason = "known";
    const Waivers waivers({waiver}, "q:1", "emulator version 1.2", "2026-01-01");
    CHECK_FALSE(report.column(waivers).diverged);
    report.document()["random_tags"] = {{"passed", false}};
    CHECK(report.column(waivers).diverged);
}

TEST_CASE("a file that is no report is refused with its place") {
    Report report("q");
    report.document()["schema"] = "mtecheck-report/9";
    CHECK_THROWS_AS(report.column(), InputError);
    Report twice("q");
    twice.requirement("R", "agreed").requirement("R", "agreed");
    CHECK_THROWS_AS(twice.column(), InputError);
    Report status("q");
    status.requirement("R", "perhaps");
    CHECK_THROWS_AS(status.column(), InputError);
}

} // namespace
} // namespace mtecheck::difftest
