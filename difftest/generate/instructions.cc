// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/instructions.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "difftest/core/branches.h"
#include "difftest/judge/features.h"
#include "model/run/program.h"
#include "spec/asm_template.h"

namespace mtecheck::difftest {

namespace {

using spec::Access;
using spec::EncodingInfo;
using spec::FieldInfo;
using spec::InstructionClass;
using spec::Role;

const FieldInfo* find_field(const EncodingInfo& info, Role role) {
    const auto found =
        std::find_if(info.fields.begin(), info.fields.end(), [&](const FieldInfo& f) { return f.role == role; });
    return found == info.fields.end() ? nullptr : &*found;
}

const FieldInfo* find_field(const EncodingInfo& info, std::string_view name) {
    const auto found =
        std::find_if(info.fields.begin(), info.fields.end(), [&](const FieldInfo& f) { return f.name == name; });
    return found == info.fields.end() ? nullptr : &*found;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Addressing addressing_of(const EncodingInfo& info, const FieldInfo* base, const FieldInfo* immediate) {
    if (base == nullptr) {
        const bool operation = info.instruction_class == InstructionClass::DataCacheZero ||
                               info.instruction_class == InstructionClass::DataCacheMaintenance;
        return operation ? Addressing::operation : Addressing::none;
    }
    if (find_field(info, "option") != nullptr) return Addressing::register_offset;
    if (immediate == nullptr || find_field(info, Role::immediate) == nullptr) return Addressing::base;
    if (contains(info.asm_template, "]!")) return Addressing::pre_index;
    if (contains(info.asm_template, "], #")) return Addressing::post_index;
    return contains(info.asm_template, "]") && contains(info.asm_template, "#") ? Addressing::offset : Addressing::base;
}

/// Bytes of one register that the instruction transfers.
unsigned transfer_bytes(const EncodingInfo& info) {
    const std::string_view mnemonic = info.mnemonic;
    if (mnemonic.ends_with("SW")) return 4;
    if (mnemonic.ends_with("B")) return 1;
    if (mnemonic.ends_with("H")) return 2;
    std::vector<std::string_view> names;
    for (const auto& field : info.fields) names.push_back(field.name);
    for (const auto& piece : spec::parse_asm_template(info.asm_template, names)) {
        if (piece.kind != spec::AsmPiece::Kind::reg || (piece.text != "Rt" && piece.text != "Xt")) continue;
        switch (piece.view) {
        case 'B': return 1;
        case 'H': return 2;
        case 'W':
        case 'S': return 4;
        case 'Q': return 16;
        default: return 8;
        }
    }
    return 8;
}

/// Not drawn: a literal is next to the code, and what is there is the target's own business.
bool is_literal(const EncodingInfo& info) {
    return info.instruction_class == InstructionClass::LoadLiteral ||
           info.instruction_class == InstructionClass::SimdLoadLiteral;
}

constexpr std::uint16_t kGranule = 16;

void describe_access(const Profile& profile, const EncodingInfo& info, Instruction& instruction) {
    const auto natural = [&] {
        const bool pair =
            find_field(info, "Rt2") != nullptr || info.instruction_class == InstructionClass::CompareAndSwapPair;
        instruction.bytes = static_cast<std::uint16_t>(transfer_bytes(info) * (pair ? 2U : 1U));
        instruction.alignment = static_cast<std::uint8_t>(instruction.bytes);
    };
    switch (info.instruction_class) {
    case InstructionClass::LDG:
        instruction.bytes = kGranule; // aligns its address down itself
        break;
    case InstructionClass::STG:
    case InstructionClass::STZG:
    case InstructionClass::STGP:
        instruction.bytes = kGranule;
        instruction.alignment = kGranule;
        break;
    case InstructionClass::ST2G:
    case InstructionClass::STZ2G:
        instruction.bytes = 2 * kGranule;
        instruction.alignment = kGranule;
        break;
    case InstructionClass::LDGM:
    case InstructionClass::STGM: instruction.bytes = static_cast<std::uint16_t>(4U << (profile.gmid_el1 & 15)); break;
    case InstructionClass::STZGM:
    case InstructionClass::DataCacheZero:
    case InstructionClass::DataCacheMaintenance:
        instruction.bytes = static_cast<std::uint16_t>(4U << (profile.dczid_el0 & 15));
        break;
    case InstructionClass::CompareAndSwap:
    case InstructionClass::CompareAndSwapPair:
    case InstructionClass::AtomicMemoryOperation:
    case InstructionClass::Swap:
    case InstructionClass::LoadStoreExclusive:
    case InstructionClass::LoadStoreExclusivePair:
    case InstructionClass::LoadStoreOrdered:
    case InstructionClass::LoadRcpc:
    case InstructionClass::LoadStoreRcpcUnscaled: natural(); break;
    default:
        natural();
        instruction.alignment = 1; // unless SCTLR_ELx.A
        break;
    }
}

FieldName name_of(spec::Encoding encoding, const spec::FieldInfo& field) {
    static constexpr std::array<std::pair<std::string_view, FieldName>, 17> kNames{{
        {"Rd", FieldName::Rd},
        {"Xd", FieldName::Rd},
        {"Rn", FieldName::Rn},
        {"Xn", FieldName::Rn},
        {"Rm", FieldName::Rm},
        {"Xm", FieldName::Rm},
        {"Rt", FieldName::Rt},
        {"Xt", FieldName::Rt},
        {"Rt2", FieldName::Rt2},
        {"Xt2", FieldName::Rt2},
        {"Rs", FieldName::Rs},
        {"imm9", FieldName::imm9},
        {"imm12", FieldName::imm12},
        {"uimm4", FieldName::uimm4},
        {"uimm6", FieldName::uimm6},
        {"option", FieldName::option},
        {"S", FieldName::S},
    }};
    if (&field == branch_offset(encoding)) return FieldName::branch_offset;
    const auto found =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& row) { return row.first == field.name; });
    return found == kNames.end() ? FieldName::other : found->second;
}

/// How often a class is drawn, all its encodings together.
std::uint16_t class_weight(InstructionClass instruction_class) {
    switch (instruction_class) {
    case InstructionClass::LoadStoreImmediate: return 140;
    case InstructionClass::LoadStoreRegisterOffset: return 50;
    case InstructionClass::LoadStoreUnprivileged: return 50;
    case InstructionClass::LoadStorePair: return 90;
    case InstructionClass::LoadStoreExclusive: return 30;
    case InstructionClass::LoadStoreExclusivePair: return 20;
    case InstructionClass::LoadStoreOrdered: return 20;
    case InstructionClass::LoadRcpc: return 8;
    case InstructionClass::LoadStoreRcpcUnscaled: return 20;
    case InstructionClass::CompareAndSwap: return 25;
    case InstructionClass::CompareAndSwapPair: return 15;
    case InstructionClass::AtomicMemoryOperation: return 40;
    case InstructionClass::Swap: return 10;
    case InstructionClass::Prefetch: return 6;
    case InstructionClass::ADDG: return 25;
    case InstructionClass::SUBG: return 20;
    case InstructionClass::IRG: return 30;
    case InstructionClass::GMI: return 15;
    case InstructionClass::SUBP: return 15;
    case InstructionClass::SUBPS: return 15;
    case InstructionClass::LDG: return 40;
    case InstructionClass::STG: return 45;
    case InstructionClass::STZG: return 30;
    case InstructionClass::ST2G: return 30;
    case InstructionClass::STZ2G: return 25;
    case InstructionClass::STGP: return 30;
    case InstructionClass::LDGM: return 16;
    case InstructionClass::STGM: return 16;
    case InstructionClass::STZGM: return 16;
    case InstructionClass::DataCacheZero: return 45;
    case InstructionClass::DataCacheMaintenance: return 25;
    case InstructionClass::MoveSystemRegister: return 70;
    case InstructionClass::MovePstateImmediate: return 20;
    case InstructionClass::Barrier: return 16;
    case InstructionClass::Hint: return 3;
    case InstructionClass::SupervisorCall: return 3;
    case InstructionClass::ExceptionReturn: return 0; // where the configuration goes with it
    case InstructionClass::SimdLoadStoreImmediate:
    case InstructionClass::SimdLoadStoreRegisterOffset:
    case InstructionClass::SimdLoadStorePair:
    case InstructionClass::SimdLoadStoreMultiple:
    case InstructionClass::SimdLoadStoreSingle: return 70;
    default: return 10;
    }
}

bool is_of_address(const Instruction& instruction, const InstructionField& field) {
    const bool of_offset = field.name == FieldName::Rm || field.name == FieldName::option || field.name == FieldName::S;
    const auto is = [&](const std::optional<InstructionField>& other) { return other && other->lo == field.lo; };
    return is(instruction.base) || is(instruction.immediate) ||
           (of_offset && instruction.addressing == Addressing::register_offset);
}

RegisterUse use_of(const EncodingInfo& info, Addressing addressing, FieldName name) {
    using enum InstructionClass;
    const InstructionClass c = info.instruction_class;
    const bool memory = addressing != Addressing::none;
    const bool transfer = name == FieldName::Rt || name == FieldName::Rt2;
    // These read memory into Rt, and write a function of it and Rs.
    const bool atomic = c == AtomicMemoryOperation || c == Swap;
    const bool loads = info.access == Access::read || info.tag_access == Access::read || atomic;
    if (name == FieldName::Rs && (c == LoadStoreExclusive || c == LoadStoreExclusivePair)) return RegisterUse::status;
    if (name == FieldName::Rs && (c == CompareAndSwap || c == CompareAndSwapPair)) return RegisterUse::compared;
    if (name == FieldName::Rd || (memory && transfer && loads)) return RegisterUse::destination;
    return memory && transfer ? RegisterUse::stored : RegisterUse::source;
}

} // namespace

