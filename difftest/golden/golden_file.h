// SPDX-License-Identifier: Apache-2.0
//
// The golden corpus: cases executed by Arm's own pseudocode, each with the outcome that it had there.
//
// A file `CLASS.golden.xz` holds one class of instructions: an xz stream with a header and one column of bytes for
// each field of all records (see Column in golden_file.cc). Registers that no instruction of the case names hold
// noise in the original vectors; here they hold noise() of their position, which costs no space.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"

namespace mtecheck::difftest {

/// What the pseudocode wrote to memory, whether or not a value changed.
struct WrittenRun {
    std::uint8_t window = 0; // index in State::windows
    std::uint8_t offset = 0;
    std::uint16_t bytes = 0; // 1 to 256 - offset
    bool operator==(const WrittenRun&) const = default;
};

struct GoldenCase {
    std::uint32_t number = 0; // of the record in its class; Case::id ends in it
    Case input;
    Outcome outcome;
    std::vector<WrittenRun> written;         // ascending
    std::vector<std::uint16_t> written_tags; // for each window: bit g for granule g
    std::uint32_t stored_x = 0;              // bit n: State::x[n] is the vector's own value, not noise
};

/// The value of a register that a case does not name.
std::uint64_t noise(std::uint32_t number, unsigned reg);

/// One golden file in memory, read record by record.
class GoldenReader {
  public:
    /// Throws InputError if `packed` is not a golden file.
    GoldenReader(std::string_view packed, const std::string& file);
    ~GoldenReader();
    GoldenReader(GoldenReader&&) noexcept;
    GoldenReader& operator=(GoldenReader&&) noexcept;

    std::uint32_t count() const;
    /// The next record into `out`, whose storage is reused; false at the end.
    bool next(GoldenCase& out);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A whole golden file from records of one class. Case::id of all starts with `id_prefix`.
std::string write_golden(const std::string& id_prefix, std::vector<GoldenCase> records);

} // namespace mtecheck::difftest
