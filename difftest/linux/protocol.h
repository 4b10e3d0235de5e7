// SPDX-License-Identifier: Apache-2.0
//
// Between the vocabulary of difftest and the blocks that the agent takes and gives (difftest/linux/wire.h), whatever
// carries them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "difftest/batch/batch_target.h"
#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"
#include "difftest/linux/wire.h"

namespace mtecheck::difftest {

/// What the agent found, as a profile: all but the names of target, version and CPU. Throws TargetError if it could not
/// set itself up. Its version is for the one who knows which agent that should be.
Profile read_hello(const agent_hello& hello);

/// Why a process of this profile cannot run the sequence; nothing if it can.
std::optional<std::string> refuse_process(const Sequence& sequence, const Profile& profile);
/// Why the agent cannot install the state; null if it can.
const char* refuse_process(const State& state, const Profile& profile);

std::size_t agent_record_bytes(RecordShape shape);
agent_sequence encode_agent(const Sequence& sequence);
/// `tco`: what the sequence starts with.
void encode_agent(const State& state, bool tco, std::span<std::uint8_t> record);

/// The outcome in a record, which stays there; or an error. `wanted` is the record's signature.
Decoded decode_agent(const Sequence& sequence, const agent_sequence& header, RecordShape shape,
                     std::span<const std::uint8_t> record, std::uint64_t wanted);

} // namespace mtecheck::difftest
