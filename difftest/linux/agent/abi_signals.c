/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handler of SIGSEGV of ABI programs: writes down what it sees, and goes on behind the instruction of a synchronous
 * fault. A program that hangs ends by SIGALRM.
 */
#include "difftest/linux/agent/abi.h"
#include "difftest/linux/agent/linux.h"

#define TCO_BIT (1ull << 25)
#define SECONDS 5

void signal_restorer(void);

static uint64_t behaviour;

static uint64_t read_tco(void) {
    uint64_t tco;
    __asm__ volatile("mrs %0, tco" : "=r"(tco));
    return tco;
}

static void handle(int number, const struct linux_siginfo* info, struct linux_ucontext* context) {
    const uint64_t tco = read_tco();
    (void)number;
    struct abi_context* own;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(own));
    struct abi_flow* const flow = own->flow;
    if (flow->signal_count < ABI_MAX_SIGNALS) {
        struct abi_signal* const signal = &flow->signals[flow->signal_count];
        signal->step = own->step;
        signal->code = info->code;
        signal->address = info->address;
        signal->fault_address = context->fault_address;
        signal->tco_handler = (tco & TCO_BIT) != 0;
        signal->tco_frame = (context->pstate & TCO_BIT) != 0;
    }
    ++flow->signal_count;
    if (info->code == SEGV_MTEAERR) return;
    if (context->pc < (uint64_t)abi_accesses || context->pc >= (uint64_t)abi_accesses_end) leave(ABI_AGENT_FAILED);
    own->faulted = 1;
    context->pc += 4;
    if (behaviour & ABI_SETS_TCO) __asm__ volatile("msr tco, #1" ::: "memory");
    if (behaviour & ABI_FLIPS_TCO) context->pstate ^= TCO_BIT;
}

long abi_sigaction(uint64_t action, uint64_t new_behaviour) {
    struct linux_sigaction wanted = {0, SA_RESTORER, (void*)signal_restorer, 0};
    if (action == ABI_IGNORE) wanted.handler = (void*)1;
    if (action == ABI_HANDLE) {
        behaviour = new_behaviour;
        wanted.handler = (void*)handle;
        wanted.flags |= SA_SIGINFO | (new_behaviour & ABI_EXPOSE_TAGBITS ? SA_EXPOSE_TAGBITS : 0);
    }
    return system_call(SYS_rt_sigaction, SIGSEGV, (long)&wanted, 0, sizeof(wanted.mask), 0, 0);
}

void abi_expect_no_hang(void) {
    const uint64_t limit[4] = {0, 0, SECONDS, 0};
    system_call(SYS_setitimer, 0, (long)limit, 0, 0, 0, 0);
}
