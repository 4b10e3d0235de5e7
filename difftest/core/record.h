/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the records of all guest programs have in common: the ID registers that they report, the parts of a record
 * behind its registers, and how a result is told from what lay there before. Plain C, shared by both sides; little
 * endian.
 *
 * A record is a block that begins with the registers of a State (difftest/core/case.h); behind it are its windows and,
 * if it has them, V0-V31.
 */
#ifndef MTECHECK_DIFFTEST_CORE_RECORD_H
#define MTECHECK_DIFFTEST_CORE_RECORD_H

#define WIRE_MAGIC 0x6d746563u /* "mtec" */

/* ID registers that guest programs report. X(name, what the assembler calls it) */
#define WIRE_ID_REGISTERS(X)                                                                                           \
    X(MIDR_EL1, "midr_el1")                                                                                            \
    X(REVIDR_EL1, "revidr_el1")                                                                                        \
    X(CTR_EL0, "ctr_el0")                                                                                              \
    X(DCZID_EL0, "dczid_el0")                                                                                          \
    X(ID_AA64PFR0_EL1, "id_aa64pfr0_el1")                                                                              \
    X(ID_AA64PFR1_EL1, "id_aa64pfr1_el1")                                                                              \
    X(ID_AA64PFR2_EL1, "s3_0_c0_c4_2")                                                                                 \
    X(ID_AA64ZFR0_EL1, "s3_0_c0_c4_4")                                                                                 \
    X(ID_AA64SMFR0_EL1, "s3_0_c0_c4_5")                                                                                \
    X(ID_AA64DFR0_EL1, "id_aa64dfr0_el1")                                                                              \
    X(ID_AA64ISAR0_EL1, "id_aa64isar0_el1")                                                                            \
    X(ID_AA64ISAR1_EL1, "id_aa64isar1_el1")                                                                            \
    X(ID_AA64ISAR2_EL1, "s3_0_c0_c6_2")                                                                                \
    X(ID_AA64ISAR3_EL1, "s3_0_c0_c6_3")                                                                                \
    X(ID_AA64MMFR0_EL1, "id_aa64mmfr0_el1")                                                                            \
    X(ID_AA64MMFR1_EL1, "id_aa64mmfr1_el1")                                                                            \
    X(ID_AA64MMFR2_EL1, "id_aa64mmfr2_el1")                                                                            \
    X(ID_AA64MMFR3_EL1, "s3_0_c0_c7_3")                                                                                \
    X(ID_AA64MMFR4_EL1, "s3_0_c0_c7_4")

#ifndef __ASSEMBLER__

#ifdef __cplusplus
#include <cstddef>
#include <cstdint>
#define WIRE_ASSERT(condition) static_assert(condition, #condition)
namespace mtecheck::difftest {
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;
#else
#include <stddef.h>
#include <stdint.h>
#define WIRE_ASSERT(condition) _Static_assert(condition, #condition)
#endif

enum {
#define WIRE_COUNT(name, assembler) WIRE_ID_##name,
    WIRE_ID_REGISTERS(WIRE_COUNT)
#undef WIRE_COUNT
        WIRE_ID_COUNT
};

struct wire_window {
    uint64_t pa;
    uint64_t tags;
    uint8_t data[256];
};

struct wire_vectors {
    uint64_t v[32][2]; /* V0-V31, low half first */
};

/* What a record's `signature` holds after the run of state `index` of batch `command`. */
static inline uint64_t wire_signature(uint32_t command, uint32_t index) {
    const uint64_t magic = WIRE_MAGIC;
    const uint64_t wide_index = index;
    return (magic << 32 | command) ^ (wide_index << 20);
}

/*
 * How batches go to a guest through memory that it shares with the host. For each one the host sends a byte; both sides
 * count them. While the guest runs one, the host may send the next.
 */
struct wire_queue {
    struct {
        uint64_t at;
        uint64_t bytes;
    } batches[2];      /* host: where batch n is, in the place n % 2 */
    uint32_t begun;    /* guest: number of the last batch that it began; the first is 1 */
    uint32_t done;     /* guest: number of the last batch that it finished */
    uint32_t progress; /* guest: index, in the batch, of the state that it runs or ran last */
    uint32_t reserved;
};

#ifdef __aarch64__
/* The guest's: what `progress` says is of this batch from here on. */
static inline void wire_begin(volatile struct wire_queue* queue, uint32_t command) {
    queue->progress = 0;
    __asm__ volatile("dmb ish" ::: "memory");
    queue->begun = command;
}
#endif

WIRE_ASSERT(sizeof(struct wire_queue) == 48);
WIRE_ASSERT(sizeof(struct wire_window) == 272);
WIRE_ASSERT(sizeof(struct wire_vectors) == 512);

#ifdef __cplusplus
} // namespace mtecheck::difftest
#endif

#endif /* __ASSEMBLER__ */
#endif
