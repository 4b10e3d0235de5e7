/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recorder (step.c) and ABI programs use of Linux's ABI beyond linux.h: ptrace on arm64, and what its register
 * sets hold.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_AGENT_PTRACE_H
#define MTECHECK_DIFFTEST_LINUX_AGENT_PTRACE_H

#include "difftest/linux/agent/linux.h"

enum {
    SYS_pwrite64 = 68,
    SYS_ptrace = 117,
    SYS_clone = 220,
    SYS_execve = 221,
    SYS_wait4 = 260,
    SYS_process_vm_readv = 270,
};

enum {
    PTRACE_TRACEME = 0,
    PTRACE_POKEDATA = 5,
    PTRACE_CONT = 7,
    PTRACE_SINGLESTEP = 9,
    PTRACE_ATTACH = 16,
    PTRACE_DETACH = 17,
    PTRACE_PEEKMTETAGS = 33,
    PTRACE_POKEMTETAGS = 34,
    PTRACE_SETOPTIONS = 0x4200,
    PTRACE_GETSIGINFO = 0x4202,
    PTRACE_GETREGSET = 0x4204,
    PTRACE_SETREGSET = 0x4205,
};
enum { PTRACE_O_EXITKILL = 0x100000 };
enum { NT_PRSTATUS = 1, NT_ARM_TAGGED_ADDR_CTRL = 0x409 };
enum { O_CREAT = 0x40, O_TRUNC = 0x200 };
enum { SIGHUP = 1, SIGINT = 2, SIGTERM = 15, SIGCHLD = 17, SIGSTOP = 19 };
/* si_code of SIGTRAP is TRAP_TRACE after a step, SI_USER after one over a system call, and SIGTRAP in front of a signal
 * handler. */
enum { SEGV_MTESERR = 9, TRAP_TRACE = 2, SI_USER = 0 };
enum { AT_PHDR = 3 };

#define PSTATE_SS (1ull << 21)

struct linux_registers {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
};

/* As much as PTRACE_GETSIGINFO writes. */
union linux_whole_siginfo {
    struct linux_siginfo info;
    uint8_t all[128];
};

struct linux_iovec {
    const void* base;
    uint64_t bytes;
};

#endif
