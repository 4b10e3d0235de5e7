// SPDX-License-Identifier: Apache-2.0
//
// A bare-metal program at EL1 for recording a trace: accesses that lie in two pages, which are neighbours in virtual
// memory alone. Tags are stored at other addresses of the same memory. Checks are asynchronous, and those that fail do in
// the second page. Ends the machine by PSCI.
#include "start.inc"
        .globl  _start
_start: translate
        ldr     x2, =pages_of_2mib + 3          // at 2 GiB: a table, of another one, of two pages
        str     x2, [x1, #16]
        ldr     x1, =pages_of_2mib
        ldr     x2, =pages_of_4kib + 3
        str     x2, [x1]
        ldr     x1, =pages_of_4kib
        ldr     x2, =0x41001703                 // AF, inner shareable, attribute 0
        ldr     x3, =0x41000703
        stp     x2, x3, [x1]
        dsb     sy
        isb
        msr     gcr_el1, xzr
        ldr     x7, =0x80000ff8 - 0x41000000
        mov     x21, #100
loop:   irg     x0, x20
        stg     x0, [x0]                        // the second of the two pages
        ldg     x1, [x0]
        add     x1, x0, #1, lsl #12
        add     x1, x1, #0xff0
        stg     x1, [x1]                        // the end of the first
        ldg     x2, [x1]
        add     x2, x0, x7
        ldp     x3, x4, [x2]
        stp     x3, x4, [x2]
        ldur    x3, [x2, #4]
        mrs     x6, tfsr_el1
        addg    x5, x0, #0, #1
        stg     x5, [x5]
        stur    x3, [x2, #4]
        mrs     x6, tfsr_el1
        msr     tfsr_el1, xzr
        ldp     x3, x4, [x2]
        mrs     x6, tfsr_el1
        msr     tfsr_el1, xzr
        subs    x21, x21, #1
        b.ne    loop
        power_off
        .balign 8
sctlr:  .quad   sctlr_async
        .section .bss
        .balign 4096
pages_of_2mib: .skip 4096
pages_of_4kib: .skip 4096
