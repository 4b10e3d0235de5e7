/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that is recorded, by way of ptrace: its start, its stops, its registers and memory.
 */
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/step.h"

#define BREAKPOINT 0xd4200000u /* brk #0 */

long tracee;

long trace(long what, long address, void* data) {
    return system_call(SYS_ptrace, what, tracee, address, (long)data, 0, 0);
}

void need(long result, const char* what) {
    if (result < 0) give_up(what, -result);
}

void leave_like(int32_t status) { leave((status & 0x7f) != 0 ? 128 + (status & 0x7f) : status >> 8 & 0xff); }

int32_t wait_for(void) {
    int32_t status = 0;
    long result;
    do result = system_call(SYS_wait4, tracee, (long)&status, 0, 0, 0, 0);
    while (result == -EINTR);
    need(result, "cannot wait for the program: error");
    return status;
}

int wait_for_stop(void) {
    const int32_t status = wait_for();
    if ((status & 0xff) == 0x7f) return status >> 8 & 0xff;
    if (!close_trace()) give_up("the program ended, and did not come to the address of from=: process", tracee);
    leave_like(status);
}

struct linux_registers registers(void) {
    struct linux_registers result;
    struct linux_iovec all = {&result, sizeof(result)};
    need(trace(PTRACE_GETREGSET, NT_PRSTATUS, &all), "cannot read registers: error");
    return result;
}

uint64_t tag_control(void) {
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

uint32_t instruction_at(uint64_t address) {
    uint32_t value = 0;
    if (read_memory(address, &value, sizeof(value)) != sizeof(value))
        give_up("cannot read the code of the program, process", tracee);
    return value;
}

long open_of_process(const char* name, int mode) {
    char path[64];
    unsigned at = sizeof(path);
    uint64_t length = 0;
    while (name[length] != 0) ++length;
    for (uint64_t i = length + 1; i-- > 0;) path[--at] = name[i];
    path[--at] = '/';
    for (long rest = tracee; rest != 0; rest /= 10) path[--at] = (char)('0' + rest % 10);
    for (const char *start = "/proc/", *c = start + 6; c-- > start;) path[--at] = *c;
    return system_call(SYS_openat, AT_FDCWD, (long)(path + at), mode, 0, 0, 0);
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
    const long auxv = open_of_process("auxv", O_RDONLY);
    need(auxv, "cannot read auxv of the process in /proc: error");
    while (pair[0] != AT_NULL && system_call(SYS_read, auxv, (long)pair, sizeof(pair), 0, 0, 0) == sizeof(pair)) {
        if (pair[0] == AT_PHDR) break;
    }
    system_call(SYS_close, auxv, 0, 0, 0, 0, 0);
    return pair[0] == AT_PHDR ? pair[1] : 0;
}

uint64_t load_address(int launched) {
    const uint64_t start = program_headers(launched) & ~0xfffull;
    if ((word_at(start) & 0xffffffff) != 0x464c457f)
        give_up("cannot tell where the program is loaded, process", tracee);
    return (word_at(start + 16) & 0xffff) == 3 ? start : 0;
}

void launch(const char* const* program, const char* const* environment) {
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

void need_one_thread(void) {
    static uint8_t entries[4096];
    const long directory = open_of_process("task", O_RDONLY);
    long threads = 0;
    long count;
    need(directory, "cannot list the threads of the process in /proc: error");
    while ((count = system_call(SYS_getdents64, directory, (long)entries, sizeof(entries), 0, 0, 0)) > 0) {
        for (long at = 0; at < count; at += entries[at + 16] | entries[at + 17] << 8)
            threads += entries[at + 19] != '.';
    }
    system_call(SYS_close, directory, 0, 0, 0, 0, 0);
    if (threads != 1)
        give_up("the breakpoint of from= would end another thread; only a process of one is attached to, threads:",
                threads);
}

/* The breakpoint, while there is one: the process must not keep it when this ends, for it would end there. */
static struct {
    long memory; /* /proc/PID/mem, which can be written to while the process runs */
    uint64_t address;
    uint32_t op;
    int set;
} breakpoint;

void remove_breakpoint(void) {
    if (!breakpoint.set) return;
    breakpoint.set = 0;
    system_call(SYS_pwrite64, breakpoint.memory, (long)&breakpoint.op, sizeof(breakpoint.op), (long)breakpoint.address,
                0, 0);
}

static void interrupted(int signal) {
    remove_breakpoint();
    leave(128 + signal);
}

static void on_interruption(void* handler) {
    const struct linux_sigaction action = {.handler = handler};
    const int signals[] = {SIGHUP, SIGINT, SIGTERM};
    for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); ++i)
        system_call(SYS_rt_sigaction, signals[i], (long)&action, 0, sizeof(action.mask), 0, 0);
}

void run_to(uint64_t address) {
    const uint32_t op = instruction_at(address);
    long signal = 0;
    breakpoint.memory = open_of_process("mem", O_RDWR);
    need(breakpoint.memory, "cannot open the memory of the process in /proc: error");
    breakpoint.address = address;
    breakpoint.op = op;
    on_interruption((void*)interrupted);
    breakpoint.set = 1;
    write_code(address, BREAKPOINT);
    for (;;) {
        need(trace(PTRACE_CONT, 0, (void*)signal), "cannot run the program: error");
        signal = wait_for_stop();
        if (signal == SIGTRAP && registers().pc == address) break;
    }
    write_code(address, op);
    breakpoint.set = 0;
    on_interruption(0);
    system_call(SYS_close, breakpoint.memory, 0, 0, 0, 0, 0);
}
