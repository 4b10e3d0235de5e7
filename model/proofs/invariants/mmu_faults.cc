// SPDX-License-Identifier: Apache-2.0
//
// Invariants of MMU faults: of accesses of every kind, of cache maintenance and of DC ZVA, at each Exception level in
// one configuration (plain_state.h), by any address map. What is expected is said by the page that the tables have
// there.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

/// The fault that the tables give an access.
struct Expected {
    bool any = false;
    bool write = false; ///< WnR
    unsigned status = 0;
};

/// Of an access that reads, writes or does both: what it may not do first.
Expected ExpectedOf(const PlainPage& page, bool reads, bool writes) {
    if (!page.mapped) return {.any = true, .write = !reads, .status = kTranslationFault | page.level};
    const bool denied = (reads && !page.readable) || (writes && !page.writable);
    return {.any = denied, .write = !reads || page.readable, .status = kPermissionFault | page.level};
}

// ------------------------------------------------------------------------------------------- loads and stores

struct Instruction {
    const char* name;
    Encoding encoding;
    bool reads;
    bool writes;
    bool tag_store = false;
};

constexpr Instruction kAccesses[] = {
    {"LDUR-x", Encoding::LDUR_x, true, false},
    {"STUR-w", Encoding::STUR_w, false, true},
    {"LDP-x", Encoding::LDP_x_off, true, false},
    {"STR-q", Encoding::STR_q_imm_unsigned, false, true},
    {"LDXR-x", Encoding::LDXR_x, true, false},
    {"STLR-w", Encoding::STLR_w, false, true},
    {"LDADD-x", Encoding::LDADD_x, true, true},
    {"CAS-w", Encoding::CAS_w, true, true},
    {"LDG", Encoding::LDG, true, false},
    {"STG", Encoding::STG_off, false, true, true},
    {"LDR-x-post", Encoding::LDR_x_imm_post, true, false},
};

std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const Instruction& one : kAccesses) names.emplace_back(one.name);
    return names;
}

constexpr unsigned kLevels = 3; // EL0, EL1, EL2

/// An aligned access to X1.
template <class S>
struct MappedAccess : Step<S> {
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Instruction by;
    Word address;
    Expected expected;

    MappedAccess(S& s, const Instruction& instruction, unsigned el) : Step<S>(s.machine(el)), by(instruction) {
        SetPlainConfiguration(before, el);
        const PlainAddress<S, 4> where(s, EachHalf(s, el), typename S::template Bits<4>(0));
        address = where.value;
        before.state.x[1] = address;
        after = before;
        status = s.execute(after, by.encoding,
                           {{"Rt", 0},
                            {"Rt2", 2},
                            {"Rs", 4},
                            {"Rn", 1},
                            {"imm9", 0},
                            {"imm7", 0},
                            {"imm12", 0},
                            {"A", 0},
                            {"R", 0},
                            {"L", 0},
                            {"o0", 0},
                            {"Xt", 2},
                            {"Xn", 1}});
        if (!this->predicted()) s.irrelevant();
        const PlainPage page = where.page(before, el);
        if (by.tag_store && page.mapped && page.memory == MemoryKind::device)
            s.irrelevant(); // may be an Alignment fault
        expected = ExpectedOf(page, by.reads, by.writes);
    }
};

Scenario MappedAccesses() {
    return scenario(
        {.name = "mmu-fault",
         .about = "an aligned access of each kind, at EL0, EL1 and EL2, by any address map",
         .file = __FILE__,
         .variants = Names(),
         .method = Method::lemma,
         .map = {}},
        [](auto& s, unsigned variant) { return MappedAccess(s, kAccesses[variant], s.each_of(kLevels)); },
        invariant(
            {"mmu-faults-where-the-tables-say",
             "An aligned access takes an MMU fault exactly where its page is not mapped, or may not be read or written "
             "as the access does, whatever the tags: an atomic operation needs leave for both.",
             {"MTE-ORD-001", "MTE-ORD-004"},
             {Mutation::permission_after_tag_check, Mutation::atomics_checked_as_read_first,
              Mutation::tags_without_memory, Mutation::cas_as_load_then_store}},
            [](auto& s, auto& r) {
                using Bool = typename std::decay_t<decltype(s)>::Bool;
                const auto of_mmu = r.faulted() & (r.fault_status() != kTagCheckFault);
                s.claim(of_mmu == Bool(r.expected.any), "exactly there");
            }),
        invariant(
            {"mmu-fault-syndrome",
             "ESR_ELx of an MMU fault of stage 1: EC 0x24 from a lower Exception level or 0x25, IL 1, DFSC with the "
             "level, "
             "WnR for what the access may not do, all else 0: ISV and what goes with it least of all, from EL2, too. "
             "FAR_ELx is the address.",
             {"MTE-FAULT-002", "MTE-FAULT-003", "MTE-STG-004", "MTE-LDG-005"},
             {Mutation::stage1_abort_at_el2_has_isv, Mutation::writeback_abort_at_el2_has_isv, Mutation::wnr_wrong}},
            [](auto& s, auto& r) {
                if (!r.expected.any || !r.faulted()) return;
                s.claim(r.esr() == DataAbortSyndrome(r, r.expected.status, r.expected.write), "ESR_ELx");
                s.claim(r.far() == r.address, "FAR_ELx");
            }));
}

