/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent uses of Linux's ABI on arm64: system calls, prctl, signals and the auxiliary vector. There is no C
 * library: the same static binary has to run on any kernel.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_AGENT_LINUX_H
#define MTECHECK_DIFFTEST_LINUX_AGENT_LINUX_H

#include <stdint.h>

enum {
    SYS_dup3 = 24,
    SYS_mkdirat = 34,
    SYS_unlinkat = 35,
    SYS_mount = 40,
    SYS_ftruncate = 46,
    SYS_chdir = 49,
    SYS_openat = 56,
    SYS_close = 57,
    SYS_pipe2 = 59,
    SYS_getdents64 = 61,
    SYS_read = 63,
    SYS_write = 64,
    SYS_pread64 = 67,
    SYS_exit_group = 94,
    SYS_nanosleep = 101,
    SYS_setitimer = 103,
    SYS_sched_setaffinity = 122,
    SYS_sched_yield = 124,
    SYS_kill = 129,
    SYS_sigaltstack = 132,
    SYS_rt_sigaction = 134,
    SYS_rt_sigprocmask = 135,
    SYS_uname = 160,
    SYS_getrusage = 165,
    SYS_prctl = 167,
    SYS_getcpu = 168,
    SYS_getpid = 172,
    SYS_munmap = 215,
    SYS_mremap = 216,
    SYS_mmap = 222,
    SYS_mprotect = 226,
    SYS_madvise = 233,
    SYS_prlimit64 = 261,
    SYS_finit_module = 273,
    SYS_memfd_create = 279,
};

static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

enum { ENOENT = 2, EINTR = 4, EACCES = 13, EEXIST = 17, EROFS = 30 };
enum {
    AT_FDCWD = -100,
    AT_REMOVEDIR = 0x200,
    O_RDONLY = 0,
    O_WRONLY = 1,
    O_RDWR = 2,
    O_NOCTTY = 0x100,
    O_DIRECTORY = 0x4000
};
enum { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2 };
enum {
    CLONE_VM = 0x100,
    CLONE_FS = 0x200,
    CLONE_FILES = 0x400,
    CLONE_SIGHAND = 0x800,
    CLONE_THREAD = 0x10000,
    CLONE_SYSVSEM = 0x40000
};
enum { RLIMIT_CORE = 4 };
enum { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, PROT_MTE = 0x20 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20 };

enum { PR_SET_TAGGED_ADDR_CTRL = 55, PR_GET_TAGGED_ADDR_CTRL = 56 };
enum { PR_TAGGED_ADDR_ENABLE = 1, PR_MTE_TCF_SYNC = 2, PR_MTE_TCF_ASYNC = 4, PR_MTE_TAG_SHIFT = 3 };

enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGSEGV = 11 };
enum { SEGV_MTEAERR = 8 };
#define SA_SIGINFO 0x4ul
#define SA_EXPOSE_TAGBITS 0x800ul
#define SA_RESTORER 0x04000000ul
#define SA_ONSTACK 0x08000000ul
#define SA_NODEFER 0x40000000ul

struct linux_timespec {
    int64_t seconds, nanoseconds;
};

enum { RUSAGE_THREAD = 1 };

struct linux_rusage {
    int64_t others[16];
    int64_t voluntary_switches, involuntary_switches;
};

struct linux_utsname {
    char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

struct linux_sigaction {
    void* handler;
    unsigned long flags;
    void* restorer;
    uint64_t mask;
};

struct linux_stack {
    void* sp;
    int32_t flags;
    uint64_t size;
};

struct linux_siginfo {
    int32_t signo;
    int32_t error;
    int32_t code;
    uint64_t address;
};

#define FPSIMD_MAGIC 0x46508001u

struct linux_context_head {
    uint32_t magic;
    uint32_t size;
};

struct linux_fpsimd_context {
    struct linux_context_head head;
    uint32_t fpsr;
    uint32_t fpcr;
    uint64_t v[32][2];
};

struct linux_ucontext {
    uint64_t flags;
    void* link;
    struct linux_stack stack;
    uint64_t mask[16];
    uint64_t fault_address __attribute__((aligned(16)));
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
    uint8_t contexts[4096] __attribute__((aligned(16)));
};

enum { AT_NULL = 0, AT_PAGESZ = 6, AT_HWCAP = 16, AT_HWCAP2 = 26, AT_HWCAP3 = 29 };
#define HWCAP_CPUID (1ul << 11)
#define HWCAP2_MTE (1ul << 18)

#endif
