// SPDX-License-Identifier: Apache-2.0
#include "difftest/choices/probes.h"

#include <algorithm>
#include <initializer_list>

#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "spec/encode.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;
using spec::DontCare;
using spec::Encoding;
using spec::Reg;

// Pages of ARENA_PAGE_TABLE.
constexpr std::uint64_t kTagged = 0 * ARENA_PAGE_BYTES;
constexpr std::uint64_t kUnmapped = 9 * ARENA_PAGE_BYTES;
constexpr std::uint64_t kDevice = 11 * ARENA_PAGE_BYTES;
constexpr std::uint64_t kNoncacheable = 13 * ARENA_PAGE_BYTES;

constexpr unsigned kTag = 5;   // of memory
constexpr unsigned kOther = 6; // of addresses that mismatch
constexpr std::uint64_t kEveryGranule = 0x1111111111111111U;
constexpr std::size_t kIdenticalStates = 16;
constexpr std::uint64_t kSync = 1;
constexpr std::uint64_t kAsync = 2;
constexpr std::uint64_t kReserved = 3;
constexpr std::uint64_t kFirst = 0x1111222233334444U; // values in registers that are told apart
constexpr std::uint64_t kSecond = 0x5555666677778888U;

constexpr std::uint64_t at(std::uint64_t offset, unsigned tag = 0) {
    return (ARENA_VA + offset) | std::uint64_t{tag} << 56U;
}

std::uint32_t word(Encoding encoding, std::initializer_list<spec::FieldValue> operands) {
    return spec::encode(encoding, std::span(operands.begin(), operands.size()));
}

std::uint32_t move(Encoding encoding, Reg reg, unsigned t) {
    return spec::info(encoding).value | std::uint32_t{spec::info(reg).key.value} << 5U | t;
}

/// A case at EL1, built up in one expression.
class Builder {
  public:
    Builder(const Profile& profile, std::initializer_list<std::uint32_t> code) {
        input_.id = "probe";
        input_.sequence.configuration = base_configuration(profile, 1);
        input_.sequence.configuration.spsel = 1;
        input_.sequence.pc = ARENA_CODE_VA;
        input_.sequence.code.assign(code.begin(), code.end());
        if (profile.mte >= 2) tcf(kSync);
    }
    Builder& x(unsigned n, std::uint64_t value) {
        input_.state.x[n] = value;
        return *this;
    }
    /// Memory of 256 bytes, each of its doublewords different, all granules of one tag.
    Builder& window(std::uint64_t offset, unsigned tag = 0) {
        Window window;
        window.pa = ARENA_PA + offset;
        window.tags = kEveryGranule * tag;
        for (std::size_t i = 0; i < window.data.size(); ++i) window.data[i] = static_cast<std::uint8_t>(0x40 + i / 2);
        input_.state.windows.push_back(window);
        return *this;
    }
    Builder& granule_tag(std::size_t granule, unsigned tag) {
        std::uint64_t& tags = input_.state.windows[input_.state.windows.size() - 1].tags;
        tags = (tags & ~(std::uint64_t{15} << (4 * granule))) | std::uint64_t{tag} << (4 * granule);
        return *this;
    }
    Builder& tcf(std::uint64_t mode) { return sctlr(field::SCTLR_EL1::TCF.mask(), field::SCTLR_EL1::TCF.place(mode)); }
    Builder& uncached() { return sctlr(field::SCTLR_EL1::C.mask(), 0); }
    Builder& returns(std::uint64_t elr, std::uint64_t spsr) {
        input_.sequence.configuration.elr[1] = elr;
        input_.sequence.configuration.spsr[1] = spsr;
        return *this;
    }
    operator Case() const { return input_; } // NOLINT(google-explicit-constructor): the end of the expression

  private:
    Builder& sctlr(std::uint64_t mask, std::uint64_t value) {
        std::uint64_t& sctlr = input_.sequence.configuration.sctlr[1];
        sctlr = (sctlr & ~mask) | value;
        return *this;
    }
    Case input_;
};

std::uint64_t doubleword(const Windows& windows, std::uint64_t pa) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const std::uint64_t offset = pa - windows[i].pa;
        if (offset >= windows[i].data.size()) continue;
        for (unsigned byte = 0; byte < 8; ++byte) {
            value |= std::uint64_t{windows[i].data[offset + byte]} << (8 * byte);
        }
    }
    return value;
}

bool excepted(const Outcome& outcome) { return outcome.status == Status::exception; }
constexpr std::uint64_t kPairPa = ARENA_PA + kUnmapped - 8; // where pairs into the unmapped page begin

