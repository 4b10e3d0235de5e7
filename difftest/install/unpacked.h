// SPDX-License-Identifier: Apache-2.0
//
// Running a program out of a tree that Debian packages were unpacked into, with the loader, libraries, modules and data
// of that tree and none of the machine's.
#pragma once

#include <filesystem>
#include <string>

namespace mtecheck::difftest {

/// The text of a shell script that runs /usr/bin/PROGRAM of the directory tree/ beside the script. Overwrites what is
/// the machine's in the program: see the source. Throws ToolError if the tree lacks something.
std::string make_launcher(const std::filesystem::path& tree, const std::string& program);

} // namespace mtecheck::difftest
