// SPDX-License-Identifier: Apache-2.0
//
// Known defects of kernels and of emulators that play one, as data: corpus/abi-defects/*.json (format
// mtecheck-abi-defects/1). A defect is a set of deliberate faults of the model of the ABI; it explains a divergence
// when the model with these faults agrees with all that the target did.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/abi/abi_judge.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kAbiDefectsSchema = "mtecheck-abi-defects/1";

struct AbiDefect {
    std::string id;
    std::vector<std::string> versions; // patterns with * for what the target reports as its version
    model::linux_abi::AbiFaultSet faults;
    std::string summary;
    std::string contradicts; // the document, or the kernel's function, that says otherwise
    std::string where;       // the place in the target's source, as far as it is known
};

std::vector<AbiDefect> abi_defects_from_json(const JsonPlace& place);

/// Those of a file, or of all *.json files of a directory, sorted by id. Two of one id are an InputError.
std::vector<AbiDefect> read_abi_defects(const std::filesystem::path& place);

/// Which known defects are behind a divergence.
struct AbiExplanation {
    std::vector<std::string> defects;    // their ids; empty: they do not explain it
    std::optional<AbiDivergence> beyond; // what they leave: the divergence from the model with all of them
    std::string why;                     // ... or why the model with all of them cannot judge it
};

/// Says which of the known defects of a system are behind a divergence.
///
/// Invariant: what it names explains all that was seen, and none of it can be left out by itself.
class AbiExplainer {
  public:
    AbiExplainer(const AbiSystem& system, const std::vector<AbiDefect>& all);

    /// Those that the system has by its version.
    const std::vector<AbiDefect>& defects() const { return defects_; }
    AbiExplanation explain(const AbiProgram& program, const abi_response& observed);

  private:
    AbiVerdict judge(const std::vector<bool>& with, const AbiProgram& program, const abi_response& observed);

    std::vector<AbiDefect> defects_;
    AbiJudge judge_;
};

} // namespace mtecheck::difftest
