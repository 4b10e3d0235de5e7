// SPDX-License-Identifier: Apache-2.0
//
// An apt of our own: apt-get with its state, cache, sources and settings in one directory, which believes that nothing
// is installed. So it fetches a package with everything that it needs, the C library included, and changes nothing of
// the machine, whoever runs it. apt itself checks the signature of the suite's index, the index of packages against
// it, and each package against that; and goes on with downloads that were cut off.
//
// Invariants: no check of apt's is ever switched off; hooks of the machine's own apt do not run; every failure is a
// ToolError of one line that says what apt says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mtecheck::difftest {

/// A suite of a Debian archive, and what its index must be signed with.
struct Archive {
    std::string mirror;
    std::string keyring;
    std::string suite;
    std::string architecture; // Debian's name for it; empty: the machine's own
    std::string base;         // another suite, for what packages of the first depend on; may be empty
    std::string preferred;    // with a base: the package that comes from `suite`, whatever the base has
};

/// What comes with a package.
enum class Extent : std::uint8_t { with_dependencies, alone };

/// The mirror that the machine's own suite comes from, whatever the format and file that configures it. Throws
/// ToolError if apt knows none.
std::string own_mirror();

/// The keyring of Debian's archive, where the package debian-archive-keyring puts it.
inline constexpr const char* kDebianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

struct PackageFile {
    std::string name; // of the .deb
    std::uint64_t bytes;
    std::string sha256; // from the signed index
};

class PrivateApt {
  public:
    /// Keeps everything in `directory`, which is made if it is not there. InputError if the archive's mirror or keyring
    /// cannot be written in apt's files.
    PrivateApt(const std::filesystem::path& directory, const Archive& archive);

    /// Fetches the suite's index.
    void update();
    /// The version of a package in the index; empty if there is none.
    std::string version(const std::string& package);
    /// The packages that a package depends on directly.
    std::vector<std::string> dependencies(const std::string& package);
    /// What `package`, and all that it depends on, consists of.
    std::vector<PackageFile> files(const std::string& package, Extent extent);
    /// Fetches these files, or what is missing of them.
    void download(const std::string& package, Extent extent);
    /// Where a file is after download().
    std::filesystem::path file(const PackageFile& package) const;

  private:
    std::string run(const std::string& program, const std::vector<std::string>& arguments, const std::string& purpose);

    std::filesystem::path directory_;
    Archive archive_;
};

} // namespace mtecheck::difftest
