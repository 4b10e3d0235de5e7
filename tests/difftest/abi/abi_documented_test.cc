// SPDX-License-Identifier: Apache-2.0
//
// What docs/findings/qemu-user-abi.c says of each QEMU that is installed is what the table beside it says, and what
// corpus/abi-defects says of these versions.
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <sys/wait.h>

#include "difftest/abi/abi_defects.h"
#include "difftest/core/error.h"
#include "difftest/qemu/launch.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

using namespace mtecheck::difftest;

namespace {

constexpr std::array<const char*, 3> kVersions = {"7.2", "10.0", "11.1"};
const std::string kPrefix = "qemu-user-abi-";

using Names = std::set<std::string>;

Names known_of(const std::string& version) {
    Names names;
    for (const AbiDefect& defect : read_abi_defects(mtecheck::places::source() + "/corpus/abi-defects")) {
        for (const std::string& pattern : defect.versions) {
            if (defect.id.starts_with(kPrefix) && pattern.ends_with(" " + version + ".*"))
                names.insert(defect.id.substr(kPrefix.size()));
        }
    }
    return names;
}

/// Rows of the form | [name](#name) | WRONG | ok | WRONG |
Names documented_of(std::size_t version) {
    static const std::regex kRow(R"(^\| \[([a-z0-9-]+)\]\(#\1\) \| (\w+) \| (\w+) \| (\w+) \|$)");
    Names names;
    std::ifstream in(mtecheck::places::source() + "/docs/findings/qemu-user-abi.md");
    for (std::string line; std::getline(in, line);) {
        std::smatch match;
        if (std::regex_match(line, match, kRow) && match[version + 2] == "WRONG") names.insert(match[1]);
    }
    return names;
}

int exit_status(const std::string& command) {
    const int status = std::system(command.c_str()); // NOLINT(concurrency-mt-unsafe): nobody else is here
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What the program prints: "ok    name" or "WRONG name", for each test.
Names wrong_of(const std::string& qemu) {
    const auto output = scratch_directory("abi-documented") / "output";
    const std::string command = "'" + qemu + "' -cpu max " MTECHECK_QEMU_USER_ABI " '" + qemu + "' -cpu max > '" +
                                output.string() + "' 2> /dev/null";
    CHECK(exit_status(command) == 1);
    Names names;
    std::ifstream in(output);
    std::string said, name;
    unsigned tests = 0;
    for (; in >> said >> name; ++tests) {
        if (said == "WRONG") names.insert(name);
    }
    CHECK(tests == 23);
    return names;
}

} // namespace

TEST_CASE("what is documented of user mode and the Linux ABI is what its reproducer shows") {
    unsigned installed = 0;
    for (std::size_t n = 0; n < kVersions.size(); ++n) {
        const std::string version = kVersions.at(n);
        INFO(version);
        CHECK(documented_of(n) == known_of(version));
        std::string program;
        try {
            program = parse_qemu_options("qemu-user:" + version, kQemuUser).program;
        } catch (const TargetError&) {
            continue;
        }
        ++installed;
        CHECK(wrong_of(program) == known_of(version));
        CHECK(exit_status("'" + program + "' -cpu cortex-a57 " MTECHECK_QEMU_USER_ABI " > /dev/null") == 2);
    }
    if (installed == 0) SKIP("no qemu-user is installed: mtecheck targets install qemu-user:10.0");
}