std::string loaded_or_written_back(const Case& input, const Outcome& outcome) {
    if (excepted(outcome)) return {};
    if (outcome.x[0] == doubleword(input.state.windows, ARENA_PA + kTagged)) return "Xn holds what was loaded";
    return outcome.x[0] == input.state.x[0] + 16 ? "Xn holds the address after writeback" : "Xn holds another value";
}
std::string stored_base(const Case& input, const Outcome& outcome) {
    if (excepted(outcome)) return {};
    const std::uint64_t stored = doubleword(outcome.windows, ARENA_PA + kTagged);
    if (stored == input.state.x[0]) return "the address before writeback is stored";
    return stored == input.state.x[0] + 16 ? "the address after writeback is stored" : "another value is stored";
}
std::string which_of_pair(const Case& input, const Outcome& outcome) {
    if (excepted(outcome)) return {};
    if (outcome.x[0] == doubleword(input.state.windows, ARENA_PA + kTagged)) return "Xt holds the first element";
    if (outcome.x[0] == doubleword(input.state.windows, ARENA_PA + kTagged + 8)) return "Xt holds the second element";
    return "Xt holds another value";
}
std::string stored_status(const Case& input, const Outcome& outcome) {
    if (excepted(outcome)) return {};
    const std::uint64_t stored = doubleword(outcome.windows, ARENA_PA + kTagged);
    return stored == input.state.x[0] ? "Xt is stored as it was before the status" : "another value is stored";
}
std::string stored_through_status(const Case&, const Outcome& outcome) {
    if (excepted(outcome)) return {};
    return doubleword(outcome.windows, ARENA_PA + kTagged) == kSecond ? "stored to the address of before the status"
                                                                      : "nothing is stored there";
}
std::string status_of_store(const Case&, const Outcome& outcome) {
    if (excepted(outcome)) return {};
    return outcome.x[5] == 0 ? "passes" : "fails";
}
std::string top_bits(const Case& input, const Outcome& outcome) {
    if (!excepted(outcome)) return {};
    const std::uint64_t bits = outcome.exception.far >> 60U;
    if (bits == input.state.x[1] >> 60U) return "those of the address";
    if (bits == 0) return "0";
    return bits == 15 ? "all ones" : "others than those of the address";
}
std::string reported_fault(const Case&, const Outcome& outcome) {
    if (!excepted(outcome)) return {};
    constexpr std::uint64_t kStatusCode = 0x3f;
    constexpr std::uint64_t kTagCheck = 0x11;
    const bool tag_check = (outcome.exception.esr & kStatusCode) == kTagCheck;
    return tag_check ? "the Tag Check Fault, at the lower address" : "the MMU fault, at the higher address";
}
std::string fault_bit(const Case&, const Outcome& outcome) {
    if (!excepted(outcome)) return {};
    return outcome.tfsr[1] != 0 ? "TFSR_EL1.TF0 is 1" : "TFSR_EL1.TF0 is 0";
}
std::string visible(const Case&, const Outcome& outcome) {
    return outcome.x[2] != 0 ? "at once: the next MRS sees it" : "not before a barrier";
}
std::string first_register(const Case& input, const Outcome& outcome) {
    if (!excepted(outcome)) return {};
    if (outcome.x[0] == input.state.x[0]) return "the first register keeps its value";
    return outcome.x[0] == doubleword(input.state.windows, kPairPa) ? "the first register is loaded"
                                                                    : "the first register holds another value";
}
std::string first_element(const Case& input, const Outcome& outcome) {
    if (!excepted(outcome)) return {};
    return doubleword(outcome.windows, kPairPa) == doubleword(input.state.windows, kPairPa)
               ? "the first element keeps its value"
               : "the first element is stored";
}
std::string returned_tco(const Case&, const Outcome& outcome) {
    if (!excepted(outcome)) return {};
    return field::SPSR_ELx::TCO.extract(outcome.exception.spsr) != 0 ? "PSTATE.TCO is that of SPSR_EL1"
                                                                     : "PSTATE.TCO stays as it was";
}
/// A pair of registers, of which the second is in the unmapped page.
Builder pair(const Profile& profile, Encoding encoding, unsigned tag) {
    Builder builder(profile, {word(encoding, {{"Rt", 0}, {"Rt2", 2}, {"Rn", 1}})});
    builder.x(0, kFirst)
        .x(2, kSecond)
        .x(1, at(kUnmapped - 8, tag))
        .window(kUnmapped - kWindowBytes, tag == 0 ? 0 : kTag);
    return builder;
}

