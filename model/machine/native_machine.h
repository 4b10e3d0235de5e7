// SPDX-License-Identifier: Apache-2.0
//
// Machines whose values are plain integers inside. Three policies make the members of the family:
//  - Values: the types of values (Bits, Bool) and how to look into them;
//  - Observer: what is recorded while running (model/machine/observers.h);
//  - Mutations: which deliberate faults are switched on.
// The host loads `state`, `memory()`, features and the address space, runs (model/run/run.h), and reads back.
#pragma once

#include <array>
#include <bitset>
#include <cassert>
#include <csetjmp>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/exceptions/taken_exception.h"
#include "model/machine/choices.h"
#include "model/machine/feature_set.h"
#include "model/machine/observers.h"
#include "model/machine/physical_memory.h"
#include "model/marks.h"
#include "model/memory/address_space.h"
#include "model/state/proc_state.h"

namespace mtecheck::model {

/// Values of the concrete machine (model/machine/bits.h).
struct PlainValues {
    template <unsigned N>
    using Bits = model::Bits<N>;
    using Bool = model::Bool;

    template <unsigned N>
    static constexpr model::Bits<N> reveal(model::Bits<N> x) {
        return x;
    }
    template <unsigned N>
    static constexpr model::Bits<N> hide(model::Bits<N> x) {
        return x;
    }
};

/// No deliberate faults: `mutated` is a constant.
struct NoMutations {
    static constexpr bool has(spec::Mutation) { return false; }
};

/// Deliberate faults selected at run time.
class MutationSet {
  public:
    bool has(spec::Mutation mutation) const { return set_[static_cast<std::size_t>(mutation)]; }
    void add(spec::Mutation mutation) { set_.set(static_cast<std::size_t>(mutation)); }
    void clear() { set_.reset(); }
    bool empty() const { return set_.none(); }
    MutationSet& operator|=(const MutationSet& other) {
        set_ |= other.set_;
        return *this;
    }
    MutationSet operator&(const MutationSet& other) const {
        MutationSet both;
        both.set_ = set_ & other.set_;
        return both;
    }
    bool operator==(const MutationSet&) const = default;

  private:
    std::bitset<spec::mutation_count> set_;
};

/// Deliberate faults, with a record of those that were asked for, on or off: what a run does depends on no others.
class RecordedMutations {
  public:
    void set(const MutationSet& mutations) { set_ = mutations; }
    void add(spec::Mutation mutation) { set_.add(mutation); }
    bool has(spec::Mutation mutation) const {
        asked_.add(mutation);
        return set_.has(mutation);
    }
    const MutationSet& asked() const { return asked_; }
    void forget_asked() { asked_.clear(); }

  private:
    MutationSet set_;
    mutable MutationSet asked_;
};

/// The control registers and what else the functions in model/machine/control_answers.h read.
struct ControlState {
    std::array<std::uint64_t, 8> registers{};
    FeatureSet features;
    bool operator==(const ControlState&) const = default;
};

template <class Values, class Observer, class Mutations>
class NativeMachine {
  public:
    template <unsigned N>
    using Bits = typename Values::template Bits<N>;
    using Bool = typename Values::Bool;

    ProcState<NativeMachine> state;
    Bits<32> opcode = 0;
    Bits<64> next_pc = 0;
    TakenException exception;
    PassedOverFault<NativeMachine> passed_over;

    FeatureSet features;
    Mutations mutations;
    Observer observer;
    Choices choices;
    std::vector<Mark<NativeMachine>> marks;

    PhysicalMemory& memory() { return memory_; }

    /// The space is shared with other machines and outlives them.
    void set_address_space(const AddressSpace& space) {
        if (address_space_ == &space) {
            return;
        }
        address_space_ = &space;
        for (auto& half : recent_regions_) {
            half.fill(nullptr);
        }
    }

