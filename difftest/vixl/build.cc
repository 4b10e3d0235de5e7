// SPDX-License-Identifier: Apache-2.0
#include "difftest/vixl/build.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <system_error>
#include <thread>

#include "difftest/batch/process.h"
#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/core/json_reader.h"
#include "difftest/findings/files.h"
#include "difftest/vixl/adapter_source.h"

namespace mtecheck::difftest {

namespace {

namespace fs = std::filesystem;

constexpr double kCompileSeconds = 1800; // for one file
constexpr const char* kSimulator = "aarch64/simulator-aarch64.h";

std::string adapter_text() {
    const auto source = vixl_adapter_source();
    return {reinterpret_cast<const char*>(source.data()), source.size()};
}

/// As make reads it: a program and its first arguments, such as "ccache g++".
std::vector<std::string> compiler() {
    const char* const named = std::getenv("CXX");
    std::istringstream words(named != nullptr ? named : "");
    std::vector<std::string> command;
    for (std::string word; words >> word;) command.push_back(word);
    if (command.empty()) command.emplace_back("c++");
    return command;
}

/// The beginning of every command. VIXL's headers have warnings of their own.
std::vector<std::string> compile_command(const VixlLibrary& library) {
    std::vector<std::string> command = compiler();
    command.insert(command.end(), {"-std=gnu++17", "-O2", "-w", "-fno-builtin-printf"});
    command.insert(command.end(), library.definitions.begin(), library.definitions.end());
    command.push_back("-I" + library.headers.string());
    return command;
}

/// Throws ToolError that says what the compiler says first.
void finish(Process& process, const std::string& what) {
    if (process.wait(kCompileSeconds) && process.exit_status() == 0) return;
    process.kill();
    if (process.exit_status() == 127)
        throw ToolError("cannot compile " + what + ": there is no C++ compiler " + compiler().front() +
                        " (CXX names another)");
    std::istringstream lines(process.output(1 << 20));
    std::string complaint = process.how_it_ended();
    for (std::string line; std::getline(lines, line);) {
        if (line.find("error") == std::string::npos && line.find("undefined") == std::string::npos) continue;
        complaint = line;
        break;
    }
    throw ToolError("cannot compile " + what + ": " + complaint);
}

std::vector<fs::path> sources_of(const fs::path& tree) {
    std::vector<fs::path> sources;
    for (const fs::path& directory : {tree / "src", tree / "src/aarch64"}) {
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
            const std::string end = entry.path().extension().string();
            // Editors leave links that lead nowhere beside a file: ".#simulator-aarch64.cc".
            std::error_code no_file;
            if ((end == ".cc" || end == ".h") && entry.is_regular_file(no_file)) sources.push_back(entry.path());
        }
    }
    std::sort(sources.begin(), sources.end());
    return sources;
}

/// Of what an adapter for the tree is made of: another name for other sources.
std::string fingerprint(const std::vector<fs::path>& sources) {
    Hash hash;
    hash.add(adapter_text());
    for (const std::string& word : compiler()) hash.add(word);
    for (const fs::path& source : sources) {
        hash.add(source.string());
        hash.add(std::to_string(fs::file_size(source)));
        hash.add(std::to_string(fs::last_write_time(source).time_since_epoch().count()));
    }
    return hex_text(hash.value(), 16).substr(2);
}

/// Compiles VIXL's own files, as many at a time as there are processors.
void compile_objects(VixlLibrary& library, const std::vector<fs::path>& sources, const fs::path& directory) {
    std::vector<std::pair<std::unique_ptr<Process>, std::string>> running;
    const std::size_t at_once = std::max(1U, std::thread::hardware_concurrency());
    const auto finish_first = [&] {
        finish(*running.front().first, running.front().second);
        running.erase(running.begin());
    };
    for (const fs::path& source : sources) {
        if (source.extension() != ".cc") continue;
        if (running.size() >= at_once) finish_first();
        const fs::path object = directory / (source.stem().string() + ".o");
        std::vector<std::string> command = compile_command(library);
        command.insert(command.end(), {"-c", source.string(), "-o", object.string()});
        running.emplace_back(std::make_unique<Process>(command, std::span<const int>{}), source.string());
        library.parts.push_back(object);
    }
    while (!running.empty()) finish_first();
}

} // namespace

