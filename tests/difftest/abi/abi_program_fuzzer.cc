// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as an ABI program or as known defects of the ABI, are refused with an InputError; a program is
// run by the model to its end.
#include "difftest/abi/abi_defects.h"
#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    static const auto target = make_abi_target("model");
    fuzz_document(
        data, size, [](const JsonPlace& place) { target->run(abi_program_from_json(place)); },
        [](const JsonPlace& place) { AbiExplainer(target->probe(), abi_defects_from_json(place)); });
    return 0;
}
