// SPDX-License-Identifier: Apache-2.0
#include "difftest/install/installation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "difftest/batch/process.h"
#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/install/kernel_tree.h"
#include "difftest/install/private_apt.h"
#include "difftest/install/unpacked.h"
#include "difftest/vixl/build.h"

namespace mtecheck::difftest {

namespace {

namespace fs = std::filesystem;

// The kind of kernel for virtual machines, a third of the size of the one for everything. It depends on the newest.
constexpr std::string_view kCloudKernel = "linux-image-cloud-arm64";

// One suite for each version: within a suite all that a package depends on is there, but for experimental, on top of
// sid.
constexpr auto kOffers = std::to_array<Offer>({
    {"qemu-system:5.2", "bullseye", "qemu-system-arm", "qemu-system-aarch64"},
    {"qemu-system:7.2", "bookworm", "qemu-system-arm", "qemu-system-aarch64"},
    {"qemu-system:10.0", "trixie", "qemu-system-arm", "qemu-system-aarch64"},
    {"qemu-system:11.1", "sid", "qemu-system-arm", "qemu-system-aarch64"},
    {"qemu-user:5.2", "bullseye", "qemu-user", "qemu-aarch64"},
    {"qemu-user:7.2", "bookworm", "qemu-user", "qemu-aarch64"},
    {"qemu-user:10.0", "trixie", "qemu-user", "qemu-aarch64"},
    {"qemu-user:11.1", "sid", "qemu-user", "qemu-aarch64"},
    {"linux:6.1", "bookworm", kCloudKernel, ""},
    {"linux:6.12", "trixie", kCloudKernel, ""},
    {"linux:7", "sid", kCloudKernel, ""},
    {"vixl", "experimental", "libvixl-dev", kVixlAdapter, "sid", "8.0"},
});

constexpr std::string_view kSchema = "mtecheck-installation/1";
constexpr const char* kManifest = "installation.json";
constexpr std::size_t kMostPackages = 10000;
constexpr int kLongestChain = 8;       // of packages of one kernel; three at Debian
constexpr double kUnpackSeconds = 600; // for one package

fs::path place_of(const Offer& offer) {
    const auto place = installation_directory(offer.name);
    if (!place) throw ToolError("neither XDG_CACHE_HOME nor HOME says where to keep " + std::string(offer.name));
    return *place;
}

/// Where an installation is made.
fs::path workshop_of(const Offer& offer) {
    fs::path place = place_of(offer);
    place += ".part";
    return place;
}

void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) throw ToolError("cannot remove " + path.string() + ": " + error.message());
}

std::uint64_t disk_bytes(const fs::path& directory) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory, error)) {
        if (entry.is_regular_file(error) && !entry.is_symlink(error)) bytes += entry.file_size(error);
    }
    return bytes;
}

void unpack(const fs::path& package, const fs::path& tree) {
    Process process({"dpkg-deb", "--extract", package.string(), tree.string()}, {});
    if (process.wait(kUnpackSeconds) && process.exit_status() == 0) return;
    process.kill();
    throw ToolError("cannot unpack " + package.string() + ": " + process.how_it_ended() + ": " + process.output());
}

/// Removes the other programs that came along: the packages of user mode have one of 10 MB for each architecture.
void keep_only(const std::string& program, const fs::path& programs) {
    std::vector<fs::path> others;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(programs, error)) {
        if (entry.path().filename() != program) others.push_back(entry.path());
    }
    for (const fs::path& other : others) remove_tree(other);
}

/// Whether a Debian version is one of an upstream version: 1:11.1.3+ds-1 is of 11.1 and not of 1.
bool is_of(const std::string& debian, std::string_view version) {
    const std::size_t colon = debian.find(':');
    const std::string_view upstream = std::string_view(debian).substr(colon == std::string::npos ? 0 : colon + 1);
    return upstream.starts_with(version) && upstream.size() > version.size() &&
           std::string_view(".+~-").find(upstream[version.size()]) != std::string_view::npos;
}

/// The package that has the image: a package of this kind depends on that of the newest version, which may have it or
/// depend on another.
std::string kernel_package(PrivateApt& apt, std::string package) {
    const auto is_kernel = [](const std::string& name) {
        return name.starts_with("linux-image-") || name.starts_with("linux-binary-");
    };
    for (int step = 0; step < kLongestChain; ++step) {
        const std::vector<std::string> all = apt.dependencies(package);
        const auto needed = std::find_if(all.begin(), all.end(), is_kernel);
        if (needed == all.end()) return package;
        package = *needed;
    }
    throw ToolError("the mirror's packages of kernels depend on each other without end: " + package +
                    ": name another mirror with --mirror");
}

