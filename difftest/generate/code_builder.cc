// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/code_builder.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>

#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "spec/encode.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

using spec::FieldBits;
using spec::FieldInfo;
using spec::InstructionClass;
using spec::Role;

constexpr int kGranule = 16;
constexpr int kReach = 48; // an address without an offset of its own may be so far from the anchor
constexpr int kZero = 31;

/// The field value that adds `bytes` to an address, if there is one.
std::optional<std::uint32_t> encode_offset(const FieldBits& field, int bytes) {
    const int scale = std::max<int>(field.scale, 1);
    if (bytes % scale != 0) return std::nullopt;
    const int value = bytes / scale;
    const int span = 1 << field.width();
    const int low = field.is_signed ? -span / 2 : 0;
    if (value < low || value >= low + span) return std::nullopt;
    return static_cast<std::uint32_t>(value) & field.max();
}

int decode_offset(const FieldBits& field, std::uint32_t value) {
    int number = static_cast<int>(value);
    if (field.is_signed && (value >> (field.width() - 1)) != 0) number -= 1 << field.width();
    return number * std::max<int>(field.scale, 1);
}

bool stores_tag_of_register(InstructionClass instruction_class) {
    switch (instruction_class) {
    case InstructionClass::STG:
    case InstructionClass::STZG:
    case InstructionClass::ST2G:
    case InstructionClass::STZ2G: return true;
    default: return false;
    }
}

bool is_tag_arithmetic(InstructionClass instruction_class) {
    switch (instruction_class) {
    case InstructionClass::ADDG:
    case InstructionClass::SUBG:
    case InstructionClass::IRG:
    case InstructionClass::GMI:
    case InstructionClass::SUBP:
    case InstructionClass::SUBPS: return true;
    default: return false;
    }
}

} // namespace

CodeBuilder::CodeBuilder(Random& random, const InstructionSet& instructions, Sequence& sequence, SequencePlan& plan,
                         std::size_t length)
    : random_(random), instructions_(instructions), sequence_(sequence), plan_(plan), length_(length) {
    sequence_.code.clear();
    plan_ = {};
    choose_roles();
}

void CodeBuilder::choose_roles() {
    std::array<std::uint8_t, 31> registers;
    std::iota(registers.begin(), registers.end(), std::uint8_t{0});
    constexpr std::size_t kPointers = 5;
    constexpr std::size_t kIndices = 3;
    for (std::size_t i = 0; i < kPointers + kIndices; ++i) {
        std::swap(registers[i], registers[i + random_.below(static_cast<std::uint32_t>(registers.size() - i))]);
    }

    const auto add_pointer = [&](std::uint8_t reg, int displacement) {
        Known& known = known_[reg];
        known.points = true;
        known.pointer = static_cast<std::uint8_t>(plan_.pointers.size());
        known.at = -displacement;
        plan_.pointers.push_back({.reg = reg, .displacement = displacement});
    };
    add_pointer(kStackPointer, random_.chance(200) ? kGranule * random_.between(-30, 30) : 0);
    plan_.pointers.front().alignment = kGranule; // SCTLR_ELx.SA
    // Some pointers are far from their anchors, so that offsets of all sizes lead to the windows.
    static constexpr std::array<int, kPointers> kFar{0, 0, 0, 240, 4096};
    for (std::size_t i = 0; i < kPointers; ++i) {
        int displacement = 0;
        if (kFar[i] != 0 && random_.chance(700)) {
            displacement = kGranule * random_.between(-kFar[i] / kGranule, kFar[i] / kGranule);
            if (random_.chance(200)) displacement = std::abs(displacement) * 4; // unsigned scaled offsets reach far
        }
        add_pointer(registers[i], displacement);
    }
    for (std::size_t i = 0; i < kIndices; ++i) {
        plan_.indices.push_back({.reg = registers[kPointers + i], .extend = static_cast<Extend>(i)});
    }
    data_count_ = registers.size() - kPointers - kIndices;
    std::copy_n(registers.begin() + kPointers + kIndices, data_count_, data_.begin());
}

int CodeBuilder::data_register() { return data_[random_.below(static_cast<std::uint32_t>(data_count_))]; }

