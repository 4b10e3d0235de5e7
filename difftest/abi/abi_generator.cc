// SPDX-License-Identifier: Apache-2.0
//
// A program has a theme, which says how often each step comes.
#include "difftest/abi/abi_generator.h"

#include <array>

#include "difftest/abi/abi_playground.h"
#include "difftest/abi/abi_scenarios.h"
#include "difftest/abi/abi_values.h"
#include "difftest/generate/random.h"

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;

constexpr std::uint32_t kPurpose = 0x414249; // of the stream of random numbers

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
    AbiGenerator(std::uint64_t seed, std::uint64_t index) : random_(seed, 0, index, kPurpose), playground_(random_) {}

    AbiProgram run() {
        const Weights& weights = kThemes[random_.below(kThemes.size())];
        const auto length = static_cast<std::size_t>(random_.between(4, 14));
        if (random_.chance(850)) add(ABI_set_ctrl, {draw_usual_control(random_)});
        if (random_.chance(900)) playground_.map(program_, 0);
        if (random_.chance(700)) handler();
        if (random_.chance(100)) scenario();
        while (program_.size() < length) step(static_cast<Draw>(random_.weighted(weights)));
        add(ABI_enter, {});
        return program_;
    }

  private:
    void add(std::uint32_t op, std::array<std::uint64_t, ABI_ARGS> arguments) {
        program_.push_back(abi_step_of(op, arguments));
    }

    void step(Draw draw) {
        switch (draw) {
        case Draw::control: return control();
        case Draw::read_control: return read_control();
        case Draw::irg: return irg();
        case Draw::map: return playground_.map(program_);
        case Draw::protect: return playground_.protect(program_);
        case Draw::unmap: return playground_.unmap(program_);
        case Draw::remap: return playground_.remap(program_);
        case Draw::advise: return playground_.advise(program_);
        case Draw::tag_store: return tag_store();
        case Draw::tag_load: return tag_load();
        case Draw::access: return access(ABI_load, ABI_store);
        case Draw::tco: return tco();
        case Draw::handler: return handler();
        case Draw::sigmask: return add(ABI_sigmask, {random_.below(2)});
        case Draw::kernel_access: return access(ABI_write, ABI_read);
        case Draw::part: return part();
        case Draw::debug: return debug();
        case Draw::core: return add(ABI_core, {playground_.page()});
        case Draw::prefer: return add(ABI_prefer, {random_.below(ABI_PREFERENCES)});
        default: return;
        }
    }

    void control() {
        const std::uint64_t word = draw_control(random_);
        const std::uint64_t arg3 = draw_unused_argument(random_);
        const std::uint64_t arg4 = draw_unused_argument(random_);
        const std::uint64_t arg5 = draw_unused_argument(random_);
        add(ABI_set_ctrl, {word, arg3, arg4, arg5});
    }

    void read_control() {
        const std::uint64_t arg2 = draw_unused_argument(random_);
        const std::uint64_t arg5 = draw_unused_argument(random_);
        add(ABI_get_ctrl, {arg2, 0, 0, arg5});
    }

    void irg() {
        const bool operand = random_.chance(300);
        const std::uint64_t exclude = random_.subset16();
        add(ABI_irg, {operand ? exclude : 0});
    }

    void tag_store() {
        static constexpr std::array<std::uint32_t, 4> kOps{ABI_stg, ABI_stg, ABI_st2g, ABI_stzg};
        const std::uint32_t op = random_.pick(kOps);
        add(op, playground_.place());
    }

    void tag_load() {
        const std::uint64_t at = playground_.page();
        add(ABI_ldg, {at, draw_granule(random_)});
    }

    /// `gets` looks at memory, `puts` writes it.
    void access(std::uint32_t gets, std::uint32_t puts) {
        const bool get = random_.coin();
        std::array<std::uint64_t, ABI_ARGS> arguments = playground_.place();
        if (!get) arguments[3] = random_.below(256);
        add(get ? gets : puts, arguments);
    }

    void tco() {
        const std::uint64_t bit = random_.below(2);
        return random_.chance(600) ? add(ABI_set_tco, {bit}) : add(ABI_get_tco, {});
    }

    void handler() {
        static constexpr std::array<std::uint64_t, 6> kActions{ABI_HANDLE, ABI_HANDLE, ABI_HANDLE,
                                                               ABI_HANDLE, ABI_IGNORE, ABI_DEFAULT};
        const std::uint64_t action = random_.pick(kActions);
        const std::uint64_t behaviour = random_.below(ABI_BEHAVIOURS);
        add(ABI_handler, {action, action == ABI_HANDLE ? behaviour : 0});
    }

    void scenario() {
        const AbiScenario drawn = draw_abi_scenario(random_);
        program_.insert(program_.end(), drawn.steps.begin(), drawn.steps.end());
        playground_.take(drawn);
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
            playground_.forget();
            if (random_.coin()) add(ABI_get_ctrl, {});
            if (random_.coin()) add(ABI_get_tco, {});
        }
    }

    void debug() {
        static constexpr std::array<std::uint32_t, 6> kOps{ABI_peek, ABI_peek,       ABI_peek,
                                                           ABI_poke, ABI_get_regset, ABI_set_regset};
        const std::uint32_t op = random_.pick(kOps);
        const std::uint64_t at = playground_.page();
        const std::uint64_t in = draw_granule(random_);
        static constexpr std::array<std::uint64_t, 5> kCounts{1, 2, 16, 16, 300};
        const std::uint64_t count = random_.pick(kCounts);
        const std::uint64_t word = draw_control(random_);
        const std::uint64_t tags = random_.next();
        switch (op) {
        case ABI_peek: return add(op, {at, in, count});
        case ABI_poke: return add(op, {at, in, count > ABI_MAX_TAGS ? ABI_MAX_TAGS : count, tags});
        case ABI_set_regset: return add(op, {word});
        default: return add(op, {});
        }
    }

    Random random_;
    AbiPlayground playground_;
    AbiProgram program_;
    bool parted_ = false;
};

} // namespace

AbiProgram generate_abi_program(std::uint64_t seed, std::uint64_t index) { return AbiGenerator(seed, index).run(); }

} // namespace mtecheck::difftest
