// SPDX-License-Identifier: Apache-2.0
//
// Where the tests find the project's files. In one object, so that all others are the same in every clone.
#pragma once

#include <string>

namespace mtecheck::places {

std::string source();
std::string build();

} // namespace mtecheck::places