int CodeBuilder::data_register(DataKind kind) {
    for (int attempt = 0; attempt < 8; ++attempt) {
        const int reg = data_register();
        const DataKind now = plan_.data[static_cast<std::size_t>(reg)];
        if ((written_ >> reg & 1) == 0 && (now == DataKind::any || now == kind)) return reg;
    }
    return data_register();
}

int CodeBuilder::any_register() {
    const int reg = static_cast<int>(random_.below(32));
    note_named(reg);
    return reg;
}

void CodeBuilder::note_named(int reg) {
    const Known& known = known_[static_cast<std::size_t>(reg)];
    if (known.points) named_pointers_ |= 1U << known.pointer;
}

void CodeBuilder::finish() {
    for (std::uint64_t& elr : sequence_.configuration.elr) {
        if (elr != 0) elr = std::min(elr, sequence_.pc + 4 * sequence_.code.size());
    }
    std::array<std::uint8_t, decltype(plan_.pointers)::static_capacity> number{}; // by the old one
    std::uint8_t kept = 0;
    for (std::size_t i = 0; i < plan_.pointers.size(); ++i) {
        if ((named_pointers_ >> i & 1U) == 0) continue;
        number[i] = kept;
        plan_.pointers[kept++] = plan_.pointers[i];
    }
    plan_.pointers.resize(kept);
    for (auto& tie : plan_.ties) tie.pointer = number[tie.pointer];
    kept = 0;
    for (std::size_t i = 0; i < plan_.indices.size(); ++i) {
        if ((named_indices_ >> i & 1U) != 0) plan_.indices[kept++] = plan_.indices[i];
    }
    plan_.indices.resize(kept);
}

int CodeBuilder::pointer(int reach, unsigned alignment) {
    int best = -1;
    for (int attempt = 0; attempt < 6; ++attempt) {
        int reg = plan_.pointers[random_.below(static_cast<std::uint32_t>(plan_.pointers.size()))].reg;
        if (attempt == 0 && random_.chance(100)) reg = any_register();
        const Known& known = known_[static_cast<std::size_t>(reg)];
        if (!known.points || std::abs(known.at) > reach || known.at % static_cast<int>(alignment) != 0) continue;
        if (best < 0 || !known.tag_changed) best = reg;
        if (!known.tag_changed) break;
    }
    if (best >= 0) note_named(best);
    return best;
}

int CodeBuilder::draw_distance(const Instruction& instruction) {
    const int step = std::max<int>(instruction.alignment, 1);
    const std::uint32_t roll = random_.below(100);
    if (roll < 50) return 0;
    if (roll < 68) return random_.coin() ? kGranule : -kGranule;
    if (roll < 84) return std::min<int>(instruction.bytes, 32) * random_.between(-2, 2) / step * step;
    return random_.between(-24, 24) / step * step;
}

