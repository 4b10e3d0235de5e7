// SPDX-License-Identifier: Apache-2.0
//
// Names of mutations to sets and back.
#include "difftest/judge/mutation_set.h"

#include <algorithm>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

MutationSet parse_mutations(std::string_view text, const std::string& origin) {
    MutationSet result;
    for (bool more = !text.empty(); more;) {
        const auto end = std::min(text.find('+'), text.size());
        const std::string_view name = text.substr(0, end);
        const auto mutation = spec::find_mutation(name);
        if (!mutation) {
            std::string known;
            for (const auto& info : spec::mutations()) known += (known.empty() ? "" : ", ") + std::string(info.id);
            throw InputError(origin, "", "\"" + std::string(name) + "\" is no mutation; known are " + known);
        }
        result.add(*mutation);
        more = end < text.size();
        text.remove_prefix(end + (more ? 1 : 0));
    }
    return result;
}

std::string to_string(const MutationSet& mutations) {
    std::string result;
    for (const auto& info : spec::mutations()) {
        if (mutations.has(info.value)) result += (result.empty() ? "" : "+") + std::string(info.id);
    }
    return result;
}

} // namespace mtecheck::difftest
