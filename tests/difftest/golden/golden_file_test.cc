// SPDX-License-Identifier: Apache-2.0
//
// The golden file format: exact round trip, and complaints for everything damaged.
#include "difftest/golden/golden_file.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/golden/xz.h"
#include "tests/difftest/core/samples.h"

using namespace mtecheck::difftest;

namespace {

GoldenCase sample(std::uint32_t number) {
    GoldenCase golden;
    golden.number = number;
    golden.input = test::full_case();
    golden.input.id = "94-sample-000" + std::to_string(number);
    golden.input.sequence.layout = LayoutId::golden;
    golden.stored_x = 0x40000007;
    for (unsigned n = 0; n < 31; ++n) {
        if ((golden.stored_x >> n & 1U) == 0) golden.input.state.x[n] = noise(number, n);
    }
    golden.input.sequence.configuration.elr = {}; // no golden vector returns from an exception
    golden.input.sequence.configuration.spsr = {};
    const State& state = golden.input.state;
    Outcome& outcome = golden.outcome;
    outcome.x = state.x;
    outcome.x[1] = 42;
    outcome.sp = state.sp;
    outcome.sp[2] += 16;
    outcome.gcr_el1 = state.gcr_el1;
    outcome.rgsr_el1 = 7;
    outcome.tfsre0_el1 = state.tfsre0_el1;
    outcome.tfsr = state.tfsr;
    outcome.v = state.v;
    outcome.v[31].high = 1;
    outcome.windows = state.windows;
    outcome.windows[2].data[255] ^= 1U;
    outcome.pstate = 0x62000004;
    outcome.pc = golden.input.sequence.pc + 4;
    golden.written = {{2, 255, 1}, {3, 0, 256}};
    golden.written_tags.assign(kMaxWindows, 0);
    golden.written_tags[7] = 0x8001;
    outcome.windows[7].tags ^= 0xf000000000000001;
    return golden;
}

GoldenCase sample_with_exception(std::uint32_t number) {
    GoldenCase golden = sample(number);
    golden.outcome.status = Status::exception;
    golden.outcome.exception = {1, 0x400, 0x92000051, 0x200000000213990, 0x2012a0, 0xc04003c0};
    golden.outcome.pc = 0;
    return golden;
}

/// Reads all records; false if that ends in an InputError.
bool readable(const std::string& packed) {
    try {
        GoldenReader reader(packed, "damaged");
        GoldenCase golden;
        while (reader.next(golden)) {
        }
    } catch (const InputError&) {
        return false;
    }
    return true;
}

} // namespace

TEST_CASE("golden records survive their file exactly", "[golden]") {
    const std::vector<GoldenCase> records{sample(1), sample_with_exception(2), sample(5)};
    GoldenReader reader(write_golden("94-sample-", records), "sample");
    REQUIRE(reader.count() == 3);
    GoldenCase back;
    for (const auto& record : records) {
        REQUIRE(reader.next(back));
        CHECK(back.input.id == record.input.id);
        CHECK(back.input.sequence == record.input.sequence);
        CHECK(back.input.state == record.input.state);
        CHECK(test::same(back.outcome, record.outcome));
        CHECK(back.written == record.written);
        CHECK(back.written_tags == record.written_tags);
    }
    CHECK_FALSE(reader.next(back));
}

TEST_CASE("damaged golden files are refused", "[golden][hostile]") {
    const std::string packed = write_golden("94-sample-", {sample(1), sample_with_exception(2)});
    const std::string plain = xz_decompress(packed, "sample");
    REQUIRE(readable(packed));
    CHECK_FALSE(readable(""));
    CHECK_FALSE(readable("MTEGOLD1"));
    for (std::size_t size = 0; size < packed.size(); size += 7) CHECK_FALSE(readable(packed.substr(0, size)));
    for (std::size_t size = 0; size < plain.size(); size += 13) CHECK_FALSE(readable(xz_store(plain.substr(0, size))));
    CHECK_FALSE(readable(xz_store(plain + "x")));
    for (std::size_t at = 0; at < std::min<std::size_t>(plain.size(), 2000); ++at) {
        std::string mutated = plain;
        mutated[at] = static_cast<char>(mutated[at] ^ 0x81);
        static_cast<void>(readable(xz_store(mutated))); // may still be a file; must not crash
    }
}

TEST_CASE("an xz bomb is refused", "[golden][hostile]") {
    CHECK_THROWS_AS(xz_decompress(xz_compress(std::string(1U << 20U, 'x')), "bomb", 1000), InputError);
}
