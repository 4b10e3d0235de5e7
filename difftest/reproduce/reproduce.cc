// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/reproduce.h"

#include <algorithm>
#include <array>
#include <variant>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "difftest/qemu/codec.h"
#include "difftest/qemu/setup.h"
#include "difftest/reproduce/assembly.h"
#include "difftest/reproduce/checks.h"
#include "difftest/reproduce/linux.h"
#include "spec/disassemble.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxDecisions = 16;
constexpr std::uint64_t kPageDescriptor = 0x703; // page, Inner Shareable, Access flag
constexpr std::uint64_t kBlockDescriptor = 0x701;
constexpr std::uint64_t kUxn = std::uint64_t{1} << 54U; // XN in regimes of one address range
constexpr std::uint64_t kPxn = std::uint64_t{1} << 53U;
constexpr std::uint64_t kIdentity = 0x40000000; // of the file itself, at EL3
constexpr const char* kTextAddress = "0x40200000";

using assembly::hex;
using assembly::line;

unsigned table_index(std::uint64_t va, unsigned level) {
    return static_cast<unsigned>(va >> (39U - 9U * level) & 0x1ffU);
}

/// A word of a configuration, then the register.
std::string set(const std::string& name, std::uint64_t value) { return line("set     " + name + ", " + hex(value)); }

/// Text in the width of a comment.
std::string comment(const std::string& text) {
    constexpr std::size_t kWidth = 110;
    std::string result;
    std::string rest = text;
    while (!rest.empty()) {
        std::size_t length = rest.size();
        if (length > kWidth) {
            length = rest.rfind(' ', kWidth);
            if (length == std::string::npos || length == 0) length = kWidth;
        }
        result += "// " + rest.substr(0, length) + "\n";
        rest.erase(0, length);
        rest.erase(0, rest.find_first_not_of(' '));
    }
    return result;
}

class Writer {
  public:
    Writer(const Case& value, const Profile& profile)
        : case_(value), c_(value.sequence.configuration), has_tags_(profile.mte >= 2) {
        std::variant<wire_sequence, std::string> setup = set_up(value.sequence, PageTables{}, profile);
        if (const std::string* const why = std::get_if<std::string>(&setup)) {
            throw InputError("case " + value.id, "", "bare metal cannot set it up: " + *why);
        }
        setup_ = std::get<wire_sequence>(setup);
        two_ranges_ = c_.el <= 1 || (c_.el == 2 && host_el2(c_));
        returns_to_el1_ = setup_.has_return != 0 && !two_ranges_;
    }

    std::string start() const;
    std::string code() const;
    std::string tables() const;

  private:
    std::string arena_tables(const std::string& prefix, bool two_ranges) const;

    static std::string page(std::uint64_t attribute, std::uint64_t permission, bool two_ranges) {
        // In regimes of one range AP[1] is RES1 and one bit forbids execution.
        const std::uint64_t flags = two_ranges ? kUxn | kPxn : kUxn | std::uint64_t{ARENA_AP_RW} << 6U;
        return hex(kPageDescriptor | attribute << 2U | permission << 6U | flags);
    }

    const Case& case_;
    const Configuration& c_;
    wire_sequence setup_;
    bool has_tags_;
    bool two_ranges_ = false;
    bool returns_to_el1_ = false; // or EL0, out of EL2's regime of one range
};

constexpr const char* kMacros = R"(
        .arch   armv8.5-a+memtag
        .macro  set register, value
        ldr     x0, =\value
        msr     \register, x0
        .endm
)";

