// SPDX-License-Identifier: Apache-2.0
//
// Runs the assembler on all lines at once; lines that it rejects (it names their numbers) are
// replaced by a marker and the rest is assembled again.

#include "assembler.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <stdexcept>
#include <string_view>

namespace mtecheck::spec::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* architecture = "-march=armv8.8-a+memtag+sb+rcpc";

struct Scratch {
    fs::path dir;

    Scratch() : dir(fs::temp_directory_path() / ("mtecheck-spec-" + std::to_string(std::random_device{}()))) {
        fs::create_directories(dir);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(dir, ignored);
    }
};

int run(const std::string& command) { return std::system(command.c_str()); }

std::set<std::size_t> rejected_lines(const fs::path& log, const std::string& source) {
    std::set<std::size_t> lines;
    std::ifstream in(log);
    for (std::string text; std::getline(in, text);) {
        // FILE:LINE: Error: ...
        if (text.rfind(source + ":", 0) != 0 || text.find("Error:") == std::string::npos) continue;
        lines.insert(std::stoul(text.substr(source.size() + 1)));
    }
    return lines;
}

} // namespace

std::vector<std::optional<std::uint32_t>> assemble(const std::vector<std::string>& lines) {
    const Scratch scratch;
    const std::string source = (scratch.dir / "words.s").string();
    const std::string object = (scratch.dir / "words.o").string();
    const std::string binary = (scratch.dir / "words.bin").string();
    const std::string log = (scratch.dir / "log").string();
    const std::string command = std::string(MTECHECK_AARCH64_GCC) + " -c -x assembler " + architecture + " -o '" +
                                object + "' '" + source + "' 2>'" + log + "'";
    std::set<std::size_t> rejected;
    for (int attempt = 0; attempt < 2; ++attempt) {
        std::ofstream out(source);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            out << (rejected.count(i + 1) != 0 ? std::string(".inst 0") : lines[i]) << '\n';
        }
        out.close();
        if (run(command) == 0) break;
        if (attempt == 1) throw std::runtime_error("the assembler fails on lines that it accepted");
        rejected = rejected_lines(log, source);
        if (rejected.empty()) throw std::runtime_error("cannot run the assembler: " + command);
    }
    if (run(std::string(MTECHECK_AARCH64_OBJCOPY) + " -O binary -j .text '" + object + "' '" + binary + "'") != 0) {
        throw std::runtime_error("objcopy fails");
    }
    std::ifstream in(binary, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    if (bytes.size() != 4 * lines.size())
        throw std::runtime_error("the assembler made something else than one word a line");
    std::vector<std::optional<std::uint32_t>> words;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::uint32_t word = 0;
        for (unsigned b = 0; b < 4; ++b) {
            word |= std::uint32_t{static_cast<unsigned char>(bytes[4 * i + b])} << (8U * b);
        }
        words.push_back(rejected.count(i + 1) != 0 ? std::nullopt : std::optional(word));
    }
    return words;
}

} // namespace mtecheck::spec::test
