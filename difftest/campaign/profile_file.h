// SPDX-License-Identifier: Apache-2.0
//
// What a campaign's target said of itself, as a file beside its settings (mtecheck-profile/1): results are merged, and
// reports written, where the target is not.
#pragma once

#include <string_view>

#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kProfileSchema = "mtecheck-profile/1";

OrderedJson to_json(const Profile& profile);
Profile profile_from_json(const JsonPlace& place);
/// What a target that is a Linux process can neither set nor see.
OrderedJson process_json(const Profile& profile);

} // namespace mtecheck::difftest
