// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/state.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "difftest/generate/sites.h"

namespace mtecheck::difftest {

namespace {

constexpr std::uint32_t kGranule = 16;
constexpr std::size_t kMonitorSp = 3; // SP_EL3 is no case's
constexpr std::uint32_t kPage = ARENA_PAGE_BYTES;
constexpr std::uint32_t kWindow = kWindowBytes;
constexpr std::size_t kPointers = decltype(SequencePlan::pointers)::static_capacity;

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

/// Edges between a page where tags are compared and one where they are not, or that is not mapped; by the page above.
constexpr auto kMixedEdges = [] {
    constexpr auto mixed = [](unsigned above) { return plain_tagged(above - 1) != plain_tagged(above); };
    constexpr std::size_t count = [=] {
        std::size_t result = 0;
        for (unsigned above = 1; above < ARENA_PAGES; ++above) result += mixed(above) ? 1U : 0U;
        return result;
    }();
    std::array<std::uint8_t, count> edges{};
    std::size_t next = 0;
    for (unsigned above = 1; above < ARENA_PAGES; ++above) {
        if (mixed(above)) edges[next++] = static_cast<std::uint8_t>(above);
    }
    return edges;
}();

Site draw_site(Random& random, SiteKind kind) {
    Site site;
    const auto inside = [&](std::uint32_t page) {
        site.begin = page * kPage + random.below(16) * kWindow;
        site.end = site.begin + kWindow;
        site.focus = site.begin + kGranule * (4 + random.below(9));
    };
    const auto around = [&](std::uint32_t page) {
        site.focus = page * kPage;
        site.begin = site.focus == 0 ? 0 : site.focus - kWindow;
        site.end = std::min(site.focus + kWindow, kArenaBytes);
    };
    switch (kind) {
    case SiteKind::tagged_page: inside(random.pick(kPlainTagged)); break;
    case SiteKind::special_page: inside(random.pick(kSpecial)); break;
    case SiteKind::window_edge: {
        const std::uint32_t page = random.pick(kPlainTagged);
        site.focus = page * kPage + (1 + random.below(15)) * kWindow;
        site.begin = site.focus - kWindow;
        site.end = site.focus + kWindow;
        break;
    }
    case SiteKind::page_edge: around(random.below(ARENA_PAGES + 1)); break;
    case SiteKind::mixed_edge: around(random.pick(kMixedEdges)); break;
    }
    return site;
}

/// One of two values, without a branch: what random numbers decide is not predictable.
constexpr std::uint64_t choose(bool condition, std::uint64_t yes, std::uint64_t no) {
    return no ^ ((yes ^ no) & (std::uint64_t{0} - static_cast<std::uint64_t>(condition)));
}

/// Which of some kinds a random byte stands for, each of them `shares[kind]` times in 256: a table, since comparisons
/// may become branches.
template <std::size_t N>
constexpr std::array<std::uint8_t, 256> by_byte(const std::array<std::uint16_t, N>& shares) {
    std::array<std::uint8_t, 256> result{};
    std::size_t byte = 0;
    for (std::size_t kind = 0; kind < N; ++kind) {
        for (std::uint16_t i = 0; i < shares[kind]; ++i) result.at(byte++) = static_cast<std::uint8_t>(kind);
    }
    if (byte != result.size()) throw std::logic_error("the shares of a byte's kinds are not 256");
    return result;
}

constexpr auto kSiteKinds = by_byte<4>({154, 20, 20, 62}); // all but mixed_edge, which is for sequences of its own

/// A random number as a stock of small ones.
class Bits {
  public:
    explicit Bits(std::uint64_t drawn) : drawn_(drawn) {}
    std::uint64_t take(unsigned count) {
        const std::uint64_t result = drawn_ & ((std::uint64_t{1} << count) - 1);
        drawn_ >>= count;
        return result;
    }
    /// What was not taken.
    std::uint64_t rest() const { return drawn_; }
    /// 0 .. bound-1, out of 16 bits.
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(take(16) * bound >> 16); }

  private:
    std::uint64_t drawn_;
};

/// The allocation tags that a state gives its windows: those from `begin` on, a window after the other.
class WindowTags {
  public:
    explicit WindowTags(std::uint32_t begin) : begin_(begin) {}
    void set(std::uint32_t window, std::uint64_t tags) { tags_[1 + (window - begin_) / kWindow] = tags; }
    /// That of a granule in or next to a window.
    std::uint8_t at(std::uint32_t offset) const {
        return tags_[(offset + kWindow - begin_) / kWindow % tags_.size()] >> (4 * (offset % kWindow / kGranule)) & 15;
    }

