// SPDX-License-Identifier: Apache-2.0
//
// One machine of the model as an oracle: installs a case, runs it, reads the expectation back.
// A template over the machine, so that the normal reading pays nothing for mutations.
//
// Invariant: run() is a function of (profile, mutations, sequence, state, answers).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "difftest/core/expectation.h"
#include "difftest/core/fetch_ahead.h"
#include "difftest/judge/features.h"
#include "difftest/judge/layouts.h"
#include "difftest/judge/machine_state.h"
#include "model/run/run.h"

namespace mtecheck::difftest {

/// Far more than any sequence without a loop needs.
inline constexpr std::uint32_t kStepLimit = 1000;

template <class Machine>
class Oracle {
  public:
    explicit Oracle(const Profile& profile) {
        machine_.features = features_of(profile);
        initial_.data_cache_line = data_cache_line_of(profile);
    }

    Machine& machine() { return machine_; }
    const Machine& machine() const { return machine_; }
    const model::Program& program() const { return program_; }

    void load(const Sequence& sequence) {
        program_.assign(sequence.pc, std::span(sequence.code.data(), sequence.code.size()));
        may_write_vectors_ = std::any_of(program_.code.begin(), program_.code.end(),
                                         [](const auto& instruction) { return instruction.vectors; });
        machine_.set_address_space(address_space(sequence.layout));
        initial_.pc = sequence.pc;
        initial_.may_be_interrupted = runs_as_process(sequence.layout);
        each_control(initial_, sequence.configuration, [](auto& to, const auto& from) { to = from; });
    }

    /// Puts the state into the machine, ready to step from the first instruction.
    void install(const State& state) {
        install_registers(state);
        for (const Window& window : state.windows) {
            machine_.memory().initialise_window(window.pa, window.data.data(), window.tags);
        }
        alias_tags(state.windows);
    }

    /// The same, in the memory of what is to be expected of the run, without a copy: what the run writes is in the
    /// windows of `out`, which have to stay where they are while the machine has them.
    void install(const State& state, Expectation& out) {
        install_registers(state);
        out.outcome.windows = state.windows;
        for (Window& window : out.outcome.windows) {
            machine_.memory().lend_window(window.pa, window.data.data(), window.tags);
        }
        alias_tags(state.windows);
    }

    /// Runs from a state with these first answers to what is left open.
    model::RunResult run(const State& state, std::vector<std::uint8_t> answers, std::uint32_t step_limit = kStepLimit) {
        install(state);
        return run_installed(std::move(answers), step_limit);
    }

    /// The same, with what is to be expected of the run; keeps the storage of `out`.
    model::RunResult run(const State& state, std::vector<std::uint8_t> answers, Expectation& out,
                         std::uint32_t step_limit = kStepLimit) {
        install(state, out);
        const model::RunResult result = run_installed(std::move(answers), step_limit);
        read(state, result, out);
        return result;
    }

    /// The same from each of these states, in no case with answers; done(number) after each. States and `out` are as
    /// many.
    template <class Done>
    void run_each(std::span<const State> states, std::span<Expectation> out, const Done& done) {
        std::size_t next = 0;
        const auto begin = [&] {
            if (next == states.size()) return false;
            if (next + 1 != states.size()) {
                fetch_ahead<Use::write>(out[next + 1]);
                fetch_ahead<Use::read>(states[next + 1]);
            }
            install(states[next], out[next]);
            return true;
        };
        const auto end = [&](const model::RunResult& result) {
            read(states[next], result, out[next]);
            done(next);
            ++next;
        };
        model::RunEach(machine_, program_, kStepLimit, begin, end);
    }

