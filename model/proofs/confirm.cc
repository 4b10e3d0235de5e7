// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/confirm.h"

#include <algorithm>
#include <span>

#include "model/proofs/prover.h"

namespace mtecheck::model::proofs {
namespace {

bool contains(const std::vector<const char*>& texts, const std::string& text) {
    return std::any_of(texts.begin(), texts.end(), [&](const char* one) { return text == one; });
}

} // namespace

std::optional<std::vector<ConcreteSubject::Result>> run_concretely(const Scenario& scenario, unsigned variant,
                                                                   const MutationSet& mutations,
                                                                   std::shared_ptr<NativeWorld> world,
                                                                   std::vector<Execution>* executions) {
    ConcreteSubject subject(ProvedFeatures(), mutations, scenario.map, std::move(world), scenario.statements.size());
    if (executions != nullptr) subject.keep_executions(*executions);
    try {
        scenario.concrete(subject, variant);
    } catch (const ConcreteSubject::Irrelevant&) {
        return std::nullopt;
    }
    return subject.results();
}

Confirmation confirm(const Scenario& scenario, unsigned variant, const MutationSet& mutations, std::size_t statement,
                     const Claimed& counterexample) {
    if (scenario.method == Method::enumeration) return Confirmation::confirmed;
    const auto results = run_concretely(scenario, variant, mutations, std::make_shared<ClaimedWorld>(counterexample));
    if (!results) return Confirmation::irrelevant;
    return contains(results->at(statement).broken, counterexample.text) ? Confirmation::confirmed : Confirmation::holds;
}

namespace {

/// Something of a counterexample that may be left out.
struct Atom {
    enum class Kind : std::uint8_t { variable, bit, element, choice, page };
    Kind kind{};
    std::string name;  ///< of the variable or array
    Uint128 index = 0; ///< of the bit, element, choice or page
};

void leave_out(Claimed& claimed, const Atom& atom) {
    const auto number = static_cast<std::size_t>(atom.index);
    switch (atom.kind) {
    case Atom::Kind::variable: claimed.values.variables.erase(atom.name); break;
    case Atom::Kind::bit: claimed.values.variables[atom.name] &= ~(Uint128{1} << number); break;
    case Atom::Kind::element: claimed.values.arrays[atom.name].erase(atom.index); break;
    case Atom::Kind::choice: claimed.choices[number].answer = 0; break;
    case Atom::Kind::page: {
        Claimed::MetPage& page = claimed.pages[number];
        page = {.upper = page.upper, .number = page.number, .frame = page.frame};
        break;
    }
    }
}

std::vector<Atom> values_of(const Claimed& claimed) {
    std::vector<Atom> atoms;
    for (const auto& [name, value] : claimed.values.variables) atoms.push_back({Atom::Kind::variable, name, 0});
    for (const auto& [name, elements] : claimed.values.arrays) {
        for (const auto& [index, value] : elements) atoms.push_back({Atom::Kind::element, name, index});
    }
    for (std::size_t i = 0; i < claimed.choices.size(); ++i) atoms.push_back({Atom::Kind::choice, {}, i});
    for (std::size_t i = 0; i < claimed.pages.size(); ++i) atoms.push_back({Atom::Kind::page, {}, i});
    return atoms;
}

std::vector<Atom> bits_of(const Claimed& claimed) {
    std::vector<Atom> atoms;
    for (const auto& [name, value] : claimed.values.variables) {
        for (unsigned bit = 0; bit < 128; ++bit) {
            if ((value >> bit & 1U) != 0) atoms.push_back({Atom::Kind::bit, name, bit});
        }
    }
    return atoms;
}

/// Leaves out as many of the atoms as it can while still(claimed).
template <class StillBroken>
void reduce(Claimed& claimed, std::span<const Atom> atoms, const StillBroken& still) {
    if (atoms.empty()) return;
    Claimed without = claimed;
    for (const Atom& atom : atoms) leave_out(without, atom);
    if (still(without)) {
        claimed = std::move(without);
    } else if (atoms.size() > 1) {
        reduce(claimed, atoms.first(atoms.size() / 2), still);
        reduce(claimed, atoms.subspan(atoms.size() / 2), still);
    }
}

} // namespace

void simplify(const Scenario& scenario, unsigned variant, const MutationSet& mutations, std::size_t statement,
              Keep keep, Claimed& claimed) {
    if (scenario.method == Method::enumeration) return;
    const auto still = [&](const Claimed& candidate) {
        const auto results = run_concretely(scenario, variant, mutations, std::make_shared<ClaimedWorld>(candidate));
        if (!results) return false;
        const ConcreteSubject::Result& result = results->at(statement);
        return contains(keep == Keep::broken ? result.broken : result.made, claimed.text);
    };
    if (!still(claimed)) return;
    reduce(claimed, values_of(claimed), still);
    reduce(claimed, bits_of(claimed), still);
    auto& values = claimed.values;
    std::erase_if(values.variables, [](const auto& named) { return named.second == 0; });
    std::erase_if(values.arrays, [](const auto& named) { return named.second.empty(); });

    const auto world = std::make_shared<ClaimedWorld>(claimed);
    run_concretely(scenario, variant, mutations, world);
    claimed.opcodes = world->opcodes;
    claimed.pages.clear();
    for (const auto& [place, page] : world->pages()) {
        claimed.pages.push_back({.upper = place.first,
                                 .number = place.second,
                                 .frame = page.pa >> 12U,
                                 .mapped = page.mapped,
                                 .memory = page.memory,
                                 .ap = page.ap,
                                 .level = page.level});
    }
}

} // namespace mtecheck::model::proofs