// ------------------------------------------------------------------------------------------- cache maintenance

struct Maintenance {
    Encoding encoding{};
    bool invalidates = false; ///< without cleaning
};

/// Cache maintenance by address.
const std::vector<Maintenance>& Maintenances() {
    static const std::vector<Maintenance> all = [] {
        std::vector<Maintenance> list;
        for (const spec::EncodingInfo& info : spec::encodings()) {
            if (info.instruction_class != spec::InstructionClass::DataCacheMaintenance) continue;
            spec::dispatch(info.encoding, spec::Word{info.value}, [&](const auto& instruction) {
                if constexpr (requires { instruction.opscope; }) {
                    if (instruction.opscope == CacheOpScope::SetWay) return;
                    list.push_back({info.encoding, instruction.cacheop == CacheOp::Invalidate});
                }
            });
        }
        return list;
    }();
    return all;
}

/// One of them, of any byte.
template <class S>
struct MaintainedAddress : Step<S> {
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Word argument;
    Expected expected;

    MaintainedAddress(S& s, unsigned el) : Step<S>(s.machine(el)) {
        const Maintenance& by = Maintenances()[s.each_of(static_cast<unsigned>(Maintenances().size()))];
        if (el == EL0 && by.invalidates) s.irrelevant(); // UNDEFINED
        SetPlainConfiguration(before, el);
        const PlainAddress<S, 12> where(s, EachHalf(s, el), s.template any<12>("place in the page"));
        argument = where.value;
        before.state.x[1] = argument;
        after = before;
        status = s.execute(after, by.encoding, {{"Rt", 1}});
        const PlainPage page = where.page(before, el);
        // From EL1 on only what loses data needs leave, that to write; at EL0 the others need leave to read.
        expected = ExpectedOf(page, el == EL0, by.invalidates);
        expected.write = true;
    }
};

Scenario CacheMaintenance() {
    return scenario(
        {.name = "cache-maintenance",
         .about =
             "every data cache maintenance by address, of data, tags or both, at EL0, EL1 and EL2, by any address map",
         .file = __FILE__,
         .variants = {"EL0", "EL1", "EL2"},
         .method = Method::lemma,
         .map = {}},
        [](auto& s, unsigned variant) { return MaintainedAddress(s, variant); },
        invariant(
            {"cache-maintenance-faults-where-the-tables-say",
             "Cache maintenance by address takes an MMU fault exactly where the page is not mapped, may not be written "
             "if "
             "it is one that invalidates only, or at EL0 may not be read; never for tags or alignment. It changes no "
             "register, no data, no tag, and accumulates no fault.",
             {"MTE-DC-010", "MTE-DC-011", "MTE-DC-012", "MTE-DC-013"},
             {Mutation::cache_maintenance_ignored, Mutation::clean_to_persistence_undefined,
              Mutation::clean_to_persistence_looks_up_tagged_address}},
            [](auto& s, auto& r) {
                using Bool = typename std::decay_t<decltype(s)>::Bool;
                s.claim(r.faulted() == Bool(r.expected.any), "exactly there");
                s.claim(SameRegisters(r.before.state, r.after.state) & SameTFSR(r.before.state, r.after.state),
                        "no register");
                s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
            }),
        invariant(
            {"cache-maintenance-fault-syndrome",
             "ESR_ELx of a fault of cache maintenance has CM and WnR at 1, FAR_ELx is its argument to the last bit.",
             {"MTE-DC-009"},
             {Mutation::clean_to_persistence_as_load, Mutation::wnr_wrong}},
            [](auto& s, auto& r) {
                if (!r.expected.any || !r.faulted()) return;
                s.claim(r.esr() == DataAbortSyndrome(r, r.expected.status, true, true), "ESR_ELx");
                s.claim(r.far() == r.argument, "FAR_ELx");
            }));
}

// ------------------------------------------------------------------------------------------------------- DC ZVA

/// DC ZVA of a block of 32 bytes at EL1, with any SCTLR_EL1.TCF.
template <class S>
struct ZeroedBlock : Step<S> {
    using typename Step<S>::Bool;
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    static constexpr unsigned size = 32;
    Word argument;
    typename S::template Bits<2> tcf;
    PlainPage page;
    Expected expected;
    Bool mismatch{false}; ///< a tag of the block is not that of the argument

