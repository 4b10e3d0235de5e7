// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as JSON of ours, either are refused with an InputError or survive a round trip.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const auto round_trip = [](const auto& read) {
        return [&read](const JsonPlace& place) {
            const std::string written = dump(to_json(read(place)));
            const std::string file = "written";
            const auto again = parse_json(written, file);
            if (dump(to_json(read(JsonPlace(again, file)))) != written) std::abort();
        };
    };
    fuzz_document(data, size, round_trip(case_from_json), round_trip(test_from_json), round_trip(outcome_from_json));
    return 0;
}
