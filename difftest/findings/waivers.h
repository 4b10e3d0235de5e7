// SPDX-License-Identifier: Apache-2.0
//
// Waivers: divergences that somebody knows of and accepts for a while, as data (format mtecheck-waivers/1). A waiver
// says what it is about (a known defect, a signature or a group), for which targets and versions, why, and until when.
//
// Invariants: a waived divergence is counted and shown like any other, only not in the exit status; an expired waiver
// waives nothing; a group that several defects explain together is waived only if each of them is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/findings/signature.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kWaiversSchema = "mtecheck-waivers/1";

/// "7.2" (7.2 and all of 7.2.*), "7.2..10.0" (both ends and what they stand for included), "7.2..", "..10.0".
class VersionRange {
  public:
    /// Nothing if the text is no range.
    static std::optional<VersionRange> parse(std::string_view text);
    /// Whether the version that a target reports, the first number in it, is in the range.
    bool contains(std::string_view reported) const;

  private:
    using Number = std::vector<std::uint64_t>;
    Number from_; // empty: any
    Number to_;
};

/// "7.2.22" of "QEMU emulator version 7.2.22 (Debian ...)"; empty if no word begins with a digit.
std::string version_number(std::string_view reported);

/// Today in UTC, as YYYY-MM-DD: such dates are in order as texts.
std::string today();
/// Whether a text is a date of that form, of a day that exists.
bool is_date(std::string_view text);

struct Waiver {
    // What it is about: one of these.
    std::string defect;                 // id of a known defect
    std::string group;                  // id of a group, eight hexadecimal digits
    std::optional<Signature> signature; // of unexplained divergences; * in a part is any text
    std::string target;                 // pattern for the name of the target
    std::string versions;               // a VersionRange; empty: all
    std::string reason;
    std::string link;
    std::string expires; // the last day on which it holds; empty: it does not expire

    bool expired(const std::string& date) const { return !expires.empty() && expires < date; }
    bool same_subject(const Waiver& other) const;
    /// What it is about, for people.
    std::string subject() const;
};

OrderedJson to_json(const std::vector<Waiver>& waivers);
std::vector<Waiver> waivers_from_json(const JsonPlace& place);
std::vector<Waiver> read_waivers(const std::filesystem::path& file);

/// The waivers of one target on one day, and what they cover.
class Waivers {
  public:
    Waivers() = default;
    Waivers(std::vector<Waiver> all, std::string_view target, std::string_view version, const std::string& date);

    /// Whether waivers that have not expired cover this group.
    bool cover(const GroupKey& key) const;

    struct Use {
        const Waiver* waiver = nullptr;
        bool applies = true; // to this target and version
        bool expired = false;
        std::uint64_t cases = 0; // of groups that it is about
    };
    /// One for each waiver. `groups` are those of a campaign, with how many cases each has.
    std::vector<Use> uses(const std::vector<std::pair<GroupKey, std::uint64_t>>& groups) const;

    bool empty() const { return all_.empty(); }

  private:
    struct Held {
        Waiver waiver;
        bool applies = false;
        bool expired = false;
    };
    std::vector<Held> all_;
};

} // namespace mtecheck::difftest
