// SPDX-License-Identifier: Apache-2.0
//
// Traces as JSON Lines: a header, then a line for each record (difftest/schema/mtecheck-trace.schema.json).
// Records are scanned by hand, since a document for each line would take several times as long as judging it. They are
// strict: no escapes in strings, no unknown or repeated members, 64-bit values as hexadecimal strings.
//
// Producers on Linux know the control registers of tag checks as the word of prctl(PR_GET_TAGGED_ADDR_CTRL) only: the
// register "tagged_addr_ctrl" stands for what the kernel sets in SCTLR_EL1, GCR_EL1 and TCR_EL1 for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "difftest/trace/line_reader.h"
#include "difftest/trace/record.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kTraceSchema = "mtecheck-trace/1";

/// One record; false, with the reason in `why`, if it is none.
bool parse_trace_record(std::string_view line, TraceRecord& out, const char*& why);

class JsonLinesReader final : public TraceReader {
  public:
    /// Throws InputError if the first line is no header of this format.
    explicit JsonLinesReader(std::unique_ptr<LineReader> lines);

    const TraceHeader& header() const override { return header_; }
    bool next(TraceRecord& out) override;

  private:
    std::unique_ptr<LineReader> lines_;
    TraceHeader header_;
};

} // namespace mtecheck::difftest
