// SPDX-License-Identifier: Apache-2.0
#include "difftest/report/citations.h"

#include <nlohmann/json.hpp>

namespace mtecheck::difftest {

Citations citations_from_json(const JsonPlace& place) {
    constexpr std::size_t kMany = 100'000;
    const JsonPlace schema = place.member("schema");
    if (schema.text() != "mtecheck-proofs/1") schema.fail("give a file that `mtecheck prove --json FILE` wrote");
    Citations citations;
    const JsonPlace scenarios = place.member("scenarios");
    for (std::size_t s = 0; s < scenarios.array_size(kMany); ++s) {
        const JsonPlace invariants = scenarios.element(s).member("invariants");
        for (std::size_t i = 0; i < invariants.array_size(kMany); ++i) {
            const JsonPlace invariant = invariants.element(i);
            if (invariant.member("verdict").text() != "proved") continue;
            const JsonPlace requirements = invariant.member("requirements");
            for (std::size_t r = 0; r < requirements.array_size(kMany); ++r) {
                citations[requirements.element(r).text()].push_back(invariant.member("id").text());
            }
        }
    }
    return citations;
}

} // namespace mtecheck::difftest
