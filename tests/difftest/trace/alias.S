// SPDX-License-Identifier: Apache-2.0
//
// A bare-metal program at EL1 for recording a trace: memory that is mapped twice. Tags stored at one address are loaded
// and checked at the other. Ends the machine by PSCI; no access faults.
        .arch armv8.5-a+memtag
        .section .text
        .globl  _start
_start: ldr     x1, =table
        mov     x2, #0x405                      // AF, attribute 1, block: devices
        str     x2, [x1]
        ldr     x2, =0x40000701                 // AF, inner shareable, attribute 0, block: memory that is Tagged
        str     x2, [x1, #8]
        str     x2, [x1, #16]                   // and again 1 GiB higher
        mov     x3, #0xf0
        msr     mair_el1, x3
        ldr     x4, =0x2000803519               // T0SZ 25, write-back, TBI0, EPD1
        msr     tcr_el1, x4
        msr     ttbr0_el1, x1
        tlbi    vmalle1
        dsb     sy
        isb
        ldr     x5, sctlr
        msr     sctlr_el1, x5
        isb
        msr     gcr_el1, xzr
        mov     x6, #0x3a00
        msr     rgsr_el1, x6
        msr     tco, #0
        ldr     x20, =0x41000000
        mov     x7, #0x40000000                 // from one mapping to the other
        mov     x21, #100
loop:   irg     x0, x20
        add     x1, x0, x7
        stg     x0, [x0, #32]
        ldg     x2, [x1, #32]
        str     x2, [x1, #40]
        ldr     x3, [x0, #40]
        addg    x4, x1, #32, #1
        stg     x4, [x4]
        ldg     x5, [x0, #32]
        mov     x8, #40
        addg    x0, x0, #0, #1
        ldr     x3, [x0, x8]
        subs    x21, x21, #1
        b.ne    loop
        ldr     x0, =0x84000008                 // SYSTEM_OFF
        hvc     #0
        b       .
        .balign 8
sctlr:  .quad 0x0000094000100000 + 0x1005       // ATA, TCF 1, ITFSB, I, C, M
        .section .bss
        .balign 4096
table:  .skip   4096
