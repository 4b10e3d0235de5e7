// SPDX-License-Identifier: Apache-2.0
//
// A trace as all readers give it: one record for each executed instruction, with what the trace says of it and no more.
//
// Invariants: a value that the trace does not have is not in the record; a record without an opcode tells state or an
// exception only. Readers have no opinion about MTE.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine/native_machine.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

/// A register that the judge looks at: general registers, those of the PE's state, and system registers of the tables.
class RegisterId {
  public:
    static constexpr RegisterId x(unsigned n) { return RegisterId(static_cast<std::uint16_t>(n)); }
    static constexpr RegisterId sp() { return RegisterId(31); }     ///< the one that PSTATE selects
    static constexpr RegisterId pstate() { return RegisterId(32); } ///< in the layout of SPSR_ELx
    static constexpr RegisterId nzcv() { return RegisterId(33); }   ///< in bits 31:28
    static constexpr RegisterId sp_el3() { return RegisterId(34); } ///< has no name for MSR
    static constexpr RegisterId system(spec::Reg reg) {
        return RegisterId(static_cast<std::uint16_t>(64 + static_cast<unsigned>(reg)));
    }
    /// Of its name in a trace, in any case of letters: X3, SP, CPSR, SCTLR_EL1.
    static std::optional<RegisterId> named(std::string_view name);

    constexpr bool is_x() const { return value_ < 31; }
    constexpr bool is_system() const { return value_ >= 64; }
    constexpr unsigned number() const { return value_; }
    constexpr spec::Reg reg() const { return static_cast<spec::Reg>(value_ - 64); }
    std::string name() const;
    friend constexpr bool operator==(RegisterId, RegisterId) = default;

  private:
    constexpr explicit RegisterId(std::uint16_t value) : value_(value) {}
    std::uint16_t value_;
};

struct RegisterValue {
    RegisterId id;
    std::uint64_t value = 0;
    std::uint64_t known = ~std::uint64_t{0};
    std::uint64_t unknown = 0; ///< bits that the trace calls unknown; those in neither are what they were
};

/// Where a virtual address is in memory: so is the page of 4 KiB around it.
struct PageTranslation {
    std::uint64_t va = 0;
    std::uint64_t pa = 0;
};

/// A piece of at most 16 bytes of what an instruction read or wrote.
struct MemoryAccess {
    bool write = false;
    bool has_pa = false;
    std::uint8_t size = 0;
    std::uint16_t known = 0; ///< bytes of `data` that the trace has
    std::uint64_t va = 0;
    std::uint64_t pa = 0;
    std::array<std::uint8_t, 16> data{};
};

/// The Allocation Tag of a granule, as the trace tells it.
struct GranuleTag {
    std::uint64_t va = 0;
    std::uint8_t tag = 0;
};

struct TraceRecord {
    enum class Exception : std::uint8_t { none, synchronous, interrupt };

    std::uint64_t line = 0; ///< where it begins in the file
    std::uint32_t cpu = 0;
    bool after_a_gap = false; ///< lines that could not be read come before: nothing else is in such a record
    bool has_opcode = false;
    std::uint64_t pc = 0;
    std::uint32_t opcode = 0;
    std::optional<std::uint8_t> el;    ///< at which it is executed
    std::optional<std::uint8_t> spsel; ///< PSTATE.SP
    std::vector<RegisterValue> before; ///< what registers held before it
    std::vector<RegisterValue> after;  ///< what they hold after it: those that it wrote, at least
    std::vector<MemoryAccess> accesses;
    std::vector<GranuleTag> tags;              ///< before it, of Tagged memory
    std::vector<PageTranslation> translations; ///< of what the instruction may access
    Exception exception = Exception::none;     ///< instead of going on after it
    std::optional<std::uint8_t> to_el;         ///< of the exception

    void clear();
};

/// What a trace says of itself, before its records.
struct TraceHeader {
    std::optional<model::FeatureSet> features; ///< implemented; absent: not said
    bool complete = true;                      ///< every executed instruction, with all that it wrote, is in the trace
    bool only_user = false;                    ///< of EL0 alone: what happens in exceptions is not in the trace
    std::vector<RegisterValue> registers;      ///< constants, and what registers hold at the beginning
    std::string producer;
};

/// A line that could not be read.
struct SkippedLine {
    std::uint64_t line = 0;
    std::string why;
};

class TraceReader {
  public:
    TraceReader() = default;
    TraceReader(const TraceReader&) = delete;
    TraceReader& operator=(const TraceReader&) = delete;
    virtual ~TraceReader() = default;

    virtual const TraceHeader& header() const = 0;
    /// The next record; false at the end. `out` keeps its storage.
    virtual bool next(TraceRecord& out) = 0;

    std::uint64_t skipped() const { return skipped_; }
    const std::vector<SkippedLine>& first_skipped() const { return first_skipped_; }

  protected:
    void skip(std::uint64_t line, std::string why);

  private:
    std::uint64_t skipped_ = 0;
    std::vector<SkippedLine> first_skipped_;
};

} // namespace mtecheck::difftest
