// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as JSON of ours, either are refused with an InputError or survive a round trip.
#include <cstdlib>
#include <string_view>

#include "difftest/core/error.h"
#include "difftest/core/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string file = "fuzz";
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto round_trip = [&](const auto& read) {
        try {
            const auto document = parse_json(text, file);
            const std::string written = dump(to_json(read(JsonPlace(document, file))));
            const auto again = parse_json(written, file);
            if (dump(to_json(read(JsonPlace(again, file)))) != written) std::abort();
        } catch (const InputError&) {
            // The expected end of nearly every input.
        }
    };
    round_trip(case_from_json);
    round_trip(test_from_json);
    round_trip(outcome_from_json);
    return 0;
}
