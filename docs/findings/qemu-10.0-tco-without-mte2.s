// without FEAT_MTE2 (mte=off) PSTATE.TCO stays 0: neither exception entry sets it nor exception return restores
// it, which Arm asks of FEAT_MTE
// Arm's pseudocode: AArch64.TakeException, SetPSTATEFromPSR
//
// Code, at EL1:
//     .inst 0x00000000
//
// Expected: unknown reason to EL1
// Observed: unknown reason to EL1, on QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-1)
//     PSTATE: expected 0x2000005, observed 0x5
//
// To assemble and to run it:
//     aarch64-linux-gnu-as -o qemu-10.0-tco-without-mte2.o qemu-10.0-tco-without-mte2.s
//     aarch64-linux-gnu-ld -Ttext=0x40200000 -o qemu-10.0-tco-without-mte2.elf qemu-10.0-tco-without-mte2.o
//     qemu-system-aarch64 -M virt,virtualization=on,secure=on,mte=off -cpu max -nodefaults -display none \
//         -semihosting-config enable=on,target=native -kernel qemu-10.0-tco-without-mte2.elf
//
// Exit status 0: what the architecture says was seen; 1: it was not, and what differs is printed;
// 2: it could not be set up, or the program itself went wrong.

        .arch   armv8.5-a+memtag
        .macro  set register, value
        ldr     x0, =\value
        msr     \register, x0
        .endm

        .text
        .global _start