  private:
    std::uint32_t begin_;
    std::array<std::uint64_t, 4> tags_{}; // with one before and one behind
};

/// How the allocation tags of a window are laid out, as seen by pointers around the focus.
std::uint64_t draw_tags(std::uint64_t any, std::uint32_t window_begin, std::uint32_t boundary, std::size_t layout,
                        std::uint64_t tag, std::uint64_t other) {
    constexpr std::uint64_t kEach = 0x1111111111111111U;
    const std::uint64_t uniform = tag * kEach;
    const std::int32_t distance = static_cast<std::int32_t>(boundary) - static_cast<std::int32_t>(window_begin);
    const auto granules = static_cast<unsigned>(std::clamp<std::int32_t>(distance / std::int32_t{kGranule}, 0, 16));
    const bool all_below = granules == 16;
    const std::uint64_t shift = 4 * granules % 64;
    const std::uint64_t below = choose(all_below, ~std::uint64_t{0}, (std::uint64_t{1} << shift) - 1);
    const std::uint64_t one = choose(distance < 0, 0, choose(all_below, 0, std::uint64_t{15} << shift));
    const std::array<std::uint64_t, 5> layouts{
        uniform,                                                 // all the same
        (uniform & below) | ((other * kEach) & ~below),          // another tag from the boundary on
        (uniform & ~one) | ((other * kEach) & one),              // one granule stands out
        tag * 0x0101010101010101U | other * 0x1010101010101010U, // alternating
        any,                                                     // all different
    };
    return layouts[layout];
}

/// Words at equal distances, two at a time.
class Steps {
  public:
    using Pair [[gnu::vector_size(16)]] = std::uint64_t;

    explicit Steps(Random& random) {
        const std::uint64_t step = random.next() | 1;
        const std::uint64_t first = random.next();
        at_ = Pair{first, first + step};
        twice_ = Pair{2 * step, 2 * step};
    }
    Pair next() {
        const Pair result = at_;
        at_ += twice_;
        return result;
    }