    /// What is expected after install(state, out) and running: what is not in `out` already.
    void read(const State& state, const model::RunResult& result, Expectation& out) {
        Outcome& o = out.outcome;
        const auto& s = machine_.state;
        const auto& pstate = s.PSTATE;
        const bool exception = result.status == model::RunStatus::exception;
        o.status = exception                                        ? Status::exception
                   : result.status == model::RunStatus::runaway     ? Status::runaway
                   : result.status == model::RunStatus::broken_down ? Status::crashed
                                                                    : Status::completed;
        each_register(s, o, [](const auto& from, auto& to) { to = from.raw(); });
        o.tfsr[0] = 0;
        o.pc = exception ? 0 : s.pc.raw();
        o.pstate = bits_at(pstate.N, 31) | bits_at(pstate.Z, 30) | bits_at(pstate.C, 29) | bits_at(pstate.V, 28) |
                   bits_at(pstate.TCO, 25) | bits_at(pstate.UAO, 23) | bits_at(pstate.PAN, 22) | bits_at(pstate.EL, 2) |
                   bits_at(pstate.SP, 0);
        out.far_valid = exception && machine_.exception.far_valid;
        read_exception(o.exception, exception);
        o.v.resize(state.v.size());
        for (std::size_t n = 0; n < o.v.size(); ++n) {
            const model::Uint128 wide = s.v[n].wide();
            o.v[n] = {static_cast<std::uint64_t>(wide), static_cast<std::uint64_t>(wide >> 64U)};
        }
        if (machine_.mutated(spec::Mutation::page_tags_aliased)) {
            for (Window& window : o.windows) window.tags = machine_.memory().tags(page_of(window.pa));
        }
        out.predicted = result.status != model::RunStatus::not_predicted;
        out.from_anywhere = result.from_anywhere;
        out.steps = result.steps;
        out.escaped = machine_.memory().escaped() || result.status == model::RunStatus::left ||
                      result.status == model::RunStatus::runaway;
        out.last_opcode = machine_.opcode.raw();
        start_over(out.allowances);
        for (const auto& mark : machine_.marks) {
            describe(mark, out.allowances.emplace_back());
            if (machine_.mutated(spec::Mutation::page_tags_aliased)) spread_tag(state.windows, out.allowances);
        }
        start_over(out.choices);
        for (const auto& choice : machine_.choices.log()) {
            out.choices.push_back({choice.reason, choice.answer, choice.options});
        }
    }

  private:
    void install_registers(const State& state) {
        machine_.reset();
        auto& s = machine_.state;
        static_cast<model::ControlledState<Machine>&>(s) = initial_;
        s.tags_without_memory.count = 0;
        each_register(s, state, [](auto& to, const auto& from) { to = from; });
        s.PSTATE.N = state.nzcv >> 3U & 1U;
        s.PSTATE.Z = state.nzcv >> 2U & 1U;
        s.PSTATE.C = state.nzcv >> 1U & 1U;
        s.PSTATE.V = state.nzcv & 1U;
        if (!state.v.empty()) {
            for (std::size_t n = 0; n < state.v.size(); ++n) {
                s.v[n] = Bits<128>::from_wide(model::Uint128{state.v[n].high} << 64U | state.v[n].low);
            }
        } else if (vectors_written_) {
            s.v = {};
        }
        vectors_written_ = !state.v.empty() || may_write_vectors_;
    }

    /// With page_tags_aliased a target that installs and reads windows with STGM and LDGM finds their tags elsewhere.
    void alias_tags(const Windows& windows) {
        if (!machine_.mutated(spec::Mutation::page_tags_aliased)) return;
        for (const Window& window : windows) machine_.memory().set_tags(page_of(window.pa), window.tags);
    }

    model::RunResult run_installed(std::vector<std::uint8_t> answers, std::uint32_t step_limit) {
        machine_.choices.start(std::move(answers));
        return model::Run(machine_, program_, step_limit);
    }

    template <unsigned N>
    using Bits = typename Machine::template Bits<N>;

    static std::uint64_t page_of(std::uint64_t pa) {
        return pa & ~std::uint64_t{model::PhysicalMemory::page_bytes - 1};
    }

    /// With page_tags_aliased a tag shows in all windows of its page: says so of the last one.
    static void spread_tag(const Windows& windows, Allowances& out) {
        const Allowance allowance = out.back();
        if (allowance.kind != Allowance::Kind::tag) return;
        out.pop_back();
        for (const Window& window : windows) {
            if (page_of(window.pa) != page_of(allowance.address)) continue;
            out.push_back(allowance);
            out.back().address = window.pa + (allowance.address - page_of(allowance.address));
        }
    }

