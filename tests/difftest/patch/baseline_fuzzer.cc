// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading a stored report as one side of a patch either works or throws InputError.
#include "difftest/patch/patch.h"
#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    fuzz_document(data, size, [](const JsonPlace& place) { side_of(place); });
    return 0;
}
