// SPDX-License-Identifier: Apache-2.0
//
// A program has a theme, which says how often each step comes, and a rough idea of what is mapped, so that most steps
// have something to work on. Few pages, granules and tags: what one step did is what another one meets.
#include "difftest/abi/abi_generator.h"

#include <array>

#include "difftest/abi/abi_scenarios.h"
#include "difftest/generate/random.h"
#include "model/linux/uapi.h"

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;

constexpr std::uint32_t kPurpose = 0x414249; // of the stream of random numbers
constexpr std::size_t kUsedPages = 4;

/// What a step is drawn from.
enum class Draw : std::uint8_t {
    control,
    read_control,
    irg,
    map,
    protect,
    unmap,
    remap,
    advise,
    tag_store,
    tag_load,
    access,
    tco,
    handler,
    sigmask,
    kernel_access,
    part,
    debug,
    core,
    prefer,
    count
};

using Weights = std::array<std::uint16_t, static_cast<std::size_t>(Draw::count)>;

/// In the order of Draw.
constexpr std::array<Weights, 6> kThemes{{
    // ctrl get irg map prot unmap remap adv stg ldg acc tco hand mask uacc part dbg core pref
    {{20, 30, 20, 2, 0, 0, 0, 0, 2, 2, 8, 6, 2, 0, 4, 6, 6, 0, 6}},    // control words
    {{2, 0, 0, 14, 20, 3, 8, 10, 20, 24, 14, 0, 0, 0, 4, 4, 4, 0, 0}}, // mappings
    {{6, 2, 0, 4, 3, 0, 0, 0, 12, 4, 40, 10, 8, 0, 4, 2, 0, 0, 4}},    // checks
    {{5, 1, 0, 3, 1, 0, 0, 0, 10, 2, 30, 14, 16, 10, 2, 2, 0, 0, 4}},  // signals
    {{10, 2, 0, 4, 3, 0, 0, 0, 12, 0, 6, 6, 2, 0, 40, 2, 0, 0, 2}},    // system calls
    {{6, 6, 4, 8, 3, 0, 1, 6, 20, 16, 10, 4, 2, 0, 4, 12, 16, 2, 4}},  // processes and debuggers
}};

class AbiGenerator {
  public:
    AbiGenerator(std::uint64_t seed, std::uint64_t index) : random_(seed, 0, index, kPurpose) {}

    AbiProgram run() {
        const Weights& weights = kThemes[random_.below(kThemes.size())];
        const auto length = static_cast<std::size_t>(random_.between(4, 14));
        if (random_.chance(850)) add(ABI_set_ctrl, {usual_control()});
        if (random_.chance(900)) map(0);
        if (random_.chance(700)) handler();
        if (random_.chance(100)) scenario();
        while (program_.size() < length) step(static_cast<Draw>(random_.weighted(weights)));
        add(ABI_enter, {});
        return program_;
    }

  private:
    void add(std::uint32_t op, std::array<std::uint64_t, ABI_ARGS> arguments) {
        AbiStep step{};
        step.op = op;
        std::copy(arguments.begin(), arguments.end(), step.args);
        program_.push_back(step);
    }

    std::uint64_t usual_control() {
        static constexpr std::array<std::uint64_t, 8> kModes{0,
                                                             pr::MTE_TCF_SYNC,
                                                             pr::MTE_TCF_SYNC,
                                                             pr::MTE_TCF_SYNC,
                                                             pr::MTE_TCF_ASYNC,
                                                             pr::MTE_TCF_ASYNC,
                                                             pr::MTE_TCF_SYNC | pr::MTE_TCF_ASYNC,
                                                             pr::MTE_TCF_SYNC};
        const std::uint64_t mode = random_.pick(kModes);
        const std::uint64_t mask = random_.subset16();
        const std::uint64_t enable = random_.chance(800) ? pr::TAGGED_ADDR_ENABLE : 0;
        return enable | mode | mask << pr::MTE_TAG_SHIFT;
    }

    /// A control word, now and then with bits that it has not.
    std::uint64_t control() {
        std::uint64_t word = usual_control();
        static constexpr std::array<unsigned, 6> kReserved{19, 20, 24, 31, 32, 63};
        const unsigned bit = random_.pick(kReserved);
        if (random_.chance(120)) word |= std::uint64_t{1} << bit;
        return word;
    }

    std::uint64_t unused_argument() {
        static constexpr std::array<std::uint64_t, 3> kValues{1, 0x100000000, ~std::uint64_t{0}};
        const std::uint64_t value = random_.pick(kValues);
        return random_.chance(50) ? value : 0;
    }

