// SPDX-License-Identifier: Apache-2.0
//
// The step loop: runs a program until its end, an exception, a branch out of it or a step limit.
#pragma once

#include <utility>

#include "model/exceptions/breakdown.h"
#include "model/exceptions/exceptions.h"
#include "model/isa/execute.h"
#include "model/run/program.h"

namespace mtecheck::model {

enum class RunStatus : std::uint8_t {
    completed,     ///< reached the end of the code
    exception,     ///< took an exception: the state is that at the first instruction of the vector
    left,          ///< a branch left the code: state.pc says where to
    runaway,       ///< the step limit
    not_predicted, ///< the architecture leaves too much open to go on
    broken_down,   ///< a deliberate fault ended the implementation
    not_allowed,   ///< a fault was passed over (DontCare::FaultsAtSeveralAddresses) and no other one followed
};

struct RunResult {
    RunStatus status{};
    std::uint32_t steps = 0;    ///< instructions started
    bool from_anywhere = false; ///< see NotPredicted
};

/// The encoding that a PE takes a word of `encoding` for.
template <class M>
spec::Encoding TakenFor(M& m, spec::Encoding encoding) {
    if (mutated(m, spec::Mutation::gmi_taken_for_irg) && encoding == spec::Encoding::GMI) return spec::Encoding::IRG;
    return encoding;
}

/// Runs an instruction at state.pc. Left by m.end_instruction() if it takes an exception.
template <class M>
void StepInstruction(M& m, const DecodedInstruction& instruction, bits<M, 32> opcode) {
    if (m.state.async_faults.any) {
        m.state.async_faults.by_this_instruction = {};
    }
    m.state.tag_operation.started = false;
    m.state.access_in_progress.any = false;
    m.state.load_in_progress.count = 0;
    m.state.ls_instruction_syndrome.valid = false;
    m.state.misaligned_atomic.asked = 0;
    m.opcode = opcode;
    CheckIllegalState(m);
    m.next_pc = m.state.pc + bits<M, 64>(4);
    if (instruction.undefined && !(instruction.allocated && mutated(m, spec::Mutation::bulk_imm9_ignored))) {
        Undefined(m);
    }
    if (!m.have_all(instruction.features) && !mutated(m, spec::Mutation::absent_features_ignored)) {
        Undefined(m);
    }
    execute(m, TakenFor(m, instruction.encoding), m.opcode);
    m.state.pc = m.next_pc;
}

/// Runs instruction `index` of the program, which is at state.pc.
template <class M>
void Step(M& m, const Program& program, std::size_t index) {
    m.new_instruction(index);
    StepInstruction(m, program.code[index], bits<M, 32>(program.code[index].opcode));
}

/// Steps until something other than an exception ends the run.
template <class M>
void RunSteps(M& m, const Program& program, std::uint32_t step_limit, RunResult& result) {
    while (true) {
        const bits<M, 64> offset = m.state.pc - bits<M, 64>(program.start);
        if (!static_cast<bool>(ult(offset, bits<M, 64>(4 * program.code.size())))) {
            const bool at_end = static_cast<bool>(offset == bits<M, 64>(4 * program.code.size()));
            if (at_end) CheckIllegalState(m); // whatever comes there
            result.status = at_end ? RunStatus::completed : RunStatus::left;
            return;
        }
        if (result.steps == step_limit) {
            result.status = RunStatus::runaway;
            return;
        }
        ++result.steps;
        Step(m, program, m.index(slice<31, 2>(offset)));
        if (m.passed_over.any) {
            result.status = RunStatus::not_allowed;
            return;
        }
    }
}

/// Runs from state.pc, one after the other: begin() installs what the next starts from, or says that there is none, and
/// end(result) is told how it ended. They have the program and the control registers in common.
template <class M, class Begin, class End>
void RunEach(M& m, const Program& program, std::uint32_t step_limit, const Begin& begin, const End& end) {
    RunResult result;
    const auto start = [&] {
        result = {};
        return begin();
    };
    const auto steps = [&] {
        try {
            RunSteps(m, program, step_limit, result);
        } catch (const NotPredicted& unpredicted) {
            result.status = RunStatus::not_predicted;
            result.from_anywhere = unpredicted.from_anywhere;
        } catch (const Breakdown&) {
            result.status = RunStatus::broken_down;
        }
    };
    const auto ended = [&](bool by_exception) {
        if (by_exception) result.status = RunStatus::exception;
        if (m.state.rgsr_implementation_defined) {
            Unknown(m, spec::DontCare::RandomTag, Place::system_register(spec::Reg::RGSR_EL1));
        }
        end(result);
    };
    m.run_each(start, steps, ended);
}

/// Runs once, from state.pc.
template <class M>
RunResult Run(M& m, const Program& program, std::uint32_t step_limit) {
    bool more = true;
    RunResult result;
    RunEach(
        m, program, step_limit, [&] { return std::exchange(more, false); },
        [&](const RunResult& ended) { result = ended; });
    return result;
}

} // namespace mtecheck::model
