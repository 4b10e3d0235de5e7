// SPDX-License-Identifier: Apache-2.0
//
// Any bytes at all, read as Tarmac, are refused with an InputError or judged to their end.
#include "difftest/core/error.h"
#include "difftest/judge/features.h"
#include "difftest/judge/judge.h"
#include "difftest/trace/report.h"
#include "difftest/trace/tarmac.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        TarmacReader reader(std::make_unique<LineReader>("fuzz", text));
        LockstepSettings settings;
        settings.features = features_of(model_profile());
        settings.most_pages = 8;
        judge_trace(reader, settings);
    } catch (const InputError&) {
        // No event.
    }
    return 0;
}
