// SPDX-License-Identifier: Apache-2.0
//
// What judging a trace gave: JSON (mtecheck-trace-report/1, difftest/schema/mtecheck-trace-report.schema.json) is the
// truth, the text a view of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/trace/lockstep.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kTraceReportSchema = "mtecheck-trace-report/1";

struct TraceReport {
    std::string trace;  ///< its file
    std::string format; ///< of the file
    std::string producer;
    std::vector<std::string> features;
    std::string memory; ///< which of it is taken for Tagged
    std::uint64_t lines_skipped = 0;
    std::vector<SkippedLine> first_skipped;
    bool cut = false; ///< the last line has no end
    TraceResult result;
};

OrderedJson to_json(const TraceReport& report);
std::string to_text(const TraceReport& report);

/// Reads all of a trace.
TraceResult judge_trace(TraceReader& reader, const LockstepSettings& settings);

} // namespace mtecheck::difftest