std::string Writer::start() const {
    std::string text = R"(
        .text
        .global _start
_start:
        mrs     x0, CurrentEL
        cmp     x0, #0xc
        b.ne    elsewhere
)";
    if (has_tags_) text += line("msr     tco, #1");
    text += R"(        ldr     x0, =own_vectors
        msr     vbar_el3, x0
        set     cptr_el3, 0
        set     mdcr_el3, 0
        isb
)";
    text += set("scr_el3", setup_.scr_el3) + set("hcr_el2", setup_.hcr_el2) + set("mdcr_el2", 0) + set("hstr_el2", 0) +
            set("mdscr_el1", 0);
    text += "\n        // Exceptions to EL1 and EL2 arrive in a page that goes on to EL3.\n";
    text += set("vbar_el1", ARENA_RELAY_VA) + set("vbar_el2", ARENA_RELAY_VA);
    if (setup_.has_return != 0) {
        text += "\n        // What ERET in the code finds.\n";
        text += set("elr_el1", setup_.elr_el1) + set("elr_el2", setup_.elr_el2) + set("spsr_el1", setup_.spsr_el1) +
                set("spsr_el2", setup_.spsr_el2);
    }
    text += "\n        // Translation: 39 bits of address, pages of 4 KiB, stage 1 only.\n";
    for (const char* el : {"1", "2", "3"}) text += set(std::string("mair_el") + el, ARENA_MAIR);
    for (const char* base : {"ttbr0_el1", "ttbr1_el1", "ttbr0_el2", "s3_4_c2_c0_1"}) {
        const bool of_el2 = returns_to_el1_ && base == std::string("ttbr0_el2");
        text += line(std::string("ldr     x0, =") + (c_.el == 3 ? "el3_root" : of_el2 ? "el2_root" : "root"));
        text += line(std::string("msr     ") + base + ", x0" +
                     (base == std::string("s3_4_c2_c0_1") ? "                // ttbr1_el2" : ""));
    }
    text += line("ldr     x0, =el3_root") + line("msr     ttbr0_el3, x0");
    text += set("tcr_el1", setup_.tcr_el1) + set("tcr_el2", setup_.tcr_el2) + set("tcr_el3", setup_.tcr_el3);
    text += set("sctlr_el1", setup_.sctlr_el1) + set("sctlr_el2", setup_.sctlr_el2);
    text += set("cpacr_el1", setup_.cpacr_el1) + set("cptr_el2", setup_.cptr_el2) + set("cptr_el3", setup_.cptr_el3);
    text += line("dsb     sy") + line("tlbi    alle1") + line("tlbi    alle3");
    if ((setup_.scr_el3 & 0x40001U) != 0) text += line("tlbi    alle2"); // NS or EEL2: there is an EL2
    text += line("dsb     sy") + line("isb") + set("sctlr_el3", setup_.sctlr_el3) + line("isb");

    for (std::size_t i = 0; i < case_.state.windows.size(); ++i) {
        const Window& window = case_.state.windows[i];
        const std::uint64_t offset = window.pa - ARENA_PA;
        text += "\n        // 256 bytes of memory, seen at " + hex(ARENA_VA + offset, 1) +
                (has_tags_ ? ": tags, then data\n" : "\n");
        if (has_tags_) {
            text += line("ldr     x0, =" + hex(ARENA_TAGGED_VA + offset)) + line("ldr     x1, =" + hex(window.tags)) +
                    line("bl      store_tags");
        }
        if (window.data == decltype(window.data){}) continue;
        text += line("ldr     x0, =arena + " + hex(offset, 1)) + line("ldr     x1, =data_" + std::to_string(i)) +
                line("bl      store_data");
    }
    text += "\n        // The state that the code begins with\n";
    text += set("sp_el0", case_.state.sp[0]) + set("sp_el1", case_.state.sp[1]) + set("sp_el2", case_.state.sp[2]);
    if (has_tags_) {
        text += set("gcr_el1", case_.state.gcr_el1) + set("rgsr_el1", case_.state.rgsr_el1) +
                set("tfsre0_el1", case_.state.tfsre0_el1) + set("tfsr_el1", case_.state.tfsr[1]) +
                set("tfsr_el2", case_.state.tfsr[2]) + line("ldr     x0, =" + hex(case_.state.tfsr[3])) +
                line("msr     s3_6_c5_c6_0, x0                // tfsr_el3");
    }
    if (!case_.state.v.empty()) {
        text += line("ldr     x0, =vectors");
        for (unsigned n = 0; n < 32; ++n)
            text += line("ldr     q" + std::to_string(n) + ", [x0, #" + std::to_string(16 * n) + "]");
    }
    text += line("ldr     x0, =el3_vectors") + line("msr     vbar_el3, x0") + set("elr_el3", case_.sequence.pc);
    text += set("spsr_el3", setup_.spsr | std::uint64_t{case_.state.nzcv} << 28U) + line("ldr     x0, =record") +
            line("mov     sp, x0");
    if (setup_.run_sctlr_el3 != setup_.sctlr_el3) text += set("sctlr_el3", setup_.run_sctlr_el3) + line("isb");
    text += line("ldr     x30, =registers");
    for (unsigned n = 0; n < 30; n += 2) {
        text += line("ldp     x" + std::to_string(n) + ", x" + std::to_string(n + 1) + ", [x30, #" +
                     std::to_string(8 * n) + "]");
    }
    return text + line("ldr     x30, [x30, #240]") + line("eret");
}

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

