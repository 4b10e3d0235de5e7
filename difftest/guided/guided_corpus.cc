// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/guided_corpus.h"

#include <algorithm>
#include <utility>

namespace mtecheck::difftest {

bool GuidedCorpus::add(const CaseTraits& traits, const Sequence& sequence, const State& state) {
    if (!features_.add(traits)) return false;
    Entry made{traits.decisions, std::make_shared<const GuidedSeed>(GuidedSeed{sequence, state})};
    traits.decisions.each([&](std::size_t i) { ++met_[i]; });
    if (entries_.size() < kCapacity) {
        entries_.push_back(std::move(made));
    } else {
        Entry& oldest = entries_[kept_ % kCapacity];
        oldest.decisions.each([&](std::size_t i) { --met_[i]; });
        oldest = std::move(made);
    }
    ++kept_;
    weigh();
    return true;
}

/// An entry weighs as much as the rarest decision outcome that it met.
void GuidedCorpus::weigh() {
    constexpr std::uint32_t kOfAnOutcome = std::uint32_t{1} << 16U; // shared by the entries that met it
    cumulative_.clear();
    std::uint32_t total = 0;
    for (const Entry& entry : entries_) {
        std::uint32_t rarest = static_cast<std::uint32_t>(kCapacity);
        entry.decisions.each([&](std::size_t i) { rarest = std::min(rarest, met_[i]); });
        total += kOfAnOutcome / rarest;
        cumulative_.push_back(total);
    }
}

Parents GuidedCorpus::draw_parents(Random& random) const {
    const auto drawn = [&] {
        const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), random.below(cumulative_.back()));
        const auto slot = static_cast<std::size_t>(found - cumulative_.begin());
        return oldest() + static_cast<std::uint32_t>((slot + kCapacity - oldest() % kCapacity) % kCapacity);
    };
    const std::uint32_t first = drawn();
    return {first, drawn()};
}

} // namespace mtecheck::difftest
