// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/state.h"

#include <algorithm>
#include <cstring>

#include "difftest/generate/sites.h"

namespace mtecheck::difftest {

namespace {

constexpr std::uint32_t kGranule = 16;
constexpr std::uint32_t kPage = ARENA_PAGE_BYTES;
constexpr std::uint32_t kWindow = kWindowBytes;

constexpr auto kPlainTagged = [] {
    constexpr std::size_t count = [] {
        std::size_t n = 0;
        for (unsigned page = 0; page < ARENA_PAGES; ++page) n += plain_tagged(page) ? 1U : 0U;
        return n;
    }();
    std::array<std::uint8_t, count> pages{};
    std::size_t next = 0;
    for (unsigned page = 0; page < ARENA_PAGES; ++page) {
        if (plain_tagged(page)) pages[next++] = static_cast<std::uint8_t>(page);
    }
    return pages;
}();

constexpr auto kSpecial = [] {
    constexpr std::size_t count = [] {
        std::size_t n = 0;
        for (unsigned page = 0; page < ARENA_PAGES; ++page)
            n += !plain_tagged(page) && kArenaPages[page].mapped ? 1U : 0U;
        return n;
    }();
    std::array<std::uint8_t, count> pages{};
    std::size_t next = 0;
    for (unsigned page = 0; page < ARENA_PAGES; ++page) {
        if (!plain_tagged(page) && kArenaPages[page].mapped) pages[next++] = static_cast<std::uint8_t>(page);
    }
    return pages;
}();

Site draw_site(Random& random) {
    static constexpr std::array<std::uint16_t, 4> kWeights{60, 8, 24, 8};
    Site site;
    const auto inside = [&](std::uint32_t page) {
        site.begin = page * kPage + random.below(16) * kWindow;
        site.end = site.begin + kWindow;
        site.focus = site.begin + kGranule * (4 + random.below(9));
    };
    switch (random.weighted(kWeights)) {
    case 0: // inside a tagged page
        inside(random.pick(kPlainTagged));
        break;
    case 1: { // around an edge between windows of a tagged page
        const std::uint32_t page = random.pick(kPlainTagged);
        site.focus = page * kPage + (1 + random.below(15)) * kWindow;
        site.begin = site.focus - kWindow;
        site.end = site.focus + kWindow;
        break;
    }
    case 2: // around an edge between pages
        site.focus = random.below(ARENA_PAGES + 1) * kPage;
        site.begin = site.focus == 0 ? 0 : site.focus - kWindow;
        site.end = std::min(site.focus + kWindow, kArenaBytes);
        site.edge = true;
        break;
    default: // inside a page with an attribute or permission of its own
        inside(random.pick(kSpecial));
        break;
    }
    return site;
}

std::uint8_t window_tag(const Windows& windows, std::uint32_t offset) {
    for (const auto& window : windows) {
        const std::uint64_t distance = ARENA_PA + offset - window.pa;
        if (distance < kWindow) return (window.tags >> (4 * (distance / kGranule))) & 15;
    }
    return 0;
}

/// How the allocation tags of the windows are laid out, as seen by pointers around the focus.
std::uint64_t draw_tags(Random& random, std::uint32_t window_begin, std::uint32_t boundary, std::size_t layout,
                        std::uint64_t tag, std::uint64_t other) {
    constexpr std::uint64_t kEach = 0x1111111111111111U;
    const std::uint64_t uniform = tag * kEach;
    switch (layout) {
    case 0: // all the same
        return uniform;
    case 1: { // one tag below the boundary, another from there on
        if (boundary <= window_begin) return other * kEach;
        const std::uint32_t granules = (boundary - window_begin) / kGranule;
        if (granules >= kWindowGranules) return uniform;
        const std::uint64_t below = (std::uint64_t{1} << (4 * granules)) - 1;
        return (uniform & below) | ((other * kEach) & ~below);
    }
    case 2: { // one granule stands out
        const std::uint32_t distance = boundary - window_begin;
        if (distance >= kWindow) return uniform;
        const unsigned shift = 4 * (distance / kGranule);
        return (uniform & ~(std::uint64_t{15} << shift)) | (other << shift);
    }
    case 3: // alternating
        return tag * 0x0101010101010101U | other * 0x1010101010101010U;
    default: // all different
        return random.next();
    }
}

/// Bytes that differ from place to place and from state to state; more randomness would buy nothing.
void fill(Random& random, std::array<std::uint8_t, kWindowBytes>& data) {
    const std::uint64_t step = random.next() | 1;
    std::uint64_t word = random.next();
    for (std::size_t at = 0; at < data.size(); at += 8) {
        std::memcpy(data.data() + at, &word, 8);
        word += step;
    }
}

/// The value of a register that is good for nothing in particular: random, with long runs of equal bits, small, or
/// much like a tagged address of either half. By tables, for branches would be mispredicted.
std::uint64_t draw_any(Random& random) {
    struct Shape {
        std::uint64_t keep;
        std::uint64_t add;
        unsigned shift;
    };
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    static constexpr std::array<Shape, 16> kShapes{{
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 0},
        {kAll, 0, 3},
        {kAll, 0, 17},
        {kAll, 0, 48},
        {0xff, 0, 8},
        {0x1f, 0, 8},
        {0xffffffff, 0, 8},
        {0x0f0000000000ffff, ARENA_VA, 0},
        {0x0f0000000000ffff, (ARENA_UPPER_HALF & 0xf0ffffffffffffff) | ARENA_VA, 0},
    }};
    const std::uint64_t drawn = random.next();
    const Shape& shape = kShapes[drawn & 15];
    return (static_cast<std::uint64_t>(static_cast<std::int64_t>(drawn) >> shape.shift) & shape.keep) | shape.add;
}

std::uint8_t draw_tag(Random& random) {
    const std::uint64_t drawn = random.next();
    const std::uint64_t kind = (drawn >> 32) & 7;
    return static_cast<std::uint8_t>(kind == 0 ? 0 : kind == 1 ? 15 : drawn & 15);
}

} // namespace

