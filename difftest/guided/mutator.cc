// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/mutator.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

#include "difftest/core/arena.h"
#include "difftest/core/branches.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;
using spec::FieldInfo;
using spec::InstructionClass;
using spec::Role;

constexpr std::uint64_t kGranule = 16;
constexpr unsigned kTagShift = 56;
constexpr std::uint64_t kAddress = (std::uint64_t{1} << 39U) - 1; // below ARENA_UPPER_HALF

/// Which register or operation a word is about is not changed: what lies between those that are known is the target's.
bool names_system_state(InstructionClass instruction_class) {
    return instruction_class == InstructionClass::MoveSystemRegister ||
           instruction_class == InstructionClass::MovePstateImmediate ||
           instruction_class == InstructionClass::Barrier || instruction_class == InstructionClass::Hint;
}

/// Branches whose target was dropped or has moved past the end lead to the end; exception returns, to what follows the
/// last of them.
void keep_branches_forward(Sequence& sequence) {
    Configuration& configuration = sequence.configuration;
    configuration.elr = {};
    for (std::size_t i = 0; i < sequence.code.size(); ++i) {
        if (!is_exception_return(sequence.code[i])) continue;
        if (configuration.el == 1 || configuration.el == 2)
            configuration.elr.at(configuration.el) = sequence.pc + 4 * i + 4;
    }
    for (std::size_t i = 0; i < sequence.code.size(); ++i) {
        const FieldInfo* const offset = branch_offset(sequence.code[i]);
        if (offset == nullptr) continue;
        const std::uint32_t left = static_cast<std::uint32_t>(sequence.code.size() - i);
        const std::uint32_t distance = offset->extract(sequence.code[i]);
        if (distance == 0 || distance > left) sequence.code[i] = offset->insert(sequence.code[i], left);
    }
}

/// Security state and host: what is not mixed between configurations.
bool same_regime(const Configuration& a, const Configuration& b) {
    constexpr std::uint64_t kHost = field::HCR_EL2::E2H.mask() | field::HCR_EL2::TGE.mask();
    return a.el == b.el && ((a.hcr_el2 ^ b.hcr_el2) & kHost) == 0 &&
           field::SCR_EL3::NS.extract(a.scr_el3) == field::SCR_EL3::NS.extract(b.scr_el3);
}

std::array<std::uint64_t, 4> tfsr_masks(const Configuration& configuration) {
    const std::uint64_t one = field::TFSR_EL1::TF0.mask();
    const std::uint64_t two = one | field::TFSR_EL1::TF1.mask();
    return {two, two, host_el2(configuration) ? two : one, one};
}

/// The view through which an address sees the arena; its number, or none.
std::optional<std::size_t> view_of(std::uint64_t va) {
    for (std::size_t i = 0; i < kArenaViews.size(); ++i) {
        if ((va & kAddress) - kArenaViews[i] < kArenaBytes) return i;
    }
    return std::nullopt;
}

/// The registers that point into the arena, the selected SP among them.
class Pointers {
  public:
    Pointers(State& state, std::size_t sp) {
        for (auto& value : state.x) enter(value);
        enter(state.sp[sp]);
    }
    std::span<std::uint64_t*> all() { return std::span(pointers_).first(count_); }
    bool empty() const { return count_ == 0; }
    std::uint64_t& any(Random& random) { return *random.pick(all()); }

  private:
    void enter(std::uint64_t& value) {
        if (view_of(value)) pointers_[count_++] = &value;
    }
    std::array<std::uint64_t*, 32> pointers_{};
    std::size_t count_ = 0;
};

std::uint64_t with_tag(std::uint64_t va, std::uint64_t tag) {
    return (va & ~(std::uint64_t{15} << kTagShift)) | (tag & 15) << kTagShift;
}

/// Puts windows and pointers together somewhere else in the arena, often across an edge between pages.
void move_scene(Random& random, std::size_t sp, State& state) {
    if (state.windows.empty()) return;
    const std::uint64_t begin = state.windows.front().pa;
    const std::uint64_t bytes = state.windows.back().pa + kWindowBytes - begin;
    if (bytes > kArenaBytes) return;
    std::uint64_t to = random.coin() ? std::uint64_t{random.below(ARENA_PAGES)} * ARENA_PAGE_BYTES
                                     : std::uint64_t{random.below(ARENA_PAGES)} * ARENA_PAGE_BYTES - kWindowBytes;
    to = std::min<std::uint64_t>(static_cast<std::int64_t>(to) < 0 ? 0 : to, kArenaBytes - bytes);
    const std::uint64_t delta = ARENA_PA + to - begin;
    Pointers pointers(state, sp);
    for (std::uint64_t* pointer : pointers.all()) *pointer += delta;
    for (Window& window : state.windows) window.pa += delta;
}

