// SPDX-License-Identifier: Apache-2.0
//
// Invariants of MRS and MSR of the registers of FEAT_MTE: who may access them, who traps, what is read and written.
// What is expected of an access is stated over registers, in the order of the architecture: UNDEFINED, the trap to EL2,
// that to EL3, the access.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/step.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;
using spec::Reg;

constexpr unsigned kRt = 4;

constexpr Reg kRegisters[] = {Reg::GCR_EL1,   Reg::RGSR_EL1, Reg::TFSRE0_EL1, Reg::TFSR_EL1,
                              Reg::TFSR_EL12, Reg::TFSR_EL2, Reg::TFSR_EL3,   Reg::GMID_EL1};

std::vector<std::string> AccessNames() {
    std::vector<std::string> names;
    for (const Reg reg : kRegisters) {
        for (const char* operation : {"MRS ", "MSR "}) names.push_back(operation + std::string(spec::info(reg).name));
    }
    return names;
}

/// What must come of an access.
template <class S>
struct Expected {
    using Bool = typename S::Bool;
    Bool undefined{false};
    Bool to_el1{false};
    Bool to_el2{false};
    Bool to_el3{false};
    Bool access() const { return !(undefined | to_el1 | to_el2 | to_el3); }
};

template <class S>
Expected<S> ExpectedOf(const typename S::Machine& m, unsigned el, Reg reg, bool read) {
    using M = typename S::Machine;
    using Bool = typename S::Bool;
    const spec::fields::HCR_EL2<bits<M, 64>> hcr{m.state.HCR_EL2};
    const spec::fields::SCR_EL3<bits<M, 64>> scr{m.state.SCR_EL3};
    const Bool el2_enabled = EL2IsEnabled(m);
    Expected<S> expected;
    if (reg == Reg::GMID_EL1) {
        expected.undefined = Bool(!read);
        if (read && el == 0) {
            expected.to_el2 = el2_enabled & Is<M>(hcr.TGE());
            expected.to_el1 = !expected.to_el2;
        }
        if (read && el == 1) expected.to_el2 = el2_enabled & Is<M>(hcr.TID5());
        return expected;
    }
    if (reg == Reg::TFSR_EL12) {
        expected.undefined = Bool(el < 2) | !(el2_enabled & Is<M>(hcr.E2H()));
    } else {
        expected.undefined = Bool(el < (reg == Reg::TFSR_EL3 ? 3U : reg == Reg::TFSR_EL2 ? 2U : 1U));
    }
    if (el == 1) expected.to_el2 = el2_enabled & !(expected.undefined | IsHost(m) | Is<M>(hcr.ATA()));
    if (el == 1 || el == 2) expected.to_el3 = !(expected.undefined | expected.to_el2 | Is<M>(scr.ATA()));
    return expected;
}

/// The registers that the names stand for.
template <class S>
struct TagRegisters {
    using Value = typename S::template Bits<64>;
    Value GCR_EL1, RGSR_EL1, TFSRE0_EL1, TFSR_EL1, TFSR_EL2, TFSR_EL3;

    explicit TagRegisters(const typename S::Machine& m)
        : GCR_EL1(m.state.GCR_EL1), RGSR_EL1(m.state.RGSR_EL1), TFSRE0_EL1(m.state.TFSRE0_EL1),
          TFSR_EL1(m.state.TFSR_EL1), TFSR_EL2(m.state.TFSR_EL2), TFSR_EL3(m.state.TFSR_EL3) {}

    Value& of(Reg reg) {
        switch (reg) {
        case Reg::GCR_EL1: return GCR_EL1;
        case Reg::RGSR_EL1: return RGSR_EL1;
        case Reg::TFSRE0_EL1: return TFSRE0_EL1;
        case Reg::TFSR_EL2: return TFSR_EL2;
        case Reg::TFSR_EL3: return TFSR_EL3;
        default: return TFSR_EL1; // and TFSR_EL12
        }
    }
    friend typename S::Bool same(const TagRegisters& a, const TagRegisters& b) {
        return (a.GCR_EL1 == b.GCR_EL1) & (a.RGSR_EL1 == b.RGSR_EL1) & (a.TFSRE0_EL1 == b.TFSRE0_EL1) &
               (a.TFSR_EL1 == b.TFSR_EL1) & (a.TFSR_EL2 == b.TFSR_EL2) & (a.TFSR_EL3 == b.TFSR_EL3);
    }
};

