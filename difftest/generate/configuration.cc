// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/configuration.h"

#include <algorithm>

#include "difftest/core/layout.h"
#include "difftest/core/process.h"
#include "difftest/judge/features.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

namespace field = spec::field;

// Bits that are RES1 in the architecture's first version, and that keep their old behaviour where a later feature
// gave them a meaning: SCTLR_EL1 also has SED and ITD set, so that EL0 differs from EL1 in nothing but its level.
constexpr std::uint64_t kSctlrEl1 = 0x30d00980U;
constexpr std::uint64_t kSctlrEl2 = 0x30c50830U;
constexpr std::uint64_t kTcrEl2 = 0x80800000U;
constexpr std::uint64_t kCptrEl2 = 0x32ffU;
constexpr std::uint64_t kScrEl3 = 0x30U;

constexpr std::uint64_t kSync = 1; // TCF, TCF0

void set(std::uint64_t& word, spec::BitRange range, std::uint64_t value) { word = range.insert(word, value); }

/// SCTLR_EL1, and SCTLR_EL2 with E2H = 1.
std::uint64_t base_sctlr_el1() {
    std::uint64_t word = kSctlrEl1;
    set(word, field::SCTLR_EL1::M, 1);
    set(word, field::SCTLR_EL1::C, 1);
    set(word, field::SCTLR_EL1::I, 1);
    set(word, field::SCTLR_EL1::SA, 1);
    set(word, field::SCTLR_EL1::SA0, 1);
    set(word, field::SCTLR_EL1::DZE, 1);
    set(word, field::SCTLR_EL1::UCT, 1);
    set(word, field::SCTLR_EL1::UCI, 1);
    set(word, field::SCTLR_EL1::ATA, 1);
    set(word, field::SCTLR_EL1::ATA0, 1);
    set(word, field::SCTLR_EL1::TCF, kSync);
    set(word, field::SCTLR_EL1::TCF0, kSync);
    return word;
}

/// SCTLR_EL3, and SCTLR_EL2 with E2H = 0.
std::uint64_t base_sctlr_el3() {
    std::uint64_t word = kSctlrEl2;
    set(word, field::SCTLR_EL3::M, 1);
    set(word, field::SCTLR_EL3::C, 1);
    set(word, field::SCTLR_EL3::I, 1);
    set(word, field::SCTLR_EL3::SA, 1);
    set(word, field::SCTLR_EL3::ATA, 1);
    set(word, field::SCTLR_EL3::TCF, kSync);
    return word;
}

/// TCR_EL1, and TCR_EL2 with E2H = 1.
std::uint64_t base_tcr_el1() {
    std::uint64_t word = 0;
    set(word, field::TCR_EL1::T0SZ, ARENA_TXSZ);
    set(word, field::TCR_EL1::IRGN0, 1);
    set(word, field::TCR_EL1::ORGN0, 1);
    set(word, field::TCR_EL1::SH0, 3);
    set(word, field::TCR_EL1::T1SZ, ARENA_TXSZ);
    set(word, field::TCR_EL1::IRGN1, 1);
    set(word, field::TCR_EL1::ORGN1, 1);
    set(word, field::TCR_EL1::SH1, 3);
    set(word, field::TCR_EL1::TG1, 2);
    set(word, field::TCR_EL1::IPS, 2);
    set(word, field::TCR_EL1::TBI0, 1);
    set(word, field::TCR_EL1::TBI1, 1);
    return word;
}

/// TCR_EL3, and TCR_EL2 with E2H = 0.
std::uint64_t base_tcr_el3() {
    std::uint64_t word = kTcrEl2;
    set(word, field::TCR_EL3::T0SZ, ARENA_TXSZ);
    set(word, field::TCR_EL3::IRGN0, 1);
    set(word, field::TCR_EL3::ORGN0, 1);
    set(word, field::TCR_EL3::SH0, 3);
    set(word, field::TCR_EL3::PS, 2);
    set(word, field::TCR_EL3::TBI, 1);
    return word;
}

