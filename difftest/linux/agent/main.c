/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's transports.
 *
 * `agent shm MEMORY BELL ANSWER`, the numbers of inherited file descriptors: MEMORY is mapped (agent_control and the
 * batch areas); a byte from BELL says that a batch is there, a byte to ANSWER that it is done.
 *
 * `agent`: frames, and as the first process of a guest through its port (init.c). A batch comes through standard input;
 * its results go to standard output in pieces, in order, so that what a connection that dies has passed on is not lost.
 *
 * `agent abi` runs ABI programs instead (abi_serve.c).
 *
 * `agent step` is no transport: it records a trace of another program (step.c).
 *
 * No variable has an initial value other than 0, which would be a segment of 64 KB in the file.
 */
#include "difftest/linux/agent/abi.h"
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/ptrace.h"
#include "difftest/linux/agent/step.h"
#include "difftest/linux/echo_wire.h"

#define CONTROL ((volatile struct agent_control*)AGENT_SHARED_VA)

void agent_main(const uint64_t* stack);
void* memset(void* to, int value, size_t bytes);
void* memcpy(void* to, const void* from, size_t bytes);

/* The compiler calls these, whatever the program stands on. */
void* memset(void* to, int value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) ((uint8_t*)to)[i] = (uint8_t)value;
    return to;
}

void* memcpy(void* to, const void* from, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) ((uint8_t*)to)[i] = ((const uint8_t*)from)[i];
    return to;
}

void transfer_all(long operation, long descriptor, void* data, uint64_t bytes) {
    uint8_t* at = data;
    while (bytes != 0) {
        const long done = system_call(operation, descriptor, (long)at, (long)bytes, 0, 0, 0);
        if (done == -EINTR) continue;
        if (done <= 0) leave(0);
        at += done;
        bytes -= (uint64_t)done;
    }
}