/// MRS or MSR that was executed.
template <class S>
struct RegisterAccess : Step<S> {
    using typename Step<S>::M;
    using typename Step<S>::Bool;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Reg reg{};
    bool read = false;
    unsigned el = 0;
    Expected<S> expected;
    Bool in_host{false}; ///< at EL2, with HCR_EL2.E2H at 1
    typename S::template Bits<64> written;

    RegisterAccess(S& s, Reg which, bool is_read) : Step<S>(s.machine()), reg(which), read(is_read) {
        M m = before;
        el = CurrentEL(m);
        expected = ExpectedOf<S>(before, el, reg, read);
        in_host = Bool(el == 2) & Is<M>(spec::fields::HCR_EL2<bits<M, 64>>{before.state.HCR_EL2}.E2H());
        written = X<64>(m, kRt);
        status = execute(s, after, read, kRt);
    }
    RunStatus execute(S& s, M& m, bool as_read, unsigned t) const {
        const spec::SystemRegisterKey key = spec::info(reg).key;
        return s.execute(m, as_read ? Encoding::MRS : Encoding::MSR_reg,
                         {{"Rt", t},
                          {"o0", key.op0() - 2U},
                          {"op1", key.op1()},
                          {"CRn", key.crn()},
                          {"CRm", key.crm()},
                          {"op2", key.op2()}});
    }
    /// An exception of this class was taken to `to_el`.
    Bool took(unsigned of_class, unsigned to_el) const {
        if (status != RunStatus::exception || after.exception.to_el != to_el) return Bool(false);
        return this->exception_class() == of_class;
    }
    Bool undefined() const {
        return Bool(status == RunStatus::exception) & (this->exception_class() == kUncategorized);
    }
};

