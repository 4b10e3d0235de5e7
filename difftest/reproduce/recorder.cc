// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/recorder.h"

#include "difftest/core/layout.h"
#include "difftest/qemu/codec.h"
#include "difftest/reproduce/assembly.h"
#include "difftest/reproduce/checks.h"

namespace mtecheck::difftest {
namespace {

using assembly::hex;
using assembly::line;
using assembly::set;

constexpr const char* kTransferTags =
    R"(// 16 tags between x1 and the 256 bytes from x0 on, in blocks of as many as LDGM and STGM transfer
store_tags:
        mrs     x2, s3_1_c0_c0_4                // gmid_el1
        mov     x3, #4
        lsl     x2, x3, x2
        add     x3, x0, #256
6:      stgm    x1, [x0]
        add     x0, x0, x2
        cmp     x0, x3
        b.lo    6b
        ret
load_tags:
        mrs     x2, s3_1_c0_c0_4
        mov     x3, #4
        lsl     x2, x3, x2
        add     x3, x0, #256
        mov     x1, #0
7:      ldgm    x4, [x0]
        orr     x1, x1, x4
        add     x0, x0, x2
        cmp     x0, x3
        b.lo    7b
        ret
)";

/// For exceptions that the program itself takes, which end it with exit status 2: if they were recorded like those of
/// the code, one in the recorder would come again and again.
std::string own_vectors(bool asks_for_tco) {
    std::string text = R"(
// EL3 is entered from EL3: before the code, or while what it did is recorded.
        .balign 2048
own_vectors:
        .set    vector, 0
        .rept   16
        .balign 128
)";
    // Without FEAT_MTE2 MRS TCO may be RAZ: an exception tells.
    if (asks_for_tco) {
        text += R"(        .if     vector == 4
        mrs     x8, esr_el3
        lsr     x8, x8, #26
        cmp     x8, #0x15
        mrs     x8, spsr_el3
        b.ne    cannot
        eret                                    // from the SVC above: SPSR_EL3 says what PSTATE.TCO is
        .endif
)";
    }
    return text + R"(        b       cannot
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
)";
}

} // namespace

std::string bare_metal_recorder(const Case& value, const wire_sequence& setup, const Profile& profile) {
    const bool has_tags = profile.mte >= 2;
    const bool has_tco = profile.mte >= 1;
    std::string text = R"(
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
)";
    if (has_tags) text += line("mrs     x8, tco") + line("orr     x2, x2, x8");
    if (has_tco && !has_tags) {
        text += line("svc     #0") + line("and     x8, x8, #0x2000000") + line("orr     x2, x2, x8");
    }
    text += R"(        mrs     x8, pan
        orr     x2, x2, x8
        mrs     x8, uao
        orr     x2, x2, x8
)";
    text += line("ldr     x8, =" + hex(ARENA_RELAY_VA)) + R"(        sub     x8, x6, x8
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
)";
    text += line("ldr     x10, =" + hex(value.sequence.pc + 4 * value.sequence.code.size() + 4));
    text += line(std::string("cmp     x9, #") + (ends_with_svc(value.sequence) ? "0x15" : "0x17")) +
            R"(        ccmp    x6, x10, #0, eq
        b.ne    2f
        mov     x3, #0                          // the SVC or SMC behind the code: it ran to its end
        mov     x2, x7
2:      and     x2, x2, x8
)";
    text += line("stp     x2, x3, [x19, #" + std::to_string(record::kPstate) + "]") +
            line("stp     x4, x5, [x19, #" + std::to_string(record::kEsr) + "]") +
            line("stp     x6, x7, [x19, #" + std::to_string(record::kElr) + "]");
    if (!value.state.v.empty()) {
        for (unsigned n = 0; n < 32; ++n) {
            text +=
                line("str     q" + std::to_string(n) + ", [x19, #" + std::to_string(record::kVectors + 16 * n) + "]");
        }
    }
    if (setup.run_sctlr_el3 != setup.sctlr_el3) text += set("sctlr_el3", setup.sctlr_el3) + line("isb");
    text += line("dsb     sy                              // asynchronous Tag Check Faults are complete now");
    const auto keep = [&](const char* name, unsigned offset) {
        text += line(std::string("mrs     x0, ") + name) + line("str     x0, [x19, #" + std::to_string(offset) + "]");
    };
    keep("sp_el0", record::kSp);
    keep("sp_el1", record::kSp + 8);
    keep("sp_el2", record::kSp + 16);
    if (has_tags) {
        keep("gcr_el1", record::kGcr);
        keep("rgsr_el1", record::kRgsr);
        keep("tfsre0_el1", record::kTfsre0);
        keep("tfsr_el1", record::kTfsr);
        keep("tfsr_el2", record::kTfsr + 8);
        keep("s3_6_c5_c6_0", record::kTfsr + 16);
    }
    for (std::size_t i = 0; has_tags && i < value.state.windows.size(); ++i) {
        text += line("ldr     x0, =" + hex(value.state.windows[i].pa - ARENA_PA + ARENA_TAGGED_VA)) +
                line("bl      load_tags") + line("str     x1, [x19, #" + std::to_string(record::kTags + 8 * i) + "]");
    }
    return text + R"(
// Compares what was recorded with what the architecture says, and prints what differs.
        ldr     x0, =stack
        mov     sp, x0
        ldr     x20, =checks
        ldr     x21, =checks_end
        mov     x22, #0                         // exit status
)" + std::string(assembly::kComparison) +
           R"(exit:   ldr     x2, =exit_block                 // semihosting: SYS_EXIT, ADP_Stopped_ApplicationExit
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

)" + std::string(assembly::kPrintNumber) +
           (has_tags ? kTransferTags : "") + std::string(assembly::kStoreData) + own_vectors(has_tco && !has_tags);
}

} // namespace mtecheck::difftest
