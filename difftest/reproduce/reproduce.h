// SPDX-License-Identifier: Apache-2.0
//
// A case as an assembly file that needs nothing of this project: its own start code, translation tables, vectors and
// comparison, for bare metal; its own system calls and signal handler, for a Linux process. It ends with exit status 0
// if what the architecture says is seen, 1 if not.
//
// Invariant: a function of the finding, the profile and the defects.
#pragma once

#include <string>
#include <vector>

#include "difftest/core/target.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"

namespace mtecheck::difftest {

/// The text of the file `name`.S for the shortest case of a finding. `observed`: what was got is part of it; a mere
/// case has no such thing. Throws InputError if it cannot be set up, or nothing certain can be checked.
std::string reproducer(const Finding& finding, const std::string& name, bool observed, const Profile& profile,
                       const std::vector<Defect>& defects);

} // namespace mtecheck::difftest
