// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as a trace in JSON Lines, are refused with an InputError or judged to their end.
#include "difftest/core/error.h"
#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        JsonLinesReader reader(std::make_unique<LineReader>("fuzz", text));
        LockstepSettings settings;
        settings.features = reader.header().features.value_or(mtecheck::model::FeatureSet());
        settings.complete = reader.header().complete;
        settings.only_user = reader.header().only_user;
        settings.registers = reader.header().registers;
        settings.most_pages = 8;
        judge_trace(reader, settings);
    } catch (const InputError&) {
        // No header.
    }
    return 0;
}
