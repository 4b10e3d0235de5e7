// SPDX-License-Identifier: Apache-2.0
//
// Which findings a campaign reduces.
#include "difftest/campaign/examples.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

namespace mtecheck::difftest {
namespace {

/// A group that nothing explains, with an example that is named after it.
void add(Tally& tally, const std::string& instruction, const std::string& got) {
    TallyGroup& group = tally.groups.counted(GroupKey{{}, false, Signature{instruction, "completed", got, "status"}});
    group.cases = 1;
    group.examples = {instruction + "/" + got};
}

std::set<std::string> reduced(const Tally& tally) {
    const auto ids = examples_to_shrink(tally);
    return {ids.begin(), ids.end()};
}

TEST_CASE("of few groups that nothing explains each has an example that is reduced", "[campaign]") {
    Tally tally{TableSizes{}};
    for (int i = 0; i < 200; ++i) add(tally, "I" + std::to_string(i), "crashed");
    CHECK(reduced(tally).size() == 200);
}

TEST_CASE("of very many groups some of each kind are reduced, and of shards all that are of the whole", "[campaign]") {
    Tally whole{TableSizes{}};
    Tally part{TableSizes{}};
    for (int i = 0; i < 500; ++i) {
        for (const char* got : {"crashed", "undefined"}) {
            add(whole, "I" + std::to_string(i), got);
            if (i % 2 == 0) add(part, "I" + std::to_string(i), got);
        }
    }
    add(whole, "RARE", "signal");
    const std::set<std::string> of_whole = reduced(whole);
    const std::set<std::string> of_part = reduced(part);
    CHECK(of_whole.size() == 9);
    CHECK(of_whole.contains("RARE/signal"));
    for (const std::string& id : of_whole) {
        CAPTURE(id);
        const bool met = part.groups.contains(GroupKey{
            {}, false, Signature{id.substr(0, id.find('/')), "completed", id.substr(id.find('/') + 1), "status"}});
        CHECK(of_part.contains(id) == met);
    }
}

} // namespace
} // namespace mtecheck::difftest