/// TCF or TCF0: a mode that the profile has.
std::uint64_t draw_tcf(Random& random, const Profile& profile) {
    static constexpr std::array<std::uint16_t, 4> kWeights{12, 48, 22, 18};
    const std::uint64_t mode = random.weighted(kWeights);
    if (mode == 2 && !profile.mte_async) return kSync;
    if (mode == 3 && profile.mte < 3) return kSync;
    return mode;
}

/// Fields that SCTLR_EL1 shares with SCTLR_EL2 and SCTLR_EL3.
void draw_common_sctlr(Random& random, const Profile& profile, bool mine, std::uint64_t& word) {
    set(word, field::SCTLR_EL1::ATA, random.chance(mine ? 920 : 700) ? 1 : 0);
    set(word, field::SCTLR_EL1::TCF, draw_tcf(random, profile));
    set(word, field::SCTLR_EL1::A, random.chance(80) ? 1 : 0);
    set(word, field::SCTLR_EL1::SA, random.chance(600) ? 1 : 0);
    set(word, field::SCTLR_EL1::C, random.chance(990) ? 1 : 0);
    const bool nAA = random.chance(300);
    set(word, field::SCTLR_EL1::nAA, nAA && profile.lse2 ? 1 : 0);
    const bool itfsb = random.chance(400);
    set(word, field::SCTLR_EL1::ITFSB, itfsb && profile.mte_async ? 1 : 0);
}

void draw_el0_sctlr(Random& random, const Profile& profile, bool mine, std::uint64_t& word) {
    set(word, field::SCTLR_EL1::ATA0, random.chance(mine ? 920 : 800) ? 1 : 0);
    set(word, field::SCTLR_EL1::TCF0, draw_tcf(random, profile));
    set(word, field::SCTLR_EL1::SA0, random.chance(600) ? 1 : 0);
    set(word, field::SCTLR_EL1::DZE, random.chance(850) ? 1 : 0);
    set(word, field::SCTLR_EL1::UCI, random.chance(850) ? 1 : 0);
}

void draw_tcr_el1(Random& random, std::uint64_t& word) {
    set(word, field::TCR_EL1::TBI0, random.chance(880) ? 1 : 0);
    set(word, field::TCR_EL1::TBI1, random.chance(880) ? 1 : 0);
    set(word, field::TCR_EL1::TCMA0, random.chance(350) ? 1 : 0);
    set(word, field::TCR_EL1::TCMA1, random.chance(350) ? 1 : 0);
}

void draw_tcr_el3(Random& random, std::uint64_t& word) {
    set(word, field::TCR_EL3::TBI, random.chance(880) ? 1 : 0);
    set(word, field::TCR_EL3::TCMA, random.chance(350) ? 1 : 0);
}

/// FPEN: now and then a value that traps SIMD&FP registers, at EL0 or at any level.
std::uint64_t draw_fpen(Random& random) {
    constexpr std::uint64_t kNoTrap = 3;
    const std::uint64_t trap = random.below(3);
    return random.chance(40) ? trap : kNoTrap;
}

unsigned draw_el(Random& random, const Profile& profile) {
    const auto el2 = static_cast<std::uint16_t>(profile.el2 ? 16 : 0);
    const auto el3 = static_cast<std::uint16_t>(profile.el3 ? 14 : 0);
    const std::array<std::uint16_t, 4> weights{36, 34, el2, el3};
    return static_cast<unsigned>(random.weighted(weights));
}

} // namespace

bool host_el2(const Configuration& configuration) { return field::HCR_EL2::E2H.extract(configuration.hcr_el2) != 0; }

AddressRegime address_regime(const Configuration& configuration) {
    const bool host = host_el2(configuration);
    const bool host_el0 = host && field::HCR_EL2::TGE.extract(configuration.hcr_el2) != 0;
    const unsigned regime = configuration.el != 0 ? configuration.el : host_el0 ? 2U : 1U;
    const std::uint64_t tcr = configuration.tcr[regime];
    if (regime == 1 || (regime == 2 && host)) {
        return {true,
                {field::TCR_EL1::TBI0.extract(tcr) != 0, field::TCR_EL1::TBI1.extract(tcr) != 0},
                {field::TCR_EL1::TCMA0.extract(tcr) != 0, field::TCR_EL1::TCMA1.extract(tcr) != 0}};
    }
    const bool tbi = field::TCR_EL3::TBI.extract(tcr) != 0;
    const bool tcma = field::TCR_EL3::TCMA.extract(tcr) != 0;
    return {false, {tbi, tbi}, {tcma, tcma}};
}

