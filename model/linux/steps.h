/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vocabulary of ABI programs: short lists of system calls, tag instructions and accesses on a playground of eight
 * pages. Plain C, because the program that runs them on a target includes it, too: this is the only place that knows
 * the numbers.
 *
 * A program begins in a new process with nothing mapped in the playground, the control word and PSTATE.TCO 0, SIGSEGV
 * not blocked and with its default action. After `fork` the child runs the rest of the program to its end, then the
 * parent does; after `thread` the new thread does, then the first one; after `exec` the new image does.
 */
#ifndef MTECHECK_MODEL_LINUX_STEPS_H
#define MTECHECK_MODEL_LINUX_STEPS_H

#include <stdint.h>

#define ABI_PLAYGROUND_VA 0x140000000ull
#define ABI_PAGES 8
#define ABI_PAGE_BYTES 4096
#define ABI_GRANULES 256 /* of a page */
#define ABI_FILE_PAGES 4 /* of the memfd that `mmap` maps */
#define ABI_MAX_STEPS 24
#define ABI_MAX_TAGS 16 /* that one step of ptrace or of a core dump tells */
#define ABI_ARGS 4

/*
 * X(name, argument names). `top` is bits 63:56 of the address that is passed; `page` and `granule` say where.
 * What a step tells, if no signal comes instead: `value`, and with ptrace and core dumps `extra`.
 */
#define ABI_STEPS(X)                                                                                                   \
    /* prctl(PR_SET_TAGGED_ADDR_CTRL, flags, arg3, arg4, arg5): its result */                                          \
    X(set_ctrl, flags, arg3, arg4, arg5)                                                                               \
    /* prctl(PR_GET_TAGGED_ADDR_CTRL, arg2, arg3, arg4, arg5): its result */                                           \
    X(get_ctrl, arg2, arg3, arg4, arg5)                                                                                \
    /* IRG with Xm = exclude: the tag */                                                                               \
    X(irg, exclude, none, none, none)                                                                                  \
    /* mmap(MAP_FIXED): 0 or its error; a file is mapped from its page 0 */                                            \
    X(mmap, page, count, prot, kind)                                                                                   \
    X(mprotect, page, count, prot, top)                                                                                \
    X(munmap, page, count, none, none)                                                                                 \
    /* one page, to `to` */                                                                                            \
    X(mremap, page, to, top, none)                                                                                     \
    X(madvise, page, count, advice, top)                                                                               \
    /* the tag instructions, and LDR and STR of 8 bytes */                                                             \
    X(stg, page, granule, top, none)                                                                                   \
    X(st2g, page, granule, top, none)                                                                                  \
    X(stzg, page, granule, top, none)                                                                                  \
    X(ldg, page, granule, none, none)                                                                                  \
    X(load, page, granule, top, none)                                                                                  \
    X(store, page, granule, top, value)                                                                                \
    /* PSTATE.TCO */                                                                                                   \
    X(set_tco, bit, none, none, none)                                                                                  \
    X(get_tco, none, none, none, none)                                                                                 \
    /* sigaction(SIGSEGV) */                                                                                           \
    X(handler, action, behaviour, none, none)                                                                          \
    /* sigprocmask(SIGSEGV) */                                                                                         \
    X(sigmask, blocked, none, none, none)                                                                              \
    /* write() of 8 bytes from there to a pipe, read() of 8 bytes from a pipe to there: the result */                  \
    X(write, page, granule, top, none)                                                                                 \
    X(read, page, granule, top, value)                                                                                 \
    /* The signal that ended the child, or 0; in the child 0 */                                                        \
    X(fork, none, none, none, none)                                                                                    \
    X(thread, none, none, none, none)                                                                                  \
    X(exec, none, none, none, none)                                                                                    \
    /* On a stopped child, made for the step: the result; extra: iov_len, tags in bits 4n+3:4n */                      \
    X(peek, page, granule, count, none)                                                                                \
    /* PTRACE_POKEMTETAGS, and its result, then PTRACE_PEEKMTETAGS of the same range */                                \
    X(poke, page, granule, count, tags)                                                                                \
    /* NT_ARM_TAGGED_ADDR_CTRL of a stopped child: the result; extra: the value, after `set_regset` read back */       \
    X(get_regset, none, none, none, none)                                                                              \
    X(set_regset, flags, none, none, none)                                                                             \
    /* The core dump of a child: 1 if it has tags for the page; extra: of its first granules */                        \
    X(core, page, none, none, none)                                                                                    \
    /* Writes mte_tcf_preferred of the CPU, and sleeps, so that the thread is switched to anew: 0 or the error */      \
    X(prefer, mode, none, none, none)                                                                                  \
    /* getpid(): enters the kernel, no more */                                                                         \
    X(enter, none, none, none, none)

enum abi_op {
#define ABI_OP(name, a, b, c, d) ABI_##name,
    ABI_STEPS(ABI_OP)
#undef ABI_OP
        ABI_OP_COUNT
};

/* `prot` is that of Linux. `kind` of a mapping: */
enum { ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_SHARED, ABI_MEMFD_SHARED, ABI_MEMFD_PRIVATE, ABI_DEV_ZERO, ABI_KINDS };

/* `action` for SIGSEGV, and `behaviour` of a handler, a mask. At a synchronous fault it always goes on behind the
 * instruction. */
enum { ABI_DEFAULT, ABI_IGNORE, ABI_HANDLE, ABI_ACTIONS };
enum {
    ABI_EXPOSE_TAGBITS = 1, /* SA_EXPOSE_TAGBITS */
    ABI_SETS_TCO = 2,       /* at a synchronous fault the handler sets PSTATE.TCO for itself */
    ABI_FLIPS_TCO = 4,      /* ... and inverts it in the frame, which is what sigreturn() gives back */
    ABI_BEHAVIOURS = 8
};

/* `mode` that the CPU prefers: */
enum { ABI_PREFER_ASYNC, ABI_PREFER_SYNC, ABI_PREFER_ASYMM, ABI_PREFERENCES };

#ifdef __cplusplus
namespace mtecheck::model::linux_abi {
using std::uint32_t;
using std::uint64_t;
#endif

struct abi_step {
    uint32_t op;
    uint32_t reserved;
    uint64_t args[ABI_ARGS];
};

#ifdef __cplusplus
} // namespace mtecheck::model::linux_abi
#endif
#endif
