// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading findings, defects and waivers, and describing a finding, either works or throws
// InputError.
#include "difftest/findings/defects.h"

#include "difftest/findings/finding.h"
#include "difftest/findings/waivers.h"
#include "tests/difftest/fuzz_document.h"
#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    fuzz_document(
        data, size, defects_from_json, [](const JsonPlace& place) { describe(finding_from_json(place), "fuzz"); },
        [](const JsonPlace& place) {
            const Waivers waivers(waivers_from_json(place), "qemu-system", "version 7.2", "2026-01-01");
            waivers.cover({{"a"}, false, {"STG", "completed", "completed", "x1"}});
        });
    return 0;
}