StateGenerator::StateGenerator(const Sequence& sequence, const SequencePlan& plan)
    : sequence_(sequence), plan_(plan), regime_(address_regime(sequence.configuration)),
      selected_sp_(sequence.configuration.spsel != 0 ? sequence.configuration.el : std::uint8_t{0}) {
    for (std::size_t reg = 0; reg < plan.data.size(); ++reg) {
        if (plan.data[reg] != DataKind::any) special_.push_back(static_cast<std::uint8_t>(reg));
    }
}

[[gnu::always_inline]] inline void StateGenerator::draw_system_registers(Random& random, State& out) const {
    const std::uint64_t drawn = random.next();
    out.nzcv = drawn & 15;
    out.gcr_el1 = random.subset16() | (plan_.random_tags ? std::uint64_t{1} << 16 : 0);
    // SEED 0 is a fixed point of the generator: rare, but it must be seen.
    const std::uint64_t seed = (drawn & 0xf0) == 0 ? 0 : (drawn >> 16) & 0xffff;
    out.rgsr_el1 = (seed << 8) | ((drawn >> 8) & 15);
    const bool some_set = (drawn >> 32 & 7) == 0;
    const std::uint64_t host_mask = host_el2(sequence_.configuration) ? 3 : 1;
    out.tfsre0_el1 = some_set ? (drawn >> 36) & 3 : 0;
    out.tfsr[0] = 0;
    out.tfsr[1] = some_set ? (drawn >> 38) & 3 : 0;
    out.tfsr[2] = some_set ? (drawn >> 40) & host_mask : 0;
    out.tfsr[3] = some_set ? (drawn >> 42) & 1 : 0;
}

