// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/launch.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "difftest/batch/process.h"
#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

namespace {

constexpr double kVersionSeconds = 30;
// Properties of the machine that are not the user's; nor is mte, which has an option.
struct Property {
    std::string_view name;
    std::string_view value;
};
constexpr Property kOwnMachine[] = {{"virtualization", "on"}, {"secure", "on"}, {"memory-backend", "ram"}};

std::string hexadecimal(std::uint64_t value) {
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 0xf];
    return text;
}

bool executable(const std::filesystem::path& path) {
    return std::filesystem::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> on_path(const QemuKind& kind) {
    const char* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        for (const std::string_view program : kind.programs) {
            const std::filesystem::path candidate = std::filesystem::path(rest.substr(0, end)) / program;
            if (executable(candidate)) return candidate.string();
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
}

/// Where the QEMU of another release is if it was installed.
std::optional<std::string> installed_program(const QemuKind& kind, const std::string& version) {
    const auto directory = installation_directory(std::string(kind.name) + ":" + version);
    if (!directory || !executable(*directory / kind.programs[0])) return std::nullopt;
    return (*directory / kind.programs[0]).string();
}

std::string find_program(const QemuKind& kind, const std::string& which) {
    if (which.find('/') != std::string::npos) {
        if (!executable(which)) throw TargetError(which + ": no executable file");
        return which;
    }
    const std::optional<std::string> of_machine = on_path(kind);
    if (which.empty()) {
        if (!of_machine)
            throw TargetError("no " + std::string(kind.programs[0]) + " on PATH: install the package " +
                              std::string(kind.package));
        return *of_machine;
    }
    if (const auto installed = installed_program(kind, which)) return *installed;
    if (of_machine && version_number(qemu_version(*of_machine)) == version_number("version " + which))
        return *of_machine;
    throw TargetError("QEMU " + which + " is neither installed nor on PATH: mtecheck targets install " +
                      std::string(kind.name) + ":" + which);
}

} // namespace

std::pair<int, int> version_number(const std::string& line) {
    const std::string_view word = "version ";
    const std::size_t at = line.find(word);
    if (at == std::string::npos) return {};
    char* end = nullptr;
    const long major = std::strtol(line.c_str() + at + word.size(), &end, 10);
    const long minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
    return {static_cast<int>(major), static_cast<int>(minor)};
}

QemuOptions parse_qemu_options(const std::string& spec, const QemuKind& kind) {
    QemuOptions options;
    options.spec = spec;
    std::string_view rest = spec;
    const std::string name(kind.name);
    const auto bad = [&](const std::string& what) { return InputError("target " + spec, "", what); };
    if (!rest.starts_with(kind.name)) throw bad("is not of the form " + name + "[:PATH|:VERSION][,OPTION=VALUE]");
    rest.remove_prefix(kind.name.size());

    std::string which;
    if (rest.starts_with(':')) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        which = rest.substr(1, end - 1);
        if (which.empty()) throw bad("needs a path or a version after ':'");
        rest.remove_prefix(end);
    }
    while (!rest.empty()) {
        if (rest[0] != ',') throw bad("needs ':' or ',' after " + name);
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string_view option = rest.substr(0, end);
        const std::size_t equals = std::min(option.find('='), option.size());
        const std::string_view key = option.substr(0, equals);
        const std::string value(option.substr(std::min(equals + 1, option.size())));
        if (key == "cpu" && !value.empty()) {
            options.cpu = value;
        } else if (key.starts_with("cpu.") && key != "cpu." && !value.empty()) {
            options.cpu_properties += "," + std::string(option.substr(std::strlen("cpu.")));
        } else if (kind.has_machine && key.starts_with("machine.") && key != "machine." && !value.empty()) {
            const std::string_view property = key.substr(std::strlen("machine."));
            const bool own = std::any_of(std::begin(kOwnMachine), std::end(kOwnMachine),
                                         [&](const Property& one) { return one.name == property; });
            if (own || property == "mte")
                throw bad("sets " + std::string(key) + ", which the monitor needs as it is" +
                          (property == "mte" ? ": use mte=on or mte=off" : ""));
            options.machine_properties += "," + std::string(option.substr(std::strlen("machine.")));
        } else if (kind.has_machine && key == "mte" && (value == "on" || value == "off")) {
            options.mte = value == "on";
        } else if (key == "timeout") {
            char* last = nullptr;
            options.case_seconds = std::strtod(value.c_str(), &last);
            if (*last != '\0' || !(options.case_seconds > 0 && options.case_seconds < 1e6))
                throw bad("timeout is a number of seconds");
        } else {
            throw bad("has an option that is not cpu=NAME, cpu.PROPERTY=VALUE, " +
                      std::string(kind.has_machine ? "machine.PROPERTY=VALUE, mte=on, mte=off " : "") +
                      "or timeout=SECONDS: " + std::string(option));
        }
        rest.remove_prefix(end);
    }
    options.program = find_program(kind, which);
    return options;
}

std::string qemu_version(const std::string& program) {
    Process process({program, "--version"}, {});
    if (!process.wait(kVersionSeconds)) throw TargetError(program + " --version does not end");
    const std::string output = process.output();
    if (process.exit_status() != 0)
        throw TargetError(program + " --version: " + process.how_it_ended() + ": " + output);
    std::string line = output.substr(0, output.find('\n'));
    if (line.find("QEMU") == std::string::npos && line.find("qemu") == std::string::npos)
        throw TargetError(program + " is not QEMU; --version says: " + line);
    return line;
}

// What the tests do not need costs time at every exception and in every translation.
std::string cpu_of(const QemuOptions& options, const std::string& version) {
    std::string cpu = options.cpu;
    if (cpu == "max") {
        cpu += ",pmu=off,sve=off";
        if (version_number(version) >= std::pair(7, 1)) cpu += ",sme=off";
    }
    return cpu + options.cpu_properties;
}

std::vector<std::string> qemu_command(const QemuOptions& options, const std::string& version,
                                      const std::string& memory_path) {
    std::string machine = "virt";
    for (const Property& one : kOwnMachine) machine += "," + std::string(one.name) + "=" + std::string(one.value);
    machine += std::string(",mte=") + (options.mte ? "on" : "off") + options.machine_properties;
    const std::string bytes = std::to_string(WIRE_RAM_BYTES);
    const std::string entry = hexadecimal(WIRE_MONITOR_PA);
    return {options.program,
            "-nodefaults",
            "-no-user-config",
            "-machine",
            machine,
            "-object",
            "memory-backend-file,share=on,mem-path=" + memory_path + ",size=" + bytes + ",id=ram",
            "-m",
            std::to_string(WIRE_RAM_BYTES >> 20),
            "-cpu",
            cpu_of(options, version),
            "-display",
            "none",
            "-accel",
            "tcg,thread=single,tb-size=8",
            "-semihosting-config",
            "enable=on,target=native",
            "-device",
            "loader,addr=" + entry + ",cpu-num=0"};
}

} // namespace mtecheck::difftest
