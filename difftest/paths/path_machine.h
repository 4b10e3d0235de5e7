// SPDX-License-Identifier: Apache-2.0
//
// The machine whose paths are counted: the one source over terms, in the fixed address map of a layout.
//
// What makes its paths few enough to be enumerated, without leaving one out:
//  - where an address goes forks over kinds of region of the map (mapped or not, level, memory type, permissions), not
//    over pages;
//  - functions whose paths are counted apart (path.h: summarised()) are read all paths at once. The machine keeps for
//    each call which of their paths lead to the result that it goes on with;
//  - the Allocation Tags in memory are two: that of the granule of the first byte that the instruction accesses, and
//    that of all others. Any pattern of matches and mismatches comes about with two as far as paths tell it apart;
//  - what the architecture leaves open is answered as the pseudocode answers it itself: another answer is the target's
//    freedom, and no case can ask for it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

#include "difftest/paths/path.h"
#include "model/machine/native_machine.h"
#include "model/machine/throwing_machine.h"
#include "model/marks.h"
#include "model/memory/address_space.h"
#include "model/memory/memory.h"
#include "model/state/proc_state.h"
#include "model/symbolic/explorer.h"
#include "model/symbolic/values.h"

namespace mtecheck::difftest {

/// A region of the map, as far as a path has to know it.
struct PathRegion {
    bool mapped = true;
    std::uint8_t level = 3;
    model::MemoryKind memory = model::MemoryKind::tagged;
    std::uint8_t ap = 1;
    model::symbolic::SymbolicBits<64> pa;
    model::symbolic::SymbolicBits<64> start;
};

/// One path of a function that is summarised, and under which condition a call takes it.
struct CalledCase {
    model::symbolic::Term condition{};
    std::vector<PathStep> steps;
};

/// A call of such a function in a run: those of its paths that give the result with which the run goes on.
struct SummarisedCall {
    std::string_view function;
    std::vector<CalledCase> cases;
};

class PathMachine : public model::ThrowingMachine {
  public:
    template <unsigned N>
    using Bits = model::symbolic::SymbolicBits<N>;
    using Bool = model::symbolic::SymbolicBool;
    using Term = model::symbolic::Term;

    model::ProcState<PathMachine> state;
    Bits<32> opcode = 0;
    Bits<64> next_pc = 0;
    model::TakenException exception;
    model::PassedOverFault<PathMachine> passed_over;

    model::FeatureSet features;
    const model::AddressSpace* address_space = nullptr;
    bool plain_regions = false;     ///< only regions that are Tagged and that all may read and write are looked at
    std::uint8_t first_granule = 0; ///< bits 11:4 of the first address that is accessed
    Bits<4> first_tag = 0;          ///< the Allocation Tag there
    Bits<4> other_tag = 0;          ///< everywhere else

    // ---- what a run leaves ----

    struct DataRead {
        Bits<56> paddress;
        unsigned size = 0;
        Term value{}; ///< a variable
    };
    std::vector<PathStep> steps;
    std::vector<SummarisedCall> calls;
    std::vector<DataRead> reads;
    model::FeatureSet asked; ///< features that the run depends on

    // ---- what semantics see (the concept Machine) ----

    bool decide(spec::Decision decision, Bool condition) {
        const bool outcome = static_cast<bool>(condition);
        steps.push_back(PathStep::decision(decision, outcome));
        return outcome;
    }
    unsigned choose(spec::DontCare reason, unsigned) {
        steps.push_back(PathStep::choice(reason, 0));
        return 0;
    }
    void unknown(const model::Mark<PathMachine>&) {}
    bool have(spec::Feature feature) {
        asked.add(feature);
        return features.has(feature);
    }
    bool have_all(const model::FeatureSet& set) {
        for (std::size_t i = 0; i < spec::feature_count; ++i) {
            const auto feature = static_cast<spec::Feature>(i);
            if (set.has(feature) && !have(feature)) return false;
        }
        return true;
    }
    static constexpr bool mutated(spec::Mutation) { return false; }

    template <unsigned N>
    static unsigned index(Bits<N> value) {
        return model::symbolic::each_value(value);
    }

    const PathRegion& find_region(bool upper, Bits<64> offset);
    unsigned pa_bits() const { return address_space->pa_bits(); }

    template <unsigned size>
    Bits<8 * size> phys_read(Bits<56> paddress) {
        const auto value = data_variable(8 * size);
        reads.push_back({paddress, size, value});
        return Bits<8 * size>(value);
    }
    template <unsigned size>
    void phys_write(Bits<56>, Bits<8 * size>) {}
    Bits<4> phys_tag_read(Bits<56> paddress);
    void phys_tag_write(Bits<56>, Bits<4>) { wrote_tag_ = true; }

    static void new_instruction(std::size_t) {}
    static void mark_partial_writes() {}

  private:
    struct KnownPage {
        bool upper = false;
        Bits<52> number;
        PathRegion region;
    };
    Term data_variable(unsigned width) const;

    std::deque<KnownPage> pages_; // that this run has met
    bool wrote_tag_ = false;
};

// ---- functions that are read all paths at once: found before the templates wherever semantics call them ----

bool EL2Enabled(PathMachine& m);
bool ELIsInHost(PathMachine& m, unsigned el);
unsigned S1TranslationRegime(PathMachine& m, unsigned el);
model::Regime TranslationRegime(PathMachine& m, unsigned el);
bool S1Enabled(PathMachine& m, model::Regime regime);
bool AllocationTagAccessIsEnabled(PathMachine& m, unsigned el);
bool AccessIsTagChecked(PathMachine& m, model::symbolic::SymbolicBits<64> vaddr,
                        const model::AccessDescriptor& accdesc);
bool UnalignedAccessFaults(PathMachine& m, const model::AccessDescriptor& accdesc,
                           model::symbolic::SymbolicBits<64> address, unsigned size);
/// By its contract, which is proved apart: nothing that a path depends on comes of the tag that is chosen.
model::symbolic::SymbolicBits<4> ChooseNonExcludedTag(PathMachine& m, model::symbolic::SymbolicBits<4> tag,
                                                      model::symbolic::SymbolicBits<4> offset,
                                                      model::symbolic::SymbolicBits<16> exclude);

} // namespace mtecheck::difftest