  private:
    Pair at_;
    Pair twice_;
};

/// Words that differ from place to place and from state to state; more randomness would buy nothing.
template <std::size_t bytes>
void fill(Random& random, std::uint8_t* data) {
    Steps steps(random);
    for (std::size_t at = 0; at < bytes; at += sizeof(Steps::Pair)) {
        const Steps::Pair pair = steps.next();
        std::memcpy(data + at, &pair, sizeof(pair));
    }
}

/// Values of registers that are good for nothing in particular: random, and some of them with long runs of equal bits,
/// small, or much like a tagged address of either half. Straight-line code on all of them, then on a few.
void draw_any(Random& random, std::array<std::uint64_t, 31>& x) {
    Steps steps(random);
    const auto mixed = [&] {
        const Steps::Pair pair = steps.next();
        return pair ^ pair >> 29;
    };
    for (std::size_t i = 0; i + 1 < x.size(); i += 2) {
        const Steps::Pair pair = mixed();
        std::memcpy(&x[i], &pair, sizeof(pair));
    }
    x.back() = mixed()[0];
    struct Shape {
        std::uint64_t keep;
        std::uint64_t add;
        unsigned shift;
    };
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    static constexpr std::array<Shape, 8> kShapes{{
        {kAll, 0, 3},
        {kAll, 0, 17},
        {kAll, 0, 48},
        {0xff, 0, 8},
        {0x1f, 0, 8},
        {0xffffffff, 0, 8},
        {0x0f0000000000ffff, ARENA_VA, 0},
        {0x0f0000000000ffff, (ARENA_UPPER_HALF & 0xf0ffffffffffffff) | ARENA_VA, 0},
    }};
    // Each of the shapes once, for registers that may be the same.
    Bits bits(random.next());
    for (const Shape& shape : kShapes) {
        std::uint64_t& word = x[bits.take(8) * x.size() >> 8U];
        word = (static_cast<std::uint64_t>(static_cast<std::int64_t>(word) >> shape.shift) & shape.keep) | shape.add;
    }
}

/// The logical tag of a pointer, from the allocation tag of what it points to.
struct TagOfPointer {
    std::uint8_t keep;
    std::uint8_t flip;
};

/// By a random byte: in 30 of 256 another tag than that of memory; in 4 one bit off; in 10 what TCMA exempts, in its
/// own half or the other; in the others that of memory.
constexpr auto kTagsOfPointers = [] {
    std::array<TagOfPointer, 256> result{};
    result.fill({15, 0});
    std::size_t byte = 0;
    for (int twice = 0; twice < 2; ++twice) {
        for (std::uint8_t flip = 1; flip < 16; ++flip) result.at(byte++) = {15, flip};
    }
    for (std::uint8_t flip = 1; flip < 16; flip *= 2) result.at(byte++) = {15, flip};
    for (int i = 0; i < 10; ++i) result.at(byte++) = {0, static_cast<std::uint8_t>(i % 2 * 15)};
    return result;
}();

static_assert(std::count_if(kTagsOfPointers.begin(), kTagsOfPointers.end(),
                            [](TagOfPointer tag) { return tag.keep == 15 && tag.flip == 0; }) == 212 &&
              std::count_if(kTagsOfPointers.begin(), kTagsOfPointers.end(),
                            [](TagOfPointer tag) { return tag.keep == 0; }) == 10);

/// Bits 63:56 of an address that need not be the canonical ones, by TBI and four random bits.
constexpr auto kFreeTopBits = [] {
    std::array<std::array<std::uint8_t, 16>, 2> result{};
    result[0][0] = 0x0f;
    result[1].fill(0x0f);
    result[1][0] = result[1][8] = 0xff;
    return result;
}();

/// Where in its granule an access begins, by its size as a power of 2 and six random bits: at its start, anywhere, so
/// that it ends with the granule, or so that it goes beyond.
constexpr auto kWithinGranule = [] {
    std::array<std::array<std::uint8_t, 64>, 5> result{};
    for (unsigned size = 0; size < result.size(); ++size) {
        const unsigned bytes = 1U << size;
        const unsigned ends = kGranule - bytes;
        auto& within = result.at(size);
        for (unsigned i = 0; i < 16; ++i) {
            within.at(i) = static_cast<std::uint8_t>(i);
            within.at(16 + i) = static_cast<std::uint8_t>(ends);
            if (i < 8)
                within.at(32 + i) = static_cast<std::uint8_t>(ends + 1 + (bytes < 8 ? i % bytes : i * bytes / 8));
        }
    }
    return result;
}();

/// 0 and 15 are more frequent than the others.
std::uint64_t draw_tag(std::uint64_t bits7) {
    const std::uint64_t kind = bits7 & 7;
    return (bits7 >> 3 & choose(kind == 0, 0, 15)) | choose(kind == 1, 15, 0);
}

} // namespace

StateGenerator::StateGenerator(const Sequence& sequence, const SequencePlan& plan)
    : plan_(plan), regime_(address_regime(sequence.configuration)), selected_sp_(selected_sp(sequence.configuration)),
      el2_faults_(host_el2(sequence.configuration) ? 3 : 1) {
    every_sp_ = sequence.configuration.elr != decltype(Configuration::elr){};
    process_ = runs_as_process(sequence.layout);
    views_ = process_ ? 0 : 3;
    simulator_ = sequence.layout == LayoutId::simulator;
    upper_chance_ = regime_.two_ranges && !process_ ? 90 : 2;
    for (std::size_t reg = 0; reg < plan.data.size(); ++reg) {
        if (plan.data[reg] != DataKind::any) special_.push_back(static_cast<std::uint8_t>(reg));
    }
}

/// What a process does not set is 0 in its cases; Linux has GCR_EL1.RRND = 1. A simulator excludes no tags.
void StateGenerator::process_registers(Random& random, State& out) const {
    constexpr std::uint64_t kAll = 0xffff;
    if (plan_.one_tag) {
        const std::uint64_t drawn = random.next();
        const std::uint64_t one = std::uint64_t{1} << (drawn & 15);
        out.gcr_el1 = (drawn >> 4 & 15) == 0 ? kAll : kAll & ~one;
    }
    if (simulator_) out.gcr_el1 = 0;
    out.gcr_el1 = (out.gcr_el1 & kAll) | std::uint64_t{1} << 16;
    out.rgsr_el1 = 0;
    out.tfsre0_el1 = 0;
    out.tfsr = {};
}