std::vector<ChoiceProbe> tag_probes(const Profile& profile) {
    const std::uint32_t load = word(Encoding::LDR_x_imm_unsigned, {{"Rt", 2}, {"Rn", 1}});
    std::vector<ChoiceProbe> probes;
    const auto add = [&](DontCare rule, DontCare asked, const std::string& where, std::vector<Case> cases,
                         std::string (*detail)(const Case&, const Outcome&) = nullptr) {
        probes.push_back({rule, asked, where, std::move(cases), detail});
    };
    const auto mismatch = [&](std::initializer_list<std::uint32_t> code) {
        Builder builder(profile, code);
        builder.x(1, at(kTagged, kOther)).window(kTagged, kTag);
        return builder;
    };
    constexpr std::uint64_t kTopBits = std::uint64_t{0xa} << 60U;
    add(DontCare::FaultAddressTopBits, DontCare::FaultAddressTopBits, "a Tag Check Fault at EL1",
        {mismatch({load}).x(1, at(kTagged, kOther) | kTopBits)}, top_bits);
    add(DontCare::TagFaultWithDataAbort, DontCare::TagFaultWithDataAbort,
        "asynchronous; the first element mismatches, the second is in an unmapped page",
        {pair(profile, Encoding::LDP_x_off, kOther).tcf(kAsync)}, fault_bit);

    const std::uint64_t to_el2 = field::SPSR_ELx::TCO.place(1) | 9U; // EL2h: illegal from EL1
    add(DontCare::IllegalReturnTCO, DontCare::IllegalReturnTCO, "from EL1 to EL2; SPSR_EL1.TCO is 1, PSTATE.TCO 0",
        {Builder(profile, {spec::info(Encoding::ERET).value, move(Encoding::MRS, Reg::TCO, 2)})
             .returns(ARENA_CODE_VA + 4, to_el2)},
        returned_tco);
    add(DontCare::AddTagReservedField, DontCare::AddTagReservedField, "op3 is 1",
        {Builder(profile, {word(Encoding::ADDG, {{"Xd", 0}, {"Xn", 1}, {"uimm4", 1}, {"op3", 1}, {"uimm6", 16}})})
             .x(0, kFirst)
             .x(1, at(kTagged, kTag))});
    add(DontCare::FaultsAtSeveralAddresses, DontCare::FaultsAtSeveralAddresses,
        "the first element mismatches, the second is in an unmapped page", {pair(profile, Encoding::LDP_x_off, kOther)},
        reported_fault);
    add(DontCare::BlockFaultAddress, DontCare::BlockFaultAddress,
        "the address is in the first granule, the third one mismatches",
        {Builder(profile, {word(Encoding::DC_ZVA, {{"Rt", 1}})})
             .x(1, at(kTagged + 4, kTag))
             .window(kTagged, kTag)
             .granule_tag(2, kOther)});
    add(DontCare::BlockFaultAddress, DontCare::BlockFaultAddress, "to an unmapped page, not to its start",
        {Builder(profile, {word(Encoding::STZGM, {{"Xt", 0}, {"Xn", 1}})}).x(1, at(kUnmapped + 32))});
    add(DontCare::AsynchronousFaultTime, DontCare::AsynchronousFaultTime, "",
        {mismatch({load, move(Encoding::MRS, Reg::TFSR_EL1, 2)}).tcf(kAsync)}, visible);
    add(DontCare::TaggedWithoutCache, DontCare::TaggedWithoutCache, "SCTLR_EL1.C is 0; the tags mismatch",
        {mismatch({load}).uncached()});
    struct DeviceStore {
        DontCare rule;
        std::uint32_t code;
    };
    for (const DeviceStore& store :
         {DeviceStore{DontCare::ZeroTagsToDevice, word(Encoding::STZGM, {{"Xt", 0}, {"Xn", 1}})},
          DeviceStore{DontCare::BlockTagStoreToDevice, word(Encoding::DC_GVA, {{"Rt", 1}})},
          DeviceStore{DontCare::TagStoreToDevice, word(Encoding::STG_off, {{"Xt", 1}, {"Xn", 1}})}}) {
        add(store.rule, DontCare::TagStoreToDevice, "to Device memory",
            {Builder(profile, {store.code}).x(1, at(kDevice)).window(kDevice)});
    }
    add(DontCare::ReservedTagCheckFaultControl, DontCare::ReservedTagCheckFaultControl,
        "SCTLR_EL1.TCF is 0b11; the tags mismatch", {mismatch({load}).tcf(kReserved)});
    for (const Reg reg : {Reg::GCR_EL1, Reg::RGSR_EL1, Reg::TFSR_EL1}) {
        add(DontCare::ReservedBitsWritten, DontCare::ReservedBitsWritten, "X0 is all ones",
            {Builder(profile, {move(Encoding::MSR_reg, reg, 0), move(Encoding::MRS, reg, 2)}).x(0, ~std::uint64_t{0})});
    }
    return probes;
}