    std::uint64_t tag() {
        static constexpr std::array<std::uint64_t, 6> kTags{0, 0, 3, 3, 9, 15};
        return random_.pick(kTags);
    }
    /// Bits 63:56; those above the tag are mostly 0.
    std::uint64_t top() {
        const std::uint64_t low = tag();
        const std::uint64_t high = random_.below(16);
        return random_.chance(150) ? low | high << 4U : low;
    }
    std::uint64_t granule() {
        static constexpr std::array<std::uint64_t, 6> kGranules{0, 0, 0, 1, 1, 255};
        return random_.pick(kGranules);
    }
    std::uint64_t any_page() { return random_.below(kUsedPages); }
    /// One that is mapped, mostly.
    std::uint64_t page() {
        const std::uint64_t start = any_page();
        if (random_.chance(40)) return start;
        for (std::size_t n = 0; n < kUsedPages; ++n) {
            const std::size_t candidate = (start + n) % kUsedPages;
            if (mapped_[candidate]) return candidate;
        }
        return start;
    }
    /// As many pages from there on that are mapped, up to two.
    std::uint64_t count_from(std::uint64_t first) {
        return first + 1 < kUsedPages && mapped_[first + 1] && random_.chance(300) ? 2 : 1;
    }

    std::uint64_t protection() {
        static constexpr std::array<std::uint64_t, 8> kProtections{prot::READ | prot::WRITE | prot::MTE,
                                                                   prot::READ | prot::WRITE | prot::MTE,
                                                                   prot::READ | prot::WRITE | prot::MTE,
                                                                   prot::READ | prot::WRITE,
                                                                   prot::READ | prot::MTE,
                                                                   prot::READ,
                                                                   prot::READ | prot::WRITE | prot::MTE,
                                                                   0};
        return random_.pick(kProtections);
    }

    /// Execute-only memory, now and then; a file system need not allow PROT_EXEC.
    std::uint64_t protection_of(bool may_execute) {
        const std::uint64_t prot = protection();
        const bool execute_only = random_.chance(50);
        if (!execute_only || !may_execute) return prot;
        return prot::EXEC | (prot & prot::MTE);
    }

    void map(std::uint64_t at) {
        static constexpr std::array<std::uint64_t, 9> kKinds{
            ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_PRIVATE,
            ABI_ANONYMOUS_PRIVATE, ABI_ANONYMOUS_SHARED,  ABI_MEMFD_SHARED,
            ABI_MEMFD_SHARED,      ABI_MEMFD_PRIVATE,     ABI_DEV_ZERO};
        const std::uint64_t kind = random_.pick(kKinds);
        const std::uint64_t count = at + 1 < kUsedPages && random_.chance(350) ? 2 : 1;
        const bool may_execute = kind != ABI_DEV_ZERO;
        std::uint64_t prot = protection_of(may_execute);
        const bool executable = random_.chance(100);
        if (executable && may_execute && (prot & prot::READ) != 0) prot |= prot::EXEC;
        const bool refused = kind == ABI_DEV_ZERO && (prot & prot::MTE) != 0;
        add(ABI_mmap, {at, count, prot, kind});
        if (refused) return;
        for (std::uint64_t n = at; n < at + count; ++n) {
            mapped_[n] = true;
            may_execute_[n] = may_execute;
        }
    }

    void handler() {
        static constexpr std::array<std::uint64_t, 6> kActions{ABI_HANDLE, ABI_HANDLE, ABI_HANDLE,
                                                               ABI_HANDLE, ABI_IGNORE, ABI_DEFAULT};
        const std::uint64_t action = random_.pick(kActions);
        const std::uint64_t behaviour = random_.below(ABI_BEHAVIOURS);
        add(ABI_handler, {action, action == ABI_HANDLE ? behaviour : 0});
    }

    void step(Draw draw) {
        switch (draw) {
        case Draw::control: {
            const std::uint64_t word = control();
            const std::uint64_t arg3 = unused_argument();
            const std::uint64_t arg4 = unused_argument();
            const std::uint64_t arg5 = unused_argument();
            return add(ABI_set_ctrl, {word, arg3, arg4, arg5});
        }
        case Draw::read_control: {
            const std::uint64_t arg2 = unused_argument();
            const std::uint64_t arg5 = unused_argument();
            return add(ABI_get_ctrl, {arg2, 0, 0, arg5});
        }
        case Draw::irg: {
            const bool operand = random_.chance(300);
            const std::uint64_t exclude = random_.subset16();
            return add(ABI_irg, {operand ? exclude : 0});
        }
        case Draw::map: return map(any_page());
        case Draw::protect: return protect();
        case Draw::unmap: return unmap();
        case Draw::remap: return remap();
        case Draw::advise: return advise();
        case Draw::tag_store: {
            static constexpr std::array<std::uint32_t, 4> kOps{ABI_stg, ABI_stg, ABI_st2g, ABI_stzg};
            const std::uint32_t op = random_.pick(kOps);
            return add(op, place());
        }
        case Draw::tag_load: {
            const std::uint64_t at = page();
            return add(ABI_ldg, {at, granule()});
        }
        case Draw::access: {
            const bool load = random_.coin();
            std::array<std::uint64_t, ABI_ARGS> arguments = place();
            if (!load) arguments[3] = random_.below(256);
            return add(load ? ABI_load : ABI_store, arguments);
        }
        case Draw::tco: {
            const std::uint64_t bit = random_.below(2);
            return random_.chance(600) ? add(ABI_set_tco, {bit}) : add(ABI_get_tco, {});
        }
        case Draw::handler: return handler();
        case Draw::sigmask: return add(ABI_sigmask, {random_.below(2)});
        case Draw::kernel_access: {
            const bool write = random_.coin();
            std::array<std::uint64_t, ABI_ARGS> arguments = place();
            if (!write) arguments[3] = random_.below(256);
            return add(write ? ABI_write : ABI_read, arguments);
        }
        case Draw::part: return part();
        case Draw::debug: return debug();
        case Draw::core: return add(ABI_core, {page()});
        case Draw::prefer: return add(ABI_prefer, {random_.below(ABI_PREFERENCES)});
        default: return;
        }
    }

