/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of ABI programs.
 */
#include "difftest/linux/agent/abi.h"
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/ptrace.h"

#define FILE_BYTES (ABI_FILE_PAGES * ABI_PAGE_BYTES)
#define MOST_WORDS 32

static const char* const* image_words;
static uint64_t image_word_count;
static const char* image_name;
static long shared_descriptor;

static uint8_t thread_stack[32768] __attribute__((aligned(16)));
static volatile uint32_t thread_done;

void abi_set_image(const char* const* words, uint64_t count, const char* name, long descriptor) {
    image_words = words;
    image_word_count = count;
    image_name = name;
    shared_descriptor = descriptor;
}

static void need(long result) {
    if (result < 0) leave(ABI_AGENT_FAILED);
}

static long file, zero;

void abi_prepare(void) {
    abi_expect_no_hang();
    need(file = system_call(SYS_memfd_create, (long)"mtecheck-abi", 0, 0, 0, 0, 0));
    need(system_call(SYS_ftruncate, file, FILE_BYTES, 0, 0, 0, 0));
    need(zero = system_call(SYS_openat, AT_FDCWD, (long)"/dev/zero", O_RDWR, 0, 0, 0));
}

static long map(const struct abi_step* step) {
    const uint64_t kind = step->args[3];
    long flags = MAP_FIXED, descriptor = -1;
    switch (kind) {
    case ABI_ANONYMOUS_PRIVATE: flags |= MAP_PRIVATE | MAP_ANONYMOUS; break;
    case ABI_ANONYMOUS_SHARED: flags |= MAP_SHARED | MAP_ANONYMOUS; break;
    case ABI_DEV_ZERO:
        descriptor = zero;
        flags |= MAP_PRIVATE;
        break;
    default: descriptor = file; flags |= kind == ABI_MEMFD_SHARED ? MAP_SHARED : MAP_PRIVATE;
    }
    const long at = (long)(ABI_PLAYGROUND_VA + step->args[0] * ABI_PAGE_BYTES);
    const long result =
        system_call(SYS_mmap, at, (long)(step->args[1] * ABI_PAGE_BYTES), (long)step->args[2], flags, descriptor, 0);
    return result == at ? 0 : result;
}

static long manage(const struct abi_step* step, long number, long argument) {
    const uint64_t at = (ABI_PLAYGROUND_VA + step->args[0] * ABI_PAGE_BYTES) | step->args[3] << 56;
    return system_call(number, (long)at, (long)(step->args[1] * ABI_PAGE_BYTES), argument, 0, 0, 0);
}

static long remap(const struct abi_step* step) {
    const uint64_t from = (ABI_PLAYGROUND_VA + step->args[0] * ABI_PAGE_BYTES) | step->args[2] << 56;
    const long to = (long)(ABI_PLAYGROUND_VA + step->args[1] * ABI_PAGE_BYTES);
    const long result =
        system_call(SYS_mremap, (long)from, ABI_PAGE_BYTES, ABI_PAGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, to, 0);
    return result == to ? 0 : result;
}

/* Through a pipe; the agent's own end of it moves 8 bytes, too. */
static long transfer(const struct abi_step* step, int store) {
    int32_t ends[2];
    uint64_t own = step->args[3];
    const long made = system_call(SYS_pipe2, (long)ends, 0, 0, 0, 0, 0);
    if (made != 0) return made;
    if (store) need(system_call(SYS_write, ends[1], (long)&own, sizeof(own), 0, 0, 0));
    const long at = (long)abi_address(step, step->args[2]);
    const long result = system_call(store ? SYS_read : SYS_write, store ? ends[0] : ends[1], at, 8, 0, 0, 0);
    system_call(SYS_close, ends[0], 0, 0, 0, 0, 0);
    system_call(SYS_close, ends[1], 0, 0, 0, 0, 0);
    return result;
}

static void use_context(struct abi_context* context) {
    __asm__ volatile("msr tpidr_el0, %0" ::"r"(context) : "memory");
}

struct rest {
    struct abi_context context;
    const struct abi_request* request;
    uint32_t first;
};

static void begin_other(struct rest* rest, const struct abi_context* context, const struct abi_request* request) {
    rest->context = *context;
    rest->context.flow += 1;
    rest->context.number = 1;
    rest->request = request;
    rest->first = context->step + 1;
    struct abi_step_result* const result = &rest->context.flow->steps[context->step];
    result->state = ABI_DONE;
}

static long run_fork(struct abi_context* context, const struct abi_request* request) {
    const long child = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child == 0) {
        static struct rest rest;
        abi_expect_no_hang();
        begin_other(&rest, context, request);
        use_context(&rest.context);
        abi_run_from(&rest.context, request, rest.first);
        leave(0);
    }
    need(child);
    int32_t status = 0;
    long got;
    do got = system_call(SYS_wait4, child, (long)&status, 0, 0, 0, 0);
    while (got == -EINTR);
    need(got);
    if ((status & 0x7f) == 0 && status != 0) leave(ABI_AGENT_FAILED);
    return status & 0x7f;
}

static void run_rest(void* argument) {
    struct rest* const rest = argument;
    use_context(&rest->context);
    abi_run_from(&rest->context, rest->request, rest->first);
    thread_done = 1;
}

static long run_thread(struct abi_context* context, const struct abi_request* request) {
    static struct rest rest;
    begin_other(&rest, context, request);
    thread_done = 0;
    need(abi_clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
                   thread_stack + sizeof(thread_stack), run_rest, &rest));
    while (!thread_done) system_call(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
    return 0;
}