bool CodeBuilder::build_address(const Instruction& instruction, const Fixed& fixed, std::uint32_t& word,
                                Effects& effects) {
    const int alignment = std::min<int>(instruction.alignment, kGranule);
    for (int attempt = 0; attempt < 4; ++attempt) {
        const bool far = instruction.immediate && instruction.addressing != Addressing::post_index;
        const int base =
            fixed.base >= 0 ? fixed.base : pointer(far ? 1 << 20 : kReach, far ? 1U : static_cast<unsigned>(alignment));
        if (base < 0) continue;
        const Known& known = known_[static_cast<std::size_t>(base)];
        std::int32_t at = known.at; // of the access
        std::int32_t after = known.at;
        std::uint32_t candidate = instruction.base->insert(word, static_cast<std::uint32_t>(base));
        switch (instruction.addressing) {
        case Addressing::offset:
        case Addressing::pre_index: {
            at = fixed.at.value_or(draw_distance(instruction));
            const auto value = encode_offset(*instruction.immediate, at - known.at);
            if (!value) continue;
            candidate = instruction.immediate->insert(candidate, *value);
            if (instruction.addressing == Addressing::pre_index) after = at;
            break;
        }
        case Addressing::post_index: {
            // Mostly back to where offsets are small, now and then far away.
            std::uint32_t value = 0;
            if (random_.chance(900)) {
                const auto near = encode_offset(*instruction.immediate, kGranule * random_.between(-2, 2) - known.at);
                if (!near) continue;
                value = *near;
            } else {
                value = random_.below(instruction.immediate->max() + 1);
            }
            candidate = instruction.immediate->insert(candidate, value);
            after = known.at + decode_offset(*instruction.immediate, value);
            break;
        }
        case Addressing::register_offset: {
            if (std::abs(known.at) > kReach) continue;
            const std::uint32_t index = random_.below(static_cast<std::uint32_t>(plan_.indices.size()));
            const IndexPlan& plan = plan_.indices[index];
            if ((written_ >> plan.reg & 1) != 0) continue;
            static constexpr std::array<std::uint32_t, 3> kOptions{0b011, 0b010, 0b110};
            const std::uint32_t option = plan.extend == Extend::none && random_.chance(300)
                                             ? 0b111
                                             : kOptions[static_cast<std::size_t>(plan.extend)];
            const bool shifted = random_.chance(400);
            for (const InstructionField& field : instruction.fields) {
                if (field.name == FieldName::Rm) candidate = field.insert(candidate, plan.reg);
                if (field.name == FieldName::option) candidate = field.insert(candidate, option);
                if (field.name == FieldName::S) candidate = field.insert(candidate, shifted ? 1 : 0);
            }
            effects.index = static_cast<int>(index);
            effects.index_shift = 0;
            if (shifted) {
                while (1 << (effects.index_shift + 1) <= instruction.bytes) ++effects.index_shift;
            }
            break;
        }
        default: break;
        }
        word = candidate;
        effects.used = known.points ? known.pointer : -1;
        effects.access = &instruction;
        effects.access_at = at;
        if (instruction.writes_back()) {
            effects.moved = base;
            effects.target = known;
            effects.target.at = after;
        }
        return true;
    }
    return false;
}

void CodeBuilder::build_register(const Instruction& instruction, const InstructionField& operand, const Fixed& fixed,
                                 std::uint32_t& word, Effects& effects) {
    const FieldBits& field = operand;
    const FieldName name = operand.name;
    const bool transfer = name == FieldName::Rt || name == FieldName::Rt2;
    const bool compare = operand.use == RegisterUse::compared;

    int reg = -1;
    if (operand.use == RegisterUse::source) {
        if (name == FieldName::Rm) reg = fixed.second;
        if (name == FieldName::Rn) reg = fixed.first;
        if (transfer) reg = fixed.transfer;
        if (reg < 0 && instruction.instruction_class == InstructionClass::CompareAndBranch && random_.chance(700)) {
            reg = effects.kind_of = data_register(DataKind::boolean);
            effects.kind = DataKind::boolean;
        }
        if (reg < 0) reg = random_.chance(700) ? data_register() : any_register();
    } else if (operand.use != RegisterUse::stored) {
        if (operand.use == RegisterUse::status)
            reg = fixed.status;
        else if (!compare)
            reg = name == FieldName::Rt2 ? fixed.other_destination : fixed.destination;
        if (reg < 0) {
            const std::uint32_t roll = random_.below(100);
            reg = roll < 92 ? data_register() : roll < 96 ? kZero : any_register();
            // The tag of a pointer may well be loaded: it still points.
            if (instruction.instruction_class == InstructionClass::LDG && random_.chance(600)) {
                const int pointing = pointer(1 << 20);
                if (pointing >= 0 && pointing != kStackPointer) reg = pointing;
            }
        }
        if (compare && random_.chance(800)) {
            reg = data_register(DataKind::any);
            effects.tie = reg;
        }
        if (instruction.instruction_class == InstructionClass::CompareAndSwapPair) reg &= ~1;
        if (reg != kZero || field.role == Role::general_or_sp) effects.written |= std::uint32_t{1} << reg;
        if (instruction.instruction_class == InstructionClass::LDG && known_[static_cast<std::size_t>(reg)].points &&
            reg != kZero) {
            effects.moved = reg;
            effects.target = known_[static_cast<std::size_t>(reg)];
            effects.target.tag_changed = false;
        }
    } else {
        reg = fixed.transfer;
        if (reg < 0) {
            const std::uint32_t roll = random_.below(100);
            if (instruction.addressing == Addressing::operation) {
                const int pointing = pointer(kReach);
                reg = pointing >= 0 && pointing != kStackPointer ? pointing : data_register();
            } else if (stores_tag_of_register(instruction.instruction_class)) {
                if (roll < 40) {
                    const int pointing = pointer(1 << 20);
                    reg = pointing >= 0 ? pointing : data_register();
                } else if (roll < 90) {
                    reg = data_register(DataKind::tag_pointer);
                    effects.kind_of = reg;
                    effects.kind = DataKind::tag_pointer;
                } else {
                    reg = any_register();
                }
            } else {
                reg = roll < 80 ? data_register() : roll < 88 ? kZero : any_register();
            }
        }
        if (instruction.instruction_class == InstructionClass::CompareAndSwapPair) reg &= ~1;
        if (instruction.addressing == Addressing::operation && reg != kZero &&
            known_[static_cast<std::size_t>(reg)].points) {
            effects.used = known_[static_cast<std::size_t>(reg)].pointer;
            effects.access = &instruction;
        }
    }
    word = field.insert(word, static_cast<std::uint32_t>(reg));
}