/// What is unpacked in finished/tree becomes what the installation consists of.
void arrange(const Offer& offer, const fs::path& finished) {
    const fs::path tree = finished / "tree";
    if (offer.is_kernel()) {
        take_kernel(tree, finished);
        remove_tree(tree);
        return;
    }
    const std::string program(offer.program);
    keep_only(program, tree / "usr/bin");
    write_durably(finished / program, make_launcher(tree, program));
    fs::permissions(finished / program, fs::perms(0755));
}

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 500'000) / 1'000'000) + " MB"; }

} // namespace

std::span<const Offer> offers() { return kOffers; }

const Offer& offer(const std::string& name) {
    const auto found = std::find_if(kOffers.begin(), kOffers.end(), [&](const Offer& one) { return one.name == name; });
    if (found != kOffers.end()) return *found;
    std::string all;
    for (const Offer& one : kOffers) all += (all.empty() ? "" : ", ") + std::string(one.name);
    throw InputError(name, "", "cannot be installed; give one of " + all);
}

std::optional<Installation> installation(const Offer& offer) {
    const fs::path place = place_of(offer);
    if (!fs::exists(place / kManifest)) return std::nullopt;
    const std::string file = (place / kManifest).string();
    const nlohmann::json document = parse_json(read_file(file), file);
    const JsonPlace root(document, file);
    root.schema(kSchema);
    return Installation{.package_version = root.member("version").text(),
                        .packages = root.member("packages").array_size(kMostPackages),
                        .bytes = disk_bytes(place)};
}

void install(const Offer& offer, const InstallOptions& options, const std::function<void(const std::string&)>& tell) {
    const fs::path place = place_of(offer);
    const fs::path workshop = workshop_of(offer);
    make_directory(workshop);
    const DirectoryLock lock(workshop);
    if (installation(offer)) {
        remove_tree(workshop);
        return;
    }

    const std::string suite(offer.suite);
    std::string package(offer.package);
    PrivateApt apt(workshop / "apt", {.mirror = options.mirror.empty() ? own_mirror() : options.mirror,
                                      .keyring = options.keyring,
                                      .suite = suite,
                                      .architecture = offer.is_kernel() ? "arm64" : "",
                                      .base = std::string(offer.base),
                                      .preferred = package});
    tell("fetching the index of " + suite);
    apt.update();
    const std::string version = apt.version(package);
    if (!is_of(version, offer.version())) {
        throw ToolError("the mirror's suite " + suite + " has " + package + " " +
                        (version.empty() ? "in no version" : "in version " + version) + ", not in " +
                        std::string(offer.version()) +
                        ": name a mirror that has it, such as a snapshot, with --mirror");
    }
    if (offer.is_kernel()) package = kernel_package(apt, package);
    // Of a kernel nothing is installed, so that it needs nothing.
    const Extent extent = offer.is_kernel() ? Extent::alone : Extent::with_dependencies;
    const std::vector<PackageFile> files = apt.files(package, extent);
    std::uint64_t bytes = 0;
    for (const PackageFile& file : files) bytes += file.bytes;
    tell("fetching " + package + " " + version +
         (files.size() == 1 ? ": " : " and what it needs: " + std::to_string(files.size()) + " packages, ") +
         megabytes(bytes));
    apt.download(package, extent);

    tell("unpacking");
    const fs::path finished = workshop / "finished";
    remove_tree(finished);
    make_directory(finished / "tree");
    OrderedJson manifest{{"schema", kSchema},  {"name", offer.name}, {"suite", suite},
                         {"package", package}, {"version", version}, {"packages", OrderedJson::array()}};
    for (const PackageFile& file : files) {
        unpack(apt.file(file), finished / "tree");
        manifest["packages"].push_back({{"file", file.name}, {"sha256", file.sha256}});
    }
    if (offer.program == kVixlAdapter) {
        tell("compiling the adapter");
        make_directory(finished / "tree/usr/bin");
        build_vixl_adapter(packaged_vixl(finished / "tree", version), finished / "tree/usr/bin" / kVixlAdapter);
        write_durably(finished / kVixlAdapterSource, vixl_adapter_hash());
    }
    arrange(offer, finished);
    write_durably(finished / kManifest, dump(manifest));
    remove_tree(place); // what has no manifest is no installation
    fs::rename(finished, place);
    remove_tree(workshop);
}

bool remove_installation(const Offer& offer) {
    bool any = false;
    for (const fs::path& path : {place_of(offer), workshop_of(offer)}) {
        any = any || fs::exists(path);
        // First what says that it is complete: a removal that is cut off leaves no installation.
        std::error_code error;
        fs::remove(path / kManifest, error);
        remove_tree(path);
    }
    return any;
}

} // namespace mtecheck::difftest
