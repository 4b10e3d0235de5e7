/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mte-agent step from=ADDRESS to=ADDRESS out=FILE [limit=NUMBER] PROGRAM ARGUMENT...
 * mte-agent step from=ADDRESS to=ADDRESS out=FILE [limit=NUMBER] pid=NUMBER
 *
 * Runs a program, or attaches to one, up to the first time that it comes to `from`; records each instruction until it
 * comes to `to`, at most `limit`; and lets it go on by itself. Addresses are those of the program's file, as nm prints
 * them: where it is loaded elsewhere that is added. It has no opinion about MTE.
 */
#include "difftest/linux/agent/step.h"
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"

#define BREAKPOINT 0xd4200000u /* brk #0 */
#define STANDARD_ERROR 2
#define GRANULES_OF_PAGE 256u
/* Pages whose tags are told, each time. */
#define MOST_PAGES 16384u

struct request {
    uint64_t from, to, limit;
    long pid;
    const char* out;
    const char* const* program;
};

static long tracee;
static struct agent_hello hello;

static void say(const char* text) {
    uint64_t length = 0;
    while (text[length] != 0) ++length;
    system_call(SYS_write, STANDARD_ERROR, (long)text, (long)length, 0, 0, 0);
}

void give_up(const char* what, long number) {
    char digits[24];
    unsigned at = sizeof(digits) - 1;
    digits[at] = 0;
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    say("mte-agent step: ");
    say(what);
    say(" ");
    say(digits + at);
    say("\n");
    leave(2);
}

__attribute__((noreturn)) static void usage(void) {
    say("usage: mte-agent step from=ADDRESS to=ADDRESS out=FILE [limit=NUMBER] PROGRAM ARGUMENT...\n"
        "       mte-agent step from=ADDRESS to=ADDRESS out=FILE [limit=NUMBER] pid=NUMBER\n"
        "ADDRESS is hexadecimal, as nm prints it\n");
    leave(2);
}

/* ------------------------------------------------------------------------------------------------ the command line */

static const char* behind(const char* word, const char* key) {
    for (; *key != 0; ++key, ++word) {
        if (*word != *key) return 0;
    }
    return word;
}

static uint64_t number(const char* text, unsigned base) {
    uint64_t value = 0;
    if (base == 16 && behind(text, "0x") != 0) text += 2;
    if (*text == 0) usage();
    for (; *text != 0; ++text) {
        const unsigned digit = *text >= '0' && *text <= '9'   ? (unsigned)(*text - '0')
                               : *text >= 'a' && *text <= 'f' ? (unsigned)(*text - 'a' + 10)
                                                              : 16;
        if (digit >= base || value >> 59 != 0) usage();
        value = value * base + digit;
    }
    return value;
}

static struct request read_request(const char* const* words) {
    struct request request = {.from = ~0ull, .to = ~0ull, .limit = 1000000};
    for (; *words != 0; ++words) {
        const char* value;
        if ((value = behind(*words, "from=")) != 0) {
            request.from = number(value, 16);
        } else if ((value = behind(*words, "to=")) != 0) {
            request.to = number(value, 16);
        } else if ((value = behind(*words, "limit=")) != 0) {
            request.limit = number(value, 10);
        } else if ((value = behind(*words, "pid=")) != 0) {
            request.pid = (long)number(value, 10);
        } else if ((value = behind(*words, "out=")) != 0) {
            request.out = value;
        } else {
            request.program = words;
            break;
        }
    }
    if (request.out == 0 || ((request.from | request.to) & 3) != 0 || (request.pid != 0) == (request.program != 0))
        usage();
    return request;
}

/* ------------------------------------------------------------------------------------------------------ the program */

static long trace(long what, long address, void* data) {
    return system_call(SYS_ptrace, what, tracee, address, (long)data, 0, 0);
}

static void need(long result, const char* what) {
    if (result < 0) give_up(what, -result);
}

/* How the program ended becomes how this ends, as a shell tells it. */
__attribute__((noreturn)) static void leave_like(int32_t status) {
    leave((status & 0x7f) != 0 ? 128 + (status & 0x7f) : status >> 8 & 0xff);
}

static int32_t wait_for(void) {
    int32_t status = 0;
    long result;
    do result = system_call(SYS_wait4, tracee, (long)&status, 0, 0, 0, 0);
    while (result == -EINTR);
    need(result, "cannot wait for the program: error");
    return status;
}

/* How it stopped: the signal. If it ended this ends, too, with what was recorded up to there. */
static int wait_for_stop(void) {
    const int32_t status = wait_for();
    if ((status & 0xff) == 0x7f) return status >> 8 & 0xff;
    if (!close_trace()) give_up("the program ended, and did not come to the address of from=: process", tracee);
    leave_like(status);
}

