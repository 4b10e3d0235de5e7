// SPDX-License-Identifier: Apache-2.0
//
// A bare-metal program at EL1 for recording a trace: memory that is mapped twice. Tags stored at one address are loaded
// and checked at the other. Ends the machine by PSCI; no access faults.
#include "start.inc"
        .globl  _start
_start: translate
        ldr     x2, =0x40000701
        str     x2, [x1, #16]                   // the memory again, 1 GiB higher
        dsb     sy
        isb
        msr     gcr_el1, xzr
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
        power_off
        .balign 8
sctlr:  .quad   sctlr_sync