static const char* decimal(uint64_t value, char* end) {
    *end = 0;
    do *--end = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    return end;
}

/* Does not come back: what is started there goes on with the next step. */
static void run_exec(const struct abi_context* context) {
    const char* words[MOST_WORDS + 6];
    char numbers[3][24];
    uint64_t n = 0;
    for (; n < image_word_count && n < MOST_WORDS; ++n) words[n] = image_words[n];
    words[n++] = image_name;
    words[n++] = "abi-exec";
    words[n++] = decimal((uint64_t)shared_descriptor, numbers[0] + 23);
    words[n++] = decimal(context->number, numbers[1] + 23);
    words[n++] = decimal(context->step, numbers[2] + 23);
    words[n] = 0;
    static const char* const no_environment[1];
    system_call(SYS_execve, (long)words[0], (long)words, (long)no_environment, 0, 0, 0);
    leave(ABI_AGENT_FAILED);
}

/* How often this thread has been switched away from. */
static int64_t switches(void) {
    static struct linux_rusage usage;
    need(system_call(SYS_getrusage, RUSAGE_THREAD, (long)&usage, 0, 0, 0, 0));
    return usage.voluntary_switches + usage.involuntary_switches;
}

/* On a slow CPU a sleep can be over before it begins. */
static void sleep_until_switched(void) {
    const struct linux_timespec time = {0, 1000000};
    const int64_t before = switches();
    do system_call(SYS_nanosleep, (long)&time, 0, 0, 0, 0, 0);
    while (switches() == before);
}

static void run_step(struct abi_context* context, const struct abi_request* request) {
    const struct abi_step* const step = &request->program[context->step];
    struct abi_step_result* const result = &context->flow->steps[context->step];
    const uint64_t* const a = step->args;
    uint64_t value = 0;
    switch (step->op) {
    case ABI_set_ctrl:
        value = (uint64_t)system_call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, (long)a[0], (long)a[1], (long)a[2],
                                      (long)a[3], 0);
        break;
    case ABI_get_ctrl:
        value = (uint64_t)system_call(SYS_prctl, PR_GET_TAGGED_ADDR_CTRL, (long)a[0], (long)a[1], (long)a[2],
                                      (long)a[3], 0);
        break;
    case ABI_irg:
        __asm__ volatile("irg %0, %1, %2" : "=r"(value) : "r"(0ull), "r"(a[0]));
        value = value >> 56 & 15;
        break;
    case ABI_mmap: value = (uint64_t)map(step); break;
    case ABI_mprotect: value = (uint64_t)manage(step, SYS_mprotect, (long)a[2]); break;
    case ABI_munmap:
        value = (uint64_t)system_call(SYS_munmap, (long)(ABI_PLAYGROUND_VA + a[0] * ABI_PAGE_BYTES),
                                      (long)(a[1] * ABI_PAGE_BYTES), 0, 0, 0, 0);
        break;
    case ABI_mremap: value = (uint64_t)remap(step); break;
    case ABI_madvise: value = (uint64_t)manage(step, SYS_madvise, (long)a[2]); break;
    case ABI_stg: abi_stg(abi_address(step, a[2])); break;
    case ABI_st2g: abi_st2g(abi_address(step, a[2])); break;
    case ABI_stzg: abi_stzg(abi_address(step, a[2])); break;
    case ABI_ldg: value = abi_ldg(abi_address(step, 0)) >> 56 & 15; break;
    case ABI_load: value = abi_ldr(abi_address(step, a[2])); break;
    case ABI_store: abi_str(abi_address(step, a[2]), a[3]); break;
    case ABI_set_tco: __asm__ volatile("msr tco, %0" ::"r"((a[0] & 1) << 25) : "memory"); break;
    case ABI_get_tco:
        __asm__ volatile("mrs %0, tco" : "=r"(value));
        value = value >> 25 & 1;
        break;
    case ABI_handler: value = (uint64_t)abi_sigaction(a[0], a[1]); break;
    case ABI_sigmask: {
        const uint64_t mask = 1ull << (SIGSEGV - 1);
        value = (uint64_t)system_call(SYS_rt_sigprocmask, a[0] == 0, (long)&mask, 0, sizeof(mask), 0, 0);
        break;
    }
    case ABI_write: value = (uint64_t)transfer(step, 0); break;
    case ABI_read: value = (uint64_t)transfer(step, 1); break;
    case ABI_fork: value = (uint64_t)run_fork(context, request); break;
    case ABI_thread: value = (uint64_t)run_thread(context, request); break;
    case ABI_exec: run_exec(context); break;
    case ABI_peek:
    case ABI_poke:
    case ABI_get_regset:
    case ABI_set_regset: abi_ptrace(step, result); return;
    case ABI_core: abi_core(step, result); return;
    case ABI_prefer: {
        const long done = abi_prefer(a[0]);
        if (done == -ENOENT || done == -EACCES || done == -EROFS) {
            result->state = ABI_CANNOT;
            return;
        }
        sleep_until_switched();
        value = (uint64_t)done;
        break;
    }
    default: system_call(SYS_getpid, 0, 0, 0, 0, 0, 0); break;
    }
    if (context->faulted) return;
    result->value = (int64_t)value;
    result->state = ABI_DONE;
}

void abi_run_from(struct abi_context* context, const struct abi_request* request, uint32_t first) {
    for (uint32_t n = first; n < request->steps; ++n) {
        context->step = n;
        context->faulted = 0;
        run_step(context, request);
    }
}
