// SPDX-License-Identifier: Apache-2.0
//
// Deliberate faults that take the exact shape of a simulator of user code: what they are meant to explain, and no more.
#include <catch2/catch_test_macros.hpp>

#include "difftest/judge/judge.h"
#include "tests/difftest/judge/arena_cases.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;

namespace {

constexpr std::uint64_t kReadOnly = 4 * 0x1000; // of the arena
constexpr std::uint64_t kNowhere = 9 * 0x1000;

/// How a run ends.
enum class End : std::uint8_t { completed, sp_alignment, translation, permission, tag_check, alignment, other };

End end_of(const Outcome& outcome) {
    namespace esr = mtecheck::spec::field::ESR_ELx;
    if (outcome.status == Status::completed) return End::completed;
    REQUIRE(outcome.status == Status::exception);
    if (esr::EC.extract(outcome.exception.esr) == 0x26) return End::sp_alignment;
    const std::uint64_t status = mtecheck::spec::field::DataAbortISS::DFSC.extract(outcome.exception.esr);
    switch (status) {
    case 0x11: return End::tag_check;
    case 0x21: return End::alignment;
    default: break;
    }
    switch (status >> 2U) { // the rest is the level
    case 1: return End::translation;
    case 3: return End::permission;
    default: return End::other;
    }
}

/// With tag checks on, X1 at an address of the arena with tag 6, where the tags of a window are 5.
Case at(std::uint64_t offset, std::initializer_list<std::uint32_t> code) {
    Case input = el1_case(kSync, code);
    input.sequence.configuration.cpacr_el1 = std::uint64_t{3} << 20U;
    add_window(input, offset / kWindowBytes * kWindowBytes, 5);
    input.state.x[1] = address(offset, 6);
    return input;
}

/// The same where no memory is, which cases have no window of.
Case at_nowhere(std::initializer_list<std::uint32_t> code) {
    Case input = at(kNowhere, code);
    input.state.windows.clear();
    return input;
}

/// The same, of a page that EL0 may access, hence EL1 may not.
Case forbidden(std::initializer_list<std::uint32_t> code) {
    Case input = at(0, code);
    input.sequence.configuration.pan = 1;
    return input;
}

Case with_misaligned_sp(std::uint32_t code) {
    Case input = at(0, {code});
    input.sequence.configuration.sctlr[1] |= mtecheck::spec::field::SCTLR_EL1::SA.place(1);
    input.state.sp[1] = address(8, 5);
    return input;
}

constexpr std::uint32_t kStg = 0xd9200821;       // STG X1, [X1]
constexpr std::uint32_t kStzg = 0xd9600821;      // STZG X1, [X1]
constexpr std::uint32_t kSt2g = 0xd9a00821;      // ST2G X1, [X1]
constexpr std::uint32_t kStz2g = 0xd9e00821;     // STZ2G X1, [X1]
constexpr std::uint32_t kStgp = 0x69000c20;      // STGP X0, X3, [X1]
constexpr std::uint32_t kLdg = 0xd9600022;       // LDG X2, [X1]
constexpr std::uint32_t kLdrbOfWzr = 0x3940003f; // LDRB WZR, [X1]

} // namespace

TEST_CASE("tags that need no memory are stored, loaded and checked where there is none", "[judge]") {
    constexpr const char* kFault = "tags_without_memory";
    for (const std::uint32_t code : {kStg, kSt2g}) {
        CHECK(end_of(outcome_of(at_nowhere({code}))) == End::translation);
        CHECK(end_of(outcome_of(at_nowhere({code}), kFault)) == End::completed);
    }
    CHECK(end_of(outcome_of(at_nowhere({kStz2g}), kFault)) == End::translation); // its zeros need memory
    CHECK(end_of(outcome_of(at_nowhere({kLdg}), kFault)) == End::translation);   // no tag is there
    CHECK(outcome_of(at_nowhere({kStg, kLdg}), kFault).x[2] == address(0, 6) - ARENA_VA);
    // A load finds first that the tag is another.
    CHECK(end_of(outcome_of(at_nowhere({kStg, kLdr}), kFault)) == End::translation);
    Case other = at_nowhere({kStg, kLdrX4X5});
    other.state.x[5] = address(kNowhere, 7);
    CHECK(end_of(outcome_of(other, kFault)) == End::tag_check);
    other.state.x[5] = address(kNowhere + 16, 7);
    CHECK(end_of(outcome_of(other, kFault)) == End::translation);
}

