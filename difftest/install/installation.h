// SPDX-License-Identifier: Apache-2.0
//
// Implementations that `mtecheck targets install` obtains from Debian's suites: QEMU in several versions, side by side,
// kernels for guests, and VIXL.
//
// Each gets a directory of its own in the cache (installation_directory()). That of a QEMU has the program, its loader,
// libraries and data unpacked in tree/, and a launcher beside it; that of a kernel has the image (kernel) and the
// drivers that a guest must load (modules/, in the order of their names). Nothing else of the machine changes.
//
// Invariants: an installation is complete or not there: it is made beside its place and renamed into it. What was
// downloaded stays when that fails, and the next attempt goes on from there. One process at a time makes one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mtecheck::difftest {

/// What can be installed.
struct Offer {
    std::string_view name;    // of the target
    std::string_view suite;   // of Debian, that has it
    std::string_view package; // of that suite
    std::string_view program; // in that package, below /usr/bin; empty: it is the newest kernel of that package's kind
    std::string_view base = {};    // another suite, for what the package depends on
    std::string_view release = {}; // of what has no version in its name

    bool is_kernel() const { return program.empty(); }

    /// What the package's version must begin with: the part of the name after the colon, if it has one.
    std::string_view version() const {
        const std::size_t colon = name.find(':');
        return colon == std::string_view::npos ? release : name.substr(colon + 1);
    }
};

std::span<const Offer> offers();

/// The offer of this name. Throws InputError that lists all.
const Offer& offer(const std::string& name);

/// What is installed.
struct Installation {
    std::string package_version;
    std::size_t packages = 0;
    std::uint64_t bytes = 0; // on disk
};

/// Nothing if it is not installed.
std::optional<Installation> installation(const Offer& offer);

struct InstallOptions {
    std::string mirror; // empty: the machine's own
    std::string keyring;
};

/// Installs what is not installed; tells its steps, one line each. Throws ToolError, or InputError for the options.
void install(const Offer& offer, const InstallOptions& options, const std::function<void(const std::string&)>& tell);

/// Removes an installation and what is left of attempts at it; whether there was anything.
bool remove_installation(const Offer& offer);

} // namespace mtecheck::difftest
