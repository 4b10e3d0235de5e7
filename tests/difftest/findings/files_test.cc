// SPDX-License-Identifier: Apache-2.0
//
// Durable writes: complete or absent, also when there is no room.
#include "difftest/findings/files.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <csignal>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

TEST_CASE("a durable write replaces the file and leaves nothing else behind") {
    const auto directory = scratch_directory("durable");
    write_durably(directory / "file", "one");
    write_durably(directory / "file", "two");
    CHECK(read_file(directory / "file") == "two");
    CHECK(std::distance(std::filesystem::directory_iterator(directory), {}) == 1);
}

TEST_CASE("without room a durable write leaves the old file and says which one could not be written") {
    const auto directory = scratch_directory("no-room");
    write_durably(directory / "file", "old");
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            write_durably(directory / "file", std::string(5000, 'x'));
        } catch (const ToolError& error) {
            const std::string text = error.what();
            ::_exit(text.find("file") != std::string::npos && text.find("make room") != std::string::npos ? 0 : 1);
        }
        ::_exit(2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(read_file(directory / "file") == "old");
    CHECK(std::distance(std::filesystem::directory_iterator(directory), {}) == 1);
}

TEST_CASE("a directory is locked by one owner at a time") {
    const auto directory = scratch_directory("lock");
    {
        const DirectoryLock lock(directory);
        CHECK_THROWS_AS(DirectoryLock(directory), InputError);
    }
    CHECK_NOTHROW(DirectoryLock(directory));
}

} // namespace
} // namespace mtecheck::difftest
