// SPDX-License-Identifier: Apache-2.0
#include "difftest/shrink/plain.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <string>

#include "difftest/core/fields.h"
#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "spec/encode.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

// What is worth how much: an instruction less is worth any other complication, a window less any value in it.
constexpr std::uint64_t kInstruction = 1'000'000;
constexpr std::array<std::uint64_t, 4> kLevel = {20'000, 0, 40'000, 60'000}; // EL1 is the plainest
constexpr std::uint64_t kPiece = 2'000;
constexpr std::uint64_t kWindow = 10'000;
constexpr std::uint64_t kWindowElsewhere = 300; // than at the beginning of the arena
constexpr std::uint64_t kCodeElsewhere = 500;
constexpr std::uint64_t kVectors = 3'000; // a state that has SIMD&FP registers at all
constexpr std::uint64_t kRegister = 200;
constexpr std::uint64_t kDigit = 16;
constexpr std::uint64_t kTag = 40;
constexpr std::uint64_t kWord = 8;
constexpr std::uint64_t kImmediate = 50;
constexpr std::uint64_t kRegisterNumber = 2;
constexpr unsigned kZeroOrSp = 31;

std::uint64_t bits_of(std::uint64_t value) { return static_cast<std::uint64_t>(std::popcount(value)); }

/// Of hexadecimal digits: fewer, and of them the lower ones.
std::uint64_t digits_of(std::uint64_t value) {
    std::uint64_t sum = 0;
    for (; value != 0; value >>= 4U) sum += (value & 15U) != 0 ? kDigit + (value & 15U) : 0U;
    return sum;
}

std::uint64_t register_cost(std::uint64_t value) { return value == 0 ? 0 : kRegister + digits_of(value); }

std::uint64_t code_cost(std::uint32_t word) {
    std::uint64_t sum = kInstruction;
    const auto encoding = spec::decode(word);
    if (!encoding) return sum;
    for (const spec::FieldInfo& field : spec::info(*encoding).fields) {
        const std::uint32_t bits = field.extract(word);
        if (field.role == spec::Role::immediate) {
            const std::int64_t value = spec::field_value(field, word);
            if (value != 0) sum += kImmediate + bits_of(static_cast<std::uint64_t>(value < 0 ? -value : value));
        } else if (field.role != spec::Role::selector && bits != kZeroOrSp) {
            sum += kRegisterNumber * bits;
        }
    }
    return sum;
}

std::uint64_t window_cost(const Window& window) {
    const std::uint64_t offset = window.pa - ARENA_PA;
    std::uint64_t sum = kWindow + (offset == 0 ? 0 : kWindowElsewhere) + 20 * (offset / ARENA_PAGE_BYTES) +
                        offset % ARENA_PAGE_BYTES / kWindowBytes;
    for (unsigned granule = 0; granule < kWindowGranules; ++granule) {
        const std::uint64_t tag = window.tags >> (4 * granule) & 15U;
        if (tag != 0) sum += kTag + tag;
    }
    for (std::size_t at = 0; at < kWindowBytes; at += 8) {
        const auto nonzero = std::count_if(window.data.begin() + static_cast<std::ptrdiff_t>(at),
                                           window.data.begin() + static_cast<std::ptrdiff_t>(at + 8),
                                           [](std::uint8_t byte) { return byte != 0; });
        if (nonzero != 0) sum += kWord + static_cast<std::uint64_t>(nonzero);
    }
    return sum;
}

/// The register of spec whose layout a field of Configuration has; its bits have no names if there is none.
std::optional<spec::Reg> layout_of(std::string_view name, bool host) {
    if (host && name == "sctlr_el2") return spec::Reg::SCTLR_EL1;
    if (host && name == "tcr_el2") return spec::Reg::TCR_EL1;
    if (host && name == "cptr_el2") return spec::find_register("CPACR_EL1");
    std::string upper(name);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return spec::find_register(upper);
}

} // namespace

Configuration plain_configuration(const Profile& profile, const Configuration& like) {
    Configuration plain = base_configuration(profile, like.el);
    if (host_el2(like)) make_host(plain, like.el == 0);
    plain.gmid_el1 = like.gmid_el1; // constants of an implementation
    plain.dczid_el0 = like.dczid_el0;
    return plain;
}

std::uint64_t value_of(const Configuration& configuration, std::string_view name) {
    std::uint64_t found = 0;
    each_configuration_field(configuration, [&](std::string_view field, auto value, unsigned) {
        if (field == name) found = value;
    });
    return found;
}

void set_value(Configuration& configuration, std::string_view name, std::uint64_t value) {
    each_configuration_field(configuration, [&](std::string_view field, auto& to, unsigned) {
        if (field == name) to = static_cast<std::remove_reference_t<decltype(to)>>(value);
    });
}

std::vector<Piece> pieces_that_differ(const Configuration& configuration, const Configuration& plain) {
    std::vector<Piece> pieces;
    each_configuration_field(configuration, [&](std::string_view name, auto value, unsigned width) {
        std::uint64_t different = static_cast<std::uint64_t>(value) ^ value_of(plain, name);
        if (different == 0) return;
        if (width < 64) {
            pieces.push_back({name, different});
            return;
        }
        if (const auto reg = layout_of(name, host_el2(configuration))) {
            for (const spec::RegisterField& field : spec::info(*reg).fields) {
                const std::uint64_t mask = field.bits.mask();
                if ((different & mask) == 0) continue;
                pieces.push_back({name, mask});
                different &= ~mask;
            }
        }
        for (; different != 0; different &= different - 1) pieces.push_back({name, different & (~different + 1)});
    });
    return pieces;
}

std::uint64_t cost(const Case& value, const Profile& profile) {
    const Configuration& configuration = value.sequence.configuration;
    const State& state = value.state;
    std::uint64_t sum = kLevel.at(configuration.el & 3U);
    for (const std::uint32_t word : value.sequence.code) sum += code_cost(word);
    // A host configuration is compared with the base of no host in what makes it one.
    const Configuration plain = plain_configuration(profile, configuration);
    const Configuration base = base_configuration(profile, configuration.el);
    for (const Piece& piece : pieces_that_differ(configuration, plain)) {
        sum += kPiece + bits_of((value_of(configuration, piece.name) ^ value_of(plain, piece.name)) & piece.mask);
    }
    sum += kPiece * bits_of(plain.hcr_el2 ^ base.hcr_el2);
    if (value.sequence.pc != ARENA_CODE_VA) sum += kCodeElsewhere;
    for (const std::uint64_t x : state.x) sum += register_cost(x);
    each_system_register(state, [&](std::string_view, std::uint64_t word) { sum += register_cost(word); });
    sum += register_cost(state.nzcv);
    if (!state.v.empty()) sum += kVectors;
    for (const Vector128& v : state.v) sum += register_cost(v.low) + register_cost(v.high);
    for (const Window& window : state.windows) sum += window_cost(window);
    return sum;
}

} // namespace mtecheck::difftest
