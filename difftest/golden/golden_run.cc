// SPDX-License-Identifier: Apache-2.0
//
// Running golden files on the judge.
#include "difftest/golden/golden_run.h"

#include <algorithm>

#include "difftest/core/directory_files.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

GoldenCounts& GoldenCounts::operator+=(const GoldenCounts& other) {
    cases += other.cases;
    agreed += other.agreed;
    by_choice += other.by_choice;
    diverged += other.diverged;
    return *this;
}

GoldenCounts run_golden(const std::filesystem::path& file, Judge& judge, const OnGoldenDivergence& on_divergence) {
    GoldenReader reader(read_file(file), file.string());
    GoldenCounts counts;
    GoldenCase golden;
    while (reader.next(golden)) {
        judge.load(golden.input.sequence);
        const Verdict verdict = judge.judge(golden.input.state, golden.outcome);
        ++counts.cases;
        if (verdict.agreed()) {
            ++counts.agreed;
            counts.by_choice += verdict.runs > 1 ? 1U : 0U;
        } else {
            ++counts.diverged;
            on_divergence(golden, verdict);
        }
    }
    return counts;
}

std::vector<std::filesystem::path> golden_files(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) return {path};
    return files_ending(path, ".golden.xz");
}

} // namespace mtecheck::difftest
