// SPDX-License-Identifier: Apache-2.0
//
// A process with synchronous checks, and its instructions, for tests of traces.
#pragma once

#include <memory>
#include <string>

#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"

namespace mtecheck::difftest::sample {

inline const std::string kRegisters =
    R"("SCTLR_EL1":"0x44000000005","TCR_EL1":"0x6000100010","GCR_EL1":"0x0","VBAR_EL1":"0x8000")";
inline const std::string kHeader = R"({"schema":"mtecheck-trace/1","complete":true,"features":["FEAT_MTE3"],)"
                                   R"("registers":{)" +
                                   kRegisters + "}}\n";
/// addg x1, x0, #0, #5
inline const std::string kAddg =
    R"({"pc":"0x1000","op":"0x91801401","el":0,"spsel":0,"before":{"x0":"0x100000","x2":"0x0","pstate":"0x0"},)"
    R"("after":{"x1":"0x500000000100000"}})"
    "\n";
/// stg x1, [x1]
inline const std::string kStg = R"({"pc":"0x1004","op":"0xd9200821"})"
                                "\n";
/// ldg x2, [x1]
inline const std::string kLdg = R"({"pc":"0x1008","op":"0xd9600022","after":{"x2":"0x500000000000000"}})"
                                "\n";

/// A record at the n-th instruction from 0x1000.
inline std::string record(unsigned n, const std::string& rest) {
    return "{\"pc\":\"" + hex_text(0x1000 + 4 * n) + "\"," + rest + "}\n";
}
/// ldr x3, [x1] and ldr x4, [x0]
inline const std::string kLdrX1 = R"("op":"0xf9400023","after":{"x3":"0x77"})";
inline const std::string kLdrX0 = R"("op":"0xf9400004","after":{"x4":"0x77"})";

inline TraceResult judged(const std::string& text, MemoryIs memory = MemoryIs::tagged) {
    JsonLinesReader reader(std::make_unique<LineReader>("sample", text));
    LockstepSettings settings;
    settings.features = reader.header().features.value();
    settings.complete = reader.header().complete;
    settings.only_user = reader.header().only_user;
    settings.registers = reader.header().registers;
    settings.memory = memory;
    return judge_trace(reader, settings);
}

} // namespace mtecheck::difftest::sample
