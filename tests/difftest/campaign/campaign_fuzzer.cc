// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading the settings, profile and checkpoint of a campaign, and a report, either works or throws
// InputError.
#include "difftest/campaign/profile_file.h"

#include "difftest/campaign/settings.h"
#include "difftest/campaign/tally.h"
#include "difftest/report/report.h"
#include "tests/difftest/fuzz_document.h"
#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    fuzz_document(
        data, size, campaign_from_json, profile_from_json,
        [](const JsonPlace& place) {
            tally_from_json(place, {2, 3, 4});
        },
        [](const JsonPlace& place) { render_report(place, ""); });
    return 0;
}
