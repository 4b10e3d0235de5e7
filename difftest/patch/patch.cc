// SPDX-License-Identifier: Apache-2.0
#include "difftest/patch/patch.h"

#include <algorithm>
#include <compare>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "difftest/core/json.h"
#include "difftest/findings/attribution.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxFindings = 100000;
constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();
constexpr const char* kAny = "(any)";

/// A side that runs cases.
class Bench {
  public:
    explicit Bench(const PatchSide& side) : target_(side.make_target()), examiner_(target_->probe(), side.defects) {}

    Look look(const Finding& finding, bool from_scratch) {
        if (from_scratch) target_->reset();
        Finding run = finding;
        run.original = finding.shown();
        Look look;
        const Verdict::Kind kind = examiner_.replay(run, *target_);
        look.event = event_name(run.got);
        look.note = run.note;
        switch (kind) {
        case Verdict::Kind::agreed: look.kind = Look::Kind::agrees; return look;
        case Verdict::Kind::not_applicable:
        case Verdict::Kind::open: look.kind = Look::Kind::not_testable; return look;
        case Verdict::Kind::diverged:
        case Verdict::Kind::tool_trouble: break;
        }
        look.kind = Look::Kind::diverges;
        look.differences = run.differences;
        look.got = run.got;
        const State& state = run.original.state;
        if (kind == Verdict::Kind::diverged) {
            const Explanation explanation = examiner_.explain(state, run.got);
            look.key.explained_by = examiner_.ids(explanation);
            look.key.led_astray = explanation.led_astray;
        }
        if (look.key.explained_by.empty()) {
            // The end of a case that was cut down is the instruction at which it diverges.
            const std::string& seen = finding.signature.instruction;
            const auto& code = run.original.sequence.code;
            const std::string instruction = !seen.empty() ? seen : code.empty() ? kAny : instruction_name(code.back());
            look.key.signature = kind == Verdict::Kind::diverged
                                     ? examiner_.signature_of(instruction, state, run.got)
                                     : Signature{instruction, event_name(run.expected), look.event, ""};
        }
        return look;
    }

  private:
    std::unique_ptr<Target> target_;
    Examiner examiner_;
};

/// What a stored report knows of a case that cannot be run again there.
Look look_up(const PatchSide& stored, const Finding& finding, const GroupKey& after) {
    for (const Finding& known : stored.findings) {
        if (!(known.original.id == finding.original.id && known.shown().sequence == finding.shown().sequence &&
              known.shown().state == finding.shown().state)) {
            continue;
        }
        Look look{.kind = Look::Kind::diverges,
                  .event = event_name(known.got),
                  .key = known.group(),
                  .differences = known.differences,
                  .got = known.got,
                  .note = known.note};
        if (known.confirmation != Confirmation::confirmed) look.kind = Look::Kind::not_testable;
        return look;
    }
    // Its campaign met the same cases: of a cause that it met it keeps a few examples only. A case that was reduced may
    // look otherwise than the group that it was found in.
    const GroupKey seen = finding.group();
    const bool met = std::any_of(stored.groups.begin(), stored.groups.end(),
                                 [&](const auto& group) { return group.first == after || group.first == seen; });
    Look look;
    look.kind = met ? Look::Kind::not_known : Look::Kind::agrees;
    if (met) look.key = after;
    return look;
}

template <class T>
bool is_part(const std::vector<T>& part, const std::vector<T>& whole) {
    return part.size() < whole.size() && std::all_of(part.begin(), part.end(), [&](const T& item) {
               return std::find(whole.begin(), whole.end(), item) != whole.end();
           });
}

/// Whether both sides diverge in the same way. Of what was led astray only chance says what differs. Where a run ends
/// otherwise than it should, no other field is named: then the same defects explain both, or they do the same in all.
bool same_divergence(const Look& before, const Look& after) {
    const bool same_defects = before.key.explained_by == after.key.explained_by;
    if (before.key.led_astray && after.key.led_astray) return same_defects;
    if (before.event != after.event || before.differences != after.differences) return false;
    return (same_defects && !before.key.explained_by.empty()) || before.got == after.got;
}

using Defects = std::set<std::string>;

/// Known defects that the campaign met.
Defects defects_met(const PatchSide& side) {
    Defects met;
    for (const auto& [key, cases] : side.groups) met.insert(key.explained_by.begin(), key.explained_by.end());
    return met;
}

/// Whether known defects that were met before the patch account for what is left after it. A defect may have hidden
/// another: when it is gone the other shows.
bool none_new(const Look& after, const Defects& met) {
    const auto& ids = after.key.explained_by;
    return !ids.empty() && std::all_of(ids.begin(), ids.end(), [&](const std::string& id) { return met.contains(id); });
}

/// Whether no more is wrong after the patch.
bool is_better(const Look& before, const Look& after, const Defects& met) {
    const auto& defects_before = before.key.explained_by;
    const auto& defects_after = after.key.explained_by;
    if (none_new(after, met)) return true;
    return defects_after == defects_before && before.event == after.event &&
           is_part(after.differences, before.differences);
}

