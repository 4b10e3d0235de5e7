// SPDX-License-Identifier: Apache-2.0
//
// Target `agent:COMMAND`: the Linux agent at the other end of a command, which passes its frames on (`ssh host
// mte-agent`, `adb shell -T /data/local/tmp/mte-agent`, `qemu-aarch64 ./mte-agent`).
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// `agent:COMMAND` or `agent,timeout=SECONDS:COMMAND`.
std::unique_ptr<Target> make_agent_target(const std::string& spec);

} // namespace mtecheck::difftest