void make_host(Configuration& out, bool tge) {
    set(out.hcr_el2, field::HCR_EL2::E2H, 1);
    set(out.hcr_el2, field::HCR_EL2::TGE, tge ? 1 : 0);
    out.sctlr[2] = base_sctlr_el1();
    out.tcr[2] = base_tcr_el1();
    out.cptr_el2 = out.cpacr_el1; // has its layout
}

Configuration base_configuration(const Profile& profile, unsigned el) {
    Configuration out;
    out.el = static_cast<std::uint8_t>(el);
    out.sctlr[1] = base_sctlr_el1();
    out.tcr[1] = base_tcr_el1();
    out.cpacr_el1 = std::uint64_t{3} << 20; // FPEN: no trap
    if (profile.el2) {
        out.sctlr[2] = base_sctlr_el3();
        out.tcr[2] = base_tcr_el3();
        set(out.hcr_el2, field::HCR_EL2::RW, 1);
        set(out.hcr_el2, field::HCR_EL2::ATA, 1);
        out.cptr_el2 = kCptrEl2;
    }
    if (profile.el3) {
        out.sctlr[3] = base_sctlr_el3();
        out.tcr[3] = base_tcr_el3();
        out.scr_el3 = kScrEl3;
        set(out.scr_el3, field::SCR_EL3::NS, 1);
        set(out.scr_el3, field::SCR_EL3::RW, 1);
        set(out.scr_el3, field::SCR_EL3::HCE, 1);
        set(out.scr_el3, field::SCR_EL3::ATA, 1);
    }
    out.gmid_el1 = profile.gmid_el1;
    out.dczid_el0 = profile.dczid_el0;
    return out;
}

ConfigurationGenerator::ConfigurationGenerator(const Profile& profile)
    : profile_(profile), features_(features_of(profile)) {
    dit_ = has_feature(profile, "FEAT_DIT");
    ssbs_ = has_feature(profile, "FEAT_SSBS");
}

void ConfigurationGenerator::draw_return(Random& random, Configuration& out) const {
    namespace spsr = field::SPSR_ELx;
    if (out.el != 1 && out.el != 2) return;
    const std::uint64_t drawn = random.next();
    std::uint64_t word = drawn & (spsr::N.mask() | spsr::Z.mask() | spsr::C.mask() | spsr::V.mask());
    std::uint64_t flags = spsr::TCO.mask();
    if (features_.has(spec::Feature::FEAT_UAO)) flags |= spsr::UAO.mask();
    if (features_.has(spec::Feature::FEAT_PAN) && random.chance(300)) flags |= spsr::PAN.mask();
    if (dit_ && random.chance(300)) flags |= spsr::DIT.mask();
    if (ssbs_ && random.chance(300)) flags |= spsr::SSBS.mask();
    if (random.chance(50)) flags |= spsr::IL.mask();
    word |= drawn & flags;
    const std::uint64_t masks = spsr::D.mask() | spsr::A.mask() | spsr::I.mask() | spsr::F.mask();
    word |= random.chance(800) ? masks : drawn & masks;
    const std::uint64_t sp = random.below(2);
    std::uint64_t mode = std::uint64_t{out.el} << 2 | sp;
    const std::uint32_t roll = random.below(100);
    if (roll >= 50 && roll < 88) { // to a lower level
        const std::uint64_t target = random.below(out.el);
        mode = target << 2 | (target == 0 ? 0 : sp);
    } else if (roll >= 88) { // to anything, legal or not, but AArch32
        mode = drawn >> 40 & 15;
    }
    out.spsr.at(out.el) = spsr::M.insert(word, mode);
}

Configuration ConfigurationGenerator::draw(Random& system, Random& sequence) const {
    const Profile& profile = profile_;
    if (profile.process) {
        static constexpr std::array<std::uint16_t, 3> kWeights{12, 52, 36}; // none, sync, async
        auto mode = static_cast<TagCheckMode>(system.weighted(kWeights));
        if (mode == TagCheckMode::async && profile.simulator) mode = TagCheckMode::sync;
        Configuration out = process_configuration(profile, profile.mte >= 2 ? mode : TagCheckMode::none);
        out.tco = sequence.chance(70) && can_set_tco() ? 1 : 0;
        return out;
    }
    const unsigned el = draw_el(system, profile);
    Configuration out = base_configuration(profile, el);

    const bool vhe = profile.el2 && features_.has(spec::Feature::FEAT_VHE);
    // TGE without E2H would turn off stage 1 of EL1&0; E2H without TGE changes nothing for EL1 and EL0 but registers.
    const bool vhe_chosen = system.chance(el == 1 ? 100 : 300);
    const bool tge = system.chance(500);
    const bool secure_chosen = system.chance(100);
    const bool host = vhe_chosen && vhe && el != 3;
    const bool secure = secure_chosen && profile.el3 && el <= 1 && !host; // without EEL2: EL2 is disabled
    if (host) {
        make_host(out, el == 0 || (el == 2 && tge));
    }
    const unsigned controls = el != 0 ? el : host ? 2U : 1U; // whose registers control the code

    draw_common_sctlr(system, profile, controls == 1, out.sctlr[1]);
    draw_el0_sctlr(system, profile, controls == 1, out.sctlr[1]);
    draw_tcr_el1(system, out.tcr[1]);
    set(out.cpacr_el1, field::CPACR_EL1::FPEN, draw_fpen(system));
    if (profile.el2) {
        draw_common_sctlr(system, profile, controls == 2, out.sctlr[2]);
        set(out.hcr_el2, field::HCR_EL2::ATA, system.chance(900) ? 1 : 0);
        set(out.hcr_el2, field::HCR_EL2::TID5, system.chance(200) ? 1 : 0);
        set(out.hcr_el2, field::HCR_EL2::TDZ, system.chance(60) ? 1 : 0);
        set(out.hcr_el2, field::HCR_EL2::TPCP, system.chance(60) ? 1 : 0);
        set(out.hcr_el2, field::HCR_EL2::TSW, system.chance(60) ? 1 : 0);
        set(out.hcr_el2, field::HCR_EL2::TPU, system.chance(150) ? 1 : 0);
        if (host) {
            draw_el0_sctlr(system, profile, controls == 2, out.sctlr[2]);
            draw_tcr_el1(system, out.tcr[2]);
            set(out.cptr_el2, field::CPTR_EL2_VHE::FPEN, draw_fpen(system));
        } else {
            draw_tcr_el3(system, out.tcr[2]);
            set(out.cptr_el2, field::CPTR_EL2::TFP, system.chance(40) ? 1 : 0);
        }
    }
    if (profile.el3) {
        draw_common_sctlr(system, profile, controls == 3, out.sctlr[3]);
        draw_tcr_el3(system, out.tcr[3]);
        set(out.scr_el3, field::SCR_EL3::ATA, system.chance(930) ? 1 : 0);
        if (secure) set(out.scr_el3, field::SCR_EL3::NS, 0);
    }

    const bool handler_stack = sequence.coin();
    out.spsel = el == 1 || el == 2 ? static_cast<std::uint8_t>(handler_stack) : std::uint8_t{0};
    out.tco = sequence.chance(70) ? 1 : 0;
    const bool pan = sequence.chance(50);
    out.pan = pan && features_.has(spec::Feature::FEAT_PAN) ? 1 : 0;
    const bool uao = sequence.chance(250);
    out.uao = uao && features_.has(spec::Feature::FEAT_UAO) ? 1 : 0;
    return out;
}

} // namespace mtecheck::difftest
