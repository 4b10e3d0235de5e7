// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as a golden file (packed here, so that the fuzzer reaches the format itself), either are
// refused with an InputError or give records.
#include <string_view>

#include "difftest/core/error.h"
#include "difftest/golden/golden_file.h"
#include "difftest/golden/xz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read = [](std::string_view packed) {
        try {
            GoldenReader reader(packed, "fuzz");
            GoldenCase golden;
            while (reader.next(golden)) {
            }
        } catch (const InputError&) {
            // The expected end of nearly every input.
        }
    };
    read(bytes);
    read(xz_store(bytes));
    return 0;
}
