// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/waivers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "difftest/core/error.h"
#include "spec/schema_validator.h"
#include "tests/difftest/schemas.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kVersion = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)";

Waiver waiver_of(const std::string& defect, const std::string& versions = {}, const std::string& expires = {}) {
    Waiver waiver;
    waiver.defect = defect;
    waiver.target = "qemu-system*";
    waiver.versions = versions;
    waiver.reason = "known";
    waiver.expires = expires;
    return waiver;
}

TEST_CASE("ranges of versions stand for what their ends stand for") {
    const auto in = [](const char* range, const char* version) {
        const auto parsed = VersionRange::parse(range);
        REQUIRE(parsed);
        return parsed->contains(version);
    };
    CHECK(version_number(kVersion) == "7.2.22");
    CHECK(version_number("mtecheck model with tcf0_used_for_el1").empty());
    CHECK(in("7.2", kVersion));
    CHECK(in("7", kVersion));
    CHECK(in("7.2.22", kVersion));
    CHECK_FALSE(in("7.2.2", kVersion));
    CHECK(in("7.2..10.0", kVersion));
    CHECK(in("7.2..10.0", "version 10.0.13"));
    CHECK_FALSE(in("7.2..10.0", "version 10.1.0"));
    CHECK(in("7.2..", "version 10.1.0"));
    CHECK_FALSE(in("7.2..", "version 7.1.9"));
    CHECK(in("..7.2", "version 5.2"));
    CHECK_FALSE(in("..7.2", "version 7.3"));
    CHECK_FALSE(in("7.2", "no number"));
    for (const char* text : {"", "..", "7.", "7.2.", "seven", "7.2...8", "10..7", "-1"}) {
        INFO(text);
        CHECK_FALSE(VersionRange::parse(text));
    }
}

TEST_CASE("dates are dates of days that exist") {
    for (const char* text : {"2026-01-01", "2028-02-29", "1999-12-31"}) CHECK(is_date(text));
    for (const char* text : {"", "2027-02-29", "2027-13-01", "2027-1-1", "27-01-01", "2027/01/01", "2027-01-0x"}) {
        CHECK_FALSE(is_date(text));
    }
    CHECK(is_date(today()));
}

TEST_CASE("a waiver covers its target, its versions, its days, and nothing else") {
    const GroupKey a{{"a"}, false, {}};
    const auto covers = [&](const Waiver& waiver, const char* date, const GroupKey& key) {
        return Waivers({waiver}, "qemu-system:/q", kVersion, date).cover(key);
    };
    CHECK(covers(waiver_of("a"), "2026-01-01", a));
    CHECK(covers(waiver_of("a"), "2026-01-01", {{"a"}, true, {}}));
    CHECK_FALSE(covers(waiver_of("b"), "2026-01-01", a));
    CHECK_FALSE(covers(waiver_of("a", "8.0.."), "2026-01-01", a));
    CHECK(covers(waiver_of("a", {}, "2026-01-01"), "2026-01-01", a));
    CHECK_FALSE(covers(waiver_of("a", {}, "2026-01-01"), "2026-01-02", a));
    CHECK_FALSE(Waivers({waiver_of("a")}, "model", kVersion, "2026-01-01").cover(a));
    CHECK_FALSE(Waivers().cover(a));

    // Of two defects together each must be waived.
    const GroupKey both{{"a", "b"}, false, {}};
    CHECK_FALSE(covers(waiver_of("a"), "2026-01-01", both));
    CHECK(Waivers({waiver_of("a"), waiver_of("b")}, "qemu-system", kVersion, "2026-01-01").cover(both));

    Waiver of_group = waiver_of("");
    of_group.group = both.id();
    CHECK(covers(of_group, "2026-01-01", both));
    CHECK_FALSE(covers(of_group, "2026-01-01", a));

    const GroupKey unexplained{{}, false, {"STG", "completed", "data abort", "x1"}};
    Waiver of_signature = waiver_of("");
    of_signature.signature = {"ST*", "completed", "*", "x1"};
    CHECK(covers(of_signature, "2026-01-01", unexplained));
    CHECK_FALSE(covers(of_signature, "2026-01-01", {{}, false, {"LDG", "completed", "data abort", "x1"}}));
    CHECK_FALSE(covers(of_signature, "2026-01-01", a));
}

TEST_CASE("uses say what each waiver covers and which hold no longer") {
    const Waivers waivers({waiver_of("a"), waiver_of("b", {}, "2025-12-31"), waiver_of("c"), waiver_of("a", "9")},
                          "qemu-system", kVersion, "2026-01-01");
    const auto uses = waivers.uses({{{{"a"}, false, {}}, 5}, {{{"a", "b"}, true, {}}, 2}});
    REQUIRE(uses.size() == 4);
    CHECK(uses[0].cases == 7);
    CHECK_FALSE(uses[0].expired);
    CHECK(uses[1].cases == 2);
    CHECK(uses[1].expired);
    CHECK(uses[2].cases == 0);
    CHECK_FALSE(uses[3].applies);
}

TEST_CASE("waivers are read as they were written, and their schema describes them") {
    Waiver of_signature = waiver_of("", "7.2..10.0", "2027-06-30");
    of_signature.signature = {"STG", "completed", "completed", "x1"};
    of_signature.link = "https://example.invalid/1";
    Waiver of_group = waiver_of("");
    of_group.group = "0123abcd";
    const std::string text = to_json({waiver_of("a"), of_signature, of_group}).dump();
    const nlohmann::json document = nlohmann::json::parse(text);
    const std::string file = "waivers.json";
    CHECK(to_json(waivers_from_json(JsonPlace(document, file))).dump() == text);
    CHECK(spec::validate(published_schema("mtecheck-waivers/1"), document).empty());
}

TEST_CASE("a waiver that is wrong is refused with file, place and mend") {
    const auto refuses = [](const std::string& item, const std::string& part) {
        const std::string file = "waivers.json";
        const std::string text = R"({"schema": "mtecheck-waivers/1", "waivers": [)" + item + "]}";
        const nlohmann::json document = nlohmann::json::parse(text);
        using Catch::Matchers::ContainsSubstring;
        CHECK_THROWS_MATCHES(waivers_from_json(JsonPlace(document, file)), InputError,
                             Catch::Matchers::MessageMatches(ContainsSubstring("waivers.json") &&
                                                             ContainsSubstring("/waivers/") &&
                                                             ContainsSubstring(part)));
    };
    refuses(R"({"target": "*", "reason": "r"})", "exactly one of");
    refuses(R"({"defect": "a", "group": "00000000", "target": "*", "reason": "r"})", "exactly one of");
    refuses(R"({"defect": "a", "target": "*"})", "reason");
    refuses(R"({"defect": "a", "target": "*", "reason": ""})", "say why");
    refuses(R"({"defect": "", "target": "*", "reason": "r"})", "/defect");
    refuses(R"({"defect": "a", "reason": "r"})", "target");
    refuses(R"({"group": "xyz", "target": "*", "reason": "r"})", "eight hexadecimal digits");
    refuses(R"({"defect": "a", "target": "*", "reason": "r", "versions": "new"})", "range of versions");
    refuses(R"({"defect": "a", "target": "*", "reason": "r", "expires": "soon"})", "2027-01-31");
    refuses(R"({"defect": "a", "target": "*", "reason": "r", "until": "soon"})", "until");
    refuses(R"({"defect": "a", "target": "*", "reason": "r"}, {"defect": "a", "target": "*", "reason": "s"})", "same");
}

} // namespace
} // namespace mtecheck::difftest
