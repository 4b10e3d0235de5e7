// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading a campaign's settings, its checkpoint and a report either works or throws InputError.
#include <cstddef>
#include <cstdint>

#include "difftest/campaign/settings.h"
#include "difftest/campaign/tally.h"
#include "difftest/core/error.h"
#include "difftest/report/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string text(data, data + size);
    const std::string file = "fuzz";
    try {
        const nlohmann::json document = parse_json(text, file);
        const JsonPlace place(document, file);
        try {
            campaign_from_json(place);
        } catch (const InputError&) {
        }
        try {
            tally_from_json(place, {2, 3, 4});
        } catch (const InputError&) {
        }
        render_report(place, "");
    } catch (const InputError&) {
    }
    return 0;
}
