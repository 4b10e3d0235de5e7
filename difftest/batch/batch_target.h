// SPDX-License-Identifier: Apache-2.0
//
// A target whose cases travel in batches to a guest program: encodes one batch while the guest runs another, and when
// the guest dies or hangs gives the case at fault its outcome, starts it again and goes on behind that case.
//
// What a case looks like on the way, and how the guest is started and rung, is the BatchGuest's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "difftest/batch/doorbell.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// What a record has behind its registers.
struct RecordShape {
    constexpr RecordShape(std::uint8_t window_count, bool has_vectors) : windows(window_count), vectors(has_vectors) {}
    explicit RecordShape(const State& state)
        : windows(static_cast<std::uint8_t>(state.windows.size())), vectors(!state.v.empty()) {}
    std::uint8_t windows;
    bool vectors;
};

/// Why a record cannot be decoded.
enum class DecodeError {
    garbled,    // not something that the guest program writes
    stale_code, // the guest ran instructions that are not in the slot
};

using Decoded = std::variant<OutcomeView, DecodeError>;

/// Where the code of a sequence is in the guest.
struct CodeSlot {
    std::uint64_t va = 0;
    std::uint16_t round = 0;
    bool operator==(const CodeSlot&) const = default;
};

/// The program that runs batches, from start to end, and what its records look like.
class BatchGuest {
  public:
    BatchGuest() = default;
    BatchGuest(const BatchGuest&) = delete;
    BatchGuest& operator=(const BatchGuest&) = delete;
    virtual ~BatchGuest() = default;

    /// Starts it; throws TargetError, LostAtBoot if another attempt may help.
    virtual void start() = 0;
    virtual bool started() const = 0;
    /// Ends it; cpu_seconds() keeps what it used.
    virtual void stop() = 0;
    /// Wipes the memory that the next start would find.
    virtual void wipe() = 0;
    /// What it says of itself; it is started.
    virtual Profile describe() = 0;
    /// Of all that were started.
    virtual double cpu_seconds() const = 0;

    /// One of two batch areas.
    virtual std::span<std::uint8_t> area(unsigned number) = 0;
    /// Gives it the batch in an area. False if the guest has ended meanwhile.
    virtual bool post(unsigned number, std::size_t bytes) = 0;
    /// Whether one may be posted while another runs; it then follows at once.
    virtual bool queues() const = 0;
    /// Number of the batch posted last: part of the signature of its results.
    virtual std::uint32_t command() const = 0;
    /// Of the oldest batch that is posted and was not waited for, by its number.
    virtual Answer wait(std::uint32_t command) = 0;
    /// Index of its state that is or was run last.
    virtual std::uint32_t progress(std::uint32_t command) const = 0;
    /// For people, after it died: how it ended and what it printed.
    virtual std::string obituary() = 0;

    /// Begins a sequence; why the guest cannot run it, or nothing.
    virtual std::optional<std::string> begin(const Sequence& sequence) = 0;
    /// Why the guest cannot install the state; null if it can.
    virtual const char* refuse(const State& state) const = 0;
    virtual std::size_t header_bytes() const = 0;
    virtual std::size_t record_bytes(RecordShape shape) const = 0;
    /// Gives the code of the sequence that was begun its place: it has a state in this batch.
    virtual CodeSlot place(const Sequence& sequence) = 0;
    /// The header of the sequence that was begun; all its states in this batch are encoded.
    virtual void write_header(std::uint32_t states, std::span<std::uint8_t> header) = 0;
    virtual void encode(const State& state, std::span<std::uint8_t> record) = 0;
    /// The outcome in a record, which stays there; or an error. `header` is that of its sequence, `wanted` the record's
    /// signature.
    virtual Decoded decode(const Sequence& sequence, CodeSlot slot, RecordShape shape,
                           std::span<const std::uint8_t> header, std::span<const std::uint8_t> record,
                           std::uint64_t wanted) const = 0;
};

/// Nothing is started before the first probe() or run().
std::unique_ptr<Target> make_batch_target(std::unique_ptr<BatchGuest> guest);

} // namespace mtecheck::difftest
