// SPDX-License-Identifier: Apache-2.0
#include "difftest/judge/reading.h"

#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "difftest/judge/oracle.h"
#include "difftest/judge/process_view.h"
#include "difftest/judge/remainder.h"
#include "model/machine/coverage_machine.h"
#include "model/machine/mutant_machine.h"

namespace mtecheck::difftest {
namespace {

template <class Machine, class Interface>
class ReadingOf : public Interface {
  public:
    explicit ReadingOf(const Profile& profile) : oracle_(profile) {}

    void load(const Sequence& sequence) override {
        oracle_.load(sequence);
        layout_ = sequence.layout;
        if constexpr (std::is_same_v<Machine, model::CoverageMachine>) note_begun();
    }
    const model::Program& program() const override { return oracle_.program(); }

    void run(std::span<const State> states, std::span<Expectation> out) override {
        oracle_.run_each(states, out, [&](std::size_t i) { tell(states[i], out[i]); });
    }

    bool run(const State& state, Answers answers, Expectation& out) override {
        const model::RunResult result = oracle_.run(state, std::move(answers), out);
        tell(state, out);
        return result.status != model::RunStatus::not_allowed || (out.escaped && may_have_met_another_fault());
    }

    bool run_part(const State& state, Answers answers, std::uint32_t steps, Expectation& out) override {
        const model::RunResult result = oracle_.run(state, std::move(answers), out, steps);
        as_seen(state, out);
        return result.status == model::RunStatus::runaway && !oracle_.machine().memory().escaped();
    }

    bool end_is_shown(const Outcome& got) const override {
        return layout_ != LayoutId::simulator || got.status != Status::signal;
    }

    bool loses_pc() override { return oracle_.machine().mutated(spec::Mutation::dc_zva_abort_loses_pc); }

    bool may_go_on_from_anywhere(const Expectation& before) override {
        if (!runs_as_process(layout_) || !loses_pc() || oracle_.machine().state.TFSRE0_EL1.raw() == 0) return false;
        const std::uint64_t index = (before.outcome.pc - program().start) / 4;
        return index < program().code.size() && clears_block_of_data(program().code[index]);
    }

  protected:
    Oracle<Machine> oracle_;
    LayoutId layout_ = LayoutId::arena;

  private:
    /// What is to be expected of a run besides its state.
    void tell(const State& state, Expectation& out) {
        if constexpr (std::is_same_v<Machine, model::CoverageMachine>) {
            oracle_.machine().observer.decisions(out.coverage.decisions);
            const Begun& begun = this->begun(oracle_.machine().observer.started());
            out.coverage.encodings = begun.encodings;
            out.coverage.accesses = begun.accesses;
        }
        as_seen(state, out);
    }
    /// What is expected is what the target of such cases can show.
    void as_seen(const State& state, Expectation& out) {
        if (runs_as_process(layout_)) as_process_sees(state, signal_faults(), out);
        if (layout_ == LayoutId::simulator) as_simulator_shows(state, out);
    }

    struct Begun {
        std::uint64_t instructions = 0;
        decltype(Coverage::encodings) encodings;
        decltype(Coverage::accesses) accesses;
    };

    /// Of a run that passed over a fault and left its windows: whether tags out there, which nobody knows, may make the
    /// fault for which it was passed over. That is a Tag Check Fault, and two of these are one; other faults do not
    /// depend on tags.
    bool may_have_met_another_fault() {
        auto& machine = oracle_.machine();
        return !machine.passed_over.tag_check || machine.mutated(spec::Mutation::permission_after_tag_check);
    }

    SignalFaults signal_faults() {
        const auto has = [&](spec::Mutation mutation) { return oracle_.machine().mutated(mutation); };
        return {.undefined_is_illegal_operand = has(spec::Mutation::undefined_is_illegal_operand),
                .permission_fault_is_not_mapped = has(spec::Mutation::permission_fault_is_not_mapped),
                .asynchronous_fault_hides_signal = has(spec::Mutation::asynchronous_fault_hides_signal)};
    }

