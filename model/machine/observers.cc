// SPDX-License-Identifier: Apache-2.0
//
// Tracer: what runs only on request, out of the way of the rest.
#include "model/machine/observers.h"

namespace mtecheck::model {

void Tracer::add(const Event& event) { events.push_back(event); }

} // namespace mtecheck::model
