// SPDX-License-Identifier: Apache-2.0
//
// unsteady FILE LEAST COMMAND [ARGUMENT...]: a connection that is cut. Passes on what COMMAND prints, and ends, with
// it, after some bytes more than LEAST: how many is drawn from the number in FILE, which counts how often this was
// started.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    std::uint64_t count = 0;
    std::ifstream(argv[1]) >> count;
    std::ofstream(argv[1]) << count + 1;
    std::uint64_t drawn = (count + 1) * 0x9e3779b97f4a7c15U;
    drawn ^= drawn >> 29U;
    std::uint64_t left = std::strtoull(argv[2], nullptr, 10) * (8 + drawn % 64) / 8;
    int ends[2];
    if (::pipe(ends) != 0) return 2;
    const pid_t child = ::fork();
    if (child < 0) return 2;
    if (child == 0) {
        ::dup2(ends[1], 1);
        ::close(ends[0]);
        ::close(ends[1]);
        ::execvp(argv[3], argv + 3);
        ::_exit(127);
    }
    ::close(ends[1]);
    char buffer[4096];
    while (left != 0) {
        const ssize_t got = ::read(ends[0], buffer, std::min<std::uint64_t>(sizeof(buffer), left));
        if (got <= 0 || ::write(1, buffer, static_cast<std::size_t>(got)) != got) break;
        left -= static_cast<std::uint64_t>(got);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return 1;
}
