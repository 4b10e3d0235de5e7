// SPDX-License-Identifier: Apache-2.0
//
// Between the vocabulary of difftest and the records of the wire.
//
// The end of the code is a marker: SVC at EL0 and where an exception return may lead there, SMC elsewhere, with the
// round of the code ring as its immediate. It ends a translation block, takes the shortest way out, and shows code that
// the emulator should have forgotten: no slot is ever used twice in one round.
#pragma once

#include <cstdint>
#include <span>

#include "difftest/batch/batch_target.h"
#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

/// Hands out the code area in order, 64-byte aligned, again and again.
class CodeRing {
  public:
    explicit CodeRing(std::size_t bytes) : bytes_(bytes) {}

    struct Place {
        std::size_t offset;
        std::uint16_t round;
    };
    Place next(std::size_t instructions);
    static std::size_t slot_bytes(std::size_t instructions);

  private:
    std::size_t bytes_;
    std::size_t at_ = 0;
    std::uint16_t round_ = 1;
};

/// Whether the marker is an SVC. It is taken at every Exception level, but the way from EL1 and EL2 is longer.
bool ends_with_svc(const Sequence& sequence);

/// Writes the instructions, the end marker, and zero (UDF) up to the end of the slot.
void write_code(const Sequence& sequence, CodeSlot slot, std::span<std::uint8_t> memory);

/// Of a record of this shape.
std::size_t record_bytes(RecordShape shape);
std::size_t encoded_bytes(const State& state);
void encode(const State& state, std::span<std::uint8_t> record);

/// The outcome in a record, which stays there; or an error. `wanted` is the record's signature.
Decoded decode(const Sequence& sequence, CodeSlot slot, RecordShape shape, std::span<const std::uint8_t> record,
               std::uint64_t wanted);

} // namespace mtecheck::difftest
