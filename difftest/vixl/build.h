// SPDX-License-Identifier: Apache-2.0
//
// Compiling the adapter to VIXL's simulator with the user's compiler: against a library that was installed, or a source
// tree of VIXL's that the user names.
//
// Invariants: a program is complete or not there; nothing is written outside of the directories named here. What does
// not compile is a ToolError with the compiler's first complaint.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mtecheck::difftest {

inline constexpr const char* kVixlAdapter = "mtecheck-vixl-adapter"; // the name of the program
inline constexpr const char* kVixlAdapterSource = "adapter.hash";    // beside it: vixl_adapter_hash()

/// Of the adapter's source. Host and adapter have to be of one version.
std::string vixl_adapter_hash();

struct VixlLibrary {
    std::filesystem::path headers;            // has aarch64/simulator-aarch64.h
    std::vector<std::string> definitions;     // -DNAME..., which the library was compiled with
    std::vector<std::filesystem::path> parts; // to link: libraries or objects
    std::string release;                      // for people
};

/// The library of Debian's libvixl-dev below `tree`, with the definitions of its pkg-config file. ToolError if there is
/// none.
VixlLibrary packaged_vixl(const std::filesystem::path& tree, const std::string& release);

/// Compiles the adapter into `program`. $CXX is the compiler, with its first arguments, else c++.
void build_vixl_adapter(const VixlLibrary& library, const std::filesystem::path& program);

/// The adapter for a source tree of VIXL's, which is compiled into the user's cache if it is not there, or the sources
/// or $CXX have changed since (minutes); tells so, and waits for another process that does it. InputError if this is no
/// such tree.
std::filesystem::path vixl_tree_adapter(const std::filesystem::path& tree,
                                        const std::function<void(const std::string&)>& tell);

} // namespace mtecheck::difftest