Scenario RegisterAccesses() {
    return scenario(
        {.name = "tag-register-access",
         .about = "MRS or MSR of a register of FEAT_MTE from any state",
         .file = __FILE__,
         .variants = AccessNames(),
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) { return RegisterAccess(s, kRegisters[variant / 2], variant % 2 == 0); },
        invariant(
            {"tag-registers-are-undefined-where-stated",
             "GCR_EL1, RGSR_EL1, TFSRE0_EL1 and TFSR_EL1 are UNDEFINED at EL0, TFSR_EL2 below EL2, TFSR_EL3 below "
             "EL3, TFSR_EL12 below EL2 and where HCR_EL2.E2H is 0 or EL2 disabled, writes of GMID_EL1 everywhere; "
             "nowhere else.",
             {"MTE-TRAP-001", "MTE-ASYNC-011", "MTE-BULK-009", "MTE-REG-005"},
             {Mutation::tag_registers_from_el0, Mutation::tfsr_el12_without_e2h}},
            [](auto& s, auto& r) { s.claim(r.undefined() == r.expected.undefined, "UNDEFINED where stated"); }),
        invariant({"tag-register-accesses-trap-to-el2-where-stated",
                   "At EL1 HCR_EL2.ATA at 0 traps an access to EL2, if EL2 is enabled and not the host; of GMID_EL1 "
                   "HCR_EL2.TID5 does, from EL0 HCR_EL2.TGE. Nothing else traps to EL2.",
                   {"MTE-TRAP-002", "MTE-TRAP-004", "MTE-TRAP-008"},
                   {Mutation::hcr_ata_trap_missed, Mutation::gmid_trap_missed, Mutation::scr_ata_trap_first}},
                  [](auto& s, auto& r) {
                      s.claim(r.took(kSystemRegisterTrap, 2) == r.expected.to_el2, "a trap to EL2 where stated");
                  }),
        invariant(
            {"tag-register-accesses-trap-to-el3-where-stated",
             "At EL1 and EL2 SCR_EL3.ATA at 0 traps an access to EL3 that is neither UNDEFINED nor trapped to EL2; "
             "nothing else traps to EL3, and only reads of GMID_EL1 at EL0 trap to EL1.",
             {"MTE-TRAP-003", "MTE-TRAP-004", "MTE-TRAP-008"},
             {Mutation::scr_ata_trap_missed, Mutation::scr_ata_trap_first}},
            [](auto& s, auto& r) {
                s.claim(r.took(kSystemRegisterTrap, 3) == r.expected.to_el3, "a trap to EL3 where stated");
                s.claim(r.took(kSystemRegisterTrap, 1) == r.expected.to_el1, "a trap to EL1 where stated");
            }),
        invariant({"tag-registers-are-accessible-otherwise",
                   "An access that is neither UNDEFINED nor trapped completes, and only such.",
                   {"MTE-TRAP-005"},
                   {Mutation::hcr_ata_trap_missed}},
                  [](auto& s, auto& r) {
                      using Bool = typename std::decay_t<decltype(s)>::Bool;
                      s.claim(Bool(r.completed()) == r.expected.access(), "completes where stated");
                  }),
        invariant({"trap-tells-the-register",
                   "The syndrome of a trapped access has exception class 0x18 and op0, op1, CRn, CRm, op2, Rt and the "
                   "direction of the instruction.",
                   {"MTE-TRAP-002", "MTE-TRAP-003"},
                   {Mutation::trap_direction_inverted}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      if (r.completed()) return;
                      const spec::SystemRegisterKey key = spec::info(r.reg).key;
                      namespace field = spec::field::SystemRegisterISS;
                      const std::uint64_t iss = field::Op0.place(key.op0()) | field::Op2.place(key.op2()) |
                                                field::Op1.place(key.op1()) | field::CRn.place(key.crn()) |
                                                field::Rt.place(kRt) | field::CRm.place(key.crm()) |
                                                field::Direction.place(r.read ? 1 : 0);
                      s.claim_if(!r.expected.undefined, r.iss() == typename S::template Bits<25>(iss), "the syndrome");
                  }),
        invariant({"refused-register-access-changes-nothing",
                   "An access that is UNDEFINED or trapped changes neither a general register nor one of FEAT_MTE.",
                   {"MTE-TRAP-001", "MTE-TRAP-002", "MTE-TRAP-003"},
                   {Mutation::hcr_ata_trap_missed, Mutation::tag_registers_from_el0}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      const auto refused = !r.expected.access();
                      s.claim_if(refused, SameRegisters(r.before.state, r.after.state), "no general register");
                      s.claim_if(refused, same(TagRegisters<S>(r.before), TagRegisters<S>(r.after)),
                                 "none of FEAT_MTE");
                  }),
        invariant(
            {"mrs-gives-the-register",
             "MRS that completes gives the value of the register, TFSR_EL12 that of TFSR_EL1, and at EL2 with "
             "HCR_EL2.E2H at 1 TFSR_EL1 that of TFSR_EL2; it changes nothing else.",
             {"MTE-REG-001", "MTE-REG-002", "MTE-REG-003", "MTE-REG-004", "MTE-REG-005", "MTE-REG-006", "MTE-REG-007"},
             {Mutation::tfsr_el12_wrong_el, Mutation::tfsr_el1_not_redirected}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                if (!r.read || !r.completed()) return;
                TagRegisters<S> registers(r.before);
                auto value = r.reg == Reg::GMID_EL1 ? r.before.state.GMID_EL1 : registers.of(r.reg);
                if (r.reg == Reg::TFSR_EL1) value = select(r.in_host, registers.TFSR_EL2, value);
                s.claim(r.after.state.x[kRt] == value, "the value");
                s.claim(SameRegisters(r.before.state, r.after.state, {kRt}), "no other general register");
                s.claim(same(registers, TagRegisters<S>(r.after)), "no register of FEAT_MTE");
            }),
        invariant(
            {"msr-writes-the-register",
             "MSR that completes stores what was written in all bits of the register that are not RES0, those may "
             "be 0 or what was written; it changes no other register. TFSR_EL12 is TFSR_EL1; at EL2 with "
             "HCR_EL2.E2H at 1 TFSR_EL1 is TFSR_EL2.",
             {"MTE-REG-001", "MTE-REG-002", "MTE-REG-003", "MTE-REG-004", "MTE-REG-005", "MTE-REG-006",
              "MTE-ASYNC-008"},
             {Mutation::gcr_write_loses_rrnd, Mutation::tfsr_el12_wrong_el, Mutation::tfsr_el1_not_redirected}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                using Value = typename S::template Bits<64>;
                using M = typename S::Machine;
                if (r.read || !r.completed()) return;
                const TagRegisters<S> before(r.before);
                const TagRegisters<S> after(r.after);
                const auto holds = [&](Reg target, Value mask) {
                    TagRegisters<S> expected = before;
                    TagRegisters<S> now = after;
                    const Value value = now.of(target);
                    expected.of(target) = value;
                    return ((value & mask) == (r.written & mask)) & IsZero(value & ~mask & ~r.written) &
                           same(expected, now);
                };
                const spec::fields::HCR_EL2<Value> hcr{r.before.state.HCR_EL2};
                const Value of_el2 =
                    select(Is<M>(hcr.E2H()), Value(spec::mask::TFSR_EL2_VHE), Value(spec::mask::TFSR_EL2));
                switch (r.reg) {
                case Reg::TFSR_EL1:
                    s.claim_if(r.in_host, holds(Reg::TFSR_EL2, of_el2), "TFSR_EL2");
                    s.claim_if(!r.in_host, holds(Reg::TFSR_EL1, Value(spec::mask::TFSR_EL1)), "TFSR_EL1");
                    break;
                case Reg::TFSR_EL12: s.claim(holds(Reg::TFSR_EL1, Value(spec::mask::TFSR_EL1)), "TFSR_EL1"); break;
                case Reg::TFSR_EL2: s.claim(holds(Reg::TFSR_EL2, of_el2), "TFSR_EL2"); break;
                default: s.claim(holds(r.reg, Value(spec::info(r.reg).writable)), "the register"); break;
                }
                s.claim(SameRegisters(r.before.state, r.after.state), "no general register");
                s.claim(SameNZCV(r.before.state, r.after.state) & SameControls(r.before.state, r.after.state),
                        "no PSTATE");
            }),
        invariant({"mrs-after-msr-gives-it-back",
                   "MRS after MSR of the same register gives what was written, in the bits that are not RES0.",
                   {"MTE-REG-001", "MTE-REG-002", "MTE-REG-003", "MTE-REG-004", "MTE-IRG-012"},
                   {Mutation::gcr_write_loses_rrnd}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      using Value = typename S::template Bits<64>;
                      if (r.read || !r.completed() || r.reg == Reg::GMID_EL1) return;
                      auto m = r.after;
                      s.claim(typename S::Bool(r.execute(s, m, true, 5) == RunStatus::completed), "it completes");
                      // TF1 of TFSR_EL2, which TFSR_EL1 may stand for, may be RES0.
                      const Value mask(r.reg == Reg::TFSR_EL1 || r.reg == Reg::TFSR_EL2 ? 1
                                                                                        : spec::info(r.reg).writable);
                      s.claim((m.state.x[5] & mask) == (r.written & mask), "what was written");
                  }));
}

