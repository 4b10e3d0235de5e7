// SPDX-License-Identifier: Apache-2.0
//
// The test case: the one vocabulary that generators write, targets run and the model judges.
//
// A Sequence is what selects translated code on a target: instructions and control state. It is run from
// several States, because translating dominates the cost of a new sequence on an emulator. (Sequence, State)
// is a Case; every Case is independent of all others.
//
// Invariants:
//  - windows are 256-byte aligned, disjoint, sorted by physical address, and lie in the layout's arena;
//  - everything that a Case may touch, as the model executes it, lies in its windows (the generator rejects
//    the others), so an Outcome that reports the windows reports all of memory.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <boost/container/static_vector.hpp>

#include "difftest/core/windows.h"

namespace mtecheck::difftest {

inline constexpr std::size_t kMaxCode = 32; // instructions, without the end marker

/// A 128-bit SIMD&FP register value, low half first.
struct Vector128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Vector128&) const = default;
};

/// Control state that is the same for all states of a sequence.
/// Registers indexed by EL use the architectural layout (the manual's bit positions).
struct Configuration {
    std::uint8_t el = 0;                  // PSTATE.EL at the first instruction
    std::uint8_t spsel = 0;               // PSTATE.SP; 0 at EL0
    std::uint8_t tco = 0;                 // PSTATE.TCO
    std::uint8_t pan = 0;                 // PSTATE.PAN
    std::uint8_t uao = 0;                 // PSTATE.UAO
    std::array<std::uint64_t, 4> sctlr{}; // [1..3]
    std::array<std::uint64_t, 4> tcr{};   // [1..3]
    std::array<std::uint64_t, 4> vbar{};  // [1..3]; a target may use others and report offsets from them
    // What ERET of EL1 and EL2 returns to: an address in the code or its end, which moves with it, and the state there.
    // EL3 has none, for a monitor needs its own to begin.
    std::array<std::uint64_t, 3> elr{};  // [1..2]
    std::array<std::uint64_t, 3> spsr{}; // [1..2]
    std::uint64_t hcr_el2 = 0;
    std::uint64_t scr_el3 = 0;
    std::uint64_t cpacr_el1 = 0;
    std::uint64_t cptr_el2 = 0;
    std::uint64_t cptr_el3 = 0;
    std::uint64_t gmid_el1 = 6;  // constant of the implementation: block of LDGM/STGM is 4 << BS bytes
    std::uint64_t dczid_el0 = 4; // constant of the implementation: block of DC ZVA is 4 << BS bytes
    bool operator==(const Configuration&) const = default;
};

/// The number of the stack pointer that code uses: its Exception level's own, or that of EL0.
inline std::size_t selected_sp(const Configuration& configuration) {
    return configuration.spsel != 0 ? configuration.el & 3U : 0U;
}

/// Which address map the addresses of a case refer to.
enum class LayoutId : std::uint8_t {
    arena,     // difftest/core/layout.h: what bare-metal targets set up
    golden,    // the map of the vectors executed by Arm's pseudocode
    process,   // what of the arena a Linux process can have: its main view, in the lower half, of Normal memory
    simulator, // the same for a simulator of a process without a kernel: all its pages are Tagged
};

/// Whether cases of this layout are run as a process, at EL0, and faults are signals.
constexpr bool runs_as_process(LayoutId layout) { return layout == LayoutId::process || layout == LayoutId::simulator; }

struct Sequence {
    LayoutId layout = LayoutId::arena;
    Configuration configuration;
    std::uint64_t pc = 0; // nominal address of the first instruction; a target may relocate (see Target)
    boost::container::static_vector<std::uint32_t, kMaxCode> code;
    bool operator==(const Sequence&) const = default;
};

/// The registers that a run starts from and ends with: one block of words, which is copied, compared and sent as such.
struct Registers {
    std::array<std::uint64_t, 31> x{};
    std::array<std::uint64_t, 4> sp{}; // SP_EL0..SP_EL3; only the one selected by (el, spsel) is used by code
    std::uint64_t gcr_el1 = 0;
    std::uint64_t rgsr_el1 = 0;
    std::uint64_t tfsre0_el1 = 0;
    std::array<std::uint64_t, 4> tfsr{}; // [1..3]: TFSR_EL1, TFSR_EL2, TFSR_EL3; [0] is 0
    bool operator==(const Registers&) const = default;
};
static_assert(std::is_trivially_copyable_v<Registers> && sizeof(Registers) == 42 * sizeof(std::uint64_t));

/// Everything that may differ from one run of a sequence to the next.
struct State : Registers {
    std::uint8_t nzcv = 0;    // N is bit 3
    std::vector<Vector128> v; // empty (not used, all zero) or V0..V31
    Windows windows;
    bool operator==(const State&) const = default;
};

/// A sequence with the states to run it from: the unit of work of a target.
struct Test {
    Sequence sequence;
    std::vector<State> states;
};

/// One case, as JSON files and findings hold it.
struct Case {
    std::string id; // e.g. "random/1/3/42/7": generator, seed, shard, sequence, state; or a corpus name
    Sequence sequence;
    State state;
};

} // namespace mtecheck::difftest
