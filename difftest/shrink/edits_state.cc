// SPDX-License-Identifier: Apache-2.0
//
// Simpler configuration and simpler states.
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "difftest/core/arena.h"
#include "difftest/core/fields.h"
#include "difftest/generate/configuration.h"
#include "difftest/shrink/edits.h"
#include "difftest/shrink/plain.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;

constexpr spec::BitRange kLogicalTag{59, 56};
constexpr spec::BitRange kTopByte{63, 56};
constexpr unsigned kAddressBits = 39;
constexpr std::uint64_t kOffsetMask = (std::uint64_t{1} << kAddressBits) - 1;
// So far from a window a register may point and still be about it.
constexpr std::uint64_t kReach = kWindowBytes;

/// The SCTLR that controls tag checks of a configuration.
std::size_t controls(const Configuration& configuration) {
    if (configuration.el != 0) return configuration.el & 3U;
    return host_el2(configuration) && field::HCR_EL2::TGE.extract(configuration.hcr_el2) != 0 ? 2 : 1;
}

/// How addresses are read, for the registers that control a configuration.
void set_regime(Configuration& to, const AddressRegime& regime) {
    std::uint64_t& tcr = to.tcr.at(controls(to));
    if (address_regime(to).two_ranges) {
        tcr = field::TCR_EL1::TBI0.insert(tcr, regime.tbi[0] ? 1 : 0);
        tcr = field::TCR_EL1::TBI1.insert(tcr, regime.tbi[1] ? 1 : 0);
        tcr = field::TCR_EL1::TCMA0.insert(tcr, regime.tcma[0] ? 1 : 0);
        tcr = field::TCR_EL1::TCMA1.insert(tcr, regime.tcma[1] ? 1 : 0);
    } else {
        tcr = field::TCR_EL3::TBI.insert(tcr, regime.tbi[0] ? 1 : 0);
        tcr = field::TCR_EL3::TCMA.insert(tcr, regime.tcma[0] ? 1 : 0);
    }
}

/// Another Exception level, outside of a host, with everything plain but how Tag Check Faults are reported; `whole`:
/// but all controls of memory accesses.
void change_level(Case& to, const Profile& profile, unsigned el, bool whole) {
    const Configuration before = to.sequence.configuration;
    const std::uint64_t sctlr = before.sctlr.at(controls(before));
    const bool from_el0 = before.el == 0;
    Configuration after = base_configuration(profile, el);
    after.tco = before.tco;
    if (el - 1U < 2U && before.el - 1U < 2U) {
        after.elr.at(el) = before.elr.at(before.el);
        after.spsr.at(el) = before.spsr.at(before.el);
    }
    after.gmid_el1 = before.gmid_el1;
    after.dczid_el0 = before.dczid_el0;
    std::uint64_t& control = after.sctlr.at(controls(after));
    if (whole) {
        after.pan = before.pan;
        after.uao = before.uao;
        for (const spec::BitRange& bits : {field::SCTLR_EL1::A, field::SCTLR_EL1::C, field::SCTLR_EL1::nAA,
                                           field::SCTLR_EL1::ITFSB, field::SCTLR_EL1::SA}) {
            control = bits.insert(control, bits.extract(sctlr));
        }
        const std::uint64_t ata = (from_el0 ? field::SCTLR_EL1::ATA0 : field::SCTLR_EL1::ATA).extract(sctlr);
        control = (el == 0 ? field::SCTLR_EL1::ATA0 : field::SCTLR_EL1::ATA).insert(control, ata);
        set_regime(after, address_regime(before));
    }
    const std::uint64_t tcf = (from_el0 ? field::SCTLR_EL1::TCF0 : field::SCTLR_EL1::TCF).extract(sctlr);
    control = (el == 0 ? field::SCTLR_EL1::TCF0 : field::SCTLR_EL1::TCF).insert(control, tcf);
    to.state.sp[selected_sp(after)] = to.state.sp[selected_sp(before)];
    to.sequence.configuration = after;
}

/// Where a value points to, if it is an address of the arena: a view, a half, and an offset.
struct Pointer {
    std::size_t view = 0;
    std::uint64_t offset = 0; // from the beginning of the arena
};

