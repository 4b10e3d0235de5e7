// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/shape.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <span>

#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "difftest/judge/features.h"
#include "difftest/judge/judge.h"
#include "difftest/judge/oracle.h"
#include "difftest/paths/path_class.h"
#include "model/machine/tracing_machine.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

using spec::Access;
using spec::EncodingInfo;
using spec::FieldInfo;
using spec::InstructionClass;
using spec::Role;

// Registers that operands stand for: even ones, since some instructions take pairs.
constexpr unsigned kBase = 2;
constexpr unsigned kIndex = 4;
constexpr std::array<unsigned, 5> kOthers{6, 8, 10, 12, 14};
constexpr std::uint64_t kIndexValue = 0x30;
constexpr unsigned kStackPointer = 31;

constexpr unsigned kGranule = 16;
constexpr unsigned kPage = ARENA_PAGE_BYTES;
constexpr unsigned kMiddle = 0x800; // of a page, aligned for every block

bool is_cache_operation(const EncodingInfo& info) {
    return info.instruction_class == InstructionClass::DataCacheZero ||
           info.instruction_class == InstructionClass::DataCacheMaintenance;
}

/// The field that names the register of the address.
const FieldInfo* base_field(const EncodingInfo& info) {
    for (const FieldInfo& field : info.fields) {
        if (field.role == Role::base || (is_cache_operation(info) && field.role == Role::general)) return &field;
    }
    return nullptr;
}

bool is_branch(const EncodingInfo& info) {
    using enum InstructionClass;
    return info.instruction_class == Branch || info.instruction_class == BranchConditional ||
           info.instruction_class == CompareAndBranch || info.instruction_class == TestAndBranch;
}

/// Every way to fill in the selectors, in ascending order of their bits; at most `limit`.
template <class F>
void each_selection(const EncodingInfo& info, std::uint32_t word, F&& f) {
    std::uint32_t mask = 0;
    for (const FieldInfo& field : info.fields) {
        if (field.role == Role::selector) mask |= field.mask();
    }
    constexpr unsigned kLimit = 1U << 14U;
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < kLimit; ++i) {
        if (!f((word & ~mask) | bits)) return;
        bits = (bits - mask) & mask; // the next subset
        if (bits == 0) return;
    }
}

bool is_plain(spec::Encoding encoding, std::uint32_t word) {
    return spec::decode(word) == encoding && !spec::is_undefined(encoding, word) &&
           !spec::constrained_unpredictable(encoding, word);
}

/// The word with registers and immediates, and the first selectors that are neither UNDEFINED nor CONSTRAINED
/// UNPREDICTABLE.
std::optional<std::uint32_t> plain_word(const EncodingInfo& info) {
    std::uint32_t word = info.value;
    std::size_t next = 0;
    const FieldInfo* base = base_field(info);
    for (const FieldInfo& field : info.fields) {
        switch (field.role) {
        case Role::base:
        case Role::general:
        case Role::general_or_sp:
            word = field.insert(word, &field == base                          ? kBase
                                      : base != nullptr && field.name == "Rm" ? kIndex
                                                                              : kOthers.at(next++));
            break;
        case Role::simd: word = field.insert(word, kOthers.at(next++)); break;
        case Role::immediate: word = field.insert(word, is_branch(info) ? 2 : 3); break;
        case Role::selector: break;
        }
    }
    std::optional<std::uint32_t> result;
    each_selection(info, word, [&](std::uint32_t candidate) {
        if (!is_plain(info.encoding, candidate)) return true;
        result = candidate;
        return false;
    });
    return result;
}

/// Words with operands that are not plain: one that is UNDEFINED, and one for each rule of CONSTRAINED UNPREDICTABLE.
std::vector<std::uint32_t> special_words(const EncodingInfo& info, std::uint32_t plain) {
    std::vector<std::uint32_t> words;
    bool undefined = false;
    std::set<spec::DontCare> rules;
    const auto consider = [&](std::uint32_t word) {
        if (spec::decode(word) != info.encoding) return;
        if (spec::is_undefined(info.encoding, word)) {
            if (!undefined) words.push_back(word);
            undefined = true;
        } else if (const auto rule = spec::constrained_unpredictable(info.encoding, word)) {
            if (rules.insert(*rule).second) words.push_back(word);
        }
    };
    each_selection(info, plain, [&](std::uint32_t word) {
        consider(word);
        return true;
    });
    for (const FieldInfo& a : info.fields) {
        if (a.role == Role::selector || a.role == Role::immediate) continue;
        for (const FieldInfo& b : info.fields) {
            if (&a != &b && b.role != Role::selector && b.role != Role::immediate)
                consider(a.insert(plain, b.extract(plain)));
        }
        consider(a.insert(plain, a.extract(plain) | 1U));
    }
    return words;
}

