// SPDX-License-Identifier: Apache-2.0
//
// The end of a run of which the architecture says too little to predict the rest.
#pragma once

#include <string_view>

namespace mtecheck::model {

struct NotPredicted {
    std::string_view why;       ///< for people
    bool from_anywhere = false; ///< of a deliberate fault: it goes on from any instruction that it came to before
};

} // namespace mtecheck::model
