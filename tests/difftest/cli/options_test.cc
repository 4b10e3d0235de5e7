// SPDX-License-Identifier: Apache-2.0
#include "difftest/cli/options.h"

#include <array>
#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

Options example() {
    Options options("verb", "[ARGUMENT]", "What it does.\n");
    options.flag("loud", "make noise");
    options.value("count", "N", "how many", "7");
    options.value("for", "TIME", "how long", "1m");
    options.value("workers", "N", "how many at once", "auto", 'j');
    options.positional(0, 1);
    return options;
}

bool parse(Options& options, std::vector<std::string> words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    return options.parse(pointers);
}

TEST_CASE("options are given as --name value or --name=value, in any order with arguments") {
    Options options = example();
    REQUIRE(parse(options, {"--count=0x10", "argument", "--loud", "--for", "90s"}));
    CHECK(options.number("count", 0, 100) == 16);
    CHECK(options.given("loud"));
    CHECK(options.seconds("for") == 90);
    CHECK(options.arguments() == std::vector<std::string>{"argument"});
}

TEST_CASE("an option may have a short form") {
    Options options = example();
    REQUIRE(parse(options, {"-j", "3"}));
    CHECK(options.number("workers", 1, 256) == 3);
    Options twice = example();
    CHECK_THROWS_AS(parse(twice, {"-j", "3", "--workers", "4"}), UsageError);
}

TEST_CASE("what is not given has its default") {
    Options options = example();
    REQUIRE(parse(options, {}));
    CHECK(options.number("count", 0, 100) == 7);
    CHECK_FALSE(options.given("loud"));
    CHECK(options.seconds("for") == 60);
}

TEST_CASE("wrong lines are refused") {
    const std::vector<std::vector<std::string>> lines = {{"--cuont", "1"}, {"--count"}, {"--loud=1"},
                                                         {"a", "b"},       {"-x"},      {"--loud", "--loud"}};
    for (const auto& line : lines) {
        Options options = example();
        CHECK_THROWS_AS(parse(options, line), UsageError);
    }
    for (const char* number : {"", "x", "1x", "-1", "101", "99999999999999999999999"}) {
        Options options = example();
        REQUIRE(parse(options, {"--count", number}));
        CHECK_THROWS_AS(options.number("count", 0, 100), UsageError);
    }
    for (const char* time : {"", "s", "0", "5d", "1.5h", "99999999999h"}) {
        Options options = example();
        REQUIRE(parse(options, {"--for", time}));
        CHECK_THROWS_AS(options.seconds("for"), UsageError);
    }
}

TEST_CASE("help names every option with its default") {
    const std::string help = example().help();
    CHECK(help.find("usage: mtecheck verb [ARGUMENT]") == 0);
    CHECK(help.find("--count N") != std::string::npos);
    CHECK(help.find("how many (default 7)") != std::string::npos);
    CHECK(help.find("  -j, --workers N") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
