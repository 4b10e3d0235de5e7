// SPDX-License-Identifier: Apache-2.0
//
// Target `linux:KERNEL`: a kernel in qemu-system-aarch64 with the agent as its init, and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// `linux:KERNEL[,qemu=WHICH][,cpu=NAME][,timeout=SECONDS]`: KERNEL is the file of an Image or vmlinuz that has
/// virtio-pci, virtio-console and devtmpfs built in; WHICH is a version or path as of qemu-system.
std::unique_ptr<Target> make_kernel_target(const std::string& spec);

/// An initial RAM disk (cpio, format newc) whose /init is this program.
std::vector<std::uint8_t> initial_ram_disk(std::span<const std::uint8_t> program);

} // namespace mtecheck::difftest