void CodeBuilder::build_immediate(const Instruction& instruction, const InstructionField& operand, const Fixed& fixed,
                                  std::uint32_t& word) {
    const FieldBits& field = operand;
    if (fixed.immediate) {
        word = field.insert(word, *fixed.immediate);
        return;
    }
    if (operand.name == FieldName::branch_offset) { // forward, to the end of the code at most
        const auto position = static_cast<int>(sequence_.code.size());
        const int target = std::min(position + random_.between(1, 3), static_cast<int>(length_));
        word = field.insert(word, static_cast<std::uint32_t>(target - position));
        return;
    }
    if (instruction.encoding == spec::Encoding::MSR_imm_TCO) {
        // Bit 0 is TCO. More often 0, for with 1 nothing is checked from there on.
        const std::uint32_t ignored = random_.below(8) << 1;
        word = field.insert(word, ignored | (random_.chance(350) ? 1U : 0U));
        return;
    }
    const std::uint32_t roll = random_.below(8);
    std::uint32_t value = random_.below(field.max() + 1);
    if (roll < 2)
        value = 0;
    else if (roll == 2)
        value = 1;
    else if (roll == 3)
        value = field.max();
    word = field.insert(word, value & field.max());
}

/// ADDG, SUBG, IRG, GMI, SUBP, SUBPS: operands are pointers, mostly.
void CodeBuilder::build_arithmetic(const Instruction& instruction, const Fixed& fixed, std::uint32_t& word,
                                   Effects& effects) {
    const InstructionClass what = instruction.instruction_class;
    const bool moves =
        what == InstructionClass::ADDG || what == InstructionClass::SUBG || what == InstructionClass::IRG;
    const auto source = [&](int chosen) {
        if (chosen >= 0) return chosen;
        if (random_.chance(800)) {
            const int pointing = pointer(1 << 20);
            if (pointing >= 0) return pointing;
        }
        const int reg = data_register(DataKind::tag_pointer);
        effects.kind_of = reg;
        effects.kind = DataKind::tag_pointer;
        return random_.chance(900) ? reg : any_register();
    };

    int n = -1;
    int d = -1;
    for (const InstructionField& field : instruction.fields) {
        if (field.name == FieldName::Rn) {
            n = source(fixed.first);
            word = field.insert(word, static_cast<std::uint32_t>(n));
        } else if (field.name == FieldName::Rm) {
            int m = fixed.second;
            if (m < 0 && (what == InstructionClass::IRG || what == InstructionClass::GMI)) {
                if (random_.chance(600)) {
                    m = data_register(DataKind::exclude_mask);
                    effects.kind_of = m;
                    effects.kind = DataKind::exclude_mask;
                } else {
                    m = random_.chance(700) ? kZero : any_register();
                }
            } else if (m < 0) {
                m = source(-1);
            }
            word = field.insert(word, static_cast<std::uint32_t>(m));
        } else if (field.name == FieldName::Rd) {
            d = fixed.destination;
            if (d < 0 && moves && random_.chance(700)) d = random_.chance(500) && n >= 0 ? n : pointer(1 << 20);
            if (d < 0) d = random_.chance(900) ? data_register() : any_register();
            word = field.insert(word, static_cast<std::uint32_t>(d));
            if (d != kZero || field.role == Role::general_or_sp) effects.written |= std::uint32_t{1} << d;
        }
    }

    std::int32_t distance = 0;
    bool tag_changed = what == InstructionClass::IRG;
    for (const InstructionField& field : instruction.fields) {
        if (field.name == FieldName::uimm6) {
            const std::uint32_t value = fixed.at              ? 0
                                        : random_.chance(850) ? random_.below(3)
                                                              : random_.below(field.max() + 1);
            word = field.insert(word, value);
            distance = kGranule * static_cast<std::int32_t>(value);
        } else if (field.name == FieldName::uimm4) {
            const std::uint32_t value = fixed.immediate       ? *fixed.immediate
                                        : random_.chance(450) ? 0
                                                              : random_.below(field.max() + 1);
            word = field.insert(word, value);
            tag_changed = value != 0;
        }
    }
    if (what == InstructionClass::SUBG) distance = -distance;
    if (moves && n >= 0 && known_[static_cast<std::size_t>(n)].points) {
        effects.moved = d;
        effects.target = known_[static_cast<std::size_t>(n)];
        effects.target.at += distance;
        effects.target.tag_changed = effects.target.tag_changed || tag_changed;
    }
}

