// SPDX-License-Identifier: Apache-2.0
//
// Target `qemu-system`: our monitor in a qemu-system-aarch64 that lives for the whole campaign.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest {

/// See parse_qemu_options() for the spec. Nothing is started before the first probe() or run().
std::unique_ptr<Target> make_qemu_system_target(const std::string& spec);
std::unique_ptr<Target> make_qemu_system_target(const QemuOptions& options);

} // namespace mtecheck::difftest
