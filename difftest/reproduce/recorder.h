// SPDX-License-Identifier: Apache-2.0
//
// Of a reproducer for bare metal: what is entered when the code has ended, records what it did, compares and prints.
#pragma once

#include <string>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

/// The vectors of EL3 (`el3_vectors` while the code runs, `own_vectors` else), the recorder, and what prints. It uses
/// the labels `record`, `stack`, `checks` and `checks_end`, `exit_block`, and the macro `set`; it has `exit`, with the
/// exit status in x1, `store_data`, and `store_tags` if there are tags.
std::string bare_metal_recorder(const Case& value, const wire_sequence& setup, const Profile& profile);

} // namespace mtecheck::difftest