/// ADD and SUB of a small number to a pointer: it still points.
void CodeBuilder::build_pointer_move(const Instruction& instruction, std::uint32_t& word, Effects& effects) {
    const int n = pointer(1 << 20);
    const bool back = random_.chance(600) && n >= 0;
    const int d = back ? n : data_register();
    const auto distance =
        static_cast<std::int32_t>(random_.chance(700) ? kGranule * random_.below(4) : random_.below(40));
    for (const InstructionField& field : instruction.fields) {
        if (field.name == FieldName::Rn)
            word = field.insert(word, static_cast<std::uint32_t>(n >= 0 ? n : data_register()));
        if (field.name == FieldName::Rd) word = field.insert(word, static_cast<std::uint32_t>(d));
        if (field.name == FieldName::imm12) word = field.insert(word, static_cast<std::uint32_t>(distance));
    }
    effects.written |= std::uint32_t{1} << d;
    if (n >= 0) {
        effects.moved = d;
        effects.target = known_[static_cast<std::size_t>(n)];
        effects.target.at += instruction.encoding == spec::Encoding::ADD_x_imm ? distance : -distance;
    }
}

/// MRS and MSR of the registers of MTE.
void CodeBuilder::build_system(const Instruction& instruction, const Fixed& fixed, std::uint32_t& word,
                               Effects& effects) {
    using spec::Reg;
    struct Choice {
        Reg reg;
        DataKind kind;
        std::uint16_t weight;
        std::uint8_t lowest_el;
    };
    static constexpr std::array<Choice, 10> kChoices{{{Reg::TCO, DataKind::tco, 14, 0},
                                                      {Reg::GCR_EL1, DataKind::gcr, 14, 1},
                                                      {Reg::RGSR_EL1, DataKind::rgsr, 14, 1},
                                                      {Reg::TFSRE0_EL1, DataKind::tfsr, 12, 1},
                                                      {Reg::TFSR_EL1, DataKind::tfsr, 14, 1},
                                                      {Reg::TFSR_EL12, DataKind::tfsr, 12, 2},
                                                      {Reg::TFSR_EL2, DataKind::tfsr, 12, 2},
                                                      {Reg::TFSR_EL3, DataKind::tfsr, 10, 3},
                                                      {Reg::GMID_EL1, DataKind::any, 8, 1},
                                                      {Reg::DCZID_EL0, DataKind::any, 4, 0}}};
    const bool read = instruction.encoding == spec::Encoding::MRS;
    std::array<std::uint16_t, kChoices.size()> weights{};
    for (std::size_t i = 0; i < kChoices.size(); ++i) {
        // What is UNDEFINED here, or read-only, is worth a look, no more.
        const bool odd =
            kChoices[i].lowest_el > sequence_.configuration.el || (!read && spec::info(kChoices[i].reg).read_only);
        weights[i] = odd ? 2 : static_cast<std::uint16_t>(kChoices[i].weight * 4);
        if (fixed.reg) weights[i] = *fixed.reg == kChoices[i].reg ? 1 : 0;
    }
    const Choice& choice = kChoices[random_.weighted(weights)];
    word |= static_cast<std::uint32_t>(spec::info(choice.reg).key.value) << 5;

    int reg = read ? fixed.destination : fixed.transfer;
    if (reg < 0) reg = read ? data_register() : random_.chance(900) ? data_register(choice.kind) : any_register();
    word = (word & ~31U) | static_cast<std::uint32_t>(reg);
    if (read && reg != kZero) effects.written |= std::uint32_t{1} << reg;
    if (!read && reg != kZero) {
        effects.kind_of = reg;
        effects.kind = choice.kind;
    }
}