std::optional<Pointer> pointer_of(std::uint64_t value) {
    const std::uint64_t low = value & kOffsetMask;
    const std::uint64_t above = spec::BitRange{55, kAddressBits}.extract(value);
    if (above != 0 && above != spec::BitRange{55, kAddressBits}.max()) return std::nullopt;
    for (std::size_t view = 0; view < kArenaViews.size(); ++view) {
        const std::uint64_t offset = low - kArenaViews[view] + kReach;
        if (offset < kArenaBytes + 2 * kReach) return Pointer{view, offset - kReach};
    }
    return std::nullopt;
}

/// f(register) for each general register and stack pointer that points into the arena.
template <class F>
void each_pointer(Case& to, F&& f) {
    const auto visit = [&](std::uint64_t& word) {
        if (const auto pointer = pointer_of(word)) f(word, *pointer);
    };
    for (std::uint64_t& x : to.state.x) visit(x);
    for (std::uint64_t& sp : to.state.sp) visit(sp);
}

/// Moves windows, and what points to them. `which`: a window by number, or all.
void move(Case& to, std::optional<std::size_t> which, std::uint64_t new_pa) {
    Windows& windows = to.state.windows;
    if (windows.empty() || which.value_or(0) >= windows.size()) return;
    const std::uint64_t old_pa = windows[which.value_or(0)].pa;
    const std::uint64_t delta = new_pa - old_pa;
    std::set<std::uint64_t> places;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const std::uint64_t pa = windows[i].pa + (!which || *which == i ? delta : 0);
        if (pa - ARENA_PA > kArenaBytes - kWindowBytes) return;
        places.insert(pa);
    }
    if (places.size() != windows.size()) return;
    each_pointer(to, [&](std::uint64_t& word, const Pointer& pointer) {
        const std::uint64_t from = old_pa - ARENA_PA;
        if (!which || pointer.offset - from + kReach < kWindowBytes + 2 * kReach) word += delta;
    });
    for (std::size_t i = 0; i < windows.size(); ++i) {
        if (!which || *which == i) windows[i].pa += delta;
    }
    std::sort(windows.begin(), windows.end(), [](const Window& a, const Window& b) { return a.pa < b.pa; });
}

/// Exchanges two tags wherever they are: in memory, and in what points there.
void exchange_tags(Case& to, std::uint64_t a, std::uint64_t b) {
    const auto other = [&](std::uint64_t tag) { return tag == a ? b : tag == b ? a : tag; };
    for (Window& window : to.state.windows) {
        std::uint64_t tags = 0;
        for (unsigned granule = 0; granule < kWindowGranules; ++granule)
            tags |= other(window.tags >> (4 * granule) & 15U) << (4 * granule);
        window.tags = tags;
    }
    each_pointer(to, [&](std::uint64_t& word, const Pointer&) {
        word = kLogicalTag.insert(word, other(kLogicalTag.extract(word)));
    });
}

/// Every 64-bit register of a state, by number.
std::uint64_t* register_of(State& state, std::size_t number) {
    if (number < state.x.size()) return &state.x[number];
    number -= state.x.size();
    std::uint64_t* found = nullptr;
    each_system_register(state, [&](std::string_view, std::uint64_t& word) {
        if (number-- == 0) found = &word;
    });
    if (found != nullptr) return found;
    return number < 2 * state.v.size() ? (number % 2 == 0 ? &state.v[number / 2].low : &state.v[number / 2].high)
                                       : nullptr;
}

/// f(number, value) for every register that is not zero.
template <class F>
void each_nonzero(const Case& value, F&& f) {
    State copy = value.state;
    for (std::size_t i = 0; const std::uint64_t* const word = register_of(copy, i); ++i) {
        if (*word != 0) f(i, *word);
    }
}

/// A hexadecimal digit of a register to 1.
Edit one(std::size_t number, unsigned low) {
    return [number, low](Case& to) {
        std::uint64_t* const word = register_of(to.state, number);
        if (word != nullptr && (*word >> low & 15U) != 0)
            *word = (*word & ~(std::uint64_t{15} << low)) | std::uint64_t{1} << low;
    };
}

