// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/native_world.h"

namespace mtecheck::model::proofs {
namespace {

std::uint64_t mask(unsigned width) { return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1; }

} // namespace

Uint128 NativeWorld::variable(const std::string& name, unsigned width) {
    const auto found = variables_.find(name);
    return found != variables_.end() ? found->second : variables_[name] = new_variable(name, width);
}

std::uint64_t NativeWorld::element(const std::string& array, std::uint64_t index, unsigned width) {
    const auto place = std::pair(array, index);
    const auto found = elements_.find(place);
    return found != elements_.end() ? found->second : elements_[place] = new_element(array, index, width);
}

const NativePage& NativeWorld::page(bool upper, std::uint64_t number, const AddressMapPolicy& policy) {
    const auto place = std::pair(upper, number);
    const auto found = pages_.find(place);
    return found != pages_.end() ? found->second : pages_[place] = new_page(upper, number, policy);
}

// ---- a counterexample

unsigned ClaimedWorld::way(unsigned ways) { return ways_ < claimed_.ways.size() ? claimed_.ways[ways_++] % ways : 0; }

unsigned ClaimedWorld::choice(spec::DontCare, unsigned options) {
    return choices_ < claimed_.choices.size() ? claimed_.choices[choices_++].answer % options : 0;
}

Uint128 ClaimedWorld::new_variable(const std::string& name, unsigned) {
    const auto found = claimed_.values.variables.find(name);
    return found != claimed_.values.variables.end() ? found->second : 0;
}

std::uint64_t ClaimedWorld::new_element(const std::string& array, std::uint64_t index, unsigned) {
    const auto found = claimed_.values.arrays.find(array);
    if (found == claimed_.values.arrays.end()) return 0;
    const auto value = found->second.find(index);
    return value != found->second.end() ? static_cast<std::uint64_t>(value->second) : 0;
}

NativePage ClaimedWorld::new_page(bool upper, std::uint64_t number, const AddressMapPolicy&) {
    NativePage page;
    page.start = number << 12U;
    page.pa = page.start & 0xffffffffffffU;
    for (const Claimed::MetPage& met : claimed_.pages) {
        if (met.upper != upper || met.number != number) continue;
        page.mapped = met.mapped;
        page.memory = met.memory;
        page.ap = met.ap;
        page.level = met.level;
        page.pa = met.frame << 12U;
        break;
    }
    return page;
}

// ---- random values

std::uint64_t RandomWorld::draw() { // splitmix64
    seed_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = seed_;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
    return z ^ z >> 31U;
}

unsigned RandomWorld::way(unsigned ways) { return static_cast<unsigned>(draw() % ways); }

unsigned RandomWorld::choice(spec::DontCare, unsigned options) { return static_cast<unsigned>(draw() % options); }

Uint128 RandomWorld::new_variable(const std::string&, unsigned width) {
    if (width == 128) return Uint128{draw()} << 64U | draw();
    const std::uint64_t any = draw();
    if (width != 64 || draw() % 4 == 0) return any & mask(width);
    switch (draw() % 8) {
    case 0: return 0;
    case 1: return ~std::uint64_t{0};
    default: break;
    }
    // An address near a page boundary: bits 3:0 are often 0, the halves and tags 0, 1 and 15 are common.
    const std::uint64_t page = any % 3;
    std::uint64_t offset = any >> 8U & 0xfffU;
    if ((any >> 20U & 1U) != 0) offset = 0xfc0U | (offset & 0x3fU);
    if ((any >> 21U & 1U) != 0) offset &= ~std::uint64_t{15};
    constexpr std::uint64_t tags[] = {0, 1, 15};
    std::uint64_t address = page << 12U | offset;
    if ((any >> 22U & 1U) != 0) address |= 0xfffffff000000000U;
    if ((any >> 23U & 3U) == 0) return address;
    return (address & ~(std::uint64_t{15} << 56U)) | tags[(any >> 32U) % 3] << 56U;
}

std::uint64_t RandomWorld::new_element(const std::string&, std::uint64_t, unsigned width) {
    const std::uint64_t any = draw();
    constexpr std::uint64_t common[] = {0, 1, 15};
    return (any % 4 == 0 ? any >> 8U : common[(any >> 8U) % 3]) & mask(width);
}

NativePage RandomWorld::new_page(bool, std::uint64_t number, const AddressMapPolicy& policy) {
    constexpr MemoryKind kinds[] = {MemoryKind::tagged, MemoryKind::tagged,      MemoryKind::tagged,
                                    MemoryKind::tagged, MemoryKind::write_back,  MemoryKind::noncacheable,
                                    MemoryKind::device, MemoryKind::noncacheable};
    const std::uint64_t any = draw();
    NativePage page;
    page.start = number << 12U;
    page.pa = (any >> 32U & 3U) << 12U; // pages share frames
    page.mapped = policy.all_mapped || any % 8 != 0;
    if (!page.mapped) {
        page.level = static_cast<std::uint8_t>(any >> 4U & 3U);
        return page;
    }
    if (!policy.all_tagged) page.memory = kinds[any >> 6U & 7U];
    if (!policy.all_accessible) page.ap = static_cast<std::uint8_t>((any >> 9U & 1U) != 0 ? 1U : any >> 10U & 3U);
    return page;
}

} // namespace mtecheck::model::proofs
