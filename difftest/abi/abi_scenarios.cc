// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_scenarios.h"

#include <array>
#include <utility>

#include "model/linux/uapi.h"

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;

constexpr std::uint64_t kTagged = prot::READ | prot::WRITE | prot::MTE;

class ScenarioDraw {
  public:
    explicit ScenarioDraw(Random& random) : random_(random) {
        static constexpr std::array<std::uint64_t, 5> kGranules{0, 0, 1, 1, 255};
        static constexpr std::array<std::uint64_t, 5> kTags{0, 3, 3, 9, 15};
        granule_ = random_.pick(kGranules);
        tag_ = random_.pick(kTags);
    }

    AbiScenario run() {
        switch (random_.below(9)) {
        case 0: preferred_mode(); break;
        case 1: wiped_tags(); break;
        case 2: inaccessible_tags(); break;
        case 3: store_only(); break;
        case 4: moved_tags(); break;
        case 5: shared_tags(); break;
        case 6: gap(); break;
        case 7: execute_only(); break;
        default: copied_file_tags(); break;
        }
        return std::move(scenario_);
    }

  private:
    void add(std::uint32_t op, std::array<std::uint64_t, ABI_ARGS> arguments) {
        scenario_.steps.push_back(abi_step_of(op, arguments));
    }

    void map(std::uint64_t page, std::uint64_t prot, std::uint64_t kind) {
        add(ABI_mmap, {page, 1, prot, kind});
        scenario_.mapped.push_back(page);
    }

    void fork() {
        add(ABI_enter, {}); // what is reported of asynchronous faults around it is a race
        add(ABI_fork, {});
        scenario_.parts = true;
    }

    std::uint64_t shared_kind() { return random_.coin() ? ABI_MEMFD_SHARED : ABI_ANONYMOUS_SHARED; }

    /// What the CPU comes to prefer, of all modes.
    void preferred_mode() {
        static constexpr std::uint64_t kAll = pr::TAGGED_ADDR_ENABLE | pr::MTE_TCF_SYNC | pr::MTE_TCF_ASYNC;
        const std::uint64_t mode = random_.below(ABI_PREFERENCES);
        const bool before = random_.coin();
        if (before) add(ABI_prefer, {mode});
        add(ABI_set_ctrl, {kAll});
        if (!before) add(ABI_prefer, {mode});
        map(0, kTagged, ABI_ANONYMOUS_PRIVATE);
        add(random_.coin() ? ABI_load : ABI_store, {0, granule_, tag_});
    }

    /// Tags that fork() clears.
    void wiped_tags() {
        map(0, kTagged, ABI_ANONYMOUS_PRIVATE);
        add(ABI_stg, {0, granule_, tag_});
        add(ABI_madvise, {0, 1, madv::WIPEONFORK});
        fork();
        add(ABI_ldg, {0, granule_});
    }

    /// Tags of memory that nobody may access.
    void inaccessible_tags() {
        const std::uint64_t count = 1 + random_.below(ABI_MAX_TAGS);
        map(0, prot::MTE, shared_kind());
        add(ABI_peek, {0, granule_, count});
    }

    /// Stores are checked, loads are not.
    void store_only() {
        const std::uint64_t mode = random_.coin() ? pr::MTE_TCF_SYNC : pr::MTE_TCF_ASYNC;
        add(ABI_set_ctrl, {pr::TAGGED_ADDR_ENABLE | mode | pr::MTE_STORE_ONLY});
        add(ABI_get_ctrl, {});
        map(0, kTagged, ABI_ANONYMOUS_PRIVATE);
        add(ABI_load, {0, granule_, tag_});
        add(random_.coin() ? ABI_store : ABI_write, {0, granule_, tag_});
    }

    void moved_tags() {
        map(0, kTagged, random_.coin() ? ABI_ANONYMOUS_PRIVATE : ABI_ANONYMOUS_SHARED);
        add(ABI_stg, {0, granule_, tag_});
        add(ABI_mremap, {0, 1});
        add(ABI_ldg, {1, granule_});
        scenario_.mapped = {1};
        scenario_.unmapped = {0};
    }

    /// The child, which runs first, sees the tag of before, and the parent that of the child.
    void shared_tags() {
        map(0, kTagged, shared_kind());
        add(ABI_stg, {0, granule_, tag_});
        fork();
        add(ABI_ldg, {0, granule_});
        add(ABI_stg, {0, granule_, 15 - tag_});
    }

    /// A page in front of one that is not mapped.
    void gap() {
        static constexpr std::array<std::uint64_t, 3> kBefore{0, prot::READ, prot::READ | prot::MTE};
        map(0, random_.pick(kBefore), random_.coin() ? ABI_ANONYMOUS_PRIVATE : ABI_ANONYMOUS_SHARED);
        add(ABI_munmap, {1, 1});
        scenario_.unmapped = {1};
        add(ABI_mprotect, {0, 2, kTagged});
        add(ABI_stg, {0, granule_, tag_});
        add(ABI_ldg, {0, granule_});
        if (random_.coin()) add(ABI_madvise, {0, 2, madv::DONTNEED});
        add(ABI_load, {0, granule_, tag_});
    }

    /// Memory that the task may not load from on a CPU with FEAT_PAN3, or its debugger.
    void execute_only() {
        map(0, kTagged, random_.coin() ? ABI_ANONYMOUS_PRIVATE : ABI_MEMFD_SHARED);
        add(ABI_stg, {0, granule_, tag_});
        add(ABI_mprotect, {0, 1, prot::EXEC});
        add(random_.coin() ? ABI_load : ABI_write, {0, granule_, tag_});
        add(ABI_peek, {0, granule_, 1});
        add(ABI_ldg, {0, granule_});
    }

    /// Tags of a file that a private mapping gets a copy of.
    void copied_file_tags() {
        map(0, kTagged, ABI_MEMFD_SHARED);
        map(1, kTagged, ABI_MEMFD_PRIVATE);
        add(ABI_stg, {0, granule_, tag_});
        add(ABI_ldg, {1, granule_});
        add(ABI_store, {1, 2, 0, 0x5a});
        add(ABI_ldg, {1, granule_});
    }

    Random& random_;
    AbiScenario scenario_;
    std::uint64_t granule_ = 0, tag_ = 0;
};

} // namespace

AbiScenario draw_abi_scenario(Random& random) { return ScenarioDraw(random).run(); }

} // namespace mtecheck::difftest
