// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/symbolic_subject.h"

#include "model/proofs/named_state.h"
#include "model/symbolic/summaries.h"

namespace mtecheck::model::proofs {
namespace {

using symbolic::Op;
using symbolic::SymbolicBits;
using symbolic::SymbolicBool;
using symbolic::Term;
using symbolic::Terms;

constexpr unsigned kRefinements = 64; // of one claim on one path

} // namespace

SymbolicMachine SymbolicSubject::machine_at(Bits<2> at) const {
    SymbolicMachine m;
    m.features = features_;
    m.mutations = mutations_;
    m.map_policy = map_;
    m.path = log_;
    NameState(m.state, [&](const std::string& name, auto& value) {
        using Value = std::remove_reference_t<decltype(value)>;
        value = any<Value::width>(name);
    });
    m.state.PSTATE.EL = at;
    m.state.pc = kInstructionAddress;
    Terms& terms = symbolic::current_terms();
    m.bytes = terms.array_variable("memory", 56, 8);
    m.tags = terms.array_variable("tags", 52, 4);
    // Exception levels that can be: EL2 only where it is enabled, SP_EL0 at EL0.
    const unsigned el = CurrentEL(m);
    if (el == EL2 && !EL2Enabled(m)) throw symbolic::PathEnd{};
    if (el == EL0) symbolic::current_explorer().assume((m.state.PSTATE.SP == SymbolicBits<1>(0)).term());
    return m;
}

RunStatus SymbolicSubject::execute(Machine& m, spec::Encoding encoding, std::initializer_list<Operand> operands) {
    const spec::EncodingInfo& info = spec::info(encoding);
    Terms& terms = symbolic::current_terms();
    Term opcode = terms.literal(32, info.value);
    const auto fill = [&](const spec::FieldInfo& field, Term value) {
        if (field.lo > 0) value = terms.binary(Op::concat, value, terms.extract(opcode, field.lo - 1U, 0));
        if (field.hi < 31) value = terms.binary(Op::concat, terms.extract(opcode, 31, field.hi + 1U), value);
        opcode = value;
    };
    EachOperand(
        info, operands,
        [&](const spec::FieldInfo& field, std::uint32_t bits) { fill(field, terms.literal(field.width(), bits)); },
        [&](const spec::FieldInfo& field, const std::string& name) {
            fill(field, terms.variable(name, field.width()));
        });
    opcodes_.push_back(opcode);
    return RunInstruction(m, encoding, SymbolicBits<32>(opcode));
}

SymbolicBool SymbolicSubject::same_data(const Machine& a, const Machine& b) const {
    if (a.bytes == b.bytes) return SymbolicBool(true);
    const auto anywhere = any<56>("address of a byte");
    return byte_at(a, anywhere) == byte_at(b, anywhere);
}

SymbolicBool SymbolicSubject::same_tags(const Machine& a, const Machine& b) const {
    if (a.tags == b.tags) return SymbolicBool(true);
    const auto anywhere = any<56>("address of a tag");
    return tag_at(a, anywhere) == tag_at(b, anywhere);
}

unsigned SymbolicSubject::each_of(unsigned ways) {
    ways_.push_back(symbolic::current_explorer().fork(ways));
    return ways_.back();
}

void SymbolicSubject::ask(std::vector<bool> statements) {
    asked_ = std::move(statements);
    results_.assign(asked_.size(), {});
}

void SymbolicSubject::start() {
    claims_.clear();
    ways_.clear();
    opcodes_.clear();
    consulted_ |= log_->consulted;
    log_ = std::make_shared<PathLog>();
}

bool SymbolicSubject::is_about(unsigned number) {
    current_ = number;
    return asked_.at(number); // also if it is refuted: every run repeats the decisions of the one before
}

bool SymbolicSubject::all_refuted() const {
    for (std::size_t i = 0; i < asked_.size(); ++i) {
        if (asked_[i] && !results_[i].counterexample) return false;
    }
    return true;
}

void SymbolicSubject::claim_if(Bool premise, Bool condition, const char* text) {
    if (!results_[current_].counterexample) claims_.push_back({current_, premise.term(), condition.term(), text});
}

MutantMachine SymbolicSubject::native_machine() const {
    MutantMachine m;
    m.features = features_;
    m.mutations.set(mutations_);
    return m;
}

bool SymbolicSubject::enumerated(bool holds, const char* text,
                                 std::initializer_list<std::pair<const char*, std::uint64_t>> inputs) {
    StatementResult& result = results_[current_];
    ++result.claims;
    if (holds && result.witness) return true;
    Claimed claimed;
    claimed.text = text;
    for (const auto& [name, value] : inputs) claimed.values.variables[name] = value;
    (holds ? result.witness : result.counterexample) = std::move(claimed);
    return holds;
}

void SymbolicSubject::settle() {
    symbolic::Explorer& explorer = symbolic::current_explorer();
    Terms& terms = symbolic::current_terms();
    Term all = terms.boolean(true);
    for (Claim& claim : claims_) {
        StatementResult& result = results_[claim.statement];
        ++result.claims;
        if (!result.witness) {
            symbolic::Evaluation values(terms);
            if (explorer.read_witness(claim.premise, values)) result.witness = describe(claim.text, values);
        }
        claim.condition = terms.binary(Op::bool_or, terms.invert(claim.premise), claim.condition);
        if (explorer.valid(claim.condition)) continue;
        all = terms.binary(Op::bool_and, all, claim.condition);
    }
    // What needs the conditions of this path: all at once; only if that does not hold, one by one.
    if (explorer.holds(all) == true) return;
    for (const Claim& claim : claims_) {
        StatementResult& result = results_[claim.statement];
        if (result.counterexample) continue;
        std::optional<symbolic::Evaluation> values;
        const std::optional<bool> holds = this->holds(claim.condition, values);
        if (!holds) {
            ++result.unknown;
        } else if (!*holds) {
            result.counterexample = describe(claim.text, *values);
        }
    }
}

namespace {

/// What ChooseNonExcludedTag gives for each tag, if offset and exclusion are these.
Term chosen_tags(const PathLog::ChosenTag& chosen, unsigned offset, unsigned exclude) {
    MutantMachine native;
    SymbolicBits<4> result = 0;
    for (unsigned tag = 0; tag < 16; ++tag) {
        const auto given = ChooseNonExcludedTag(native, Bits<4>(tag), Bits<4>(offset), Bits<16>(exclude));
        result = select(chosen.tag == SymbolicBits<4>(tag), SymbolicBits<4>(given.raw()), result);
    }
    return ((chosen.offset != SymbolicBits<4>(offset)) | (chosen.exclude != SymbolicBits<16>(exclude)) |
            (chosen.result == result))
        .term();
}

} // namespace

std::optional<bool> SymbolicSubject::holds(Term condition, std::optional<symbolic::Evaluation>& values) const {
    symbolic::Explorer& explorer = symbolic::current_explorer();
    Terms& terms = symbolic::current_terms();
    const auto value = [&](auto bits) { return static_cast<unsigned>(values->value(bits.term())); };
    for (unsigned attempt = 0; attempt < kRefinements; ++attempt) {
        const std::optional<bool> holds = explorer.holds(condition);
        if (holds != false) return holds;
        values.emplace(terms);
        explorer.read_counterexample(*values);
        bool as_chosen = true;
        for (const PathLog::ChosenTag& chosen : log_->chosen_tags) {
            const Term fact = chosen_tags(chosen, value(chosen.offset), value(chosen.exclude));
            if (values->value(fact) != 0) continue;
            as_chosen = false;
            condition = terms.binary(Op::bool_or, condition, terms.invert(fact));
        }
        if (as_chosen) return false;
    }
    return std::nullopt;
}

Claimed SymbolicSubject::describe(const char* text, symbolic::Evaluation& values) const {
    Claimed claimed;
    claimed.text = text;
    claimed.values = values.assignment();
    claimed.ways = ways_;
    for (const PathLog::ChoiceTaken& choice : log_->choices) claimed.choices.push_back({choice.reason, choice.answer});
    for (const PathLog::KnownPage& known : log_->pages) {
        const Page& page = known.page;
        claimed.pages.push_back({.upper = known.upper,
                                 .number = static_cast<std::uint64_t>(values.value(known.number.term())),
                                 .frame = static_cast<std::uint64_t>(values.value(page.pa.term()) >> 12U),
                                 .mapped = page.mapped,
                                 .memory = page.memory,
                                 .ap = page.ap,
                                 .level = page.level});
    }
    for (const Term opcode : opcodes_) claimed.opcodes.push_back(static_cast<std::uint32_t>(values.value(opcode)));
    return claimed;
}

} // namespace mtecheck::model::proofs
