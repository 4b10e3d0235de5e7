// SPDX-License-Identifier: Apache-2.0
//
// Target `linux:KERNEL`: a kernel in qemu-system-aarch64 with the agent as its init, and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "difftest/core/target.h"
#include "difftest/linux/frames.h"

namespace mtecheck::difftest {

/// `linux:KERNEL[,qemu=WHICH][,cpu=NAME][,snapshot=on|off][,timeout=SECONDS]`: KERNEL is a version that was installed,
/// such as 6.12, or, with a slash in it, the file of an Image or vmlinuz that has virtio-pci, virtio-console and
/// devtmpfs built in; WHICH is a version or path as of qemu-system. With snapshots (snapshot.h), which it keeps unless
/// they are off or QEMU is older than 8.2, only the first start boots. Throws InputError for a malformed spec,
/// TargetError if there is no such kernel or QEMU.
std::unique_ptr<Target> make_kernel_target(const std::string& spec);

/// The guest that such a name stands for: what it runs in, and how to start it and greet its agent.
struct KernelGuest {
    std::string where;
    std::function<AgentFrames()> connect;
};
KernelGuest parse_kernel_target(const std::string& spec);

} // namespace mtecheck::difftest
