// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/bare_metal.h"

#include <variant>

#include "difftest/core/error.h"
#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "difftest/qemu/codec.h"
#include "difftest/qemu/setup.h"
#include "difftest/reproduce/assembly.h"
#include "difftest/reproduce/recorder.h"
#include "difftest/reproduce/translation_tables.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kBareMetalText = "0x40200000"; // its address

using assembly::hex;
using assembly::line;
using assembly::set;

constexpr const char* kMacros = R"(
        .arch   armv8.5-a+memtag
        .macro  set register, value
        ldr     x0, =\value
        msr     \register, x0
        .endm
)";

std::string start(const Case& value, const wire_sequence& setup, const CodeRegime& regime, bool has_tags) {
    std::string text = R"(
        .text
        .global _start
_start:
        mrs     x0, CurrentEL
        cmp     x0, #0xc
        b.ne    elsewhere
)";
    if (has_tags) text += line("msr     tco, #1");
    text += R"(        ldr     x0, =own_vectors
        msr     vbar_el3, x0
        set     cptr_el3, 0
        set     mdcr_el3, 0
        isb
)";
    text += set("scr_el3", setup.scr_el3) + set("hcr_el2", setup.hcr_el2) + set("mdcr_el2", 0) + set("hstr_el2", 0) +
            set("mdscr_el1", 0);
    text += "\n        // Exceptions to EL1 and EL2 arrive in a page that goes on to EL3.\n";
    text += set("vbar_el1", ARENA_RELAY_VA) + set("vbar_el2", ARENA_RELAY_VA);
    if (setup.has_return != 0) {
        text += "\n        // What ERET in the code finds.\n";
        text += set("elr_el1", setup.elr_el1) + set("elr_el2", setup.elr_el2) + set("spsr_el1", setup.spsr_el1) +
                set("spsr_el2", setup.spsr_el2);
    }
    text += "\n        // Translation: 39 bits of address, pages of 4 KiB, stage 1 only.\n";
    for (const char* el : {"1", "2", "3"}) text += set(std::string("mair_el") + el, ARENA_MAIR);
    for (const char* base : {"ttbr0_el1", "ttbr1_el1", "ttbr0_el2", "s3_4_c2_c0_1"}) {
        const bool of_el2 = regime.returns_to_el1 && base == std::string("ttbr0_el2");
        text += line(std::string("ldr     x0, =") + (value.sequence.configuration.el == 3 ? "el3_root"
                                                     : of_el2                             ? "el2_root"
                                                                                          : "root"));
        text += line(std::string("msr     ") + base + ", x0" +
                     (base == std::string("s3_4_c2_c0_1") ? "                // ttbr1_el2" : ""));
    }
    text += line("ldr     x0, =el3_root") + line("msr     ttbr0_el3, x0");
    text += set("tcr_el1", setup.tcr_el1) + set("tcr_el2", setup.tcr_el2) + set("tcr_el3", setup.tcr_el3);
    text += set("sctlr_el1", setup.sctlr_el1) + set("sctlr_el2", setup.sctlr_el2);
    text += set("cpacr_el1", setup.cpacr_el1) + set("cptr_el2", setup.cptr_el2) + set("cptr_el3", setup.cptr_el3);
    text += line("dsb     sy") + line("tlbi    alle1") + line("tlbi    alle3");
    if ((setup.scr_el3 & 0x40001U) != 0) text += line("tlbi    alle2"); // NS or EEL2: there is an EL2
    text += line("dsb     sy") + line("isb") + set("sctlr_el3", setup.sctlr_el3) + line("isb");

    for (std::size_t i = 0; i < value.state.windows.size(); ++i) {
        const Window& window = value.state.windows[i];
        const std::uint64_t offset = window.pa - ARENA_PA;
        text += "\n        // 256 bytes of memory, seen at " + hex(ARENA_VA + offset, 1) +
                (has_tags ? ": tags, then data\n" : "\n");
        if (has_tags) {
            text += line("ldr     x0, =" + hex(ARENA_TAGGED_VA + offset)) + line("ldr     x1, =" + hex(window.tags)) +
                    line("bl      store_tags");
        }
        if (window.data == decltype(window.data){}) continue;
        text += line("ldr     x0, =arena + " + hex(offset, 1)) + line("ldr     x1, =data_" + std::to_string(i)) +
                line("bl      store_data");
    }
    text += "\n        // The state that the code begins with\n";
    text += set("sp_el0", value.state.sp[0]) + set("sp_el1", value.state.sp[1]) + set("sp_el2", value.state.sp[2]);
    if (has_tags) {
        text += set("gcr_el1", value.state.gcr_el1) + set("rgsr_el1", value.state.rgsr_el1) +
                set("tfsre0_el1", value.state.tfsre0_el1) + set("tfsr_el1", value.state.tfsr[1]) +
                set("tfsr_el2", value.state.tfsr[2]) + line("ldr     x0, =" + hex(value.state.tfsr[3])) +
                line("msr     s3_6_c5_c6_0, x0                // tfsr_el3");
    }
    if (!value.state.v.empty()) {
        text += line("ldr     x0, =vectors");
        for (unsigned n = 0; n < 32; ++n)
            text += line("ldr     q" + std::to_string(n) + ", [x0, #" + std::to_string(16 * n) + "]");
    }
    text += line("ldr     x0, =el3_vectors") + line("msr     vbar_el3, x0") + set("elr_el3", value.sequence.pc);
    text += set("spsr_el3", setup.spsr | std::uint64_t{value.state.nzcv} << 28U) + line("ldr     x0, =record") +
            line("mov     sp, x0");
    if (setup.run_sctlr_el3 != setup.sctlr_el3) text += set("sctlr_el3", setup.run_sctlr_el3) + line("isb");
    text += line("ldr     x30, =registers");
    for (unsigned n = 0; n < 30; n += 2) {
        text += line("ldp     x" + std::to_string(n) + ", x" + std::to_string(n + 1) + ", [x30, #" +
                     std::to_string(8 * n) + "]");
    }
    return text + line("ldr     x30, [x30, #240]") + line("eret");
}

