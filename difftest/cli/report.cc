// SPDX-License-Identifier: Apache-2.0
//
// mtecheck report: the readable view of a report file.
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "difftest/cli/verbs.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {

int run_report(std::span<char* const> arguments) {
    Options options("report", "FILE",
                    "Prints the report of a campaign for people: what was compared, what diverged, grouped, with the\n"
                    "shortest example of each group and how to replay it. FILE is report.json, or its directory.\n");
    declare_waivers(options);
    options.positional(1, 1);
    if (!options.parse(arguments)) return kAgree;
    std::filesystem::path path = options.arguments().front();
    if (std::filesystem::is_directory(path)) path /= "report.json";
    const std::string file = path.string();
    nlohmann::json document = parse_json(read_file(file, std::uint64_t{1} << 30), file);
    if (options.given("waivers")) {
        const JsonPlace report(document, file);
        const JsonPlace target = report.member("target");
        const auto waivers = waivers_for(options, target.member("name").text(), target.member("version").text());
        document["waivers"] = waivers_json(*waivers, groups_of(report));
    }
    std::cout << render_report(JsonPlace(document, file), (path.parent_path() / "findings").string());
    return kAgree;
}

} // namespace mtecheck::difftest