[[gnu::always_inline]] inline void StateGenerator::draw_data(Random& random, State& out) const {
    for (auto& value : out.x) value = draw_any(random);
    for (const std::uint8_t reg : special_) {
        const std::uint64_t drawn = random.next();
        std::uint64_t& value = out.x[reg];
        switch (plan_.data[reg]) {
        case DataKind::any: break;
        case DataKind::tag_pointer:
            value = (std::uint64_t{draw_tag(random)} << 56) |
                    ((drawn & 1) != 0 ? drawn & 0xf0ffffffffffffff
                                      : (ARENA_VA + (drawn & 0xffff)) | ((drawn & 2) != 0 ? 0xf0ffff8000000000 : 0));
            break;
        case DataKind::exclude_mask:
            value = (drawn & ((drawn >> 16 & 1) != 0 ? 0xffffffffffff0000 : 0)) | random.subset16();
            break;
        // Bits that are RES0 in a register are worth writing, too.
        case DataKind::gcr: value = (drawn & ((drawn & 7) == 0 ? 0xfffffffffffe0000 : 0)) | random.subset16(); break;
        case DataKind::rgsr: value = drawn & ((drawn >> 32 & 7) == 0 ? ~std::uint64_t{0} : 0xffff0f); break;
        case DataKind::tfsr: value = drawn & ((drawn >> 32 & 7) == 0 ? ~std::uint64_t{0} : 3); break;
        case DataKind::tco:
            value =
                ((drawn & 1) != 0 ? std::uint64_t{1} << 25 : 0) | (drawn & ((drawn & 6) == 0 ? 0xfffffffffdffffff : 0));
            break;
        case DataKind::boolean: value = (drawn & 1) != 0 ? 0 : drawn >> 1 & 1; break;
        }
    }
    for (const auto& index : plan_.indices) {
        const int limit = index.shift >= 4 ? 2 : 32 >> index.shift;
        const auto value = static_cast<std::int64_t>(
            index.extend == Extend::unsigned_word ? random.between(0, limit) : random.between(-limit, limit));
        std::uint64_t bits = static_cast<std::uint64_t>(value);
        if (index.extend != Extend::none) bits = (bits & 0xffffffffU) | (random.next() << 32);
        out.x[index.reg] = bits;
    }
    if (plan_.uses_vectors) {
        out.v.resize(32);
        for (auto& vector : out.v) {
            vector.low = random.next();
            vector.high = random.next();
        }
    } else {
        out.v.clear();
    }
}

[[gnu::always_inline]] inline std::uint64_t StateGenerator::draw_pointer(Random& random, const PointerPlan& pointer,
                                                                         std::uint64_t view, std::uint32_t anchor,
                                                                         std::uint8_t memory_tag) const {
    const std::uint64_t drawn = random.next();
    const bool upper = regime_.two_ranges ? (drawn & 0xff) < 90 : (drawn & 0x1ff) < 3;
    std::uint64_t va = view + anchor;
    if (upper) va |= std::uint64_t{ARENA_UPPER_HALF};
    va -= static_cast<std::uint64_t>(std::int64_t{pointer.displacement});

    std::uint64_t tag = memory_tag;
    if (const std::uint64_t roll = (drawn >> 8) & 0xff; roll < 26) {
        tag = (tag + 1 + ((drawn >> 16) % 15)) & 15; // any other
    } else if (roll < 32) {
        tag ^= std::uint64_t{1} << ((drawn >> 16) & 3); // one bit off
    } else if (roll < 42) {
        tag = ((drawn >> 16) & 1) != 0 ? 0 : 15; // what TCMA exempts, in its own half or the other
    }

    const std::uint64_t canonical = upper ? 15 : 0;
    std::uint64_t top = canonical;
    const bool tbi = regime_.tbi[upper ? 1 : 0];
    if (tbi) {
        if (((drawn >> 24) & 7) == 0) top = (drawn >> 28) & 15;
    } else if (((drawn >> 24) & 15) != 0) {
        tag = canonical; // else the address is out of range
    }
    va = (va & 0x00ffffffffffffffU) | (tag << 56) | (top << 60);

    if (const std::uint64_t roll = (drawn >> 40) & 0x3ff; roll < 3) {
        va ^= std::uint64_t{1} << (39 + ((drawn >> 50) & 15)); // not canonical
    } else if (roll < 6) {
        va ^= std::uint64_t{1} << 55;
    }
    return va;
}

