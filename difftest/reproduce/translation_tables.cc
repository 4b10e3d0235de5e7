// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/translation_tables.h"

#include <array>

#include "difftest/core/layout.h"
#include "difftest/reproduce/assembly.h"
#include "difftest/reproduce/checks.h"

namespace mtecheck::difftest {
namespace {

using assembly::hex;
using assembly::line;

constexpr std::uint64_t kPageDescriptor = 0x703; // page, Inner Shareable, Access flag
constexpr std::uint64_t kBlockDescriptor = 0x701;
constexpr std::uint64_t kUxn = std::uint64_t{1} << 54U; // XN in regimes of one address range
constexpr std::uint64_t kPxn = std::uint64_t{1} << 53U;
constexpr std::uint64_t kIdentity = 0x40000000; // of the file itself, at EL3

unsigned table_index(std::uint64_t va, unsigned level) {
    return static_cast<unsigned>(va >> (39U - 9U * level) & 0x1ffU);
}

std::string page(std::uint64_t attribute, std::uint64_t permission, bool two_ranges) {
    // In regimes of one range AP[1] is RES1 and one bit forbids execution.
    const std::uint64_t flags = two_ranges ? kUxn | kPxn : kUxn | std::uint64_t{ARENA_AP_RW} << 6U;
    return hex(kPageDescriptor | attribute << 2U | permission << 6U | flags);
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
std::string arena_tables(std::uint64_t pc, const std::string& prefix, bool two_ranges) {
    const std::uint64_t code_page = pc & ~(ARENA_PAGE_BYTES - 1) & ~ARENA_UPPER_HALF;
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

} // namespace

std::string translation_tables(const Case& value, const CodeRegime& regime) {
    const std::uint64_t pc = value.sequence.pc;
    const bool at_el3 = value.sequence.configuration.el == 3;
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
    if (at_el3) {
        root("el3_root", true, true, "");
    } else {
        root("root", false, true, "");
        if (regime.returns_to_el1) root("el2_root", false, true, "el2_");
        root("el3_root", true, false, "el3_");
    }
    text += arena_tables(pc, "", regime.two_ranges || regime.returns_to_el1);
    if (regime.returns_to_el1)
        text += "// The same for EL2, whose regime has one range of addresses\n" + arena_tables(pc, "el2_", false);
    if (!at_el3) {
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

} // namespace mtecheck::difftest
