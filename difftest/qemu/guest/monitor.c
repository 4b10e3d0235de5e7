/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor: runs at EL3 under an emulator, installs the states that the host sends, runs code from them, and
 * sends back what the state was at the first exception. It has no opinion about MTE.
 *
 * Invariants:
 *  - where tags are checked it runs with PSTATE.TCO = 1 (set at boot, and by every exception entry); it touches test
 *    memory only through views that are mapped at EL3 alone or that every test may touch;
 *  - registers whose writes are expensive in an emulator are written only if their value changes.
 */
#include "difftest/qemu/wire.h"

#define READ(name)                                                                                                     \
    ({                                                                                                                 \
        uint64_t value_;                                                                                               \
        __asm__ volatile("mrs %0, " name : "=r"(value_));                                                              \
        value_;                                                                                                        \
    })
#define WRITE(name, value) __asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define BIT(n) (1ull << (n))
#define EC_SMC64 0x17u
#define PSTATE_TCO BIT(25)

enum { SYS_OPEN = 1, SYS_WRITE = 5, SYS_READ = 6, SYS_EXIT = 0x18 };

struct leave {
    uint64_t vector;
    uint64_t nzcv;
};

extern char monitor_vectors[];
struct leave run_test(struct wire_state* state);
uint64_t semihosting(uint64_t operation, const void* parameters);
/* The compiler keeps off V0-V31; of the monitor only copy_window() uses them too. */
void load_vectors(const struct wire_vectors* from);
void store_vectors(struct wire_vectors* to);
void monitor_main(void);
void monitor_fault(void);

#define CONTROL ((volatile struct wire_control*)WIRE_CONTROL_PA)

/* What the control registers hold. */
static struct wire_sequence current;
/* What the registers of a state hold. */
static struct {
    uint64_t sp[3];
    uint64_t gcr_el1, rgsr_el1, tfsre0_el1, tfsr_el1, tfsr_el2, tfsr_el3;
} live;

static uint64_t mte; /* ID_AA64PFR1_EL1.MTE */
static uint64_t tag_block_bytes;

static void synchronise(void) { __asm__ volatile("dsb sy\n\tisb" ::: "memory"); }

#define SCR_EL3_NS BIT(0)
#define SCR_EL3_EEL2 BIT(18)

/* Of the security state that SCR_EL3 selects. */
static void invalidate_tlbs(uint64_t scr_el3) {
    __asm__ volatile("dsb sy\n\ttlbi alle1\n\ttlbi alle3" ::: "memory");
    if (scr_el3 & (SCR_EL3_NS | SCR_EL3_EEL2)) __asm__ volatile("tlbi alle2" ::: "memory");
    synchronise();
}

__attribute__((noreturn)) static void leave_emulator(uint64_t code) {
    const uint64_t application_exit[2] = {0x20026, code};
    for (;;) semihosting(SYS_EXIT, application_exit);
}

/* An exception in the monitor itself. The host attributes it to the state that `progress` names. */
void monitor_fault(void) {
    CONTROL->fault_esr = READ("esr_el3");
    CONTROL->fault_elr = READ("elr_el3");
    CONTROL->fault_far = READ("far_el3");
    CONTROL->fault = WIRE_MAGIC;
    leave_emulator(1);
}

/* The data of a window; 16-byte aligned on both sides. */
static inline void copy_window(void* to, const void* from) {
    uint64_t blocks = sizeof((struct wire_window*)0)->data / 64;
    __asm__ volatile("1: ldp q0, q1, [%1], #32\n\t"
                     "ldp q2, q3, [%1], #32\n\t"
                     "subs %2, %2, #1\n\t"
                     "stp q0, q1, [%0], #32\n\t"
                     "stp q2, q3, [%0], #32\n\t"
                     "b.ne 1b"
                     : "+r"(to), "+r"(from), "+r"(blocks)
                     :
                     : "memory", "cc", "v0", "v1", "v2", "v3");
}