void leave(long status) {
    for (;;) system_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

/* A program with nothing of what set_up() did. */
static void become_abi_agent(const char* name) {
    const char* const words[] = {name, "abi", 0};
    static const char* const no_environment[1];
    system_call(SYS_execve, (long)name, (long)words, (long)no_environment, 0, 0, 0);
    leave(5);
}

/* ---------------------------------------------------------------------------------------------------------- frames */

static uint8_t* framed_batch; /* that runs; null: there is no framed transport, or no batch */
static uint32_t framed_command, framed_each;
static uint64_t sent_bytes; /* of its results */
static int framed;
/* Results wait until they are so many bytes. */
#define RESULTS_AT_ONCE 0x10000u

static void send_frame(uint32_t kind, uint32_t states, uint64_t offset, void* data, uint64_t bytes) {
    struct agent_frame frame = {WIRE_MAGIC, kind, framed_command, states, offset, bytes};
    transfer_all(SYS_write, STANDARD_OUTPUT, &frame, sizeof(frame));
    transfer_all(SYS_write, STANDARD_OUTPUT, data, bytes);
}

static void send_results(const uint8_t* end, uint32_t states) {
    const uint64_t ready = (uint64_t)(end - framed_batch);
    if (ready == sent_bytes) return;
    send_frame(AGENT_FRAME_RESULT, states, sent_bytes, framed_batch + sent_bytes, ready - sent_bytes);
    sent_bytes = ready;
}

void states_ran(const uint8_t* end, uint32_t states) {
    if (framed_batch == 0) return;
    if (framed_each || (uint64_t)(end - framed_batch) - sent_bytes >= RESULTS_AT_ONCE) send_results(end, states);
}

void stay_on_this_cpu(void) {
    uint32_t cpu = 0;
    uint64_t mask[16] = {0};
    if (system_call(SYS_getcpu, (long)&cpu, 0, 0, 0, 0, 0) != 0 || cpu >= 64 * sizeof(mask) / sizeof(mask[0])) return;
    mask[cpu / 64] = 1ull << cpu % 64;
    system_call(SYS_sched_setaffinity, 0, sizeof(mask), (long)mask, 0, 0, 0);
}

static void serve_frames(const uint64_t* stack) {
    static struct agent_greeting greeting;
    static volatile uint32_t progress;
    framed = 1;
    if (system_call(SYS_getpid, 0, 0, 0, 0, 0, 0) == 1) become_init();
    stay_on_this_cpu();
    set_up(&greeting.hello, stack);
    for (unsigned i = 0; i < sizeof(greeting.every_byte); ++i) greeting.every_byte[i] = (uint8_t)i;
    send_frame(AGENT_FRAME_HELLO, 0, 0, &greeting, sizeof(greeting));
    if (greeting.hello.failed != 0) leave(4);
    uint8_t* const area = (uint8_t*)AGENT_SHARED_VA;
    const long mapped = system_call(SYS_mmap, AGENT_SHARED_VA, AGENT_BATCH_BYTES, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (mapped != AGENT_SHARED_VA) leave(3);
    for (;;) {
        struct agent_frame frame;
        transfer_all(SYS_read, STANDARD_INPUT, &frame, sizeof(frame));
        if (frame.magic == WIRE_MAGIC && frame.kind == AGENT_FRAME_HELLO && frame.bytes == 0) {
            send_frame(AGENT_FRAME_HELLO, 0, 0, &greeting, sizeof(greeting));
            continue;
        }
        if (frame.magic == WIRE_MAGIC && frame.kind == AGENT_FRAME_ECHO && frame.bytes == AGENT_ECHO_BYTES) {
            transfer_all(SYS_read, STANDARD_INPUT, area, frame.bytes);
            send_frame(AGENT_FRAME_ECHOED, 0, 0, area, frame.bytes);
            continue;
        }
        if (frame.magic == WIRE_MAGIC && frame.kind == AGENT_FRAME_ABI && frame.bytes == 0)
            become_abi_agent((const char*)stack[1]);
        if (frame.magic != WIRE_MAGIC || frame.kind != AGENT_FRAME_BATCH || frame.bytes > AGENT_BATCH_BYTES) {
            send_frame(AGENT_FRAME_REFUSED, 0, 0, &frame, sizeof(frame));
            leave(5);
        }
        transfer_all(SYS_read, STANDARD_INPUT, area, frame.bytes);
        framed_batch = area;
        framed_command = frame.command;
        framed_each = frame.states;
        sent_bytes = 0;
        progress = 0;
        if (!run_batch(area, frame.bytes, frame.command, &progress)) leave(5);
        send_results(area + frame.bytes, progress + 1);
        framed_batch = 0;
    }
}

/* ---------------------------------------------------------------------------------------------------- shared memory */

void report_fault(int32_t signal, uint64_t pc, uint64_t address) {
    if (framed) {
        struct agent_fault fault = {(uint64_t)signal, pc, address};
        send_frame(AGENT_FRAME_FAULT, 0, 0, &fault, sizeof(fault));
    } else {
        CONTROL->fault_pc = pc;
        CONTROL->fault_address = address;
        CONTROL->fault = (uint32_t)signal;
    }
    leave(1);
}

long number_of(const char* word) {
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

static void serve_shared_memory(const uint64_t* stack, long memory, long bell, long answer) {
    const long mapped = system_call(SYS_mmap, AGENT_SHARED_VA, AGENT_SHARED_BYTES, PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_FIXED, memory, 0);
    if (mapped != AGENT_SHARED_VA) leave(3);

    struct agent_hello* const hello = (struct agent_hello*)&CONTROL->hello;
    set_up(hello, stack);
    one_byte(SYS_write, answer);
    if (hello->failed != 0) leave(4);
    for (uint32_t command = 1;; ++command) {
        if (one_byte(SYS_read, bell) != 1) leave(0);
        uint8_t* const batch = (uint8_t*)(AGENT_SHARED_VA + CONTROL->queue.batches[command % 2].at);
        wire_begin(&CONTROL->queue, command);
        if (!run_batch(batch, CONTROL->queue.batches[command % 2].bytes, command, &CONTROL->queue.progress)) leave(5);
        CONTROL->queue.done = command;
        __asm__ volatile("dmb ish" ::: "memory");
        one_byte(SYS_write, answer);
    }
}

void agent_main(const uint64_t* stack) {
    const uint64_t arguments = stack[0];
    const char* const* const words = (const char* const*)(stack + 1);
    if (arguments <= 1) serve_frames(stack);
    if (same(words[1], "step")) step(stack);
    if (same(words[1], "abi")) serve_abi(stack);
    if (same(words[1], "abi-exec") && arguments == 5) continue_abi(stack);
    if (arguments != 5 || !same(words[1], "shm")) leave(2);
    const long memory = number_of(words[2]);
    const long bell = number_of(words[3]);
    const long answer = number_of(words[4]);
    if (memory < 0 || bell < 0 || answer < 0) leave(2);
    serve_shared_memory(stack, memory, bell, answer);
}
