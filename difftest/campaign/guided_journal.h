// SPDX-License-Identifier: Apache-2.0
//
// The journal of guided generation, guided.jsonl: a line for each unit that kept something, {"unit": N, "shard": S,
// "kept": [[index, state] or [index, state, parent, donor], ...]}, in the order of the units.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/guided/guided_corpus.h"

namespace mtecheck::difftest {

inline constexpr const char* kGuidedFile = "guided.jsonl";

struct JournalEntry {
    std::uint64_t unit = 0;
    std::uint32_t shard = 0;
    std::vector<Origin> kept;
};

OrderedJson to_json(const JournalEntry& entry);
JournalEntry journal_entry_from_json(const JsonPlace& place);

/// Hands over each entry of a journal, its line (with the line break) and where that is; until f() returns false. A
/// file that is not there has none.
void read_journal(
    const std::filesystem::path& file,
    const std::function<bool(const JournalEntry& entry, const std::string& line, const std::string& place)>& f);

} // namespace mtecheck::difftest