/* LDGM and STGM place a granule's tag by its address, so the blocks of a window combine by OR. */
static inline void write_tags(uint64_t pa, uint64_t tags) {
    uint64_t va = pa - ARENA_PA + ARENA_TAGGED_VA;
    for (uint64_t end = va + 256; va < end; va += tag_block_bytes)
        __asm__ volatile("stgm %1, [%0]" ::"r"(va), "r"(tags) : "memory");
}

static inline uint64_t read_tags(uint64_t pa) {
    uint64_t va = pa - ARENA_PA + ARENA_TAGGED_VA;
    uint64_t tags = 0;
    for (uint64_t end = va + 256; va < end; va += tag_block_bytes) {
        uint64_t block;
        __asm__ volatile("ldgm %0, [%1]" : "=r"(block) : "r"(va) : "memory");
        tags |= block;
    }
    return tags;
}

/* PSTATE as an exception saves it, which says PSTATE.TCO where MRS need not: without FEAT_MTE2 it may be RAZ/WI. What
   the last exception left in ESR_EL3, ELR_EL3 and SPSR_EL3 is lost. */
static uint64_t pstate_by_exception(void) {
    register uint64_t spsr __asm__("x0");
    __asm__ volatile("svc %1" : "=r"(spsr) : "i"(WIRE_PSTATE_SVC) : "x1", "cc", "memory");
    return spsr;
}

static void configure(const struct wire_sequence* wanted) {
    /* What selects tables or security state can leave old translations behind; the others cannot. */
    const int flush = wanted->scr_el3 != current.scr_el3 || wanted->hcr_el2 != current.hcr_el2 ||
                      wanted->ttbr0_el2 != current.ttbr0_el2 || wanted->ttbr1_el2 != current.ttbr1_el2;
    int changed = 0;
#define CONFIGURE(name, assembler)                                                                                     \
    if (wanted->name != current.name) {                                                                                \
        current.name = wanted->name;                                                                                   \
        WRITE(assembler, wanted->name);                                                                                \
        changed = 1;                                                                                                   \
    }
    WIRE_CONTROL_REGISTERS(CONFIGURE)
#undef CONFIGURE
    if (flush)
        invalidate_tlbs(wanted->scr_el3);
    else if (changed)
        synchronise();
}

#define INSTALL(name, assembler, value)                                                                                \
    if ((value) != live.name) WRITE(assembler, value)
#define CAPTURE(name, assembler, to) to = live.name = READ(assembler)

