// SPDX-License-Identifier: Apache-2.0
//
// Of a reproducer for bare metal: its translation tables and the memory behind them.
#pragma once

#include <string>

#include "difftest/core/case.h"

namespace mtecheck::difftest {

/// The translation regime of the code.
struct CodeRegime {
    bool two_ranges = false;     // of addresses
    bool returns_to_el1 = false; // or EL0, out of EL2's regime of one range
};

/// The tables `root` (and `el2_root` for who returns to EL1) and `el3_root`, which map the labels `code_page`,
/// `lower_vectors` and `arena`; and what is not in the file: `arena`, `record` and `stack`.
std::string translation_tables(const Case& value, const CodeRegime& regime);

} // namespace mtecheck::difftest
