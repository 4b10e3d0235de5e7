// SPDX-License-Identifier: Apache-2.0
//
// What is proved of the model (mtecheck-proofs/1, written by `mtecheck prove --json`), for the requirement rows of a
// report to cite. Reading it needs no solver.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

/// Ids of the proved invariants that cover a requirement, by its id.
using Citations = std::map<std::string, std::vector<std::string>>;

/// Throws InputError if it is no such document.
Citations citations_from_json(const JsonPlace& place);

} // namespace mtecheck::difftest