[[gnu::always_inline]] inline void StateGenerator::draw_system_registers(Random& random, State& out) const {
    const std::uint64_t drawn = random.next();
    out.nzcv = drawn & 15;
    out.gcr_el1 = random.subset16() | (plan_.random_tags ? std::uint64_t{1} << 16 : 0);
    // SEED 0 is a fixed point of the generator: rare, but it must be seen.
    const std::uint64_t seed = choose((drawn & 0xf0) == 0, 0, (drawn >> 16) & 0xffff);
    out.rgsr_el1 = (seed << 8) | ((drawn >> 8) & 15);
    const std::uint64_t faults = choose((drawn >> 32 & 7) == 0, drawn >> 36, 0); // some are set, or none
    out.tfsre0_el1 = faults & 3;
    out.tfsr = {0, faults >> 2 & 3, faults >> 4 & el2_faults_, faults >> 6 & 1};
    if (process_) process_registers(random, out);
}

[[gnu::always_inline]] inline void StateGenerator::draw_data(Random& random, State& out) const {
    draw_any(random, out.x);
    for (const std::uint8_t reg : special_) {
        const std::uint64_t drawn = random.next();
        std::uint64_t& value = out.x[reg];
        switch (plan_.data[reg]) {
        case DataKind::any: break;
        case DataKind::tag_pointer:
            value = (draw_tag(drawn >> 50) << 56) |
                    choose((drawn & 1) != 0, drawn & 0xf0ffffffffffffff,
                           (ARENA_VA + (drawn & 0xffff)) | choose((drawn & 2) != 0, 0xf0ffff8000000000, 0));
            break;
        case DataKind::exclude_mask:
            value = (drawn & choose((drawn >> 16 & 1) != 0, 0xffffffffffff0000, 0)) | random.subset16();
            break;
        // Bits that are RES0 in a register are worth writing, too.
        case DataKind::gcr:
            value = (drawn & choose((drawn & 7) == 0, 0xfffffffffffe0000, 0)) | random.subset16();
            break;
        case DataKind::rgsr: value = drawn & choose((drawn >> 32 & 7) == 0, ~std::uint64_t{0}, 0xffff0f); break;
        case DataKind::tfsr: value = drawn & choose((drawn >> 32 & 7) == 0, ~std::uint64_t{0}, 3); break;
        case DataKind::tco:
            value = (drawn & 1) << 25 | (drawn & choose((drawn & 6) == 0, 0xfffffffffdffffff, 0));
            break;
        case DataKind::boolean: value = drawn >> 1 & ~drawn & 1; break;
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
        Steps steps(random);
        for (auto& vector : out.v) {
            const Steps::Pair pair = steps.next();
            vector = {pair[0], pair[1]};
        }
    } else {
        out.v.clear();
    }
}

[[gnu::always_inline]] inline std::uint64_t StateGenerator::draw_pointer(std::uint64_t drawn,
                                                                         const PointerPlan& pointer, std::uint64_t view,
                                                                         std::uint32_t anchor,
                                                                         std::uint64_t memory_tag) const {
    Bits bits(drawn);
    const std::uint64_t upper = bits.take(8) < upper_chance_ ? 1 : 0;
    std::uint64_t va = (view | choose(upper != 0, ARENA_UPPER_HALF, 0)) + anchor;
    va -= static_cast<std::uint64_t>(std::int64_t{pointer.displacement});

    const TagOfPointer how = kTagsOfPointers[bits.take(8)];
    const std::uint64_t tag = (memory_tag & how.keep) ^ how.flip;
    // Without TBI an address is out of range if its top byte is not the canonical one; with it, bits 63:60 are free.
    const std::uint64_t odd = bits.take(4);
    const std::uint64_t any = bits.take(4);
    const std::uint64_t free = kFreeTopBits[regime_.tbi[upper] ? 1 : 0][odd];
    const std::uint64_t top = ((any << 4 | tag) & free) | (choose(upper != 0, 0xff, 0) & ~free);
    va = (va & 0x00ffffffffffffffU) | (top << 56);

    if (const std::uint64_t rare = bits.take(9); rare < 3) [[unlikely]] {
        // Not canonical; of a process: not mapped, and an address of the host, too, on which an emulator may run. (If
        // bits 63:60 are free, too, it is the same random number that says what they are: that is rarer still.)
        if (rare < 2)
            va ^= std::uint64_t{1} << (39 + (process_ ? any & 7 : any));
        else if (!process_)
            va ^= std::uint64_t{1} << 55;
    }
    return va;
}

SiteKind StateGenerator::site_kind(std::size_t number) const {
    return plan_.at_edge ? SiteKind::mixed_edge : static_cast<SiteKind>(kSiteKinds[number]);
}

void StateGenerator::draw(Random& random, State& out) const {
    const SiteKind kind = site_kind(random.next() >> 56);
    draw(random, out, kind);
}

void StateGenerator::draw(Random& stream, State& out, SiteKind kind) const {
    Random random =
        stream; // in registers, out of the way of what is written here: the functions above are parts of this
    out.sp = {};
    draw_system_registers(random, out);
    draw_data(random, out);

    const Site site = draw_site(random, kind);

    // Views first: an unmapped page needs a window only if a pointer goes through a view that maps it.
    std::array<std::uint64_t, kPointers> drawn{};
    std::array<std::uint64_t, kPointers> views{};
    static constexpr auto kView = by_byte<3>({230, 16, 10});
    unsigned other_views = plan_.other_views ? 1 : 0;
    for (std::size_t i = 0; i < plan_.pointers.size(); ++i) {
        drawn[i] = random.next();
        const unsigned view = kView[drawn[i] >> 56] & views_;
        views[i] = kArenaViews[view];
        other_views |= view;
    }
    const bool only_main_view = other_views == 0;

    Bits bits(random.next());
    static constexpr auto kLayout = by_byte<5>({118, 61, 26, 20, 31}); // as in draw_tags()
    const std::size_t layout = kLayout[bits.take(8)];
    const auto boundary = site.focus + kGranule * static_cast<std::uint32_t>(bits.take(1));
    const std::uint64_t tag = draw_tag(bits.take(7));
    const std::uint64_t other = (tag + 1 + bits.below(15)) & 15;

    WindowTags tags(site.begin);
    out.windows.clear();
    for (std::uint32_t begin = site.begin; begin < site.end; begin += kWindow) {
        if (only_main_view && !kArenaPages[begin / ARENA_PAGE_BYTES].mapped) continue;
        out.windows.resize_without_values(out.windows.size() + 1);
        Window& window = out.windows.back();
        window.pa = ARENA_PA + begin;
        window.tags = draw_tags(random.next(), begin, boundary, layout, tag, other);
        tags.set(begin, window.tags);
        fill<kWindowBytes>(random, window.data.data());
    }

    const std::uint32_t inner_granules = (site.end - site.begin) / kGranule - 4;
    std::array<std::uint32_t, kPointers> anchors{};
    for (std::size_t i = 0; i < plan_.pointers.size(); ++i) {
        const auto& pointer = plan_.pointers[i];
        Bits place(drawn[i]);
        // By tables and choices, for branches would be mispredicted.
        static constexpr std::array<std::int8_t, 16> kFromFocus{-1, -1, -1, -1, 1, 1};
        const std::uint64_t from = place.take(4);
        const std::uint64_t near = site.focus + static_cast<std::uint64_t>(std::int64_t{kGranule} * kFromFocus[from]);
        // Anywhere in the windows, but for their ends.
        const std::uint64_t inside = site.begin + kGranule * (2 + (place.take(8) * inner_granules >> 8U));
        const auto anchor = static_cast<std::int64_t>(choose((from & 14) == 6, inside, near));
        std::uint32_t within = kWithinGranule[pointer.size][place.take(6)];
        within &= ~static_cast<std::uint32_t>(choose(place.take(5) != 0, pointer.alignment - 1U, 0));
        anchors[i] = static_cast<std::uint32_t>(std::max<std::int64_t>(anchor, 0)) + within;

        const std::uint64_t value = draw_pointer(place.rest(), pointer, views[i], anchors[i], tags.at(anchors[i]));
        if (pointer.reg == kStackPointer) {
            out.sp[selected_sp_] = value;
            if (every_sp_) std::fill_n(out.sp.begin(), kMonitorSp, value);
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
    // Bits 55:48 are neither half's; of a process 47:39 are those of nothing.
    const std::uint64_t keep = process_ ? 0x0f00007fffffffffU : 0x0f00ffffffffffffU;
    const std::uint64_t nowhere = process_ ? 0x00002a8000000000U : 0x0055000000000000U;
    for (auto& value : out.x) value = (value & keep) | nowhere;
    for (std::uint64_t& value : out.sp) {
        if (value != 0) value = (value & keep) | nowhere;
    }
}

} // namespace mtecheck::difftest