std::string code(const Sequence& sequence) {
    const std::uint64_t page = sequence.pc & ~(ARENA_PAGE_BYTES - 1);
    std::string text = "\n// The code, in a page of its own that is mapped at " + hex(page, 1) + "\n";
    text += line(".balign 4096") + "code_page:\n";
    if (sequence.pc != page) text += line(".skip   " + hex(sequence.pc - page, 1));
    text += assembly::code(sequence);
    text += line(ends_with_svc(sequence) ? "svc     #0x4d54                         // the end"
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

} // namespace

std::vector<std::string> bare_metal_commands(const std::string& name, const Profile& profile) {
    return {"aarch64-linux-gnu-ld -Ttext=" + std::string(kBareMetalText) + " -o " + name + ".elf " + name + ".o",
            std::string("qemu-system-aarch64 -M virt,virtualization=on,secure=on,mte=") +
                (profile.mte >= 2 ? "on" : "off") + " -cpu " + profile.cpu + " -nodefaults -display none \\",
            "    -semihosting-config enable=on,target=native -kernel " + name + ".elf"};
}

std::string bare_metal_program(const Case& value, const Profile& profile, const std::vector<Check>& checks) {
    const std::variant<wire_sequence, std::string> found = set_up(value.sequence, PageTables{}, profile);
    if (const std::string* const why = std::get_if<std::string>(&found))
        throw InputError("case " + value.id, "", "bare metal cannot set it up: " + *why);
    const wire_sequence& setup = std::get<wire_sequence>(found);
    const Configuration& c = value.sequence.configuration;
    const bool two_ranges = c.el <= 1 || (c.el == 2 && host_el2(c));
    const CodeRegime regime{.two_ranges = two_ranges, .returns_to_el1 = setup.has_return != 0 && !two_ranges};
    return kMacros + start(value, setup, regime, profile.mte >= 2) + bare_metal_recorder(value, setup, profile) +
           code(value.sequence) + assembly::state(value.state) + assembly::checks(checks) + "exit_block: .quad 0, 0\n" +
           translation_tables(value, regime);
}

} // namespace mtecheck::difftest
