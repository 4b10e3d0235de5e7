// SPDX-License-Identifier: Apache-2.0
//
// What a judge of traces has to know of an instruction word, worked out once for each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/run/program.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

enum class DecodedKind : std::uint8_t {
    adopted,      ///< its effects are those that the trace tells
    judged,       ///< of MTE: run by the model and compared
    followed,     ///< SVC, ERET, DSB: run by the model for what they do to PSTATE and TFSR registers
    system_write, ///< MSR of a control register
    system_read,  ///< MRS, which shows what one holds
    tlb,          ///< TLBI
};

struct DecodedForTrace {
    DecodedKind kind = DecodedKind::adopted;
    model::DecodedInstruction instruction;
    bool may_branch = false;
    bool one_page = false; ///< of TLBI
    bool simd = false;
    bool store_exclusive = false;
    bool loads_data = false;
    bool loads_tags = false;
    bool stores_tags = false;
    bool bulk = false;    ///< LDGM
    bool checked = false; ///< it has Tag Checked accesses
    bool unprivileged = false;
    bool random_tag = false;
    bool writes_pstate = false;
    std::uint8_t rt = 31;
    std::uint8_t base = 31;
    std::optional<spec::Reg> reg; ///< of MSR and MRS
};

class TraceDecoder {
  public:
    const DecodedForTrace& decode(std::uint32_t opcode);

  private:
    static constexpr std::size_t kEntries = 8192;
    struct Entry {
        bool valid = false;
        DecodedForTrace decoded;
    };
    std::array<Entry, kEntries> entries_; ///< by a hash of the word: code repeats itself
};

} // namespace mtecheck::difftest
