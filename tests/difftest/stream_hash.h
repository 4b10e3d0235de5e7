// SPDX-License-Identifier: Apache-2.0
//
// A hash of tests: what names a stream of them.
#pragma once

#include <array>
#include <cstdint>

#include "difftest/core/case.h"

namespace mtecheck::difftest {

/// FNV-1a over everything that a target sees.
class StreamHash {
  public:
    void add(std::uint64_t value) {
        for (int byte = 0; byte < 8; ++byte) {
            hash_ = (hash_ ^ (value >> (8 * byte) & 0xff)) * 0x100000001b3;
        }
    }
    template <class Range>
    void add_all(const Range& range) {
        for (const auto value : range) add(value);
    }
    void add(const Test& test) {
        const Configuration& c = test.sequence.configuration;
        add(test.sequence.pc);
        add_all(test.sequence.code);
        add_all(std::array<std::uint64_t, 5>{c.el, c.spsel, c.tco, c.pan, c.uao});
        add_all(c.sctlr);
        add_all(c.tcr);
        add_all(std::array<std::uint64_t, 5>{c.hcr_el2, c.scr_el3, c.cpacr_el1, c.cptr_el2, c.cptr_el3});
        for (const State& state : test.states) {
            add_all(state.x);
            add_all(state.sp);
            add_all(std::array<std::uint64_t, 4>{state.nzcv, state.gcr_el1, state.rgsr_el1, state.tfsre0_el1});
            add_all(state.tfsr);
            for (const auto& vector : state.v) {
                add(vector.low);
                add(vector.high);
            }
            for (const Window& window : state.windows) {
                add(window.pa);
                add(window.tags);
                add_all(window.data);
            }
        }
    }
    std::uint64_t value() const { return hash_; }

  private:
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

} // namespace mtecheck::difftest
