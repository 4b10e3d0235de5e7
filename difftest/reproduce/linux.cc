// SPDX-License-Identifier: Apache-2.0
//
// Invariants: while the case does not run PSTATE.TCO is 1; a signal that reports asynchronous Tag Check Faults ends
// nothing; nothing of the program is where a case may look.
#include "difftest/reproduce/linux.h"

#include "difftest/core/error.h"
#include "difftest/core/layout.h"
#include "difftest/core/process.h"
#include "difftest/linux/protocol.h"
#include "difftest/reproduce/assembly.h"

namespace mtecheck::difftest {
namespace {

using assembly::hex;
using assembly::line;

constexpr std::uint64_t kPrologue = 64; // before the code
constexpr unsigned kProtRead = 1, kProtWrite = 2, kProtMte = 0x20;
constexpr const char* kTextAddress = "0x1c1000000"; // in the gigabyte that no case may touch
constexpr unsigned kNzcvShift = 28;

constexpr const char* kStart = R"(
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
)";

constexpr const char* kMapping = R"(
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
)";

/// mprotect() of all pages: with `operation` of the protection in the table.
std::string protect(const std::string& operation) {
    return R"(        ldr     x20, =pages
        ldr     x21, =pages_end
5:      cmp     x20, x21
        b.hs    6f
        ldp     x0, x2, [x20], #16
        mov     x1, #0x1000
)" + operation +
           R"(        call    226                             // mprotect
        b       5b
6:
)";
}

constexpr const char* kHandler = R"(
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
)";

constexpr const char* kEnd = R"(
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
)";

constexpr const char* kPrint = R"(exit:   mov     x0, x1
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

)";

constexpr const char* kTags = R"(
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
)";

struct Page {
    unsigned number;
    bool tagged;
    unsigned protection;
};

std::vector<Page> process_pages() {
    std::vector<Page> pages;
    const auto add = [&](unsigned number, unsigned attribute, unsigned ap, bool mapped) {
        const unsigned protection = ap == ARENA_AP_RW ? kProtRead | kProtWrite : ap == ARENA_AP_RO ? kProtRead : 0;
        if (mapped) pages.push_back({number, attribute == ARENA_ATTR_TAGGED, protection});
    };
#define ARENA_ROW(number, attribute, ap, mapped) add(number, attribute, ap, mapped != 0);
    ARENA_PAGE_TABLE(ARENA_ROW)
#undef ARENA_ROW
    return pages;
}

bool is_tagged(const Window& window) {
    for (const Page& page : process_pages())
        if (page.number == (window.pa - ARENA_PA) / ARENA_PAGE_BYTES) return page.tagged;
    return false;
}

std::string offsets() {
    std::string text;
    const auto set = [&](const char* name, unsigned offset) {
        text += line(std::string(".set    ") + name + ", " + std::to_string(offset));
    };
    set("PSTATE", record::kPstate);
    set("EVENT", record::kEvent);
    set("ADDRESS", record::kFar);
    set("COUNTER", record::kElr);
    set("STACK", record::kSp);
    set("TOLD", record::kTfsre0);
    return text + line(".set    arena, " + hex(ARENA_VA, 1));
}

std::string each_vector(const char* instruction, const char* base, unsigned offset) {
    std::string text;
    for (unsigned n = 0; n < 32; ++n)
        text += line(std::string(instruction) + " q" + std::to_string(n) + ", [" + base + ", #" +
                     std::to_string(offset + 16 * n) + "]");
    return text;
}

} // namespace

Case placed_for_linux(const Case& nominal) {
    Case placed = nominal;
    placed.sequence.pc += kPrologue;
    return placed;
}

Outcome placed_for_linux(const Outcome& outcome, const Case& nominal) {
    Outcome placed = outcome;
    const auto place = [&](std::uint64_t& address) {
        if (address - nominal.sequence.pc <= 4 * nominal.sequence.code.size()) address += kPrologue;
    };
    place(placed.pc);
    place(placed.signal.address);
    return placed;
}

std::vector<std::string> linux_commands(const std::string& name, const Profile& profile) {
    return {"aarch64-linux-gnu-ld -Ttext=" + std::string(kTextAddress) +
                " --section-start=.case=" + hex(ARENA_CODE_VA, 1) + " -o " + name + ".elf " + name + ".o",
            "qemu-aarch64 -cpu " + (profile.cpu.empty() ? "max" : profile.cpu) + " ./" + name + ".elf"};
}

