// SPDX-License-Identifier: Apache-2.0
//
// Tarmac, the trace format of Arm's models and of RTL simulations, in both dialects: IT lines with MR and MW (Fast
// Models), ES lines with LD and ST (RTL). AArch64 only: instructions of AArch32 are skipped, and what follows is a gap.
//
// Lines of events that do not matter here, and of none, are passed over; a line of an event that does, and cannot be
// read, is skipped and counted. Tarmac has no tags.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "difftest/trace/line_reader.h"
#include "difftest/trace/record.h"

namespace mtecheck::difftest {

class TarmacReader final : public TraceReader {
  public:
    /// Throws InputError if there is no event among the first lines.
    explicit TarmacReader(std::unique_ptr<LineReader> lines);

    const TraceHeader& header() const override { return header_; }
    bool next(TraceRecord& out) override;

  private:
    class Line;
    /// Whether the pending record is ended by this line, which then begins the next one.
    bool take(std::string_view line, TraceRecord& out);
    void give(TraceRecord& out);
    bool begin(TraceRecord& out, std::uint32_t cpu);
    void give_up(const char* why);
    std::uint32_t cpu_named(std::string_view name);

    std::unique_ptr<LineReader> lines_;
    TraceHeader header_;
    TraceRecord pending_;
    bool has_pending_ = false;
    bool bad_ = false;    ///< a line of the pending record could not be read
    char data_event_ = 0; ///< 'L' or 'S': of the line before, which may be continued without saying so again
    std::uint64_t events_ = 0;
    std::unordered_map<std::string, std::uint32_t> cpus_;
    std::string recent_name_;
    std::uint32_t recent_cpu_ = 0;
};

} // namespace mtecheck::difftest
