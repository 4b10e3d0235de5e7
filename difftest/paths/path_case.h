// SPDX-License-Identifier: Apache-2.0
//
// A case of the path corpus, and the file that holds many of them (format: path_file.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

struct PathCase {
    spec::Encoding encoding{}; ///< of the subject
    std::uint8_t subject = 0;  ///< index in the code
    Sequence sequence;
    State state;
    bool operator==(const PathCase&) const = default;
};

/// What registers and memory hold where no path cares: different everywhere, and not worth a byte in a file.
std::uint64_t plain_x(unsigned n);
Vector128 plain_v(unsigned n);
std::uint64_t plain_data(std::uint64_t pa); ///< of eight bytes

/// Packs cases of one profile; GMID_EL1 and DCZID_EL0, which are constants of a target, are left out.
std::string write_path_cases(const std::vector<PathCase>& cases);
/// Throws InputError if `packed` is no such file. GMID_EL1 and DCZID_EL0 are 0.
std::vector<PathCase> read_path_cases(std::string_view packed, const std::string& file);

} // namespace mtecheck::difftest