static struct linux_registers registers(void) {
    struct linux_registers result;
    struct linux_iovec all = {&result, sizeof(result)};
    need(trace(PTRACE_GETREGSET, NT_PRSTATUS, &all), "cannot read registers: error");
    return result;
}

/* 0 if the kernel has no MTE. */
static uint64_t tag_control(void) {
    uint64_t value = 0;
    struct linux_iovec word = {&value, sizeof(value)};
    return trace(PTRACE_GETREGSET, NT_ARM_TAGGED_ADDR_CTRL, &word) < 0 ? 0 : value;
}

static long read_memory(uint64_t address, void* to, uint64_t bytes) {
    const struct linux_iovec local = {to, bytes};
    const struct linux_iovec remote = {(const void*)address, bytes};
    return system_call(SYS_process_vm_readv, tracee, (long)&local, 1, (long)&remote, 1, 0);
}

static uint64_t word_at(uint64_t address) {
    uint64_t value = 0;
    if (read_memory(address, &value, sizeof(value)) != sizeof(value))
        give_up("cannot read the memory of the program, process", tracee);
    return value;
}

static uint32_t instruction_at(uint64_t address) {
    uint32_t value = 0;
    if (read_memory(address, &value, sizeof(value)) != sizeof(value))
        give_up("cannot read the code of the program, process", tracee);
    return value;
}

/* A file of /proc/PID; negative if there is none. */
static long open_of_process(const char* name) {
    char path[64];
    unsigned at = sizeof(path);
    uint64_t length = 0;
    while (name[length] != 0) ++length;
    for (uint64_t i = length + 1; i-- > 0;) path[--at] = name[i];
    path[--at] = '/';
    for (long rest = tracee; rest != 0; rest /= 10) path[--at] = (char)('0' + rest % 10);
    for (const char *start = "/proc/", *c = start + 6; c-- > start;) path[--at] = *c;
    return system_call(SYS_openat, AT_FDCWD, (long)(path + at), O_RDONLY, 0, 0, 0);
}

/* Where the program headers are in memory. */
static uint64_t program_headers(int launched) {
    uint64_t pair[2] = {1, 0};
    if (launched) { /* the stack has arguments, environment and auxiliary vector, as at its start */
        uint64_t at = registers().sp;
        at += 8 * (word_at(at) + 2);
        while (word_at(at) != 0) at += 8;
        for (at += 8; word_at(at) != AT_NULL; at += 16) {
            if (word_at(at) == AT_PHDR) return word_at(at + 8);
        }
        return 0;
    }
    const long auxv = open_of_process("auxv");
    need(auxv, "cannot read auxv of the process in /proc: error");
    while (pair[0] != AT_NULL && system_call(SYS_read, auxv, (long)pair, sizeof(pair), 0, 0, 0) == sizeof(pair)) {
        if (pair[0] == AT_PHDR) break;
    }
    system_call(SYS_close, auxv, 0, 0, 0, 0, 0);
    return pair[0] == AT_PHDR ? pair[1] : 0;
}

/* What is to be added to addresses of the program's file: something for one that can be loaded anywhere (ET_DYN). */
static uint64_t load_address(int launched) {
    const uint64_t start = program_headers(launched) & ~0xfffull;
    if ((word_at(start) & 0xffffffff) != 0x464c457f)
        give_up("cannot tell where the program is loaded, process", tracee);
    return (word_at(start + 16) & 0xffff) == 3 ? start : 0;
}

static void launch(const char* const* program, const char* const* environment) {
    tracee = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    need(tracee, "cannot start a process: error");
    if (tracee == 0) {
        system_call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0, 0, 0);
        const long error = system_call(SYS_execve, (long)program[0], (long)program, (long)environment, 0, 0, 0);
        give_up("cannot run the program: error", -error);
    }
    if ((wait_for() & 0xff) != 0x7f) leave(2); /* it has said why */
    need(trace(PTRACE_SETOPTIONS, 0, (void*)PTRACE_O_EXITKILL), "cannot trace the program: error");
}

static void write_code(uint64_t address, uint32_t op) {
    uint64_t word = word_at(address & ~7ull);
    const unsigned shift = (address & 4) != 0 ? 32 : 0;
    word = (word & ~(0xffffffffull << shift)) | (uint64_t)op << shift;
    need(trace(PTRACE_POKEDATA, (long)(address & ~7ull), (void*)word), "cannot write a breakpoint: error");
}

static void run_to(uint64_t address) {
    const uint32_t op = instruction_at(address);
    long signal = 0;
    write_code(address, BREAKPOINT);
    for (;;) {
        need(trace(PTRACE_CONT, 0, (void*)signal), "cannot run the program: error");
        signal = wait_for_stop();
        if (signal == SIGTRAP && registers().pc == address) break;
    }
    write_code(address, op);
}

