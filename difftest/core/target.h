// SPDX-License-Identifier: Apache-2.0
//
// A target is an implementation under test: a process that lives for a whole campaign and runs tests in batches.
//
// Rules for every target:
//  - it installs states, runs code, reads states, and has no opinion about MTE;
//  - it may place the code at any 64-byte aligned address of its code area; addresses inside the code are
//    reported relative to Sequence::pc;
//  - a crash, a hang or a garbled answer is the Outcome of the case that caused it; the target restarts itself
//    and the other cases of the batch still get their outcomes;
//  - what it cannot set up is `unsupported` with a note, never silently something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"

namespace mtecheck::difftest {

/// What a target cannot set or show, with the reason and its source: data of every report, never a silent mask.
struct ProfileLimit {
    std::string what;
    std::string why;
    bool operator==(const ProfileLimit&) const = default;
};

/// What an implementation says of itself. Read from its ID registers, never assumed.
struct Profile {
    std::string target;                             // the name given by the user, e.g. "qemu-system"
    std::string version;                            // e.g. "QEMU emulator version 7.2.18"
    std::string cpu;                                // e.g. "max"
    std::map<std::string, std::uint64_t> registers; // ID_AA64PFR0_EL1, ID_AA64PFR1_EL1, GMID_EL1, DCZID_EL0, ...
    std::uint64_t gmid_el1 = 0;
    std::uint64_t dczid_el0 = 0;
    std::uint8_t mte = 0;   // ID_AA64PFR1_EL1.MTE
    bool mte_async = false; // FEAT_MTE_ASYNC
    bool lse2 = false;      // FEAT_LSE2: unaligned accesses within 16 bytes are single accesses
    bool el2 = true;        // implemented and reachable by this target
    bool el3 = true;
    std::vector<std::string> features; // FEAT_ names that the ID registers report and the model knows
    bool chooses_tags = true;          // with GCR_EL1.RRND = 1; readings of the pseudocode do not
    bool has_vectors = false;          // SIMD&FP state can be installed and read
    bool process = false;              // a Linux process: cases of LayoutId::process, and no others
    bool simulator = false;            // a process, but simulated without a kernel: cases of LayoutId::simulator
    std::vector<std::string> absent;   // encodings, by their names, that it turned out not to have
    std::vector<ProfileLimit> limits;
};

/// Whether its ID registers report a feature, by its name.
bool has_feature(const Profile& profile, std::string_view name);

/// Puts what is constant of a target into a configuration.
void adapt(Configuration& configuration, const Profile& profile);

/// Counters of tool work, for reports; never part of a verdict.
struct TargetStatistics {
    std::uint64_t cases = 0;
    std::uint64_t restarts = 0;
    double cpu_seconds = 0; // of the target's own processes, over all restarts
};

/// Gives a target its tests, some at a time, so that few of them have to be kept.
class TestSource {
  public:
    TestSource() = default;
    TestSource(const TestSource&) = delete;
    TestSource& operator=(const TestSource&) = delete;
    virtual ~TestSource() = default;

    /// So many of the last answers of next() have to stay where they are: what they hold is still run, or looked at.
    static constexpr std::size_t kKept = 8;

    /// The next tests, or none when there are no more. All outcomes of those before the last kKept - 1 have been handed
    /// over then: their storage may be used again.
    virtual std::span<const Test> next() = 0;
};

/// Takes outcomes as they become known.
class OutcomeSink {
  public:
    OutcomeSink() = default;
    OutcomeSink(const OutcomeSink&) = delete;
    OutcomeSink& operator=(const OutcomeSink&) = delete;
    virtual ~OutcomeSink() = default;

    /// That of `state` of `test`, counted over all tests of a stream. Valid during the call only.
    virtual void take(std::size_t test, std::size_t state, const OutcomeView& outcome) = 0;
};

class Target {
  public:
    virtual ~Target() = default;

    /// Starts the target if need be. Throws TargetError (tool trouble) if it cannot be started at all.
    virtual const Profile& probe() = 0;

    /// Runs every state of every test. `outcomes[i][j]` is the outcome of `tests[i].states[j]`; the vectors keep
    /// their capacity from call to call.
    virtual void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) = 0;

    /// The same, but hands each outcome over, once, in any order within the last kKept answers of the source: most are
    /// looked at and forgotten while they are in the cache. A target that has no better way collects them first.
    virtual void stream(TestSource& source, OutcomeSink& sink);
    /// All at once.
    void stream(std::span<const Test> tests, OutcomeSink& sink);

    /// A fresh start: memory wiped, process restarted. Used to confirm a finding on clean ground.
    virtual void reset() = 0;

    virtual TargetStatistics statistics() const = 0;
};

} // namespace mtecheck::difftest
