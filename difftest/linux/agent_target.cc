// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/agent_target.h"

#include <memory>

#include "difftest/linux/framed_guest.h"

namespace mtecheck::difftest {

std::unique_ptr<Target> make_agent_target(const std::string& spec) {
    const CommandOptions options = parse_command_options(spec, "agent");
    const auto connect = [options, passed = std::make_shared<bool>(false)] {
        AgentFrames frames(std::make_unique<CommandPipe>(options.command), options.command, options.seconds);
        frames.check_input(options.command, *passed);
        *passed = true;
        return frames;
    };
    return make_framed_target({.spec = spec, .name = options.command, .where = {}, .connect = connect});
}

} // namespace mtecheck::difftest
