// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/code.h"

#include "difftest/generate/code_builder.h"

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

bool is_exclusive(const spec::EncodingInfo& info) {
    return info.instruction_class == InstructionClass::LoadStoreExclusive ||
           info.instruction_class == InstructionClass::LoadStoreExclusivePair;
}

} // namespace

CodeGenerator::CodeGenerator(const Profile& profile) : instructions_(profile) {
    const auto checked = [](const Instruction& i) {
        return i.info->tag_checked == TagChecked::base_not_sp || i.info->tag_checked == TagChecked::always;
    };
    checked_ =
        select(instructions_, [&](const Instruction& i) { return checked(i) && i.base != nullptr && !i.uses_vectors; });
    tag_stores_ = select(instructions_, [](const Instruction& i) {
        return i.info->tag_access == Access::write && i.info->min_el == 0 && i.base != nullptr;
    });
    exclusive_loads_ = select(
        instructions_, [](const Instruction& i) { return is_exclusive(*i.info) && i.info->access == Access::read; });
    exclusive_stores_ = select(
        instructions_, [](const Instruction& i) { return is_exclusive(*i.info) && i.info->access == Access::write; });
    block_operations_ = select(instructions_, [](const Instruction& i) {
        return i.info->instruction_class == InstructionClass::DataCacheZero;
    });
}

void CodeGenerator::draw(Random& random, Sequence& sequence, SequencePlan& plan) const {
    const std::size_t length = draw_length(random);
    CodeBuilder builder(random, instructions_, sequence, plan, length);
    // GCR_EL1.RRND = 1 makes tags random: one IRG at most, and nothing that needs its tag to be known.
    plan.random_tags = random.chance(15);
    bool may_randomise = true;
    // States with SIMD&FP registers are large: not in every sequence.
    const bool vectors = random.chance(200);
    // Drawn ahead of their use, so that what is known of them is at hand then.
    std::array<const Instruction*, 8> drawn{};
    for (auto& instruction : drawn) {
        instruction = &instructions_.draw(random, sequence.configuration.el);
        __builtin_prefetch(instruction);
    }
    for (const Instruction* instruction : drawn) InstructionSet::fetch_ahead(*instruction);
    std::size_t used = 0;
    for (int attempt = 0; attempt < 100 && builder.room() != 0; ++attempt) {
        if (builder.room() >= 2 && !plan.random_tags && random.chance(90)) {
            recipe(random, builder, sequence.configuration);
            continue;
        }
        const Instruction& instruction =
            used < drawn.size() ? *drawn[used++] : instructions_.draw(random, sequence.configuration.el);
        if (instruction.uses_vectors && !vectors) continue;
        if (plan.random_tags && instruction.info->encoding == Encoding::IRG) {
            if (!may_randomise) continue;
            may_randomise = false;
        }
        builder.emit(instruction);
    }
    while (sequence.code.empty()) builder.emit(Encoding::ADDG);
    builder.finish();
}

void CodeGenerator::recipe(Random& random, CodeBuilder& builder, const Configuration& configuration) const {
    // Lists may be empty if the profile is poor; what is not there is not emitted.
    const auto emit = [&](const std::vector<const Instruction*>& from, const Fixed& fixed) {
        if (!from.empty()) builder.emit(*from[random.below(static_cast<std::uint32_t>(from.size()))], fixed);
    };
    static constexpr std::array<std::uint16_t, 9> kWeights{30, 30, 15, 15, 10, 10, 12, 12, 12};
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
        builder.emit(load, {.base = base});
        if (const Instruction& between = instructions_.draw(random, configuration.el); !between.uses_vectors) {
            if (random.chance(200)) builder.emit(between);
        }
        for (int attempt = 0; attempt < 8; ++attempt) {
            const Instruction& store = *random.pick(std::span(exclusive_stores_));
            if (store.bytes != load.bytes) continue;
            builder.emit(store, {.base = base});
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