std::optional<std::uint32_t> CodeBuilder::build(const Instruction& instruction, const Fixed& fixed, Effects& effects) {
    std::uint32_t word = instruction.value;
    if (instruction.base && !build_address(instruction, fixed, word, effects)) return std::nullopt;
    if (is_tag_arithmetic(instruction.instruction_class)) {
        build_arithmetic(instruction, fixed, word, effects);
        return word;
    }
    if (instruction.instruction_class == InstructionClass::MoveSystemRegister) {
        build_system(instruction, fixed, word, effects);
        return word;
    }
    const bool adds =
        instruction.encoding == spec::Encoding::ADD_x_imm || instruction.encoding == spec::Encoding::SUB_x_imm;
    if (adds && random_.chance(600)) {
        build_pointer_move(instruction, word, effects);
        return word;
    }
    for (const InstructionField& operand : instruction.others) {
        const FieldBits& field = operand;
        const FieldName name = operand.name;
        if (name == FieldName::branch_offset) {
            build_immediate(instruction, operand, fixed, word);
            continue;
        }
        switch (field.role) {
        case Role::general:
        case Role::general_or_sp: build_register(instruction, operand, fixed, word, effects); break;
        case Role::simd:
            word = field.insert(word, random_.below(32));
            plan_.uses_vectors = true;
            break;
        case Role::immediate: build_immediate(instruction, operand, fixed, word); break;
        case Role::selector:
            // LDGM and its like have an offset field that must be 0.
            if (instruction.addressing == Addressing::base && name == FieldName::imm9 && !random_.chance(10)) break;
            word = field.insert(word, random_.below(field.max() + 1));
            break;
        case Role::base: break;
        }
    }
    return word;
}

bool CodeBuilder::emit(spec::Encoding encoding, const Fixed& fixed) {
    const Instruction* instruction = instructions_.find(encoding);
    return instruction != nullptr && emit(*instruction, fixed);
}

int CodeBuilder::emit_alias(int pointing) {
    // The bits in which the addresses of two views, or of the halves, differ: low bit, and how many.
    struct Bits {
        unsigned low;
        unsigned count;
        std::uint16_t weight;
    };
    static_assert((ARENA_VA ^ ARENA_TAGGED_VA) == std::uint64_t{1} << 30 &&
                  (ARENA_VA ^ ARENA_UNTAGGED_VA) == std::uint64_t{1} << 31);
    static constexpr std::array<Bits, 3> kBits{{{30, 1, 50}, {31, 1, 35}, {39, 17, 15}}};
    static constexpr std::array<std::uint16_t, 3> kWeights{kBits[0].weight, kBits[1].weight, kBits[2].weight};
    const Instruction* const exclusive_or = instructions_.find(spec::Encoding::EOR_x_imm);
    if (exclusive_or == nullptr || room() == 0 || pointing == kStackPointer) return -1;
    const Bits& bits = kBits[random_.weighted(kWeights)];
    const int alias = data_register();
    std::uint32_t word = exclusive_or->value;
    for (const auto& [name, value] : {std::pair<std::string_view, unsigned>{"N", 1},
                                      {"immr", (64 - bits.low) % 64},
                                      {"imms", bits.count - 1},
                                      {"Rn", static_cast<unsigned>(pointing)},
                                      {"Rd", static_cast<unsigned>(alias)}}) {
        const FieldInfo* const field = spec::find_field(exclusive_or->encoding, name);
        word = field->insert(word, value);
    }
    note_named(pointing);
    sequence_.code.push_back(word);
    plan_.other_views = true;
    Effects effects;
    effects.written = std::uint32_t{1} << alias;
    effects.moved = alias;
    effects.target = known_[static_cast<std::size_t>(pointing)];
    apply(effects);
    return alias;
}

