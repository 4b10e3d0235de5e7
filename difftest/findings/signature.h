// SPDX-License-Identifier: Apache-2.0
//
// The signature of a divergence: what one bug has in common with itself. It names the class of the instruction at
// which the run first differs, the decision of the model that this instruction turns on, the two events and the kinds
// of field that differ; it leaves out everything that a random state varies (register numbers, addresses, values).
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/core/outcome.h"

namespace mtecheck::difftest {

struct Signature {
    std::string instruction; // class of the first diverging instruction, or "(not localised)"
    std::string expected;    // event, see event_name()
    std::string got;
    std::string fields; // kinds of differing field, sorted, separated by commas
    std::string path{}; // what that instruction turns on in the model, see DecisionTracer; empty: nothing, or unknown
    std::strong_ordering operator<=>(const Signature&) const = default;
};

/// "completed", "crashed", "tag check fault (DABT EL1)"...: the end of a run, without its numbers.
std::string event_name(const Outcome& outcome);

/// One line for people.
std::string to_string(const Signature& signature);

OrderedJson to_json(const Signature& signature);
Signature signature_from_json(const JsonPlace& place);

/// What findings are grouped by: the defects that explain them or, if none do, the signature.
struct GroupKey {
    std::vector<std::string> explained_by;
    bool led_astray = false; // by these defects: not all could be compared
    Signature signature;     // empty if explained
    std::strong_ordering operator<=>(const GroupKey&) const = default;

    /// Eight hexadecimal digits: a short name that is the same in every campaign.
    std::string id() const;
};

} // namespace mtecheck::difftest
