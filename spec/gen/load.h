// SPDX-License-Identifier: Apache-2.0
//
// The parts of loading that have files of their own; see tables.h for the whole.
#pragma once

#include <set>
#include <string>

#include "spec/gen/document.h"
#include "spec/gen/tables.h"

namespace mtecheck::spec::gen {

/// Names that instruction rows may refer to.
struct KnownNames {
    const std::set<std::string>& features;
    const std::set<std::string>& requirements;
    const std::set<std::string>& dont_cares;
};

void load_enumerations(const Node& root, Tables& tables);
void load_isa(const Node& root, const KnownNames& known, Tables& tables);

/// No word may match two rows.
void check_disjoint(const Tables& tables);

void load_registers(const Node& root, const std::set<std::string>& features, const std::set<std::string>& requirements,
                    Tables& tables);

/// Every ID register field that features.json names must exist.
void check_feature_reports(const Node& features_root, const Tables& tables);

} // namespace mtecheck::spec::gen
