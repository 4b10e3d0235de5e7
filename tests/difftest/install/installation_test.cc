// SPDX-License-Identifier: Apache-2.0
//
// Installing from a small archive that the test makes and signs with a key that it throws away: what is taken, and what
// is refused. No network.
#include "difftest/install/installation.h"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "difftest/batch/process.h"
#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/qemu/launch.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

constexpr double kSeconds = 120;

/// Runs a program to its end; skips the test if there is none. Its output.
std::string run(const std::vector<std::string>& command) {
    Process process(command, {});
    REQUIRE(process.wait(kSeconds));
    if (process.exit_status() == 127) SKIP(command.front() << " is not installed");
    INFO(command.front() << ": " << process.output());
    REQUIRE(process.exit_status() == 0);
    return process.output();
}

void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string digest(const fs::path& path) { return run({"sha256sum", path.string()}).substr(0, 64); }

/// An OpenPGP key that lives as long as the object. The directory is a short one: sockets are in it.
class Key {
  public:
    Key() {
        std::string name = (fs::temp_directory_path() / "mtecheck-key-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        home_ = name;
        run(gpg({"--passphrase", "", "--quick-generate-key", "test", "ed25519", "sign", "never"}));
        run(gpg({"--output", keyring(), "--export"}));
    }
    ~Key() {
        Process({"gpgconf", "--homedir", home_.string(), "--kill", "all"}, {}).wait(kSeconds);
        std::error_code error;
        fs::remove_all(home_, error);
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    std::string keyring() const { return (home_ / "key.gpg").string(); }
    void sign(const fs::path& from, const fs::path& to) const {
        run(gpg({"--yes", "--output", to.string(), "--clearsign", from.string()}));
    }

  private:
    std::vector<std::string> gpg(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"gpg", "--homedir", home_.string(), "--batch", "--quiet"});
        return arguments;
    }
    fs::path home_;
};

/// An archive with one suite, in which qemu-system-arm needs a library. Its "program" is a shell script.
struct LittleArchive {
    fs::path root;
    std::string architecture = run({"dpkg", "--print-architecture"});
    std::string packages; // the text of the index
    std::vector<fs::path> files;

    explicit LittleArchive(const std::string& name) : root(scratch_directory(name)) {}

    void add(const std::string& name, const std::string& version, const std::string& more, const fs::path& file,
             const std::string& text) {
        const fs::path tree = root / "build" / name;
        const std::string control = "Package: " + name + "\nVersion: " + version + "\nArchitecture: " + architecture +
                                    "\nMaintainer: test <test@localhost>\nDescription: test\n" + more;
        write(tree / "DEBIAN/control", control);
        write(tree / file, text);
        fs::permissions(tree / file, fs::perms(0755));
        const std::string deb = "pool/" + name + ".deb";
        fs::create_directories(root / "pool");
        run({"dpkg-deb", "--root-owner-group", "--build", tree.string(), (root / deb).string()});
        packages += control + "Filename: " + deb + "\nSize: " + std::to_string(fs::file_size(root / deb)) +
                    "\nSHA256: " + digest(root / deb) + "\n\n";
        files.push_back(root / deb);
    }

    void publish(const std::string& suite, const Key& key) const {
        const fs::path dists = root / "dists" / suite;
        const fs::path index = fs::path("main") / ("binary-" + architecture) / "Packages";
        write(dists / index, packages);
        write(dists / "Release",
              "Origin: Debian\nSuite: " + suite + "\nCodename: " + suite + "\nArchitectures: " + architecture +
                  "\nComponents: main\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n " + digest(dists / index) + " " +
                  std::to_string(packages.size()) + " " + index.string() + "\n");
        key.sign(dists / "Release", dists / "InRelease");
    }

    std::string mirror() const { return "file://" + root.string(); }
};

/// A cache of the test's own, and an archive whose bullseye has a QEMU 5.2.
struct Place {
    Place(const std::string& name, const std::string& version = "1:5.2+test-1") : archive(name + "-archive") {
        cache = scratch_directory(name + "-cache");
        ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
        archive.add("other", "1", "", "usr/bin/other", "another program");
        archive.add("libtest", "1", "Depends: other\n", "usr/lib/x86_64-linux-gnu/libtest.so", "no library");
        archive.add("qemu-system-arm", version, "Depends: libtest\n", "usr/bin/qemu-system-aarch64",
                    "#!/bin/sh\necho \"QEMU emulator version 5.2.0 (test) $*\"\n");
        archive.publish("bullseye", key);
    }
    void install() {
        steps.clear();
        difftest::install(offer("qemu-system:5.2"), {archive.mirror(), key.keyring()},
                          [&](const std::string& step) { steps.push_back(step); });
    }
    bool installed() const { return installation(offer("qemu-system:5.2")).has_value(); }

    Key key;
    LittleArchive archive;
    fs::path cache;
    std::vector<std::string> steps;
};