void classify(PatchRow& row, const Defects& met) {
    using Kind = Look::Kind;
    const Look& before = row.before;
    const Look& after = row.after;
    if (before.kind == Kind::not_testable || after.kind == Kind::not_testable) {
        row.change = Change::untestable;
    } else if (before.kind == Kind::not_known) {
        row.change = Change::still_there; // the same cause; see look_up
    } else if (before.kind == Kind::agrees && after.kind == Kind::agrees) {
        row.change = Change::untestable;
    } else if (before.kind == Kind::agrees) {
        row.change = none_new(after, met) ? Change::still_there : Change::introduced;
    } else if (after.kind == Kind::agrees) {
        row.change = Change::fixed;
    } else if (same_divergence(before, after)) {
        row.change = Change::still_there;
    } else {
        row.change = Change::changed;
        row.better = is_better(before, after, met);
    }
}

/// The findings of both sides, each once.
std::vector<std::pair<const PatchSide*, const Finding*>> all_findings(const PatchSide& before, const PatchSide& after) {
    std::vector<std::pair<const PatchSide*, const Finding*>> result;
    std::map<std::string, std::vector<const Finding*>> known;
    for (const PatchSide* side : {&before, &after}) {
        for (const Finding& finding : side->findings) {
            auto& same = known[finding.original.id];
            const bool twice = std::any_of(same.begin(), same.end(), [&](const Finding* other) {
                return other->shown().sequence == finding.shown().sequence &&
                       other->shown().state == finding.shown().state;
            });
            if (twice) continue;
            same.push_back(&finding);
            result.emplace_back(side, &finding);
        }
    }
    return result;
}

PatchRow row_of(const PatchSide& side, const Finding& finding) {
    PatchRow row;
    row.finding = finding;
    row.examples = {finding.original.id};
    if (!side.directory.empty()) row.file = side.directory + "/" + file_name(finding.original.id);
    return row;
}

std::size_t length(const PatchRow& row) { return row.finding.shown().sequence.code.size(); }

/// To start both sides anew for each finding takes a second. Where a fault shows in thousands, the first of what looks
/// alike speak for the rest.
constexpr unsigned kConfirmedAlike = 8;

struct Likeness {
    Change change{};
    bool better = false;
    std::vector<std::string> explained_by;
    std::vector<std::string> behaves_like;
    auto operator<=>(const Likeness&) const = default;
};

/// Looks again, on both sides freshly started: what earlier cases left behind may have had a part in it the first time.
/// Whether it is the same twice; if not, the row says so.
bool confirm(PatchRow& row, const std::function<void(bool from_scratch)>& look) {
    Change first = row.change;
    look(true);
    if (row.change != first) {
        first = row.change;
        look(true);
    }
    if (row.change != first) {
        row.after.note = "freshly started it was " + std::string(to_string(first)) + " the first time and " +
                         std::string(to_string(row.change)) + " the second time";
        row.change = Change::untestable;
        return false;
    }
    if (row.before.kind == Look::Kind::agrees && row.after.kind == Look::Kind::agrees) {
        row.after.note = "run again, both sides agree with the model";
    }
    return true;
}

/// What rows that are joined have in common.
struct Cause {
    Change change{};
    bool better = false;
    bool waived = false;
    GroupKey before;
    GroupKey after;
    std::vector<std::string> words;
    auto operator<=>(const Cause&) const = default;
};

Cause cause_of(const PatchRow& row) {
    Cause cause{row.change, row.better, row.waived, row.before.key, row.after.key, {}};
    if (row.change == Change::untestable) cause.words = {row.before.note, row.after.note};
    return cause;
}

/// The causes of all rows, in their order. One fault has many signatures, and each may be that of several faults: rows
/// that mutations account for are put down to as few of these as possible.
std::vector<Cause> causes_of(const std::vector<PatchRow>& rows) {
    std::vector<Cause> causes;
    std::map<Cause, std::map<std::string, std::vector<std::size_t>>> possible; // by what happened
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const PatchRow& row = rows[i];
        causes.push_back(cause_of(row));
        if (row.change == Change::untestable) continue;
        const Cause happened{row.change, row.better, row.waived, {}, {}, {}};
        for (const std::string& name : row.like) possible[happened][name].push_back(i);
    }
    for (auto& [happened, rows_of] : possible) {
        for (const auto& [name, items] : attribute(std::move(rows_of), [](std::size_t) { return std::uint64_t{1}; })) {
            for (const std::size_t i : items) {
                causes[i] = happened;
                causes[i].words = {name};
            }
        }
    }
    return causes;
}

