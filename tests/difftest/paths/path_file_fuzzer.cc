// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as a file of path cases (packed here, so that the fuzzer reaches the format itself), either
// are refused with an InputError or give cases, which the model can trace.
#include <string_view>

#include "difftest/core/error.h"
#include "difftest/golden/xz.h"
#include "difftest/judge/judge.h"
#include "difftest/paths/path_corpus.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    static PathNamer namer(model_profile());
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read = [](std::string_view packed) {
        try {
            PathNamer::Taken taken;
            for (PathCase& path_case : read_path_cases(packed, "fuzz")) {
                adapt(path_case.sequence.configuration, model_profile());
                namer.name(path_case, taken);
            }
        } catch (const InputError&) {
            // The expected end of nearly every input.
        }
    };
    read(bytes);
    read(xz_store(bytes));
    return 0;
}
