/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host and the monitor in the guest agree on: the physical memory map and the layout of shared records.
 * Plain C (and, under __ASSEMBLER__, plain macros), shared by both sides; little endian on both.
 *
 * The guest's RAM is a file that the host maps too. A batch is a stream of records in one of two batch areas:
 *
 *     wire_sequence  wire_state wire_window* wire_vectors?  wire_state ...  wire_sequence ...
 *
 * Every sequence is followed by its `state_count` states, and every state by its `window_count` windows and, if it
 * has_vectors, by V0-V31: what a state does not use costs nothing. The monitor runs the states in order and writes each
 * result over the record that it came from, so records keep their size. For each batch there is a doorbell, one byte
 * through the pipe `bell_path`, and an answer, one byte through `answer_path`; the monitor reaches both by semihosting.
 * While it runs one batch the host may ring for the next. End of file on the doorbell means that the host is gone: the
 * monitor then exits.
 *
 * The host cannot write code over code that the guest has run (an emulator would run its old translation), so
 * code slots are used once, in a ring that is longer than the emulator's translation cache.
 */
#ifndef MTECHECK_DIFFTEST_QEMU_WIRE_H
#define MTECHECK_DIFFTEST_QEMU_WIRE_H

#include "difftest/core/layout.h"
#include "difftest/core/record.h"

#define WIRE_VERSION 6u

/* Physical memory. The arena (ARENA_PA) lies between the control page and the batches. */
#define WIRE_RAM_PA 0x40000000
#define WIRE_RAM_BYTES 0x10000000
#define WIRE_MONITOR_PA 0x40100000
#define WIRE_RELAY_PA 0x40101000 /* ARENA_RELAY_BYTES of the monitor's image: the vectors of EL1 and EL2 */
#define WIRE_TABLES_PA 0x40200000
#define WIRE_TABLES_BYTES 0x100000
#define WIRE_CONTROL_PA 0x40400000
#define WIRE_BATCH_PA 0x41000000
#define WIRE_BATCH_BYTES 0x400000 /* of each of two areas */
#define WIRE_CODE_PA 0x48000000   /* ARENA_CODE_BYTES of it */

/* SMC immediates of the relay vectors: WIRE_RELAY_SMC + vector number. */
#define WIRE_RELAY_SMC 0x100
/* SVC immediate of the monitor itself, at EL3, to see PSTATE in SPSR_EL3. */
#define WIRE_PSTATE_SVC 0x200

/* Offsets of wire_state that the assembly part of the monitor uses. */
#define WIRE_STATE_X 0
#define WIRE_STATE_X30 240

/* Control registers of a sequence, in the order in which the monitor writes them. X(field, assembler's name) */
#define WIRE_CONTROL_REGISTERS(X)                                                                                      \
    X(scr_el3, "scr_el3")                                                                                              \
    X(hcr_el2, "hcr_el2")                                                                                              \
    X(ttbr0_el2, "ttbr0_el2")                                                                                          \
    X(ttbr1_el2, "s3_4_c2_c0_1")                                                                                       \
    X(tcr_el1, "tcr_el1")                                                                                              \
    X(tcr_el2, "tcr_el2")                                                                                              \
    X(tcr_el3, "tcr_el3")                                                                                              \
    X(sctlr_el1, "sctlr_el1")                                                                                          \
    X(sctlr_el2, "sctlr_el2")                                                                                          \
    X(sctlr_el3, "sctlr_el3")                                                                                          \
    X(cpacr_el1, "cpacr_el1")                                                                                          \
    X(cptr_el2, "cptr_el2")                                                                                            \
    X(cptr_el3, "cptr_el3")

#ifndef __ASSEMBLER__

#ifdef __cplusplus
namespace mtecheck::difftest {
#endif

#define WIRE_PATH_BYTES 64

struct wire_sequence {
    uint32_t magic; /* WIRE_MAGIC */
    uint32_t state_count;
    uint64_t code_va; /* of the first instruction */
    uint64_t spsr;    /* what the sequence starts with, without NZCV */
    /* SCTLR_EL3 while the code runs, if that differs from sctlr_el3, which the monitor can live with. */
    uint64_t run_sctlr_el3;
#define WIRE_FIELD(name, assembler) uint64_t name;
    WIRE_CONTROL_REGISTERS(WIRE_FIELD)
#undef WIRE_FIELD
    /* What ERET in the code finds, if it has one: written before each state, for an exception overwrites it. */
    uint64_t has_return; /* 0 or 1 */
    uint64_t elr_el1, elr_el2;
    uint64_t spsr_el1, spsr_el2;
};

/* At WIRE_CONTROL_PA. `host`: written by the host; `guest`: by the monitor. */
struct wire_control {
    uint32_t magic;   /* host */
    uint32_t version; /* host */
    uint32_t ready;   /* guest: WIRE_MAGIC once it waits for the first doorbell */
    uint32_t boot_el; /* guest */

    struct wire_queue queue; /* `at` is a physical address */

    uint32_t fault; /* guest: WIRE_MAGIC if it failed itself; then it exits */
    uint32_t reserved;
    uint64_t fault_esr; /* guest */
    uint64_t fault_elr; /* guest */
    uint64_t fault_far; /* guest */
    uint64_t gmid_el1;  /* guest; 0 without FEAT_MTE2 */

    char bell_path[WIRE_PATH_BYTES];   /* host */
    char answer_path[WIRE_PATH_BYTES]; /* host */

    /* host: what no sequence changes, and control registers to boot with */
    uint64_t ttbr0_el1;
    uint64_t ttbr1_el1;
    uint64_t ttbr0_el3;
    struct wire_sequence initial;

    uint64_t id[WIRE_ID_COUNT]; /* guest */
};

struct wire_state {
    uint64_t x[31];
    uint64_t sp[4]; /* SP_EL0..SP_EL2; the monitor keeps SP_EL3 for itself */
    uint64_t gcr_el1;
    uint64_t rgsr_el1;
    uint64_t tfsre0_el1;
    uint64_t tfsr[4]; /* [1..3] */
    uint64_t spsr;    /* in: NZCV only; out: SPSR of the exception level that took the exception */
    uint64_t esr;     /* out, of the exception level that took the exception; so are elr and far */
    uint64_t elr;     /* out */
    uint64_t far;     /* out */
    uint64_t pstate;  /* out: at the vector, as an SPSR */
    uint32_t taken;   /* out: exception level << 8 | vector number */
    uint32_t window_count;
    uint64_t signature;   /* out, written last: wire_signature() */
    uint32_t has_vectors; /* 0 or 1 */
    uint32_t reserved;
};

WIRE_ASSERT(offsetof(struct wire_control, queue) == 16);
WIRE_ASSERT(offsetof(struct wire_control, bell_path) == 104);
WIRE_ASSERT(offsetof(struct wire_control, id) == 432);
WIRE_ASSERT(sizeof(struct wire_sequence) == 176);
WIRE_ASSERT(offsetof(struct wire_state, x) == WIRE_STATE_X);
WIRE_ASSERT(offsetof(struct wire_state, x) + 30 * 8 == WIRE_STATE_X30);
WIRE_ASSERT(offsetof(struct wire_state, esr) == 344);
WIRE_ASSERT(sizeof(struct wire_state) == 400);
WIRE_ASSERT(sizeof(struct wire_state) % 16 == 0); /* the monitor's stack pointer points at it */

#ifdef __cplusplus
} // namespace mtecheck::difftest
#endif

#endif /* __ASSEMBLER__ */
#endif
