/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host and the agent agree on. The agent is a Linux program (difftest/linux/agent) that runs cases at EL0 as
 * a process can: the same binary under qemu-aarch64, in a guest, on hardware. Plain C; little endian on both sides.
 *
 * The protocol is blocks. The agent first says what it found (agent_hello). A request is a batch
 *
 *     agent_sequence  agent_state wire_window* wire_vectors?  agent_state ...  agent_sequence ...
 *
 * of which every sequence carries its code and is followed by its `state_count` states. The agent runs the states in
 * order and writes each result over the record that it came from: the answer is the batch, of the same length.
 *
 * The transport is another matter. On one machine it is memory that both sides map, with two batch areas behind the
 * control page (agent_control); for each batch a byte through a pipe each way says that it is there, or done, and the
 * next one may be there while one runs. Elsewhere it is frames through standard input and output (agent_frame). End of
 * file means that the host is gone: the agent exits.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_WIRE_H
#define MTECHECK_DIFFTEST_LINUX_WIRE_H

#include "difftest/core/layout.h"
#include "difftest/core/record.h"

#define AGENT_VERSION 3u

/* Addresses of the agent's own, in the gigabyte that no case may touch (ARENA_RELAY_VA). */
#define AGENT_IMAGE_VA 0x1c1000000
#define AGENT_SHARED_VA 0x1d0000000
#define AGENT_CODE_WRITE_VA 0x1e0000000 /* the code area again, writable */

/* Code slots: 64 bytes for the agent, of which the last instruction leads into the code, then the code and its end. */
#define AGENT_CODE_BYTES 0x800000
#define AGENT_SLOT_PROLOGUE 64

#define AGENT_MAX_CODE 32

/* Shared memory, by offset. */
#define AGENT_CONTROL_BYTES 0x1000
#define AGENT_BATCH_BYTES 0x400000 /* of each of two areas */
#define AGENT_SHARED_BYTES (AGENT_CONTROL_BYTES + 2 * AGENT_BATCH_BYTES)

/* Offsets of agent_state that the assembly part of the agent uses. */
#define AGENT_STATE_X 0
#define AGENT_STATE_X30 240 /* and SP_EL0 */
#define AGENT_STATE_SP 248
#define AGENT_STATE_PSTATE 336

/* agent_sequence.tcf: what to ask prctl(PR_SET_TAGGED_ADDR_CTRL) for. */
#define AGENT_TCF_NONE 0
#define AGENT_TCF_SYNC 1
#define AGENT_TCF_ASYNC 2

/* agent_state.signal: not run to its end, since the implementation does not have what the code asks for. */
#define AGENT_SIGNAL_UNSUPPORTED (-1)

#ifndef __ASSEMBLER__

#ifdef __cplusplus
namespace mtecheck::difftest {
using std::int32_t;
#endif

struct agent_sequence {
    uint32_t magic; /* WIRE_MAGIC */
    uint32_t state_count;
    uint32_t tcf;
    uint32_t instructions;
    uint64_t code_va; /* out: of the first instruction */
    uint32_t code[AGENT_MAX_CODE];
    uint64_t reserved;
};

struct agent_state {
    uint64_t x[31];
    uint64_t sp[4];      /* [0]; the others stay as they are */
    uint64_t gcr_el1;    /* in: Exclude */
    uint64_t rgsr_el1;   /* stays as it is */
    uint64_t tfsre0_el1; /* out: 1 if SEGV_MTEAERR was delivered; 0 next to another SIGSEGV */
    uint64_t tfsr[4];    /* stay as they are */
    uint64_t pstate;     /* NZCV and TCO, as in an SPSR; out: at the end, or that of the signal's frame */
    uint64_t pc;         /* out: that of the signal's frame */
    uint64_t si_addr;    /* out */
    int32_t signal;      /* out; 0: came to the end of the code */
    int32_t si_code;     /* out */
    uint32_t window_count;
    uint32_t has_vectors; /* 0 or 1 */
    uint64_t signature;   /* out, written last: wire_signature() */
};

/* What the agent found out before the first batch. */
struct agent_hello {
    uint32_t magic;
    uint32_t version;
    int32_t failed;    /* 0, or the error number of a system call without which it cannot run */
    int32_t failed_at; /* its number */
    uint64_t hwcap, hwcap2;
    uint32_t mte; /* 1: PROT_MTE and the tag check modes can be had */
    uint32_t page_bytes;
    uint64_t id[WIRE_ID_COUNT]; /* as the kernel shows them at EL0 */
    char release[72];           /* of the kernel, and its name of the machine, as uname tells them; 0 behind them */
    char machine[72];
};

/* A frame is this and `bytes` bytes. The agent says AGENT_FRAME_HELLO at its start, and again when it gets one. After
 * AGENT_FRAME_ABI it speaks what abi_wire.h says instead, as `agent abi` does; that of a guest has to be able to, since
 * a snapshot has it as it greeted. */
enum { AGENT_FRAME_HELLO = 1, AGENT_FRAME_BATCH, AGENT_FRAME_RESULT, AGENT_FRAME_FAULT, AGENT_FRAME_ABI };

struct agent_frame {
    uint32_t magic; /* WIRE_MAGIC */
    uint32_t kind;
    uint32_t command; /* number of the batch */
    uint32_t states;  /* AGENT_FRAME_RESULT: how many of the batch have been run; AGENT_FRAME_BATCH: 1: tell of each */
    uint64_t offset;  /* AGENT_FRAME_RESULT: where in the batch its bytes go */
    uint64_t bytes;
};

/* What follows AGENT_FRAME_HELLO: every value of a byte, since not every connection passes on all, and the hello. */
struct agent_greeting {
    uint8_t every_byte[256];
    struct agent_hello hello;
};

/* What follows AGENT_FRAME_FAULT: a signal that was the agent's own; then it exits. */
struct agent_fault {
    uint64_t signal, pc, address;
};

/* At AGENT_SHARED_VA. `host`: written by the host; `agent`: by the agent. */
struct agent_control {
    struct agent_hello hello; /* agent */
    struct wire_queue queue;  /* `at` is an offset in shared memory */
    uint32_t fault;           /* agent: number of a signal that was its own; then it exits */
    uint32_t reserved;
    uint64_t fault_pc;      /* agent */
    uint64_t fault_address; /* agent */
};

WIRE_ASSERT(sizeof(struct agent_sequence) == 160);
WIRE_ASSERT(offsetof(struct agent_state, x) == AGENT_STATE_X);
WIRE_ASSERT(offsetof(struct agent_state, x) + 30 * 8 == AGENT_STATE_X30);
WIRE_ASSERT(offsetof(struct agent_state, sp) == AGENT_STATE_SP);
WIRE_ASSERT(offsetof(struct agent_state, pstate) == AGENT_STATE_PSTATE);
WIRE_ASSERT(sizeof(struct agent_state) == 384);
WIRE_ASSERT(sizeof(struct agent_frame) == 32);
WIRE_ASSERT(sizeof(struct agent_control) <= AGENT_CONTROL_BYTES);

#ifdef __cplusplus
} // namespace mtecheck::difftest
#endif

#endif /* __ASSEMBLER__ */
#endif