/// Of a register, only the bits of a mask.
Edit keep(std::size_t number, std::uint64_t mask) {
    return [number, mask](Case& to) {
        if (std::uint64_t* const word = register_of(to.state, number)) *word &= mask;
    };
}

} // namespace

std::vector<Edit> configuration_edits(const Case& value, const Profile& profile) {
    std::vector<Edit> edits;
    for (const unsigned el : {1U, 0U, 2U, 3U}) {
        for (const bool whole : {false, true}) {
            edits.emplace_back([el, whole, &profile](Case& to) { change_level(to, profile, el, whole); });
        }
    }
    edits.emplace_back(
        [&profile](Case& to) { to.sequence.configuration = plain_configuration(profile, to.sequence.configuration); });
    edits.emplace_back([&profile](Case& to) {
        Configuration& c = to.sequence.configuration;
        const Configuration base = base_configuration(profile, c.el);
        c.hcr_el2 = base.hcr_el2;
        c.sctlr[2] = base.sctlr[2];
        c.tcr[2] = base.tcr[2];
        c.cptr_el2 = base.cptr_el2;
    });
    edits.emplace_back([](Case& to) { to.sequence.pc = ARENA_CODE_VA; });
    edits.emplace_back([](Case& to) {
        Configuration& c = to.sequence.configuration;
        if (c.spsel == 0 || c.el == 0) return;
        to.state.sp[0] = to.state.sp[c.el & 3U];
        c.spsel = 0;
    });
    const Configuration plain = plain_configuration(profile, value.sequence.configuration);
    const std::vector<Piece> pieces = pieces_that_differ(value.sequence.configuration, plain);
    std::set<std::string_view> names;
    for (const Piece& piece : pieces) {
        if (!names.insert(piece.name).second) continue;
        edits.emplace_back([name = piece.name, plain_value = value_of(plain, piece.name)](Case& to) {
            set_value(to.sequence.configuration, name, plain_value);
        });
    }
    for (const Piece& piece : pieces) {
        edits.emplace_back([piece, plain_value = value_of(plain, piece.name)](Case& to) {
            const std::uint64_t before = value_of(to.sequence.configuration, piece.name);
            set_value(to.sequence.configuration, piece.name, (before & ~piece.mask) | (plain_value & piece.mask));
        });
    }
    return edits;
}

std::vector<Edit> memory_edits(const Case& value) {
    std::vector<Edit> edits;
    const Windows& windows = value.state.windows;
    const auto on_window = [&](std::uint64_t pa, auto edit) {
        edits.emplace_back([pa, edit](Case& to) {
            for (Window& window : to.state.windows) {
                if (window.pa == pa) edit(window);
            }
        });
    };
    for (std::size_t i = windows.size(); i-- > 0;) {
        edits.emplace_back([pa = windows[i].pa](Case& to) {
            Windows kept;
            for (const Window& window : to.state.windows) {
                if (window.pa != pa) kept.push_back(window);
            }
            to.state.windows = std::move(kept);
        });
    }
    for (const Window& window : windows) {
        on_window(window.pa, [](Window& w) { w.data = {}; });
        on_window(window.pa, [](Window& w) { w.tags = 0; });
    }
    for (const Window& window : windows) {
        for (unsigned granule = 0; granule < kWindowGranules; ++granule) {
            const auto in_data = std::ptrdiff_t{16} * granule;
            on_window(window.pa, [=](Window& w) { std::fill_n(w.data.begin() + in_data, 16, std::uint8_t{0}); });
            on_window(window.pa, [=](Window& w) { w.tags &= ~(std::uint64_t{15} << (4 * granule)); });
        }
    }
    return edits;
}

std::vector<Edit> byte_edits(const Case& value) {
    std::vector<Edit> edits;
    for (const Window& window : value.state.windows) {
        for (unsigned at = 0; at < kWindowBytes; ++at) {
            if (window.data[at] == 0) continue;
            edits.emplace_back([pa = window.pa, at](Case& to) {
                for (Window& here : to.state.windows) {
                    if (here.pa == pa) here.data[at] = 0;
                }
            });
        }
    }
    return edits;
}

