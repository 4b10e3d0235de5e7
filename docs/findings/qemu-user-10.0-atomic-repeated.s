// an atomic operation that is not aligned and has an asynchronous Tag Check Fault is never made:
// atomic_mmu_lookup() leaves what is not aligned to cpu_exec_step_atomic(), which is to make it alone, and which
// the request to report the fault ends before it begins; after SEGV_MTEAERR it is tried again, for ever
// Arm's pseudocode: AArch64.TagCheckFault
//
// Code, at EL0:
//     caslh w0, wzr, [x1]
//
// Expected: completed
// Observed: SIGSEGV SEGV_MTEAERR, on qemu-aarch64 version 10.0.13 (Debian 1:10.0.13+ds-0+deb13u1)
//     end (si_code and signal, or 0): expected 0x0, observed 0x80b
//     SEGV_MTEAERR came: expected 0x1, observed 0x0
//
// What the pseudocode decides on the way:
//     AArch64.AccessIsTagChecked: PSTATE.TCO == '1' is false
//     AArch64.CheckTag: the memory is Allocation Tagged is true
//     AArch64.AllocationTagCheck: the Logical Address Tag equals the Allocation Tag is false
//     AArch64.EffectiveTCF: TCF is 11, which is reserved without FEAT_MTE_ASYM_FAULT is false
//     AArch64.TagCheckFault: TCF is 00 is false
//     AArch64.TagCheckFault: TCF is 10 is true
//     AArch64.ReportTagCheckFault: an asynchronous fault is at an address with bit 55 set is false
//     AArch64.ReportTagCheckFault: an asynchronous fault is that of EL0 is true
//     Mem: the address is aligned to the size of the access is false
//     AlignmentEnforced: SCTLR_ELx.A == '1' is false
//     AArch64.UnalignedAccessFaults: an unaligned access of acquire, release, exclusive or atomic kind is not within 16 bytes is false
//     AArch64.S1Enabled: SCTLR_ELx.M == '1' is true
//     AArch64.GetVARange: bit 55 of the address is set, in a regime with two ranges is false
//     AArch64.VAIsOutOfRange: the address is outside of both ranges is false
//     AArch64.S1DCacheEnabled: SCTLR_ELx.C == '1' is true
//     MemAtomic: the compare of a compare and swap fails is false
//
// To assemble and to run it:
//     aarch64-linux-gnu-as -o qemu-user-10.0-atomic-repeated.o qemu-user-10.0-atomic-repeated.s
//     aarch64-linux-gnu-ld -Ttext=0x1c1000000 --section-start=.case=0x110000000 -o qemu-user-10.0-atomic-repeated.elf qemu-user-10.0-atomic-repeated.o
//     qemu-aarch64 -cpu max ./qemu-user-10.0-atomic-repeated.elf
//
// Exit status 0: what the architecture says was seen; 1: it was not, and what differs is printed.
        .set    PSTATE, 248
        .set    EVENT, 256
        .set    ADDRESS, 272
        .set    COUNTER, 280
        .set    STACK, 296
        .set    TOLD, 336
        .set    arena, 0x100600000

        .arch   armv8.5-a+memtag
        .macro  call number
        mov     x8, #\number
        svc     #0
        cmn     x0, #4096
        b.hi    cannot
        .endm

        .text
        .global _start
_start:
        ldr     x0, =signal_stack
        mov     x1, #0
        call    132                             // sigaltstack
        ldr     x20, =signals
1:      ldr     x0, [x20], #8
        cbz     x0, 2f
        ldr     x1, =action
        mov     x2, #0
        mov     x3, #8
        call    134                             // rt_sigaction
        b       1b
2:
        mov     x0, #55                         // PR_SET_TAGGED_ADDR_CTRL
        ldr     x1, =0x7fffd
        mov     x2, #0
        mov     x3, #0
        mov     x4, #0
        call    167                             // prctl
        msr     tco, #1

        // Shared memory: from here on an emulator expects others to look on, as it does of a program with threads.
        mov     x0, #0
        mov     x1, #0x1000
        mov     x2, #3
        mov     x3, #0x21                       // MAP_SHARED | MAP_ANONYMOUS
        mov     x4, #-1
        mov     x5, #0
        call    222                             // mmap

        // Every page of the arena, read-write for now
        ldr     x20, =pages
        ldr     x21, =pages_end
