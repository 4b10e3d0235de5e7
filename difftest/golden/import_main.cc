// SPDX-License-Identifier: Apache-2.0
//
// mtecheck-golden-import: converts the original vectors into the golden corpus. Run by hand, once; what it wrote is
// read back and compared before it is kept.
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/golden/import.h"
#include "difftest/golden/xz.h"

namespace mtecheck::difftest {
namespace {

void convert(const std::filesystem::path& from, const std::filesystem::path& directory) {
    std::string prefix;
    const auto records = import_vectors(xz_decompress(read_file(from), from.string()), from.string(), prefix);
    const std::string packed = write_golden(prefix, records);

    GoldenReader reader(packed, from.string());
    GoldenCase back;
    for (const auto& record : records) {
        const bool same = reader.next(back) && to_json(back.input) == to_json(record.input) &&
                          to_json(back.outcome) == to_json(record.outcome) && back.written == record.written &&
                          back.written_tags == record.written_tags;
        if (!same) throw ToolError(from.string() + ": " + record.input.id + " does not survive the conversion");
    }

    const auto to = directory / (from.filename().string().substr(0, from.filename().string().find('.')) + ".golden.xz");
    std::ofstream out(to, std::ios::binary | std::ios::trunc);
    out << packed << std::flush;
    if (!out) throw ToolError("cannot write " + to.string());
    std::cout << to.string() << ": " << records.size() << " cases, " << packed.size() << " bytes\n";
}

} // namespace
} // namespace mtecheck::difftest

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: mtecheck-golden-import DIRECTORY VECTORS.jsonl.xz...\n";
        return 2;
    }
    try {
        for (int i = 2; i < argc; ++i) mtecheck::difftest::convert(argv[i], argv[1]);
    } catch (const std::exception& error) {
        std::cerr << "mtecheck-golden-import: " << error.what() << "\n";
        return 2;
    }
    return 0;
}
