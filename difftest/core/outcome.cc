// SPDX-License-Identifier: Apache-2.0
#include "difftest/core/outcome.h"

#include <algorithm>

namespace mtecheck::difftest {

Outcome OutcomeView::copy() const {
    Outcome outcome;
    static_cast<Registers&>(outcome) = *registers;
    outcome.status = status;
    outcome.pc = pc;
    outcome.pstate = pstate;
    outcome.exception = exception;
    outcome.signal = signal;
    outcome.v.assign(v.begin(), v.end());
    outcome.windows.resize_without_values(windows.size());
    std::copy(windows.begin(), windows.end(), outcome.windows.begin());
    outcome.note = note;
    return outcome;
}

} // namespace mtecheck::difftest