    /// Page, granule and top byte.
    std::array<std::uint64_t, ABI_ARGS> place() {
        const std::uint64_t at = page();
        const std::uint64_t in = granule();
        return {at, in, top()};
    }

    void protect() {
        const std::uint64_t at = page();
        const std::uint64_t count = count_from(at);
        std::uint64_t prot = protection_of(may_execute_[at] && may_execute_[at + count - 1]);
        static constexpr std::array<std::uint64_t, 2> kUnknown{0x40, 0x80};
        const std::uint64_t unknown = random_.pick(kUnknown);
        if (random_.chance(40)) prot |= unknown;
        const std::uint64_t byte = top();
        const bool tagged = random_.chance(250);
        add(ABI_mprotect, {at, count, prot, tagged ? byte : 0});
    }

    void unmap() {
        const std::uint64_t at = page();
        add(ABI_munmap, {at, 1});
        mapped_[at] = false;
    }

    void remap() {
        const std::uint64_t from = page();
        const std::uint64_t to = any_page();
        if (from == to) return;
        const std::uint64_t byte = top();
        const bool tagged = random_.chance(250);
        add(ABI_mremap, {from, to, tagged ? byte : 0});
        if (!mapped_[from]) return; // it fails
        mapped_[to] = true;
        may_execute_[to] = may_execute_[from];
        mapped_[from] = false;
    }

    void advise() {
        static constexpr std::array<std::uint64_t, 7> kAdvice{madv::DONTNEED,   madv::DONTNEED,   madv::WIPEONFORK,
                                                              madv::WIPEONFORK, madv::KEEPONFORK, madv::DONTDUMP,
                                                              madv::FREE};
        const std::uint64_t at = page();
        const std::uint64_t count = count_from(at);
        const std::uint64_t advice = random_.pick(kAdvice);
        const std::uint64_t byte = top();
        const bool tagged = random_.chance(250);
        add(ABI_madvise, {at, count, advice, tagged ? byte : 0});
    }

    void scenario() {
        const AbiScenario drawn = draw_abi_scenario(random_);
        program_.insert(program_.end(), drawn.steps.begin(), drawn.steps.end());
        for (const std::size_t page : drawn.mapped) mapped_[page] = may_execute_[page] = true;
        for (const std::size_t page : drawn.unmapped) mapped_[page] = false;
        if (drawn.parts) parted_ = true;
    }

    void part() {
        static constexpr std::array<std::uint32_t, 6> kOps{ABI_fork,   ABI_fork,   ABI_fork,
                                                           ABI_thread, ABI_thread, ABI_exec};
        const std::uint32_t op = random_.pick(kOps);
        if (parted_) return;
        parted_ = true;
        add(ABI_enter, {}); // what is reported of asynchronous faults around it is a race
        add(op, {});
        if (op == ABI_exec) {
            mapped_ = {};
            if (random_.coin()) add(ABI_get_ctrl, {});
            if (random_.coin()) add(ABI_get_tco, {});
        }
    }

    void debug() {
        static constexpr std::array<std::uint32_t, 6> kOps{ABI_peek, ABI_peek,       ABI_peek,
                                                           ABI_poke, ABI_get_regset, ABI_set_regset};
        const std::uint32_t op = random_.pick(kOps);
        const std::uint64_t at = page();
        const std::uint64_t in = granule();
        static constexpr std::array<std::uint64_t, 5> kCounts{1, 2, 16, 16, 300};
        const std::uint64_t count = random_.pick(kCounts);
        const std::uint64_t word = control();
        const std::uint64_t tags = random_.next();
        switch (op) {
        case ABI_peek: return add(op, {at, in, count});
        case ABI_poke: return add(op, {at, in, count > ABI_MAX_TAGS ? ABI_MAX_TAGS : count, tags});
        case ABI_set_regset: return add(op, {word});
        default: return add(op, {});
        }
    }

    Random random_;
    AbiProgram program_;
    std::array<bool, kUsedPages> mapped_{};
    std::array<bool, kUsedPages> may_execute_{}; // what is mapped is no file of a file system that need not allow it
    bool parted_ = false;
};

} // namespace

AbiProgram generate_abi_program(std::uint64_t seed, std::uint64_t index) { return AbiGenerator(seed, index).run(); }

} // namespace mtecheck::difftest
