// SPDX-License-Identifier: Apache-2.0
//
// How a target's name becomes a target: the one place that knows every kind.
#include "difftest/cli/verbs.h"
#include "difftest/judge/model_target.h"
#include "difftest/linux/agent_target.h"
#include "difftest/linux/kernel_target.h"
#include "difftest/linux/target.h"
#include "difftest/pipe/target.h"
#include "difftest/qemu/target.h"
#include "difftest/record/targets.h"
#include "difftest/vixl/target.h"

namespace mtecheck::difftest {

std::unique_ptr<Target> make_target(const std::string& spec) {
    const std::string kind = spec.substr(0, spec.find_first_of(":,"));
    if (kind == "model") return make_model_target(spec);
    if (kind == "qemu-system") return make_qemu_system_target(spec);
    if (kind == "qemu-user") return make_qemu_user_target(spec);
    if (kind == "agent") return make_agent_target(spec);
    if (kind == "linux") return make_kernel_target(spec);
    if (kind == "vixl") return make_vixl_target(spec);
    if (kind == "record") return make_record_target(spec);
    if (kind == "pipe") return make_pipe_target(spec);
    throw UsageError("mtecheck: there is no target '" + spec + "' (mtecheck targets list names the kinds)");
}

} // namespace mtecheck::difftest
