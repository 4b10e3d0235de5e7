// SPDX-License-Identifier: Apache-2.0
//
// Simpler code: fewer instructions, a later start, lower register numbers, no offsets.
#include <algorithm>
#include <array>
#include <bitset>
#include <utility>

#include "difftest/core/branches.h"
#include "difftest/findings/examiner.h"
#include "difftest/shrink/edits.h"
#include "spec/encode.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;

constexpr unsigned kZeroOrSp = 31;

bool names_general_register(spec::Role role) {
    return role == spec::Role::general || role == spec::Role::general_or_sp || role == spec::Role::base;
}

/// Calls f(field, word) for the fields of all instructions.
template <class F>
void each_field(Sequence& sequence, F&& f) {
    for (std::uint32_t& word : sequence.code) {
        const auto encoding = spec::decode(word);
        if (!encoding) continue;
        for (const spec::FieldInfo& info : spec::info(*encoding).fields) f(info, word);
    }
}

std::bitset<32> registers_of(const Sequence& sequence, bool vectors) {
    std::bitset<32> used;
    Sequence copy = sequence;
    each_field(copy, [&](const spec::FieldInfo& info, std::uint32_t& word) {
        const bool wanted = vectors ? info.role == spec::Role::simd : names_general_register(info.role);
        if (wanted) used.set(info.extract(word) & 31U);
    });
    if (!vectors) used.reset(kZeroOrSp);
    return used;
}

/// Exchanges two registers in the code and in the state.
void exchange(Case& value, unsigned a, unsigned b, bool vectors) {
    each_field(value.sequence, [&](const spec::FieldInfo& info, std::uint32_t& word) {
        const bool wanted = vectors ? info.role == spec::Role::simd : names_general_register(info.role);
        if (!wanted) return;
        const std::uint32_t number = info.extract(word);
        if (number == a) {
            word = info.insert(word, b);
        } else if (number == b) {
            word = info.insert(word, a);
        }
    });
    if (!vectors) {
        std::swap(value.state.x[a], value.state.x[b]);
    } else if (!value.state.v.empty()) {
        std::swap(value.state.v[a], value.state.v[b]);
    }
}

/// The register that a field names as an address base, in the state.
std::uint64_t& base_of(Case& value, unsigned number) {
    if (number != kZeroOrSp) return value.state.x[number];
    return value.state.sp[selected_sp(value.sequence.configuration)];
}

/// Sets an immediate to zero; `compensated`: and adds it to the base register of the instruction.
void clear_immediate(Case& value, std::size_t at, std::string_view name, bool compensated) {
    std::uint32_t& word = value.sequence.code[at];
    const auto encoding = spec::decode(word);
    if (!encoding) return;
    const spec::FieldInfo* const immediate = spec::find_field(*encoding, name);
    if (immediate == nullptr) return;
    const std::int64_t offset = spec::field_value(*immediate, word);
    if (compensated) {
        const auto& fields = spec::info(*encoding).fields;
        const auto base = std::find_if(fields.begin(), fields.end(),
                                       [](const spec::FieldInfo& info) { return info.role == spec::Role::base; });
        if (base == fields.end()) return;
        base_of(value, base->extract(word)) += static_cast<std::uint64_t>(offset);
    }
    if (spec::min_value(*immediate) <= 0) word = immediate->insert(word, spec::field_bits(*immediate, 0));
}

/// The case from its instruction `from` on, as the model gets there; nothing if it does not, or not straight on.
void start_later(Case& value, std::size_t from, Judge& judge) {
    if (from >= value.sequence.code.size()) return;
    Sequence before = value.sequence;
    before.code.resize(from);
    if (!branches_stay(before)) return;
    judge.load(before);
    const Expectation& there = judge.expect(value.state);
    if (there.escaped || !there.predicted || there.outcome.status != Status::completed || there.steps != from) return;
    const Outcome& outcome = there.outcome;
    State& state = value.state;
    state.x = outcome.x;
    state.sp = outcome.sp;
    state.nzcv = static_cast<std::uint8_t>(outcome.pstate >> 28U & 15U);
    state.gcr_el1 = outcome.gcr_el1;
    state.rgsr_el1 = outcome.rgsr_el1;
    state.tfsre0_el1 = outcome.tfsre0_el1;
    state.tfsr = outcome.tfsr;
    state.v = outcome.v;
    state.windows = outcome.windows;
    Configuration& configuration = value.sequence.configuration;
    configuration.el = static_cast<std::uint8_t>(outcome.pstate >> 2U & 3U);
    configuration.spsel = static_cast<std::uint8_t>(outcome.pstate & 1U);
    configuration.tco = static_cast<std::uint8_t>(field::SPSR_ELx::TCO.extract(outcome.pstate));
    configuration.pan = static_cast<std::uint8_t>(field::SPSR_ELx::PAN.extract(outcome.pstate));
    configuration.uao = static_cast<std::uint8_t>(field::SPSR_ELx::UAO.extract(outcome.pstate));
    drop(value.sequence, 0, from);
}

} // namespace