_start:
        mrs     x0, CurrentEL
        cmp     x0, #0xc
        b.ne    elsewhere
        ldr     x0, =own_vectors
        msr     vbar_el3, x0
        set     cptr_el3, 0
        set     mdcr_el3, 0
        isb
        set     scr_el3, 0x0000000004000531
        set     hcr_el2, 0x0100000080000000
        set     mdcr_el2, 0x0000000000000000
        set     hstr_el2, 0x0000000000000000
        set     mdscr_el1, 0x0000000000000000

        // Exceptions to EL1 and EL2 arrive in a page that goes on to EL3.
        set     vbar_el1, 0x00000001c0000000
        set     vbar_el2, 0x00000001c0000000

        // Translation: 39 bits of address, pages of 4 KiB, stage 1 only.
        set     mair_el1, 0x000000004400f0ff
        set     mair_el2, 0x000000004400f0ff
        set     mair_el3, 0x000000004400f0ff
        ldr     x0, =root
        msr     ttbr0_el1, x0
        ldr     x0, =root
        msr     ttbr1_el1, x0
        ldr     x0, =root
        msr     ttbr0_el2, x0
        ldr     x0, =root
        msr     s3_4_c2_c0_1, x0                // ttbr1_el2
        ldr     x0, =el3_root
        msr     ttbr0_el3, x0
        set     tcr_el1, 0x00000062b5193519
        set     tcr_el2, 0x0000000080923519
        set     tcr_el3, 0x0000000080923519
        set     sctlr_el1, 0x00000d4034d5d99d
        set     sctlr_el2, 0x0000090030c5183d
        set     cpacr_el1, 0x0000000000300000
        set     cptr_el2, 0x00000000000032ff
        set     cptr_el3, 0x0000000000000000
        dsb     sy
        tlbi    alle1
        tlbi    alle3
        tlbi    alle2
        dsb     sy
        isb
        set     sctlr_el3, 0x0000090030c5183d
        isb

        // The state that the code begins with
        set     sp_el0, 0x0000000000000000
        set     sp_el1, 0x0000000000000000
        set     sp_el2, 0x0000000000000000
        ldr     x0, =el3_vectors
        msr     vbar_el3, x0
        set     elr_el3, 0x0000000110000000
        set     spsr_el3, 0x00000000000003c4
        ldr     x0, =record
        mov     sp, x0
        ldr     x30, =registers
        ldp     x0, x1, [x30, #0]
        ldp     x2, x3, [x30, #16]
        ldp     x4, x5, [x30, #32]
        ldp     x6, x7, [x30, #48]
        ldp     x8, x9, [x30, #64]
        ldp     x10, x11, [x30, #80]
        ldp     x12, x13, [x30, #96]
        ldp     x14, x15, [x30, #112]
        ldp     x16, x17, [x30, #128]
        ldp     x18, x19, [x30, #144]
        ldp     x20, x21, [x30, #160]
        ldp     x22, x23, [x30, #176]
        ldp     x24, x25, [x30, #192]
        ldp     x26, x27, [x30, #208]
        ldp     x28, x29, [x30, #224]
        ldr     x30, [x30, #240]
        eret

// EL3 is entered from the code, or from the vectors of EL1 and EL2. sp points to the record.
        .balign 2048
el3_vectors:
        .set    vector, 0
        .rept   16
        .balign 128
        stp     x0, x1, [sp]
        mov     x0, #vector
        b       entered
        .set    vector, vector + 1
        .endr

entered:
        mrs     x1, nzcv
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x19, [sp, #144]
        stp     x20, x21, [sp, #160]
        stp     x22, x23, [sp, #176]
        stp     x24, x25, [sp, #192]
        stp     x26, x27, [sp, #208]
        stp     x28, x29, [sp, #224]
        str     x30, [sp, #240]
        mov     x19, sp
        ldr     x8, =own_vectors
        msr     vbar_el3, x8
        isb
        mrs     x4, esr_el3
        mrs     x5, far_el3
        mrs     x6, elr_el3
        mrs     x7, spsr_el3
        orr     x3, x0, #0x300                  // taken to EL3, through this vector
        mov     x8, #0xd
        orr     x2, x1, x8                      // PSTATE there: EL3h
        svc     #0
        and     x8, x8, #0x2000000
        orr     x2, x2, x8
        mrs     x8, pan
        orr     x2, x2, x8
        mrs     x8, uao
        orr     x2, x2, x8
        ldr     x8, =0x00000001c0000000
        sub     x8, x6, x8
        cmp     x8, #0x1000
        b.hs    1f
        mov     x2, x7                          // it came from a vector of EL1 or EL2
        ubfx    x9, x7, #2, #2
        and     x3, x4, #0xf
        orr     x3, x3, x9, lsl #8
        mrs     x4, esr_el1
        mrs     x5, far_el1
        mrs     x6, elr_el1
        mrs     x7, spsr_el1
        cmp     x9, #1
        b.eq    1f
        mrs     x4, esr_el2
        mrs     x5, far_el2
        mrs     x6, elr_el2
        mrs     x7, spsr_el2
1:      ldr     x8, =0xf2c0000f                 // NZCV, TCO, UAO, PAN, M[3:0]
        lsr     x9, x4, #26
        ldr     x10, =0x0000000110000008
        cmp     x9, #0x17
        ccmp    x6, x10, #0, eq
        b.ne    2f
        mov     x3, #0                          // the SVC or SMC behind the code: it ran to its end
        mov     x2, x7
2:      and     x2, x2, x8
        stp     x2, x3, [x19, #248]
        stp     x4, x5, [x19, #264]
        stp     x6, x7, [x19, #280]
        dsb     sy                              // asynchronous Tag Check Faults are complete now
        mrs     x0, sp_el0
        str     x0, [x19, #296]
        mrs     x0, sp_el1
        str     x0, [x19, #304]
        mrs     x0, sp_el2
        str     x0, [x19, #312]

// Compares what was recorded with what the architecture says, and prints what differs.
        ldr     x0, =stack
        mov     sp, x0
        ldr     x20, =checks
        ldr     x21, =checks_end
        mov     x22, #0                         // exit status
3:      cmp     x20, x21
        b.hs    5f
        ldp     x23, x24, [x20], #16            // name, address
        ldp     x25, x26, [x20], #16            // expected value, mask
        ldr     x24, [x24]
        eor     x0, x24, x25
        tst     x0, x26
        b.eq    3b
        mov     x22, #1
        mov     x1, x23
        bl      print
        ldr     x1, =text_expected
        bl      print
        and     x2, x25, x26
        bl      print_number
        ldr     x1, =text_got
        bl      print
        and     x2, x24, x26
        bl      print_number
        ldr     x1, =text_end
        bl      print
        b       3b
5:      mov     x1, x22
exit:   ldr     x2, =exit_block                 // semihosting: SYS_EXIT, ADP_Stopped_ApplicationExit
        str     x1, [x2, #8]
        ldr     x0, =0x20026
        str     x0, [x2]
        mov     x1, x2
        mov     w0, #0x18
        hlt     #0xf000
        b       .

print:  mov     w0, #4                          // semihosting: SYS_WRITE0
        hlt     #0xf000
        ret

print_number:                                   // x2, as 16 digits
        ldr     x1, =text_number
        mov     x3, #60
4:      lsr     x4, x2, x3
        and     x4, x4, #15
        cmp     x4, #10
        add     x5, x4, #'0'
        add     x6, x4, #'a' - 10
        csel    x5, x5, x6, lo
        strb    w5, [x1], #1
        subs    x3, x3, #4
        b.pl    4b
        ldr     x1, =text_number
        b       print

store_data:                                     // 256 bytes from x1 to x0
        mov     x2, #32
8:      ldr     x3, [x1], #8
        str     x3, [x0], #8
        subs    x2, x2, #1
        b.ne    8b
        ret
        .ltorg

// EL3 is entered from EL3: before the code, or while what it did is recorded.
        .balign 2048
own_vectors:
        .set    vector, 0
        .rept   16
        .balign 128
        .if     vector == 4
        mrs     x8, esr_el3
        lsr     x8, x8, #26
        cmp     x8, #0x15
        mrs     x8, spsr_el3
        b.ne    cannot
        eret                                    // from the SVC above: SPSR_EL3 says what PSTATE.TCO is
        .endif
        b       cannot
        .set    vector, vector + 1
        .endr

cannot: set     sctlr_el3, 0x30c50830           // without the MMU: nothing more is to go wrong
        isb
        mrs     x20, esr_el3
        mrs     x21, far_el3
        mrs     x22, elr_el3
        ldr     x1, =text_own
        bl      print
        mov     x2, x20
        bl      print_number
        ldr     x1, =text_far
        bl      print
        mov     x2, x21
        bl      print_number
        ldr     x1, =text_elr
        bl      print
        mov     x2, x22
        bl      print_number
        ldr     x1, =text_end
        b       give_up
elsewhere:
        ldr     x1, =text_level
give_up:
        bl      print
        mov     x1, #2
        b       exit
text_level: .asciz "cannot tell: this has to begin at EL3\n"
text_own: .asciz "cannot tell: the program itself took an exception to EL3: ESR 0x"
text_far: .asciz ", FAR 0x"
text_elr: .asciz ", ELR 0x"
        .balign 4

// The code, in a page of its own that is mapped at 0x110000000
        .balign 4096
code_page:
        .inst   0x00000000                      // .inst 0x00000000
        smc     #0x4d54                         // the end

// The vectors of EL1 and EL2, in a page of their own that is mapped at 0x1c0000000
        .balign 4096
lower_vectors:
        .set    vector, 0
        .rept   16
        .balign 128
        smc     #vector                         // ESR, FAR, ELR and SPSR of the level stay as they are
        .set    vector, vector + 1
        .endr
        .balign 4096

        .data
        .balign 16
registers:                                      // x0 to x30
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .quad   0x0000000000000000
        .balign 16

// What the architecture says: name, address of the recorded word, value, bits that are looked at
        .balign 8
checks:
        .quad   name_0, record + 256, 0x0000000000000100, 0xffffffffffffffff
        .quad   name_1, record + 264, 0x0000000002000000, 0xffffffffffffffff
        .quad   name_2, record + 280, 0x0000000110000000, 0xffffffffffffffff
        .quad   name_3, record + 288, 0x00000000000003c4, 0xffffffffffffffff
        .quad   name_4, record + 248, 0x0000000002000005, 0x00000000f2c0000f
checks_end:
name_0: .asciz "end (exception level and vector, or 0)"
name_1: .asciz "ESR"
name_2: .asciz "ELR"
name_3: .asciz "SPSR"
name_4: .asciz "PSTATE"
text_expected: .asciz ": expected 0x"
text_got: .asciz ", got 0x"
text_end: .asciz "\n"
text_number: .asciz "0000000000000000"
        .balign 8
exit_block: .quad 0, 0

// Translation tables
        .balign 4096
root:
        .org    root + 8 * 4
        .quad   arena_2 + 3                     // from 0x100000000
        .quad   tagged_2 + 3
        .quad   untagged_2 + 3
        .quad   vectors_2 + 3
        .org    root + 4096
el3_root:
        .org    el3_root + 8 * 1
        .quad   0x0000000040000741        // this file itself, Normal
        .org    el3_root + 8 * 4
        .quad   0
        .quad   el3_tagged_2 + 3
        .org    el3_root + 4096
arena_2:
        .org    arena_2 + 8 * 3
        .quad   arena_3 + 3
        .org    arena_2 + 8 * 128
        .quad   code_3 + 3
        .org    arena_2 + 4096
tagged_2:
        .org    tagged_2 + 8 * 3
        .quad   tagged_3 + 3
        .org    tagged_2 + 4096
untagged_2:
        .org    untagged_2 + 8 * 3
        .quad   untagged_3 + 3
        .org    untagged_2 + 4096
vectors_2:
        .org    vectors_2 + 8 * 0
        .quad   vectors_3 + 3
        .org    vectors_2 + 4096
arena_3:                                        // from 0x100600000
        .quad   arena + 0x0000 + 0x0060000000000747 // Tagged, read-write
        .quad   arena + 0x1000 + 0x0060000000000747 // Tagged, read-write
        .quad   arena + 0x2000 + 0x0060000000000743 // Normal, Untagged, read-write
        .quad   arena + 0x3000 + 0x0060000000000747 // Tagged, read-write
        .quad   arena + 0x4000 + 0x00600000000007c7 // Tagged, read-only
        .quad   arena + 0x5000 + 0x0060000000000747 // Tagged, read-write
        .quad   arena + 0x6000 + 0x0060000000000707 // Tagged, read-write, not at EL0
        .quad   arena + 0x7000 + 0x00600000000007c3 // Normal, Untagged, read-only
        .quad   arena + 0x8000 + 0x0060000000000747 // Tagged, read-write
        .quad   0                               // not mapped
        .quad   arena + 0xa000 + 0x0060000000000747 // Tagged, read-write
        .quad   arena + 0xb000 + 0x006000000000074b // Device-nGnRnE, read-write
        .quad   arena + 0xc000 + 0x0060000000000747 // Tagged, read-write
        .quad   arena + 0xd000 + 0x006000000000074f // Normal, Non-cacheable, read-write
        .quad   arena + 0xe000 + 0x0060000000000747 // Tagged, read-write
        .quad   0                               // not mapped
        .org    arena_3 + 4096
tagged_3:                     // the same pages, all of them Tagged, read-write
        .set    offset, 0
        .rept   16
        .quad   arena + offset + 0x0060000000000747
        .set    offset, offset + 0x1000
        .endr
        .org    tagged_3 + 4096
untagged_3:                     // the same pages, all of them Normal, Untagged, read-write
        .set    offset, 0
        .rept   16
        .quad   arena + offset + 0x0060000000000743
        .set    offset, offset + 0x1000
        .endr
        .org    untagged_3 + 4096
code_3:
        .org    code_3 + 8 * 0
        .quad   code_page + 0x00000000000007c3
        .org    code_3 + 4096
vectors_3:
        .quad   lower_vectors + 0x0040000000000783
        .org    vectors_3 + 4096
el3_tagged_2:
        .org    el3_tagged_2 + 8 * 3
        .quad   el3_tagged_3 + 3
        .org    el3_tagged_2 + 4096
el3_tagged_3:                     // the same pages, all of them Tagged, read-write, for EL3
        .set    offset, 0
        .rept   16
        .quad   arena + offset + 0x0040000000000747
        .set    offset, offset + 0x1000
        .endr
        .org    el3_tagged_3 + 4096

        .bss
        .balign 4096
arena:  .skip   0x10000
record: .skip   944
        .balign 16
        .skip   4096
stack:
