// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/setup.h"

#include <array>
#include <cstdio>

#include "difftest/core/branches.h"

namespace mtecheck::difftest {

namespace {

constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t bits(unsigned high, unsigned low) { return (~std::uint64_t{0} >> (63 - high + low)) << low; }

// HCR_EL2 and SCR_EL3
constexpr std::uint64_t kTge = bit(27);
constexpr std::uint64_t kE2h = bit(34);
constexpr std::uint64_t kNs = bit(0);
constexpr std::uint64_t kEel2 = bit(18);
// SCTLR_ELx
constexpr std::uint64_t kM = bit(0);
constexpr std::uint64_t kC = bit(2);
constexpr std::uint64_t kI = bit(12);
constexpr std::uint64_t kAta = bit(43);
// PSTATE and SPSR
constexpr unsigned kTcoShift = 25;
constexpr unsigned kUaoShift = 23;
constexpr unsigned kPanShift = 22;
constexpr std::uint64_t kDaif = bits(9, 6);

// A, C, SA, nAA, ITFSB, TCF, ATA.
constexpr std::uint64_t kSctlrFree = bit(1) | kC | bit(3) | bit(6) | bit(37) | bits(41, 40) | kAta;
// I; EOS, TSCXT, EIS (context synchronisation, EL0 scratch registers); nTLSMD, LSMAOE, ITD, SED, CP15BEN (AArch32);
// BT0, BT1 (no page is guarded); DSSBS.
constexpr std::uint64_t kSctlrOwn =
    kI | bit(11) | bit(20) | bit(22) | bits(29, 28) | bits(8, 7) | bit(5) | bits(36, 35) | bit(44) | bit(18) | bit(16);
// SA0, UMA, DZE, UCT, SPAN, UCI, TCF0, ATA0, EPAN: with an EL0.
constexpr std::uint64_t kSctlrFreeEl0 =
    bit(4) | bit(9) | bits(15, 14) | bit(23) | bit(26) | bits(39, 38) | bit(42) | bit(57);
constexpr RegisterRule kSctlrEl1{"SCTLR_EL1", 0x30d00980 | bit(18) | bit(16) | kM | kC | kI | kAta | bit(42),
                                 kSctlrFree | kSctlrFreeEl0, kSctlrOwn, kM};
constexpr RegisterRule kSctlrEl2Host{"SCTLR_EL2", kSctlrEl1.monitor, kSctlrEl1.free, kSctlrEl1.own, kM};
// Without an EL0 SPAN is RES1.
constexpr RegisterRule kSctlrEl2{"SCTLR_EL2", 0x30c50830 | kM | kC | kI | kAta, kSctlrFree,
                                 kSctlrOwn | bit(4) | bit(23), kM};
constexpr RegisterRule kSctlrEl3{"SCTLR_EL3", 0x30c50830 | kM | kC | kI | kAta, kSctlrFree,
                                 kSctlrOwn | bit(4) | bit(23), kM};

// Granule sizes, output size, cacheability and shareability of walks, ASIDs.
constexpr std::uint64_t kTcrOwn = bits(15, 8) | bits(36, 22);
// TBI, TBID, TCMA of both ranges.
constexpr std::uint64_t kTcrFree = bits(38, 37) | bits(52, 51) | bits(58, 57);
constexpr std::uint64_t kWalk = bit(8) | bit(10) | bits(13, 12); // Write-Back, Inner Shareable
constexpr RegisterRule kTcrEl1{"TCR_EL1", ARENA_TXSZ | ARENA_TXSZ << 16 | kWalk | kWalk << 16 | bit(31) | bit(33),
                               kTcrFree, kTcrOwn & ~bit(23), bits(5, 0) | bits(21, 16)};
constexpr RegisterRule kTcrEl2Host{"TCR_EL2", kTcrEl1.monitor, kTcrEl1.free, kTcrEl1.own, kTcrEl1.regime};
constexpr std::uint64_t kTcrOneRangeOwn = bits(18, 8) | bit(23) | bit(31);
constexpr RegisterRule kTcrEl2{"TCR_EL2", ARENA_TXSZ | kWalk | bit(17) | bit(23) | bit(31), bits(30, 29) | bit(20),
                               kTcrOneRangeOwn, bits(5, 0)};
constexpr RegisterRule kTcrEl3{"TCR_EL3", kTcrEl2.monitor, kTcrEl2.free, kTcrOneRangeOwn, bits(5, 0)};

// Free: TGE, E2H, ATA, TID5 and the other traps of system instructions and registers, API, APK. RW is our own.
constexpr RegisterRule kHcrEl2{"HCR_EL2", bit(31),
                               bits(18, 15) | bits(30, 20) | kE2h | bits(41, 40) | bit(49) | bit(56) | bit(58),
                               bit(31) | bit(1), 0};
// Free: NS, HCE, ST, TWI, TWE, APK, API, EEL2, ATA. RES1 bits and RW are our own.
constexpr RegisterRule kScrEl3{"SCR_EL3", bits(5, 4) | bit(10), kNs | bit(8) | bits(13, 11) | bits(18, 16) | bit(26),
                               bits(5, 4) | bit(10), 0};
// Traps of SIMD&FP, SVE, SME and trace registers: as the configuration has them.
constexpr RegisterRule kCpacrEl1{"CPACR_EL1", 0, bits(17, 16) | bits(21, 20) | bits(25, 24) | bit(28), 0, 0};
constexpr RegisterRule kCptrEl2{"CPTR_EL2", 0x33ff & ~(bit(8) | bit(12)),
                                bit(8) | bit(10) | bit(12) | bit(20) | bits(31, 30), bits(13, 0), 0};
constexpr RegisterRule kCptrEl2Host{"CPTR_EL2", 0, kCpacrEl1.free | bits(31, 30), 0, 0};
// The monitor itself uses SIMD&FP registers: TFP must be 0. SVE and SME traps are our own.
constexpr RegisterRule kCptrEl3{"CPTR_EL3", 0, bit(20) | bits(31, 30), bit(8) | bit(12), 0};

/// The register's value, or none if a bit that is neither free nor own is not the monitor's.
struct Merged {
    std::uint64_t value;
    bool supported;
};

Merged merge(const RegisterRule& rule, std::uint64_t wanted, bool of_current_regime) {
    std::uint64_t own = rule.own & ~rule.free;
    if (!of_current_regime) own |= rule.regime;
    return {(wanted & rule.free) | (rule.monitor & ~rule.free), ((wanted ^ rule.monitor) & ~(rule.free | own)) == 0};
}

std::string cannot(const RegisterRule& rule, std::uint64_t wanted, bool of_current_regime) {
    const std::uint64_t own = rule.own | (of_current_regime ? 0 : rule.regime);
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "%s=0x%llx: the monitor needs the bits 0x%llx as in 0x%llx", rule.name,
                  static_cast<unsigned long long>(wanted),
                  static_cast<unsigned long long>((wanted ^ rule.monitor) & ~(rule.free | own)),
                  static_cast<unsigned long long>(rule.monitor));
    return text.data();
}

/// What concerns no single register; empty if all is well.
std::string refuse(const Sequence& sequence, const Profile& profile, bool el2_enabled) {
    const Configuration& c = sequence.configuration;
    const bool e2h = (c.hcr_el2 & kE2h) != 0;
    const bool tge = (c.hcr_el2 & kTge) != 0;
    if (sequence.layout != LayoutId::arena) return "addresses of another layout than the arena";
    if (sequence.code.empty()) return "no code";
    const std::uint64_t offset = sequence.pc & ~ARENA_UPPER_HALF;
    if (sequence.pc % 64 != 0 || offset - ARENA_CODE_VA >= ARENA_CODE_BYTES) return "the code is not in the code area";
    const bool two_ranges = c.el <= 1 || (c.el == 2 && e2h);
    if (sequence.pc != offset && !two_ranges) return "code in the upper half of a regime without one";
    if (c.el > 3 || c.spsel > 1 || (c.el == 0 && c.spsel == 1)) return "no such exception level";
    if (c.el == 3 && c.spsel == 1) return "SP_EL3 is the monitor's: EL3 runs with SP_EL0";
    if (c.el == 2 && !el2_enabled) return "EL2 is disabled in this security state";
    if (c.el == 1 && tge && el2_enabled) return "no EL1 with HCR_EL2.TGE=1";
    if (c.el == 0 && tge && !e2h && el2_enabled) return "HCR_EL2.TGE=1 without E2H turns the MMU off at EL0";
    if (e2h && !has_feature(profile, "FEAT_VHE")) return "HCR_EL2.E2H=1 needs FEAT_VHE";
    if ((c.scr_el3 & kEel2) != 0 && !has_feature(profile, "FEAT_SEL2")) return "SCR_EL3.EEL2=1 needs FEAT_SEL2";
    if (c.pan != 0 && !has_feature(profile, "FEAT_PAN")) return "PSTATE.PAN needs FEAT_PAN";
    if (c.uao != 0 && !has_feature(profile, "FEAT_UAO")) return "PSTATE.UAO needs FEAT_UAO";
    if (c.tco != 0 && profile.mte < 2) return "PSTATE.TCO needs FEAT_MTE2";
    if (c.el == 3 && has_exception_return(sequence)) return "ERET at EL3: ELR_EL3 and SPSR_EL3 are the monitor's";
    if (c.el == 2 && tge && !e2h && has_exception_return(sequence))
        return "HCR_EL2.TGE=1 without E2H turns the MMU off at EL0, which ERET may lead to";
    if (profile.mte >= 2 && c.gmid_el1 != profile.gmid_el1) return "another GMID_EL1 than the implementation's";
    if (c.dczid_el0 != profile.dczid_el0) return "another DCZID_EL0 than the implementation's";
    return {};
}

} // namespace

wire_sequence initial_setup(const PageTables& tables) {
    wire_sequence setup{};
    setup.scr_el3 = kScrEl3.monitor | kNs | bit(8) | bit(26);
    setup.hcr_el2 = kHcrEl2.monitor | bit(56);
    setup.ttbr0_el2 = tables.el2;
    setup.ttbr1_el2 = tables.upper;
    setup.tcr_el1 = kTcrEl1.monitor;
    setup.tcr_el2 = kTcrEl2.monitor;
    setup.tcr_el3 = kTcrEl3.monitor;
    setup.sctlr_el1 = kSctlrEl1.monitor;
    setup.sctlr_el2 = kSctlrEl2.monitor;
    setup.sctlr_el3 = kSctlrEl3.monitor;
    setup.cptr_el2 = kCptrEl2.monitor;
    return setup;
}

std::variant<wire_sequence, std::string> set_up(const Sequence& sequence, const PageTables& tables,
                                                const Profile& profile) {
    const Configuration& c = sequence.configuration;
    const bool el2_enabled = (c.scr_el3 & (kNs | kEel2)) != 0;
    if (std::string reason = refuse(sequence, profile, el2_enabled); !reason.empty()) return reason;

    const bool e2h = (c.hcr_el2 & kE2h) != 0;
    const bool host_el0 = c.el == 0 && e2h && (c.hcr_el2 & kTge) != 0 && el2_enabled;
    const bool returns = has_exception_return(sequence);
    const bool el1_regime = c.el == 1 || (c.el == 0 && !host_el0) || (c.el == 2 && returns);
    const bool el2_regime = c.el == 2 || host_el0;

    wire_sequence setup{};
    struct Row {
        const RegisterRule& rule;
        std::uint64_t wanted;
        bool of_current_regime;
        std::uint64_t& value;
    };
    for (const Row& row : std::to_array<Row>({
             {kScrEl3, c.scr_el3, true, setup.scr_el3},
             {kHcrEl2, c.hcr_el2, true, setup.hcr_el2},
             {kTcrEl1, c.tcr[1], el1_regime, setup.tcr_el1},
             {e2h ? kTcrEl2Host : kTcrEl2, c.tcr[2], el2_regime, setup.tcr_el2},
             {kTcrEl3, c.tcr[3], c.el == 3, setup.tcr_el3},
             {kSctlrEl1, c.sctlr[1], el1_regime, setup.sctlr_el1},
             {e2h ? kSctlrEl2Host : kSctlrEl2, c.sctlr[2], el2_regime, setup.sctlr_el2},
             {kSctlrEl3, c.sctlr[3], c.el == 3, setup.run_sctlr_el3},
             {kCpacrEl1, c.cpacr_el1, true, setup.cpacr_el1},
             {e2h ? kCptrEl2Host : kCptrEl2, c.cptr_el2, true, setup.cptr_el2},
             {kCptrEl3, c.cptr_el3, true, setup.cptr_el3},
         })) {
        const Merged merged = merge(row.rule, row.wanted, row.of_current_regime);
        if (!merged.supported) return cannot(row.rule, row.wanted, row.of_current_regime);
        row.value = merged.value;
    }
    // Outside of tests at EL3 the monitor's own accesses to tags need SCTLR_EL3.ATA.
    setup.sctlr_el3 = setup.run_sctlr_el3 | kAta;
    if (c.el != 3) setup.run_sctlr_el3 = setup.sctlr_el3;
    setup.ttbr0_el2 = e2h ? tables.lower : tables.el2;
    setup.ttbr1_el2 = tables.upper;

    if (returns) {
        setup.has_return = 1;
        setup.elr_el1 = c.elr[1];
        setup.elr_el2 = c.elr[2];
        setup.spsr_el1 = c.spsr[1];
        setup.spsr_el2 = c.spsr[2];
    }
    setup.magic = WIRE_MAGIC;
    setup.spsr = kDaif | std::uint64_t{c.tco} << kTcoShift | std::uint64_t{c.uao} << kUaoShift |
                 std::uint64_t{c.pan} << kPanShift | std::uint64_t{c.el} << 2 | c.spsel;
    return setup;
}

} // namespace mtecheck::difftest
