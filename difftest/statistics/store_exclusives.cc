// SPDX-License-Identifier: Apache-2.0
#include "difftest/statistics/store_exclusives.h"

#include <nlohmann/json.hpp>

#include "spec/gen/dont_cares.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 62;

} // namespace

void StoreExclusives::add(const StoreExclusives& other) {
    passed += other.passed;
    failed += other.failed;
}

OrderedJson to_json(const StoreExclusives& statistics) {
    return {{"rule", spec::info(spec::DontCare::InterruptedExclusive).id},
            {"passed", statistics.passed},
            {"failed", statistics.failed},
            {"make_progress", statistics.make_progress()}};
}

OrderedJson counts_json(const StoreExclusives& statistics) {
    return {{"passed", statistics.passed}, {"failed", statistics.failed}};
}

StoreExclusives store_exclusives_from_json(const JsonPlace& place) {
    place.only({"passed", "failed"});
    return {place.member("passed").number(kMost), place.member("failed").number(kMost)};
}

} // namespace mtecheck::difftest