TEST_CASE("tags where no memory is are checked in both halves of the address space", "[judge]") {
    constexpr const char* kFault = "tags_without_memory";
    Case input = at_nowhere({kStg, kLdrX4X5});
    input.sequence.configuration.tcr[1] &= ~mtecheck::spec::field::TCR_EL1::TBI1.place(1);
    for (const std::uint64_t half : {std::uint64_t{0}, std::uint64_t{1} << 55U}) {
        input.state.x[1] = address(kNowhere, 6) | half;
        input.state.x[5] = address(kNowhere, 7) | half;
        CHECK(end_of(outcome_of(input, kFault)) == End::tag_check);
    }
}

TEST_CASE("tags that need no memory need no permission", "[judge]") {
    constexpr const char* kFault = "tags_without_memory";
    const Case store = at(kReadOnly, {kStg});
    CHECK(end_of(outcome_of(store)) == End::permission);
    CHECK(end_of(outcome_of(store, kFault)) == End::completed);
    CHECK(outcome_of(store, kFault).windows[0].tags == 0x5555555555555556);
    CHECK(end_of(outcome_of(forbidden({kLdg}))) == End::permission);
    CHECK(outcome_of(forbidden({kLdg}), kFault).x[2] == address(0, 5) - ARENA_VA);
    CHECK(end_of(outcome_of(forbidden({kLdr}), kFault)) == End::permission);
}

TEST_CASE("tag stores that zero are checked, others are not", "[judge]") {
    for (const std::uint32_t code : {kStzg, kStz2g, kStg, kSt2g, kStgp}) {
        CAPTURE(code);
        CHECK(end_of(outcome_of(at(0, {code}))) == End::completed);
        const bool zeroes = code == kStzg || code == kStz2g;
        CHECK(end_of(outcome_of(at(0, {code}), "zeroing_tag_stores_checked")) ==
              (zeroes ? End::tag_check : End::completed));
    }
}

TEST_CASE("tag stores without data that may be misaligned", "[judge]") {
    for (const std::uint32_t code : {kStzg, kStz2g, kStg, kSt2g, kStgp}) {
        CAPTURE(code);
        CHECK(end_of(outcome_of(at(8, {code}))) == End::alignment);
        const Outcome outcome = outcome_of(at(8, {code}), "stg_st2g_no_alignment_fault");
        const bool aligns = code == kStg || code == kSt2g;
        CHECK(end_of(outcome) == (aligns ? End::completed : End::alignment));
        if (aligns) CHECK(outcome.windows[0].tags == (code == kStg ? 0x5555555555555556 : 0x5555555555555566));
    }
}

TEST_CASE("of each element the granule is checked in which it begins", "[judge]") {
    struct Row {
        std::uint32_t code;
        std::uint64_t offset;
        unsigned granule; ///< the one with another tag
        bool seen;
    };
    for (const Row& row : {Row{kLdr, 12, 0, true}, Row{kLdr, 12, 1, false}, Row{kLdp, 8, 1, true},
                           Row{kLdp, 4, 1, false}, Row{kLdp, 4, 0, true}, Row{kLdp, 12, 1, true}}) {
        CAPTURE(row.code, row.offset, row.granule);
        Case input = at(row.offset, {row.code});
        input.state.x[1] = address(row.offset, 5);
        input.state.windows[0].tags ^= std::uint64_t{3} << 4 * row.granule;
        CHECK(end_of(outcome_of(input)) == End::tag_check);
        CHECK(end_of(outcome_of(input, "element_start_only_checked")) == (row.seen ? End::tag_check : End::completed));
    }
}

