// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/code.h"

#include <algorithm>

#include "difftest/core/fetch_ahead.h"
#include "difftest/generate/code_builder.h"
#include "difftest/generate/configuration.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

using spec::Access;
using spec::Encoding;
using spec::InstructionClass;
using spec::Reg;
using spec::TagChecked;

std::size_t draw_length(Random& random) {
    return random.chance(750) ? 8 : static_cast<std::size_t>(random.between(1, 16));
}

template <class Predicate>
std::vector<const Instruction*> select(const InstructionSet& set, Predicate predicate) {
    std::vector<const Instruction*> chosen;
    for (const auto& instruction : set.all()) {
        if (predicate(instruction)) chosen.push_back(&instruction);
    }
    return chosen;
}

const spec::EncodingInfo& info(const Instruction& instruction) { return spec::info(instruction.encoding); }

bool is_exclusive(const Instruction& instruction) {
    return instruction.instruction_class == InstructionClass::LoadStoreExclusive ||
           instruction.instruction_class == InstructionClass::LoadStoreExclusivePair;
}

/// Whether some of the Tag Check Faults of a sequence are asynchronous.
bool accumulates(const Configuration& configuration) {
    namespace sctlr = spec::field::SCTLR_EL1;
    const bool host = host_el2(configuration) && spec::field::HCR_EL2::TGE.extract(configuration.hcr_el2) != 0;
    const std::size_t controls = configuration.el != 0 ? configuration.el : host ? 2U : 1U;
    const std::uint64_t word = configuration.sctlr.at(controls);
    return ((configuration.el == 0 ? sctlr::TCF0 : sctlr::TCF).extract(word) & 2) != 0;
}

bool names_irg(const Sequence& sequence) {
    const spec::EncodingInfo& irg = spec::info(Encoding::IRG);
    return std::any_of(sequence.code.begin(), sequence.code.end(),
                       [&](std::uint32_t word) { return (word & irg.mask) == irg.value; });
}

} // namespace

CodeGenerator::CodeGenerator(const Profile& profile)
    : process_(profile.process), simulator_(profile.simulator), instructions_(profile) {
    const auto checked = [](const Instruction& i) {
        return info(i).tag_checked == TagChecked::base_not_sp || info(i).tag_checked == TagChecked::always;
    };
    checked_ = select(instructions_, [&](const Instruction& i) { return checked(i) && i.base && !i.uses_vectors; });
    tag_stores_ = select(instructions_, [](const Instruction& i) {
        return info(i).tag_access == Access::write && info(i).min_el == 0 && i.base;
    });
    exclusive_loads_ =
        select(instructions_, [](const Instruction& i) { return is_exclusive(i) && info(i).access == Access::read; });
    exclusive_stores_ =
        select(instructions_, [](const Instruction& i) { return is_exclusive(i) && info(i).access == Access::write; });
    atomics_ = select(instructions_, [](const Instruction& i) {
        using enum InstructionClass;
        const InstructionClass c = i.instruction_class;
        return c == CompareAndSwap || c == CompareAndSwapPair || c == AtomicMemoryOperation || c == Swap;
    });
    pair_loads_ = select(instructions_, [](const Instruction& i) {
        return i.instruction_class == InstructionClass::LoadStorePair && info(i).access == Access::read &&
               !i.writes_back();
    });
    wide_tag_stores_ = select(instructions_, [](const Instruction& i) {
        return i.instruction_class == InstructionClass::ST2G || i.instruction_class == InstructionClass::STZ2G;
    });
    block_operations_ = select(
        instructions_, [](const Instruction& i) { return i.instruction_class == InstructionClass::DataCacheZero; });
}

void CodeGenerator::draw(Random& random, Sequence& sequence, SequencePlan& plan) const {
    const std::size_t length = draw_length(random);
    CodeBuilder builder(random, instructions_, sequence, plan, length);
    // GCR_EL1.RRND = 1 makes tags random: one IRG at most, and nothing that needs its tag to be known.
    // A process always has it: there, other code has states with one tag to choose from. A simulator has no Exclude.
    plan.random_tags = random.chance(process_ ? 60 : 15) || simulator_;
    bool may_randomise = true;
    // States with SIMD&FP registers are large: not in every sequence.
    const bool vectors = random.chance(200);
    // Drawn ahead of their use, so that what is known of them is at hand then.
    std::array<const Instruction*, 8> drawn{};
    for (auto& instruction : drawn) {
        instruction = &instructions_.draw(random, sequence.configuration.el);
        fetch_ahead<Use::read>(instruction, sizeof(Instruction));
    }
    std::size_t used = 0;
    for (int attempt = 0; attempt < 100 && builder.room() != 0; ++attempt) {
        if (builder.room() >= 2 && !plan.random_tags && random.chance(130)) {
            recipe(random, builder, sequence.configuration);
            continue;
        }
        const Instruction& instruction =
            used < drawn.size() ? *drawn[used++] : instructions_.draw(random, sequence.configuration.el);
        if (instruction.uses_vectors && !vectors) continue;
        if (plan.random_tags && instruction.encoding == Encoding::IRG) {
            if (!may_randomise) continue;
            may_randomise = false;
        }
        builder.emit(instruction);
    }
    while (sequence.code.empty()) builder.emit(Encoding::ADDG);
    builder.finish();
    plan.one_tag = process_ && !plan.random_tags && names_irg(sequence);
}

