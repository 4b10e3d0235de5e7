// SPDX-License-Identifier: Apache-2.0
//
// Limits of what several verbs take, far above what anybody needs: what is beyond is a mistake.
#pragma once

#include <cstdint>

namespace mtecheck::difftest {

inline constexpr std::uint64_t kMostCases = std::uint64_t{1} << 48;       // of a campaign
inline constexpr std::uint64_t kMostReportBytes = std::uint64_t{1} << 30; // of a report.json

} // namespace mtecheck::difftest
