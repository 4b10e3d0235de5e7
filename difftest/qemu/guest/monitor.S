/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's entry, vectors, and the switch between it and a test.
 *
 * While a test runs SP_EL3 points at its wire_state: an exception to EL3 can then save all general registers without
 * losing one. Exceptions taken to EL1 or EL2 arrive at the relay page, whose SMCs change no general register and
 * leave ESR, FAR, ELR and SPSR of that level as they are.
 */
#include "difftest/qemu/wire.h"

    .section .entry, "ax"
    .global _start
_start:
    adrp x0, stack_top
    add x0, x0, :lo12:stack_top
    mov sp, x0
    b monitor_main

/* Vectors of EL1 and EL2. */
    .section .lower_vectors, "ax"
    .balign 2048
    .set vector, 0
    .rept 16
    .balign 128
    smc #(WIRE_RELAY_SMC + vector)
    .set vector, vector + 1
    .endr

/* Vectors of EL3. Those of "current EL with SP_ELx" are the monitor's own, and mostly its failures: tests at EL3 use
   SP_EL0. */
    .section .vectors, "ax"
    .balign 2048
    .global monitor_vectors
monitor_vectors:
    .set vector, 0
    .rept 16
    .balign 128
    .if vector == 4
    b own_exception
    .elseif vector > 4 && vector < 8
    b monitor_fault
    .else
    stp x0, x1, [sp, #WIRE_STATE_X]
    mov x0, #vector
    b leave_test
    .endif
    .set vector, vector + 1
    .endr

/* An SVC of pstate_by_exception() gives SPSR_EL3 in x0 and goes on behind itself; x1 is lost. */
    .text
own_exception:
    mrs x0, esr_el3
    mov x1, #WIRE_PSTATE_SVC
    movk x1, #0x5600, lsl #16           /* EC of SVC from AArch64 state, and IL */
    cmp x0, x1
    b.ne monitor_fault
    mrs x0, spsr_el3
    eret

/* struct leave run_test(struct wire_state *): installs x0-x30 and enters what ELR_EL3 and SPSR_EL3 say. */
    .text
    .global run_test
run_test:
    stp x29, x30, [sp, #-96]!
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    stp x23, x24, [sp, #48]
    stp x25, x26, [sp, #64]
    stp x27, x28, [sp, #80]
    adrp x1, monitor_sp
    mov x2, sp
    str x2, [x1, :lo12:monitor_sp]
    mov sp, x0
    ldp x2, x3, [sp, #16]
    ldp x4, x5, [sp, #32]
    ldp x6, x7, [sp, #48]
    ldp x8, x9, [sp, #64]
    ldp x10, x11, [sp, #80]
    ldp x12, x13, [sp, #96]
    ldp x14, x15, [sp, #112]
    ldp x16, x17, [sp, #128]
    ldp x18, x19, [sp, #144]
    ldp x20, x21, [sp, #160]
    ldp x22, x23, [sp, #176]
    ldp x24, x25, [sp, #192]
    ldp x26, x27, [sp, #208]
    ldp x28, x29, [sp, #224]
    ldr x30, [sp, #WIRE_STATE_X30]
    ldp x0, x1, [sp, #WIRE_STATE_X]
    eret

/* Continues run_test's caller. x0: vector number; x0 and x1 of the test are saved. No flag changes up to here. */
leave_test:
    mrs x1, nzcv
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x19, [sp, #144]
    stp x20, x21, [sp, #160]
    stp x22, x23, [sp, #176]
    stp x24, x25, [sp, #192]
    stp x26, x27, [sp, #208]
    stp x28, x29, [sp, #224]
    str x30, [sp, #WIRE_STATE_X30]
    adrp x2, monitor_sp
    ldr x2, [x2, :lo12:monitor_sp]
    mov sp, x2
    ldp x19, x20, [sp, #16]
    ldp x21, x22, [sp, #32]
    ldp x23, x24, [sp, #48]
    ldp x25, x26, [sp, #64]
    ldp x27, x28, [sp, #80]
    ldp x29, x30, [sp], #96
    ret

#include "difftest/core/transfer_vectors.S"

/* uint64_t semihosting(uint64_t operation, const void *parameters) */
    .global semihosting
semihosting:
    hlt #0xf000
    ret

    .bss
    .balign 8
monitor_sp:
    .skip 8