void change_pointer(Random& random, State& state, std::size_t sp) {
    Pointers pointers(state, sp);
    if (pointers.empty()) return;
    std::uint64_t& va = pointers.any(random);
    static constexpr std::array<int, 8> kSteps{-256, -16, -8, -1, 1, 8, 16, 256};
    switch (random.below(8)) {
    case 0:
    case 1: va += static_cast<std::uint64_t>(std::int64_t{random.pick(kSteps)}); break;
    case 2: va = with_tag(va, random.next()); break;
    case 3: va = with_tag(va, random.coin() ? 0 : 15); break;
    case 4: // the same place through another view
        va = (va & ~kAddress) |
             (kArenaViews[random.below(kArenaViews.size())] + (va & kAddress) - kArenaViews[*view_of(va)]);
        break;
    case 5: va ^= ~kAddress & ~(std::uint64_t{255} << kTagShift); break; // the other half
    case 6: va ^= std::uint64_t{1} << (kTagShift + random.below(8)); break;
    default: { // next to where another points
        const std::uint64_t other = pointers.any(random);
        va = other + static_cast<std::uint64_t>(std::int64_t{random.pick(kSteps)});
        break;
    }
    }
}

void change_memory(Random& random, State& state, std::size_t sp) {
    if (state.windows.empty()) return;
    Window& window = state.windows[random.below(static_cast<std::uint32_t>(state.windows.size()))];
    const std::uint32_t granule = random.below(static_cast<std::uint32_t>(kWindowGranules));
    const auto set_tag = [&](std::uint64_t tag) {
        window.tags = (window.tags & ~(std::uint64_t{15} << (4 * granule))) | (tag & 15) << (4 * granule);
    };
    switch (random.below(4)) {
    case 0: set_tag(random.next()); break;
    case 1: window.tags = (random.next() & 15) * 0x1111111111111111U; break;
    case 2: // what a pointer asks for, or nearly
        if (Pointers pointers(state, sp); !pointers.empty()) {
            const std::uint64_t va = pointers.any(random);
            set_tag((va >> kTagShift) + (random.chance(250) ? 1 : 0));
        }
        break;
    default: {
        const std::uint64_t word = random.next();
        std::memcpy(window.data.data() + granule * kGranule, &word, sizeof word);
        break;
    }
    }
}

void change_register(Random& random, State& state) {
    std::uint64_t& value = state.x[random.below(static_cast<std::uint32_t>(state.x.size()))];
    switch (random.below(6)) {
    case 0: value = random.next(); break;
    case 1: value = random.below(33); break;
    case 2: value = state.x[random.below(static_cast<std::uint32_t>(state.x.size()))]; break;
    case 3: value = random.subset16(); break;
    case 4: value ^= std::uint64_t{1} << random.below(64); break;
    default: // as memory has it: for compare and swap
        if (state.windows.empty()) break;
        {
            const Window& window = state.windows[random.below(static_cast<std::uint32_t>(state.windows.size()))];
            const std::uint32_t word = random.below(static_cast<std::uint32_t>(kWindowBytes / sizeof value));
            std::memcpy(&value, window.data.data() + sizeof value * word, sizeof value);
            break;
        }
    }
}

void change_system_registers(Random& random, const Configuration& configuration, State& state) {
    constexpr std::uint64_t kExclude = field::GCR_EL1::Exclude.mask();
    const std::uint64_t drawn = random.next();
    switch (random.below(5)) {
    case 0: state.nzcv = drawn & 15; break;
    case 1: state.gcr_el1 = (state.gcr_el1 & ~kExclude) | random.subset16(); break; // RRND stays as it is
    case 2: state.rgsr_el1 = field::RGSR_EL1::TAG.insert(state.rgsr_el1, drawn); break;
    case 3: state.rgsr_el1 = field::RGSR_EL1::SEED.insert(state.rgsr_el1, random.chance(100) ? 0 : drawn); break;
    default:
        state.tfsre0_el1 ^= drawn & tfsr_masks(configuration)[0];
        for (std::size_t el = 1; el < state.tfsr.size(); ++el)
            state.tfsr[el] ^= drawn >> (4 * el) & tfsr_masks(configuration)[el];
        break;
    }
}

} // namespace

Mutator::Mutator(const Profile& profile) : instructions_(profile), configurations_(profile) {}

bool Mutator::usable(std::uint32_t word, const GuidedSeed& parent) const {
    const auto encoding = spec::decode(word);
    if (!encoding) return false;
    const Instruction* instruction = instructions_.find(*encoding);
    return instruction != nullptr && (!instruction->uses_vectors || !parent.state.v.empty()) &&
           !spec::constrained_unpredictable(*encoding, word) && !spec::is_undefined(*encoding, word);
}

