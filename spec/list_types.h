// SPDX-License-Identifier: Apache-2.0
//
// The shapes of the rows of features.json, requirements.json, dont_cares.json, decisions.json
// and mutations.json. The enumerations themselves are generated.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "spec/isa_types.h"

namespace mtecheck::spec {

enum class Decision : std::uint16_t;
enum class Mutation : std::uint16_t;
enum class Reg : std::uint8_t;

/// "Field `field` of ID register `reg` is at least `at_least`"; a signed field with its top bit
/// set is negative.
struct FeatureReport {
    std::string_view reg;
    std::string_view field;
    std::uint8_t at_least;
    bool is_signed;
};

struct FeatureInfo {
    Feature value;
    std::string_view id;
    std::string_view title;
    std::span<const Feature> closure;           ///< every feature that this one implies
    std::span<const FeatureReport> reported_by; ///< implemented iff all hold; empty: not reported by itself
    std::string_view enables;
};

enum class RequirementKind : std::uint8_t { register_, instruction, check, exception, cache, abi };

struct DecisionOutcome {
    Decision decision;
    bool outcome;
};

struct RequirementInfo {
    Requirement value;
    std::string_view id;
    std::string_view title;
    std::string_view statement;
    RequirementKind kind;
    std::optional<Feature> feature; ///< without it the requirement does not apply
    std::string_view source;
    bool unconfirmed;
    std::string_view scope;                     ///< why no case can exercise it; empty if one can
    std::span<const Encoding> encodings;        ///< exercised by running one of these (if any are named)
    std::span<const Reg> registers;             ///< and MRS and MSR only with one of these (if any are named)
    std::span<const DecisionOutcome> decisions; ///< and by taking one of these (if any are named)
};

/// Arm's word for what is left open; `deliberate_fault` is what the architecture does not leave open: only a model with
/// deliberate faults does.
enum class DontCareKind : std::uint8_t {
    unknown,
    implementation_defined,
    constrained_unpredictable,
    deliberate_fault,
};

struct DontCareInfo {
    DontCare value;
    std::string_view id;
    std::string_view name;
    DontCareKind kind;
    std::string_view condition;
    std::span<const std::string_view> allowed;
    std::string_view source;
};

struct DecisionInfo {
    Decision value;
    std::string_view id;
    std::string_view function;
    std::string_view condition;
    std::span<const Requirement> requirements;
    std::string_view outline; ///< the called function that a path takes by its result, if the decision is within one
};

struct MutationInfo {
    Mutation value;
    std::string_view id;
    std::string_view wrong;
    std::string_view defect;
    std::span<const Requirement> requirements;
    std::string_view beyond_invariants; ///< why no invariant can see it; empty if one must
    std::string_view beyond_campaigns;  ///< why no campaign on the model can find it; empty if one must
};

} // namespace mtecheck::spec
