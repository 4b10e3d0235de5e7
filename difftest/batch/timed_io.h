// SPDX-License-Identifier: Apache-2.0
//
// Whole messages through pipes that do not block, with a limit of time that starts anew with every byte that moves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace mtecheck::difftest {

enum class Transferred : std::uint8_t {
    all,
    ended, // the other side is gone
    late,  // nothing moved for too long
};

/// `gone` is asked when nothing has moved for a second: whether the other side has ended, and only something that it
/// left behind keeps the pipe open.
Transferred read_fully(int descriptor, void* to, std::size_t bytes, double seconds,
                       const std::function<bool()>& gone = {});
Transferred write_fully(int descriptor, const void* from, std::size_t bytes, double seconds);

} // namespace mtecheck::difftest
