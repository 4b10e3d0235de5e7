/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions of ABI programs, alone, so that a signal handler knows them by their address; and clone().
 */
    .text
    .global abi_accesses, abi_accesses_end
    .macro access name, instruction:vararg
    .global \name
\name:
    \instruction
    ret
    .endm

abi_accesses:
    access abi_ldr, ldr x0, [x0]
    access abi_str, str x1, [x0]
    access abi_ldg, ldg x0, [x0]
    access abi_stg, stg x0, [x0]
    access abi_st2g, st2g x0, [x0]
    access abi_stzg, stzg x0, [x0]
abi_accesses_end:

/* long abi_clone(uint64_t flags, void *stack_end, void (*run)(void *), void *argument) */
    .global abi_clone
abi_clone:
    stp x2, x3, [x1, #-16]!
    mov x2, #0
    mov x3, #0
    mov x4, #0
    mov x8, #220 /* clone */
    svc #0
    cbz x0, 1f
    ret
1:  mov x29, #0
    ldp x1, x0, [sp], #16
    blr x1
    mov x0, #0
    mov x8, #93 /* exit */
    svc #0
