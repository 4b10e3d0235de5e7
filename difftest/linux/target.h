// SPDX-License-Identifier: Apache-2.0
//
// Target `qemu-user`: the Linux agent in a qemu-aarch64 that lives for the whole campaign.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest {

/// `qemu-user[:WHICH][,OPTION=VALUE...]`: see parse_qemu_options(). Nothing is started before the first probe() or
/// run().
std::unique_ptr<Target> make_qemu_user_target(const std::string& spec);
std::unique_ptr<Target> make_qemu_user_target(const QemuOptions& options);

} // namespace mtecheck::difftest