void StateGenerator::draw(Random& stream, State& out) const {
    Random random =
        stream; // in registers, out of the way of what is written here: the functions above are parts of this
    out.sp = {};
    draw_system_registers(random, out);
    draw_data(random, out);

    const Site site = draw_site(random);

    // Views first: an unmapped page needs a window only if a pointer goes through a view that maps it.
    static constexpr std::array<std::uint64_t, 3> kViews{ARENA_VA, ARENA_TAGGED_VA, ARENA_UNTAGGED_VA};
    static constexpr std::array<std::uint16_t, 3> kViewWeights{90, 6, 4};
    std::array<std::uint64_t, 8> views{};
    bool only_main_view = true;
    for (std::size_t i = 0; i < plan_.pointers.size(); ++i) {
        views[i] = kViews[random.weighted(kViewWeights)];
        only_main_view = only_main_view && views[i] == ARENA_VA;
    }

    static constexpr std::array<std::uint16_t, 5> kLayoutWeights{46, 24, 10, 8, 12};
    const std::size_t layout = random.weighted(kLayoutWeights);
    const std::uint32_t boundary = site.focus + (random.coin() ? 0 : kGranule);
    const std::uint64_t tag = draw_tag(random);
    const std::uint64_t other = (tag + 1 + random.below(15)) & 15;

    out.windows.clear();
    for (std::uint32_t begin = site.begin; begin < site.end; begin += kWindow) {
        if (only_main_view && !kArenaPages[begin / ARENA_PAGE_BYTES].mapped) continue;
        out.windows.resize_without_values(out.windows.size() + 1);
        Window& window = out.windows.back();
        window.pa = ARENA_PA + begin;
        window.tags = draw_tags(random, begin, boundary, layout, tag, other);
        fill(random, window.data);
    }

    std::array<std::uint32_t, 8> anchors{};
    for (std::size_t i = 0; i < plan_.pointers.size(); ++i) {
        const auto& pointer = plan_.pointers[i];
        const std::uint64_t drawn = random.next();
        // By tables, as in draw_any().
        static constexpr std::array<std::int8_t, 16> kFromFocus{-1, -1, -1, -1, 1, 1};
        std::int64_t anchor = site.focus + std::int64_t{kGranule} * kFromFocus[drawn & 15];
        if ((drawn & 14) == 6) { // anywhere in the windows, but for their ends
            anchor = site.begin + 2 * kGranule +
                     kGranule * static_cast<std::int64_t>((drawn >> 16) % ((site.end - site.begin) / kGranule - 4));
        }
        const auto chance = static_cast<std::uint32_t>(drawn >> 32);
        const std::uint32_t bytes = std::min<std::uint32_t>(pointer.bytes, kGranule);
        const std::uint32_t ends = kGranule - bytes;               // ends with its granule
        const std::uint32_t straddles = ends + 1 + chance % bytes; // if it may be unaligned
        const std::uint32_t anywhere = chance % kGranule;
        const std::array<std::uint32_t, 8> places{ends, ends, straddles, anywhere, anywhere, 0, 0, 0};
        std::uint32_t within = places[(drawn >> 8) & 7];
        if (((drawn >> 24) & 31) != 0) within &= ~(static_cast<std::uint32_t>(pointer.alignment) - 1);
        anchors[i] = static_cast<std::uint32_t>(std::max<std::int64_t>(anchor, 0)) + within;

        const std::uint64_t value =
            draw_pointer(random, pointer, views[i], anchors[i], window_tag(out.windows, anchors[i]));
        if (pointer.reg == kStackPointer) {
            out.sp[selected_sp_] = value;
        } else {
            out.x[pointer.reg] = value;
        }
    }

    for (const auto& tie : plan_.ties) {
        if (random.coin()) continue;
        const std::uint64_t pa =
            std::uint64_t{ARENA_PA} + anchors[tie.pointer] + static_cast<std::uint64_t>(std::int64_t{tie.offset});
        for (const auto& window : out.windows) {
            const std::uint64_t distance = pa - window.pa;
            if (distance <= kWindow - tie.bytes) {
                std::uint64_t value = 0;
                std::memcpy(&value, window.data.data() + distance, tie.bytes);
                out.x[tie.reg] = value;
            }
        }
    }
    stream = random;
}

void StateGenerator::draw_unmapped(Random& random, State& out) const {
    draw(random, out);
    for (auto& value : out.x) {
        value = (value & 0x0f00ffffffffffffU) | 0x0055000000000000U; // bits 55:48 are neither half's
    }
    out.sp[selected_sp_] = (out.sp[selected_sp_] & 0x0f00ffffffffffffU) | 0x0055000000000000U;
}

} // namespace mtecheck::difftest