std::vector<ChoiceProbe> plain_probes(const Profile& profile) {
    const std::uint32_t exclusive = word(Encoding::LDXR_x, {{"Rt", 2}, {"Rn", 1}});
    const auto store = [](unsigned status, unsigned data, unsigned base) {
        return word(Encoding::STXR_x, {{"Rs", status}, {"Rt", data}, {"Rn", base}});
    };
    std::vector<ChoiceProbe> probes;
    const auto add = [&](DontCare rule, const std::string& where, std::vector<Case> cases,
                         std::string (*detail)(const Case&, const Outcome&) = nullptr) {
        probes.push_back({rule, rule, where, std::move(cases), detail});
    };
    add(DontCare::PartialLoad, "the second element is in an unmapped page", {pair(profile, Encoding::LDP_x_off, 0)},
        first_register);
    add(DontCare::PartialStore, "the second element is in an unmapped page", {pair(profile, Encoding::STP_x_off, 0)},
        first_element);
    add(DontCare::TagCheckOverrideWithoutMTE2, "",
        {Builder(profile, {word(Encoding::MSR_imm_TCO, {{"CRm", 1}}), move(Encoding::MRS, Reg::TCO, 2)})});
    std::vector<Case> failing = {Builder(profile, {store(5, 3, 1)}).x(1, at(kUnmapped))};
    if (profile.mte >= 2)
        failing.push_back(Builder(profile, {store(5, 3, 1)}).x(1, at(kTagged, kOther)).window(kTagged, kTag));
    add(DontCare::FailingStoreExclusive, "no monitor is set; to an unmapped page, and with tags that mismatch",
        std::move(failing));
    add(DontCare::WritebackOverlapLoad, "",
        {Builder(profile, {word(Encoding::LDR_x_imm_post, {{"Rt", 0}, {"Rn", 0}, {"imm9", 16}})})
             .x(0, at(kTagged))
             .window(kTagged)},
        loaded_or_written_back);
    add(DontCare::WritebackOverlapStore, "",
        {Builder(profile, {word(Encoding::STR_x_imm_post, {{"Rt", 0}, {"Rn", 0}, {"imm9", 16}})})
             .x(0, at(kTagged))
             .window(kTagged)},
        stored_base);
    add(DontCare::LoadPairOverlap, "",
        {Builder(profile, {word(Encoding::LDP_x_off, {{"Rt", 0}, {"Rt2", 0}, {"Rn", 1}})})
             .x(1, at(kTagged))
             .window(kTagged)},
        which_of_pair);
    add(DontCare::StoreExclusiveDataOverlap, "",
        {Builder(profile, {exclusive, store(0, 0, 1)}).x(0, kFirst).x(1, at(kTagged)).window(kTagged)}, stored_status);
    add(DontCare::StoreExclusiveBaseOverlap, "",
        {Builder(profile, {exclusive, store(1, 3, 1)}).x(1, at(kTagged)).x(3, kSecond).window(kTagged)},
        stored_through_status);
    add(DontCare::MisalignedAtomic, "to Non-cacheable memory, within 16 bytes",
        {Builder(profile, {word(Encoding::LDAR_x, {{"Rt", 0}, {"Rn", 1}})})
             .x(1, at(kNoncacheable + 4))
             .window(kNoncacheable)});
    add(DontCare::StoreExclusiveElsewhere, "to other memory than the load",
        {Builder(profile, {exclusive, store(5, 3, 4)})
             .x(1, at(kTagged))
             .x(3, kSecond)
             .x(4, at(kTagged + 64))
             .window(kTagged)},
        status_of_store);
    add(DontCare::StoreExclusiveElsewhere, "to the same memory by another virtual address",
        {Builder(profile, {exclusive, store(5, 3, 4)})
             .x(1, at(kTagged))
             .x(3, kSecond)
             .x(4, ARENA_TAGGED_VA + kTagged)
             .window(kTagged)},
        status_of_store);
    return probes;
}

} // namespace

std::vector<ChoiceProbe> choice_probes(const Profile& profile) {
    std::vector<ChoiceProbe> probes = plain_probes(profile);
    if (profile.mte >= 2)
        for (ChoiceProbe& probe : tag_probes(profile)) probes.push_back(std::move(probe));
    std::stable_sort(probes.begin(), probes.end(),
                     [](const ChoiceProbe& a, const ChoiceProbe& b) { return a.rule < b.rule; });
    return probes;
}

Test random_tag_probe(const Profile& profile) {
    const Case once = Builder(profile, {word(Encoding::IRG, {{"Xd", 0}, {"Xn", 1}, {"Xm", 31}})}).x(1, at(kTagged));
    Test test;
    test.sequence = once.sequence;
    test.states.assign(kIdenticalStates, once.state);
    for (State& state : test.states) state.gcr_el1 = field::GCR_EL1::RRND.place(1);
    return test;
}

} // namespace mtecheck::difftest