/// What is the same in every reproducer, with the offsets of the record.
std::string recorder(const Case& value, const wire_sequence& setup, const Profile& profile) {
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

std::string Writer::code() const {
    const std::uint64_t page = case_.sequence.pc & ~(ARENA_PAGE_BYTES - 1);
    std::string text = "\n// The code, in a page of its own that is mapped at " + hex(page, 1) + "\n";
    text += line(".balign 4096") + "code_page:\n";
    if (case_.sequence.pc != page) text += line(".skip   " + hex(case_.sequence.pc - page, 1));
    text += assembly::code(case_.sequence);
    text += line(ends_with_svc(case_.sequence) ? "svc     #0x4d54                         // the end"
                                               : "smc     #0x4d54                         // the end");
    text +=
        "\n// The vectors of EL1 and EL2, in a page of their own that is mapped at " + hex(ARENA_RELAY_VA, 1) + "\n";
    return text + R"(        .balign 4096
lower_vectors:
        .set    vector, 0
        .rept   16
        .balign 128
        smc     #vector                         // ESR, FAR, ELR and SPSR of the level stay as they are
        .set    vector, vector + 1
        .endr
        .balign 4096
)";
}

/// An entry of a table, and the end of one.
std::string at(const std::string& table, unsigned index) {
    return line(".org    " + table + " + 8 * " + std::to_string(index));
}
std::string end(const std::string& table) { return line(".org    " + table + " + 4096"); }

/// A table of level 2 with one entry; its end is still to come.
std::string second(const std::string& name, std::uint64_t va, const std::string& to) {
    return name + ":\n" + at(name, table_index(va, 2)) + line(".quad   " + to + " + 3");
}

std::string uniform(const std::string& name, const std::string& flags, const char* what) {
    return name + ":                     // the same pages, all of them " + what + "\n        .set    offset, 0\n" +
           "        .rept   " + std::to_string(ARENA_PAGES) + "\n        .quad   arena + offset + " + flags +
           "\n        .set    offset, offset + 0x1000\n        .endr\n" + end(name);
}

/// What a root leads to, in a regime of one range of addresses or two.
std::string Writer::arena_tables(const std::string& prefix, bool two_ranges) const {
    const std::uint64_t code_page = case_.sequence.pc & ~(ARENA_PAGE_BYTES - 1) & ~ARENA_UPPER_HALF;
    const auto of = [&](const char* name) { return prefix + name; };
    std::string text = second(of("arena_2"), ARENA_VA, of("arena_3"));
    text +=
        at(of("arena_2"), table_index(code_page, 2)) + line(".quad   " + of("code_3") + " + 3") + end(of("arena_2"));
    text += second(of("tagged_2"), ARENA_TAGGED_VA, of("tagged_3")) + end(of("tagged_2"));
    text += second(of("untagged_2"), ARENA_UNTAGGED_VA, of("untagged_3")) + end(of("untagged_2"));
    text += second(of("vectors_2"), ARENA_RELAY_VA, of("vectors_3")) + end(of("vectors_2"));
    text += of("arena_3") + ":                                        // from " + hex(ARENA_VA, 1) + "\n";
    constexpr std::array<const char*, 4> kAttributes = {"Normal, Untagged", "Tagged", "Device-nGnRnE",
                                                        "Normal, Non-cacheable"};
    constexpr std::array<const char*, 4> kPermissions = {"read-write, not at EL0", "read-write",
                                                         "read-only, not at EL0", "read-only"};
    const auto arena_page = [&](unsigned number, unsigned attribute, unsigned permission, bool mapped) {
        const std::string where = hex(number * ARENA_PAGE_BYTES, 4);
        text += mapped ? line(".quad   arena + " + where + " + " + page(attribute, permission, two_ranges) + " // " +
                              kAttributes.at(attribute) + ", " + kPermissions.at(permission))
                       : line(".quad   0                               // not mapped");
    };
#define ARENA_ROW(number, attribute, ap, mapped) arena_page(number, attribute, ap, mapped != 0);
    ARENA_PAGE_TABLE(ARENA_ROW)
#undef ARENA_ROW
    text += end(of("arena_3"));
    text += uniform(of("tagged_3"), page(ARENA_ATTR_TAGGED, ARENA_AP_RW, two_ranges), "Tagged, read-write");
    text += uniform(of("untagged_3"), page(ARENA_ATTR_NORMAL, ARENA_AP_RW, two_ranges), "Normal, Untagged, read-write");
    const std::uint64_t one_range = two_ranges ? 0 : std::uint64_t{ARENA_AP_RW} << 6U;
    text += of("code_3") + ":\n" + at(of("code_3"), table_index(code_page, 3)) +
            line(".quad   code_page + " + hex(kPageDescriptor | std::uint64_t{ARENA_AP_RO} << 6U)) + end(of("code_3"));
    return text + of("vectors_3") + ":\n" +
           line(".quad   lower_vectors + " +
                hex(kPageDescriptor | std::uint64_t{ARENA_AP_PRIV_RO} << 6U | one_range | (two_ranges ? kUxn : 0))) +
           end(of("vectors_3"));
}

