// SPDX-License-Identifier: Apache-2.0
#include "difftest/install/private_apt.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

#include "difftest/batch/process.h"
#include "difftest/core/error.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {

namespace {

constexpr double kMostSeconds = 4 * 3600; // of one call of apt; it has time-outs of its own for a silent server
constexpr std::size_t kMostOutput = std::size_t{1} << 20;

/// What apt complains of: its error lines, or else the last thing that it printed.
std::string complaint(const std::string& output) {
    std::istringstream lines(output);
    std::string errors;
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty()) last = line;
        if (!line.starts_with("E: ")) continue;
        errors += (errors.empty() ? "" : "; ") + line.substr(3);
    }
    return errors.empty() ? last : errors;
}

/// Runs a program of apt's to its end in a directory, in English, since its words are read. Throws ToolError that
/// begins with `purpose`.
std::string run_apt(std::vector<std::string> arguments, const std::string& purpose,
                    const std::filesystem::path& directory) {
    const std::string program = arguments.front();
    arguments.insert(arguments.begin(),
                     {"env", "-C", directory.string(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive"});
    Process process(arguments, {});
    if (!process.wait(kMostSeconds)) throw ToolError(purpose + ": " + program + " does not end");
    std::string output = process.output(kMostOutput);
    if (process.exit_status() == 127) throw ToolError(purpose + ": " + program + " cannot be run on this machine");
    if (process.exit_status() != 0) {
        const std::string what = complaint(output);
        throw ToolError(purpose + ": " + (what.empty() ? process.how_it_ended() : what));
    }
    return output;
}

/// Text between quotation marks of apt's settings.
std::string quoted(const std::string& text) {
    if (text.find_first_of("\"\\\n") != std::string::npos)
        throw InputError(text, "", "apt cannot work in a directory with quotation marks, backslashes or newlines");
    return '"' + text + '"';
}

/// A word of a sources file.
std::string word(const std::string& text) {
    if (text.empty() || text.find_first_of(" \t\n") != std::string::npos)
        throw InputError("'" + text + "'", "", "apt takes no mirror, suite or keyring with blanks");
    return text;
}

/// Packages of a mirror that is a directory are used in place by apt's method file; copied by this one.
std::string fetched(const std::string& mirror) {
    constexpr std::string_view kFile = "file:";
    return mirror.starts_with(kFile) ? "copy:" + mirror.substr(kFile.size()) : mirror;
}

} // namespace

std::string own_mirror() {
    const std::string purpose = "cannot ask apt for this machine's mirror";
    std::string codename;
    std::ifstream release("/etc/os-release");
    for (std::string line; std::getline(release, line);) {
        constexpr std::string_view kKey = "VERSION_CODENAME=";
        if (!line.starts_with(kKey)) continue;
        codename = line.substr(kKey.size());
        std::erase(codename, '"');
    }
    std::istringstream lines(
        run_apt({"apt-get", "indextargets", "--format", "$(ORIGIN) $(CODENAME) $(REPO_URI)", "Created-By: Packages"},
                purpose, "/"));
    for (std::string line; std::getline(lines, line);) {
        const std::string start = "Debian " + codename + " ";
        if (line.starts_with(start)) return line.substr(start.size());
    }
    throw ToolError("apt knows no Debian mirror of this machine's own suite: run 'apt-get update' first, or name a "
                    "mirror with --mirror");
}

PrivateApt::PrivateApt(const std::filesystem::path& directory, const Archive& archive)
    : directory_(directory), archive_(archive) {
    make_directory(directory / "lists" / "partial");
    make_directory(directory / "archives" / "partial");
    make_directory(directory / "nothing");
    const auto path = [&](const char* name) { return quoted((directory / name).string()); };
    write_durably(directory / "status", "");
    write_durably(directory / "archive.sources", "Types: deb\nURIs: " + word(fetched(archive.mirror)) +
                                                     "\nSuites: " + word(archive.suite) +
                                                     (archive.base.empty() ? "" : " " + word(archive.base)) +
                                                     "\nComponents: main\nSigned-By: " + word(archive.keyring) + "\n");
    const std::string architecture = archive.architecture.empty() ? std::string()
                                                                  : "#clear APT::Architectures;\nAPT::Architecture " +
                                                                        quoted(archive.architecture) + ";\n";
    write_durably(directory / "preferences", archive.base.empty()
                                                 ? ""
                                                 : "Package: " + word(archive.preferred) +
                                                       "\nPin: release a=" + archive.suite + "\nPin-Priority: 990\n");
    // Read last, so that it wins over the machine's own settings, of which those of proxies stay.
    write_durably(directory / "apt.conf",
                  "Dir::State " + quoted(directory.string()) + ";\nDir::State::lists " + path("lists") +
                      ";\nDir::State::status " + path("status") + ";\nDir::State::extended_states " +
                      path("extended_states") + ";\nDir::Cache " + quoted(directory.string()) +
                      ";\nDir::Cache::archives " + path("archives") + ";\nDir::Etc::sourcelist " +
                      path("archive.sources") + ";\nDir::Etc::sourceparts " + path("nothing") +
                      ";\nDir::Etc::preferences " + path("preferences") +
                      ";\n"
                      "Dir::Etc::preferencesparts " +
                      path("nothing") + ";\nDir::Log " + quoted(directory.string()) +
                      ";\nAPT::Sandbox::User \"\";\n" // it may not enter the directory
                      "APT::Default-Release \"\";\n"
                      "APT::Install-Recommends \"false\";\n"
                      "APT::Keep-Downloaded-Packages \"true\";\n"
                      "APT::Get::AllowUnauthenticated \"false\";\n"
                      "APT::Get::Assume-Yes \"true\";\n"
                      "Acquire::AllowInsecureRepositories \"false\";\n"
                      "Acquire::Languages \"none\";\n"
                      "Acquire::Retries \"3\";\n"
                      "#clear APT::Update::Pre-Invoke;\n"
                      "#clear APT::Update::Post-Invoke;\n"
                      "#clear APT::Update::Post-Invoke-Success;\n"
                      "#clear DPkg::Pre-Install-Pkgs;\n"
                      "#clear DPkg::Pre-Invoke;\n"
                      "#clear DPkg::Post-Invoke;\n" +
                      architecture);
}

std::string PrivateApt::run(const std::string& program, const std::vector<std::string>& arguments,
                            const std::string& purpose) {
    std::vector<std::string> command{program, "-c", (directory_ / "apt.conf").string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_apt(std::move(command), purpose, directory_ / "archives"); // where `download` leaves what it fetched
}

void PrivateApt::update() {
    // A plain update calls what it could not fetch a warning.
    run("apt-get", {"update", "-qq", "--error-on=any"}, "cannot fetch the index of suite " + archive_.suite);
}

std::string PrivateApt::version(const std::string& package) {
    std::istringstream lines(run("apt-cache", {"policy", package}, "cannot read the index of suite " + archive_.suite));
    constexpr std::string_view kKey = "  Candidate: ";
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(kKey)) return line == std::string(kKey) + "(none)" ? "" : line.substr(kKey.size());
    }
    return {};
}

std::vector<std::string> PrivateApt::dependencies(const std::string& package) {
    std::istringstream lines(
        run("apt-cache", {"depends", "--important", package}, "cannot read the index of suite " + archive_.suite));
    std::vector<std::string> names;
    constexpr std::string_view kKey = "Depends: ";
    for (std::string line; std::getline(lines, line);) {
        if (const std::size_t at = line.find(kKey); at != std::string::npos)
            names.push_back(line.substr(at + kKey.size()));
    }
    return names;
}

std::vector<PackageFile> PrivateApt::files(const std::string& package, Extent extent) {
    // Nothing is in this cache, so every file is one that would be fetched: lines of 'URI' name bytes SHA256:digits.
    std::istringstream lines(
        run("apt-get",
            {extent == Extent::alone ? "download" : "install", "-qq", "--print-uris", "-o",
             "Dir::Cache::archives=" + (directory_ / "nothing").string(), "-o", "Acquire::ForceHash=SHA256", package},
            "cannot work out what " + package + " needs"));
    std::vector<PackageFile> files;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string uri;
        std::string size;
        std::string hash;
        PackageFile file{};
        constexpr std::string_view kSha256 = "SHA256:";
        if (!line.starts_with("'") || !(words >> uri >> file.name >> size >> hash)) continue;
        const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), file.bytes);
        if (error != std::errc() || end != size.data() + size.size() || !hash.starts_with(kSha256))
            throw ToolError("cannot work out what " + package + " needs: apt-get says: " + line);
        file.sha256 = hash.substr(kSha256.size());
        files.push_back(std::move(file));
    }
    if (files.empty()) throw ToolError("cannot work out what " + package + " needs: apt-get names no file");
    return files;
}

void PrivateApt::download(const std::string& package, Extent extent) {
    if (extent == Extent::alone) {
        run("apt-get", {"download", "-qq", package}, "cannot fetch " + package);
    } else {
        run("apt-get", {"install", "-qq", "--download-only", package},
            "cannot fetch " + package + " and what it needs");
    }
}

std::filesystem::path PrivateApt::file(const PackageFile& package) const {
    return directory_ / "archives" / package.name;
}

} // namespace mtecheck::difftest