// ---------------------------------------------------------------------------------------------------------- TCO

/// MRS TCO, MSR TCO from a register or an immediate, executed.
template <class S>
struct TCOAccess : Step<S> {
    using Step<S>::before, Step<S>::after, Step<S>::status;
    enum class Kind : std::uint8_t { read, write, immediate };
    Kind kind{};
    typename S::template Bits<1> expected; ///< PSTATE.TCO, after

    TCOAccess(S& s, unsigned variant) : Step<S>(s.machine()), kind(static_cast<Kind>(variant)) {
        const spec::SystemRegisterKey key = spec::info(Reg::TCO).key;
        if (kind == Kind::immediate) {
            status = s.execute(after, Encoding::MSR_imm_TCO, {});
            const spec::MovePstateImmediate<typename S::template Bits<32>> immediate{.opcode = after.opcode,
                                                                                     .field = {}};
            expected = slice<0, 0>(immediate.CRm());
        } else {
            status = s.execute(after, kind == Kind::read ? Encoding::MRS : Encoding::MSR_reg,
                               {{"Rt", kRt},
                                {"o0", key.op0() - 2U},
                                {"op1", key.op1()},
                                {"CRn", key.crn()},
                                {"CRm", key.crm()},
                                {"op2", key.op2()}});
            expected = kind == Kind::read
                           ? before.state.PSTATE.TCO
                           : spec::fields::PSTATE_TCO<typename S::template Bits<64>>{before.state.x[kRt]}.TCO();
        }
    }
};

