// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading how far the reduction of a finding is either works or throws InputError.
#include "difftest/shrink/shrink_file.h"
#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    fuzz_document(data, size, shrink_progress_from_json);
    return 0;
}
