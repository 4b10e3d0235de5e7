/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's transport: `agent shm MEMORY BELL ANSWER`, the numbers of inherited file descriptors. MEMORY is mapped
 * (agent_control and the batch areas); a byte from BELL says that a batch is there, a byte to ANSWER that it is done.
 */
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"

#define CONTROL ((volatile struct agent_control*)AGENT_SHARED_VA)

void agent_main(const uint64_t* stack);
void* memset(void* to, int value, size_t bytes);

/* The compiler calls it, whatever the program stands on. */
void* memset(void* to, int value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) ((uint8_t*)to)[i] = (uint8_t)value;
    return to;
}

void leave(long status) {
    for (;;) system_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

void agent_fault(int32_t signal, uint64_t pc, uint64_t address) {
    CONTROL->fault_pc = pc;
    CONTROL->fault_address = address;
    CONTROL->fault = (uint32_t)signal;
    leave(1);
}

/* The number that a word of the command line stands for; -1 if it is none. */
static long number_of(const char* word) {
    long value = 0;
    if (*word == 0) return -1;
    for (; *word != 0; ++word) {
        if (*word < '0' || *word > '9' || value > 1000000) return -1;
        value = value * 10 + (*word - '0');
    }
    return value;
}

static int same(const char* a, const char* b) {
    while (*a != 0 && *a == *b) ++a, ++b;
    return *a == *b;
}

static long one_byte(long operation, long descriptor) {
    static uint8_t byte;
    return system_call(operation, descriptor, (long)&byte, 1, 0, 0, 0);
}

void agent_main(const uint64_t* stack) {
    const uint64_t arguments = stack[0];
    const char* const* const words = (const char* const*)(stack + 1);
    if (arguments != 5 || !same(words[1], "shm")) leave(2);
    const long memory = number_of(words[2]);
    const long bell = number_of(words[3]);
    const long answer = number_of(words[4]);
    if (memory < 0 || bell < 0 || answer < 0) leave(2);
    const long mapped = system_call(SYS_mmap, AGENT_SHARED_VA, AGENT_SHARED_BYTES, PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_FIXED, memory, 0);
    if (mapped != AGENT_SHARED_VA) leave(3);

    struct agent_hello* const hello = (struct agent_hello*)&CONTROL->hello;
    set_up(hello, stack);
    one_byte(SYS_write, answer);
    if (hello->failed != 0) leave(4);
    for (;;) {
        if (one_byte(SYS_read, bell) != 1) leave(0);
        const uint32_t command = CONTROL->command;
        uint8_t* const batch = (uint8_t*)(AGENT_SHARED_VA + CONTROL->batch_offset);
        if (!run_batch(batch, CONTROL->batch_bytes, command, &CONTROL->progress)) leave(5);
        CONTROL->done = command;
        __asm__ volatile("dmb ish" ::: "memory");
        one_byte(SYS_write, answer);
    }
}