bool CodeBuilder::place_return() {
    Configuration& configuration = sequence_.configuration;
    if (configuration.el == 0) return true; // UNDEFINED
    if (configuration.el == 3 || configuration.elr.at(configuration.el) != 0) return false;
    const std::size_t next = sequence_.code.size() + 1;
    const std::size_t skipped = random_.chance(100) ? random_.below(3) : 0;
    configuration.elr.at(configuration.el) = sequence_.pc + 4 * std::min(next + skipped, length_);
    return true;
}

bool CodeBuilder::emit(const Instruction& instruction, const Fixed& fixed) {
    if (room() == 0) return false;
    const spec::Encoding encoding = instruction.encoding;
    if (encoding == spec::Encoding::ERET && !place_return()) return false;
    for (int attempt = 0; attempt < 6; ++attempt) {
        Effects effects;
        const auto word = build(instruction, fixed, effects);
        if (!word || (instruction.may_be_another && spec::decode(*word) != encoding) ||
            spec::constrained_unpredictable(encoding, *word))
            continue;
        if (spec::is_undefined(encoding, *word) && !random_.chance(20)) continue;
        sequence_.code.push_back(*word);
        apply(effects);
        return true;
    }
    return false;
}

void CodeBuilder::apply(const Effects& effects) {
    if (effects.used >= 0 && effects.access != nullptr) {
        PointerPlan& pointer = plan_.pointers[static_cast<std::size_t>(effects.used)];
        pointer.alignment = std::max(pointer.alignment, std::min<std::uint8_t>(effects.access->alignment, kGranule));
        const auto size =
            static_cast<std::uint8_t>(std::bit_width(std::clamp<unsigned>(effects.access->bytes, 1, kGranule) - 1));
        pointer.size = std::max(pointer.size, size);
    }
    if (effects.index >= 0) {
        IndexPlan& index = plan_.indices[static_cast<std::size_t>(effects.index)];
        index.shift = std::max(index.shift, effects.index_shift);
        named_indices_ |= 1U << effects.index;
    }
    if (effects.kind_of >= 0 && effects.kind_of < kZero && (written_ >> effects.kind_of & 1) == 0) {
        plan_.data[static_cast<std::size_t>(effects.kind_of)] = effects.kind;
    }
    if (effects.tie >= 0 && effects.used >= 0 && (written_ >> effects.tie & 1) == 0 &&
        plan_.ties.size() + 2 <= plan_.ties.capacity()) {
        const bool pair = effects.access->instruction_class == InstructionClass::CompareAndSwapPair;
        const unsigned bytes = effects.access->bytes / (pair ? 2U : 1U);
        for (int half = 0; half < (pair ? 2 : 1) && effects.tie + half < kZero; ++half) {
            plan_.ties.push_back({.reg = static_cast<std::uint8_t>(effects.tie + half),
                                  .pointer = static_cast<std::uint8_t>(effects.used),
                                  .offset = effects.access_at + half * static_cast<int>(bytes),
                                  .bytes = static_cast<std::uint8_t>(bytes)});
        }
    }
    for (std::uint32_t left = effects.written; left != 0; left &= left - 1) {
        known_[static_cast<std::size_t>(std::countr_zero(left))].points = false;
    }
    written_ |= effects.written;
    if (effects.moved >= 0) known_[static_cast<std::size_t>(effects.moved)] = effects.target;
}

} // namespace mtecheck::difftest