/// Joins rows of one cause to which the same happened.
std::vector<PatchRow> joined(std::vector<PatchRow>&& rows) {
    const std::vector<Cause> causes = causes_of(rows);
    std::map<Cause, PatchRow> by_cause;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        PatchRow& row = rows[i];
        const auto found = by_cause.find(causes[i]);
        if (found == by_cause.end()) {
            by_cause.emplace(causes[i], std::move(row));
            continue;
        }
        PatchRow& shown = found->second;
        std::vector<std::string> examples = std::move(shown.examples);
        examples.push_back(row.examples.front());
        std::vector<std::string> like = std::move(shown.like);
        std::erase_if(like, [&](const std::string& name) {
            return std::find(row.like.begin(), row.like.end(), name) == row.like.end();
        });
        if (length(row) < length(shown)) shown = std::move(row);
        shown.examples = std::move(examples);
        shown.like = std::move(like);
    }
    std::vector<PatchRow> result;
    for (auto& [key, row] : by_cause) result.push_back(std::move(row));
    // First what counts, then what has most examples: it is what a reader meets most often.
    std::stable_sort(result.begin(), result.end(), [](const PatchRow& a, const PatchRow& b) {
        if (a.change != b.change) return a.change < b.change;
        if (a.counts() != b.counts()) return a.counts();
        return a.examples.size() > b.examples.size();
    });
    return result;
}

} // namespace

std::string_view to_string(Change change) {
    switch (change) {
    case Change::introduced: return "introduced";
    case Change::changed: return "changed";
    case Change::still_there: return "still there";
    case Change::fixed: return "fixed";
    case Change::untestable: return "not testable";
    }
    return "not testable";
}

PatchSide side_of(const Campaign& campaign, const std::filesystem::path& directory, const Factories& factories) {
    PatchSide side;
    side.name = campaign.file().settings.target;
    side.profile = campaign.profile();
    side.mtecheck_version = campaign.file().mtecheck_version;
    side.seed = campaign.file().settings.seed;
    side.counts = campaign.tally().counts;
    side.over_all_cases = campaign.tally().over_all_cases();
    side.groups = groups_of(campaign.tally());
    side.findings = campaign.findings();
    side.directory = (directory / "findings").string();
    side.make_target = factories.target;
    side.defects = campaign.defects();
    return side;
}

PatchSide side_of(const JsonPlace& report) {
    if (report.member("schema").text() != kReportSchema) {
        report.member("schema").fail("must be \"" + std::string(kReportSchema) + "\", the report of a campaign");
    }
    PatchSide side;
    side.name = report.member("target").member("name").text();
    side.profile.version = report.member("target").member("version").text();
    side.profile.cpu = report.member("target").member("cpu").text();
    side.mtecheck_version = report.member("mtecheck").member("version").text();
    side.seed = report.member("campaign").member("seed").hex();
    const JsonPlace counts = report.member("counts");
    Counts::each(side.counts,
                 [&](const char* name, std::uint64_t& value) { value = counts.member(name).number(kMaxCount); });
    side.over_all_cases = over_all_cases_of(report);
    side.groups = groups_of(report);
    const JsonPlace findings = report.member("findings");
    const std::size_t size = findings.array_size(kMaxFindings);
    for (std::size_t i = 0; i < size; ++i) side.findings.push_back(finding_from_json(findings.element(i)));
    return side;
}

std::uint64_t PatchVerdict::of(Change change) const {
    return static_cast<std::uint64_t>(
        std::count_if(rows.begin(), rows.end(), [&](const PatchRow& row) { return row.change == change; }));
}

bool PatchVerdict::regressed() const {
    return !broken.empty() || std::any_of(rows.begin(), rows.end(), [](const PatchRow& row) { return row.counts(); });
}

std::optional<PatchVerdict> judge_patch(const PatchSide& before, const PatchSide& after, const Waivers& waivers,
                                        const std::atomic<bool>& interrupt) {
    Bench bench_after(after);
    std::optional<Bench> bench_before;
    if (before.live()) bench_before.emplace(before);
    const Defects met = defects_met(before);
    std::map<Likeness, unsigned> confirmed;
    std::vector<PatchRow> rows;
    for (const auto& found : all_findings(before, after)) { // clang 14 captures no structured binding
        const auto* const side = found.first;
        const auto* const finding = found.second;
        if (interrupt) return std::nullopt;
        PatchRow row = row_of(*side, *finding);
        const auto look = [&](bool from_scratch) {
            row.after = bench_after.look(*finding, from_scratch);
            row.before =
                bench_before ? bench_before->look(*finding, from_scratch) : look_up(before, *finding, row.after.key);
            classify(row, met);
        };
        look(false);
        if (finding->confirmation != Confirmation::confirmed) {
            row.change = Change::untestable;
            row.after.note = "it shows only in its batch";
        } else if (row.change != Change::still_there) {
            const Likeness seen{row.change, row.better, row.key().explained_by, finding->behaves_like};
            const bool has_name = !(seen.explained_by.empty() && seen.behaves_like.empty());
            if (!has_name || confirmed[seen] < kConfirmedAlike) {
                const bool same_twice = confirm(row, look);
                if (same_twice && row.change == seen.change) ++confirmed[seen];
            }
        }
        if (row.key().explained_by.empty()) row.like = finding->behaves_like;
        row.waived = row.after.kind == Look::Kind::diverges && waivers.cover(row.after.key);
        rows.push_back(std::move(row));
    }
    return PatchVerdict{joined(std::move(rows)), OverAllCases::broken(before.over_all_cases, after.over_all_cases)};
}

} // namespace mtecheck::difftest
