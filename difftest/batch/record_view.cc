// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/record_view.h"

#include <cstring>
#include <type_traits>

#include "difftest/core/arena.h"

namespace mtecheck::difftest {

namespace {

static_assert(sizeof(Window) == sizeof(wire_window) && offsetof(Window, tags) == offsetof(wire_window, tags) &&
                  offsetof(Window, data) == offsetof(wire_window, data) && std::is_trivially_copyable_v<Window>,
              "windows travel by memcpy");
static_assert(sizeof(Vector128) == 16 && offsetof(Vector128, high) == 8 && std::is_trivially_copyable_v<Vector128>,
              "so do vectors");

constexpr std::size_t kVectors = sizeof(wire_vectors) / sizeof(Vector128);

} // namespace

std::size_t record_bytes(std::size_t own, RecordShape shape) {
    return own + shape.windows * sizeof(wire_window) + (shape.vectors ? sizeof(wire_vectors) : 0);
}

void encode_state(const State& state, std::size_t own, std::span<std::uint8_t> record) {
    std::memcpy(record.data(), static_cast<const Registers*>(&state), sizeof(Registers));
    std::uint8_t* const behind = record.data() + own;
    if (!state.windows.empty()) std::memcpy(behind, state.windows.data(), state.windows.size() * sizeof(Window));
    if (!state.v.empty())
        std::memcpy(behind + state.windows.size() * sizeof(Window), state.v.data(), sizeof(wire_vectors));
}

OutcomeView view_of(std::span<const std::uint8_t> record, std::size_t own, RecordShape shape) {
    const std::uint8_t* const behind = record.data() + own;
    const std::size_t windows = shape.windows;
    return {*reinterpret_cast<const Registers*>(record.data()),
            {reinterpret_cast<const Vector128*>(behind + windows * sizeof(Window)), shape.vectors ? kVectors : 0},
            {reinterpret_cast<const Window*>(behind), windows}};
}

const char* refuse_shape(const State& state) {
    for (const Window& window : state.windows)
        if (window.pa % kWindowBytes != 0 || window.pa - ARENA_PA >= kArenaBytes) return "a window outside the arena";
    if (!state.v.empty() && state.v.size() != kVectors) return "some but not all SIMD&FP registers";
    if (state.nzcv > 0xf) return "more than four condition flags";
    return nullptr;
}

} // namespace mtecheck::difftest
