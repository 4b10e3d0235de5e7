/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arena: the address map that bare-metal targets set up and that the model translates with.
 * Plain C, because the guest monitor includes it too: this is the only place that knows these numbers.
 *
 * Virtual addresses: 39 bits (TxSZ = 25), 4 KiB granule, stage 1 only. Every view below exists at the same offset
 * in the lower half (VA = offset) and, in two-range regimes, in the upper half (VA = ARENA_UPPER_HALF | offset).
 * The arena's pages are physically and virtually contiguous, so accesses cross from one attribute to the next.
 */
#ifndef MTECHECK_DIFFTEST_CORE_LAYOUT_H
#define MTECHECK_DIFFTEST_CORE_LAYOUT_H

#define ARENA_UPPER_HALF 0xffffff8000000000ull
#define ARENA_TXSZ 25

#define ARENA_PA 0x40600000ull
#define ARENA_PAGES 16
#define ARENA_PAGE_BYTES 0x1000ull

/* Three views of the same physical pages. */
#define ARENA_VA 0x100600000ull          /* each page with the attributes of ARENA_PAGE_TABLE */
#define ARENA_TAGGED_VA 0x140600000ull   /* all pages Tagged, read-write at every EL */
#define ARENA_UNTAGGED_VA 0x180600000ull /* all pages Normal Write-Back, Untagged, read-write at every EL */

/* The code area: read-only at every EL, executable, Normal Write-Back, Untagged. */
#define ARENA_CODE_VA 0x110000000ull
#define ARENA_CODE_BYTES 0x08000000ull

/*
 * Reserved: mapped by a bare-metal monitor for itself, so no case may touch them.
 * The relay vectors, one page, read-only and executable, in the lower half of every regime of EL1 and EL2; the
 * monitor and its data, at EL3 alone.
 */
#define ARENA_RELAY_VA 0x1c0000000ull
#define ARENA_RELAY_BYTES 0x1000ull
#define ARENA_MONITOR_VA 0x40000000ull
#define ARENA_MONITOR_BYTES 0x40000000ull

/* MAIR_ELx attribute indices of all regimes. */
#define ARENA_ATTR_NORMAL 0       /* 0xff: Normal, Write-Back, Untagged */
#define ARENA_ATTR_TAGGED 1       /* 0xf0: Normal, Write-Back, Tagged */
#define ARENA_ATTR_DEVICE 2       /* 0x00: Device-nGnRnE */
#define ARENA_ATTR_NONCACHEABLE 3 /* 0x44: Normal, Non-cacheable */
#define ARENA_MAIR 0x000000004400f0ffull

/* AP[2:1] of stage 1 descriptors. */
#define ARENA_AP_PRIV_RW 0 /* EL1: read-write, EL0: none */
#define ARENA_AP_RW 1
#define ARENA_AP_PRIV_RO 2
#define ARENA_AP_RO 3

/* X(page, attribute, ap, mapped) for every page of ARENA_VA. */
#define ARENA_PAGE_TABLE(X)                                                                                            \
    X(0, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                            \
    X(1, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                            \
    X(2, ARENA_ATTR_NORMAL, ARENA_AP_RW, 1)                                                                            \
    X(3, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                            \
    X(4, ARENA_ATTR_TAGGED, ARENA_AP_RO, 1)                                                                            \
    X(5, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                            \
    X(6, ARENA_ATTR_TAGGED, ARENA_AP_PRIV_RW, 1)                                                                       \
    X(7, ARENA_ATTR_NORMAL, ARENA_AP_RO, 1)                                                                            \
    X(8, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                            \
    X(9, ARENA_ATTR_NORMAL, ARENA_AP_RW, 0)                                                                            \
    X(10, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                           \
    X(11, ARENA_ATTR_DEVICE, ARENA_AP_RW, 1)                                                                           \
    X(12, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                           \
    X(13, ARENA_ATTR_NONCACHEABLE, ARENA_AP_RW, 1)                                                                     \
    X(14, ARENA_ATTR_TAGGED, ARENA_AP_RW, 1)                                                                           \
    X(15, ARENA_ATTR_NORMAL, ARENA_AP_RW, 0)

#endif
