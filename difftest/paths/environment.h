// SPDX-License-Identifier: Apache-2.0
//
// The states in which the paths of a shape are enumerated, as terms: everything that a target can be set up with in a
// configuration class. And the way back: from values of the terms to a case.
//
// What a target cannot be set up with is no part of it: see constraints() for the list and the reasons.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/paths/path_class.h"
#include "difftest/paths/path_machine.h"
#include "difftest/paths/shape.h"
#include "model/run/program.h"

namespace mtecheck::difftest {

/// Values of variables, by term.
using Values = std::vector<std::pair<model::symbolic::Term, model::Uint128>>;

/// What a variable is at each edge: in a case that asks for values at the edges of what is possible, and for values of
/// what should not matter that are unusual.
inline constexpr unsigned kMostEdges = 3;
using EdgeValues = std::array<model::Uint128, kMostEdges>;

/// Some variables, and values that they are given together if the path allows it: the first that it allows.
struct Preference {
    std::vector<model::symbolic::Term> variables;
    std::vector<std::vector<model::Uint128>> values;
};

/// The states of a class in parts, so that what has nothing to do with each other is not multiplied. Together they meet
/// every path that all of them at once do (a test compares).
enum class Part : std::uint8_t {
    lower_half, ///< addresses of the lower half, caches on
    upper_half, ///< of the upper half, in plain memory
    uncached,   ///< caches off, both halves, in plain memory, which is then as if it were Non-cacheable
    gates,      ///< one address; what is asked before any access: alignment of SP, traps of SIMD&FP
    all,        ///< everything at once: slow
};

/// Those in which a shape is enumerated.
std::vector<Part> parts_of(const Shape& shape);

/// What no target can be set up with, and what is enumerated nevertheless to say which paths are unreachable because of
/// it: each of these lifts one constraint. The reasons are in constraints().
enum class Lift : std::uint8_t {
    none,
    stage1_off,      ///< SCTLR_ELx.M = 0
    tge_without_e2h, ///< HCR_EL2.<E2H,TGE> = 01 at EL0
    fp_trap_to_el3,  ///< CPTR_EL3.TFP = 1
};

struct Constraint {
    Lift lift{};
    const char* id;
    const char* reason;
};
std::span<const Constraint> constraints();
/// Whether lifting makes a difference for a shape in a class.
bool concerns(Lift lift, const PathClass& path_class, const Shape& shape);

class Environment {
  public:
    /// Its terms live in the current store.
    Environment(const PathClass& path_class, const Profile& profile, const Shape& shape, Part part,
                Lift lift = Lift::none);

    /// The PE about to run the first instruction of the shape.
    const PathMachine& machine() const { return machine_; }
    const model::Program& program() const { return program_; }
    /// All variables of the initial state.
    const std::vector<model::symbolic::Term>& variables() const { return variables_; }
    /// What cases should look like, the most important first. Those of `edge` 0 are the most ordinary ones.
    std::vector<Preference> preferences(unsigned edge) const;
    /// How many edges are worth a case.
    unsigned edges() const;

    /// The case for values of all variables. `reads` are those of the path.
    void concretise(model::symbolic::Evaluation& values, const std::vector<PathMachine::DataRead>& reads,
                    Sequence& sequence, State& state) const;

  private:
    using Term = model::symbolic::Term;
    using Word = model::symbolic::SymbolicBits<64>;

    struct VariableValues {
        Term term{};
        model::Uint128 usual = 0;
        EdgeValues edges{};
    };

    Term variable(const std::string& name, unsigned width, model::Uint128 usual, const EdgeValues& edges);
    /// A field whose usual value is what it holds now. Its edges are the opposite, if none are given.
    void free_field(Word& word, spec::BitRange range, const std::string& name);
    void free_field(Word& word, spec::BitRange range, const std::string& name, const EdgeValues& edges);
    /// General-purpose registers that the subject names.
    std::uint32_t registers_named() const;
    void give_configuration(const PathClass& path_class);
    void give_sctlr(unsigned el, bool unprivileged);
    bool is_free(std::initializer_list<Part> parts) const;
    void give_address();
    void give_registers();
    Word& sctlr(unsigned el);
    Word& tcr(unsigned el);

    Profile profile_;
    Shape shape_;
    Part part_;
    Lift lift_;
    Configuration usual_; ///< the configuration that the free fields are put into
    model::Program program_;
    PathMachine machine_;
    std::vector<Term> variables_;
    std::vector<VariableValues> values_;
    Term top_{};  ///< bits 63:56 of the address
    Term page_{}; ///< bits 55:12
    Term first_tag_{};
    Term other_tag_{};
};

} // namespace mtecheck::difftest