    /// Before a run: everything but state, features, mutations and the address space is as new.
    void reset() {
        memory_.reset();
        marks.clear();
        choices.start();
        exception = {};
        passed_over = {};
        observer.start();
    }

    // ---- what semantics see (the concept Machine) ----

    bool decide(spec::Decision decision, Bool condition) {
        const bool outcome = static_cast<bool>(condition);
        observer.on_decision(decision, outcome);
        return outcome;
    }

    unsigned choose(spec::DontCare reason, unsigned options) {
        const unsigned answer = choices.choose(reason, options);
        observer.on_choice(reason, answer);
        return answer;
    }

    void unknown(const Mark<NativeMachine>& mark) { marks.push_back(mark); }

    bool have(spec::Feature feature) const { return features.has(feature); }
    bool have_all(const FeatureSet& set) const { return features.has_all(set); }
    constexpr bool mutated(spec::Mutation mutation) const { return mutations.has(mutation); }

    template <class Value>
    static unsigned index(Value value) {
        return static_cast<unsigned>(Values::reveal(value).raw());
    }

    const Region& find_region(bool upper, Bits<64> offset) {
        const std::uint64_t where = Values::reveal(offset).raw();
        const std::uint64_t page = where / PhysicalMemory::page_bytes;
        // Views of the same pages differ in high bits.
        const Region*& recent = recent_regions_[upper ? 1 : 0][(page ^ page >> 14U) % recent_count];
        if (recent == nullptr || where < recent->start || where >= recent->end) {
            recent = &address_space_->find(upper, where);
        }
        if (recent->reserved) {
            memory_.set_escaped();
        }
        return *recent;
    }
    unsigned pa_bits() const { return address_space_->pa_bits(); }

    template <unsigned size>
    Bits<8 * size> phys_read(Bits<56> paddress) {
        const std::uint64_t pa = Values::reveal(paddress).raw();
        const model::Bits<8 * size> value = memory_.template read<size>(pa);
        observer.on_read(pa, size, value.wide());
        return Values::hide(value);
    }
    template <unsigned size>
    void phys_write(Bits<56> paddress, Bits<8 * size> value) {
        const std::uint64_t pa = Values::reveal(paddress).raw();
        observer.on_write(pa, size, Values::reveal(value).wide());
        memory_.template write<size>(pa, Values::reveal(value));
    }
    Bits<4> phys_tag_read(Bits<56> paddress) {
        const std::uint64_t pa = Values::reveal(paddress).raw();
        const std::uint8_t tag = memory_.read_tag(pa);
        observer.on_tag_read(pa, tag);
        return Values::hide(model::Bits<4>(tag));
    }
    void phys_tag_write(Bits<56> paddress, Bits<4> tag) {
        const std::uint64_t pa = Values::reveal(paddress).raw();
        observer.on_tag_write(pa, Values::reveal(tag).raw());
        memory_.write_tag(pa, Values::reveal(tag).raw());
    }

    /// Leaves the instruction that took an exception. A jump, since unwinding the stack would cost more than all of a
    /// short run: frames between here and run_each() hold nothing with a destructor.
    [[noreturn]] void end_instruction() {
        if (landing_ != nullptr) {
            std::longjmp(*landing_, 1);
        }
        throw ExceptionTaken{};
    }

    /// The answer that is kept in a slot, or what `work_out` says, which is kept there. It is that of a function of
    /// control registers, which no instruction writes: a run asks it again and again, and so do runs of the same code.
    template <class F>
    unsigned answer(std::size_t slot, const F& work_out) {
        const unsigned known = (*known_answers_)[slot];
        if (known == 0) [[unlikely]] {
            return new_answer(slot, work_out);
        }
        observer.on_answer(slot);
        return known - 1U;
    }