bool branches_lead_forward(const Sequence& sequence) {
    for (const std::uint32_t word : sequence.code) {
        const spec::FieldInfo* const offset = branch_offset(word);
        if (offset != nullptr && spec::field_value(*offset, word) <= 0) return false;
    }
    for (std::size_t at = 0; at < sequence.code.size(); ++at) {
        if (!is_exception_return(sequence.code[at])) continue;
        for (const std::uint64_t elr : sequence.configuration.elr) {
            if (elr != 0 && elr <= sequence.pc + 4 * at) return false;
        }
    }
    return branches_stay(sequence);
}

void drop(Sequence& sequence, std::size_t first, std::size_t count) {
    const auto after = [&](std::size_t at) { return at <= first ? at : at < first + count ? first : at - count; };
    for (std::size_t at = 0; at < sequence.code.size(); ++at) {
        std::uint32_t& word = sequence.code[at];
        const spec::FieldInfo* const offset = branch_offset(word);
        if (offset == nullptr || (at >= first && at < first + count)) continue;
        const auto target =
            static_cast<std::size_t>(static_cast<std::int64_t>(at) + spec::field_value(*offset, word) / 4);
        if (target > sequence.code.size()) continue;
        const auto distance = static_cast<std::int64_t>(after(target)) - static_cast<std::int64_t>(after(at));
        word = offset->insert(word, spec::field_bits(*offset, 4 * distance));
    }
    for (std::uint64_t& elr : sequence.configuration.elr) {
        const std::uint64_t distance = elr - sequence.pc;
        if (distance <= 4 * sequence.code.size()) elr = sequence.pc + 4 * after(distance / 4);
    }
    const auto begin = sequence.code.begin() + static_cast<std::ptrdiff_t>(first);
    sequence.code.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
}

std::vector<Edit> drops(const Case& value, std::size_t length) {
    std::vector<Edit> edits;
    for (std::size_t end = value.sequence.code.size(); end > 0;) {
        const std::size_t count = std::min(length, end);
        const std::size_t first = end - count;
        // Those behind are gone when this one is tried together with them; a case keeps one instruction.
        edits.emplace_back([first, count](Case& to) {
            if (first + count <= to.sequence.code.size() && count < to.sequence.code.size())
                drop(to.sequence, first, count);
        });
        end = first;
    }
    return edits;
}

std::vector<Edit> earlier_ends(const Case& value) {
    std::vector<Edit> edits;
    for (std::size_t length = 1; length < value.sequence.code.size(); ++length) {
        edits.emplace_back([length](Case& to) {
            if (length < to.sequence.code.size()) drop(to.sequence, length, to.sequence.code.size() - length);
        });
    }
    return edits;
}

std::vector<Edit> later_starts(const Case& value, const Profile& profile) {
    std::vector<Edit> edits;
    const auto judge = std::make_shared<Judge>(profile);
    for (std::size_t from = value.sequence.code.size(); from-- > 1;) {
        edits.emplace_back([from, judge](Case& to) { start_later(to, from, *judge); });
    }
    return edits;
}

std::vector<Edit> operand_edits(const Case& value) {
    std::vector<Edit> edits;
    for (std::size_t at = 0; at < value.sequence.code.size(); ++at) {
        const std::uint32_t word = value.sequence.code[at];
        const auto encoding = spec::decode(word);
        if (!encoding || branch_offset(word) != nullptr) continue;
        for (const spec::FieldInfo& info : spec::info(*encoding).fields) {
            if (info.role != spec::Role::immediate || spec::field_value(info, word) == 0) continue;
            for (const bool compensated : {true, false}) {
                edits.emplace_back([at, name = std::string(info.name), compensated](Case& to) {
                    if (at < to.sequence.code.size()) clear_immediate(to, at, name, compensated);
                });
            }
        }
    }
    for (const bool vectors : {false, true}) {
        const std::bitset<32> used = registers_of(value.sequence, vectors);
        for (unsigned high = 0; high < used.size(); ++high) {
            if (!used[high]) continue;
            for (unsigned low = 0; low < high; ++low) {
                edits.emplace_back([=](Case& to) { exchange(to, low, high, vectors); });
            }
        }
    }
    return edits;
}

} // namespace mtecheck::difftest
