/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs cases as a Linux process can: installs the state, runs the code, and reads the state at its end or at the signal
 * that ended it. It has no opinion about MTE.
 *
 * Invariants:
 *  - while no case runs PSTATE.TCO is 1, so that the agent's accesses to the arena are not checked;
 *  - a signal that reports asynchronous Tag Check Faults ends nothing: it is noted, and the case goes on, unless it
 *    comes again and again at one instruction;
 *  - code is written through another mapping than the one that it runs from. An emulator may not notice: instruction
 *    cache maintenance tells those that listen, and a slot is used again only after the area was mapped anew.
 */
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/echo_wire.h"

uint64_t run_case(struct agent_state* state, uint64_t entry, uint64_t has_tco);
__attribute__((noreturn)) void abandon_case(void);
void signal_restorer(void);
/* The compiler keeps off V0-V31. */
void load_vectors(const struct wire_vectors* from);
void store_vectors(struct wire_vectors* to);
extern const uint32_t leave_stub[], leave_stub_end[];

struct page {
    int mapped;
    int tagged;
    int protection; /* without PROT_MTE */
};

static int protection_of(int ap) {
    return ap == ARENA_AP_RW ? PROT_READ | PROT_WRITE : ap == ARENA_AP_RO ? PROT_READ : 0;
}

static struct page pages[ARENA_PAGES];
static uint64_t mte;
static uint64_t has_tco; /* PSTATE.TCO can be accessed, whatever the kernel says of MTE */
static long code_file;
static uint64_t next_slot;                     /* offset in the code area */
static uint64_t data_line, instruction_line;   /* bytes */
static uint64_t tag_control;                   /* what prctl() was asked for last */
static volatile int probing;                   /* registers, of which some may be UNDEFINED */
static volatile int undefined;                 /* one that was probed is */
static volatile int in_case;                   /* a case runs */
static struct agent_state* volatile the_state; /* that runs or ran last */
static struct wire_vectors* the_vectors;
/* A case that gets SEGV_MTEAERR so often at one instruction does not get on. */
#define NO_PROGRESS 8
static uint64_t asynchronous_pc, asynchronous_times;
static uint8_t signal_stack[65536] __attribute__((aligned(64)));

static void set_tco(void) {
    if (has_tco) __asm__ volatile("msr tco, #1" ::: "memory");
}

/* The signal that ended a case. */
static void note_signal(const struct linux_siginfo* info, const struct linux_ucontext* context) {
    struct agent_state* const state = the_state;
    for (int n = 0; n < 31; ++n) state->x[n] = context->x[n];
    state->sp[0] = context->sp;
    state->pc = context->pc;
    state->pstate = context->pstate;
    state->signal = info->signo;
    state->si_code = info->code;
    state->si_addr = info->address;
    if (the_vectors == 0) return;
    const uint8_t* at = context->contexts;
    for (;;) {
        const struct linux_context_head* const head = (const struct linux_context_head*)at;
        if (head->magic == 0 || head->size == 0) return;
        if (head->magic == FPSIMD_MAGIC) break;
        at += head->size;
    }
    const struct linux_fpsimd_context* const fpsimd = (const struct linux_fpsimd_context*)at;
    for (int n = 0; n < 32; ++n) {
        the_vectors->v[n][0] = fpsimd->v[n][0];
        the_vectors->v[n][1] = fpsimd->v[n][1];
    }
}

static int is_asynchronous(const struct linux_siginfo* info) {
    return info->signo == SIGSEGV && info->code == SEGV_MTEAERR && the_state != 0;
}

static void handle_signal(int number, const struct linux_siginfo* info, struct linux_ucontext* context) {
    if (number == SIGILL && probing) {
        context->pc += 4;
        undefined = 1;
        return;
    }
    /* Two signals at once: the second came when this function was to begin for the first. What was interrupted is in
     * the frame of that one. */
    if (context->pc == (uint64_t)handle_signal) {
        if (is_asynchronous((const struct linux_siginfo*)context->x[1])) the_state->tfsre0_el1 = 1;
        context = (struct linux_ucontext*)context->x[2];
    }
    if (is_asynchronous(info)) {
        asynchronous_times = context->pc == asynchronous_pc ? asynchronous_times + 1 : 1;
        asynchronous_pc = context->pc;
        if (!in_case || asynchronous_times < NO_PROGRESS) {
            the_state->tfsre0_el1 = 1;
            return;
        }
    }
    if (!in_case) report_fault(number, context->pc, info->address);
    in_case = 0;
    note_signal(info, context);
    abandon_case();
}