    /// See model/machine/machine.h. The runs are in one loop with the landing, since a processor that has predicted
    /// where calls return to is wrong about all returns after a jump out of them.
    template <class Begin, class Body, class End>
    void run_each(const Begin& begin, const Body& body, const End& end) {
        std::jmp_buf landing;
        const Landed landed{*this};
        if (setjmp(landing) != 0) end(true);
        while (begin()) {
            if (landing_ == nullptr) {
                landing_ = &landing;
                forget_old_answers();
                known_answers_ = &answers_;
            }
            assert(answers_are_current());
            body();
            end(false);
        }
    }

    /// `index` in the program.
    void new_instruction(std::size_t index) {
        memory_.new_instruction();
        choices.next_step();
        observer.on_instruction(index);
    }

    /// Each byte and tag that the current instruction wrote may also keep its old value.
    void mark_partial_writes() {
        for (unsigned i = 0; i < memory_.journal_size(); ++i) {
            const PhysicalMemory::OldValue& old = memory_.journal_entry(i);
            if (old.size == 0) {
                mark_either(Place::tag(), old.pa, memory_.tag(old.pa), old.tag);
            }
            for (unsigned byte = 0; byte < old.size; ++byte) {
                mark_either(Place::memory(), old.pa + byte, memory_.byte(old.pa + byte), old.bytes[byte]);
            }
        }
    }

  private:
    template <class F>
    [[gnu::noinline]] unsigned new_answer(std::size_t slot, const F& work_out) {
        if (landing_ == nullptr) return work_out(); // not in a run: the host may change control registers at any time
        unsigned answer = 0;
        observer.on_new_answer(slot, [&] { answer = work_out(); });
        answers_[slot] = static_cast<std::uint16_t>(answer + 1);
        return answer;
    }

    /// Forgets where to land, however run_each() is left.
    struct Landed {
        NativeMachine& machine;
        explicit Landed(NativeMachine& its) : machine(its) {}
        Landed(const Landed&) = delete;
        Landed& operator=(const Landed&) = delete;
        ~Landed() {
            machine.landing_ = nullptr;
            machine.known_answers_ = &nothing_known;
        }
    };

    /// Those for other control registers.
    void forget_old_answers() {
        if constexpr (std::is_same_v<Values, PlainValues>) {
            if (answers_are_current()) return;
            answers_.fill(0);
            answered_for_ = control_state();
        }
    }

    /// Only machines with plain values have any.
    bool answers_are_current() const {
        if constexpr (std::is_same_v<Values, PlainValues>)
            return control_state() == answered_for_;
        else
            return true;
    }

    ControlState control_state() const {
        return {{state.SCTLR_EL1.raw(), state.SCTLR_EL2.raw(), state.SCTLR_EL3.raw(), state.TCR_EL1.raw(),
                 state.TCR_EL2.raw(), state.TCR_EL3.raw(), state.HCR_EL2.raw(), state.SCR_EL3.raw()},
                features};
    }

    void mark_either(Place place, std::uint64_t pa, std::uint8_t now, std::uint8_t before) {
        if (now == before) {
            return;
        }
        Mark<NativeMachine> mark;
        mark.reason = spec::DontCare::PartialStore;
        mark.place = place;
        mark.either = true;
        mark.address = Values::hide(model::Bits<56>(pa));
        mark.alternative = Values::hide(model::Bits<64>(before));
        marks.push_back(mark);
    }

    using Answers = std::array<std::uint16_t, control_answers>; // 0: not worked out; else 1 + the answer
    static constexpr Answers nothing_known{};
    Answers answers_{};
    const Answers* known_answers_ = &nothing_known; // `answers_` in a run
    ControlState answered_for_;
    PhysicalMemory memory_;
    std::jmp_buf* landing_ = nullptr;
    const AddressSpace* address_space_ = nullptr;
    /// The region found last for a page, by its number: a search is full of branches that are not predictable.
    static constexpr std::size_t recent_count = 64;
    std::array<std::array<const Region*, recent_count>, 2> recent_regions_{};
};

} // namespace mtecheck::model