TEST_CASE("a compare and swap that is a load, and a store if it has to be", "[judge]") {
    constexpr const char* kFault = "cas_as_load_then_store";
    Case input = at(kReadOnly, {kCas});
    input.state.x[1] = address(kReadOnly, 5);
    CHECK(end_of(outcome_of(input)) == End::permission);
    const Outcome failed = outcome_of(input, kFault);
    CHECK(end_of(failed) == End::completed);
    CHECK(failed.x[2] == 0x0706050403020100);
    input.state.x[2] = failed.x[2];
    CHECK(end_of(outcome_of(input, kFault)) == End::permission);
    input.state.x[1] = address(kReadOnly, 6);
    CHECK(end_of(outcome_of(input)) == End::permission);
    CHECK(end_of(outcome_of(input, kFault)) == End::tag_check);

    Case writable = at(0, {kCas});
    writable.state.x[1] = address(0, 5);
    writable.state.x[2] = failed.x[2];
    writable.state.x[0] = 7;
    CHECK(outcome_of(writable, kFault).windows[0].data[0] == 7);
    CHECK(outcome_of(writable, kFault).x[2] == failed.x[2]);
}

TEST_CASE("instructions that let SP be misaligned, and one that must", "[judge]") {
    struct Row {
        const char* text;
        std::uint32_t code;
        bool checked;        ///< by the architecture
        const char* changes; ///< with which fault it is the other way round
    };
    for (const Row& row : {Row{"LDAPUR X0, [SP]", 0xd94003e0, true, "sp_misalignment_ignored_by_some"},
                           Row{"STLUR X0, [SP]", 0xd90003e0, true, "sp_misalignment_ignored_by_some"},
                           Row{"LD1 {V0.2D}, [SP]", 0x4c407fe0, true, "sp_misalignment_ignored_by_some"},
                           Row{"LDR X0, [SP]", 0xf94003e0, true, ""},
                           Row{"PRFM PLDL1KEEP, [SP]", 0xf98003e0, false, "prefetch_checks_sp_alignment"},
                           Row{"PRFUM PLDL1KEEP, [SP, #1]", 0xf88013e0, false, "prefetch_checks_sp_alignment"},
                           Row{"PRFM PLDL1KEEP, [X1]", 0xf9800020, false, ""}}) {
        CAPTURE(row.text);
        const Case input = with_misaligned_sp(row.code);
        CHECK((end_of(outcome_of(input)) == End::sp_alignment) == row.checked);
        for (const std::string_view fault : {"sp_misalignment_ignored_by_some", "prefetch_checks_sp_alignment"})
            CHECK((end_of(outcome_of(input, fault)) == End::sp_alignment) == (row.checked != (fault == row.changes)));
    }
}

TEST_CASE("a byte for the zero register that is checked and not loaded", "[judge]") {
    constexpr const char* kFault = "byte_to_zero_register_not_loaded";
    // LDRB, LDAPURSB, LDARB, LDAPRB and LDXRB to register 31; LDRB W0, LDRH WZR, LDAPURH WZR
    constexpr std::uint32_t kBytes[] = {kLdrbOfWzr, 0x1980003f, 0x08dffc3f, 0x38bfc03f, 0x085f7c3f};
    constexpr std::uint32_t kOthers[] = {0x39400020, 0x7940003f, 0x5940003f};
    for (const std::uint32_t code : kBytes) {
        CAPTURE(code);
        CHECK(end_of(outcome_of(at(0, {code}), kFault)) == End::tag_check);
        CHECK(end_of(outcome_of(forbidden({code}))) == End::permission);
        CHECK(end_of(outcome_of(forbidden({code}), kFault)) == End::completed);
    }
    for (const std::uint32_t code : kOthers) CHECK(end_of(outcome_of(forbidden({code}), kFault)) == End::permission);
    // Without memory there is no tag, either; without checks nobody asks for one.
    Case nowhere = at_nowhere({kLdrbOfWzr});
    CHECK(end_of(outcome_of(nowhere, kFault)) == End::translation);
    nowhere.sequence.configuration.tco = 1;
    CHECK(end_of(outcome_of(nowhere)) == End::translation);
    CHECK(end_of(outcome_of(nowhere, kFault)) == End::completed);
}

