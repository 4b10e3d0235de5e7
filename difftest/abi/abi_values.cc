// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_values.h"

#include <array>

#include "model/linux/uapi.h"

namespace mtecheck::difftest {

using namespace model::linux_abi;

std::uint64_t draw_usual_control(Random& random) {
    static constexpr std::array<std::uint64_t, 8> kModes{0,
                                                         pr::MTE_TCF_SYNC,
                                                         pr::MTE_TCF_SYNC,
                                                         pr::MTE_TCF_SYNC,
                                                         pr::MTE_TCF_ASYNC,
                                                         pr::MTE_TCF_ASYNC,
                                                         pr::MTE_TCF_SYNC | pr::MTE_TCF_ASYNC,
                                                         pr::MTE_TCF_SYNC};
    const std::uint64_t mode = random.pick(kModes);
    const std::uint64_t mask = random.subset16();
    const std::uint64_t enable = random.chance(800) ? pr::TAGGED_ADDR_ENABLE : 0;
    return enable | mode | mask << pr::MTE_TAG_SHIFT;
}

std::uint64_t draw_control(Random& random) {
    std::uint64_t word = draw_usual_control(random);
    static constexpr std::array<unsigned, 6> kReserved{19, 20, 24, 31, 32, 63};
    const unsigned bit = random.pick(kReserved);
    if (random.chance(120)) word |= std::uint64_t{1} << bit;
    return word;
}

std::uint64_t draw_unused_argument(Random& random) {
    static constexpr std::array<std::uint64_t, 3> kValues{1, 0x100000000, ~std::uint64_t{0}};
    const std::uint64_t value = random.pick(kValues);
    return random.chance(50) ? value : 0;
}

std::uint64_t draw_top(Random& random) {
    static constexpr std::array<std::uint64_t, 6> kTags{0, 0, 3, 3, 9, 15};
    const std::uint64_t tag = random.pick(kTags);
    const std::uint64_t high = random.below(16);
    return random.chance(150) ? tag | high << 4U : tag;
}

std::uint64_t draw_top_of_mapping(Random& random) {
    const std::uint64_t top = draw_top(random);
    return random.chance(250) ? top : 0;
}

std::uint64_t draw_granule(Random& random) {
    static constexpr std::array<std::uint64_t, 6> kGranules{0, 0, 0, 1, 1, 255};
    return random.pick(kGranules);
}

std::uint64_t draw_protection(Random& random, bool may_execute) {
    static constexpr std::array<std::uint64_t, 8> kProtections{prot::READ | prot::WRITE | prot::MTE,
                                                               prot::READ | prot::WRITE | prot::MTE,
                                                               prot::READ | prot::WRITE | prot::MTE,
                                                               prot::READ | prot::WRITE,
                                                               prot::READ | prot::MTE,
                                                               prot::READ,
                                                               prot::READ | prot::WRITE | prot::MTE,
                                                               0};
    const std::uint64_t prot = random.pick(kProtections);
    const bool execute_only = random.chance(50);
    if (!execute_only || !may_execute) return prot;
    return prot::EXEC | (prot & prot::MTE);
}

} // namespace mtecheck::difftest
