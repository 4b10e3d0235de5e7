// SPDX-License-Identifier: Apache-2.0
#include "tests/places.h"

namespace mtecheck::places {

std::string source() { return MTECHECK_SOURCE_DIR; }

std::string build() { return MTECHECK_BINARY_DIR; }

} // namespace mtecheck::places
