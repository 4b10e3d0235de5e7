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
    remove_breakpoint();
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
    const long maps = open_of_process("maps", O_RDONLY);
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
        need_one_thread();
    }
    const uint64_t base = load_address(request.program != 0);
    run_to(base + request.from);
    record(&request, base + request.to);
    if (request.program == 0) leave(0);
    leave_like(wait_for());
}
