// SPDX-License-Identifier: Apache-2.0
//
// The end of a defective implementation, such as a failed assertion of an emulator: it does not come to the end of its
// instruction. Deliberate faults throw it, and nothing else does.
#pragma once

namespace mtecheck::model {

struct Breakdown {};

} // namespace mtecheck::model