/* ----------------------------------------------------------------------------------------------------------- tags */

/* The tags of a mapping, if it has some. */
static uint64_t record_mapping(uint64_t start, uint64_t end, uint64_t most_pages) {
    static uint8_t tags[GRANULES_OF_PAGE];
    uint64_t pages = 0;
    for (; start < end && pages < most_pages; start += 16 * GRANULES_OF_PAGE, ++pages) {
        struct linux_iovec into = {tags, sizeof(tags)};
        if (trace(PTRACE_PEEKMTETAGS, (long)start, &into) < 0 || into.bytes == 0) break;
        write_trace_tags(start, tags, into.bytes < sizeof(tags) ? into.bytes : sizeof(tags));
    }
    return pages;
}

/* Lines of /proc/PID/maps begin with START-END, hexadecimal. */
static void record_tags(void) {
    static uint8_t text[4096];
    const long maps = open_of_process("maps");
    uint64_t left = MOST_PAGES;
    uint64_t value[2] = {0, 0};
    unsigned field = 0; /* START, END, the rest of the line */
    need(maps, "cannot read the maps of the program in /proc: error");
    for (;;) {
        const long count = system_call(SYS_read, maps, (long)text, sizeof(text), 0, 0, 0);
        if (count == -EINTR) continue;
        if (count <= 0) break;
        for (long i = 0; i < count; ++i) {
            const uint8_t c = text[i];
            if (c == '\n') {
                left -= record_mapping(value[0], value[1], left);
                value[0] = value[1] = field = 0;
            } else if (field < 2 && (c == '-' || c == ' ')) {
                ++field;
            } else if (field < 2) {
                value[field] = value[field] << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
            }
        }
    }
    system_call(SYS_close, maps, 0, 0, 0, 0, 0);
}

/* System calls after which other pages have tags: brk, munmap, mremap, mmap, mprotect, madvise. */
static int changes_mappings(uint64_t call) {
    return call == 214 || call == 215 || call == 216 || call == 222 || call == 226 || call == 233;
}

/* ---------------------------------------------------------------------------------------------------------- steps */

static void record(const struct request* request, uint64_t end) {
    struct linux_registers before = registers();
    uint64_t control = tag_control();
    long signal = 0;
    int all = 1;
    int after_call = 0;
    open_trace(request->out);
    write_trace_header(&hello, control);
    record_tags();
    for (uint64_t done = 0; done < request->limit && before.pc != end; ++done) {
        const uint32_t op = instruction_at(before.pc);
        union linux_whole_siginfo signal_information = {.all = {0}};
        const struct linux_siginfo* const info = &signal_information.info;
        need(trace(PTRACE_SINGLESTEP, 0, (void*)signal), "cannot step: error");
        const int stop = wait_for_stop();
        trace(PTRACE_GETSIGINFO, 0, &signal_information);
        const struct linux_registers after = registers();
        const int call = is_call(op);
        if (stop == SIGTRAP && (info->code == TRAP_TRACE || (call && info->code == SI_USER))) {
            /* The kernel reports a step behind a system call and then, before the next instruction, another one. */
            if (!after_call || after.pc != before.pc) {
                const uint64_t now = call ? tag_control() : control;
                write_trace_step(&before, op, &after, all, now == control ? ~0ull : now, 0);
                control = now;
                if (call && changes_mappings(before.x[8])) record_tags();
                all = 0;
            }
            after_call = call;
            signal = 0;
        } else if (stop == SIGTRAP && info->code == SIGTRAP) { /* at the start of a handler */
            all = 1;
            signal = 0;
        } else {
            if (stop == SIGSEGV && info->code == SEGV_MTESERR) {
                write_trace_step(&before, op, 0, all, ~0ull, info->address);
            } else {
                write_trace_signal();
            }
            all = 1;
            signal = stop;
        }
        before = after;
    }
    close_trace();
    if (before.pc != end) say("mte-agent step: the limit was reached\n");
    need(trace(PTRACE_DETACH, 0, (void*)signal), "cannot let the program go on: error");
}

void step(const uint64_t* stack) {
    const char* const* const words = (const char* const*)(stack + 1);
    const struct request request = read_request(words + 2);
    set_up(&hello, stack);
    if (hello.failed != 0) give_up("cannot look at this machine: error", hello.failed);
    if (request.program != 0) {
        launch(request.program, words + stack[0] + 1);
    } else {
        tracee = request.pid;
        need(trace(PTRACE_ATTACH, 0, 0), "cannot attach to the process: error");
        if (wait_for_stop() != SIGSTOP) give_up("the process does not stop:", tracee);
    }
    const uint64_t base = load_address(request.program != 0);
    run_to(base + request.from);
    record(&request, base + request.to);
    if (request.program == 0) leave(0);
    leave_like(wait_for());
}
