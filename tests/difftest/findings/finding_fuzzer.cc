// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading findings and defects, and describing a finding, either works or throws InputError.
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"
#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    fuzz_document(data, size, defects_from_json,
                  [](const JsonPlace& place) { describe(finding_from_json(place), "fuzz"); });
    return 0;
}
