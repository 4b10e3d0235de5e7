// SPDX-License-Identifier: Apache-2.0
//
// The control word of the Linux ABI, read symbolically: what holds for all 2^64 values of it at once.
#include <catch2/catch_test_macros.hpp>

#include "model/linux/tagged_addr_ctrl.h"
#include "model/symbolic/explorer.h"
#include "model/symbolic/symbolic_machine.h"

using namespace mtecheck::model;
using namespace mtecheck::model::linux_abi;
using namespace mtecheck::model::symbolic;

namespace {

using Cpu = SymbolicMachine;
using Word = SymbolicBits<64>;

constexpr std::uint64_t kModes = pr::MTE_TCF_SYNC | pr::MTE_TCF_ASYNC;
constexpr std::uint64_t kValid = pr::TAGGED_ADDR_ENABLE | kModes | pr::MTE_TAG_MASK;

/// What came of all paths of a claim.
struct Proof {
    unsigned accepted = 0, refused = 0; ///< paths
    bool holds = true;
    bool complete = false;
};

/// A thread with any control word asks for any other. `claim(kernel, task, before, word, result)` holds for all.
template <class Claim>
Proof prove_of_control_words(const System& system, const AbiFaultSet& faults, const Claim& claim) {
    Terms terms;
    const CurrentTerms here(terms);
    Explorer explorer(terms);
    Proof proof;
    const Exploration result = explorer.explore(
        [&] {
            Cpu cpu;
            Kernel<Cpu> k{.cpu = cpu, .system = system, .faults = faults, .choices = OpenChoices({})};
            linux_abi::Task<Cpu> task;
            const Word before(terms.variable("before", 64));
            if (set_tagged_addr_ctrl(k, task, before) != 0) task = {};
            const Word earlier = get_tagged_addr_ctrl(k, task);
            const Word word(terms.variable("word", 64));
            const std::int64_t status = set_tagged_addr_ctrl(k, task, word);
            ++(status == 0 ? proof.accepted : proof.refused);
            const SymbolicBool condition = claim(k, task, earlier, word, status);
            if (explorer.holds(condition.term()) != true) proof.holds = false;
            return true;
        },
        10000);
    proof.complete = result.complete && result.undecided == 0;
    return proof;
}

/// Accepted: exactly words of known bits, and read back as they are. Refused: nothing changes.
SymbolicBool read_back(Kernel<Cpu>& k, const linux_abi::Task<Cpu>& task, Word earlier, Word word, std::int64_t status) {
    const std::uint64_t valid = kValid | (k.system.mte_store_only ? pr::MTE_STORE_ONLY : 0);
    const SymbolicBool known = IsZero(word & Word(~valid));
    const Word now = get_tagged_addr_ctrl(k, task);
    return status == 0 ? known & (now == word) : (!known) & (now == earlier);
}

constexpr System kSystems[] = {{},
                               {.mte_asymm = true, .mte_tcf_preferred = mte_ctrl::TCF_ASYMM},
                               {.mte_asymm = true, .mte_store_only = true, .mte_tcf_preferred = std::nullopt}};

} // namespace

TEST_CASE("for every control word: accepted is read back, refused changes nothing") {
    for (const System& system : kSystems) {
        const Proof proof = prove_of_control_words(system, {}, read_back);
        CHECK(proof.complete);
        CHECK(proof.holds);
        CHECK(proof.accepted > 0);
        CHECK(proof.refused > 0);
    }
}

TEST_CASE("deliberate faults of the control word refute it") {
    for (const AbiFault fault : {AbiFault::reserved_bits_accepted, AbiFault::several_modes_refused,
                                 AbiFault::tag_mask_not_read_back, AbiFault::modes_not_read_back}) {
        AbiFaultSet faults;
        faults.add(fault);
        CHECK_FALSE(prove_of_control_words(kSystems[1], faults, read_back).holds);
    }
}

TEST_CASE("for every control word the mode is one that was asked for, and the preferred one if it was") {
    for (const std::uint64_t preferred : {mte_ctrl::TCF_SYNC, mte_ctrl::TCF_ASYNC, mte_ctrl::TCF_ASYMM}) {
        const System system{.mte_asymm = true, .mte_tcf_preferred = preferred};
        const auto mode = [&](Kernel<Cpu>&, const linux_abi::Task<Cpu>& task, Word, Word word, std::int64_t status) {
            if (status != 0) return SymbolicBool(true);
            const unsigned of_cpu = preferred == mte_ctrl::TCF_SYNC    ? tcf0::SYNC
                                    : preferred == mte_ctrl::TCF_ASYNC ? tcf0::ASYNC
                                                                       : tcf0::ASYMM;
            const Word asked = word & Word(kModes);
            const auto is = [&](std::uint64_t modes, unsigned tcf0) {
                return (asked != Word(modes)) | (task.sctlr_tcf0 == SymbolicBits<2>(tcf0));
            };
            return is(0, tcf0::NONE) & is(pr::MTE_TCF_SYNC, tcf0::SYNC) & is(pr::MTE_TCF_ASYNC, tcf0::ASYNC) &
                   is(kModes, of_cpu);
        };
        const Proof proof = prove_of_control_words(system, {}, mode);
        CHECK(proof.complete);
        CHECK(proof.holds);
        AbiFaultSet faults;
        faults.add(AbiFault::preferred_mode_disobeyed);
        CHECK_FALSE(prove_of_control_words(system, faults, mode).holds);
    }
}
