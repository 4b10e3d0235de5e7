// SPDX-License-Identifier: Apache-2.0
//
// A finding: one case on which a target and the model disagree, with everything that a reader needs to judge it and
// everything that a replay needs to show it again. File format: mtecheck-finding/2.
//
// Invariant: `original` is complete and is what was run; a finding that was only just seen has nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/outcome.h"
#include "difftest/findings/signature.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kFindingSchema = "mtecheck-finding/2";
/// Whether a document of this schema is a finding. Those of version 1 are read, too: they have no "shrunk".
bool is_finding(std::string_view schema);

enum class Confirmation : std::uint8_t {
    seen,           // in a batch; not tried alone yet
    confirmed,      // diverges alone, on a freshly started target
    not_reproduced, // not so alone: an earlier case of its batch, or chance, had a part in it
};

/// A field that differs, as text for people.
struct Difference {
    std::string field;
    std::string expected;
    std::string got;
    std::string requirement;
    bool operator==(const Difference&) const = default;
};

/// Where a generator draws a case: with the sequences that a target ran together with it.
struct Batch {
    std::string generator;
    std::string stream; // of tests, that campaigns name; empty in findings of before that
    std::uint64_t seed = 0;
    std::uint32_t shard = 0;
    std::uint64_t first = 0;     // sequence of the shard
    std::uint64_t sequences = 0; // from the first on
    std::uint64_t sequence = 0;  // that of the case, counted from the first
    std::uint64_t state = 0;     // of that sequence
    bool operator==(const Batch&) const = default;
};

/// How a case was reduced to its shortest.
struct Shrunk {
    std::uint64_t runs = 0; // of cases, by the target
    bool minimal = false;   // nothing more could be left out
    bool operator==(const Shrunk&) const = default;
};

struct Finding {
    Case original;
    std::string target;  // as given to --target
    std::string version; // as the target reports it
    Confirmation confirmation = Confirmation::seen;
    std::optional<Batch> batch;   // unless confirmed: what it was seen in
    std::optional<Case> shortest; // the original cut down so that it still shows the divergence
    std::optional<Shrunk> shrunk; // with the shortest
    Outcome expected;             // of the shortest case, else of the original
    Outcome got;
    Signature signature;
    std::vector<std::string> explained_by; // ids of known defects
    bool led_astray = false;               // by these, out of what the case defines: compared until there only
    std::vector<std::string> behaves_like; // mutations of the model, each of which gives the outcome that was got
    std::vector<Difference> differences;
    std::vector<std::string> choices;   // what the architecture leaves open here, and was tried in vain
    std::vector<std::string> decisions; // how the model came to its expectation
    std::string note;                   // for people: what became of a target that crashed

    const Case& shown() const { return shortest ? *shortest : original; }
    GroupKey group() const { return {explained_by, led_astray, signature}; }
};

/// The finding's name as a file: the case's id with '-' for '/'.
std::string file_name(const std::string& case_id);

OrderedJson to_json(const Finding& finding);
Finding finding_from_json(const JsonPlace& place);
Finding read_finding(const std::filesystem::path& file);

/// Writes a finding durably into a directory of findings.
void save(const Finding& finding, const std::filesystem::path& directory);

std::string_view to_string(Confirmation confirmation);

/// Whether a case that was run again diverges as its finding says: the same events, and the same fields differ. What
/// they hold may be chance: it is not compared. If the finding names no fields, or was led astray, any divergence does.
bool diverges_alike(const Finding& finding, const Finding& again);

/// The finding as text: code, what differs, why, and how to replay it.
std::string describe(const Finding& finding, const std::string& replay_path);

} // namespace mtecheck::difftest
