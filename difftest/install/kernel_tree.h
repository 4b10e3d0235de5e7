// SPDX-License-Identifier: Apache-2.0
//
// A kernel out of a tree that Debian's packages were unpacked into: the image, and the modules that a guest needs
// before it can talk to anybody.
#pragma once

#include <filesystem>

namespace mtecheck::difftest {

/// Copies the kernel of the tree to `place`/kernel, and each driver of a virtio-serial port that is a module and not
/// built in to `place`/modules, with names whose order is the one to load them in. Throws ToolError if the tree has not
/// one kernel, or a driver that a program cannot load as it is.
void take_kernel(const std::filesystem::path& tree, const std::filesystem::path& place);

} // namespace mtecheck::difftest
