// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/progress.h"

#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

TEST_CASE("the progress line has cases, speed, coverage, divergences and the time that is left") {
    ProgressView view;
    view.cases = 1234567;
    view.cases_wanted = 2000000;
    view.elapsed_seconds = 10;
    view.covered = 50;
    view.coverable = 100;
    view.explained = 20;
    view.unexplained = 1;
    view.groups = 2;
    CHECK(progress_line(view, 100000) ==
          "1,234,567 cases of 2,000,000, 100,000/s, coverage 50%, 21 diverge in 2 groups, "
          "1 UNEXPLAINED, 8 s left");
    view.cases_wanted = 0;
    view.seconds_wanted = 300;
    view.unexplained = 0;
    view.kept = 1200;
    CHECK(progress_line(view, 5) ==
          "1,234,567 cases, 5/s, coverage 50%, 1,200 kept, 20 diverge in 2 groups, 4 min left");
}

TEST_CASE("the first finding of a group is one line") {
    CHECK(news_line("random/1/2/3/4", {{}, false, {"STG", "completed", "crashed", ""}}) ==
          "new: UNEXPLAINED STG: expected completed, got crashed (random/1/2/3/4)");
    CHECK(news_line("random/1/2/3/4", {{"a", "b"}, true, {}}) == "new: known defect a b, led astray (random/1/2/3/4)");
}

} // namespace
} // namespace mtecheck::difftest
