// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_comparison.h"

#include <algorithm>
#include <vector>

#include "difftest/abi/abi_names.h"

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;
using Machine = model::ConcreteMachine;
using Kind = StepResultKind;

class Comparison {
  public:
    Comparison(const AbiProgram& program, const AbiExpectation& expected, const abi_response& observed)
        : program_(program), expected_(expected), observed_(observed) {}

    std::optional<AbiDivergence> run() {
        const unsigned part = parting(program_);
        const bool parts = part != program_.size();
        hits_.assign(expected_.flows[0].signals.size(), false);
        const bool went_on = compare_steps(0, 0, part) && parts;
        // The second flow ends before the first goes on.
        const bool exists = went_on && observed_.flows[1].steps[part].state == ABI_DONE;
        if (exists) {
            hits_.assign(expected_.flows[1].signals.size(), false);
            compare_steps(1, part + 1, static_cast<unsigned>(program_.size()));
            hits_.assign(expected_.flows[0].signals.size(), false);
        } else if (went_on && expected_.flows[1].steps[part].kind == Kind::value) {
            diverge(0, part, Clause::mapping, "no second flow", "it begins", "it does not");
        }
        if (!divergence_ && went_on) compare_steps(0, part, static_cast<unsigned>(program_.size()));
        if (!divergence_) compare_end();
        return divergence_;
    }

    unsigned progress() const { return progress_; }
    unsigned cannot() const { return cannot_; }

  private:
    void diverge(unsigned flow, unsigned step, Clause clause, std::string what, std::string expected,
                 std::string observed) {
        if (divergence_) return;
        divergence_ = {flow, step, clause, std::move(what), std::move(expected), std::move(observed)};
    }

    /// The same, of what the step tells, which is another matter for each kind of step.
    void diverge_in_result(unsigned flow, unsigned step, Clause clause, const std::string& what, std::string expected,
                           std::string observed) {
        diverge(flow, step, clause, std::string(abi_step_name(program_[step])) + ": " + what, std::move(expected),
                std::move(observed));
    }

    /// Whether the flow went on behind the last of these steps, as it should have.
    bool compare_steps(unsigned flow, unsigned from, unsigned to) {
        const FlowOutcome<Machine>& wanted = expected_.flows[flow];
        const abi_flow& got = observed_.flows[flow];
        for (unsigned n = from; n < to && !divergence_; ++n) {
            ++progress_;
            compare_with_internal_errors(flow, n);
            compare_signals(flow, n);
            if (divergence_) return false;
            const auto& step = wanted.steps[n];
            const abi_step_result& result = got.steps[n];
            const bool signalled = has_synchronous(got, n);
            const bool ended = result.state == ABI_NOT_DONE && !signalled;
            if (wanted.dies && n >= wanted.dies_first && n <= wanted.dies_last) {
                if (ended) return false;
                if (n == wanted.dies_last) {
                    diverge(flow, n, wanted.dies_of, "does not die of SIGSEGV", "dies of SIGSEGV", "goes on");
                    return false;
                }
            }
            if (ended) {
                diverge(flow, n, step.kind == Kind::nothing ? Clause::mapping : step.clause, "ends here", "goes on",
                        how_it_ended(flow));
                return false;
            }
            if (result.state == ABI_CANNOT) {
                ++cannot_;
            } else if (step.kind != Kind::nothing && result.state == ABI_DONE) {
                compare_result(flow, n, step, result);
            }
        }
        return !divergence_;
    }

    /// An error number of the kernel's own is wrong, whatever else the step should have done.
    void compare_with_internal_errors(unsigned flow, unsigned n) {
        const abi_step_result& got = observed_.flows[flow].steps[n];
        if (got.state != ABI_DONE || !is_internal_error(got.value) || program_[n].op == ABI_load) return;
        const StepResult<Machine>& wanted = expected_.flows[flow].steps[n]; // with a deliberate fault it is expected
        if (wanted.kind == Kind::value && static_cast<std::int64_t>(wanted.value.raw()) == got.value) return;
        const std::string seen = value_name(program_[n], got.value);
        diverge(flow, n, Clause::internal_errors, seen + " is seen", "what the system call returns", seen);
    }

    static bool has_synchronous(const abi_flow& flow, unsigned step) {
        const std::size_t count = std::min<std::size_t>(flow.signal_count, ABI_MAX_SIGNALS);
        return std::any_of(flow.signals, flow.signals + count, [&](const abi_signal& signal) {
            return signal.step == step && signal.code != segv::MTEAERR;
        });
    }

    void compare_signals(unsigned flow, unsigned n) {
        const FlowOutcome<Machine>& wanted = expected_.flows[flow];
        const abi_flow& got = observed_.flows[flow];
        const std::size_t count = std::min<std::size_t>(got.signal_count, ABI_MAX_SIGNALS);
        for (std::size_t i = 0; i < count; ++i) {
            if (got.signals[i].step == n) match_signal(flow, n, got.signals[i]);
        }
        for (std::size_t i = 0; i < wanted.signals.size(); ++i) {
            const SignalReport<Machine>& signal = wanted.signals[i];
            if (signal.last != n || hits_[i] || signal.may_be_lost) continue;
            const std::string code = signal_code_name(static_cast<std::int32_t>(signal.code.raw()));
            const std::string instead = got.steps[n].state == ABI_DONE ? "the step is done" : how_it_ended(flow);
            diverge(flow, n, signal.clause, "no " + code, code, instead);
        }
    }

