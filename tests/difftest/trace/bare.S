// SPDX-License-Identifier: Apache-2.0
//
// A bare-metal program at EL1 for recording a trace: translation on, memory Tagged, checks synchronous, then
// asynchronous. Faults are skipped by the handler. Ends the machine by PSCI.
#include "start.inc"
        .globl  _start
_start: adr     x0, vectors
        msr     vbar_el1, x0
        translate
        mov     x6, #1
        msr     gcr_el1, x6
        mov     x21, #200
loop:   irg     x0, x20
        stg     x0, [x0]
        st2g    x0, [x0, #16]
        stzg    x0, [x0, #48]!
        stz2g   x0, [x0, #16]
        sub     x0, x0, #48
        ldg     x1, [x0]
        mov     x22, #0
1:      ldr     x2, [x0, x22]
        str     x2, [x0, x22]
        ldp     x4, x5, [x0]
        add     x22, x22, #8
        cmp     x22, #96
        b.ne    1b
        addg    x3, x0, #32, #3
        subg    x3, x3, #16, #1
        gmi     x4, x0, xzr
        subp    x5, x3, x0
        subps   x6, x0, x3
        ldr     x7, [x3]                        // another tag: may fault
        str     x7, [x3, #8]
        ldgm    x8, [x20]
        stgm    x8, [x20]
        dc      gva, x0
        stgp    x4, x5, [x0, #32]
        ldxr    x9, [x0]
        stxr    w10, x9, [x0]
        ldadd   x9, x10, [x0]
        cas     x9, x10, [x0]
        mrs     x11, rgsr_el1
        mrs     x12, tco
        msr     tco, x12
        subs    x21, x21, #1
        b.eq    2f
        cmp     x21, #100
        b.ne    loop
        ldr     x5, =sctlr_async
        msr     sctlr_el1, x5
        isb
        b       loop
2:      dsb     sy
        isb
        mrs     x13, tfsr_el1
        msr     tfsr_el1, xzr
        power_off
        .balign 8
sctlr:  .quad   sctlr_sync
        .balign 2048
vectors:
        .rept   16
        .balign 128
        mrs     x28, elr_el1
        add     x28, x28, #4
        msr     elr_el1, x28
        mrs     x28, spsr_el1
        bic     x28, x28, #1 << 25
        msr     spsr_el1, x28
        eret
        .endr
