// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_machine.h"

#include <algorithm>
#include <any>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include "model/symbolic/cases.h"

namespace mtecheck::difftest {
namespace {

using model::symbolic::current_explorer;
using model::symbolic::current_terms;
using model::symbolic::Explorer;
using model::symbolic::Function;
using model::symbolic::key_of;
using model::symbolic::Op;
using model::symbolic::SymbolicBits;
using model::symbolic::SymbolicBool;
using model::symbolic::Term;
using model::symbolic::Terms;

constexpr unsigned kPageShift = 12;
constexpr unsigned kReadWrite = 1; // AP[2:1]

using Number = SymbolicBits<52>; // of a page

/// number is that of a page of the region
SymbolicBool is_in(Number number, const model::Region& region) {
    const std::uint64_t first = region.start >> kPageShift;
    const std::uint64_t count = (region.end >> kPageShift) - first;
    return ult(number - Number(first), Number(count));
}

auto kind_of(const model::Region& region) { return std::tuple(!region.mapped, region.level, region.memory, region.ap); }

std::string_view name_of(Function function) {
    switch (function) {
    case Function::AllocationTagAccessIsEnabled:
    case Function::AccessIsTagChecked: return "AccessIsTagChecked";
    case Function::UnalignedAccessFaults: return "UnalignedAccessFaults";
    default: return {};
    }
}

template <class Result>
struct Case {
    Term condition{};
    Result value{};
    std::vector<PathStep> steps;
};

/// All paths of a function of the control state, once for each state; and the fork over what it returns.
template <class F>
auto merged(PathMachine& m, Function function, std::vector<std::uint64_t> arguments, const F& body) {
    using Result = decltype(body());
    using Cases = std::vector<Case<Result>>;
    Explorer& explorer = current_explorer();
    if (explorer.within_summary()) return body();

    // Other control registers do not change within an exploration.
    std::vector<std::uint64_t>& key = arguments;
    key.push_back(static_cast<std::uint64_t>(function));
    key.push_back(static_cast<std::uint64_t>(m.state.PSTATE.EL.term()));
    key.push_back(static_cast<std::uint64_t>(m.state.PSTATE.TCO.term()));
    auto known = explorer.summaries().find(key);
    if (known == explorer.summaries().end()) {
        Cases cases;
        std::optional<Result> value;
        const std::size_t before = m.steps.size();
        explorer.summarise([&] { value.emplace(body()); },
                           [&](Term condition) {
                               const auto from = m.steps.begin() + static_cast<std::ptrdiff_t>(before);
                               cases.push_back({condition, *value, {from, m.steps.end()}});
                               m.steps.erase(from, m.steps.end());
                           });
        // The first run of a path gives its case: let it be one in which the access is checked, or faults.
        if constexpr (std::is_same_v<Result, bool>)
            std::stable_partition(cases.begin(), cases.end(), [](const auto& one) { return one.value; });
        known = explorer.summaries().emplace(key, std::move(cases)).first;
    }
    const auto& cases = *std::any_cast<Cases>(&known->second);

    const Result value = model::symbolic::fork_over_values(cases);
    if (const std::string_view name = name_of(function); !name.empty()) {
        SummarisedCall& call = m.calls.emplace_back(SummarisedCall{name, {}});
        for (const Case<Result>& one : cases) {
            if (one.value == value) call.cases.push_back({one.condition, one.steps});
        }
    }
    return value;
}

} // namespace

const PathRegion& PathMachine::find_region(bool upper, Bits<64> offset) {
    const Number number = slice<63, kPageShift>(offset);
    for (const KnownPage& known : pages_) {
        if (known.upper == upper && static_cast<bool>(known.number == number)) return known.region;
    }
    // Kinds of region: first what is Tagged and can be read and written, where an access shows most.
    std::map<std::pair<bool, decltype(kind_of({}))>, std::vector<const model::Region*>> kinds;
    for (const model::Region& region : address_space->regions(upper)) {
        const bool plain = region.mapped && region.memory == model::MemoryKind::tagged && region.ap == kReadWrite;
        if (!region.reserved && (plain || !plain_regions)) kinds[{!plain, kind_of(region)}].push_back(&region);
    }
    for (const auto& [kind, regions] : kinds) {
        SymbolicBool any(false);
        for (const model::Region* region : regions) any = any | is_in(number, *region);
        if (!current_explorer().branch(any.term())) continue;
        const model::Region& one = *regions.front();
        PathRegion result{
            .mapped = one.mapped, .level = one.level, .memory = one.memory, .ap = one.ap, .pa = 0, .start = 0};
        // Where the page is in physical memory, by region; and the offset that is the start of its page.
        Number frame = number;
        for (const model::Region* region : regions) {
            const Number there = number + Number((region->pa >> kPageShift) - (region->start >> kPageShift));
            frame = region == regions.front() ? there : select(is_in(number, *region), there, frame);
        }
        result.pa = concat(frame, Bits<kPageShift>(0));
        result.start = concat(number, Bits<kPageShift>(0));
        pages_.push_back({upper, number, result});
        return pages_.back().region;
    }
    throw model::symbolic::PathEnd{}; // reserved for the target
}

PathMachine::Bits<4> PathMachine::phys_tag_read(Bits<56> paddress) {
    const Terms& terms = current_terms();
    const Term granule = slice<11, 4>(slice<11, 0>(paddress)).term();
    if (!terms.is_literal(granule)) throw std::logic_error("a tag at a place in its page that is not known");
    if (wrote_tag_) throw std::logic_error("a tag is read after one was written");
    return terms.node(granule).value == first_granule ? first_tag : other_tag;
}

PathMachine::Term PathMachine::data_variable(unsigned width) const {
    return current_terms().variable("data" + std::to_string(reads.size()) + "." + std::to_string(width), width);
}

bool EL2Enabled(PathMachine& m) {
    return merged(m, Function::EL2Enabled, {}, [&] { return model::EL2Enabled<PathMachine>(m); });
}

bool ELIsInHost(PathMachine& m, unsigned el) {
    return merged(m, Function::ELIsInHost, {el}, [&] { return model::ELIsInHost<PathMachine>(m, el); });
}

unsigned S1TranslationRegime(PathMachine& m, unsigned el) {
    return merged(m, Function::S1TranslationRegime, {el},
                  [&] { return model::S1TranslationRegime<PathMachine>(m, el); });
}

model::Regime TranslationRegime(PathMachine& m, unsigned el) {
    return merged(m, Function::TranslationRegime, {el}, [&] { return model::TranslationRegime<PathMachine>(m, el); });
}

bool S1Enabled(PathMachine& m, model::Regime regime) {
    return merged(m, Function::S1Enabled, {static_cast<std::uint64_t>(regime)},
                  [&] { return model::S1Enabled<PathMachine>(m, regime); });
}

bool AllocationTagAccessIsEnabled(PathMachine& m, unsigned el) {
    return merged(m, Function::AllocationTagAccessIsEnabled, {el},
                  [&] { return model::AllocationTagAccessIsEnabled<PathMachine>(m, el); });
}

bool AccessIsTagChecked(PathMachine& m, SymbolicBits<64> vaddr, const model::AccessDescriptor& accdesc) {
    return merged(m, Function::AccessIsTagChecked, {key_of(vaddr), accdesc.el},
                  [&] { return model::AccessIsTagChecked<PathMachine>(m, vaddr, accdesc); });
}

bool UnalignedAccessFaults(PathMachine& m, const model::AccessDescriptor& accdesc, SymbolicBits<64> address,
                           unsigned size) {
    const bool atomic = accdesc.exclusive || accdesc.atomicop;
    const bool ordered = accdesc.acqsc || accdesc.acqpc || accdesc.relsc;
    return merged(m, Function::UnalignedAccessFaults, {key_of(address), size, atomic ? 1U : 0U, ordered ? 1U : 0U},
                  [&] { return model::UnalignedAccessFaults<PathMachine>(m, accdesc, address, size); });
}

SymbolicBits<4> ChooseNonExcludedTag(PathMachine&, SymbolicBits<4> tag, SymbolicBits<4>, SymbolicBits<16>) {
    return tag;
}

} // namespace mtecheck::difftest