Scenario TCOAccesses() {
    return scenario(
        {.name = "tco-access",
         .about = "MRS TCO, MSR TCO from a register and MSR TCO from an immediate, from any state",
         .file = __FILE__,
         .variants = {"MRS", "MSR", "MSR immediate"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) { return TCOAccess(s, variant); },
        invariant({"tco-is-accessible-everywhere",
                   "MRS and MSR of TCO complete at every Exception level, in every configuration.",
                   {"MTE-TCO-006", "MTE-ENC-011"},
                   {Mutation::tco_undefined_at_el0}},
                  [](auto& s, auto& r) {
                      using Bool = typename std::decay_t<decltype(s)>::Bool;
                      s.claim(Bool(r.status == RunStatus::completed), "it completes");
                  }),
        invariant({"msr-tco-sets-the-bit-at-once",
                   "After MSR TCO PSTATE.TCO is bit 25 of the register or bit 0 of the immediate; MRS leaves it.",
                   {"MTE-TCO-006", "MTE-TCO-008", "MTE-ENC-011"},
                   {Mutation::tco_read_only_at_el0, Mutation::tco_immediate_of_any_bit}},
                  [](auto& s, auto& r) { s.claim(r.after.state.PSTATE.TCO == r.expected, "PSTATE.TCO"); }),
        invariant({"mrs-tco-gives-the-bit",
                   "MRS TCO gives PSTATE.TCO in bit 25, and 0 in all others.",
                   {"MTE-TCO-006"},
                   {Mutation::tco_undefined_at_el0}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      using Kind = typename TCOAccess<S>::Kind;
                      if (r.kind != Kind::read) return;
                      const auto bit = ZeroExtend<64>(r.before.state.PSTATE.TCO);
                      s.claim(r.after.state.x[kRt] == shift_left<spec::field::PSTATE_TCO::TCO.lo>(bit), "bit 25");
                  }),
        invariant({"tco-access-changes-nothing-else",
                   "An access to TCO changes PSTATE.TCO or the destination of MRS; nothing else.",
                   {"MTE-TCO-006"},
                   {Mutation::tco_undefined_at_el0}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      using Kind = typename TCOAccess<S>::Kind;
                      const auto& a = r.before.state;
                      auto b = r.after.state;
                      if (r.kind == Kind::read) {
                          s.claim(SameRegisters(a, b, {kRt}), "no other general register");
                      } else {
                          s.claim(SameRegisters(a, b), "no general register");
                      }
                      b.PSTATE.TCO = a.PSTATE.TCO;
                      s.claim(SameNZCV(a, b) & SameControls(a, b), "no other PSTATE");
                      s.claim(SameConfiguration(a, b) & SameTFSR(a, b), "no system register");
                      s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
                  }));
}

} // namespace

void AppendRegisterAccess(std::vector<Scenario>& all) {
    all.push_back(RegisterAccesses());
    all.push_back(TCOAccesses());
}

} // namespace mtecheck::model::proofs
