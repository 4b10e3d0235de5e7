// SPDX-License-Identifier: Apache-2.0
//
// The GNU cross assembler as a judge of texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mtecheck::spec::test {

/// The word of each line of assembly; nothing for a line that GNU as rejects.
std::vector<std::optional<std::uint32_t>> assemble(const std::vector<std::string>& lines);

} // namespace mtecheck::spec::test