std::string Writer::tables() const {
    std::string text = "\n// Translation tables\n        .balign 4096\n";
    const auto root = [&](const std::string& name, bool identity, bool all, const std::string& prefix) {
        text += name + ":\n";
        if (identity) {
            text += at(name, table_index(kIdentity, 1)) +
                    line(".quad   " + hex(kIdentity | kBlockDescriptor | std::uint64_t{ARENA_AP_RW} << 6U) +
                         "        // this file itself, Normal");
        }
        text += at(name, table_index(ARENA_VA, 1));
        text += all ? line(".quad   " + prefix + "arena_2 + 3                     // from " +
                           hex(ARENA_VA & ~0x3fffffffULL, 1))
                    : line(".quad   0");
        text += line(".quad   " + prefix + "tagged_2 + 3");
        if (all) text += line(".quad   " + prefix + "untagged_2 + 3") + line(".quad   " + prefix + "vectors_2 + 3");
        text += end(name);
    };
    if (c_.el == 3) {
        root("el3_root", true, true, "");
    } else {
        root("root", false, true, "");
        if (returns_to_el1_) root("el2_root", false, true, "el2_");
        root("el3_root", true, false, "el3_");
    }
    text += arena_tables("", two_ranges_ || returns_to_el1_);
    if (returns_to_el1_)
        text += "// The same for EL2, whose regime has one range of addresses\n" + arena_tables("el2_", false);
    if (c_.el != 3) {
        text += second("el3_tagged_2", ARENA_TAGGED_VA, "el3_tagged_3") + end("el3_tagged_2");
        text += uniform(
            "el3_tagged_3",
            hex(kPageDescriptor | std::uint64_t{ARENA_ATTR_TAGGED} << 2U | std::uint64_t{ARENA_AP_RW} << 6U | kUxn),
            "Tagged, read-write, for EL3");
    }
    return text + "\n        .bss\n        .balign 4096\narena:  .skip   " + hex(ARENA_PAGES * ARENA_PAGE_BYTES, 1) +
           "\nrecord: .skip   " + std::to_string(record::kBytes) +
           "\n        .balign 16\n        .skip   4096\nstack:\n";
}

