// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes: a set of shards, an id of a case and an entry of a journal of guided generation are read, or are
// refused; what is read is written as it was read.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "difftest/campaign/guided_journal.h"
#include "difftest/campaign/result_files.h"
#include "difftest/campaign/shards.h"
#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto shards = ShardSet::parse(text)) {
        if (!(ShardSet::parse(shards->text()) == shards)) std::abort();
    }
    unit_of(std::string(text), {});
    fuzz_document(data, size, [](const JsonPlace& place) {
        const JournalEntry entry = journal_entry_from_json(place);
        const std::string again = to_json(entry).dump();
        const auto document = parse_json(again, "again");
        const std::string file = "again";
        if (to_json(journal_entry_from_json(JsonPlace(document, file))).dump() != again) std::abort();
    });
    return 0;
}
