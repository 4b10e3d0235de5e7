// SPDX-License-Identifier: Apache-2.0
//
// The readable view of a report.
#include "difftest/report/render.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace rendering {

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

std::string plural(std::uint64_t number, const std::string& noun) {
    return grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& words, std::size_t limit) {
    std::string text;
    for (std::size_t i = 0; i < std::min(words.size(), limit); ++i) text += (i == 0 ? "" : ", ") + words[i];
    if (words.size() > limit) text += " and " + std::to_string(words.size() - limit) + " more";
    return text;
}

} // namespace rendering

namespace {

using rendering::kMaxCount;
using rendering::kMaxItems;
using rendering::plural;

std::vector<Finding> findings_of(const JsonPlace& report) {
    std::vector<Finding> result;
    const JsonPlace list = report.member("findings");
    const std::size_t size = list.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) result.push_back(finding_from_json(list.element(i)));
    return result;
}

std::string render(const JsonPlace& report, const std::vector<Finding>& list, const std::string& findings) {
    const JsonPlace target = report.member("target");
    const JsonPlace campaign = report.member("campaign");
    std::string text = "target        " + target.member("name").text() + ": " + target.member("version").text() +
                       ", cpu " + target.member("cpu").text() + "\n";
    text += "campaign      generator " + campaign.member("generator").text() + ", seed " +
            hex_text(campaign.member("seed").hex()) + ", mtecheck " +
            report.member("mtecheck").member("version").text() + "\n";
    if (const auto only = campaign.find("only")) text += "only          shards " + only->text() + "\n";
    if (const auto missing = campaign.find("missing_units")) {
        text += "INCOMPLETE    " + plural(missing->number(kMaxCount), "unit") + " of work are missing\n";
    }
    if (const auto process = target.find("process")) {
        const auto absent = process->find("absent");
        text += absent ? "process       simulated: what it does not have or show\n"
                       : "process       a Linux process can neither set nor see\n";
        const JsonPlace limits = process->member("limits");
        const std::size_t count = limits.array_size(kMaxCount);
        for (std::size_t i = 0; i < count; ++i) {
            const JsonPlace limit = limits.element(i);
            text += "                " + limit.member("what").text() + ": " + limit.member("why").text() + "\n";
        }
        const std::size_t missing = absent ? absent->array_size(kMaxCount) : 0;
        for (std::size_t i = 0; i < missing; ++i)
            text += (i == 0 ? "                encodings that it turned out not to have: " : ", ") +
                    absent->element(i).text();
        if (missing != 0) text += "\n";
    }
    return text + rendering::totals_text(report) + rendering::divergences_text(report, list, findings);
}

} // namespace

std::string render_report(const JsonPlace& report, const std::string& findings) {
    if (report.member("schema").text() != kReportSchema) {
        report.member("schema").fail("must be \"" + std::string(kReportSchema) +
                                     "\", the format that this program reads");
    }
    return render(report, findings_of(report), findings);
}

std::string render_report(const ReportInput& input, const std::string& findings) {
    const std::string file = "report";
    const nlohmann::json outline = parse_json(dump(report_outline(input)), file);
    return render(JsonPlace(outline, file), input.findings, findings);
}

} // namespace mtecheck::difftest
