// SPDX-License-Identifier: Apache-2.0
//
// The translation of terms to Z3. The only file that includes a header of Z3.
#include "model/symbolic/solver.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include <z3.h>

namespace mtecheck::model::symbolic {
namespace {

/// Errors of Z3 are errors of ours: a term that it does not take must not become a proof.
void throw_error(Z3_context context, Z3_error_code code) {
    throw std::runtime_error(std::string("Z3: ") + Z3_get_error_msg(context, code));
}

std::string decimal(Uint128 value) {
    if (value == 0) return "0";
    std::string digits;
    for (; value != 0; value /= 10) digits += static_cast<char>('0' + static_cast<int>(value % 10));
    return {digits.rbegin(), digits.rend()};
}

Uint128 from_decimal(const char* text) {
    Uint128 value = 0;
    for (; *text != 0; ++text) value = value * 10 + static_cast<unsigned>(*text - '0');
    return value;
}

} // namespace

struct Solver::Implementation {
    explicit Implementation(const Terms& store) : terms(store) {
        Z3_config config = Z3_mk_config();
        context = Z3_mk_context(config);
        Z3_del_config(config);
        Z3_set_error_handler(context, throw_error);
        Z3_set_ast_print_mode(context, Z3_PRINT_SMTLIB2_COMPLIANT);
    }
    ~Implementation() {
        if (model != nullptr) Z3_model_dec_ref(context, model);
        if (solver != nullptr) Z3_solver_dec_ref(context, solver);
        Z3_del_context(context);
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    Z3_ast translate(Term term);
    Z3_ast translate_new(const Node& n);
    Z3_sort sort_of(unsigned width) { return width == 0 ? Z3_mk_bool_sort(context) : Z3_mk_bv_sort(context, width); }

    const Terms& terms;
    Z3_context context = nullptr;
    Z3_solver solver = nullptr;
    Z3_model model = nullptr;
    std::unordered_map<Term, Z3_ast> translated;
    std::vector<Term> variables; // of what was translated, without arrays
    std::vector<Term> selects;   // likewise
    std::vector<Term> stack;     // assertions

    // Kept answers, by the stack and the assumption.
    struct Kept {
        Answer answer{};
        std::vector<std::pair<Term, Uint128>> values;
    };
    struct Hash {
        std::size_t operator()(const std::vector<Term>& question) const {
            std::size_t hash = question.size();
            for (const Term term : question) hash = (hash ^ static_cast<std::size_t>(term)) * 0x9e3779b97f4a7c15U;
            return hash;
        }
    };
    bool keeps = false;
    std::unordered_map<std::vector<Term>, Kept, Hash> kept;
    const Kept* last = nullptr;
    std::vector<Term> asserted; // of the stack, what Z3 has: with kept answers it may never need the rest

    void assert_stack();
    Uint128 value_of(Z3_ast ast) const;
};

/// Brings Z3's stack up to date.
void Solver::Implementation::assert_stack() {
    const auto differ = std::mismatch(asserted.begin(), asserted.end(), stack.begin(), stack.end());
    const auto same = static_cast<std::size_t>(differ.first - asserted.begin());
    Z3_solver_pop(context, solver, static_cast<unsigned>(asserted.size() - same));
    asserted.resize(same);
    for (std::size_t i = same; i < stack.size(); ++i) {
        Z3_solver_push(context, solver);
        Z3_solver_assert(context, solver, translate(stack[i]));
        asserted.push_back(stack[i]);
    }
}

Uint128 Solver::Implementation::value_of(Z3_ast ast) const {
    Z3_ast value = nullptr;
    if (!Z3_model_eval(context, model, ast, true, &value)) throw std::runtime_error("Z3: no value in a model");
    switch (Z3_get_bool_value(context, value)) {
    case Z3_L_TRUE: return 1;
    case Z3_L_FALSE: return 0;
    default: return from_decimal(Z3_get_numeral_string(context, value));
    }
}

Z3_ast Solver::Implementation::translate(Term term) {
    if (const auto found = translated.find(term); found != translated.end()) return found->second;
    const Node& n = terms.node(term);
    for (const Term operand : n.operand) {
        if (operand != Term::none) translate(operand); // older terms first: no deep recursion through one long chain
    }
    if (n.op == Op::variable && n.index_width == 0) variables.push_back(term);
    if (n.op == Op::select) selects.push_back(term);
    Z3_ast result = translate_new(n);
    translated.emplace(term, result);
    return result;
}

Z3_ast Solver::Implementation::translate_new(const Node& n) {
    const auto at = [&](std::size_t i) { return translate(n.operand[i]); };
    Z3_context c = context;
    switch (n.op) {
    case Op::literal:
        if (n.width == 0) return n.value != 0 ? Z3_mk_true(c) : Z3_mk_false(c);
        return Z3_mk_numeral(c, decimal(n.value).c_str(), sort_of(n.width));
    case Op::variable: {
        Z3_symbol symbol = Z3_mk_string_symbol(c, terms.name(n).c_str());
        Z3_sort element = sort_of(n.width);
        return Z3_mk_const(c, symbol,
                           n.index_width == 0 ? element : Z3_mk_array_sort(c, sort_of(n.index_width), element));
    }
    case Op::add: return Z3_mk_bvadd(c, at(0), at(1));
    case Op::sub: return Z3_mk_bvsub(c, at(0), at(1));
    case Op::bit_and: return Z3_mk_bvand(c, at(0), at(1));
    case Op::bit_or: return Z3_mk_bvor(c, at(0), at(1));
    case Op::bit_xor: return Z3_mk_bvxor(c, at(0), at(1));
    case Op::bit_not: return Z3_mk_bvnot(c, at(0));
    case Op::shift_left: return Z3_mk_bvshl(c, at(0), at(1));
    case Op::shift_right: return Z3_mk_bvlshr(c, at(0), at(1));
    case Op::concat: return Z3_mk_concat(c, at(0), at(1));
    case Op::extract: {
        const auto low = static_cast<unsigned>(n.value);
        return Z3_mk_extract(c, low + n.width - 1, low, at(0));
    }
    case Op::zero_extend: return Z3_mk_zero_ext(c, n.width - terms.node(n.operand[0]).width, at(0));
    case Op::sign_extend: return Z3_mk_sign_ext(c, n.width - terms.node(n.operand[0]).width, at(0));
    case Op::equal: return Z3_mk_eq(c, at(0), at(1));
    case Op::ult: return Z3_mk_bvult(c, at(0), at(1));
    case Op::slt: return Z3_mk_bvslt(c, at(0), at(1));
    case Op::ite: return Z3_mk_ite(c, at(0), at(1), at(2));
    case Op::bool_not: return Z3_mk_not(c, at(0));
    case Op::bool_and: {
        Z3_ast both[] = {at(0), at(1)};
        return Z3_mk_and(c, 2, both);
    }
    case Op::bool_or: {
        Z3_ast either[] = {at(0), at(1)};
        return Z3_mk_or(c, 2, either);
    }
    case Op::select: return Z3_mk_select(c, at(0), at(1));
    case Op::store: return Z3_mk_store(c, at(0), at(1), at(2));
    }
    throw std::logic_error("an operation without a translation");
}

Solver::Solver(const Terms& terms, Use use, std::uint32_t query_budget)
    : implementation_(std::make_unique<Implementation>(terms)) {
    Implementation& i = *implementation_;
    i.keeps = use == Use::repeated;
    if (use != Use::single) {
        i.solver = Z3_mk_simple_solver(i.context);
    } else {
        Z3_tactic tactic = Z3_mk_tactic(i.context, "qfaufbv");
        Z3_tactic_inc_ref(i.context, tactic);
        i.solver = Z3_mk_solver_from_tactic(i.context, tactic);
        Z3_tactic_dec_ref(i.context, tactic);
    }
    Z3_solver_inc_ref(i.context, i.solver);
    Z3_params params = Z3_mk_params(i.context);
    Z3_params_inc_ref(i.context, params);
    Z3_params_set_uint(i.context, params, Z3_mk_string_symbol(i.context, "rlimit"), query_budget);
    Z3_params_set_uint(i.context, params, Z3_mk_string_symbol(i.context, "random_seed"), 0);
    // Or Z3 puts its own handler of SIGINT in place of the program's while it answers, and takes the signal for itself.
    Z3_params_set_bool(i.context, params, Z3_mk_string_symbol(i.context, "ctrl_c"), false);
    Z3_solver_set_params(i.context, i.solver, params);
    Z3_params_dec_ref(i.context, params);
}

Solver::~Solver() = default;

void Solver::push(Term assertion) {
    Implementation& i = *implementation_;
    i.stack.push_back(assertion);
    if (!i.keeps) i.assert_stack();
}

void Solver::pop(unsigned count) {
    Implementation& i = *implementation_;
    i.stack.resize(i.stack.size() - count);
    if (!i.keeps) i.assert_stack();
}

Answer Solver::check(Term assumption) {
    Implementation& i = *implementation_;
    std::vector<Term> question;
    if (i.keeps) {
        question = i.stack;
        question.push_back(assumption);
        if (const auto found = i.kept.find(question); found != i.kept.end()) {
            i.last = &found->second;
            return found->second.answer;
        }
        i.assert_stack();
    }
    ++queries_;
    Z3_solver_push(i.context, i.solver);
    Z3_solver_assert(i.context, i.solver, i.translate(assumption));
    const Z3_lbool answer = Z3_solver_check(i.context, i.solver);
    if (answer == Z3_L_TRUE) {
        if (i.model != nullptr) Z3_model_dec_ref(i.context, i.model);
        i.model = Z3_solver_get_model(i.context, i.solver);
        Z3_model_inc_ref(i.context, i.model);
    }
    Z3_solver_pop(i.context, i.solver, 1);
    const Answer result = answer == Z3_L_TRUE    ? Answer::satisfiable
                          : answer == Z3_L_FALSE ? Answer::unsatisfiable
                                                 : Answer::unknown;
    if (i.keeps) {
        if (!i.selects.empty()) throw std::logic_error("answers about arrays are not kept");
        auto& kept = i.kept[std::move(question)];
        kept.answer = result;
        if (result == Answer::satisfiable) {
            for (const Term variable : i.variables)
                kept.values.emplace_back(variable, i.value_of(i.translate(variable)));
        }
        i.last = &kept;
    }
    if (observer_) observer_(to_smt2(assumption), result);
    return result;
}

void Solver::read_model(Evaluation& out) const {
    Implementation& i = *implementation_;
    if (i.keeps) {
        if (i.last == nullptr) throw std::logic_error("no model: nothing was satisfiable");
        for (const auto& [variable, value] : i.last->values) out.set(variable, value);
        return;
    }
    if (i.model == nullptr) throw std::logic_error("no model: nothing was satisfiable");
    for (const Term variable : i.variables) out.set(variable, i.value_of(i.translate(variable)));
    for (const Term select : i.selects) {
        // What the array held at first, at this index.
        Term array = i.terms.node(select).operand[0];
        while (i.terms.node(array).op == Op::store) array = i.terms.node(array).operand[0];
        if (i.terms.node(array).op != Op::variable) throw std::logic_error("an element of a choice of arrays");
        Z3_ast index = i.translate(i.terms.node(select).operand[1]);
        out.set_element(array, i.value_of(index), i.value_of(Z3_mk_select(i.context, i.translate(array), index)));
    }
}

std::string Solver::to_smt2(Term assumption) const {
    Implementation& i = *implementation_;
    std::vector<Z3_ast> assertions;
    for (const Term term : i.stack) assertions.push_back(i.translate(term));
    return Z3_benchmark_to_smtlib_string(i.context, "mtecheck", "QF_ABV", "unknown", "",
                                         static_cast<unsigned>(assertions.size()), assertions.data(),
                                         i.translate(assumption));
}

std::string Solver::version() {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned build = 0;
    unsigned revision = 0;
    Z3_get_version(&major, &minor, &build, &revision);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(build);
}

} // namespace mtecheck::model::symbolic
