// SPDX-License-Identifier: Apache-2.0
//
// Patterns, decoder, encoder and class structs agree with each other.

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "spec/disassemble.h"
#include "spec/encode.h"
#include "spec/gen/isa.h"
#include "spec/gen/isa_classes.h"
#include "words.h"

namespace mtecheck::spec {
namespace {

std::optional<Encoding> decode_by_search(std::uint32_t word) {
    for (const EncodingInfo& row : encodings()) {
        if ((word & row.mask) == row.value) return row.encoding;
    }
    return std::nullopt;
}

TEST_CASE("rows are in the order of the enumeration and are found by id") {
    for (std::size_t i = 0; i < encoding_count; ++i) {
        const EncodingInfo& row = encodings()[i];
        CAPTURE(row.id);
        CHECK(static_cast<std::size_t>(row.encoding) == i);
        CHECK(find_encoding(row.id) == row.encoding);
    }
    CHECK(encodings().size() == encoding_count);
    CHECK_FALSE(find_encoding("NO_SUCH_ROW").has_value());
    CHECK_FALSE(find_encoding("").has_value());
}

TEST_CASE("no word matches two patterns") {
    for (const EncodingInfo& a : encodings()) {
        for (const EncodingInfo& b : encodings()) {
            if (a.encoding == b.encoding) continue;
            if (((a.value ^ b.value) & a.mask & b.mask) == 0U) FAIL(a.id << " and " << b.id);
        }
    }
}

TEST_CASE("the decoder finds what a search of the whole table finds") {
    test::Words words(1);
    for (const EncodingInfo& row : encodings()) {
        CAPTURE(row.id);
        for (int i = 0; i < 200; ++i) {
            const std::uint32_t word = words.of(row);
            if (decode(word) != row.encoding) FAIL("decoded to something else: " << word);
            // A neighbour differs in one bit and mostly belongs to another row or to none.
            const std::uint32_t neighbour = word ^ (1U << (words.any() % 32U));
            if (decode(neighbour) != decode_by_search(neighbour)) FAIL("a neighbour differs: " << neighbour);
        }
    }
    for (int i = 0; i < 100'000; ++i) {
        const std::uint32_t word = words.any();
        if (decode(word) != decode_by_search(word)) FAIL("differs: " << word);
    }
}

TEST_CASE("encoding the operand values of a word gives the word back") {
    test::Words words(2);
    for (const EncodingInfo& row : encodings()) {
        CAPTURE(row.id);
        for (int i = 0; i < 200; ++i) {
            const std::uint32_t word = words.of(row);
            std::vector<FieldValue> values;
            for (const FieldInfo& field : row.fields) {
                const std::int64_t value = field_value(field, word);
                if (value < min_value(field) || value > max_value(field)) FAIL("out of range: " << field.name);
                values.push_back({field.name, value});
            }
            if (encode(row.encoding, values) != word) FAIL("encodes to something else: " << word);
        }
    }
}

TEST_CASE("the encoder refuses what a field cannot hold") {
    const auto stg = [](std::int64_t offset) {
        const FieldValue values[] = {{"Xt", 3}, {"Xn", 31}, {"imm9", offset}};
        return encode(Encoding::STG_off, values);
    };
    CHECK(stg(0) == 0xD9200BE3U);
    CHECK(stg(-4096) == 0xD9300BE3U);
    CHECK(stg(4080) == 0xD92FFBE3U);
    CHECK_THROWS_AS(stg(4096), EncodeError);
    CHECK_THROWS_AS(stg(-4112), EncodeError);
    CHECK_THROWS_AS(stg(8), EncodeError);
    const FieldValue unknown[] = {{"imm12", 0}};
    CHECK_THROWS_AS(encode(Encoding::STG_off, unknown), EncodeError);
    const FieldValue big[] = {{"Xt", 32}};
    CHECK_THROWS_AS(encode(Encoding::STG_off, big), EncodeError);
    const FieldValue negative[] = {{"Xt", -1}};
    CHECK_THROWS_AS(encode(Encoding::STG_off, negative), EncodeError);
}

TEST_CASE("dispatch builds the class of the row") {
    for (const EncodingInfo& row : encodings()) {
        CAPTURE(row.id);
        const auto built = dispatch(row.encoding, Word{row.value},
                                    [](auto instruction) { return decltype(instruction)::instruction_class; });
        CHECK(built == row.instruction_class);
    }
}

TEST_CASE("class structs carry arguments and read fields") {
    const auto is_pre_index = [](auto instruction) {
        if constexpr (requires { instruction.writeback && !instruction.postindex; }) {
            return instruction.writeback && !instruction.postindex;
        } else {
            return false;
        }
    };
    CHECK(dispatch(Encoding::STGP_pre, Word{0}, is_pre_index));
    CHECK_FALSE(dispatch(Encoding::STGP_post, Word{0}, is_pre_index));
    CHECK_FALSE(dispatch(Encoding::LDG, Word{0}, is_pre_index));

    constexpr LoadStoreImmediate<Word> load{Word{0xF8410C41U}, MemOp::LOAD, false, 3, 64, false, true, false};
    STATIC_REQUIRE(load.Rt() == 1);
    STATIC_REQUIRE(load.Rn() == 2);
    STATIC_REQUIRE(load.imm9() == 0x10);
}

TEST_CASE("operands with which a row is UNDEFINED") {
    const auto undefined = [](std::uint32_t word) { return is_undefined(decode(word).value(), word); };
    CHECK(undefined(0xD9201000U));       // STZGM with imm9 = 1
    CHECK_FALSE(undefined(0xD9200000U)); // STZGM
    CHECK(undefined(0xF8620820U));       // LDR x0, [x1, x2] with option<1> = 0
    CHECK_FALSE(undefined(0xF8626820U));
    CHECK(undefined(0x48217C42U)); // CASP with odd Rs
    CHECK_FALSE(undefined(0x48207C42U));
    CHECK(undefined(0x0C400C00U | (4U << 13U))); // LD2 {v.1d, v.1d}
    CHECK(undefined(0x9240FC00U));               // AND x0, x0 with N = 1, imms = 63
    CHECK_FALSE(undefined(0x9240F800U));
}

TEST_CASE("operands with which a row is CONSTRAINED UNPREDICTABLE") {
    const auto kind = [](std::uint32_t word) { return constrained_unpredictable(decode(word).value(), word); };
    CHECK(kind(0x91804000U) == DontCare::AddTagReservedField);
    CHECK(kind(0x91800000U) == std::nullopt);
    CHECK(kind(0xF8410C21U) == DontCare::WritebackOverlapLoad);  // ldr x1, [x1, #16]!
    CHECK(kind(0xF8010C21U) == DontCare::WritebackOverlapStore); // str x1, [x1, #16]!
    CHECK(kind(0xF8410FFFU) == std::nullopt);                    // ldr xzr, [sp, #16]!
    CHECK(kind(0xA9400400U | 1U) == DontCare::LoadPairOverlap);  // ldp x1, x1, [x0]
    CHECK(kind(0xC8017C01U) == DontCare::StoreExclusiveDataOverlap);
    CHECK(kind(0xC8017C22U) == DontCare::StoreExclusiveBaseOverlap);
    CHECK(kind(0xD9200421U) == std::nullopt); // stg x1, [x1], #0 is well defined
}

TEST_CASE("a word in no table has no row") {
    CHECK_FALSE(decode(0).has_value());
    CHECK_FALSE(decode(0xFFFFFFFFU).has_value());
    CHECK(disassemble(0) == ".inst 0x00000000");
}

} // namespace
} // namespace mtecheck::spec
