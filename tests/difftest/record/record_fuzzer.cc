// SPDX-License-Identifier: Apache-2.0
//
// Whatever a record holds, reading it works or throws InputError. Random bytes are rarely a block: they are read as
// they are, and as the answers of a block of a good record.
#include <cstdint>
#include <filesystem>
#include <string>
#include <unistd.h>

#include "difftest/core/error.h"
#include "difftest/record/record_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Test test;
    test.states.resize(2);
    test.states[0].windows.resize(1);
    for (const std::string& record : {std::string(bytes), record_of_answers(bytes, name_of(test))}) {
        try {
            RecordReader reader(record, "input");
            std::vector<Outcome> outcomes;
            reader.find(test, outcomes);
        } catch (const InputError&) {
            // The expected end of nearly every input.
        }
    }
    return 0;
}
