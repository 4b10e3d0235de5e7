/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the agent's transport (main.c) and what runs batches (cases.c).
 */
#ifndef MTECHECK_DIFFTEST_LINUX_AGENT_AGENT_H
#define MTECHECK_DIFFTEST_LINUX_AGENT_AGENT_H

#include "difftest/linux/wire.h"

/* Maps arena and code area, catches signals, and says in `hello` what there is; `stack` is that of the program's start.
 * Afterwards hello->failed tells whether batches can be run. */
void set_up(struct agent_hello* hello, const uint64_t* stack);

/* Runs a batch in its place; *progress is the index of the state that runs. False if it is no batch. */
int run_batch(uint8_t* batch, uint64_t bytes, uint32_t command, volatile uint32_t* progress);

/* The transport's: `states` of the batch have been run, and lie before `end`. */
void states_ran(const uint8_t* end, uint32_t states);

/* The transport's: a signal that is no case's. */
__attribute__((noreturn)) void report_fault(int32_t signal, uint64_t pc, uint64_t address);

__attribute__((noreturn)) void leave(long status);

/* Reads or writes all of it; the end of the other side is the end of this program. */
void transfer_all(long operation, long descriptor, void* data, uint64_t bytes);

enum { STANDARD_INPUT = 0, STANDARD_OUTPUT = 1 };

/* The first process of a guest gets standard input and output. */
void become_init(void);
/* One CPU of several kinds, and the same for as long as this lives. */
void stay_on_this_cpu(void);
/* The number that a word of the command line stands for; -1 if it is none. */
long number_of(const char* word);

#endif