    explicit ZeroedBlock(S& s) : Step<S>(s.machine(EL1)) {
        namespace sctlr = spec::field::SCTLR_EL1;
        SetPlainConfiguration(before);
        before.state.DCZID_EL0 = Word(spec::field::DCZID_EL0::BS.place(3));
        tcf = s.template any<2>("SCTLR_EL1.TCF");
        Word& controls = before.state.SCTLR_EL1;
        controls = with_slice<sctlr::TCF.hi, sctlr::TCF.lo>(controls, tcf);
        const PlainAddress<S, 5> where(s, EachHalf(s, EL1), s.template any<5>("place in the block"));
        argument = where.value;
        before.state.x[1] = argument;
        after = before;
        status = s.execute(after, Encoding::DC_ZVA, {{"Rt", 1}});
        if (!this->predicted()) s.irrelevant();
        page = where.page(before, EL1);
        expected = ExpectedOf(page, false, true);
        if (page.mapped && page.memory == MemoryKind::device) {
            expected = {.any = true, .write = true, .status = kAlignmentFault}; // before that of a permission
        }
        if (expected.any || page.memory != MemoryKind::tagged) return;
        auto probe = before;
        const Word block = argument & ~Word(size - 1);
        const auto found = TranslateAddress(probe, block, NewAccDesc(probe, AccessType::GPR, MemOp::LOAD), true);
        for (unsigned i = 0; i < size; i += TAG_GRANULE) {
            const auto tag = s.tag_at(before, found.paddress + typename S::template Bits<56>(i));
            mismatch = mismatch | (tag != slice<59, 56>(argument));
        }
    }
};

Scenario ZeroedBlocks() {
    return scenario(
        {.name = "dc-zva-faults",
         .about = "DC ZVA of a block of 32 bytes at EL1, in every mode of tag checking, by any address map",
         .file = __FILE__,
         .variants = {"DC ZVA"},
         .method = Method::lemma,
         .map = {}},
        [](auto& s, unsigned) { return ZeroedBlock(s); },
        invariant(
            {"dc-zva-faults-by-its-memory",
             "DC ZVA takes a Translation fault, a Permission fault of a write, or an Alignment fault in Device "
             "memory wherever it stands, with CM 0, WnR 1, its argument as the address and itself as the place to "
             "return to, whatever the tags.",
             {"MTE-DC-007", "MTE-DC-008", "MTE-DC-009", "MTE-ORD-004"},
             {Mutation::device_alignment_ignored, Mutation::wnr_wrong, Mutation::dc_zva_abort_at_block,
              Mutation::dc_zva_abort_loses_pc}},
            [](auto& s, auto& r) {
                if (!r.expected.any) return;
                s.claim(r.faulted(), "a fault");
                s.claim_if(r.faulted(), r.esr() == DataAbortSyndrome(r, r.expected.status, true), "ESR_ELx");
                s.claim_if(r.faulted(), r.far() == r.argument, "FAR_ELx");
                s.claim_if(r.faulted(), r.elr() == r.before.state.pc, "ELR_ELx");
            }),
        invariant(
            {"dc-zva-is-checked-as-a-write",
             "DC ZVA is checked as a pure write: in synchronous mode a mismatch is a Tag Check Fault with WnR 1 and CM "
             "0; "
             "in asynchronous and asymmetric mode it completes and accumulates the fault; with a control of 0b00 the "
             "mismatch has no effect.",
             {"MTE-DC-001", "MTE-DC-009", "MTE-TCF-011", "MTE-TCF-004"},
             {Mutation::dc_zva_classified_as_read, Mutation::dc_zva_looks_up_tagged_address}},
            [](auto& s, auto& r) {
                using Word = decltype(r.argument);
                if (r.expected.any) return;
                const auto synchronous = r.mismatch & (r.tcf == 0b01);
                s.claim(r.faulted() == synchronous, "an exception in synchronous mode only");
                s.claim_if(r.faulted(), r.esr() == DataAbortSyndrome(r, kTagCheckFault, true), "ESR_ELx");
                const auto tf = select(slice<55, 55>(r.argument) == 1, Word(2), Word(1));
                const auto was = r.before.state.TFSR_EL1;
                const auto accumulates = r.mismatch & ((r.tcf == 0b10) | (r.tcf == 0b11));
                s.claim(r.after.state.TFSR_EL1 == select(accumulates, was | tf, was), "TFSR_EL1");
            }));
}

} // namespace

void AppendMMUFaults(std::vector<Scenario>& all) {
    all.push_back(MappedAccesses());
    all.push_back(CacheMaintenance());
    all.push_back(ZeroedBlocks());
}

} // namespace mtecheck::model::proofs
