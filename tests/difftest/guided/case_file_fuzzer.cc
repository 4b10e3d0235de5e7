// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as a file of cases (packed here, so that the fuzzer reaches the format itself), either are
// refused with an InputError or give cases.
#include <string_view>

#include "difftest/core/error.h"
#include "difftest/golden/xz.h"
#include "difftest/guided/case_corpus.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const std::string& packed : {std::string(bytes), xz_store(bytes)}) {
        try {
            read_case_file(packed, "fuzz");
        } catch (const InputError&) {
            // The expected end of nearly every input.
        }
    }
    return 0;
}