    template <unsigned N>
    static std::uint64_t bits_at(Bits<N> value, unsigned low) {
        return std::uint64_t{value.raw()} << low;
    }

    void read_exception(ExceptionRecord& e, bool taken) {
        e = {};
        if (!taken) return;
        const auto& s = machine_.state;
        e.to_el = machine_.exception.to_el;
        e.vector = machine_.exception.vector;
        switch (e.to_el) {
        case 1: read_syndrome(e, s.ESR_EL1, s.FAR_EL1, s.ELR_EL1, s.SPSR_EL1); break;
        case 2: read_syndrome(e, s.ESR_EL2, s.FAR_EL2, s.ELR_EL2, s.SPSR_EL2); break;
        default: read_syndrome(e, s.ESR_EL3, s.FAR_EL3, s.ELR_EL3, s.SPSR_EL3); break;
        }
    }

    static void read_syndrome(ExceptionRecord& e, Bits<64> esr, Bits<64> far, Bits<64> elr, Bits<64> spsr) {
        e.esr = esr.raw();
        e.far = far.raw();
        e.elr = elr.raw();
        e.spsr = spsr.raw();
    }

    static void describe(const model::Mark<Machine>& mark, Allowance& result) {
        result.reason = mark.reason;
        result.either = mark.either;
        result.index = mark.place.index;
        result.address = mark.address.raw();
        result.mask = mark.mask.raw();
        result.alternative = mark.alternative.raw();
        using PlaceKind = model::Place::Kind;
        using Kind = Allowance::Kind;
        switch (mark.place.kind) {
        case PlaceKind::general_register: result.kind = Kind::general_register; break;
        case PlaceKind::simd_register: result.kind = Kind::simd_register; break;
        case PlaceKind::nzcv: result.kind = Kind::nzcv; break;
        case PlaceKind::memory: result.kind = Kind::memory; break;
        case PlaceKind::tag: result.kind = Kind::tag; break;
        case PlaceKind::system_register: place_system_register(static_cast<spec::Reg>(mark.place.index), result); break;
        }
    }

    static void place_system_register(spec::Reg reg, Allowance& result) {
        using Kind = Allowance::Kind;
        const auto set = [&](Kind kind, std::uint16_t index) {
            result.kind = kind;
            result.index = index;
        };
        switch (reg) {
        case spec::Reg::GCR_EL1: return set(Kind::gcr, 0);
        case spec::Reg::RGSR_EL1: return set(Kind::rgsr, 0);
        case spec::Reg::TFSRE0_EL1: return set(Kind::tfsr, 0);
        case spec::Reg::TFSR_EL1: return set(Kind::tfsr, 1);
        case spec::Reg::TFSR_EL2: return set(Kind::tfsr, 2);
        case spec::Reg::TFSR_EL3: return set(Kind::tfsr, 3);
        case spec::Reg::ESR_EL1:
        case spec::Reg::ESR_EL2:
        case spec::Reg::ESR_EL3: return set(Kind::esr, 0);
        case spec::Reg::FAR_EL1:
        case spec::Reg::FAR_EL2:
        case spec::Reg::FAR_EL3: return set(Kind::far, 0);
        case spec::Reg::ELR_EL1:
        case spec::Reg::ELR_EL2:
        case spec::Reg::ELR_EL3: return set(Kind::elr, 0);
        case spec::Reg::SPSR_EL1:
        case spec::Reg::SPSR_EL2:
        case spec::Reg::SPSR_EL3: return set(Kind::spsr, 0);
        default: throw std::logic_error("a mark on a register that outcomes do not have");
        }
    }

    Machine machine_;
    model::Program program_;
    model::ControlledState<Machine> initial_; // what the sequence fixes
    bool may_write_vectors_ = false;          // it has instructions that name SIMD&FP registers
    bool vectors_written_ = false;            // they may not be zero
};

} // namespace mtecheck::difftest