static void run_state(const struct wire_sequence* sequence, struct wire_state* state, uint32_t command,
                      uint32_t index) {
    struct wire_window* windows = (struct wire_window*)(state + 1);
    const uint32_t window_count = state->window_count;
    struct wire_vectors* vectors = (struct wire_vectors*)(windows + window_count);
    const uint32_t has_vectors = state->has_vectors;
    for (uint32_t i = 0; i < window_count; ++i) {
        copy_window((void*)windows[i].pa, windows[i].data);
        if (mte >= 2) write_tags(windows[i].pa, windows[i].tags);
    }
    if (has_vectors) load_vectors(vectors);
    INSTALL(sp[0], "sp_el0", state->sp[0]);
    INSTALL(sp[1], "sp_el1", state->sp[1]);
    INSTALL(sp[2], "sp_el2", state->sp[2]);
    if (mte >= 2) {
        INSTALL(gcr_el1, "gcr_el1", state->gcr_el1);
        INSTALL(rgsr_el1, "rgsr_el1", state->rgsr_el1);
        INSTALL(tfsre0_el1, "tfsre0_el1", state->tfsre0_el1);
        INSTALL(tfsr_el1, "tfsr_el1", state->tfsr[1]);
        INSTALL(tfsr_el2, "tfsr_el2", state->tfsr[2]);
        INSTALL(tfsr_el3, "s3_6_c5_c6_0", state->tfsr[3]);
    }
    if (sequence->has_return) {
        WRITE("elr_el1", sequence->elr_el1);
        WRITE("elr_el2", sequence->elr_el2);
        WRITE("spsr_el1", sequence->spsr_el1);
        WRITE("spsr_el2", sequence->spsr_el2);
    }
    WRITE("elr_el3", sequence->code_va);
    WRITE("spsr_el3", sequence->spsr | state->spsr);
    const int own_sctlr = sequence->run_sctlr_el3 != sequence->sctlr_el3;
    if (own_sctlr) {
        WRITE("sctlr_el3", sequence->run_sctlr_el3);
        synchronise();
    }

    const struct leave left = run_test(state);

    if (has_vectors) store_vectors(vectors);
    if (own_sctlr) {
        WRITE("sctlr_el3", sequence->sctlr_el3);
        synchronise();
    }
    const uint64_t elr_el3 = READ("elr_el3");
    const uint64_t spsr_el3 = READ("spsr_el3");
    const uint64_t esr_el3 = READ("esr_el3");
    if (elr_el3 - ARENA_RELAY_VA < ARENA_RELAY_BYTES && esr_el3 >> 26 == EC_SMC64) {
        const uint32_t el = (spsr_el3 >> 2) & 3;
        if (el == 1) {
            state->esr = READ("esr_el1");
            state->elr = READ("elr_el1");
            state->far = READ("far_el1");
            state->spsr = READ("spsr_el1");
        } else {
            state->esr = READ("esr_el2");
            state->elr = READ("elr_el2");
            state->far = READ("far_el2");
            state->spsr = READ("spsr_el2");
        }
        state->pstate = spsr_el3;
        state->taken = el << 8 | (uint32_t)((esr_el3 - WIRE_RELAY_SMC) & 0xffff);
    } else {
        state->esr = esr_el3;
        state->elr = elr_el3;
        state->far = READ("far_el3");
        state->spsr = spsr_el3;
        uint64_t pstate = left.nzcv | 0xd /* EL3h */;
        if (mte >= 1) pstate |= mte >= 2 ? READ("tco") : pstate_by_exception() & PSTATE_TCO;
        pstate |= READ("pan") | READ("uao");
        state->pstate = pstate;
        state->taken = 3u << 8 | (uint32_t)left.vector;
    }
    /* Asynchronously accumulated tag check faults are complete only after a DSB. */
    __asm__ volatile("dsb sy" ::: "memory");
    CAPTURE(sp[0], "sp_el0", state->sp[0]);
    CAPTURE(sp[1], "sp_el1", state->sp[1]);
    CAPTURE(sp[2], "sp_el2", state->sp[2]);
    if (mte >= 2) {
        CAPTURE(gcr_el1, "gcr_el1", state->gcr_el1);
        CAPTURE(rgsr_el1, "rgsr_el1", state->rgsr_el1);
        CAPTURE(tfsre0_el1, "tfsre0_el1", state->tfsre0_el1);
        CAPTURE(tfsr_el1, "tfsr_el1", state->tfsr[1]);
        CAPTURE(tfsr_el2, "tfsr_el2", state->tfsr[2]);
        CAPTURE(tfsr_el3, "s3_6_c5_c6_0", state->tfsr[3]);
    }
    for (uint32_t i = 0; i < window_count; ++i) {
        if (mte >= 2) windows[i].tags = read_tags(windows[i].pa);
        copy_window(windows[i].data, (const void*)windows[i].pa);
    }
    state->signature = wire_signature(command, index);
}

static void run_batch(uint32_t command) {
    uint64_t at = CONTROL->queue.batches[command % 2].at;
    const uint64_t end = at + CONTROL->queue.batches[command % 2].bytes;
    uint32_t index = 0;
    wire_begin(&CONTROL->queue, command);
    while (at < end) {
        const struct wire_sequence* sequence = (const struct wire_sequence*)at;
        if (sequence->magic != WIRE_MAGIC) monitor_fault();
        at += sizeof(*sequence);
        configure(sequence);
        for (uint32_t i = 0; i < sequence->state_count; ++i, ++index) {
            struct wire_state* state = (struct wire_state*)at;
            at += sizeof(*state) + state->window_count * sizeof(struct wire_window);
            if (state->has_vectors) at += sizeof(struct wire_vectors);
            CONTROL->queue.progress = index;
            run_state(sequence, state, command, index);
        }
    }
}