static long fail(struct agent_hello* hello, long number, long result) {
    hello->failed = (int32_t)-result;
    hello->failed_at = (int32_t)number;
    return -1;
}

#define CALL(number, ...)                                                                                              \
    ({                                                                                                                 \
        const long result_ = system_call(number, __VA_ARGS__);                                                         \
        if (result_ < 0 && result_ > -4096) return fail(hello, number, result_);                                       \
        result_;                                                                                                       \
    })

static uint64_t page_va(uint64_t number) { return ARENA_VA + number * ARENA_PAGE_BYTES; }
static int whole_protection(const struct page* page) { return page->protection | (page->tagged && mte ? PROT_MTE : 0); }

static long map_arena(struct agent_hello* hello) {
#define PAGE(number, attribute, ap, is_mapped)                                                                         \
    pages[number] = (struct page){is_mapped, (attribute) == ARENA_ATTR_TAGGED, protection_of(ap)};
    ARENA_PAGE_TABLE(PAGE)
#undef PAGE
    for (uint64_t n = 0; n < ARENA_PAGES; ++n) {
        if (!pages[n].mapped) continue;
        CALL(SYS_mmap, (long)page_va(n), ARENA_PAGE_BYTES, whole_protection(&pages[n]),
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    return 0;
}

static long map_code(void) {
    return system_call(SYS_mmap, ARENA_CODE_VA, AGENT_CODE_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED,
                       code_file, 0);
}

/* From what was written at `offset` of the code area to what runs there. */
static void synchronise_code(uint64_t offset, uint64_t bytes) {
    for (uint64_t at = offset & ~(data_line - 1); at < offset + bytes; at += data_line)
        __asm__ volatile("dc cvau, %0" ::"r"(AGENT_CODE_WRITE_VA + at) : "memory");
    __asm__ volatile("dsb ish" ::: "memory");
    for (uint64_t at = offset & ~(instruction_line - 1); at < offset + bytes; at += instruction_line)
        __asm__ volatile("ic ivau, %0" ::"r"(ARENA_CODE_VA + at) : "memory");
    __asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

#define SLOT_ALIGNMENT 64
static uint64_t aligned(uint64_t bytes) { return (bytes + SLOT_ALIGNMENT - 1) & ~(uint64_t)(SLOT_ALIGNMENT - 1); }
static uint64_t stub_bytes(void) { return (uint64_t)((const uint8_t*)leave_stub_end - (const uint8_t*)leave_stub); }

static long prepare_code(struct agent_hello* hello) {
    uint64_t ctr;
    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    instruction_line = 4ull << (ctr & 15);
    data_line = 4ull << (ctr >> 16 & 15);
    code_file = CALL(SYS_memfd_create, (long)"mtecheck-code", 0, 0, 0, 0, 0);
    CALL(SYS_ftruncate, code_file, AGENT_CODE_BYTES, 0, 0, 0, 0);
    CALL(SYS_mmap, AGENT_CODE_WRITE_VA, AGENT_CODE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, code_file, 0);
    const long mapped = map_code();
    if (mapped != ARENA_CODE_VA) return fail(hello, SYS_mmap, mapped);
    uint32_t* const to = (uint32_t*)AGENT_CODE_WRITE_VA;
    for (uint64_t i = 0; i < stub_bytes() / 4; ++i) to[i] = leave_stub[i];
    next_slot = aligned(stub_bytes());
    synchronise_code(0, next_slot);
    return 0;
}

static long catch_signals(struct agent_hello* hello) {
    const struct linux_stack stack = {signal_stack, 0, sizeof(signal_stack)};
    CALL(SYS_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);
    const struct linux_sigaction action = {(void*)handle_signal,
                                           SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_EXPOSE_TAGBITS | SA_RESTORER,
                                           (void*)signal_restorer, 0};
    static const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV};
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i)
        CALL(SYS_rt_sigaction, signals[i], (long)&action, 0, sizeof(action.mask), 0, 0);
    return 0;
}

void set_up(struct agent_hello* hello, const uint64_t* stack) {
    *hello = (struct agent_hello){.magic = WIRE_MAGIC, .version = AGENT_LINUX_VERSION};
    const uint64_t* at = stack + 1 + stack[0] + 1; /* the environment */
    while (*at++ != 0) {
    }
    for (; at[0] != AT_NULL; at += 2) {
        if (at[0] == AT_PAGESZ) hello->page_bytes = (uint32_t)at[1];
        if (at[0] == AT_HWCAP) hello->hwcap = at[1];
        if (at[0] == AT_HWCAP2) hello->hwcap2 = at[1];
    }
    if (catch_signals(hello) != 0) return;
    probing = 1;
#define REPORT(name, assembler)                                                                                        \
    if (hello->hwcap & HWCAP_CPUID) {                                                                                  \
        uint64_t value_ = 0;                                                                                           \
        __asm__ volatile("mrs %0, " assembler : "+r"(value_));                                                         \
        hello->id[WIRE_ID_##name] = value_;                                                                            \
    }
    WIRE_ID_REGISTERS(REPORT)
#undef REPORT
    undefined = 0;
    __asm__ volatile("msr tco, #1" ::: "memory");
    has_tco = !undefined;
    probing = 0;
    __asm__ volatile("mrs %0, dczid_el0" : "=r"(hello->id[WIRE_ID_DCZID_EL0]));
    mte = (hello->hwcap2 & HWCAP2_MTE) != 0 &&
          system_call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, PR_TAGGED_ADDR_ENABLE | PR_MTE_TCF_SYNC, 0, 0, 0, 0) == 0;
    hello->mte = (uint32_t)mte;
    static struct linux_utsname name;
    if (system_call(SYS_uname, (long)&name, 0, 0, 0, 0, 0) == 0) {
        for (unsigned i = 0; i < sizeof(name.release); ++i) hello->release[i] = name.release[i];
        for (unsigned i = 0; i < sizeof(name.machine); ++i) hello->machine[i] = name.machine[i];
    }
    set_tco();
    if (map_arena(hello) == 0) prepare_code(hello);
}

/* Puts code into a slot, and returns the address of its first instruction. */
static uint64_t place(const struct agent_sequence* sequence) {
    const uint64_t bytes = aligned(AGENT_SLOT_PROLOGUE + 4 * ((uint64_t)sequence->instructions + 1));
    if (next_slot + bytes > AGENT_CODE_BYTES) {
        next_slot = aligned(stub_bytes());
        if (map_code() != ARENA_CODE_VA) report_fault(SIGSEGV, 0, ARENA_CODE_VA);
    }
    const uint64_t slot = next_slot;
    next_slot += bytes;
    uint32_t* to = (uint32_t*)(AGENT_CODE_WRITE_VA + slot + AGENT_SLOT_PROLOGUE);
    /* ldr x30, the start of the slot */
    to[-1] = 0x5800001eu | ((uint32_t) - (AGENT_SLOT_PROLOGUE / 4 - 1) & 0x7ffff) << 5;
    for (uint32_t i = 0; i < sequence->instructions; ++i) *to++ = sequence->code[i];
    /* b leave_stub */
    const uint64_t end = (uint64_t)to - AGENT_CODE_WRITE_VA;
    *to = 0x14000000u | ((uint32_t)(0 - (int64_t)end / 4) & 0x3ffffff);
    synchronise_code(slot, bytes);
    return ARENA_CODE_VA + slot + AGENT_SLOT_PROLOGUE;
}

static void protect(uint64_t number, int protection) {
    const long result = system_call(SYS_mprotect, (long)page_va(number), ARENA_PAGE_BYTES, protection, 0, 0, 0);
    if (result != 0) report_fault(SIGSEGV, 0, page_va(number));
}

static void copy(void* to, const void* from) {
    uint64_t* const words = to;
    const uint64_t* const source = from;
    for (unsigned i = 0; i < sizeof(((struct wire_window*)0)->data) / 8; ++i) words[i] = source[i];
}

/* The tags of a page without PROT_MTE cannot be told: they stay as they came. */
static void install_window(const struct wire_window* window) {
    const uint64_t offset = window->pa - ARENA_PA;
    const uint64_t number = offset / ARENA_PAGE_BYTES;
    const struct page* const page = &pages[number];
    const int writable = page->protection == (PROT_READ | PROT_WRITE);
    const int tagged = page->tagged && mte;
    if (!writable) protect(number, PROT_READ | PROT_WRITE | (tagged ? PROT_MTE : 0));
    const uint64_t va = ARENA_VA + offset;
    copy((void*)va, window->data);
    if (tagged) {
        for (uint64_t granule = 0; granule < 16; ++granule) {
            const uint64_t at = (va + 16 * granule) | (window->tags >> (4 * granule) & 15) << 56;
            __asm__ volatile("stg %0, [%0]" ::"r"(at) : "memory");
        }
    }
    if (!writable) protect(number, whole_protection(page));
}

static void read_window(struct wire_window* window) {
    const uint64_t offset = window->pa - ARENA_PA;
    const uint64_t number = offset / ARENA_PAGE_BYTES;
    const struct page* const page = &pages[number];
    const int readable = (page->protection & PROT_READ) != 0;
    const int tagged = page->tagged && mte;
    if (!readable) protect(number, PROT_READ | (tagged ? PROT_MTE : 0));
    const uint64_t va = ARENA_VA + offset;
    copy(window->data, (const void*)va);
    if (tagged) {
        uint64_t tags = 0;
        for (uint64_t granule = 0; granule < 16; ++granule) {
            uint64_t at = va + 16 * granule;
            __asm__ volatile("ldg %0, [%0]" : "+r"(at)::"memory");
            tags |= (at >> 56 & 15) << (4 * granule);
        }
        window->tags = tags;
    }
    if (!readable) protect(number, whole_protection(page));
}

static void set_mode(const struct agent_sequence* sequence, uint64_t exclude) {
    const uint64_t mode = sequence->tcf == AGENT_TCF_SYNC    ? PR_MTE_TCF_SYNC
                          : sequence->tcf == AGENT_TCF_ASYNC ? PR_MTE_TCF_ASYNC
                                                             : 0;
    const uint64_t wanted = PR_TAGGED_ADDR_ENABLE | mode | (~exclude & 0xffff) << PR_MTE_TAG_SHIFT;
    if (!mte || wanted == tag_control) return;
    tag_control = wanted;
    if (system_call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, (long)wanted, 0, 0, 0, 0) != 0)
        report_fault(SIGSEGV, 0, wanted);
}

