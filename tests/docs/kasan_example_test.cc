// SPDX-License-Identifier: Apache-2.0
//
// The scripts of docs/examples/kasan, with a source, a compiler and a QEMU of a few lines in the place of real ones:
// what they make of a source, refuse, record and print.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::docs {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

void write_program(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    fs::permissions(file, fs::perms::owner_all);
}

struct Ran {
    int status;
    std::string text;
};

/// A shell command with the programs of `directory`/bin in front of others.
Ran shell(const fs::path& directory, const std::string& command) {
    const fs::path output = directory / "output.txt";
    const int status = std::system(("cd '" + directory.string() + "' && PATH=\"$PWD/bin:$PATH\" && export PATH && { " +
                                    command + "; } >output.txt 2>&1 </dev/null")
                                       .c_str());
    return {status, contents(output)};
}

std::string script(const std::string& name) { return mtecheck::places::source() + "/docs/examples/kasan/" + name; }

/// A package with a source that knows the targets and the file that the script uses. Its Image says what it was made
/// with. Without `macros` it lacks what the 6.1 of Debian lacks; `refused` is an option that it does not take.
fs::path make_package(const fs::path& directory, bool macros, const std::string& refused) {
    for (const std::string tool : {"make", "xz", "perl"}) {
        if (std::system(("command -v " + tool + " >/dev/null").c_str()) != 0) SKIP(tool << " is not installed");
    }
    const fs::path source = directory / "made/linux-source-6.1";
    fs::create_directories(source / "arch/arm64/include");
    fs::create_directories(source / "mm/kasan");
    fs::create_directories(source / "include/linux");
    std::ofstream(source / "mm/kasan/kasan.h") << (macros ? "#define hw_suppress_tag_checks_start() x\n" : "\n");
    std::ofstream(source / "Makefile")
        << "tinyconfig:\n\tmkdir -p $(O)\n\techo CONFIG_64BIT=y >$(O)/.config\n"
        << "olddefconfig:\n\tsed -i '/^" << refused << "=/d' $(O)/.config\n"
        << "Image:\n\tmkdir -p $(O)/arch/arm64/boot\n"
        << "\techo \"$(ARCH) $(CROSS_COMPILE) $(KCFLAGS)\" >$(O)/arch/arm64/boot/Image\n\techo >$(O)/System.map\n";
    write_program(source / "scripts/kconfig/merge_config.sh", "#!/bin/sh\n"
                                                              "[ \"$1 $2\" = '-m -O' ] || exit 1\n"
                                                              "grep -h '^CONFIG' \"$4\" \"$5\" >merged\n"
                                                              "mv merged \"$3/.config\"\n");
    const fs::path package = directory / "package";
    fs::create_directories(package / "DEBIAN");
    fs::create_directories(package / "usr/src");
    std::ofstream(package / "DEBIAN/control") << "Package: linux-source-6.1\nVersion: 1\nArchitecture: all\n"
                                                 "Maintainer: nobody <nobody@example.org>\nDescription: none\n";
    const Ran made = shell(directory, "tar -C made -cJf package/usr/src/linux-source-6.1.tar.xz linux-source-6.1 && "
                                      "dpkg-deb --build package linux-source-6.1_1_all.deb");
    INFO(made.text);
    REQUIRE(made.status == 0);
    for (const char* tool : {"aarch64-linux-gnu-gcc", "flex", "bison", "bc"})
        write_program(directory / "bin" / tool, "#!/bin/sh\n");
    return directory / "linux-source-6.1_1_all.deb";
}

TEST_CASE("a kernel with KASAN is configured and built, with what its source lacks") {
    const auto directory = difftest::scratch_directory("kasan-build");
    const fs::path package = make_package(directory, false, "CONFIG_NONE");
    const std::string command = script("build.sh") + " kasan " + package.string();
    const Ran built = shell(directory, command);
    INFO(built.text);
    CHECK(built.status == 0);
    const std::string image = contents(directory / "kasan/Image");
    CHECK(image.starts_with("arm64 aarch64-linux-gnu- "));
    CHECK(image.find("-Dhw_suppress_tag_checks_start=barrier -Dhw_suppress_tag_checks_stop=barrier") !=
          std::string::npos);
    CHECK(fs::exists(directory / "kasan/System.map"));
    CHECK(contents(directory / "kasan/build/.config").find("CONFIG_KASAN_HW_TAGS=y") != std::string::npos);
    // Once more, now without the package: the source is there.
    CHECK(shell(directory, script("build.sh") + " kasan").status == 0);
}

TEST_CASE("a source that has what 6.1 lacks is built as it is") {
    const auto directory = difftest::scratch_directory("kasan-whole");
    const fs::path package = make_package(directory, true, "CONFIG_NONE");
    CHECK(shell(directory, script("build.sh") + " kasan " + package.string()).status == 0);
    CHECK(contents(directory / "kasan/Image") == "arm64 aarch64-linux-gnu- \n");
}

TEST_CASE("a source that does not take an option is refused, by its name") {
    const auto directory = difftest::scratch_directory("kasan-refused");
    const fs::path package = make_package(directory, true, "CONFIG_KASAN_HW_TAGS");
    const Ran built = shell(directory, script("build.sh") + " kasan " + package.string());
    CHECK(built.status != 0);
    CHECK(built.text.find("this source does not take CONFIG_KASAN_HW_TAGS=y") != std::string::npos);
    CHECK_FALSE(fs::exists(directory / "kasan/Image"));
}

TEST_CASE("what a QEMU recorded of the kernel is judged, where the symbols say") {
    const auto directory = difftest::scratch_directory("kasan-record");
    fs::create_directories(directory / "kasan");
    std::ofstream(directory / "kasan/System.map") << "ffffffc0080b48a0 t empty_cache_ctor\n"
                                                     "ffffffc0080b633c t kmalloc_oob_right\n"
                                                     "ffffffc0080bc000 t kasan_test_init\n";
    std::ofstream(directory / "recorder.so") << "\n";
    write_program(directory / "bin/qemu", "#!/bin/sh\n"
                                          "echo \"$*\" >command\n"
                                          "echo '[   14.397558] # kasan: pass:44 fail:0 skip:11 total:55'\n"
                                          "cp '" +
                                              script("kmalloc_oob_right.jsonl") +
                                              "' \"$(expr \"$*\" : '.*,out=\\([^,]*\\),')\"\n");
    const Ran ran =
        shell(directory, script("record.sh") + " kasan qemu recorder.so '" + mtecheck::places::build() + "/mtecheck'");
    INFO(ran.text);
    CHECK(ran.status == 0);
    CHECK(ran.text.find("kasan: pass:44 fail:0") != std::string::npos);
    CHECK(ran.text.find("agreed 59, diverged 0, unknown 1") != std::string::npos);
    CHECK(ran.text.find("address 0xf4ffff8000b26470, Logical Address Tag 0x4, Allocation Tag 0xe") !=
          std::string::npos);
    CHECK(contents(directory / "command")
              .find("recorder.so,out=kasan/kasan.jsonl,"
                    "accesses=0xffffffc0080b48a0-0xffffffc0080bc000") != std::string::npos);
}

} // namespace
} // namespace mtecheck::docs
