// SPDX-License-Identifier: Apache-2.0
//
// The mappings of a generated program: a rough idea of what is mapped, so that most steps have something to work on,
// and the steps that change it. Few pages: what one step did is what another one meets.
#pragma once

#include <array>
#include <cstdint>

#include "difftest/abi/abi_program.h"
#include "difftest/abi/abi_scenarios.h"
#include "difftest/generate/random.h"

namespace mtecheck::difftest {

class AbiPlayground {
  public:
    explicit AbiPlayground(Random& random) : random_(random) {}

    /// A page that is mapped, mostly.
    std::uint64_t page();
    /// Page, granule and top byte of an access.
    std::array<std::uint64_t, ABI_ARGS> place();

    // Steps; remap() now and then none.
    void map(AbiProgram& program);
    void map(AbiProgram& program, std::uint64_t at);
    void protect(AbiProgram& program);
    void unmap(AbiProgram& program);
    void remap(AbiProgram& program);
    void advise(AbiProgram& program);

    /// What a scenario leaves mapped.
    void take(const AbiScenario& scenario);
    /// What execve() leaves: nothing.
    void forget() { mapped_ = {}; }

  private:
    static constexpr std::size_t kUsedPages = 4;

    std::uint64_t any_page() { return random_.below(kUsedPages); }
    std::uint64_t count_from(std::uint64_t first);

    Random& random_;
    std::array<bool, kUsedPages> mapped_{};
    std::array<bool, kUsedPages> may_execute_{}; // what is mapped is no file of a file system that need not allow it
};

} // namespace mtecheck::difftest