static void run_state(const struct agent_sequence* sequence, struct agent_state* state, uint32_t command,
                      uint32_t index) {
    struct wire_window* const windows = (struct wire_window*)(state + 1);
    const uint32_t window_count = state->window_count;
    struct wire_vectors* const vectors = state->has_vectors ? (struct wire_vectors*)(windows + window_count) : 0;
    for (uint32_t i = 0; i < window_count; ++i) install_window(&windows[i]);
    set_mode(sequence, state->gcr_el1);
    *(uint64_t*)(sequence->code_va - ARENA_CODE_VA - AGENT_SLOT_PROLOGUE + AGENT_CODE_WRITE_VA) = state->x[30];
    state->signal = 0;
    state->tfsre0_el1 = 0;
    asynchronous_pc = 0;
    the_vectors = vectors;
    the_state = state;
    if (vectors != 0) load_vectors(vectors);
    in_case = 1;
    __asm__ volatile("" ::: "memory");

    const uint64_t abandoned = run_case(state, sequence->code_va - 4, has_tco);

    in_case = 0;
    if (vectors != 0 && !abandoned) store_vectors(vectors);
    set_tco();
    /* What has been accumulated is delivered when the kernel is entered. */
    if (sequence->tcf == AGENT_TCF_ASYNC) system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    /* Standard signals do not queue: next to another SIGSEGV theirs may have been lost. */
    if (state->signal == SIGSEGV) state->tfsre0_el1 = 0;
    for (uint32_t i = 0; i < window_count; ++i) read_window(&windows[i]);
    state->signature = wire_signature(command, index);
}

int run_batch(uint8_t* batch, uint64_t bytes, uint32_t command, volatile uint32_t* progress) {
    uint8_t* at = batch;
    uint8_t* const end = batch + bytes;
    uint32_t index = 0;
    while (at < end) {
        struct agent_sequence* const sequence = (struct agent_sequence*)at;
        if (sequence->magic != WIRE_MAGIC || sequence->instructions > AGENT_MAX_CODE) return 0;
        at += sizeof(*sequence);
        sequence->code_va = place(sequence);
        for (uint32_t i = 0; i < sequence->state_count; ++i, ++index) {
            struct agent_state* const state = (struct agent_state*)at;
            at += sizeof(*state) + state->window_count * sizeof(struct wire_window);
            if (state->has_vectors) at += sizeof(struct wire_vectors);
            *progress = index;
            run_state(sequence, state, command, index);
            states_ran(at, index + 1);
        }
    }
    return 1;
}
