/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording what a program does between two of its addresses, one instruction at a time (`mte-agent step`), and the
 * trace that it becomes: JSON Lines of mtecheck-trace/1, for `mtecheck trace`.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_AGENT_STEP_H
#define MTECHECK_DIFFTEST_LINUX_AGENT_STEP_H

#include "difftest/linux/agent/ptrace.h"
#include "difftest/linux/wire.h"

/* `stack` is that of the program's start. */
__attribute__((noreturn)) void step(const uint64_t* stack);

static inline int is_call(uint32_t op) { return (op & 0xffe0001fu) == 0xd4000001u; } /* SVC */

/* A line to standard error, and the end. */
__attribute__((noreturn)) void give_up(const char* what, long number);

/* ---------------------------------------------------------------------------------------- the program (tracee.c) */

extern long tracee; /* its process */

long trace(long what, long address, void* data);
/* Gives up if the result is an error. */
void need(long result, const char* what);
void launch(const char* const* program, const char* const* environment);
/* What is to be added to addresses of the program's file: something for one that can be loaded anywhere (ET_DYN). */
uint64_t load_address(int launched);
/* By way of a breakpoint, which is gone however it ends, but for SIGKILL. */
void run_to(uint64_t address);
int32_t wait_for(void);
/* How it stopped: the signal. If it ended this ends, too, with what was recorded up to there. */
int wait_for_stop(void);
/* How the program ended becomes how this ends, as a shell tells it. */
__attribute__((noreturn)) void leave_like(int32_t status);
struct linux_registers registers(void);
/* 0 if the kernel has no MTE. */
uint64_t tag_control(void);
uint32_t instruction_at(uint64_t address);
/* A file of /proc/PID, for O_RDONLY or O_RDWR; negative if there is none. */
long open_of_process(const char* name, int mode);
/* Gives up if the process has several: a breakpoint is for all of them, and only one is traced. */
void need_one_thread(void);
/* Nothing if there is none. */
void remove_breakpoint(void);

/* ------------------------------------------------------------------------------------- the trace (step_trace.c) */

void open_trace(const char* path);
/* False if none is open. */
int close_trace(void);
/* `control` is what NT_ARM_TAGGED_ADDR_CTRL holds. */
void write_trace_header(const struct agent_hello* hello, uint64_t control);
/* A record of the instruction `op` at before->pc, of which `after` is what came out; null: a Tag Check Fault at
 * `address`. With `all`, what was before it is told, too. `control`: if it has changed, otherwise ~0. */
void write_trace_step(const struct linux_registers* before, uint32_t op, const struct linux_registers* after, int all,
                      uint64_t control, uint64_t address);
/* What is no instruction's: a signal. */
void write_trace_signal(void);
/* Allocation tags of `count` granules from `va` on, one a byte. */
void write_trace_tags(uint64_t va, const uint8_t* tags, uint64_t count);

#endif