bool Mutator::change_operand(Random& random, const GuidedSeed& parent, std::uint32_t& word) const {
    const auto encoding = spec::decode(word);
    if (!encoding || names_system_state(spec::info(*encoding).instruction_class)) return false;
    const auto fields = spec::fields_of(*encoding);
    if (fields.empty()) return false;
    const FieldInfo& chosen = fields[random.below(static_cast<std::uint32_t>(fields.size()))];
    if (&chosen == branch_offset(*encoding)) return false;
    std::uint32_t bits = chosen.extract(word);
    switch (chosen.role) {
    case Role::immediate: bits += random.coin() ? 1U : chosen.max(); break; // one more or one less
    case Role::selector: bits = random.below(chosen.max() + 1); break;
    default: { // a register of another instruction, or any
        const std::uint32_t other =
            parent.sequence.code[random.below(static_cast<std::uint32_t>(parent.sequence.code.size()))];
        bits = random.coin() ? other & 31U : random.coin() ? other >> 5U & 31U : random.below(32);
        break;
    }
    }
    const std::uint32_t changed = chosen.insert(word, bits);
    if (changed == word || !usable(changed, parent)) return false;
    word = changed;
    return true;
}

void Mutator::change_code(Random& random, const GuidedSeed& parent, const GuidedSeed& donor, Sequence& out) const {
    auto& code = out.code;
    const auto position = [&] { return random.below(static_cast<std::uint32_t>(code.size())); };
    const auto at = [&](std::uint32_t i) { return code.begin() + i; };
    const std::uint32_t borrowed =
        donor.sequence.code[random.below(static_cast<std::uint32_t>(donor.sequence.code.size()))];
    constexpr std::size_t kLongest = 16; // longer code finds nothing that is new, and costs more
    const bool room = code.size() < kLongest;
    switch (random.below(6)) {
    case 0:
        if (code.size() > 1) code.erase(at(position()));
        break;
    case 1:
        if (room) {
            const std::uint32_t repeated = code[position()];
            code.insert(at(position()), repeated);
        }
        break;
    case 2: std::swap(code[position()], code[position()]); break;
    case 3:
        if (room && usable(borrowed, parent)) code.insert(at(position()), borrowed);
        break;
    case 4:
        if (usable(borrowed, parent)) code[position()] = borrowed;
        break;
    default:
        for (int attempt = 0; attempt < 4; ++attempt) {
            if (change_operand(random, parent, code[position()])) break;
        }
        break;
    }
}

/// One register of a configuration of the same regime, another instance of what may vary anyway, or all of the donor's.
void Mutator::change_configuration(Random& random, const GuidedSeed& donor, Sequence& out) const {
    Configuration& now = out.configuration;
    if (random.chance(200)) {
        now = donor.sequence.configuration;
        return;
    }
    Random fresh(random.next(), 0, 0);
    for (int attempt = 0; attempt < 16; ++attempt) {
        const Configuration drawn = configurations_.draw(fresh, fresh);
        if (!same_regime(drawn, now)) continue;
        switch (random.below(6)) {
        case 0: now.sctlr = drawn.sctlr; break;
        case 1: now.tcr = drawn.tcr; break;
        case 2: now.hcr_el2 = drawn.hcr_el2; break;
        case 3: now.scr_el3 = drawn.scr_el3; break;
        case 4:
            if (configurations_.can_set_tco()) now.tco ^= 1U;
            if (has_exception_return(out)) configurations_.draw_return(random, now);
            break;
        default:
            now.spsel = drawn.spsel;
            now.pan = drawn.pan;
            now.uao = drawn.uao;
            break;
        }
        return;
    }
}

void Mutator::mutate(Random& random, const GuidedSeed& parent, const GuidedSeed& donor, Sequence& out) const {
    out = parent.sequence;
    const std::uint32_t what = random.below(10);
    if (what < 7) {
        for (std::uint32_t left = 1 + random.below(3); left != 0; --left) change_code(random, parent, donor, out);
    }
    if (what >= 6) change_configuration(random, donor, out);
    if (!address_regime(out.configuration).two_ranges) out.pc &= ~std::uint64_t{ARENA_UPPER_HALF};
    keep_branches_forward(out);
}

void Mutator::mutate(Random& random, const GuidedSeed& parent, const Sequence& sequence, bool unchanged,
                     State& out) const {
    out = parent.state;
    const std::size_t before = selected_sp(parent.sequence.configuration);
    const std::size_t sp = selected_sp(sequence.configuration);
    if (sp != before) std::swap(out.sp[sp], out.sp[before]);
    if (!unchanged) {
        for (std::uint32_t left = 1 + random.below(4); left != 0; --left) {
            switch (random.below(8)) {
            case 0: move_scene(random, sp, out); break;
            case 1:
            case 2:
            case 3: change_pointer(random, out, sp); break;
            case 4:
            case 5: change_memory(random, out, sp); break;
            case 6: change_register(random, out); break;
            default: change_system_registers(random, sequence.configuration, out); break;
            }
        }
    }
    const auto masks = tfsr_masks(sequence.configuration);
    for (std::size_t el = 1; el < out.tfsr.size(); ++el) out.tfsr[el] &= masks[el];
    if (runs_as_process(sequence.layout)) { // which cannot set them
        out.rgsr_el1 = 0;
        out.tfsre0_el1 = 0;
        out.tfsr = {};
    }
    // It has no GCR_EL1 to exclude tags with.
    if (sequence.layout == LayoutId::simulator) out.gcr_el1 &= ~field::GCR_EL1::Exclude.mask();
}

} // namespace mtecheck::difftest
