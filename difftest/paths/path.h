// SPDX-License-Identifier: Apache-2.0
//
// What a path of the model is: its name, computed from the log of a run, whichever machine ran it.
//
// A path of an instruction is the sequence of its labelled decisions and of what it met that the architecture leaves
// open, with how it ends. Two things keep paths apart from positions and from configurations:
//  - a call that spec/decisions.json says is outlined is taken by its result: its decisions are not part of the path
//    of the instruction. Each such function has paths of its own, those of its first call in an instruction;
//  - what an instruction does piece by piece (bytes, elements, granules, blocks) is a set of pieces, in the order in
//    which each kind is met first: a piece that decides as an earlier one did adds nothing.
//
// Invariant: a log with and without the decisions of functions that the symbolic machine reads all paths at once
// (summarised()) has the same instruction path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::difftest {

/// A decision and its outcome, or something left open.
struct PathStep {
    bool open = false;
    std::uint16_t what = 0; ///< spec::Decision or spec::DontCare
    std::uint8_t answer = 0;

    static PathStep decision(spec::Decision decision, bool outcome) {
        return {false, static_cast<std::uint16_t>(decision), static_cast<std::uint8_t>(outcome ? 1 : 0)};
    }
    static PathStep choice(spec::DontCare reason, unsigned answer) {
        return {true, static_cast<std::uint16_t>(reason), static_cast<std::uint8_t>(answer)};
    }
    bool same_question(const PathStep& other) const { return open == other.open && what == other.what; }
    bool operator==(const PathStep&) const = default;
};

/// How an instruction ends.
struct PathEnding {
    bool exception = false;
    std::uint8_t to_el = 0;
    std::uint8_t exception_class = 0; ///< ESR_ELx.EC
    std::uint8_t fault_status = 0;    ///< ESR_ELx.DFSC of a Data Abort, otherwise 0
};

struct PathLog {
    std::vector<PathStep> steps;
    PathEnding ending;
};

/// The called functions whose paths count, in the order of the table; the path of each is told apart by it.
std::vector<std::string_view> outlined_functions();
/// Whether the symbolic machine reads a function all paths at once, so that its decisions are not in its log.
bool summarised(std::string_view function);

/// The path of the instruction. Whether its base register is the stack pointer is part of it: that decides without a
/// decision whether accesses are Tag Checked.
std::string path_of(const PathLog& log, bool base_is_sp);
bool base_is_sp(std::uint32_t opcode);
/// The path of the first call of an outlined function; empty if it is not called, or decides nothing.
std::string called_path(const std::vector<PathStep>& steps, std::string_view function);

/// A Data Abort, whether from a lower Exception level or from the same one.
constexpr bool is_data_abort(unsigned exception_class) { return exception_class == 0x24 || exception_class == 0x25; }

} // namespace mtecheck::difftest
