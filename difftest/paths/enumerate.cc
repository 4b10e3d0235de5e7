// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/enumerate.h"

#include <algorithm>
#include <set>

#include "difftest/paths/environment.h"
#include "difftest/paths/path_machine.h"
#include "difftest/paths/path_tracer.h"
#include "difftest/paths/shape.h"
#include "model/run/run.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;
using model::Uint128;
using model::symbolic::current_terms;
using model::symbolic::Evaluation;
using model::symbolic::Explorer;
using model::symbolic::Term;
using model::symbolic::Terms;

constexpr unsigned kOrdinary = 0;           // values
constexpr std::uint64_t kMaxPaths = 100000; // of one shape: far more than there are

/// What the explorer decided on the way, in the order in which terms were made.
using Conditions = std::vector<std::pair<Term, bool>>;

/// Values of all variables of an environment.
class Assignment {
  public:
    Assignment(const Terms& terms, const Conditions& conditions) : terms_(terms), conditions_(conditions) {}

    void set(Term variable, Uint128 value) { values_[variable] = value; }
    Uint128 get(Term variable) const { return values_.at(variable); }
    void evaluate(Evaluation& out) const {
        for (const auto& [variable, value] : values_) out.set(variable, value);
    }
    bool holds() const {
        Evaluation values(terms_);
        evaluate(values);
        return std::all_of(conditions_.begin(), conditions_.end(), [&](const auto& condition) {
            return (values.value(condition.first) != 0) == condition.second;
        });
    }
    /// The first of the preference's values with which the conditions still hold.
    void prefer(const Preference& preference) {
        std::vector<Uint128> before;
        for (const Term variable : preference.variables) before.push_back(get(variable));
        for (const auto& tuple : preference.values) {
            for (std::size_t i = 0; i < tuple.size(); ++i) set(preference.variables[i], tuple[i]);
            if (holds()) return;
        }
        for (std::size_t i = 0; i < before.size(); ++i) set(preference.variables[i], before[i]);
    }

  private:
    const Terms& terms_;
    const Conditions& conditions_;
    std::map<Term, Uint128> values_;
};

} // namespace

struct PathSolver::Implementation {
    Terms terms;
    Explorer explorer{terms, model::symbolic::Solver::Use::repeated};
};

PathSolver::PathSolver() : implementation_(std::make_unique<Implementation>()) {}
PathSolver::~PathSolver() = default;

class Enumerator {
  public:
    Enumerator(const spec::EncodingInfo& info, std::size_t path_class, const Profile& profile, PathSolver& solver)
        : info_(info), path_class_(path_classes()[path_class]), profile_(profile),
          terms_(solver.implementation_->terms), explorer_(solver.implementation_->explorer), tracer_(profile) {}

    Enumeration run() {
        if (!applies(path_class_, info_)) return {};
        const std::vector<Shape> shapes = shapes_of(info_).shapes;
        for (const Shape& shape : shapes) {
            if (!shape.ordinary && !has_unaligned(path_class_, info_)) continue;
            for (const Part part : parts_of(shape)) explore(shape, part, Lift::none, nullptr);
        }
        for (const Constraint& constraint : constraints()) {
            std::set<std::string>& excluded = result_.unreachable[constraint.id];
            for (const Shape& shape : shapes) {
                if (!concerns(constraint.lift, path_class_, shape)) continue;
                const Part part = constraint.lift == Lift::fp_trap_to_el3 ? Part::gates : Part::lower_half;
                explore(shape, part, constraint.lift, &excluded);
            }
        }
        return std::move(result_);
    }

    std::set<std::string> run_without_parts() {
        std::set<std::string> paths;
        for (const Shape& shape : shapes_of(info_).shapes) {
            if (shape.ordinary && !shape.stack_pointer()) explore(shape, Part::all, Lift::none, &paths);
        }
        return paths;
    }

  private:
    /// With a constraint lifted, only the names of the paths that are new are wanted.
    void explore(const Shape& shape, Part part, Lift lift, std::set<std::string>* excluded) {
        const model::symbolic::CurrentTerms current(terms_);
        explorer_.summaries().clear(); // they hold for one environment
        const std::uint64_t queries = explorer_.queries();
        const Environment environment(path_class_, profile_, shape, part, lift);
        const auto exploration = explorer_.explore(
            [&] {
                run_once(shape, environment, explorer_, excluded);
                return true;
            },
            kMaxPaths);
        result_.runs += exploration.paths + exploration.abandoned;
        result_.queries += explorer_.queries() - queries;
        result_.undecided += exploration.undecided + (exploration.complete ? 0U : 1U);
    }