std::vector<Edit> register_edits(const Case& value) {
    std::vector<Edit> edits;
    edits.emplace_back([](Case& to) { to.state.v.clear(); });
    edits.emplace_back([](Case& to) { to.state.nzcv = 0; });
    for (unsigned bit = 1; bit < 16; bit *= 2) {
        edits.emplace_back([bit](Case& to) { to.state.nzcv &= static_cast<std::uint8_t>(~bit); });
    }
    each_nonzero(value, [&](std::size_t number, std::uint64_t) { edits.push_back(keep(number, 0)); });
    return edits;
}

std::vector<Edit> bit_edits(const Case& value) {
    std::vector<Edit> edits;
    each_nonzero(value, [&](std::size_t number, std::uint64_t word) {
        for (const std::uint64_t mask :
             {std::uint64_t{1}, std::uint64_t{0xffff}, std::uint64_t{0xffffffff}, ~kTopByte.mask()})
            edits.push_back(keep(number, mask));
        for (unsigned low = 0; low < 64; low += 4) edits.push_back(keep(number, ~(std::uint64_t{15} << low)));
        for (unsigned low = 0; low < 64; low += 4) edits.push_back(one(number, low));
        for (std::uint64_t rest = word; rest != 0; rest &= rest - 1)
            edits.push_back(keep(number, ~(rest & (~rest + 1))));
    });
    return edits;
}

std::vector<Edit> address_edits(const Case& value) {
    std::vector<Edit> edits;
    const Windows& windows = value.state.windows;
    const std::uint64_t first = windows.empty() ? ARENA_PA : windows[0].pa;
    const std::uint64_t in_page = first % ARENA_PAGE_BYTES;
    const std::uint64_t page = first - in_page;
    for (const std::uint64_t to_pa :
         std::initializer_list<std::uint64_t>{ARENA_PA, ARENA_PA + kWindowBytes, ARENA_PA + in_page, page}) {
        edits.emplace_back([to_pa](Case& to) { move(to, std::nullopt, to_pa); });
    }
    for (std::size_t i = 0; i < windows.size(); ++i) {
        for (std::uint64_t place = 0; place < 2 * kMaxWindows; ++place) {
            edits.emplace_back([i, place](Case& to) { move(to, i, ARENA_PA + place * kWindowBytes); });
        }
        const std::uint64_t here = windows[i].pa % ARENA_PAGE_BYTES;
        edits.emplace_back([i, pa = windows[i].pa - here](Case& to) { move(to, i, pa); });
        edits.emplace_back([i, pa = ARENA_PA + here](Case& to) { move(to, i, pa); });
    }
    const auto lower_half = [](std::uint64_t word) { return spec::BitRange{55, kAddressBits}.insert(word, 0); };
    edits.emplace_back([lower_half](Case& to) {
        each_pointer(to, [&](std::uint64_t& word, const Pointer&) { word = lower_half(word); });
    });
    edits.emplace_back([](Case& to) {
        each_pointer(to, [](std::uint64_t& word, const Pointer& pointer) {
            word = word - kArenaViews[pointer.view] + ARENA_VA;
        });
    });
    for (std::size_t i = 0; i < value.state.x.size() + value.state.sp.size(); ++i) {
        edits.emplace_back([i, lower_half](Case& to) {
            std::uint64_t& word = *register_of(to.state, i);
            if (pointer_of(word)) word = lower_half(word);
        });
        edits.emplace_back([i](Case& to) {
            std::uint64_t& word = *register_of(to.state, i);
            if (const auto pointer = pointer_of(word)) word = word - kArenaViews[pointer->view] + ARENA_VA;
        });
    }
    return edits;
}

std::vector<Edit> tag_edits(const Case& value) {
    std::vector<Edit> edits;
    std::set<std::uint64_t> tags;
    for (const Window& window : value.state.windows) {
        for (unsigned granule = 0; granule < kWindowGranules; ++granule)
            tags.insert(window.tags >> (4 * granule) & 15U);
    }
    Case copy = value;
    each_pointer(copy, [&](std::uint64_t& word, const Pointer&) { tags.insert(kLogicalTag.extract(word)); });
    for (const std::uint64_t tag : tags) {
        for (std::uint64_t lower = 0; lower < tag; ++lower) {
            edits.emplace_back([tag, lower](Case& to) { exchange_tags(to, tag, lower); });
        }
    }
    return edits;
}

} // namespace mtecheck::difftest
