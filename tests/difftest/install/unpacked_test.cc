// SPDX-License-Identifier: Apache-2.0
//
// The launcher of a program with a loader and libraries of its own: made from this machine's own loader.
#include "difftest/install/unpacked.h"

#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "difftest/batch/process.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/findings/files.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a dynamic program runs with the loader of its tree, whatever links lead there") {
    const fs::path here = scratch_directory("unpacked");
    const fs::path loader = "/lib64/ld-linux-x86-64.so.2";
    if (!fs::exists(loader)) SKIP("not an x86-64 machine with the GNU C library");
    const fs::path libraries = here / "tree/usr/lib/x86_64-linux-gnu";
    fs::create_directories(libraries);
    fs::create_directories(here / "tree/lib64");
    fs::create_directories(here / "tree/usr/bin");
    fs::copy_file(fs::canonical(loader), libraries / "ld-test.so");
    // An absolute link, as packages have it: it must not lead to the machine's own loader.
    fs::create_symlink("/usr/lib/x86_64-linux-gnu/ld-test.so", here / "tree" / loader.relative_path());
    fs::copy_file("/bin/true", here / "tree/usr/bin/program");
    for (const char* const name : {"libc.so.6"}) {
        for (const char* const place : {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"}) {
            if (fs::exists(fs::path(place) / name) && !fs::exists(libraries / name))
                fs::copy_file(fs::canonical(fs::path(place) / name), libraries / name);
        }
    }
    const std::string text = make_launcher(here / "tree", "program");
    INFO(text);
    CHECK(text.find("tree/usr/lib/x86_64-linux-gnu/ld-test.so\" --inhibit-cache") != std::string::npos);
    write_durably(here / "program", text);
    fs::permissions(here / "program", fs::perms(0755));
    Process process({(here / "program").string()}, {});
    REQUIRE(process.wait(60));
    INFO(process.output());
    CHECK(process.exit_status() == 0);
}

TEST_CASE("the module directory of the machine is hidden, and nothing else of the program changes") {
    const fs::path here = scratch_directory("modules");
    fs::create_directories(here / "tree/usr/bin");
    fs::create_directories(here / "tree/usr/lib/x86_64-linux-gnu");
    const fs::path program = here / "tree/usr/bin/qemu-system-aarch64";
    write_durably(program, "a /usr/lib/x86_64-linux-gnu/qemu b /usr/lib c");
    CHECK(make_launcher(here / "tree", "qemu-system-aarch64").find("QEMU_MODULE_DIR=") != std::string::npos);
    CHECK(read_file(program) == "a /nil/lib/x86_64-linux-gnu/qemu b /usr/lib c");
}

TEST_CASE("a tree without the program, or without its loader, is no installation") {
    const fs::path here = scratch_directory("lacking");
    fs::create_directories(here / "tree/usr/bin");
    CHECK_THROWS_AS(make_launcher(here / "tree", "program"), ToolError);
    if (!fs::exists("/lib64/ld-linux-x86-64.so.2")) SKIP("not an x86-64 machine with the GNU C library");
    fs::copy_file("/bin/true", here / "tree/usr/bin/program");
    CHECK_THROWS_AS(make_launcher(here / "tree", "program"), ToolError);
}

} // namespace
} // namespace mtecheck::difftest
