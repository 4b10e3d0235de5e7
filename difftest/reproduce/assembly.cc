// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/assembly.h"

#include "difftest/core/json_reader.h"
#include "spec/disassemble.h"

namespace mtecheck::difftest::assembly {

std::string hex(std::uint64_t value, unsigned digits) { return hex_text(value, digits); }
std::string line(const std::string& text) { return "        " + text + "\n"; }
std::string quad(std::uint64_t value) { return line(".quad   " + hex(value)); }
std::string set(const std::string& name, std::uint64_t value) { return line("set     " + name + ", " + hex(value)); }

std::string code(const Sequence& sequence) {
    std::string text;
    for (const std::uint32_t word : sequence.code) {
        std::string inst = ".inst   " + hex(word, 8);
        inst.resize(40, ' ');
        text += line(inst + "// " + spec::disassemble(word));
    }
    return text;
}

std::string state(const State& state) {
    std::string text =
        "\n        .data\n        .balign 16\nregisters:                                      // x0 to x30\n";
    for (const std::uint64_t x : state.x) text += quad(x);
    text += line(".balign 16");
    if (!state.v.empty()) {
        text += "vectors:                                        // v0 to v31, low half first\n";
        for (const Vector128& v : state.v) text += line(".quad   " + hex(v.low) + ", " + hex(v.high));
    }
    for (std::size_t i = 0; i < state.windows.size(); ++i) {
        const Window& window = state.windows[i];
        if (window.data == decltype(window.data){}) continue;
        text += "data_" + std::to_string(i) + ":\n";
        for (std::size_t at = 0; at < kWindowBytes; at += 32) {
            std::string words = ".quad   ";
            for (std::size_t word = at; word < at + 32; word += 8) {
                std::uint64_t value = 0;
                for (std::size_t byte = 8; byte-- > 0;) value = value << 8U | window.data[word + byte];
                words += (word == at ? "" : ", ") + hex(value);
            }
            text += line(words);
        }
    }
    return text;
}

std::string checks(const std::vector<Check>& checks) {
    std::string text =
        "\n// What the architecture says: name, address of the recorded word, value, bits that are looked at\n"
        "        .balign 8\nchecks:\n";
    for (std::size_t i = 0; i < checks.size(); ++i) {
        text += line(".quad   name_" + std::to_string(i) + ", " + checks[i].where + ", " + hex(checks[i].expected) +
                     ", " + hex(checks[i].mask));
    }
    text += "checks_end:\n";
    for (std::size_t i = 0; i < checks.size(); ++i)
        text += "name_" + std::to_string(i) + ": .asciz \"" + checks[i].name + "\"\n";
    return text + "text_expected: .asciz \": expected 0x\"\ntext_got: .asciz \", got 0x\"\ntext_end: .asciz \"\\n\"\n"
                  "text_number: .asciz \"0000000000000000\"\n        .balign 8\n";
}

const char* const kComparison = R"(3:      cmp     x20, x21
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
)";

const char* const kPrintNumber = R"(print_number:                                   // x2, as 16 digits
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

)";

const char* const kStoreData = R"(store_data:                                     // 256 bytes from x1 to x0
        mov     x2, #32
8:      ldr     x3, [x1], #8
        str     x3, [x0], #8
        subs    x2, x2, #1
        b.ne    8b
        ret
        .ltorg
)";

} // namespace mtecheck::difftest::assembly