void CodeGenerator::recipe(Random& random, CodeBuilder& builder, const Configuration& configuration) const {
    // Lists may be empty if the profile is poor; what is not there is not emitted.
    const auto emit = [&](const std::vector<const Instruction*>& from, const Fixed& fixed) {
        if (!from.empty()) builder.emit(*from[random.below(static_cast<std::uint32_t>(from.size()))], fixed);
    };
    static constexpr std::array<std::uint16_t, 14> kWeights{30, 40, 15, 15, 10, 10, 12, 12, 12, 40, 25, 25, 25, 25};
    switch (random.weighted(kWeights)) {
    case 0: { // tag a granule as an allocator does, and use it
        const int from = builder.pointer(0, 16);
        const int to = builder.data_register();
        if (from < 0) return;
        builder.emit(Encoding::IRG, {.destination = to, .first = from});
        if (random.chance(300)) builder.emit(Encoding::ADDG, {.destination = to, .first = to, .at = 0});
        emit(tag_stores_, {.base = to, .transfer = to, .at = 0});
        emit(checked_, {.base = to});
        break;
    }
    case 1: { // an exclusive pair, with something between now and then
        if (exclusive_loads_.empty()) return;
        const Instruction& load = *random.pick(std::span(exclusive_loads_));
        const int base = builder.pointer(48, load.alignment);
        if (base < 0) return;
        if (random.chance(40)) { // where nothing was loaded from, at an address that stands out
            const int nowhere = builder.data_register();
            builder.emit(Encoding::MOVN_x, {.destination = nowhere, .immediate = 0});
            emit(exclusive_stores_, {.base = nowhere});
            return;
        }
        builder.emit(load, {.base = base});
        if (const Instruction& between = instructions_.draw(random, configuration.el); !between.uses_vectors) {
            if (random.chance(200)) builder.emit(between);
        }
        int store_base = base;
        if (random.chance(300)) { // the granule gets another tag, or the pointer does
            const int other = builder.data_register();
            if (random.coin()) {
                emit(tag_stores_, {.base = base, .transfer = other, .at = 0});
            } else if (base != 31 && builder.emit(Encoding::ADDG, {.destination = other, .first = base, .at = 0})) {
                store_base = other;
            }
        }
        for (int attempt = 0; attempt < 8; ++attempt) {
            const Instruction& store = *random.pick(std::span(exclusive_stores_));
            if (store.bytes != load.bytes) continue;
            builder.emit(store, {.base = store_base});
            break;
        }
        break;
    }
    case 2: { // collect the tags of two pointers and choose another
        const int mask = builder.data_register();
        builder.emit(Encoding::GMI, {.destination = mask});
        if (random.coin()) builder.emit(Encoding::GMI, {.destination = mask, .second = mask});
        builder.emit(Encoding::IRG, {.second = mask});
        break;
    }
    case 3: { // write a tag, read it back
        const int base = builder.pointer(0, 16);
        if (base < 0) return;
        emit(tag_stores_, {.base = base, .at = 0});
        builder.emit(Encoding::LDG, {.base = random.coin() ? base : -1});
        break;
    }
    case 4: { // work on a block, then look at it
        const int base = builder.pointer(48);
        if (base < 0) return;
        emit(block_operations_, {.transfer = base});
        if (random.coin())
            builder.emit(Encoding::LDG, {.base = base});
        else
            emit(checked_, {.base = base});
        break;
    }
    case 6: { // let an asynchronous fault become visible, and look
        emit(checked_, {});
        builder.emit(random.coin() ? Encoding::DSB : Encoding::ISB);
        builder.emit(Encoding::MRS, {.reg = configuration.el == 0 || random.chance(300) ? Reg::TFSRE0_EL1
                                            : configuration.el == 1                     ? Reg::TFSR_EL1
                                            : configuration.el == 2                     ? Reg::TFSR_EL2
                                                                                        : Reg::TFSR_EL3});
        break;
    }
    case 7: { // checks off, on again
        const int base = builder.pointer(48);
        if (base < 0) return;
        builder.emit(Encoding::MSR_imm_TCO, {.immediate = 1});
        emit(checked_, {.base = base});
        builder.emit(Encoding::MSR_imm_TCO, {.immediate = 0});
        emit(checked_, {.base = base});
        break;
    }
    case 8: { // new controls of the choice of tags, and their use
        if (configuration.el == 0) return;
        builder.emit(Encoding::MSR_reg, {.reg = random.coin() ? Reg::GCR_EL1 : Reg::RGSR_EL1});
        builder.emit(random.chance(700) ? Encoding::IRG : Encoding::ADDG);
        if (random.coin()) builder.emit(Encoding::MRS, {.reg = Reg::RGSR_EL1});
        break;
    }
    case 9: { // an exception return, and what is checked in the state that it leads to
        if (process_ || (configuration.el == 0 && random.chance(950))) return;
        const int base = builder.pointer(48, 16);
        if (base < 0) return;
        const bool exclusive = !exclusive_loads_.empty() && random.chance(250);
        if (exclusive) builder.emit(Encoding::LDXR_x, {.base = base});
        builder.emit(Encoding::ERET);
        if (exclusive)
            builder.emit(Encoding::STXR_x, {.base = base});
        else
            emit(checked_, {.base = base});
        break;
    }
    case 10: { // a tag is stored through one address of a granule, and compared through another
        const int base = builder.pointer(0, 16);
        if (process_ || base < 0 || base == 31 || builder.room() < 3) return;
        const int alias = builder.emit_alias(base);
        if (alias < 0) return;
        const bool first = random.coin();
        emit(tag_stores_, {.base = first ? base : alias, .at = 0});
        emit(random.chance(300) && !atomics_.empty() ? atomics_ : checked_, {.base = first ? alias : base});
        break;
    }
    case 11: { // asynchronous faults come together, and are read back
        if (builder.room() < 4 || !accumulates(configuration)) return;
        for (std::uint32_t left = 2 + random.below(2); left != 0; --left) emit(checked_, {});
        builder.emit(Encoding::DSB, {.immediate = 15});
        builder.emit(Encoding::MRS, {.reg = configuration.el == 0   ? Reg::TCO
                                            : random.chance(200)    ? Reg::TFSRE0_EL1
                                            : configuration.el == 1 ? Reg::TFSR_EL1
                                            : configuration.el == 2 ? Reg::TFSR_EL2
                                                                    : Reg::TFSR_EL3});
        break;
    }
    case 12: { // what was just written is read, changed or written again, with an overlap
        const int base = builder.pointer(0, 16);
        if (base < 0) return;
        if (random.coin())
            builder.emit(Encoding::STGP_off, {.base = base, .at = 0});
        else
            emit(wide_tag_stores_, {.base = base, .transfer = random.coin() ? base : -1, .at = 0});
        const int at = 8 * random.between(-1, 3);
        const bool onto_base = random.chance(350) && base != 31; // the base is loaded over
        const bool second = random.coin();
        if (random.chance(600))
            emit(pair_loads_, {.base = base,
                               .destination = onto_base && !second ? base : -1,
                               .other_destination = onto_base && second ? base : -1,
                               .at = at});
        else if (random.coin() && !atomics_.empty())
            emit(atomics_, {.base = base});
        else
            builder.emit(random.coin() ? Encoding::STP_x_off : Encoding::STGP_off, {.base = base, .at = 16});
        break;
    }
    case 13: { // across the edge between pages that differ
        const int base = builder.pointer(0, 16);
        if (base < 0) return;
        builder.go_to_edge();
        if (random.coin()) emit(wide_tag_stores_, {.base = base, .transfer = random.coin() ? base : -1, .at = -16});
        if (random.coin())
            emit(pair_loads_, {.base = base, .at = -8});
        else
            emit(checked_, {.base = base, .at = -random.between(1, 7)});
        if (random.chance(300)) emit(block_operations_, {.transfer = base != 31 ? base : -1});
        break;
    }
    default: { // many tags at once
        const int base = builder.pointer(48);
        const int tags = builder.data_register();
        if (base < 0 || configuration.el == 0) return;
        builder.emit(Encoding::LDGM, {.base = base, .destination = tags});
        if (random.coin()) builder.emit(Encoding::STGM, {.base = builder.pointer(48), .transfer = tags});
        emit(checked_, {.base = base});
        break;
    }
    }
}

} // namespace mtecheck::difftest