/// What it is about, in comments.
std::string header(const Finding& finding, const std::string& name, bool observed, const Profile& profile,
                   const std::vector<Defect>& defects, const std::vector<Check>& checks, const Outcome& seen,
                   const std::vector<std::string>& commands) {
    const Case& shown = finding.shown();
    std::string text;
    for (const std::string& id : finding.explained_by) {
        const auto defect =
            std::find_if(defects.begin(), defects.end(), [&](const Defect& one) { return one.id == id; });
        if (defect == defects.end()) continue;
        text += comment(defect->summary) + comment("Arm's pseudocode: " + defect->pseudocode);
    }
    if (text.empty()) {
        text += comment(observed ? to_string(finding.signature) : "A case that agrees with Arm's pseudocode");
        for (const std::uint32_t word : shown.sequence.code) {
            const auto encoding = spec::decode(word);
            if (encoding) {
                text += comment("Arm's pseudocode: " + std::string(spec::info(*encoding).pseudocode) + ", of " +
                                spec::disassemble(word));
            }
        }
    }
    text += "//\n" + comment("Code, at EL" + std::to_string(shown.sequence.configuration.el) + ":");
    for (const std::uint32_t word : shown.sequence.code) text += "//     " + spec::disassemble(word) + "\n";
    if (observed) {
        text += "//\n" + comment("Expected: " + event_name(finding.expected)) +
                comment("Observed: " + event_name(finding.got) + ", on " + profile.version);
        const std::vector<Check> got = words_of(seen, shown.sequence.layout == LayoutId::process);
        for (const Check& check : checks) {
            if (passes(check, got)) continue;
            const auto word =
                std::find_if(got.begin(), got.end(), [&](const Check& w) { return w.where == check.where; });
            text += comment("    " + check.name + ": expected " + hex(check.expected & check.mask, 1) + ", observed " +
                            hex((word == got.end() ? 0 : word->expected) & check.mask, 1));
        }
    }
    if (!finding.decisions.empty()) {
        text += "//\n" + comment("What the pseudocode decides on the way:");
        const std::size_t first = finding.decisions.size() - std::min(finding.decisions.size(), kMaxDecisions);
        for (std::size_t i = first; i < finding.decisions.size(); ++i) text += "//     " + finding.decisions[i] + "\n";
    }
    text += "//\n// To assemble and to run it:\n";
    text += "//     aarch64-linux-gnu-as -o " + name + ".o " + name + ".s\n";
    for (const std::string& command : commands) text += "//     " + command + "\n";
    return text +
           "//\n// Exit status 0: what the architecture says was seen; 1: it was not, and what differs is printed;\n"
           "// 2: it could not be set up, or the program itself went wrong.\n";
}

std::vector<std::string> bare_metal_commands(const std::string& name, const Profile& profile) {
    return {"aarch64-linux-gnu-ld -Ttext=" + std::string(kTextAddress) + " -o " + name + ".elf " + name + ".o",
            std::string("qemu-system-aarch64 -M virt,virtualization=on,secure=on,mte=") +
                (profile.mte >= 2 ? "on" : "off") + " -cpu " + profile.cpu + " -nodefaults -display none \\",
            "    -semihosting-config enable=on,target=native -kernel " + name + ".elf"};
}

} // namespace

std::string reproducer(const Finding& finding, const std::string& name, bool observed, const Profile& profile,
                       const std::vector<Defect>& defects) {
    const Case& shown = finding.shown();
    if (observed && !has_state(finding.got.status)) {
        throw InputError("case " + shown.id, "", "ended its target: run the case itself, there is nothing to compare");
    }
    if (shown.sequence.layout == LayoutId::simulator)
        throw InputError("case " + shown.id, "", "is a simulator's own, and no program can be run there: replay it");
    if (shown.sequence.layout == LayoutId::process) {
        const Case placed = placed_for_linux(shown);
        const Outcome got = placed_for_linux(finding.got, shown);
        const std::vector<Check> checks = checks_of(placed, profile, observed ? &got : nullptr);
        return header(finding, name, observed, profile, defects, checks, got, linux_commands(name, profile)) +
               linux_program(placed, profile, checks);
    }
    const std::vector<Check> checks = checks_of(shown, profile, observed ? &finding.got : nullptr);
    const Writer writer(shown, profile);
    wire_sequence setup = std::get<wire_sequence>(set_up(shown.sequence, PageTables{}, profile));
    return header(finding, name, observed, profile, defects, checks, finding.got, bare_metal_commands(name, profile)) +
           kMacros + writer.start() + recorder(shown, setup, profile) + writer.code() + assembly::state(shown.state) +
           assembly::checks(checks) + "exit_block: .quad 0, 0\n" + writer.tables();
}

} // namespace mtecheck::difftest
