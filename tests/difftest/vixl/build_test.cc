// SPDX-License-Identifier: Apache-2.0
// Compiling the adapter: what is found, and what is said if something is missing.
#include "difftest/vixl/build.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <fstream>

#include "difftest/core/error.h"
#include "tests/difftest/scratch.h"

using namespace mtecheck::difftest;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

void tell_nobody(const std::string& /*step*/) {}

/// The compiler of the test's life.
struct Compiler {
    explicit Compiler(const char* name) { ::setenv("CXX", name, 1); }
    ~Compiler() { ::unsetenv("CXX"); }
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;
};

} // namespace

TEST_CASE("the definitions of a packaged library are those of its pkg-config file") {
    const fs::path tree = scratch_directory("vixl-package");
    CHECK_THROWS_MATCHES(packaged_vixl(tree, "8.0"), ToolError, MessageMatches(ContainsSubstring("vixl.pc")));
    const fs::path description = tree / "usr/lib/some-linux-gnu/pkgconfig/vixl.pc";
    write(description, "Name: vixl\nCflags: -I/usr/include/vixl -DVIXL_INCLUDE_TARGET_A64\n");
    CHECK_THROWS_MATCHES(packaged_vixl(tree, "8.0"), ToolError, MessageMatches(ContainsSubstring("simulator")));
    write(description, "Cflags: -I${x} -DVIXL_INCLUDE_TARGET_A64 -DVIXL_INCLUDE_SIMULATOR_AARCH64\n");
    const VixlLibrary library = packaged_vixl(tree, "8.0");
    CHECK(library.definitions.size() == 2);
    CHECK(library.headers == tree / "usr/include/vixl");
    CHECK(library.parts == std::vector{tree / "usr/lib/some-linux-gnu/libvixl.so"});
}

TEST_CASE("what is no source tree of VIXL is told") {
    CHECK_THROWS_MATCHES(vixl_tree_adapter("/nowhere/at/all", tell_nobody), InputError,
                         MessageMatches(ContainsSubstring("/nowhere/at/all")));
    CHECK_THROWS_AS(vixl_tree_adapter(scratch_directory("vixl-none"), tell_nobody), InputError);
}

TEST_CASE("a compiler that is not there, and sources that do not compile") {
    const fs::path scratch = scratch_directory("vixl-broken");
    ::setenv("XDG_CACHE_HOME", (scratch / "cache").c_str(), 1);
    write(scratch / "tree/src/aarch64/simulator-aarch64.h", "#error this is not VIXL\n");
    {
        const Compiler nowhere("/nowhere/c++");
        CHECK_THROWS_MATCHES(vixl_tree_adapter(scratch / "tree", tell_nobody), ToolError,
                             MessageMatches(ContainsSubstring("no C++ compiler /nowhere/c++")));
    }
    fs::create_symlink("nowhere", scratch / "tree/src/.#of_an_editor.cc");
    CHECK_THROWS_MATCHES(vixl_tree_adapter(scratch / "tree", tell_nobody), ToolError,
                         MessageMatches(ContainsSubstring("this is not VIXL")));
}