    void match_signal(unsigned flow, unsigned n, const abi_signal& got) {
        const auto& signals = expected_.flows[flow].signals;
        const bool asynchronous = got.code == segv::MTEAERR;
        const std::string code = signal_code_name(got.code);
        for (std::size_t i = 0; i < signals.size(); ++i) {
            const SignalReport<Machine>& wanted = signals[i];
            if (wanted.asynchronous != asynchronous || n < wanted.first || n > wanted.last) continue;
            if (!asynchronous && hits_[i]) continue;
            hits_[i] = true;
            compare_signal(flow, n, wanted, got);
            return;
        }
        // The signal that should have come, if there is one, says which clause it is about.
        const auto instead = std::find_if(signals.begin(), signals.end(), [&](const SignalReport<Machine>& signal) {
            return n >= signal.first && n <= signal.last;
        });
        const auto& step = expected_.flows[flow].steps[n];
        if (instead != signals.end()) {
            diverge(flow, n, instead->clause, "another signal",
                    signal_code_name(static_cast<std::int32_t>(instead->code.raw())), code);
        } else {
            diverge(flow, n, step.kind == Kind::nothing ? expected_.flows[flow].dies_of : step.clause,
                    code + " that should not be", "no signal", code);
        }
    }

    void compare_signal(unsigned flow, unsigned n, const SignalReport<Machine>& wanted, const abi_signal& got) {
        const auto wanted_code = static_cast<std::int32_t>(wanted.code.raw());
        if (got.code != wanted_code)
            return diverge(flow, n, wanted.clause, "another si_code", signal_code_name(wanted_code),
                           signal_code_name(got.code));
        ++progress_;
        const std::uint64_t known = wanted.known.raw();
        if (((got.address ^ wanted.address.raw()) & known) != 0)
            return diverge(flow, n, wanted.address_clause, "another si_addr",
                           hex_text(wanted.address.raw() & known) + " in bits " + hex_text(known),
                           hex_text(got.address));
        ++progress_;
        if (!wanted.asynchronous && got.fault_address != wanted.fault_address.raw())
            return diverge(flow, n, Clause::fault_address, "another fault_address",
                           hex_text(wanted.fault_address.raw()), hex_text(got.fault_address));
        ++progress_;
        if (got.tco_handler > 1 || !wanted.tco_of_handler[got.tco_handler])
            return diverge(flow, n, Clause::handler_tco, "another PSTATE.TCO of the handler",
                           wanted.tco_of_handler[0] ? "0x0" : "0x1", hex_text(got.tco_handler));
        ++progress_;
        if (got.tco_frame > 1 || !wanted.tco_interrupted[got.tco_frame])
            return diverge(flow, n, Clause::handler_tco, "another PSTATE.TCO in the frame",
                           wanted.tco_interrupted[0] ? "0x0" : "0x1", hex_text(got.tco_frame));
    }

    void compare_result(unsigned flow, unsigned n, const StepResult<Machine>& wanted, const abi_step_result& got) {
        const AbiStep& step = program_[n];
        const auto value = static_cast<std::int64_t>(wanted.value.raw());
        if (wanted.kind == Kind::tag) {
            if (got.value < 0 || got.value > 15 || (wanted.value.raw() >> got.value & 1U) == 0)
                diverge_in_result(flow, n, wanted.clause, "a tag that is excluded",
                                  "a tag of mask " + hex_text(wanted.value.raw()),
                                  hex_text(static_cast<std::uint64_t>(got.value)));
            return;
        }
        if (got.value != value) {
            const bool kinds = is_error(value) || is_error(got.value);
            return diverge_in_result(flow, n, wanted.clause,
                                     kinds ? value_name(step, got.value) + " instead of " + value_name(step, value)
                                           : "another value",
                                     value_name(step, value), value_name(step, got.value));
        }
        for (unsigned i = 0; i < wanted.extras; ++i) {
            const std::uint64_t known = i == 1 ? wanted.tags_known.raw() : ~std::uint64_t{0};
            if (((got.extra[i] ^ wanted.extra[i].raw()) & known) == 0) continue;
            return diverge_in_result(flow, n, wanted.clause, i == 0 ? "another value" : "other tags",
                                     hex_text(wanted.extra[i].raw()), hex_text(got.extra[i]));
        }
    }

    std::string how_it_ended(unsigned flow) const {
        int status = observed_.status;
        if (flow == 1) {
            const auto parting =
                std::find_if(program_.begin(), program_.end(), [](const AbiStep& step) { return step.op == ABI_fork; });
            if (parting != program_.end())
                status = static_cast<int>(
                    observed_.flows[0].steps[static_cast<std::size_t>(parting - program_.begin())].value);
        }
        return status_name(status);
    }

    void compare_end() {
        const bool dies = expected_.flows[0].dies;
        const int status = observed_.status;
        if ((status & 0x7f) == expected_.flows[0].dies_by && (dies || status == 0)) return;
        const auto last = static_cast<unsigned>(program_.size());
        diverge(0, last, dies ? expected_.flows[0].dies_of : Clause::mapping, "another end of the process",
                dies ? status_name(expected_.flows[0].dies_by) : "exit status 0", status_name(status));
    }

    const AbiProgram& program_;
    const AbiExpectation& expected_;
    const abi_response& observed_;
    std::vector<bool> hits_; // which expected signals of the flow were seen
    std::optional<AbiDivergence> divergence_;
    unsigned progress_ = 0;
    unsigned cannot_ = 0;
};

} // namespace

unsigned parting(const AbiProgram& program) {
    const auto found = std::find_if(program.begin(), program.end(),
                                    [](const AbiStep& step) { return step.op == ABI_fork || step.op == ABI_thread; });
    return static_cast<unsigned>(found - program.begin());
}

AbiComparison compare(const AbiProgram& program, const AbiExpectation& expected, const abi_response& observed) {
    Comparison comparison(program, expected, observed);
    const auto divergence = comparison.run();
    return {divergence, comparison.progress(), comparison.cannot()};
}

} // namespace mtecheck::difftest
