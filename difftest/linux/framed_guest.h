// SPDX-License-Identifier: Apache-2.0
//
// An agent behind a framed transport, whatever starts it.
//
// Invariant: a connection that dies costs time and nothing else: what came before is kept, and the rest is asked of a
// new one. A case is to blame only if connections end with it, and with it alone, several times in a row.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "difftest/core/target.h"
#include "difftest/linux/frames.h"

namespace mtecheck::difftest {

struct AgentConnection {
    std::string spec;                     // of the target, as the user wrote it
    std::string name;                     // for people, in complaints
    std::string where;                    // what is to be known of the place beside what the agent says; may be empty
    std::function<AgentFrames()> connect; // may throw as AgentFrames does
    bool simulator = false;               // a simulator of a process, without a kernel
    /// Why a sequence cannot be run there, or nothing; may be empty.
    std::function<std::optional<std::string>(const Sequence&)> refuse = {};
};

/// Nothing is started before the first probe() or run().
std::unique_ptr<Target> make_framed_target(AgentConnection connection);

} // namespace mtecheck::difftest
