// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, reading a stored report as a column of a matrix, joined with itself and with a target that did
// not run, either works or throws InputError.
#include "difftest/matrix/matrix.h"

#include <nlohmann/json.hpp>

#include "tests/difftest/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    fuzz_document(data, size, [](const JsonPlace& place) {
        const MatrixColumn column = column_of(place, "report.json", "findings", Waivers());
        const Matrix matrix = join_columns({column, column_without("other", "does not start"), column});
        to_json(matrix);
        to_markdown(matrix);
        to_text(matrix);
    });
    return 0;
}
