// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading findings and defects either works or throws InputError.
#include <cstddef>
#include <cstdint>

#include "difftest/core/error.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string text(data, data + size);
    const std::string file = "fuzz";
    try {
        const nlohmann::json document = parse_json(text, file);
        const JsonPlace place(document, file);
        try {
            defects_from_json(place);
        } catch (const InputError&) {
        }
        const Finding finding = finding_from_json(place);
        describe(finding, file);
    } catch (const InputError&) {
    }
    return 0;
}
