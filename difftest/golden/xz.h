// SPDX-License-Identifier: Apache-2.0
//
// Whole-buffer xz compression, bounded: a file that would unpack to more than the limit is an InputError.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mtecheck::difftest {

/// `file` is the name in complaints.
std::string xz_decompress(std::string_view packed, const std::string& file, std::uint64_t limit = 64U << 20U);
std::string xz_compress(std::string_view plain);
/// The same with the least effort: for tests and fuzzers, which pack small things often.
std::string xz_store(std::string_view plain);

} // namespace mtecheck::difftest
