// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/waivers.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "difftest/core/json_reader.h"
#include "difftest/findings/defects.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxWaivers = 10000;
constexpr std::size_t kGroupDigits = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Numbers between dots; nothing if the text is anything else.
std::optional<std::vector<std::uint64_t>> numbers(std::string_view text) {
    std::vector<std::uint64_t> result;
    for (;;) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc()) return std::nullopt;
        result.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty()) return result;
        if (text.front() != '.') return std::nullopt;
        text.remove_prefix(1);
    }
}

/// Less than, equal or greater than 0, as `version` is before, in or after what `bound` stands for.
int compare(const std::vector<std::uint64_t>& version, const std::vector<std::uint64_t>& bound) {
    for (std::size_t i = 0; i < bound.size(); ++i) {
        const std::uint64_t part = i < version.size() ? version[i] : 0;
        if (part != bound[i]) return part < bound[i] ? -1 : 1;
    }
    return 0;
}

std::string required_text(const JsonPlace& place, std::string_view key, const std::string& mend) {
    const JsonPlace member = place.member(key);
    if (member.text().empty()) member.fail(mend);
    return member.text();
}

Waiver waiver_from_json(const JsonPlace& place) {
    place.only({"defect", "group", "signature", "target", "versions", "reason", "link", "expires"});
    Waiver waiver;
    int subjects = 0;
    if (place.find("defect")) {
        waiver.defect = required_text(place, "defect", "name the id of a known defect");
        ++subjects;
    }
    if (const auto group = place.find("group")) {
        waiver.group = group->text();
        const bool digits = std::all_of(waiver.group.begin(), waiver.group.end(),
                                        [](char c) { return hex_digit(c) >= 0 && (c < 'A' || c > 'F'); });
        if (waiver.group.size() != kGroupDigits || !digits) {
            group->fail("must be the id of a group as reports print it: eight hexadecimal digits");
        }
        ++subjects;
    }
    if (const auto signature = place.find("signature")) {
        waiver.signature = signature_from_json(*signature);
        ++subjects;
    }
    if (subjects != 1) place.fail("give exactly one of \"defect\", \"group\" and \"signature\"");
    waiver.target = required_text(place, "target", "name a target; * is any text");
    if (const auto versions = place.find("versions")) {
        waiver.versions = versions->text();
        if (!VersionRange::parse(waiver.versions)) {
            versions->fail("must be a range of versions such as \"7.2\", \"7.2..10.0\", \"7.2..\" or \"..10.0\"");
        }
    }
    waiver.reason = required_text(place, "reason", "say why this divergence is accepted");
    if (const auto link = place.find("link")) waiver.link = link->text();
    if (const auto expires = place.find("expires")) {
        waiver.expires = expires->text();
        if (!is_date(waiver.expires)) expires->fail("must be a date such as \"2027-01-31\"");
    }
    return waiver;
}

bool is_signature(const Signature& pattern, const Signature& signature) {
    return matches(pattern.instruction, signature.instruction) && matches(pattern.expected, signature.expected) &&
           matches(pattern.got, signature.got) && matches(pattern.fields, signature.fields) &&
           (pattern.path.empty() || matches(pattern.path, signature.path));
}

/// Whether the waiver is about the group; for one of several defects, whether it is about a part of it.
bool is_about(const Waiver& waiver, const GroupKey& key) {
    if (!waiver.group.empty()) return waiver.group == key.id();
    if (waiver.signature) return key.explained_by.empty() && is_signature(*waiver.signature, key.signature);
    return std::find(key.explained_by.begin(), key.explained_by.end(), waiver.defect) != key.explained_by.end();
}

} // namespace

std::optional<VersionRange> VersionRange::parse(std::string_view text) {
    VersionRange range;
    const std::size_t dots = text.find("..");
    const std::string_view from = text.substr(0, dots);
    const std::string_view to = dots == std::string_view::npos ? from : text.substr(dots + 2);
    if (from.empty() && to.empty()) return std::nullopt;
    for (const auto& [part, bound] : {std::pair(from, &range.from_), std::pair(to, &range.to_)}) {
        if (part.empty()) continue;
        auto number = numbers(part);
        if (!number) return std::nullopt;
        *bound = std::move(*number);
    }
    if (!range.from_.empty() && compare(range.from_, range.to_) > 0) return std::nullopt; // nothing is in it
    return range;
}

bool VersionRange::contains(std::string_view reported) const {
    const auto version = numbers(version_number(reported));
    return version && compare(*version, from_) >= 0 && compare(*version, to_) <= 0;
}

