// SPDX-License-Identifier: Apache-2.0
//
// System registers: names, keys, fields and masks.

#include <catch2/catch_test_macros.hpp>

#include "spec/encode.h"
#include "spec/gen/registers.h"

namespace mtecheck::spec {
namespace {

struct Value {
    std::uint64_t bits;

    template <unsigned Hi, unsigned Lo>
    friend constexpr std::uint64_t slice(Value value) {
        return BitRange{Hi, Lo}.extract(value.bits);
    }
};

TEST_CASE("registers are found by name and by key") {
    for (const RegInfo& row : registers()) {
        CAPTURE(row.name);
        CHECK(find_register(row.name) == row.reg);
        CHECK(decode_register(row.key) == row.reg);
        CHECK(&info(row.reg) == &row);
        CHECK(SystemRegisterKey::of(row.key.op0(), row.key.op1(), row.key.crn(), row.key.crm(), row.key.op2()) ==
              row.key);
    }
    CHECK_FALSE(find_register("NO_SUCH_REGISTER").has_value());
    CHECK_FALSE(decode_register(SystemRegisterKey::of(3, 7, 15, 15, 7)).has_value());
}

TEST_CASE("the key is in the opcode of MRS and MSR") {
    CHECK(decode_register(SystemRegisterKey::of_opcode(0xD53B42E0U)) == Reg::TCO);
    CHECK(decode_register(SystemRegisterKey::of_opcode(0xD51810C3U)) == Reg::GCR_EL1);
    CHECK(decode_register(SystemRegisterKey::of_opcode(0xD53810A0U)) == Reg::RGSR_EL1);
    CHECK(decode_register(SystemRegisterKey::of_opcode(0xD5385620U)) == Reg::TFSRE0_EL1);
    CHECK(decode_register(SystemRegisterKey::of_opcode(0xD53D5600U)) == Reg::TFSR_EL12);
    CHECK(decode_register(SystemRegisterKey::of_opcode(0xD5390080U)) == Reg::GMID_EL1);
}

TEST_CASE("fields lie inside their registers and do not overlap") {
    for (const RegInfo& row : registers()) {
        CAPTURE(row.name);
        std::uint64_t covered = 0;
        for (const RegisterField& field : row.fields) {
            CAPTURE(field.name);
            CHECK(field.bits.hi < 64);
            CHECK(field.bits.lo <= field.bits.hi);
            CHECK((covered & field.bits.mask()) == 0);
            covered |= field.bits.mask();
        }
        if (row.writable != ~0ULL) CHECK((row.writable & ~covered) == 0);
    }
}

TEST_CASE("masks and fields of the MTE registers") {
    STATIC_REQUIRE(mask::PSTATE_TCO == field::PSTATE_TCO::TCO.mask());
    STATIC_REQUIRE(mask::GCR_EL1 == (field::GCR_EL1::RRND.mask() | field::GCR_EL1::Exclude.mask()));
    STATIC_REQUIRE(mask::RGSR_EL1 == (field::RGSR_EL1::SEED.mask() | field::RGSR_EL1::TAG.mask()));
    STATIC_REQUIRE(mask::TFSR_EL2 == 1);
    STATIC_REQUIRE(mask::TFSR_EL2_VHE == 3);
    STATIC_REQUIRE(field::SCTLR_EL1::TCF0.place(3) == 0x000000C000000000);
    STATIC_REQUIRE(field::SCTLR_EL1::ATA.mask() == 1ULL << 43U);
    STATIC_REQUIRE(fields::SCTLR_EL1<Value>{Value{0x0000008000000000}}.TCF0() == 2);
    STATIC_REQUIRE(fields::RGSR_EL1<Value>{Value{0x12345A}}.SEED() == 0x1234);
    STATIC_REQUIRE(field::SCTLR_EL1::TCF.insert(~0ULL, 0) == ~(3ULL << 40U));
}

TEST_CASE("access rules end with a rule that always applies") {
    std::size_t with_rules = 0;
    for (const RegInfo& row : registers()) {
        if (row.access.empty()) continue;
        CAPTURE(row.name);
        ++with_rules;
        const bool complete = row.access.back().when == "otherwise" || row.access.back().when == "always";
        CHECK(complete);
    }
    CHECK(with_rules == 10);
}

} // namespace
} // namespace mtecheck::spec
