// SPDX-License-Identifier: Apache-2.0
//
// Draws the states of a sequence: windows at interesting places of the arena, tags that mostly match, pointers into
// the windows, and data for everything else.
//
// Invariants: the same random stream gives the same state; windows are sorted, aligned and disjoint, and every
// pointer's anchor is in or next to one of them.
#pragma once

#include "difftest/core/case.h"
#include "difftest/generate/configuration.h"
#include "difftest/generate/plan.h"
#include "difftest/generate/random.h"

namespace mtecheck::difftest {

/// What pointers of a state point to, or around.
enum class SiteKind : std::uint8_t {
    tagged_page,  ///< inside of one
    special_page, ///< inside one with an attribute or permission of its own
    window_edge,  ///< between windows of a tagged page
    page_edge,
    mixed_edge, ///< a page edge between tagged memory and other
};

class StateGenerator {
  public:
    /// `plan` must outlive this object.
    StateGenerator(const Sequence& sequence, const SequencePlan& plan);

    /// The kind of site `number` of 256 (0 to 255) that have all kinds in their shares, those of a kind together.
    SiteKind site_kind(std::size_t number) const;

    /// Overwrites all of `out`, reusing its storage.
    void draw(Random& random, State& out, SiteKind kind) const;
    /// The same, with any site.
    void draw(Random& random, State& out) const;

    /// A state whose pointers reach no mapped memory, whatever the code does: for the rare sequence of which no
    /// drawn state stays in its windows.
    void draw_unmapped(Random& random, State& out) const;

  private:
    void draw_data(Random& random, State& out) const;
    void draw_system_registers(Random& random, State& out) const;
    void process_registers(Random& random, State& out) const;
    std::uint64_t draw_pointer(std::uint64_t drawn, const PointerPlan& pointer, std::uint64_t view,
                               std::uint32_t anchor, std::uint64_t memory_tag) const;

    const SequencePlan& plan_;
    AddressRegime regime_;
    std::size_t selected_sp_;
    bool process_ = false;                                      // cases are those of a Linux process
    bool simulator_ = false;                                    // of one that is simulated without a kernel
    bool every_sp_ = false;                                     // an exception return may select another
    unsigned views_ = 0;                                        // bits of the views that pointers may go through
    std::uint64_t el2_faults_;                                  // bits of TFSR_EL2 that exist
    std::uint64_t upper_chance_ = 0;                            // of 256, for addresses in the upper half
    boost::container::static_vector<std::uint8_t, 31> special_; // registers whose data is of a kind of its own
};

} // namespace mtecheck::difftest
