// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/identity.h"

#include "difftest/core/hash.h"
#include "difftest/core/json_reader.h"
#include "difftest/generate/generator.h"
#include "difftest/guided/guided_generator.h"
#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/isa.h"
#include "spec/gen/mutations.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {
std::string mtecheck_version() { return MTECHECK_VERSION; }

std::string tables_fingerprint() {
    Hash hash;
    for (const auto& row : spec::encodings()) {
        hash.add(row.id);
        hash.add(row.mask);
        hash.add(row.value);
    }
    for (const auto& row : spec::requirements()) {
        hash.add(row.id);
        for (const auto encoding : row.encodings) hash.add(static_cast<std::uint32_t>(encoding));
        for (const auto reg : row.registers) hash.add(static_cast<std::uint32_t>(reg));
        for (const auto& [decision, outcome] : row.decisions) {
            hash.add(2 * static_cast<std::uint32_t>(decision) + (outcome ? 1U : 0U));
        }
    }
    for (const auto& row : spec::decisions()) hash.add(row.id);
    for (const auto& row : spec::dont_cares()) hash.add(row.id);
    for (const auto& row : spec::mutations()) hash.add(row.id);
    return hex_text(hash.value(), 16);
}

std::string stream_version() { return hex_text(kStreamHash, 16) + "-" + hex_text(kGuidedStreamHash, 16); }

} // namespace mtecheck::difftest
