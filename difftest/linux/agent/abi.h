/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the parts of the agent that run ABI programs. None of them has an opinion about MTE: they make system calls,
 * execute single instructions, and write down what came of it.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_AGENT_ABI_H
#define MTECHECK_DIFFTEST_LINUX_AGENT_ABI_H

#include "difftest/linux/abi_wire.h"

/* In memory that all processes share, also with what execve() makes of them. */
struct abi_shared {
    struct abi_request request;
    struct abi_response response;
};

/* Of one flow of control; TPIDR_EL0 points to it. */
struct abi_context {
    struct abi_flow* flow;
    uint32_t number; /* of the flow */
    uint32_t step;
    volatile uint32_t faulted; /* the handler went on behind the instruction of this step */
};

/* abi_steps.c */
/* What a process has before its first step: the memfd, /dev/zero, and a limit of time. */
void abi_prepare(void);
void abi_run_from(struct abi_context* context, const struct abi_request* request, uint32_t first);
/* How execve() starts this program: the words before its own name, that name, and the descriptor of abi_shared. */
void abi_set_image(const char* const* words, uint64_t count, const char* name, long descriptor);

/* abi_signals.c */
long abi_sigaction(uint64_t action, uint64_t behaviour);
void abi_expect_no_hang(void);

/* abi_preferred.c */
/* ABI_PREFER_...; -1: the kernel does not tell. */
int abi_preferred_mode(void);
int abi_preferred_is_writable(void);
/* 0 or an error. */
long abi_prefer(uint64_t mode);

/* abi_debug.c */
void abi_ptrace(const struct abi_step* step, struct abi_step_result* result);
void abi_core(const struct abi_step* step, struct abi_step_result* result);

/* abi_access.S: one instruction and a return each, between these labels. */
extern const char abi_accesses[], abi_accesses_end[];
uint64_t abi_ldr(uint64_t address);
uint64_t abi_str(uint64_t address, uint64_t value);
uint64_t abi_ldg(uint64_t address);
uint64_t abi_stg(uint64_t address);
uint64_t abi_st2g(uint64_t address);
uint64_t abi_stzg(uint64_t address);
/* A thread that calls `run(argument)` and exits. */
long abi_clone(uint64_t flags, void* stack_end, void (*run)(void*), void* argument);

static inline uint64_t abi_address(const struct abi_step* step, uint64_t top) {
    return (ABI_PLAYGROUND_VA + step->args[0] * ABI_PAGE_BYTES + step->args[1] * 16) | top << 56;
}

/* abi_serve.c: the agent's mode `abi`, and what execve() of a step starts. */
__attribute__((noreturn)) void serve_abi(const uint64_t* stack);
__attribute__((noreturn)) void continue_abi(const uint64_t* stack);

__attribute__((noreturn)) void leave(long status);

#endif
