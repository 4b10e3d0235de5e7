// SPDX-License-Identifier: Apache-2.0
//
// A case and an outcome with something in every field, for round trips.
#pragma once

#include "difftest/core/case.h"
#include "difftest/core/fields.h"
#include "difftest/core/layout.h"
#include "difftest/core/outcome.h"

namespace mtecheck::difftest::test {

/// Distinct values, so that two fields that change places are noticed.
class Counter {
  public:
    std::uint64_t next() { return value_ += 0x1111; }

  private:
    std::uint64_t value_ = 0xfe00000000000000;
};

template <class S>
void fill_registers(S& s, Counter& counter) {
    for (auto& x : s.x) x = counter.next();
    each_system_register(s, [&](const char*, std::uint64_t& value) { value = counter.next(); });
    s.v.resize(32);
    for (auto& v : s.v) v = {counter.next(), counter.next()};
    for (unsigned i = 0; i < kMaxWindows; ++i) {
        Window window;
        window.pa = ARENA_PA + i * 3 * kWindowBytes;
        window.tags = counter.next();
        for (auto& byte : window.data) byte = static_cast<std::uint8_t>(counter.next() >> 4U);
        s.windows.push_back(window);
    }
}

inline Case full_case() {
    Counter counter;
    Case result;
    result.id = "sample/1 with \"quotes\" and \xc3\xa9";
    each_configuration_field(result.sequence.configuration, [&](const char*, auto& value, unsigned width) {
        value = static_cast<std::decay_t<decltype(value)>>(width == 64 ? counter.next() : 1);
    });
    result.sequence.configuration.gmid_el1 = 4;
    result.sequence.configuration.dczid_el0 = 5;
    result.sequence.pc = ARENA_CODE_VA + 64;
    for (unsigned i = 0; i < kMaxCode; ++i) result.sequence.code.push_back(static_cast<std::uint32_t>(counter.next()));
    result.state.nzcv = 9;
    fill_registers(result.state, counter);
    return result;
}

inline Outcome full_outcome() {
    Counter counter;
    Outcome result;
    result.status = Status::exception;
    result.exception = {2, 0x400, counter.next(), counter.next(), counter.next(), counter.next()};
    result.pc = counter.next();
    result.pstate = counter.next();
    fill_registers(result, counter);
    result.note = "said the target";
    return result;
}

/// The least that is a case.
inline Case small_case() {
    Case result;
    result.id = "small";
    result.sequence.pc = ARENA_CODE_VA;
    result.sequence.code.push_back(0xd503201f); // NOP
    return result;
}

inline bool same(const Outcome& a, const Outcome& b) {
    return a.status == b.status && a.x == b.x && a.sp == b.sp && a.pc == b.pc && a.pstate == b.pstate &&
           a.exception == b.exception && a.gcr_el1 == b.gcr_el1 && a.rgsr_el1 == b.rgsr_el1 &&
           a.tfsre0_el1 == b.tfsre0_el1 && a.tfsr == b.tfsr && a.v == b.v && a.windows == b.windows && a.note == b.note;
}

} // namespace mtecheck::difftest::test