std::string version_number(std::string_view reported) {
    std::size_t first = 0;
    while (first < reported.size() && !(is_digit(reported[first]) && (first == 0 || reported[first - 1] == ' '))) {
        ++first;
    }
    std::size_t last = first;
    while (last < reported.size() && (is_digit(reported[last]) || reported[last] == '.')) ++last;
    while (last != first && reported[last - 1] == '.') --last;
    return std::string(reported.substr(first, last - first));
}

std::string today() {
    const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const std::chrono::year_month_day date(now);
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", int{date.year()}, unsigned{date.month()}, unsigned{date.day()});
    return text;
}

bool is_date(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00";
    if (text.size() != kForm.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
    }
    const auto part = [&](std::size_t first, std::size_t length) {
        unsigned value = 0;
        for (const char c : text.substr(first, length)) value = value * 10 + static_cast<unsigned>(c - '0');
        return value;
    };
    const std::chrono::year year(static_cast<int>(part(0, 4)));
    return std::chrono::year_month_day(year, std::chrono::month(part(5, 2)), std::chrono::day(part(8, 2))).ok();
}

bool Waiver::same_subject(const Waiver& other) const {
    return defect == other.defect && group == other.group && signature == other.signature && target == other.target &&
           versions == other.versions;
}

std::string Waiver::subject() const {
    if (!defect.empty()) return defect;
    return signature ? to_string(*signature) : "[" + group + "]";
}

OrderedJson to_json(const std::vector<Waiver>& waivers) {
    OrderedJson list = OrderedJson::array();
    for (const Waiver& waiver : waivers) {
        OrderedJson item;
        if (!waiver.defect.empty()) item["defect"] = waiver.defect;
        if (!waiver.group.empty()) item["group"] = waiver.group;
        if (waiver.signature) item["signature"] = to_json(*waiver.signature);
        item["target"] = waiver.target;
        if (!waiver.versions.empty()) item["versions"] = waiver.versions;
        item["reason"] = waiver.reason;
        if (!waiver.link.empty()) item["link"] = waiver.link;
        if (!waiver.expires.empty()) item["expires"] = waiver.expires;
        list.push_back(std::move(item));
    }
    return {{"schema", kWaiversSchema}, {"waivers", std::move(list)}};
}

std::vector<Waiver> waivers_from_json(const JsonPlace& place) {
    place.only({"schema", "waivers"});
    place.schema(kWaiversSchema);
    const JsonPlace list = place.member("waivers");
    std::vector<Waiver> result;
    const std::size_t size = list.array_size(kMaxWaivers);
    for (std::size_t i = 0; i < size; ++i) {
        Waiver waiver = waiver_from_json(list.element(i));
        const bool twice =
            std::any_of(result.begin(), result.end(), [&](const Waiver& other) { return other.same_subject(waiver); });
        if (twice) list.element(i).fail("waives the same as one before it: leave one of them out");
        result.push_back(std::move(waiver));
    }
    return result;
}

std::vector<Waiver> read_waivers(const std::filesystem::path& path) {
    const std::string file = path.string();
    const nlohmann::json document = parse_json(read_file(path), file);
    return waivers_from_json(JsonPlace(document, file));
}

Waivers::Waivers(std::vector<Waiver> all, std::string_view target, std::string_view version, const std::string& date) {
    for (Waiver& waiver : all) {
        const auto range = VersionRange::parse(waiver.versions);
        Held held;
        held.applies = matches(waiver.target, target) && (!range || range->contains(version));
        held.expired = waiver.expired(date);
        held.waiver = std::move(waiver);
        all_.push_back(std::move(held));
    }
}

bool Waivers::cover(const GroupKey& key) const {
    for (const Held& held : all_) {
        if (!held.applies || held.expired || !is_about(held.waiver, key)) continue;
        if (held.waiver.defect.empty()) return true;
    }
    return !key.explained_by.empty() &&
           std::all_of(key.explained_by.begin(), key.explained_by.end(), [&](const std::string& id) {
               return std::any_of(all_.begin(), all_.end(), [&](const Held& held) {
                   return held.applies && !held.expired && held.waiver.defect == id;
               });
           });
}

std::vector<Waivers::Use> Waivers::uses(const std::vector<std::pair<GroupKey, std::uint64_t>>& groups) const {
    std::vector<Use> result;
    for (const Held& held : all_) {
        Use use{.waiver = &held.waiver, .applies = held.applies, .expired = held.expired, .cases = 0};
        if (held.applies) {
            for (const auto& [key, cases] : groups) use.cases += is_about(held.waiver, key) ? cases : 0;
        }
        result.push_back(use);
    }
    return result;
}

} // namespace mtecheck::difftest
