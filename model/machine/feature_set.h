// SPDX-License-Identifier: Apache-2.0
//
// A set of architectural features (spec/features.json): those that an implementation has, or that an instruction needs.
#pragma once

#include <bitset>
#include <cstddef>

#include "spec/gen/features.h"

namespace mtecheck::model {

class FeatureSet {
  public:
    bool has(spec::Feature feature) const { return set_[static_cast<std::size_t>(feature)]; }
    bool has_all(const FeatureSet& others) const { return (others.set_ & ~set_).none(); }
    void add(spec::Feature feature) { set_.set(static_cast<std::size_t>(feature)); }
    void remove(spec::Feature feature) { set_.reset(static_cast<std::size_t>(feature)); }
    FeatureSet& operator|=(const FeatureSet& other) {
        set_ |= other.set_;
        return *this;
    }
    bool operator==(const FeatureSet&) const = default;

  private:
    std::bitset<spec::feature_count> set_;
};

} // namespace mtecheck::model
