// SPDX-License-Identifier: Apache-2.0
//
// Whatever QEMU's monitor writes, reading it works or throws TargetError.
#include <string_view>

#include "difftest/core/error.h"
#include "difftest/linux/qmp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    try {
        const auto line = parse_qmp_line({reinterpret_cast<const char*>(data), size});
        migration_status(qmp_result("query-migrate", line));
    } catch (const TargetError&) {
        // The expected end of nearly every input.
    }
    return 0;
}
