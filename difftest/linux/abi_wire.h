/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host and the agent agree on when it runs ABI programs (`agent abi`): the agent says hello, then every
 * request gets its response, through standard input and output. Plain C; little endian on both sides.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_ABI_WIRE_H
#define MTECHECK_DIFFTEST_LINUX_ABI_WIRE_H

#include "model/linux/steps.h"

#define ABI_WIRE_MAGIC 0x4942414du
#define ABI_WIRE_VERSION 2u
#define ABI_MAX_SIGNALS 32 /* of one flow that are told; more are counted */

#ifdef __cplusplus
namespace mtecheck::difftest {
using model::linux_abi::abi_step;
using std::int32_t;
using std::int64_t;
using std::uint32_t;
using std::uint64_t;
#endif

struct abi_hello {
    uint32_t magic, version;
    int32_t failed; /* 0, or an error number: nothing can be run */
    uint32_t page_bytes;
    uint64_t hwcap, hwcap2, hwcap3;
    uint64_t preferred;                    /* of the CPU, MTE_CTRL_TCF_*; 0: it cannot be read */
    uint32_t preferred_writable, reserved; /* 1: and it can be written */
    char release[72], machine[72];         /* as uname tells them; 0 behind them */
};

struct abi_request {
    uint32_t magic;
    uint32_t steps;
    struct abi_step program[ABI_MAX_STEPS];
};

enum { ABI_NOT_DONE, ABI_DONE, ABI_CANNOT }; /* abi_step_result.state; ABI_CANNOT: not to be had there */

struct abi_step_result {
    uint32_t state;
    uint32_t reserved;
    int64_t value;
    uint64_t extra[2];
};

/* A call of the handler of SIGSEGV. */
struct abi_signal {
    uint32_t step;
    int32_t code;           /* si_code */
    uint64_t address;       /* si_addr */
    uint64_t fault_address; /* of sigcontext */
    uint32_t tco_handler;   /* PSTATE.TCO where it begins, 0 or 1 */
    uint32_t tco_frame;     /* that of the interrupted context */
};

struct abi_flow {
    uint32_t signal_count;
    uint32_t reserved;
    struct abi_step_result steps[ABI_MAX_STEPS];
    struct abi_signal signals[ABI_MAX_SIGNALS];
};

struct abi_response {
    uint32_t magic;
    int32_t status; /* of the first process, as wait4() tells it */
    struct abi_flow flows[2];
};

/* What a process exits with when it is the agent that fails. */
#define ABI_AGENT_FAILED 97

#ifdef __cplusplus
} // namespace mtecheck::difftest
#endif
#endif
