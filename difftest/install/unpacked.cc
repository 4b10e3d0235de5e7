// SPDX-License-Identifier: Apache-2.0
#include "difftest/install/unpacked.h"

#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

#include <elf.h>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostProgramBytes = std::uint64_t{1} << 30;
constexpr int kMostLinks = 40; // as many as Linux follows

/// Where a path of the tree's own system leads, below `tree`: an absolute link in it means the tree, not the machine.
std::optional<fs::path> resolve(const fs::path& tree, fs::path path) {
    for (int links = 0; links < kMostLinks; ++links) {
        fs::path seen;
        bool again = false;
        path = path.lexically_normal();
        for (auto part = path.begin(); part != path.end() && !again; ++part) {
            seen /= *part;
            const fs::path here = tree / seen.relative_path();
            std::error_code error;
            if (!fs::is_symlink(here, error)) continue;
            fs::path to = fs::read_symlink(here, error);
            if (error) return std::nullopt;
            if (to.is_relative()) to = seen.parent_path() / to;
            for (auto rest = std::next(part); rest != path.end(); ++rest) to /= *rest;
            path = to;
            again = true;
        }
        if (again) continue;
        std::error_code error;
        if (!fs::exists(tree / path.relative_path(), error)) return std::nullopt;
        return path;
    }
    return std::nullopt;
}

/// The loader that a dynamic program names, of a 64-bit machine of this one's byte order; nothing for a static one.
std::optional<std::string> interpreter(const std::string& program) {
    Elf64_Ehdr header{};
    if (program.size() < sizeof(header) || !program.starts_with(ELFMAG)) return std::nullopt;
    std::memcpy(&header, program.data(), sizeof(header));
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const std::size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
        Elf64_Phdr segment{};
        if (header.e_ident[EI_CLASS] != ELFCLASS64 || at > program.size() - sizeof(segment)) break;
        std::memcpy(&segment, program.data() + at, sizeof(segment));
        if (segment.p_type != PT_INTERP || segment.p_offset >= program.size()) continue;
        return std::string(program.c_str() + segment.p_offset);
    }
    return std::nullopt;
}

/// The directories of libraries, of the one architecture that was unpacked: lib/TRIPLET and usr/lib/TRIPLET.
std::vector<fs::path> library_directories(const fs::path& tree) {
    std::vector<fs::path> directories;
    for (const char* const place : {"lib", "usr/lib"}) {
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator(tree / place, error)) {
            if (entry.path().filename().string().find("-linux-gnu") != std::string::npos)
                directories.push_back(fs::path(place) / entry.path().filename());
        }
    }
    return directories;
}

/// Modules that a QEMU does not find in QEMU_MODULE_DIR it takes from the directory that it was built for: that of the
/// machine's own QEMU of another version, over which it stumbles. So that path becomes one, of the same length, where
/// nothing is.
void hide_module_directory(const fs::path& program, std::string& bytes, const std::string& directory) {
    std::string nowhere = directory;
    nowhere.replace(0, std::strlen("/usr"), "/nil");
    bool changed = false;
    for (std::size_t at = 0; (at = bytes.find(directory, at)) != std::string::npos; at += directory.size()) {
        bytes.replace(at, directory.size(), nowhere);
        changed = true;
    }
    if (!changed) return;
    const fs::perms permissions = fs::status(program).permissions();
    write_durably(program, bytes);
    fs::permissions(program, permissions);
}

} // namespace

std::string make_launcher(const fs::path& tree, const std::string& program) {
    const fs::path path = fs::path("usr/bin") / program;
    if (!fs::is_regular_file(tree / path)) throw ToolError("the packages have no /" + path.string());
    std::string bytes = read_file(tree / path, kMostProgramBytes);
    const std::vector<fs::path> libraries = library_directories(tree);
    std::string search;
    std::string modules;
    for (const fs::path& directory : libraries) {
        search += (search.empty() ? "" : ":") + ("$here/tree/" + directory.string());
        const fs::path qemu = directory / "qemu";
        if (directory.string().starts_with("usr/")) {
            hide_module_directory(tree / path, bytes, "/" + qemu.string());
            modules = "export QEMU_MODULE_DIR=\"$here/tree/" + qemu.string() + "\"\n";
        }
    }
    std::string loader;
    if (const auto wanted = interpreter(bytes)) {
        // Where /lib is a link to /usr/lib, the link is not in a package that a program needs.
        auto found = resolve(tree, *wanted);
        if (!found) found = resolve(tree, "/usr" + *wanted);
        if (!found) throw ToolError("the packages have no " + *wanted);
        loader = "\"$here/tree" + found->string() + "\" --inhibit-cache --library-path \"" + search + "\" ";
    }
    const std::string data = fs::is_directory(tree / "usr/share/qemu") && program.starts_with("qemu-system")
                                 ? "-L \"$here/tree/usr/share/qemu\" "
                                 : "";
    return "#!/bin/sh\n# Runs the program in tree/ with its own loader, libraries, modules and data.\n"
           "here=$(dirname \"$(readlink -f \"$0\")\")\n" +
           modules + "exec " + loader + "\"$here/tree/" + path.string() + "\" " + data + "\"$@\"\n";
}

} // namespace mtecheck::difftest
