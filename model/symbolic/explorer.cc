// SPDX-License-Identifier: Apache-2.0
#include "model/symbolic/explorer.h"

#include <stdexcept>

namespace mtecheck::model::symbolic {
namespace {

thread_local Explorer* current = nullptr;

/// Makes an explorer the current one while it runs.
class Current {
  public:
    explicit Current(Explorer& explorer) {
        if (current != nullptr) throw std::logic_error("an exploration within an exploration");
        current = &explorer;
    }
    ~Current() { current = nullptr; }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
};

} // namespace

Explorer& current_explorer() {
    if (current == nullptr) throw std::logic_error("a symbolic decision outside of an exploration");
    return *current;
}

Exploration Explorer::explore(const std::function<bool()>& body, std::uint64_t max_paths) {
    const Current here(*this);
    Exploration result;
    entries_.clear();
    undecided_ = 0;
    do {
        if (result.paths + result.abandoned == max_paths) {
            result.complete = false;
            break;
        }
        position_ = 0;
        known_.clear();
        try {
            const bool more = body();
            ++result.paths;
            if (!more) {
                result.complete = false;
                break;
            }
        } catch (const PathEnd&) {
            ++result.abandoned;
        } catch (const Stopped&) {
            result.complete = false;
            break;
        }
        if (position_ != entries_.size()) throw std::logic_error("a run that does not repeat the decisions before");
    } while (next_path());
    unsigned asserted = 0;
    for (const Entry& entry : entries_) asserted += entry.asserted ? 1U : 0U;
    solver_.pop(asserted);
    model_.reset();
    result.undecided = undecided_;
    return result;
}

/// Turns the last entry that has another side to it, and forgets what comes after. False: that was all.
bool Explorer::next_path() {
    while (!entries_.empty()) {
        Entry& last = entries_.back();
        if (last.asserted) {
            solver_.pop(1);
            model_.reset();
        }
        if (last.kind == Entry::Kind::fork && last.taken + 1 < last.options) {
            ++last.taken;
            return true;
        }
        if (last.kind == Entry::Kind::branch && last.options == 2 && last.taken == 1) {
            last.taken = 0;
            last.options = 1; // no other side is left
            solver_.push(terms_.invert(last.condition));
            last.asserted = true;
            return true;
        }
        entries_.pop_back();
    }
    return false;
}

Explorer::Entry& Explorer::append(Entry entry) {
    entries_.push_back(entry);
    ++position_;
    return entries_.back();
}

Answer Explorer::ask(Solver& solver, Term condition) {
    if (stop_ && stop_()) throw Stopped{};
    return solver.check(condition);
}

void Explorer::note(Term condition, bool outcome) { known_.emplace(condition, outcome); }

/// What the condition is for the values at hand.
std::optional<bool> Explorer::in_model(Term condition) {
    if (!model_) return std::nullopt;
    return model_->value(condition) != 0;
}

/// Whether the condition can hold, with values for it at hand afterwards.
bool Explorer::feasible(Term condition) {
    const Answer answer = ask(solver_, condition);
    if (answer == Answer::unsatisfiable) return false;
    model_.reset();
    if (answer == Answer::satisfiable) {
        model_.emplace(terms_);
        solver_.read_model(*model_);
    } else {
        ++undecided_;
    }
    return true;
}

/// The same, keeping the values at hand.
bool Explorer::possible(Term condition) {
    const Answer answer = ask(solver_, condition);
    if (answer == Answer::unknown) ++undecided_;
    return answer != Answer::unsatisfiable;
}

void Explorer::summarise(const std::function<void()>& function, const std::function<void(Term condition)>& result) {
    if (summary_) { // of a function that calls the one that is summarised: one summary for both
        function();
        result(Term::none);
        return;
    }
    summary_.emplace();
    for (;;) {
        summary_->position = 0;
        function();
        Term condition = terms_.boolean(true);
        for (const auto& [decided, outcome] : summary_->decisions) {
            condition = terms_.binary(Op::bool_and, condition, outcome ? decided : terms_.invert(decided));
        }
        result(condition);
        auto& decisions = summary_->decisions;
        while (!decisions.empty() && !decisions.back().second) decisions.pop_back();
        if (decisions.empty()) break;
        decisions.back().second = false;
    }
    summary_.reset();
}

bool Explorer::branch_in_summary(Term condition) {
    Summary& summary = *summary_;
    for (std::size_t i = 0; i < summary.position; ++i) {
        if (summary.decisions[i].first == condition) return summary.decisions[i].second;
    }
    if (summary.position == summary.decisions.size()) summary.decisions.emplace_back(condition, true);
    return summary.decisions[summary.position++].second;
}

bool Explorer::branch(Term condition) {
    if (terms_.is_literal(condition)) return terms_.is_true(condition);
    if (terms_.node(condition).op == Op::bool_not) return !branch(terms_.node(condition).operand[0]);
    if (summary_) return branch_in_summary(condition);
    if (const auto found = known_.find(condition); found != known_.end()) return found->second;
    if (position_ < entries_.size()) {
        const Entry& entry = entries_[position_++];
        if (entry.kind != Entry::Kind::branch || entry.condition != condition) {
            throw std::logic_error("a run that does not repeat the decisions before");
        }
        note(condition, entry.taken == 1);
        return entry.taken == 1;
    }
    const Term negation = terms_.invert(condition);
    // The values at hand answer for one side. True is taken first, and the values must go along.
    const std::optional<bool> here = in_model(condition);
    const bool can_be_true = here == true || feasible(condition);
    const bool can_be_false = !can_be_true || here == false || possible(negation);
    const bool outcome = can_be_true;
    Entry& entry = append({.kind = Entry::Kind::branch,
                           .taken = outcome ? 1U : 0U,
                           .options = can_be_true && can_be_false ? 2U : 1U,
                           .condition = condition});
    if (entry.options == 2) {
        solver_.push(condition);
        entry.asserted = true;
    }
    note(condition, outcome);
    return outcome;
}

unsigned Explorer::fork(unsigned options) {
    if (summary_) throw std::logic_error("a choice within a function that is summarised");
    if (options <= 1) return 0;
    if (position_ < entries_.size()) return entries_[position_++].taken;
    return append({.kind = Entry::Kind::fork, .taken = 0, .options = options}).taken;
}

void Explorer::assume(Term condition) {
    if (terms_.is_true(condition)) return;
    if (terms_.is_false(condition)) throw PathEnd{};
    if (const auto found = known_.find(condition); found != known_.end()) {
        if (!found->second) throw PathEnd{};
        return;
    }
    if (position_ < entries_.size()) {
        const Entry& entry = entries_[position_++];
        note(condition, true);
        if (entry.taken == 0) throw PathEnd{};
        return;
    }
    const bool possible = in_model(condition) == true || feasible(condition);
    Entry& entry = append({.kind = Entry::Kind::assumption, .taken = possible ? 1U : 0U, .condition = condition});
    if (!possible) throw PathEnd{};
    solver_.push(condition);
    entry.asserted = true;
    note(condition, true);
}

bool Explorer::valid(Term condition) {
    if (terms_.is_literal(condition)) return terms_.is_true(condition);
    if (const auto found = valid_.find(condition); found != valid_.end()) return found->second;
    const bool valid = ask(without_path_, terms_.invert(condition)) == Answer::unsatisfiable;
    valid_.emplace(condition, valid);
    return valid;
}

std::optional<bool> Explorer::holds(Term condition) {
    if (terms_.is_true(condition)) return true;
    switch (ask(solver_, terms_.invert(condition))) {
    case Answer::satisfiable: return false;
    case Answer::unsatisfiable: return true;
    case Answer::unknown: ++undecided_; return std::nullopt;
    }
    return std::nullopt;
}

bool Explorer::read_witness(Term premise, Evaluation& out) {
    if (terms_.is_false(premise)) return false;
    switch (ask(solver_, premise)) {
    case Answer::satisfiable: solver_.read_model(out); return true;
    case Answer::unsatisfiable: return false;
    case Answer::unknown: ++undecided_; return false;
    }
    return false;
}

} // namespace mtecheck::model::symbolic