std::string vixl_adapter_hash() {
    Hash hash;
    hash.add(adapter_text());
    return hex_text(hash.value(), 16);
}

VixlLibrary packaged_vixl(const fs::path& tree, const std::string& release) {
    VixlLibrary library{.headers = tree / "usr/include/vixl", .definitions = {}, .parts = {}, .release = release};
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(tree / "usr/lib", error)) {
        const fs::path description = entry.path() / "pkgconfig/vixl.pc";
        if (!fs::exists(description)) continue;
        library.parts.push_back(entry.path() / "libvixl.so");
        std::istringstream words(read_file(description.string()));
        for (std::string word; words >> word;) {
            if (word.starts_with("-D")) library.definitions.push_back(word);
        }
    }
    if (library.parts.empty()) throw ToolError("the packages have no VIXL: there is no vixl.pc below " + tree.string());
    if (std::find(library.definitions.begin(), library.definitions.end(), "-DVIXL_INCLUDE_SIMULATOR_AARCH64") ==
        library.definitions.end())
        throw ToolError("VIXL " + release + " was built without its simulator");
    return library;
}

void build_vixl_adapter(const VixlLibrary& library, const fs::path& program) {
    const fs::path source = program.string() + ".cc";
    write_durably(source, adapter_text());
    std::vector<std::string> command = compile_command(library);
    command.insert(command.end(), {"-DVIXL_RELEASE=\"" + library.release + "\"", source.string()});
    for (const fs::path& part : library.parts) command.push_back(part.string());
    // The library's own needs are met where it runs, which may be on a newer C library than the machine's.
    command.insert(command.end(), {"-Wl,--allow-shlib-undefined", "-pthread", "-o", program.string()});
    Process process(command, {});
    finish(process, "the adapter to VIXL");
    std::error_code error;
    fs::remove(source, error);
}

fs::path vixl_tree_adapter(const fs::path& tree, const std::function<void(const std::string&)>& tell) {
    std::error_code error;
    const fs::path root = fs::canonical(tree, error);
    if (error || !fs::exists(root / "src" / kSimulator))
        throw InputError("target vixl:" + tree.string(), "",
                         "is no source tree of VIXL: it has no src/" + std::string(kSimulator));
    const std::vector<fs::path> sources = sources_of(root);
    const std::string name = fingerprint(sources);
    const auto place = installation_directory("vixl-tree-" + name);
    if (!place) throw ToolError("neither XDG_CACHE_HOME nor HOME says where to keep the adapter to VIXL");
    const fs::path program = *place / kVixlAdapter;
    if (fs::exists(program)) return program;

    make_directory(*place);
    const WaitingLock lock(*place / "lock");
    if (fs::exists(program)) return program; // another process has compiled it meanwhile
    const fs::path objects = *place / "objects";
    make_directory(objects);
    tell("compiling VIXL of " + root.string() + ", which takes minutes, once");
    VixlLibrary library{
        .headers = root / "src",
        .definitions = {"-DVIXL_INCLUDE_TARGET_A64", "-DVIXL_INCLUDE_SIMULATOR_AARCH64", "-DVIXL_CODE_BUFFER_MMAP"},
        .parts = {},
        .release = "tree " + name};
    compile_objects(library, sources, objects);
    build_vixl_adapter(library, objects / kVixlAdapter);
    fs::rename(objects / kVixlAdapter, program);
    fs::remove_all(objects, error);
    return program;
}

} // namespace mtecheck::difftest
