// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as an ABI program, are refused with an InputError or run by the model to their end.
#include <nlohmann/json.hpp>

#include "difftest/abi/abi_model.h"
#include "difftest/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    static const auto target = make_abi_target("model");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const std::string file = "fuzz";
        const nlohmann::json document = parse_json(text, file);
        target->run(abi_program_from_json(JsonPlace(document, file)));
    } catch (const InputError&) {
        // Not a program.
    }
    return 0;
}