InstructionSet::InstructionSet(const Profile& profile) : by_encoding_(spec::encoding_count, -1) {
    std::array<unsigned, spec::instruction_class_count> encodings_of{};
    const model::FeatureSet features = features_of(profile);
    const auto usable = [&](const EncodingInfo& info) {
        return features.has_all(model::FeaturesNeeded(info.encoding)) && !is_literal(info) &&
               !(profile.process && info.instruction_class == InstructionClass::SupervisorCall) &&
               (profile.has_vectors || find_field(info, Role::simd) == nullptr) &&
               std::find(profile.absent.begin(), profile.absent.end(), info.id) == profile.absent.end();
    };
    for (const auto& info : spec::encodings()) {
        if (usable(info)) ++encodings_of[static_cast<std::size_t>(info.instruction_class)];
    }

    // A weight is shared out among the encodings of a class in parts of this.
    constexpr unsigned kScale = 64;
    for (const auto& info : spec::encodings()) {
        if (!usable(info)) continue;
        Instruction instruction;
        instruction.encoding = info.encoding;
        instruction.instruction_class = info.instruction_class;
        instruction.value = info.value;
        instruction.may_be_another =
            std::any_of(spec::encodings().begin(), spec::encodings().end(), [&](const EncodingInfo& other) {
                return &other != &info && ((other.value ^ info.value) & other.mask & info.mask) == 0;
            });
        instruction.uses_vectors = find_field(info, Role::simd) != nullptr;
        const FieldInfo* const base = find_field(info, Role::base);
        const FieldInfo* const immediate = base == nullptr ? nullptr : find_field(info, Role::immediate);
        instruction.addressing = addressing_of(info, base, immediate);
        for (const auto& field : info.fields) {
            const FieldName name = name_of(info.encoding, field);
            const InstructionField described{field, name, use_of(info, instruction.addressing, name)};
            instruction.fields.push_back(described);
            if (&field == base) instruction.base = described;
            if (&field == immediate) instruction.immediate = described;
        }
        for (const InstructionField& field : instruction.fields) {
            if (!is_of_address(instruction, field)) instruction.others.push_back(field);
        }
        if (instruction.addressing != Addressing::none) describe_access(profile, info, instruction);
        const unsigned of_class = class_weight(info.instruction_class) * kScale;
        if (of_class != 0) {
            instruction.weight = static_cast<std::uint16_t>(
                std::max(1U, of_class / encodings_of[static_cast<std::size_t>(info.instruction_class)]));
        }
        by_encoding_[static_cast<std::size_t>(info.encoding)] = static_cast<std::int16_t>(instructions_.size());
        instructions_.push_back(instruction);
    }

    for (std::size_t privileged = 0; privileged < 2; ++privileged) {
        auto& [sums, begin] = weights_[privileged];
        std::uint32_t total = 0;
        for (const auto& instruction : instructions_) {
            // UNDEFINED at EL0: worth a look, no more.
            const bool undefined =
                privileged == 0 && spec::info(instruction.encoding).min_el > 0 && instruction.weight != 0;
            total += undefined ? std::max(1U, instruction.weight / 16U) : instruction.weight;
            while (begin.size() * Weights::kPart < total) begin.push_back(static_cast<std::uint16_t>(sums.size()));
            sums.push_back(total);
        }
    }
}

const Instruction& InstructionSet::draw(Random& random, unsigned el) const {
    const Weights& weights = weights_[el == 0 ? 0 : 1];
    const std::uint32_t drawn = random.below(weights.sums.back());
    std::size_t index = weights.begin[drawn / Weights::kPart];
    while (weights.sums[index] <= drawn) ++index;
    return instructions_[index];
}

const Instruction* InstructionSet::find(spec::Encoding encoding) const {
    const auto at = by_encoding_[static_cast<std::size_t>(encoding)];
    return at < 0 ? nullptr : &instructions_[static_cast<std::size_t>(at)];
}

} // namespace mtecheck::difftest
