// SPDX-License-Identifier: Apache-2.0
//
// Terms of the theory of bit vectors, Booleans and arrays: what the values of the symbolic machine are made of.
// A term is a number in the store of the current thread; equal terms have equal numbers, whatever path made them.
// Constants are folded and the plainest identities applied when a term is made, so that most conditions of a run need
// no solver. Nothing here knows a solver (model/symbolic/solver.h translates).
//
// Invariants: a term never changes; operands are older than what is made of them; widths of operands fit (checked).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/machine/bits.h"

namespace mtecheck::model::symbolic {

/// A term of the current store. None is 0.
enum class Term : std::uint32_t { none = 0 };

enum class Op : std::uint8_t {
    literal,  ///< `value`; of width 0 a Boolean
    variable, ///< `value` is the index of its name
    add,
    sub,
    bit_and,
    bit_or,
    bit_xor,
    bit_not,
    shift_left,  ///< by a bit-vector amount; an amount of the width or more gives 0
    shift_right, ///< logical
    concat,      ///< first operand high
    extract,     ///< from bit `value` upwards
    zero_extend,
    sign_extend,
    equal, ///< Boolean, of bit vectors or of Booleans
    ult,   ///< Boolean
    slt,   ///< Boolean
    ite,   ///< operands: Boolean, then, else
    bool_not,
    bool_and,
    bool_or,
    select, ///< operands: array, index
    store,  ///< operands: array, index, element
};

struct Node {
    Op op{};
    std::uint8_t width = 0;       ///< in bits; 0: Boolean; of an array, of its elements
    std::uint8_t index_width = 0; ///< of an array; 0: not an array
    std::array<Term, 3> operand{};
    Uint128 value = 0;
    bool operator==(const Node&) const = default;
};

class Terms {
  public:
    Terms();

    const Node& node(Term term) const { return nodes_[static_cast<std::size_t>(term)]; }
    const std::string& name(const Node& variable) const { return names_[static_cast<std::size_t>(variable.value)]; }
    std::size_t size() const { return nodes_.size(); }

    Term literal(unsigned width, Uint128 value);
    Term boolean(bool value) { return literal(0, value ? 1 : 0); }
    /// The variable of this name, always the same. Throws std::logic_error if it was made of another sort.
    Term variable(const std::string& name, unsigned width);
    Term array_variable(const std::string& name, unsigned index_width, unsigned width);

    Term binary(Op op, Term a, Term b);
    Term invert(Term a); ///< bit_not or bool_not
    Term extract(Term a, unsigned high, unsigned low);
    Term extend(Op op, Term a, unsigned width);
    Term ite(Term condition, Term a, Term b);
    Term select(Term array, Term index);
    Term store(Term array, Term index, Term element);

    bool is_literal(Term term) const { return node(term).op == Op::literal; }
    bool is_true(Term term) const { return term == true_; }
    bool is_false(Term term) const { return term == false_; }

  private:
    struct Hash {
        std::size_t operator()(const Node& node) const;
    };

    Term make(const Node& node);
    Term fold(Op op, Term a, Term b, unsigned width);
    Term simpler(Op op, Term a, Term b, unsigned width);
    /// A term as a base and a constant added to it, modulo the width.
    struct Sum {
        Term base = Term::none; ///< none: a constant only
        Uint128 constant = 0;
    };
    Sum sum(Term term) const;
    /// Whether both have the same bits at the top, and other constants below them.
    bool differ_below(Term a, Term b) const;
    /// How many bits at the bottom are known to be 0, as the lower part of a term put together.
    unsigned zeros_below(Term term) const;
    /// The sum of two terms of which the second has zeros below `place`.
    Term add_above(Term a, Term b, unsigned place);
    /// Whether two parts of sums of one term are equal, if that is a question about the bits below them; else none.
    Term same_above(Term a, Term b);

    std::vector<Node> nodes_;
    std::unordered_map<Node, Term, Hash> known_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, Term> variables_;
    Term true_{};
    Term false_{};
};

/// The store of this thread that values use. A store is made current for as long as its values live.
Terms& current_terms();

class CurrentTerms {
  public:
    explicit CurrentTerms(Terms& terms);
    ~CurrentTerms();
    CurrentTerms(const CurrentTerms&) = delete;
    CurrentTerms& operator=(const CurrentTerms&) = delete;

  private:
    Terms* before_;
};

/// Values by name: of variables, and of elements of arrays.
struct Assignment {
    std::map<std::string, Uint128> variables;
    std::map<std::string, std::map<Uint128, Uint128>> arrays;
};

/// The value of `term` under an assignment of all its variables that are not arrays; arrays are given by `element`.
/// Used to read counterexamples; exact, without a solver.
class Evaluation {
  public:
    explicit Evaluation(const Terms& terms) : terms_(terms) {}
    void set(Term variable, Uint128 value) { known_[variable] = value; }
    void set_element(Term array_variable, Uint128 index, Uint128 value) { elements_[array_variable][index] = value; }
    /// Variables that were not set are 0.
    Uint128 value(Term term);
    /// What was set.
    Assignment assignment() const;

  private:
    Uint128 element(Term array, Uint128 index);

    struct WideHash {
        std::size_t operator()(Uint128 value) const {
            return static_cast<std::size_t>(value ^ (value >> 64U) * 0x9e3779b97f4a7c15U);
        }
    };
    const Terms& terms_;
    std::unordered_map<Term, Uint128> known_;
    std::unordered_map<Term, std::unordered_map<Uint128, Uint128, WideHash>> elements_;
};

} // namespace mtecheck::model::symbolic
