// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/decoded.h"

#include <algorithm>
#include <string_view>

namespace mtecheck::difftest {

namespace {

using spec::InstructionClass;
using Kind = DecodedKind;

bool of_mte(spec::Feature feature) { return spec::info(feature).id.starts_with("FEAT_MTE"); }

bool of_mte(spec::Reg reg) {
    const auto& features = spec::info(reg).exists_if;
    return std::any_of(features.begin(), features.end(), [](spec::Feature feature) { return of_mte(feature); });
}

/// Branches, exception generation and returns: execution may go on elsewhere. System instructions are encoded with
/// them.
bool may_branch(std::uint32_t opcode) { return (opcode >> 26 & 7) == 5 && opcode >> 24 != 0xd5; }

/// SYS with CRn of 8, or 9 for the forms of FEAT_XS.
bool is_tlbi(std::uint32_t opcode) {
    const std::uint32_t CRn = opcode >> 12 & 15;
    return opcode >> 19 == 0xd508'0000U >> 19 && (CRn == 8 || CRn == 9);
}

/// TLBI by virtual address, of one page.
bool of_one_page(std::uint32_t opcode) {
    const std::uint32_t CRm = opcode >> 8 & 15;
    return (CRm == 1 || CRm == 3 || CRm == 7) && (opcode >> 5 & 1) != 0;
}

void classify_register_move(DecodedForTrace& d, std::uint32_t opcode) {
    d.reg = spec::decode_register(spec::SystemRegisterKey::of_opcode(opcode));
    if (!d.reg) return;
    const bool read = d.instruction.encoding == spec::Encoding::MRS;
    if (of_mte(*d.reg)) {
        d.kind = Kind::judged;
        d.writes_pstate = !read && *d.reg == spec::Reg::TCO;
    } else {
        d.kind = read ? Kind::system_read : Kind::system_write;
    }
    if (d.kind == Kind::judged && read) d.reg.reset();
}

DecodedForTrace decoded(std::uint32_t opcode) {
    DecodedForTrace d;
    d.may_branch = may_branch(opcode);
    d.rt = opcode & 31;
    const std::uint32_t words[] = {opcode};
    d.instruction = model::Program(0, words).code.front();
    if (is_tlbi(opcode)) {
        d.kind = Kind::tlb;
        d.one_page = of_one_page(opcode);
        return d;
    }
    if (!d.instruction.allocated) return d;
    const spec::EncodingInfo& info = spec::info(d.instruction.encoding);
    d.loads_data = info.access == spec::Access::read || info.access == spec::Access::read_write;
    d.loads_tags = info.tag_access == spec::Access::read;
    d.stores_tags = info.tag_access == spec::Access::write || info.tag_access == spec::Access::read_write;
    d.checked = info.tag_checked == spec::TagChecked::base_not_sp || info.tag_checked == spec::TagChecked::always;
    d.unprivileged = info.unprivileged;
    d.base = d.rt;
    for (const spec::FieldInfo& field : info.fields) {
        if (field.role == spec::Role::base) d.base = static_cast<std::uint8_t>(field.extract(opcode));
        if (field.role == spec::Role::simd) d.simd = true;
    }
    const bool mte = std::any_of(info.features.begin(), info.features.end(), [](auto f) { return of_mte(f); });
    if (mte || d.checked || d.loads_tags || d.stores_tags) d.kind = Kind::judged;
    switch (info.instruction_class) {
    case InstructionClass::MoveSystemRegister: classify_register_move(d, opcode); break;
    case InstructionClass::MovePstateImmediate: d.writes_pstate = true; break;
    case InstructionClass::SUBPS: d.writes_pstate = true; break;
    case InstructionClass::IRG: d.random_tag = true; break;
    case InstructionClass::LDGM: d.bulk = true; break;
    case InstructionClass::LoadStoreExclusive:
    case InstructionClass::LoadStoreExclusivePair: d.store_exclusive = info.access == spec::Access::write; break;
    case InstructionClass::SupervisorCall:
    case InstructionClass::ExceptionReturn: d.kind = Kind::followed; break;
    case InstructionClass::Barrier:
        if (d.instruction.encoding == spec::Encoding::DSB) d.kind = Kind::followed;
        break;
    default: break;
    }
    return d;
}

} // namespace

const DecodedForTrace& TraceDecoder::decode(std::uint32_t opcode) {
    Entry& entry = entries_[(opcode ^ opcode >> 13U ^ opcode >> 22U) % kEntries];
    if (!entry.valid || entry.decoded.instruction.opcode != opcode) entry = {true, decoded(opcode)};
    return entry.decoded;
}

} // namespace mtecheck::difftest
