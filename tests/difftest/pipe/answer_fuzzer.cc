// SPDX-License-Identifier: Apache-2.0
//
// Whatever an adapter writes, reading it works or throws InputError. Random bytes are rarely an answer: they are read
// as they are, and as the body of one.
#include <string>

#include "difftest/core/error.h"
#include "difftest/pipe/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::string envelope = R"({"schema":"mtecheck-pipe/1","number":7,)";
    const std::vector<State> states(1);
    for (const std::string& line : {bytes, envelope + bytes + "}", envelope + R"("outcomes":[)" + bytes + "]}",
                                    envelope + R"("profile":)" + bytes + "}"}) {
        const auto offer = [&](const auto& reader) {
            try {
                reader();
            } catch (const InputError&) {
                // The expected end of nearly every input.
            }
        };
        offer([&] { read_profile_answer(line, 7); });
        offer([&] { read_run_answer(line, 7, states); });
        offer([&] { read_error_answer(line, 7); });
    }
    return 0;
}
