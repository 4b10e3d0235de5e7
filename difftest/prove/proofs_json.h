// SPDX-License-Identifier: Apache-2.0
//
// Proofs as a document: mtecheck-proofs/1 (difftest/schema/mtecheck-proofs.schema.json).
#pragma once

#include "difftest/core/json_reader.h"
#include "difftest/prove/proofs.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kProofsSchema = "mtecheck-proofs/1";

OrderedJson to_json(const Proofs& proofs);

} // namespace mtecheck::difftest