/// The load-exclusive that a store-exclusive follows.
const EncodingInfo* load_of(const EncodingInfo& store) {
    const bool exclusive = store.instruction_class == InstructionClass::LoadStoreExclusive ||
                           store.instruction_class == InstructionClass::LoadStoreExclusivePair;
    if (!exclusive || store.access != Access::write) return nullptr;
    for (const EncodingInfo& load : spec::encodings()) {
        if (load.instruction_class == store.instruction_class && load.access == Access::read &&
            std::popcount((load.value ^ store.value) & load.mask & store.mask) == 1) {
            return &load;
        }
    }
    return nullptr;
}

/// Where an instruction accesses memory, as seen from its base register.
struct Extent {
    std::uint64_t offset = 0;
    unsigned bytes = 1;
};

/// The same for all implementations: found with everything in scope, where no access faults for its alignment.
Extent extent_of(const Shape& shape) {
    const Profile profile = model_profile();
    Oracle<model::TracingMachine> oracle(profile);
    oracle.machine().observer.keep_events = true;
    Sequence sequence;
    sequence.configuration = base_configuration(profile, 1);
    sequence.pc = ARENA_CODE_VA;
    sequence.code.assign(shape.code.begin(), shape.code.end());
    State state;
    const std::uint64_t base = ARENA_VA + kMiddle;
    if (shape.base == kStackPointer) {
        state.sp[sequence.configuration.spsel] = base;
    } else {
        state.x.at(shape.base) = base;
    }
    if (shape.index != kNoBase) state.x.at(shape.index) = shape.index_value;
    state.v.resize(32);
    oracle.load(sequence);
    oracle.run(state, {});
    std::uint64_t first = ~std::uint64_t{0};
    std::uint64_t end = 0;
    for (const model::Event& event : oracle.machine().observer.events) {
        if (event.kind == model::Event::Kind::decision || event.kind == model::Event::Kind::choice) continue;
        first = std::min(first, event.pa);
        end = std::max(end, event.pa + (event.size == 0 ? kGranule : event.size));
    }
    if (end == 0) return {};
    return {first - (ARENA_PA + kMiddle), static_cast<unsigned>(end - first)};
}

/// Bits 11:0 of the first byte of an access of so many bytes.
std::vector<unsigned> places_of(unsigned bytes) {
    std::vector<unsigned> places{kMiddle + 4 * kGranule};
    if (bytes == 1) return places;
    const auto add = [&](unsigned place) {
        if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    };
    add(places.front() + 1);
    for (const unsigned end : {places.front() + kGranule, kPage}) {
        add(end - bytes / 2);
        add(end - 1);
    }
    return places;
}

/// Words with operands that a decoder may take for others, or that go further.
std::vector<std::uint32_t> variant_words(const EncodingInfo& info, std::uint32_t plain) {
    std::vector<std::uint32_t> words;
    const auto add = [&](std::uint32_t word) {
        if (word != plain && is_plain(info.encoding, word)) words.push_back(word);
    };
    const FieldInfo* base = base_field(info);
    if (stands_for_its_kind(info)) {
        for (const FieldInfo& field : info.fields) {
            const bool names_register = field.role == Role::general || field.role == Role::general_or_sp;
            const bool is_index = base != nullptr && field.name == "Rm";
            if (names_register && &field != base && !is_index) add(field.insert(plain, kStackPointer));
            // An offset from the base is nothing that goes wrong by itself.
            if (field.role == Role::immediate && base == nullptr && !is_branch(info)) {
                for (const std::uint32_t value : {0U, field.max(), field.max() - 1}) add(field.insert(plain, value));
            }
        }
    }
    if (base == nullptr) return words;
    const auto bytes = [&](std::uint32_t word) {
        Shape shape;
        shape.code = {word};
        shape.base = base->extract(word);
        return extent_of(shape).bytes;
    };
    std::uint32_t longest = plain;
    each_selection(info, plain, [&](std::uint32_t word) {
        if (is_plain(info.encoding, word) && bytes(word) > bytes(longest)) longest = word;
        return true;
    });
    add(longest);
    return words;
}

