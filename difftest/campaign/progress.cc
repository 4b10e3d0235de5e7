// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/progress.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {
namespace {

constexpr std::chrono::milliseconds kLineInterval{250};
constexpr std::chrono::seconds kJsonInterval{1};
constexpr double kSmoothing = 0.3;
constexpr unsigned kMaxTold = 40; // for people: more are counted in the line

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

std::string duration(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::ceil(seconds)));
    if (whole < 120) return std::to_string(whole) + " s";
    if (whole < 7200) return std::to_string(whole / 60) + " min";
    return std::to_string(whole / 3600) + " h";
}

/// Seconds that remain; negative if there is no limit to go by.
double remaining(const ProgressView& view, double rate) {
    double result = -1;
    if (view.seconds_wanted > 0) result = std::max(0.0, view.seconds_wanted - view.elapsed_seconds);
    if (view.cases_wanted != 0 && rate > 0) {
        const double left = static_cast<double>(view.cases_wanted - std::min(view.cases, view.cases_wanted)) / rate;
        result = result < 0 ? left : std::min(result, left);
    }
    return result;
}

/// Of this process, all of its threads; not of targets that are processes of their own.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

} // namespace

std::string news_line(const std::string& id, const GroupKey& group) {
    if (group.explained_by.empty()) return "new: UNEXPLAINED " + to_string(group.signature) + " (" + id + ")";
    std::string line = "new: known defect";
    for (const std::string& defect : group.explained_by) line += " " + defect;
    return line + (group.led_astray ? ", led astray (" : " (") + id + ")";
}

std::string progress_line(const ProgressView& view, double cases_per_second) {
    std::string line = grouped(view.cases) + " cases";
    if (view.cases_wanted != 0) line += " of " + grouped(view.cases_wanted);
    line += ", " + grouped(static_cast<std::uint64_t>(cases_per_second)) + "/s";
    if (view.coverable != 0) line += ", coverage " + std::to_string(view.covered * 100 / view.coverable) + "%";
    if (view.kept != 0) line += ", " + grouped(view.kept) + " kept";
    line += ", " + grouped(view.explained + view.led_astray + view.unexplained) + " diverge";
    if (view.groups != 0) line += " in " + std::to_string(view.groups) + (view.groups == 1 ? " group" : " groups");
    if (view.unexplained != 0) line += ", " + grouped(view.unexplained) + " UNEXPLAINED";
    if (!view.phase.empty()) {
        line += ", " + view.phase;
    } else if (const double left = remaining(view, cases_per_second); left >= 0) {
        line += ", " + duration(left) + " left";
    }
    return line;
}

Progress::~Progress() { finish(); }

void Progress::show(const ProgressView& view) {
    const Clock::time_point now = Clock::now();
    if (style_ == ProgressStyle::none) return;
    if (now - last_ <
        (style_ == ProgressStyle::line ? Clock::duration(kLineInterval) : Clock::duration(kJsonInterval))) {
        return;
    }
    if (const double passed = view.elapsed_seconds - last_elapsed_; last_ != Clock::time_point{} && passed > 0) {
        const double latest = static_cast<double>(view.cases - last_cases_) / passed;
        rate_ = rate_ == 0 ? latest : rate_ + kSmoothing * (latest - rate_);
    }
    last_ = now;
    last_elapsed_ = view.elapsed_seconds;
    last_cases_ = view.cases;
    if (style_ == ProgressStyle::line) {
        line_.show(progress_line(view, rate_));
    } else {
        OrderedJson out = {{"cases", view.cases},
                           {"cases_wanted", view.cases_wanted},
                           {"cases_per_second", std::round(rate_)},
                           {"elapsed_seconds", view.elapsed_seconds},
                           {"cpu_seconds", cpu_seconds()},
                           {"covered", view.covered},
                           {"coverable", view.coverable},
                           {"explained", view.explained},
                           {"led_astray", view.led_astray},
                           {"unexplained", view.unexplained},
                           {"groups", view.groups},
                           {"kept", view.kept}};
        if (const double left = remaining(view, rate_); left >= 0) out["seconds_left"] = std::round(left);
        if (!view.phase.empty()) out["phase"] = view.phase;
        put_to_standard_error(out.dump() + "\n");
    }
}

void Progress::tell(const std::string& id, const GroupKey& group) {
    if (style_ == ProgressStyle::json) {
        const OrderedJson out = {{"new_finding", id},
                                 {"group", group.id()},
                                 {"explained_by", group.explained_by},
                                 {"led_astray", group.led_astray},
                                 {"signature", to_json(group.signature)}};
        put_to_standard_error(out.dump() + "\n");
    } else if (style_ == ProgressStyle::line && told_++ <= kMaxTold) {
        line_.erase();
        put_to_standard_error(told_ > kMaxTold ? "new: more, which are counted below\n" : news_line(id, group) + "\n");
    }
}

void Progress::finish() { line_.keep(); }

} // namespace mtecheck::difftest
