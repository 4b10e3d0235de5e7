// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "difftest/batch/file_descriptor.h"

namespace mtecheck::difftest {

/// The agent's program as a file that a child can execute. Throws TargetError if it cannot be written.
FileDescriptor agent_file();

} // namespace mtecheck::difftest