    /// Most runs begin the first so many instructions of the program.
    void note_begun() {
        const auto& code = oracle_.program().code;
        begun_.clear();
        begun_.emplace_back();
        for (std::size_t i = 0; i < code.size() && i < 64; ++i) {
            Begun next = begun_.back();
            add(i, next);
            begun_.push_back(next);
        }
        first_so_many_ = begun_.size();
    }
    void add(std::size_t index, Begun& begun) const {
        const auto& instruction = oracle_.program().code[index];
        begun.instructions |= std::uint64_t{1} << index;
        if (!instruction.allocated) return;
        begun.encodings.set(static_cast<std::size_t>(instruction.encoding));
        const bool write = instruction.encoding == spec::Encoding::MSR_reg;
        if (!write && instruction.encoding != spec::Encoding::MRS) return;
        const auto reg = spec::decode_register(spec::SystemRegisterKey::of_opcode(instruction.opcode));
        if (reg) begun.accesses.set(2 * static_cast<std::size_t>(*reg) + (write ? 1U : 0U));
    }

    /// Coverage of these instructions of the program, by index.
    const Begun& begun(std::uint64_t instructions) {
        const auto count = static_cast<std::size_t>(std::countr_one(instructions));
        if (begun_[count].instructions == instructions) return begun_[count];
        for (std::size_t i = first_so_many_; i < begun_.size(); ++i) {
            if (begun_[i].instructions == instructions) return begun_[i];
        }
        Begun begun;
        for (std::uint64_t left = instructions; left != 0; left &= left - 1)
            add(static_cast<std::size_t>(std::countr_zero(left)), begun);
        return begun_.emplace_back(begun);
    }

    std::vector<Begun> begun_; // of the runs of this program: at n the first n instructions, up to first_so_many_
    std::size_t first_so_many_ = 0;
};

class MutantReadingOf final : public ReadingOf<model::MutantMachine, MutantReading> {
  public:
    using ReadingOf::ReadingOf;

    void mutate(const MutationSet& mutations) override {
        oracle_.machine().mutations.set(mutations);
        oracle_.machine().mutations.forget_asked();
    }
    const MutationSet& asked() const override { return oracle_.machine().mutations.asked(); }
};

} // namespace

void Untried::push_neighbours(const Choices& choices, std::size_t forced, std::uint32_t distance) {
    Answers answers;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        answers.push_back(static_cast<std::uint8_t>(choices[i].taken));
        if (i < forced) continue;
        for (std::uint32_t other = 1; other < choices[i].options && runs_.size() < kMaxUntried; ++other) {
            answers.back() = static_cast<std::uint8_t>(other);
            runs_.push({pushed_ < kInOrder ? 0 : 1 + distance, pushed_, answers});
            ++pushed_;
        }
        answers.back() = 0;
    }
}

Answers Untried::pop() {
    Answers answers = runs_.top().answers;
    runs_.pop();
    return answers;
}

bool agrees_until_astray(Reading& reading, const State& state, const Expectation& astray, const Outcome& got) {
    // Of an implementation that broke down there is nothing to compare: it may have done so where the model does.
    if (got.status == Status::crashed) return astray.outcome.status == Status::crashed;
    Answers answers;
    for (const ChoiceTaken& choice : astray.choices) answers.push_back(static_cast<std::uint8_t>(choice.taken));
    Expectation before;
    Expectation next;
    for (std::uint32_t steps = 0; reading.run_part(state, answers, steps, next); ++steps) std::swap(before, next);
    before.from_anywhere = astray.from_anywhere || (astray.escaped && reading.may_go_on_from_anywhere(before));
    const bool loses_pc = reading.loses_pc();
    if (!reading.end_is_shown(got)) return came_as_far(reading.program(), before, got, loses_pc);
    return agrees_so_far(reading.program(), before, got, loses_pc);
}

std::unique_ptr<Reading> make_reading(const Profile& profile) {
    return std::make_unique<ReadingOf<model::CoverageMachine, Reading>>(profile);
}

std::unique_ptr<MutantReading> make_mutant_reading(const Profile& profile) {
    return std::make_unique<MutantReadingOf>(profile);
}

} // namespace mtecheck::difftest
