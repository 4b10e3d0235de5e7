// SPDX-License-Identifier: Apache-2.0
//
// Reproducers, assembled and run by the commands in their own comments.
#pragma once

#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "difftest/campaign/campaign.h"
#include "difftest/core/error.h"
#include "difftest/reproduce/reproduce.h"

namespace mtecheck::difftest {

struct Ran {
    int status = -1;
    std::string output; // of QEMU, and what assembler and linker have to say
};

/// The commands in the comments of a reproducer; `program` in the place of QEMU.
inline std::vector<std::string> commands_of(const std::string& text, const std::string& program) {
    std::vector<std::string> commands;
    std::istringstream in(text);
    bool begun = false;
    bool continued = false;
    for (std::string line; std::getline(in, line);) {
        begun = begun || line == "// To assemble and to run it:";
        if (!begun || !line.starts_with("//     ")) {
            if (begun && line == "//") break;
            continue;
        }
        std::string command = line.substr(line.find_first_not_of("/ "));
        if (command.starts_with("qemu-")) command = program + command.substr(command.find(' '));
        const bool more = command.ends_with('\\');
        if (more) command.pop_back();
        if (continued) {
            commands.back() += command;
        } else {
            commands.push_back(command);
        }
        continued = more;
    }
    return commands;
}

/// Assembles, links and runs it, by these.
inline Ran assemble_and_run(const std::filesystem::path& directory, const std::string& name, const std::string& text,
                            const std::string& program) {
    std::ofstream(directory / (name + ".s")) << text;
    const auto output = directory / "output";
    Ran ran;
    const std::vector<std::string> commands = commands_of(text, program);
    REQUIRE(commands.size() == 3); // as, ld, qemu
    for (const std::string& command : commands) {
        const std::string shell = "cd '" + directory.string() + "' && " +
                                  (&command == &commands.back() ? "timeout 60 " : "") + command + " > '" +
                                  output.string() + "' 2>&1";
        const int status = std::system(shell.c_str()); // NOLINT(concurrency-mt-unsafe): nobody else is here
        std::ifstream in(output);
        std::ostringstream all;
        all << in.rdbuf();
        ran = {WIFEXITED(status) ? WEXITSTATUS(status) : -1, all.str()};
        if (&command != &commands.back()) {
            INFO(name << ": " << ran.output);
            REQUIRE(ran.status == 0);
        }
    }
    return ran;
}

/// That the reproducer of a finding of this campaign shows it. Where the architecture allows several outcomes, what
/// differs may be in each of them, but for one: false if it is refused for that.
inline bool check_shown(const Finding& finding, const std::string& name, const Campaign& campaign,
                        const std::filesystem::path& directory, const std::string& program) {
    INFO(finding.original.id << " " << to_string(finding.signature));
    std::string text;
    try {
        text = reproducer(finding, name, true, campaign.profile(), campaign.defects());
    } catch (const InputError& refused) {
        CHECK(std::string(refused.what()).find("no single check tells") != std::string::npos);
        return false;
    }
    const Ran ran = assemble_and_run(directory, name, text, program);
    INFO(ran.output);
    CHECK(ran.status == 1);
    CHECK(ran.output.find(": expected 0x") != std::string::npos);
    return true;
}

} // namespace mtecheck::difftest
