// SPDX-License-Identifier: Apache-2.0
#include "model/symbolic/terms.h"

#include <stdexcept>
#include <utility>

namespace mtecheck::model::symbolic {
namespace {

thread_local Terms* current = nullptr;

constexpr Uint128 mask(unsigned width) { return width >= 128 ? ~Uint128{0} : (Uint128{1} << width) - 1; }

Uint128 sign_extended(Uint128 value, unsigned width) {
    const Uint128 sign = Uint128{1} << (width - 1);
    return (value ^ sign) - sign;
}

/// How many bits from the lowest upwards are 1.
unsigned ones_below(Uint128 value) {
    unsigned count = 0;
    while ((value >> count & 1U) != 0 && count < 127) ++count;
    return count;
}

bool is_comparison(Op op) { return op == Op::equal || op == Op::ult || op == Op::slt; }

/// The operation on constants, before it is cut to its width.
Uint128 apply(Op op, Uint128 a, Uint128 b, unsigned operand_width, unsigned width_of_b) {
    switch (op) {
    case Op::add: return a + b;
    case Op::sub: return a - b;
    case Op::bit_and:
    case Op::bool_and: return a & b;
    case Op::bit_or:
    case Op::bool_or: return a | b;
    case Op::bit_xor: return a ^ b;
    case Op::shift_left: return b >= operand_width ? 0 : a << static_cast<unsigned>(b);
    case Op::shift_right: return b >= operand_width ? 0 : a >> static_cast<unsigned>(b);
    case Op::concat: return (a << width_of_b) | b;
    case Op::equal: return a == b ? 1 : 0;
    case Op::ult: return a < b ? 1 : 0;
    case Op::slt: {
        const Uint128 sign = Uint128{1} << (operand_width - 1);
        return (a ^ sign) < (b ^ sign) ? 1 : 0;
    }
    default: throw std::logic_error("not a binary operation");
    }
}

} // namespace

std::size_t Terms::Hash::operator()(const Node& node) const {
    std::uint64_t h =
        static_cast<std::uint64_t>(node.op) | std::uint64_t{node.width} << 8U | std::uint64_t{node.index_width} << 16U;
    const auto mix = [&](std::uint64_t x) { h = (h ^ x) * 0x9e3779b97f4a7c15U ^ (h >> 29U); };
    for (const Term operand : node.operand) mix(static_cast<std::uint64_t>(operand));
    mix(static_cast<std::uint64_t>(node.value));
    mix(static_cast<std::uint64_t>(node.value >> 64U));
    return static_cast<std::size_t>(h);
}

Terms::Terms() : nodes_(1) {
    true_ = literal(0, 1);
    false_ = literal(0, 0);
}

Term Terms::make(const Node& node) {
    const auto [found, added] = known_.try_emplace(node, static_cast<Term>(nodes_.size()));
    if (added) nodes_.push_back(node);
    return found->second;
}

Term Terms::literal(unsigned width, Uint128 value) {
    return make(
        {.op = Op::literal, .width = static_cast<std::uint8_t>(width), .value = value & mask(width == 0 ? 1 : width)});
}

Term Terms::variable(const std::string& name, unsigned width) { return array_variable(name, 0, width); }

Term Terms::array_variable(const std::string& name, unsigned index_width, unsigned width) {
    if (const auto found = variables_.find(name); found != variables_.end()) {
        const Node& known = node(found->second);
        if (known.width != width || known.index_width != index_width) {
            throw std::logic_error("two variables of different sorts have the name " + name);
        }
        return found->second;
    }
    names_.push_back(name);
    const Term term = make({.op = Op::variable,
                            .width = static_cast<std::uint8_t>(width),
                            .index_width = static_cast<std::uint8_t>(index_width),
                            .value = names_.size() - 1});
    variables_.emplace(name, term);
    return term;
}

Terms::Sum Terms::sum(Term term) const {
    const Node& n = node(term);
    if (n.op == Op::literal) return {Term::none, n.value};
    // make() leaves a constant as the second operand of a sum only.
    if (n.op == Op::add && is_literal(n.operand[1])) return {n.operand[0], node(n.operand[1]).value};
    return {term, 0};
}

bool Terms::differ_below(Term a, Term b) const {
    const Node& one = node(a);
    const Node& other = node(b);
    return one.op == Op::concat && other.op == Op::concat && one.operand[0] == other.operand[0] &&
           is_literal(one.operand[1]) && is_literal(other.operand[1]) && one.operand[1] != other.operand[1];
}

unsigned Terms::zeros_below(Term term) const {
    const Node& n = node(term);
    if (n.op != Op::concat || !is_literal(n.operand[1]) || node(n.operand[1]).value != 0) return 0;
    return node(n.operand[1]).width;
}

Term Terms::add_above(Term a, Term b, unsigned place) {
    const unsigned top = node(a).width - 1U;
    return binary(Op::concat, binary(Op::add, extract(a, top, place), extract(b, top, place)),
                  extract(a, place - 1, 0));
}

Term Terms::same_above(Term a, Term b) {
    // Of x + c and x, with c less than 2^k, the bits from k upwards are the same unless there is a carry.
    const auto above = [&](Term part, Term other) {
        const Node n = node(part);
        if (n.op != Op::extract) return Term::none;
        const auto place = static_cast<unsigned>(n.value);
        const Sum whole = sum(n.operand[0]);
        if (place == 0 || whole.constant == 0 || whole.base == Term::none) return Term::none;
        const unsigned top = place + n.width - 1U;
        const unsigned width = node(whole.base).width;
        Uint128 start = 0;
        if (const Node& o = node(other);
            o.op == Op::extract && o.value == place && sum(o.operand[0]).base == whole.base) {
            start = sum(o.operand[0]).constant;
        } else if (extract(whole.base, top, place) != other) {
            return Term::none;
        }
        const Uint128 step = (whole.constant - start) & mask(width);
        if (step == 0 || step >> place != 0) return Term::none;
        const Term from = binary(Op::add, whole.base, literal(width, start));
        return binary(Op::ult, extract(from, place - 1, 0), literal(place, (Uint128{1} << place) - step));
    };
    const Term term = above(a, b);
    return term != Term::none ? term : above(b, a);
}

/// Identities that make a term smaller; none if there is none.
Term Terms::simpler(Op op, Term a, Term b, unsigned width) {
    const bool a_literal = is_literal(a);
    const bool b_literal = is_literal(b);
    const Uint128 a_value = node(a).value;
    const Uint128 b_value = node(b).value;
    const Uint128 ones = mask(width == 0 ? 1 : width);
    switch (op) {
    case Op::add:
        if (b_literal && b_value == 0) return a;
        if (node(a).op == Op::sub && node(a).operand[1] == b) return node(a).operand[0];
        if (node(b).op == Op::sub && node(b).operand[1] == a) return node(b).operand[0];
        if (b_literal) {
            if (const Sum s = sum(a); s.constant != 0) {
                return binary(Op::add, s.base, literal(width, s.constant + b_value));
            }
            // Constant bits at the bottom stay apart: an address of a known place in a page, and what is near it.
            if (node(a).op == Op::concat && is_literal(node(a).operand[1])) {
                const Term high = node(a).operand[0];
                const unsigned low_width = node(node(a).operand[1]).width;
                const Uint128 low = node(node(a).operand[1]).value + (b_value & mask(low_width));
                const Uint128 carried = (b_value >> low_width) + (low >> low_width);
                return binary(Op::concat, binary(Op::add, high, literal(width - low_width, carried)),
                              literal(low_width, low));
            }
        }
        // Zeros at the bottom of one operand: those bits are the other's.
        if (b_literal && node(a).op == Op::concat && (b_value & mask(node(node(a).operand[1]).width)) == 0) {
            return add_above(a, b, node(node(a).operand[1]).width);
        }
        if (const unsigned zeros = zeros_below(b); zeros > 0) return add_above(a, b, zeros);
        if (const unsigned zeros = zeros_below(a); zeros > 0 && !b_literal) return add_above(b, a, zeros);
        return Term::none;
    case Op::sub:
        if (a == b) return literal(width, 0);
        // From a number the same without its low bits: an address and the start of its page.
        if (const unsigned low = zeros_below(b); low > 0 && extract(a, width - 1, low) == node(b).operand[0]) {
            return extend(Op::zero_extend, extract(a, low - 1, 0), width);
        }
        if (b_literal) return binary(Op::add, a, literal(width, Uint128{0} - b_value));
        if (node(a).op == Op::concat && node(b).op == Op::concat && node(a).operand[0] == node(b).operand[0] &&
            is_literal(node(a).operand[1]) && is_literal(node(b).operand[1]) &&
            node(node(a).operand[1]).value >= node(node(b).operand[1]).value) {
            return literal(width, node(node(a).operand[1]).value - node(node(b).operand[1]).value);
        }
        return Term::none;
    case Op::bit_and:
    case Op::bool_and:
        if (a == b) return a;
        if (b_literal && b_value == 0) return b;
        if (b_literal && b_value == ones) return a;
        if (b_literal && node(a).op == Op::concat && is_literal(node(a).operand[1])) {
            const unsigned low_width = node(node(a).operand[1]).width;
            return binary(Op::concat, binary(op, node(a).operand[0], literal(width - low_width, b_value >> low_width)),
                          literal(low_width, node(node(a).operand[1]).value & b_value));
        }
        if (op == Op::bit_and && b_literal) {
            // All bits above some place, or below it.
            const unsigned low = ones_below(b_value);
            if (low > 0 && b_value == mask(low)) return extend(Op::zero_extend, extract(a, low - 1, 0), width);
            const unsigned cleared = ones_below(~b_value & ones);
            if (cleared > 0 && b_value == (ones & ~mask(cleared))) {
                return binary(Op::concat, extract(a, width - 1, cleared), literal(cleared, 0));
            }
        }
        return Term::none;
    case Op::bit_or:
    case Op::bool_or:
        if (a == b) return a;
        if (b_literal && b_value == 0) return a;
        if (b_literal && b_value == ones) return b;
        return Term::none;
    case Op::bit_xor:
        if (a == b) return literal(width, 0);
        if (b_literal && b_value == 0) return a;
        if (b_literal && b_value == ones) return invert(a);
        return Term::none;
    case Op::shift_left:
    case Op::shift_right:
        if (b_literal && b_value == 0) return a;
        if (b_literal && b_value >= node(a).width) return literal(width, 0);
        return Term::none;
    case Op::concat:
        // Adjacent parts of one term, and zeros on top.
        if (node(a).op == Op::extract && node(b).op == Op::extract && node(a).operand[0] == node(b).operand[0] &&
            a_value == b_value + node(b).width) {
            return extract(node(a).operand[0], static_cast<unsigned>(a_value) + node(a).width - 1,
                           static_cast<unsigned>(b_value));
        }
        if (a_literal && a_value == 0) return extend(Op::zero_extend, b, width);
        return Term::none;
    case Op::equal: {
        if (a == b) return true_;
        const unsigned operand_width = node(a).width;
        if (operand_width == 0) {
            if (b_literal) return b_value != 0 ? a : invert(a);
            return Term::none;
        }
        if (b_literal && node(a).op == Op::ite) {
            // of a choice between constants: the condition, its negation or neither
            const Term then = node(a).operand[1];
            const Term otherwise = node(a).operand[2];
            if (is_literal(then) && is_literal(otherwise)) {
                return ite(node(a).operand[0], boolean(then == b), boolean(otherwise == b));
            }
        }
        if (b_literal && node(a).op == Op::zero_extend) {
            const Term inner = node(a).operand[0];
            if (b_value > mask(node(inner).width)) return false_;
            return binary(Op::equal, inner, literal(node(inner).width, b_value));
        }
        if (node(a).op == Op::concat && (b_literal || node(b).op == Op::concat)) {
            const unsigned split = node(node(a).operand[1]).width;
            return binary(Op::bool_and, binary(Op::equal, node(a).operand[1], extract(b, split - 1, 0)),
                          binary(Op::equal, node(a).operand[0], extract(b, operand_width - 1, split)));
        }
        if (const Term term = same_above(a, b); term != Term::none) return term;
        const Sum left = sum(a);
        const Sum right = sum(b);
        if (left.base != Term::none && left.base == right.base && left.constant != right.constant) return false_;
        return Term::none;
    }
    case Op::ult:
        if (a == b) return false_;
        if (b_literal && b_value == 0) return false_;
        if (b_literal && b_value == 1) return binary(Op::equal, a, literal(node(a).width, 0));
        return Term::none;
    case Op::slt:
        if (a == b) return false_;
        return Term::none;
    default: return Term::none;
    }
}

Term Terms::binary(Op op, Term a, Term b) {
    const unsigned width_of_a = node(a).width;
    const unsigned width_of_b = node(b).width;
    if (op != Op::concat && width_of_a != width_of_b) throw std::logic_error("operands of different widths");
    const unsigned width = is_comparison(op) ? 0 : op == Op::concat ? width_of_a + width_of_b : width_of_a;
    if (is_literal(a) && is_literal(b)) {
        return literal(width, apply(op, node(a).value, node(b).value, width_of_a, width_of_b));
    }
    const bool commutes = op == Op::add || op == Op::bit_and || op == Op::bit_or || op == Op::bit_xor ||
                          op == Op::equal || op == Op::bool_and || op == Op::bool_or;
    // Constants come second, else the older term first, so that equal terms are found to be so.
    if (commutes && (is_literal(a) || (!is_literal(b) && b < a))) std::swap(a, b);
    if (const Term term = simpler(op, a, b, width); term != Term::none) return term;
    return make({.op = op, .width = static_cast<std::uint8_t>(width), .operand = {a, b}});
}

Term Terms::invert(Term a) {
    const Node& n = node(a);
    const bool boolean_term = n.width == 0;
    if (n.op == Op::literal) return literal(n.width, ~n.value);
    if (n.op == Op::bit_not || n.op == Op::bool_not) return n.operand[0];
    return make({.op = boolean_term ? Op::bool_not : Op::bit_not, .width = n.width, .operand = {a}});
}

Term Terms::extract(Term a, unsigned high, unsigned low) {
    const Node n = node(a);
    const unsigned width = high - low + 1;
    if (high < low || high >= n.width) throw std::logic_error("bits outside of a term");
    if (width == n.width) return a;
    switch (n.op) {
    case Op::literal: return literal(width, n.value >> low);
    case Op::extract: {
        const auto offset = static_cast<unsigned>(n.value);
        return extract(n.operand[0], high + offset, low + offset);
    }
    case Op::concat: {
        const unsigned low_width = node(n.operand[1]).width;
        if (high < low_width) return extract(n.operand[1], high, low);
        if (low >= low_width) return extract(n.operand[0], high - low_width, low - low_width);
        return binary(Op::concat, extract(n.operand[0], high - low_width, 0),
                      extract(n.operand[1], low_width - 1, low));
    }
    case Op::zero_extend: {
        const unsigned inner = node(n.operand[0]).width;
        if (high < inner) return extract(n.operand[0], high, low);
        if (low >= inner) return literal(width, 0);
        return extend(Op::zero_extend, extract(n.operand[0], inner - 1, low), width);
    }
    case Op::sign_extend:
        if (high < node(n.operand[0]).width) return extract(n.operand[0], high, low);
        break;
    case Op::bit_and:
    case Op::bit_or:
    case Op::bit_xor: return binary(n.op, extract(n.operand[0], high, low), extract(n.operand[1], high, low));
    case Op::bit_not: return invert(extract(n.operand[0], high, low));
    case Op::ite: return ite(n.operand[0], extract(n.operand[1], high, low), extract(n.operand[2], high, low));
    case Op::add:
        if (low == 0) return binary(Op::add, extract(n.operand[0], high, 0), extract(n.operand[1], high, 0));
        // A constant that ends in zeros leaves the bits below alone.
        if (is_literal(n.operand[1]) && (node(n.operand[1]).value & mask(high + 1)) == 0) {
            return extract(n.operand[0], high, low);
        }
        if (is_literal(n.operand[1]) && (node(n.operand[1]).value & mask(low)) == 0) {
            return binary(Op::add, extract(n.operand[0], high, low), literal(width, node(n.operand[1]).value >> low));
        }
        break;
    default: break;
    }
    return make({.op = Op::extract, .width = static_cast<std::uint8_t>(width), .operand = {a}, .value = low});
}

Term Terms::extend(Op op, Term a, unsigned width) {
    const Node n = node(a);
    if (width < n.width) throw std::logic_error("an extension to fewer bits");
    if (width == n.width) return a;
    if (n.op == Op::literal) {
        return literal(width, op == Op::zero_extend ? n.value : sign_extended(n.value, n.width));
    }
    if (n.op == Op::zero_extend) return extend(Op::zero_extend, n.operand[0], width);
    if (n.op == op) return extend(op, n.operand[0], width);
    return make({.op = op, .width = static_cast<std::uint8_t>(width), .operand = {a}});
}

Term Terms::ite(Term condition, Term a, Term b) {
    if (a == b || is_true(condition)) return a;
    if (is_false(condition)) return b;
    if (node(condition).op == Op::bool_not) return ite(node(condition).operand[0], b, a);
    const Node& then = node(a);
    if (then.width == 0 && then.index_width == 0) {
        if (is_true(a)) return binary(Op::bool_or, condition, b);
        if (is_false(a)) return binary(Op::bool_and, invert(condition), b);
        if (is_true(b)) return binary(Op::bool_or, invert(condition), a);
        if (is_false(b)) return binary(Op::bool_and, condition, a);
    }
    return make({.op = Op::ite, .width = then.width, .index_width = then.index_width, .operand = {condition, a, b}});
}

Term Terms::select(Term array, Term index) {
    const Sum wanted = sum(index);
    for (;;) {
        const Node& n = node(array);
        if (n.op != Op::store) break;
        if (n.operand[1] == index) return n.operand[2];
        const Sum written = sum(n.operand[1]);
        const bool apart =
            written.base == wanted.base ? written.constant != wanted.constant : differ_below(n.operand[1], index);
        if (!apart) break; // may be the same
        array = n.operand[0];
    }
    return make({.op = Op::select, .width = node(array).width, .operand = {array, index}});
}

Term Terms::store(Term array, Term index, Term element) {
    const Node& n = node(array);
    if (node(index).width != n.index_width || node(element).width != n.width) {
        throw std::logic_error("a store of another sort than the array's");
    }
    if (n.op == Op::store && n.operand[1] == index) return store(n.operand[0], index, element);
    return make({.op = Op::store, .width = n.width, .index_width = n.index_width, .operand = {array, index, element}});
}

Terms& current_terms() {
    if (current == nullptr) throw std::logic_error("a symbolic value without a store of terms");
    return *current;
}

CurrentTerms::CurrentTerms(Terms& terms) : before_(current) { current = &terms; }
CurrentTerms::~CurrentTerms() { current = before_; }

Uint128 Evaluation::element(Term array, Uint128 index) {
    for (;;) {
        const Node& n = terms_.node(array);
        if (n.op == Op::store) {
            if (value(n.operand[1]) == index) return value(n.operand[2]);
            array = n.operand[0];
        } else if (n.op == Op::ite) {
            array = value(n.operand[0]) != 0 ? n.operand[1] : n.operand[2];
        } else {
            const auto found = elements_.find(array);
            if (found == elements_.end()) return 0;
            const auto at = found->second.find(index);
            return at == found->second.end() ? 0 : at->second;
        }
    }
}

Assignment Evaluation::assignment() const {
    Assignment result;
    for (const auto& [term, value] : known_) {
        const Node& node = terms_.node(term);
        if (node.op == Op::variable && node.index_width == 0) result.variables[terms_.name(node)] = value;
    }
    for (const auto& [array, elements] : elements_) {
        auto& named = result.arrays[terms_.name(terms_.node(array))];
        for (const auto& [index, value] : elements) named[index] = value;
    }
    return result;
}

Uint128 Evaluation::value(Term term) {
    if (const auto found = known_.find(term); found != known_.end()) return found->second;
    const Node& n = terms_.node(term);
    const auto at = [&](std::size_t i) { return value(n.operand[i]); };
    const auto width_of = [&](std::size_t i) { return unsigned{terms_.node(n.operand[i]).width}; };
    Uint128 result = 0;
    switch (n.op) {
    case Op::literal: return n.value;
    case Op::variable: return 0;
    case Op::bit_not: result = ~at(0); break;
    case Op::bool_not: result = at(0) ^ 1U; break;
    case Op::extract: result = at(0) >> static_cast<unsigned>(n.value); break;
    case Op::zero_extend: result = at(0); break;
    case Op::sign_extend: result = sign_extended(at(0), width_of(0)); break;
    case Op::ite: result = at(0) != 0 ? at(1) : at(2); break;
    case Op::select: result = element(n.operand[0], at(1)); break;
    case Op::store: throw std::logic_error("an array has no single value");
    default: result = apply(n.op, at(0), at(1), width_of(0), width_of(1)); break;
    }
    result &= mask(n.width == 0 ? 1 : n.width);
    known_.emplace(term, result);
    return result;
}

} // namespace mtecheck::model::symbolic
