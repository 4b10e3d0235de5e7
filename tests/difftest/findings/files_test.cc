// SPDX-License-Identifier: Apache-2.0
//
// Durable writes: complete or absent, also when there is no room.
#include "difftest/findings/files.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

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

TEST_CASE("what a killed writer left behind is used again") {
    const auto directory = scratch_directory("left-behind");
    std::ofstream(directory / "file.tmp") << "longer than what is written next";
    write_durably(directory / "file", "one");
    CHECK(read_file(directory / "file") == "one");
    CHECK(std::distance(std::filesystem::directory_iterator(directory), {}) == 1);
}

TEST_CASE("a file that several write at once is always that of one of them") {
    const auto directory = scratch_directory("several");
    const auto text = [](unsigned writer) { return std::string(1000 * (writer + 1), static_cast<char>('a' + writer)); };
    const auto is_whole = [&](const std::string& found) {
        return !found.empty() && found == text(static_cast<unsigned>(found[0] - 'a'));
    };
    write_durably(directory / "file", text(0));
    std::atomic<unsigned> torn = 0;
    {
        std::vector<std::jthread> writers;
        for (unsigned writer = 0; writer < 4; ++writer) {
            writers.emplace_back([&, writer] {
                for (unsigned i = 0; i < 20; ++i) {
                    write_durably(directory / "file", text(writer));
                    if (!is_whole(read_file(directory / "file"))) ++torn;
                }
            });
        }
    }
    CHECK(torn == 0);
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