    void run_once(const Shape& shape, const Environment& environment, Explorer& explorer,
                  std::set<std::string>* excluded) {
        PathMachine m = environment.machine();
        PathLog log;
        try {
            for (std::size_t i = 0; i <= shape.subject; ++i) {
                m.steps.clear();
                m.calls.clear();
                const auto& instruction = environment.program().code[i];
                const bool exception = model::until_exception(
                    m, [&] { model::StepInstruction(m, instruction, PathMachine::Bits<32>(instruction.opcode)); });
                if (exception && i < shape.subject) throw model::symbolic::PathEnd{};
                if (exception) log.ending = ending(m);
            }
        } catch (const model::NotPredicted&) {
            ++result_.open;
            return;
        }
        result_.asked |= m.asked;
        log.steps = m.steps;
        const std::string path = path_of(log, shape.stack_pointer());
        if (excluded != nullptr) {
            if (!known_.contains(path)) excluded->insert(path);
            return;
        }
        std::vector<std::pair<std::string, std::string>> calls; // that are new
        for (const std::string_view function : outlined_functions()) {
            if (!stands_for_its_kind_ || summarised(function)) continue;
            std::string called = called_path(log.steps, function);
            if (!called.empty() && !result_.calls.contains({std::string(function), called}))
                calls.emplace_back(function, std::move(called));
        }
        const bool is_new = known_.insert(path).second;
        const bool is_variant = shape.variant && variants_.emplace(shape.code, path).second;
        if (is_new || is_variant || !calls.empty()) {
            const auto example = make_case(shape, environment, explorer, m, terms_true(), path, kOrdinary);
            if (example) {
                if (is_new) {
                    result_.paths.push_back({path, *example});
                } else if (is_variant) {
                    result_.edges.push_back(*example);
                }
                const unsigned edges = (is_new || is_variant) && stands_for_its_kind_ ? environment.edges() : 0;
                for (unsigned edge = 1; edge <= edges; ++edge) {
                    if (auto other = make_case(shape, environment, explorer, m, terms_true(), path, edge))
                        result_.edges.push_back(std::move(*other));
                }
                for (auto& call : calls) result_.calls.emplace(std::move(call), *example);
            }
        }
        // Paths of functions that were read all at once: those that this path can take and no earlier one could.
        std::set<std::string_view> first_calls;
        for (const SummarisedCall& call : m.calls) {
            if (!stands_for_its_kind_) break;
            if (!first_calls.insert(call.function).second) continue;
            for (const CalledCase& one : call.cases) {
                const std::pair key(std::string(call.function), called_path(one.steps, call.function));
                if (key.second.empty() || result_.calls.contains(key)) continue;
                const auto example = make_case(shape, environment, explorer, m, one.condition, path, kOrdinary);
                if (example) result_.calls.emplace(key, *example);
            }
        }
    }

    static Term terms_true() { return current_terms().boolean(true); }

    static PathEnding ending(const PathMachine& m) {
        const auto to_el = m.exception.to_el;
        const auto& esr = to_el == 1 ? m.state.ESR_EL1 : to_el == 2 ? m.state.ESR_EL2 : m.state.ESR_EL3;
        const Terms& terms = current_terms();
        const auto number = [&](auto bits) {
            if (!terms.is_literal(bits.term())) throw std::logic_error("a syndrome that is not known");
            return static_cast<std::uint8_t>(terms.node(bits.term()).value);
        };
        PathEnding result{.exception = true, .to_el = to_el};
        result.exception_class = number(slice<field::ESR_ELx::EC.hi, field::ESR_ELx::EC.lo>(esr));
        if (is_data_abort(result.exception_class)) {
            result.fault_status = number(slice<field::DataAbortISS::DFSC.hi, field::DataAbortISS::DFSC.lo>(esr));
        }
        return result;
    }

    /// A case for the current path, where the premise can hold as well.
    std::optional<PathCase> make_case(const Shape& shape, const Environment& environment, Explorer& explorer,
                                      const PathMachine& m, Term premise, const std::string& path, unsigned edge) {
        const Terms& terms = current_terms();
        Evaluation witness(terms);
        if (!explorer.read_witness(premise, witness)) return std::nullopt;
        Conditions conditions(explorer.decided().begin(), explorer.decided().end());
        conditions.emplace_back(premise, true);
        std::sort(conditions.begin(), conditions.end());
        Assignment assignment(terms, conditions);
        for (const Term variable : environment.variables()) assignment.set(variable, witness.value(variable));
        for (const auto& read : m.reads) assignment.set(read.value, witness.value(read.value));
        for (const Preference& preference : environment.preferences(edge)) assignment.prefer(preference);

        PathCase result{.encoding = info_.encoding,
                        .subject = static_cast<std::uint8_t>(shape.subject),
                        .sequence = {},
                        .state = {}};
        Evaluation values(terms);
        assignment.evaluate(values);
        environment.concretise(values, m.reads, result.sequence, result.state);
        PathLog log;
        tracer_.load(result.sequence);
        const bool whole = tracer_.trace(result.state, shape.subject, log);
        const std::string taken = path_of(log, base_is_sp(result.sequence.code[shape.subject]));
        if (!whole || taken != path) {
            ++result_.astray;
            if (result_.trouble.size() < 10) {
                result_.trouble.push_back(path + "\n    takes " + taken + (whole ? "" : ", and escapes"));
            }
            return std::nullopt;
        }
        return result;
    }

    const spec::EncodingInfo& info_;
    const PathClass& path_class_;
    const Profile& profile_;
    Terms& terms_;
    Explorer& explorer_;
    const bool stands_for_its_kind_ = stands_for_its_kind(info_);
    PathTracer tracer_;
    std::set<std::string> known_;
    std::set<std::pair<std::vector<std::uint32_t>, std::string>> variants_; // code and path
    Enumeration result_;
};

Enumeration enumerate(const spec::EncodingInfo& info, std::size_t path_class, const Profile& profile,
                      PathSolver& solver) {
    return Enumerator(info, path_class, profile, solver).run();
}

std::set<std::string> paths_without_parts(const spec::EncodingInfo& info, std::size_t path_class,
                                          const Profile& profile, PathSolver& solver) {
    return Enumerator(info, path_class, profile, solver).run_without_parts();
}

} // namespace mtecheck::difftest
