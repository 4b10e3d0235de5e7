// SPDX-License-Identifier: Apache-2.0
//
// What is proved of the model. A scenario is something that a PE does (an instruction from an arbitrary state, say);
// its invariants are statements about what came of it. All invariants of a scenario are proved in one exploration.
//
// Both are templates over a Subject (symbolic_subject.h): generic callables, so that the same text is proved for all
// inputs and asserted on concrete states.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/proofs/concrete_subject.h"
#include "model/proofs/symbolic_subject.h"
#include "spec/gen/mutations.h"

namespace mtecheck::model::proofs {

/// How a scenario covers all inputs.
enum class Method : std::uint8_t {
    paths,       ///< every feasible path of the instruction itself, whose leaves over bits are used by their contract
    lemma,       ///< the same for a part of all states; other scenarios show that it stands for the rest
    enumeration, ///< all inputs, one by one
};

struct Statement {
    std::string_view id;       ///< words with hyphens, unique; never changes once published
    std::string_view sentence; ///< of the architecture, in English
    std::vector<std::string_view> requirements;
    std::vector<spec::Mutation> dies_under; ///< each of them breaks it; at least one
};

struct Scenario {
    std::string_view name;             ///< words with hyphens, unique
    std::string_view about;            ///< one sentence
    std::string_view file;             ///< where its invariants are stated: __FILE__
    std::vector<std::string> variants; ///< parts that are explored apart, by name; at least one
    Method method = Method::paths;
    AddressMapPolicy map;
    std::vector<Statement> statements = {}; ///< by scenario(), as what follows
    std::function<void(SymbolicSubject&, unsigned variant)> symbolic = {};
    std::function<void(ConcreteSubject&, unsigned variant)> concrete = {}; ///< the same text, on one state
};

/// A statement and the claims that it makes: callable(subject, record of the scenario).
template <class Claims>
struct Invariant {
    Statement statement;
    Claims claims;
};

template <class Claims>
Invariant<Claims> invariant(Statement statement, Claims claims) {
    return {std::move(statement), std::move(claims)};
}

/// A scenario: `setup(subject, variant)` returns a record of what happened, which the invariants look at. An invariant
/// makes claims, asks Booleans of the record, and returns early where it says nothing; only a setup may assume, or
/// leave out a path as irrelevant.
template <class Setup, class... Claims>
Scenario scenario(Scenario head, Setup setup, Invariant<Claims>... invariants) {
    (head.statements.push_back(invariants.statement), ...);
    const auto read = [=](auto& subject, unsigned variant) {
        auto record = setup(subject, variant);
        unsigned number = 0;
        const auto claim = [&](const auto& one) {
            if (subject.is_about(number++)) one.claims(subject, record);
        };
        (claim(invariants), ...);
        subject.settle();
    };
    head.symbolic = read;
    head.concrete = read;
    return head;
}

/// All scenarios, in the order of their files and in them.
const std::vector<Scenario>& scenarios();

} // namespace mtecheck::model::proofs
