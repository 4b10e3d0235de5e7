// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/page_tables.h"

#include <array>
#include <bit>
#include <cstring>

#include "difftest/core/error.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

static_assert(std::endian::native == std::endian::little, "the guest's memory is written as the host's integers");

namespace {

// VMSAv8-64 stage 1 descriptors, 4 KiB granule.
constexpr std::uint64_t kTableDescriptor = 0b11;
constexpr std::uint64_t kBlock = 0b01;
constexpr std::uint64_t kPage = 0b11;
constexpr std::uint64_t kInnerShareable = 0b11ull << 8;
constexpr std::uint64_t kAccessFlag = 1ull << 10;
constexpr std::uint64_t kPxn = 1ull << 53; // in two-range regimes
constexpr std::uint64_t kXn = 1ull << 54;  // UXN in two-range regimes

constexpr std::uint64_t kTableBytes = 0x1000;
constexpr std::uint64_t kSection = 1ull << 21;
constexpr std::uint64_t kGigabyte = 1ull << 30;

constexpr std::uint64_t attribute(unsigned index) { return std::uint64_t{index} << 2; }
constexpr std::uint64_t permission(unsigned ap) { return std::uint64_t{ap} << 6; }

/// Regimes of one VA range have no EL0: AP[1] is RES1 and one bit forbids execution.
enum class Regime { one_range, two_ranges };

class Builder {
  public:
    Builder(std::span<std::uint8_t> memory, std::uint64_t pa) : memory_(memory), pa_(pa) {}

    std::uint64_t new_table() {
        if (used_ + kTableBytes > memory_.size()) throw TargetError("no room for the guest's translation tables");
        const std::uint64_t table = pa_ + used_;
        std::memset(memory_.data() + used_, 0, kTableBytes);
        used_ += kTableBytes;
        return table;
    }

    /// A leaf of level 1 (1 GiB), 2 (2 MiB) or 3 (4 KiB).
    void map(std::uint64_t root, unsigned level, std::uint64_t va, std::uint64_t pa, std::uint64_t attributes) {
        std::uint64_t table = root;
        for (unsigned l = 1; l < level; ++l) table = next(table, index(va, l));
        write(table, index(va, level), pa | attributes | kAccessFlag | kInnerShareable | (level == 3 ? kPage : kBlock));
    }

  private:
    static std::uint64_t index(std::uint64_t va, unsigned level) { return va >> (39 - 9 * level) & 0x1ff; }

    std::uint64_t next(std::uint64_t table, std::uint64_t index) {
        std::uint64_t descriptor = 0;
        std::memcpy(&descriptor, memory_.data() + (table - pa_) + index * 8, 8);
        if (descriptor == 0) {
            descriptor = new_table() | kTableDescriptor;
            write(table, index, descriptor);
        }
        return descriptor & ~(kTableBytes - 1);
    }

    void write(std::uint64_t table, std::uint64_t index, std::uint64_t descriptor) {
        std::memcpy(memory_.data() + (table - pa_) + index * 8, &descriptor, 8);
    }

    std::span<std::uint8_t> memory_;
    std::uint64_t pa_;
    std::uint64_t used_ = 0;
};

struct ArenaPage {
    unsigned number;
    unsigned attribute;
    unsigned permission;
    bool mapped;
};

constexpr auto kArenaPages = std::to_array<ArenaPage>({
#define ARENA_ROW(page, attribute, ap, mapped) {page, attribute, ap, mapped != 0},
    ARENA_PAGE_TABLE(ARENA_ROW)
#undef ARENA_ROW
});
static_assert(kArenaPages.size() == ARENA_PAGES);

/// What every regime has, from address 0 of its range.
void map_arena(Builder& builder, std::uint64_t root, Regime regime) {
    const std::uint64_t res1 = regime == Regime::one_range ? permission(ARENA_AP_RW) : 0;
    const std::uint64_t execute_never = regime == Regime::one_range ? kXn : kXn | kPxn;
    for (const ArenaPage& page : kArenaPages) {
        const std::uint64_t offset = page.number * ARENA_PAGE_BYTES;
        const std::uint64_t pa = ARENA_PA + offset;
        if (page.mapped)
            builder.map(root, 3, ARENA_VA + offset, pa,
                        attribute(page.attribute) | permission(page.permission) | res1 | execute_never);
        const std::uint64_t open = permission(ARENA_AP_RW) | execute_never;
        builder.map(root, 3, ARENA_TAGGED_VA + offset, pa, attribute(ARENA_ATTR_TAGGED) | open);
        builder.map(root, 3, ARENA_UNTAGGED_VA + offset, pa, attribute(ARENA_ATTR_NORMAL) | open);
    }
    for (std::uint64_t offset = 0; offset < ARENA_CODE_BYTES; offset += kSection)
        builder.map(root, 2, ARENA_CODE_VA + offset, WIRE_CODE_PA + offset,
                    attribute(ARENA_ATTR_NORMAL) | permission(ARENA_AP_RO));
}

void map_relay(Builder& builder, std::uint64_t root, std::uint64_t flags) {
    builder.map(root, 3, ARENA_RELAY_VA, WIRE_RELAY_PA,
                attribute(ARENA_ATTR_NORMAL) | permission(ARENA_AP_PRIV_RO) | flags);
}

} // namespace

PageTables build_page_tables(std::span<std::uint8_t> memory, std::uint64_t pa) {
    Builder builder(memory, pa);
    PageTables tables;

    tables.lower = builder.new_table();
    map_arena(builder, tables.lower, Regime::two_ranges);
    map_relay(builder, tables.lower, kXn); // not at EL0

    tables.upper = builder.new_table();
    map_arena(builder, tables.upper, Regime::two_ranges);

    tables.el2 = builder.new_table();
    map_arena(builder, tables.el2, Regime::one_range);
    map_relay(builder, tables.el2, permission(ARENA_AP_RW));

    tables.el3 = builder.new_table();
    map_arena(builder, tables.el3, Regime::one_range);
    static_assert(ARENA_MONITOR_VA == WIRE_RAM_PA && ARENA_MONITOR_BYTES == kGigabyte && WIRE_RAM_BYTES <= kGigabyte);
    builder.map(tables.el3, 1, ARENA_MONITOR_VA, WIRE_RAM_PA, attribute(ARENA_ATTR_NORMAL) | permission(ARENA_AP_RW));
    return tables;
}

} // namespace mtecheck::difftest
