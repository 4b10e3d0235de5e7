// SPDX-License-Identifier: Apache-2.0
//
// The original vectors (JSON Lines, one executed instruction a line) as golden cases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "difftest/golden/golden_file.h"

namespace mtecheck::difftest {

/// All lines of a class. `file` is the name in complaints; `id_prefix` is what the identifiers start with.
std::vector<GoldenCase> import_vectors(std::string_view json_lines, const std::string& file, std::string& id_prefix);

} // namespace mtecheck::difftest