std::string linux_program(const Case& placed, const Profile& profile, const std::vector<Check>& checks) {
    Sequence nominal = placed.sequence;
    nominal.pc -= kPrologue;
    const auto cannot = [&](const std::string& why) {
        return InputError("case " + placed.id, "", "a process cannot set it up: " + why);
    };
    if (const auto why = refuse_process(nominal, profile)) throw cannot(*why);
    if (const char* const why = refuse_process(placed.state, profile)) throw cannot(why);
    const bool mte = profile.mte >= 2;
    const Configuration& c = placed.sequence.configuration;
    const State& state = placed.state;
    const auto vectors = [&](const std::string& text) { return state.v.empty() ? std::string() : text; };

    std::string text = offsets() + kStart;
    if (mte) {
        constexpr std::uint64_t kModes[] = {0, 2, 4}; // PR_MTE_TCF_SYNC, PR_MTE_TCF_ASYNC
        const std::uint64_t control =
            1 | kModes[static_cast<unsigned>(tag_check_mode(c))] | (~state.gcr_el1 & 0xffffU) << 3U;
        text += line("mov     x0, #55                         // PR_SET_TAGGED_ADDR_CTRL") +
                line("ldr     x1, =" + hex(control, 1)) + line("mov     x2, #0") + line("mov     x3, #0") +
                line("mov     x4, #0") + line("call    167                             // prctl") +
                line("msr     tco, #1");
    }
    text += kMapping;
    for (std::size_t i = 0; i < state.windows.size(); ++i) {
        const Window& window = state.windows[i];
        const std::string address = hex(ARENA_VA + window.pa - ARENA_PA, 1);
        if (mte && is_tagged(window))
            text +=
                line("ldr     x0, =" + address) + line("ldr     x1, =" + hex(window.tags)) + line("bl      store_tags");
        if (window.data == decltype(window.data){}) continue;
        text += line("ldr     x0, =" + address) + line("ldr     x1, =data_" + std::to_string(i)) +
                line("bl      store_data");
    }
    text += "\n        // The pages as they shall be, and the state that the code begins with\n" + protect("");
    text += vectors(line("ldr     x0, =vectors") + each_vector("ldr    ", "x0", 0));
    text += line("ldr     x0, =in_case") + line("mov     x1, #1") + line("str     x1, [x0]") + line("clrex") +
            line("ldr     x0, =" + hex(state.sp[0])) + line("mov     sp, x0") +
            line("ldr     x0, =" + hex(std::uint64_t{state.nzcv} << kNzcvShift)) + line("msr     nzcv, x0");
    if (mte) text += line("msr     tco, #" + std::to_string(c.tco));
    text += line("ldr     x30, =registers");
    for (unsigned n = 0; n < 30; n += 2)
        text += line("ldp     x" + std::to_string(n) + ", x" + std::to_string(n + 1) + ", [x30, #" +
                     std::to_string(8 * n) + "]");
    text += line("ldr     x30, =code - 4") + line("br      x30") + kHandler + kEnd;
    if (mte) text += line("mrs     x1, tco") + line("orr     x0, x0, x1");
    text += line("str     x0, [x30, #PSTATE]") + line("ldr     x0, =in_case") + line("str     xzr, [x0]") +
            "ended:  ldr     x19, =record\n" + vectors(each_vector("str    ", "x19", record::kVectors)) +
            line("ldr     x0, =stack") + line("mov     sp, x0");
    if (mte) text += line("msr     tco, #1");
    text += line("call    172                             // getpid: what asynchronous faults there are is told now") +
            line("ldr     x0, [x19, #EVENT]") + line("and     x0, x0, #0xff") +
            line("cmp     x0, #11                         // next to another SIGSEGV it may be lost") +
            line("b.ne    12f") + line("str     xzr, [x19, #TOLD]") + "12:\n" +
            protect(line("and     x2, x2, #0x20") + line("orr     x2, x2, #3"));
    for (std::size_t i = 0; i < state.windows.size(); ++i) {
        const Window& window = state.windows[i];
        if (mte && is_tagged(window)) {
            text += line("ldr     x0, =" + hex(ARENA_VA + window.pa - ARENA_PA, 1)) + line("bl      load_tags");
        } else {
            text += line("ldr     x1, =" + hex(window.tags) + "     // cannot be told");
        }
        text +=
            line("ldr     x19, =record") + line("str     x1, [x19, #" + std::to_string(record::kTags + 8 * i) + "]");
    }
    text += "\n// Compares what was recorded with what the architecture says, and prints what differs.\n" +
            line("ldr     x20, =checks") + line("ldr     x21, =checks_end") +
            line("mov     x22, #0                         // exit status");
    text += assembly::kComparison;
    text += kPrint;
    text += assembly::kPrintNumber;
    text += (mte ? std::string(kTags) : std::string()) + "\n" + assembly::kStoreData;

    text += "\n// The code\n        .section .case, \"ax\"\nof_x30: .quad   " + hex(state.x[30]) + "\n" +
            line(".skip   52") + line("ldr     x30, of_x30                     // and on into the code") + "code:\n" +
            assembly::code(placed.sequence) + line("msr     tpidr_el0, x30                  // the end") +
            line("movz    x30, #:abs_g2:leave") + line("movk    x30, #:abs_g1_nc:leave") +
            line("movk    x30, #:abs_g0_nc:leave") + line("br      x30");

    text += assembly::state(state) + assembly::checks(checks);
    text += "// Pages: address, protection (1 read, 2 write, 0x20 PROT_MTE)\npages:\n";
    for (const Page& page : process_pages()) {
        const unsigned protection = page.protection | (mte && page.tagged ? kProtMte : 0U);
        text += line(".quad   " + hex(ARENA_VA + page.number * ARENA_PAGE_BYTES, 1) + ", " + hex(protection, 1));
    }
    // SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER | SA_ONSTACK | SA_NODEFER
    text += "pages_end:\nsignals: .quad 4, 5, 7, 8, 11, 0     // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV\n"
            "action: .quad   handler, 0x4c000804, restorer, 0\n"
            "signal_stack: .quad signal_stack_bytes, 0, 65536\nin_case: .quad 0\ntold_at: .quad 0, 0\n";
    return text + "\n        .bss\n        .balign 64\nrecord: .skip   " + std::to_string(record::kBytes) +
           "\n        .balign 64\nsignal_stack_bytes: .skip 65536\n        .skip   4096\nstack:\n";
}

} // namespace mtecheck::difftest
