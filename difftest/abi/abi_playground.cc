// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_playground.h"

#include "difftest/abi/abi_values.h"
#include "model/linux/uapi.h"

namespace mtecheck::difftest {

using namespace model::linux_abi;

std::uint64_t AbiPlayground::page() {
    const std::uint64_t start = any_page();
    if (random_.chance(40)) return start;
    for (std::size_t n = 0; n < kUsedPages; ++n) {
        const std::size_t candidate = (start + n) % kUsedPages;
        if (mapped_[candidate]) return candidate;
    }
    return start;
}

std::array<std::uint64_t, ABI_ARGS> AbiPlayground::place() {
    const std::uint64_t at = page();
    const std::uint64_t granule = draw_granule(random_);
    return {at, granule, draw_top(random_)};
}

/// As many pages from there on that are mapped, up to two.
std::uint64_t AbiPlayground::count_from(std::uint64_t first) {
    return first + 1 < kUsedPages && mapped_[first + 1] && random_.chance(300) ? 2 : 1;
}

void AbiPlayground::map(AbiProgram& program) { map(program, any_page()); }

void AbiPlayground::map(AbiProgram& program, std::uint64_t at) {
    static constexpr std::array<std::uint64_t, 9> kKinds{
        ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_PRIVATE,
        ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_SHARED,  ABI_MEMFD_SHARED,
        ABI_MEMFD_SHARED,      ABI_MEMFD_PRIVATE,     ABI_DEV_ZERO};
    const std::uint64_t kind = random_.pick(kKinds);
    const std::uint64_t count = at + 1 < kUsedPages && random_.chance(350) ? 2 : 1;
    const bool may_execute = kind != ABI_DEV_ZERO;
    std::uint64_t prot = draw_protection(random_, may_execute);
    const bool executable = random_.chance(100);
    if (executable && may_execute && (prot & prot::READ) != 0) prot |= prot::EXEC;
    const bool refused = kind == ABI_DEV_ZERO && (prot & prot::MTE) != 0;
    program.push_back(abi_step_of(ABI_mmap, {at, count, prot, kind}));
    if (refused) return;
    for (std::uint64_t n = at; n < at + count; ++n) {
        mapped_[n] = true;
        may_execute_[n] = may_execute;
    }
}

void AbiPlayground::protect(AbiProgram& program) {
    const std::uint64_t at = page();
    const std::uint64_t count = count_from(at);
    std::uint64_t prot = draw_protection(random_, may_execute_[at] && may_execute_[at + count - 1]);
    static constexpr std::array<std::uint64_t, 2> kUnknown{0x40, 0x80};
    const std::uint64_t unknown = random_.pick(kUnknown);
    if (random_.chance(40)) prot |= unknown;
    program.push_back(abi_step_of(ABI_mprotect, {at, count, prot, draw_top_of_mapping(random_)}));
}

void AbiPlayground::unmap(AbiProgram& program) {
    const std::uint64_t at = page();
    program.push_back(abi_step_of(ABI_munmap, {at, 1}));
    mapped_[at] = false;
}

void AbiPlayground::remap(AbiProgram& program) {
    const std::uint64_t from = page();
    const std::uint64_t to = any_page();
    if (from == to) return;
    program.push_back(abi_step_of(ABI_mremap, {from, to, draw_top_of_mapping(random_)}));
    if (!mapped_[from]) return; // it fails
    mapped_[to] = true;
    may_execute_[to] = may_execute_[from];
    mapped_[from] = false;
}

void AbiPlayground::advise(AbiProgram& program) {
    static constexpr std::array<std::uint64_t, 7> kAdvice{madv::DONTNEED,   madv::DONTNEED,   madv::WIPEONFORK,
                                                          madv::WIPEONFORK, madv::KEEPONFORK, madv::DONTDUMP,
                                                          madv::FREE};
    const std::uint64_t at = page();
    const std::uint64_t count = count_from(at);
    const std::uint64_t advice = random_.pick(kAdvice);
    program.push_back(abi_step_of(ABI_madvise, {at, count, advice, draw_top_of_mapping(random_)}));
}

void AbiPlayground::take(const AbiScenario& scenario) {
    for (const std::size_t page : scenario.mapped) mapped_[page] = may_execute_[page] = true;
    for (const std::size_t page : scenario.unmapped) mapped_[page] = false;
}

} // namespace mtecheck::difftest
