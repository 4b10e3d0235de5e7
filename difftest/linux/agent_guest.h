// SPDX-License-Identifier: Apache-2.0
//
// What every way to an agent has in common: which cases it runs, and how they look in a batch.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "difftest/batch/batch_target.h"
#include "difftest/linux/protocol.h"

namespace mtecheck::difftest {

class AgentGuest : public BatchGuest {
  public:
    std::optional<std::string> begin(const Sequence& sequence) override {
        if (auto reason = refuse_process(sequence, profile_)) return reason;
        header_ = encode_agent(sequence);
        tco_ = sequence.configuration.tco != 0;
        return std::nullopt;
    }
    const char* refuse(const State& state) const override { return refuse_process(state, profile_); }
    std::size_t header_bytes() const override { return sizeof(agent_sequence); }
    std::size_t record_bytes(RecordShape shape) const override { return agent_record_bytes(shape); }
    CodeSlot place(const Sequence& /*sequence*/) override { return {}; } // the agent does
    void write_header(std::uint32_t states, std::span<std::uint8_t> header) override {
        header_.state_count = states;
        std::memcpy(header.data(), &header_, sizeof(header_));
    }
    void encode(const State& state, std::span<std::uint8_t> record) override { encode_agent(state, tco_, record); }
    Decoded decode(const Sequence& sequence, CodeSlot /*slot*/, RecordShape shape, std::span<const std::uint8_t> header,
                   std::span<const std::uint8_t> record, std::uint64_t wanted) const override {
        return decode_agent(sequence, *reinterpret_cast<const agent_sequence*>(header.data()), shape, record, wanted);
    }

  protected:
    Profile profile_; // what describe() gave

  private:
    agent_sequence header_{}; // of the sequence that was begun
    bool tco_ = false;
};

} // namespace mtecheck::difftest
