/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's entry, and the switch between it and a case.
 *
 * All general registers belong to a case while it runs. It is entered by way of X30, whose value the last instruction
 * before its code loads from the slot; and it ends in a branch to the stub below, which keeps X30 in TPIDR_EL0.
 */
#include "difftest/linux/wire.h"

    .text
    .global _start
_start:
    mov x29, #0
    mov x30, #0
    mov x0, sp
    and sp, x0, #~15
    b agent_main

    .macro frame_of register
    adrp \register, case_frame
    add \register, \register, :lo12:case_frame
    .endm

/* Offsets in case_frame, behind X19-X30 of the agent. */
    .set FRAME_SP, 96
    .set FRAME_STATE, 104
    .set FRAME_TCO, 112

/* uint64_t run_case(struct agent_state *, uint64_t entry, uint64_t has_tco): 0 at the end of the code, 1 after a signal. */
    .global run_case
run_case:
    frame_of x9
    stp x19, x20, [x9]
    stp x21, x22, [x9, #16]
    stp x23, x24, [x9, #32]
    stp x25, x26, [x9, #48]
    stp x27, x28, [x9, #64]
    stp x29, x30, [x9, #80]
    mov x10, sp
    stp x10, x0, [x9, #FRAME_SP]
    str x2, [x9, #FRAME_TCO]
    mov x30, x1
    ldr x3, [x0, #AGENT_STATE_SP]
    mov sp, x3
    clrex
    ldr x3, [x0, #AGENT_STATE_PSTATE]
    msr nzcv, x3
    cbz x2, 1f
    msr tco, x3
1:  ldp x2, x3, [x0, #16]
    ldp x4, x5, [x0, #32]
    ldp x6, x7, [x0, #48]
    ldp x8, x9, [x0, #64]
    ldp x10, x11, [x0, #80]
    ldp x12, x13, [x0, #96]
    ldp x14, x15, [x0, #112]
    ldp x16, x17, [x0, #128]
    ldp x18, x19, [x0, #144]
    ldp x20, x21, [x0, #160]
    ldp x22, x23, [x0, #176]
    ldp x24, x25, [x0, #192]
    ldp x26, x27, [x0, #208]
    ldp x28, x29, [x0, #224]
    ldp x0, x1, [x0]
    br x30

/* Copied to the start of the code area: within the range of a branch from everywhere in it. */
    .global leave_stub, leave_stub_end
    .balign 4
leave_stub:
    msr tpidr_el0, x30
    movz x30, #:abs_g2:leave_case
    movk x30, #:abs_g1_nc:leave_case
    movk x30, #:abs_g0_nc:leave_case
    br x30
leave_stub_end:

leave_case:
    adrp x30, case_frame
    add x30, x30, :lo12:case_frame
    ldr x30, [x30, #FRAME_STATE]
    stp x0, x1, [x30]
    stp x2, x3, [x30, #16]
    stp x4, x5, [x30, #32]
    stp x6, x7, [x30, #48]
    stp x8, x9, [x30, #64]
    stp x10, x11, [x30, #80]
    stp x12, x13, [x30, #96]
    stp x14, x15, [x30, #112]
    stp x16, x17, [x30, #128]
    stp x18, x19, [x30, #144]
    stp x20, x21, [x30, #160]
    stp x22, x23, [x30, #176]
    stp x24, x25, [x30, #192]
    stp x26, x27, [x30, #208]
    stp x28, x29, [x30, #224]
    mrs x0, tpidr_el0
    mov x1, sp
    stp x0, x1, [x30, #AGENT_STATE_X30]
    mrs x0, nzcv
    frame_of x9
    ldr x1, [x9, #FRAME_TCO]
    cbz x1, 1f
    mrs x1, tco
    orr x0, x0, x1
1:  str x0, [x30, #AGENT_STATE_PSTATE]
    mov x0, #0
    b back

/* void abandon_case(void): leaves a signal handler for run_case's caller. */
    .global abandon_case
abandon_case:
    mov x0, #1
back:
    frame_of x9
    ldr x10, [x9, #FRAME_SP]
    mov sp, x10
    ldp x19, x20, [x9]
    ldp x21, x22, [x9, #16]
    ldp x23, x24, [x9, #32]
    ldp x25, x26, [x9, #48]
    ldp x27, x28, [x9, #64]
    ldp x29, x30, [x9, #80]
    ret

    .global signal_restorer
signal_restorer:
    mov x8, #139 /* rt_sigreturn */
    svc #0

#include "difftest/core/transfer_vectors.S"

    .bss
    .balign 16
    .global case_frame
case_frame:
    .skip 128