TEST_CASE("a package is installed with what it needs, found by its name, and removed") {
    Place place("install");
    CHECK_FALSE(place.installed());
    CHECK_THROWS_MATCHES(parse_qemu_options("qemu-system:5.2"), TargetError,
                         MessageMatches(ContainsSubstring("mtecheck targets install qemu-system:5.2")));
    place.install();
    const auto there = installation(offer("qemu-system:5.2"));
    REQUIRE(there);
    CHECK(there->package_version == "1:5.2+test-1");
    CHECK(there->packages == 3);
    const fs::path directory = *installation_directory("qemu-system:5.2");
    CHECK(fs::exists(directory / "tree/usr/lib/x86_64-linux-gnu/libtest.so"));
    CHECK_FALSE(fs::exists(directory / "tree/usr/bin/other"));
    CHECK_FALSE(fs::exists(directory.string() + ".part"));
    const QemuOptions options = parse_qemu_options("qemu-system:5.2,cpu=max");
    CHECK(qemu_version(options.program) == "QEMU emulator version 5.2.0 (test) --version");

    fs::remove_all(place.archive.root); // what is installed is not fetched again
    place.install();
    CHECK(place.steps.empty());
    CHECK(remove_installation(offer("qemu-system:5.2")));
    CHECK_FALSE(place.installed());
    CHECK_FALSE(remove_installation(offer("qemu-system:5.2")));
}

TEST_CASE("a kernel comes alone, out of the package that has it, whatever it would need to be installed") {
    const Key key;
    LittleArchive archive("kernel-archive");
    archive.architecture = "arm64";
    const fs::path cache = scratch_directory("kernel-cache");
    ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
    const auto put = [&](const std::string& name, const std::string& depends, const fs::path& file) {
        archive.add(name, "6.12.107-1", depends.empty() ? "" : "Depends: " + depends + "\n", file, name);
    };
    put("linux-image-cloud-arm64", "linux-base-cloud, linux-image-6.12.107-cloud-arm64", "usr/share/doc/nothing");
    put("linux-image-6.12.107-cloud-arm64", "initramfs-tools, linux-binary-6.12.107-cloud-arm64 (= 6.12.107-1)",
        "usr/share/doc/nothing");
    put("linux-binary-6.12.107-cloud-arm64", "", "usr/lib/modules/6.12.107-cloud-arm64/vmlinuz");
    archive.publish("trixie", key);
    const Offer& kernel = offer("linux:6.12");
    difftest::install(kernel, {archive.mirror(), key.keyring()}, [](auto&) {});
    const auto there = installation(kernel);
    REQUIRE(there);
    CHECK(there->package_version == "6.12.107-1");
    CHECK(there->packages == 1);
    const fs::path place = *installation_directory("linux:6.12");
    CHECK(read_file(place / "kernel") == "linux-binary-6.12.107-cloud-arm64");
    CHECK(fs::is_empty(place / "modules"));
    CHECK_FALSE(fs::exists(place / "tree"));
    CHECK(remove_installation(kernel));
    CHECK_FALSE(installation(kernel));
}

TEST_CASE("an index that somebody else signed, or nobody, is refused") {
    Place place("signature");
    const Key other;
    place.archive.publish("bullseye", other);
    CHECK_THROWS_MATCHES(place.install(), ToolError, MessageMatches(ContainsSubstring("bullseye")));
    CHECK_FALSE(place.installed());
    fs::remove(place.archive.root / "dists/bullseye/InRelease");
    CHECK_THROWS_AS(place.install(), ToolError);
    CHECK_FALSE(place.installed());
}

TEST_CASE("an index that was changed after it was signed is refused") {
    Place place("index");
    place.archive.packages += "\n";
    const fs::path index =
        place.archive.root / "dists/bullseye/main" / ("binary-" + place.archive.architecture) / "Packages";
    write(index, place.archive.packages);
    CHECK_THROWS_AS(place.install(), ToolError);
    CHECK_FALSE(place.installed());
}

TEST_CASE("a damaged package is refused, and what came whole is kept for the next attempt") {
    Place place("damage");
    const fs::path library = place.archive.files[1];
    const fs::path program = place.archive.files[2];
    const std::string whole = read_file(program);
    write(program, whole.substr(0, whole.size() - 1) + "x");
    CHECK_THROWS_MATCHES(place.install(), ToolError, MessageMatches(ContainsSubstring("cannot fetch qemu-system-arm")));
    CHECK_FALSE(place.installed());

    write(program, whole);
    fs::remove(library); // the archive need not have it any more
    place.install();
    CHECK(place.installed());
}

TEST_CASE("a suite that has moved on to another version is told") {
    Place place("version", "1:5.20+test-1");
    CHECK_THROWS_MATCHES(place.install(), ToolError,
                         MessageMatches(ContainsSubstring("1:5.20+test-1") && ContainsSubstring("--mirror")));
    CHECK_FALSE(place.installed());
}

TEST_CASE("a mirror that is not there, and a name that nobody offers") {
    Place place("absent");
    fs::remove_all(place.archive.root / "dists");
    CHECK_THROWS_AS(place.install(), ToolError);
    CHECK_THROWS_MATCHES(offer("linux-6.12"), InputError, MessageMatches(ContainsSubstring("linux:6.12")));
    CHECK_THROWS_MATCHES(offer("qemu-system:1.0"), InputError,
                         MessageMatches(ContainsSubstring("qemu-system:5.2") && ContainsSubstring("qemu-user:11.1")));
    CHECK_THROWS_AS(
        difftest::install(offer("qemu-system:5.2"), {"http://two words", place.key.keyring()}, [](auto&) {}),
        InputError);
}

} // namespace
} // namespace mtecheck::difftest