TEST_CASE("STGP with the tag of its base is at odds with itself where its offset carries into the tag", "[judge]") {
    constexpr const char* kFault = "stgp_tag_from_base";
    // [X1, #-16], [X1, #-16]!, [X1], #-16
    for (const std::uint32_t code : {0x693f8c20U, 0x69bf8c20U, 0x68bf8c20U}) {
        CAPTURE(code);
        Case input = at(0, {code});
        input.state.windows.clear();
        input.state.x[1] = std::uint64_t{7} << 56U;
        CHECK(end_of(outcome_of(input)) == End::translation);
        const bool post_index = code == 0x68bf8c20U;
        CHECK(end_of(outcome_of(input, kFault)) == (post_index ? End::translation : End::tag_check));
        input = at(32, {code});
        CHECK(outcome_of(input, kFault).windows[0].tags == outcome_of(input).windows[0].tags);
    }
}

TEST_CASE("a store-exclusive compares the tag before its page may forbid it", "[judge]") {
    Case input = at(kReadOnly, {0xc85f7c20, 0xc8037ca0}); // LDXR X0, [X1]; STXR W3, X0, [X5]
    input.state.x[1] = address(kReadOnly, 5);
    input.state.x[5] = address(kReadOnly, 7);
    CHECK(end_of(outcome_of(input)) == End::permission);
    CHECK(end_of(outcome_of(input, "permission_after_tag_check")) == End::tag_check);
    input.state.x[5] = input.state.x[1];
    CHECK(end_of(outcome_of(input, "permission_after_tag_check")) == End::permission);
}

TEST_CASE("logical instructions with a reserved immediate do nothing, if they are executed", "[judge]") {
    // AND W0, W1, #reserved: ones alone of 32 bits and of 2; no size. ANDS X0, X1, #ones alone of 64 bits.
    for (const std::uint32_t code : {0x12047c20U, 0x1204f420U, 0x1204f820U, 0x1204fc20U, 0xf244fc20U}) {
        CAPTURE(code);
        Case input = at(0, {code});
        input.state.nzcv = 0xf;
        const Outcome outcome = outcome_of(input, "bulk_imm9_ignored");
        CHECK(outcome.status == Status::completed);
        CHECK(outcome.x[0] == input.state.x[0]);
        CHECK(outcome.pstate >> 28U == 0xf);
    }
}

TEST_CASE("sign extension where there is none", "[judge]") {
    struct Row {
        const char* text;
        std::uint32_t code;
        std::uint64_t right;
        std::uint64_t signed_atomics;
        std::uint64_t signed_moves;
    };
    for (const Row& row : {Row{"LDSMAXB W2, W0, [X1]", 0x38224020, 0xf2, 0xfffffff2, 0xf2},
                           Row{"LDSMINH W2, W0, [X1]", 0x78225020, 0xf3f2, 0xfffff3f2, 0xf3f2},
                           Row{"LDUMAXB W2, W0, [X1]", 0x38226020, 0xf2, 0xf2, 0xf2},
                           Row{"LDSMAX W2, W0, [X1]", 0xb8224020, 0xf5f4f3f2, 0xf5f4f3f2, 0xf5f4f3f2},
                           Row{"MOVK W0, #1", 0x72800020, 0x80000001, 0x80000001, 0xffffffff80000001},
                           Row{"MOVK X0, #1", 0xf2800020, 0x80000001, 0x80000001, 0x80000001}}) {
        CAPTURE(row.text);
        Case input = at(0xf2, {row.code});
        for (std::size_t i = 0; i < 8; ++i) input.state.windows[0].data[0xf2 + i] = static_cast<std::uint8_t>(0xf2 + i);
        input.state.x[0] = 0x80000000;
        input.state.x[1] = address(0xf2, 5);
        CHECK(outcome_of(input).x[0] == row.right);
        CHECK(outcome_of(input, "signed_atomics_sign_extend").x[0] == row.signed_atomics);
        CHECK(outcome_of(input, "movk_sign_extends").x[0] == row.signed_moves);
    }
}