class Builder {
  public:
    explicit Builder(const EncodingInfo& info) : info_(info) {}

    void add(std::uint32_t word, bool ordinary, bool variant = false) {
        Shape shape;
        shape.variant = variant;
        shape.ordinary = ordinary;
        shape.uses_simd = std::any_of(info_.fields.begin(), info_.fields.end(),
                                      [](const FieldInfo& field) { return field.role == Role::simd; });
        const FieldInfo* base = base_field(info_);
        if (is_branch(info_)) {
            shape.code = {word, kMarker};
            shapes.push_back(shape);
            return;
        }
        if (base == nullptr) {
            shape.code = {word};
            shapes.push_back(shape);
            return;
        }
        shape.base = base->extract(word);
        if (const FieldInfo* index = spec_field("Rm"); index != nullptr) {
            shape.index = index->extract(word);
            shape.index_value = kIndexValue;
        }
        std::vector<std::uint32_t> prelude;
        if (const EncodingInfo* load = load_of(info_)) {
            std::uint32_t before = load->value;
            unsigned destination = 16;
            for (const FieldInfo& field : load->fields) {
                if (field.role == Role::base) {
                    before = field.insert(before, shape.base);
                } else if (field.role == Role::general && (load->mask & field.mask()) == 0) {
                    before = field.insert(before, destination++);
                }
            }
            prelude.push_back(before);
        }
        shape.subject = prelude.size();
        shape.code = prelude;
        shape.code.push_back(word);
        const Extent extent = extent_of(shape);
        shape.offset = extent.offset;
        std::vector<unsigned> places = places_of(extent.bytes);
        if (info_.tag_access == Access::read) places = {places.front(), places.front() + kGranule - 1};
        if (shape.stack_pointer()) places = {places.front(), places.front() + 1};
        if (variant) places.resize(1);
        for (const unsigned place : places) {
            shape.place = place;
            // Which tag is read is no decision.
            shape.variant = variant || (info_.tag_access == Access::read && place != places.front());
            shape.ordinary = ordinary && (place == places.front() || shape.stack_pointer());
            shapes.push_back(shape);
        }
        if (!prelude.empty() && !variant) { // and without a load before it
            shape.code = {word};
            shape.subject = 0;
            shape.place = places.front();
            shape.ordinary = ordinary;
            shapes.push_back(shape);
        }
    }

    std::vector<Shape> shapes;

  private:
    static constexpr std::uint32_t kMarker = 0xd2800029; // movz x9, #1: what a branch jumps over

    const FieldInfo* spec_field(std::string_view name) const {
        const auto found = std::find_if(info_.fields.begin(), info_.fields.end(),
                                        [&](const FieldInfo& field) { return field.name == name; });
        return found == info_.fields.end() || found->role != Role::general ? nullptr : &*found;
    }

    const EncodingInfo& info_;
};

} // namespace

Shapes shapes_of(const EncodingInfo& info) {
    if (info.instruction_class == InstructionClass::LoadLiteral ||
        info.instruction_class == InstructionClass::SimdLoadLiteral) {
        return {{}, "it loads what is next to the code, which is the target's own"};
    }
    if (info.instruction_class == InstructionClass::ExceptionReturn) {
        return {{}, "where it returns to, and in which state, is up to the configuration of a case"};
    }
    Builder builder(info);
    if (info.instruction_class == InstructionClass::MoveSystemRegister) {
        for (const spec::RegInfo& reg : spec::registers()) {
            const std::uint32_t word = (std::uint32_t{reg.key.value} << 5U) & ~info.mask;
            builder.add(info.value | word | kOthers.front(), true);
        }
        return {std::move(builder.shapes), {}};
    }
    const auto plain = plain_word(info);
    if (!plain) return {{}, "no word of it is defined"};
    builder.add(*plain, true);
    for (const FieldInfo& field : info.fields) {
        if (field.role == Role::base) builder.add(field.insert(*plain, kStackPointer), true);
    }
    for (const std::uint32_t word : special_words(info, *plain)) builder.add(word, false);
    for (const std::uint32_t word : variant_words(info, *plain)) builder.add(word, false, true);
    return {std::move(builder.shapes), {}};
}

} // namespace mtecheck::difftest