/* Everything that no sequence changes. The host has written the tables and left MMUs and traps off. */
static void set_up(void) {
    WRITE("cptr_el3", 0);
    WRITE("scr_el3", CONTROL->initial.scr_el3);
    WRITE("mdcr_el3", 0);
    WRITE("vbar_el3", monitor_vectors);
    synchronise();
    WRITE("hcr_el2", CONTROL->initial.hcr_el2);
    WRITE("mdcr_el2", 0);
    WRITE("vttbr_el2", 0);
    WRITE("vpidr_el2", READ("midr_el1"));
    WRITE("vmpidr_el2", READ("mpidr_el1"));
    WRITE("hstr_el2", 0);
    WRITE("mdscr_el1", 0);
    WRITE("vbar_el1", ARENA_RELAY_VA);
    WRITE("vbar_el2", ARENA_RELAY_VA);
    WRITE("mair_el1", ARENA_MAIR);
    WRITE("mair_el2", ARENA_MAIR);
    WRITE("mair_el3", ARENA_MAIR);
    WRITE("ttbr0_el1", CONTROL->ttbr0_el1);
    WRITE("ttbr1_el1", CONTROL->ttbr1_el1);
    WRITE("ttbr0_el3", CONTROL->ttbr0_el3);
    mte = (READ("id_aa64pfr1_el1") >> 8) & 0xf;
    uint8_t* const unknown = (uint8_t*)&current;
    for (uint64_t i = 0; i < sizeof(current); ++i) unknown[i] = 0xff;
    configure((const struct wire_sequence*)&CONTROL->initial);
    invalidate_tlbs(current.scr_el3);
    if (mte >= 2) {
        __asm__ volatile("msr tco, #1" ::: "memory");
        CONTROL->gmid_el1 = READ("s3_1_c0_c0_4");
        tag_block_bytes = 4ull << (CONTROL->gmid_el1 & 0xf);
    }
#define REPORT(name, assembler) CONTROL->id[WIRE_ID_##name] = READ(assembler);
    WIRE_ID_REGISTERS(REPORT)
#undef REPORT
    live.sp[0] = READ("sp_el0");
    live.sp[1] = READ("sp_el1");
    live.sp[2] = READ("sp_el2");
    if (mte >= 2) {
        live.gcr_el1 = READ("gcr_el1");
        live.rgsr_el1 = READ("rgsr_el1");
        live.tfsre0_el1 = READ("tfsre0_el1");
        live.tfsr_el1 = READ("tfsr_el1");
        live.tfsr_el2 = READ("tfsr_el2");
        live.tfsr_el3 = READ("s3_6_c5_c6_0");
    }
}

static uint64_t open_pipe(const volatile char* path, uint64_t mode) {
    uint64_t length = 0;
    while (path[length]) ++length;
    const uint64_t parameters[3] = {(uint64_t)path, mode, length};
    return semihosting(SYS_OPEN, parameters);
}

void monitor_main(void) {
    CONTROL->boot_el = (READ("CurrentEL") >> 2) & 3;
    if (CONTROL->magic != WIRE_MAGIC || CONTROL->version != WIRE_VERSION || CONTROL->boot_el != 3) leave_emulator(2);
    set_up();

    static uint8_t byte;
    const uint64_t bell[3] = {open_pipe(CONTROL->bell_path, 1 /* "rb" */), (uint64_t)&byte, 1};
    const uint64_t answer[3] = {open_pipe(CONTROL->answer_path, 5 /* "wb" */), (uint64_t)&byte, 1};
    CONTROL->ready = WIRE_MAGIC;
    semihosting(SYS_WRITE, answer);
    for (uint32_t command = 1;; ++command) {
        /* Semihosting returns the number of bytes not read. */
        if (semihosting(SYS_READ, bell) != 0) leave_emulator(0);
        __asm__ volatile("" ::: "memory");
        run_batch(command);
        CONTROL->queue.done = command;
        synchronise();
        semihosting(SYS_WRITE, answer);
    }
}