3:      cmp     x20, x21
        b.hs    4f
        ldp     x0, x22, [x20], #16
        mov     x1, #0x1000
        and     x2, x22, #0x20
        orr     x2, x2, #3
        mov     x3, #0x32                       // MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
        mov     x4, #-1
        mov     x5, #0
        call    222                             // mmap
        b       3b
4:
        ldr     x0, =0x100600000
        ldr     x1, =0x0000000000000000
        bl      store_tags

        // The pages as they shall be, and the state that the code begins with
        ldr     x20, =pages
        ldr     x21, =pages_end
5:      cmp     x20, x21
        b.hs    6f
        ldp     x0, x2, [x20], #16
        mov     x1, #0x1000
        call    226                             // mprotect
        b       5b
6:
        ldr     x0, =in_case
        mov     x1, #1
        str     x1, [x0]
        clrex
        ldr     x0, =0x0000000000000000
        mov     sp, x0
        ldr     x0, =0x0000000000000000
        msr     nzcv, x0
        msr     tco, #0
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
        ldr     x30, =code - 4
        br      x30

// A signal: x0 is its number, x1 its siginfo, x2 its ucontext.
handler:
        ldr     x9, =handler
        ldr     x10, [x2, #440]                 // its PC: here, if two signals came at once
        cmp     x9, x10
        b.ne    1f
        ldr     x11, [x2, #192]
        ldr     x2, [x2, #200]                  // what was interrupted is in the frame of the first
        ldr     x10, [x2, #440]
        ldr     w12, [x11]
        ldr     w13, [x11, #8]
        cmp     w12, #11
        ccmp    w13, #8, #0, eq
        b.ne    1f
        ldr     x14, =record
        mov     x15, #1
        str     x15, [x14, #TOLD]
1:      ldr     x14, =record
        ldr     w12, [x1, #8]                   // si_code
        cmp     w0, #11
        ccmp    w12, #8, #0, eq
        b.ne    2f
        mov     x15, #1                         // SEGV_MTEAERR: it is noted, and the code goes on
        str     x15, [x14, #TOLD]
        ldr     x9, =in_case
        ldr     x9, [x9]
        cbz     x9, 3f
        ldr     x9, =told_at                    // ... unless it does not get on
        ldp     x15, x16, [x9]
        cmp     x15, x10
        csinc   x16, xzr, x16, ne
        stp     x10, x16, [x9]
        cmp     x16, #8
        b.hs    2f
3:      ret
2:      ldr     x9, =in_case
        ldr     x10, [x9]
        cbz     x10, cannot
        str     xzr, [x9]
        orr     x12, x0, x12, lsl #8
        str     x12, [x14, #EVENT]
        ldr     x12, [x1, #16]
        str     x12, [x14, #ADDRESS]
        add     x9, x2, #184
        mov     x10, #31
4:      ldr     x12, [x9], #8
        str     x12, [x14], #8
        subs    x10, x10, #1
        b.ne    4b
        ldr     x14, =record
        ldr     x12, [x2, #432]
        str     x12, [x14, #STACK]
        ldr     x12, [x2, #440]
        str     x12, [x14, #COUNTER]
        ldr     x12, [x2, #448]
        ldr     x13, =0xf2000000
        and     x12, x12, x13
        str     x12, [x14, #PSTATE]
        b       ended
restorer:
        mov     x8, #139                        // rt_sigreturn
        svc     #0
cannot: mov     x0, #2
        mov     x8, #93
        svc     #0

// The code came to its end; x30 is in TPIDR_EL0.
leave:
        ldr     x30, =record
        stp     x0, x1, [x30]
        stp     x2, x3, [x30, #16]
        stp     x4, x5, [x30, #32]
        stp     x6, x7, [x30, #48]
        stp     x8, x9, [x30, #64]
        stp     x10, x11, [x30, #80]
        stp     x12, x13, [x30, #96]
        stp     x14, x15, [x30, #112]
        stp     x16, x17, [x30, #128]
        stp     x18, x19, [x30, #144]
        stp     x20, x21, [x30, #160]
        stp     x22, x23, [x30, #176]
        stp     x24, x25, [x30, #192]
        stp     x26, x27, [x30, #208]
        stp     x28, x29, [x30, #224]
        mrs     x0, tpidr_el0
        str     x0, [x30, #240]
        mov     x0, sp
        str     x0, [x30, #STACK]
        mrs     x0, nzcv
        mrs     x1, tco
        orr     x0, x0, x1
        str     x0, [x30, #PSTATE]
        ldr     x0, =in_case
        str     xzr, [x0]
ended:  ldr     x19, =record
        ldr     x0, =stack
        mov     sp, x0
        msr     tco, #1
        call    172                             // getpid: what asynchronous faults there are is told now
        ldr     x0, [x19, #EVENT]
        and     x0, x0, #0xff
        cmp     x0, #11                         // next to another SIGSEGV it may be lost
        b.ne    12f
        str     xzr, [x19, #TOLD]
12:
        ldr     x20, =pages
        ldr     x21, =pages_end
5:      cmp     x20, x21
        b.hs    6f
        ldp     x0, x2, [x20], #16
        mov     x1, #0x1000
        and     x2, x2, #0x20
        orr     x2, x2, #3
        call    226                             // mprotect
        b       5b
6:
        ldr     x0, =0x100600000
        bl      load_tags
        ldr     x19, =record
        str     x1, [x19, #368]

// Compares what was recorded with what the architecture says, and prints what differs.
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
exit:   mov     x0, x1
        mov     x8, #93                         // exit
        svc     #0

print:  mov     x2, #0                          // the text at x1
7:      ldrb    w3, [x1, x2]
        cbz     w3, 8f
        add     x2, x2, #1
        b       7b
8:      mov     x0, #1
        mov     x8, #64                         // write
        svc     #0
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


// 16 tags between x1 and the 256 bytes from x0 on
store_tags:
        mov     x2, #16
9:      and     x3, x1, #15
        orr     x3, x0, x3, lsl #56
        stg     x3, [x3]
        add     x0, x0, #16
        lsr     x1, x1, #4
        subs    x2, x2, #1
        b.ne    9b
        ret
load_tags:
        mov     x1, #0
        add     x2, x0, #240
10:     mov     x3, x2
        ldg     x3, [x3]
        ubfx    x3, x3, #56, #4
        orr     x1, x3, x1, lsl #4
        cmp     x2, x0
        sub     x2, x2, #16
        b.ne    10b
        ret

store_data:                                     // 256 bytes from x1 to x0
        mov     x2, #32
8:      ldr     x3, [x1], #8
        str     x3, [x0], #8
        subs    x2, x2, #1
        b.ne    8b
        ret
        .ltorg

// The code
        .section .case, "ax"
of_x30: .quad   0x0000000000000000
        .skip   52
        ldr     x30, of_x30                     // and on into the code
code:
        .inst   0x48a0fc3f                      // caslh w0, wzr, [x1]
        msr     tpidr_el0, x30                  // the end
        movz    x30, #:abs_g2:leave
        movk    x30, #:abs_g1_nc:leave
        movk    x30, #:abs_g0_nc:leave
        br      x30

        .data
        .balign 16
registers:                                      // x0 to x30
        .quad   0x0000000000000000
        .quad   0x0100000100600001
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
        .quad   name_0, record + 256, 0x0000000000000000, 0xffffffffffffffff
        .quad   name_1, record + 248, 0x0000000000000000, 0x00000000f2000000
        .quad   name_2, record + 296, 0x0000000000000000, 0xffffffffffffffff
        .quad   name_3, record + 336, 0x0000000000000001, 0x0000000000000001
checks_end:
name_0: .asciz "end (si_code and signal, or 0)"
name_1: .asciz "PSTATE"
name_2: .asciz "SP"
name_3: .asciz "SEGV_MTEAERR came"
text_expected: .asciz ": expected 0x"
text_got: .asciz ", got 0x"
text_end: .asciz "\n"
text_number: .asciz "0000000000000000"
        .balign 8
// Pages: address, protection (1 read, 2 write, 0x20 PROT_MTE)
pages:
        .quad   0x100600000, 0x23
        .quad   0x100601000, 0x23
        .quad   0x100602000, 0x3
        .quad   0x100603000, 0x23
        .quad   0x100604000, 0x21
        .quad   0x100605000, 0x23
        .quad   0x100606000, 0x20
        .quad   0x100607000, 0x1
        .quad   0x100608000, 0x23
        .quad   0x10060a000, 0x23
        .quad   0x10060b000, 0x3
        .quad   0x10060c000, 0x23
        .quad   0x10060d000, 0x3
        .quad   0x10060e000, 0x23
pages_end:
signals: .quad 4, 5, 7, 8, 11, 0     // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
action: .quad   handler, 0x4c000804, restorer, 0
signal_stack: .quad signal_stack_bytes, 0, 65536
in_case: .quad 0
told_at: .quad 0, 0

        .bss
        .balign 64
record: .skip   944
        .balign 64
signal_stack_bytes: .skip 65536
        .skip   4096
stack:
