// SPDX-License-Identifier: Apache-2.0
//
// Deliberate faults that take the exact shape of a known implementation: what they are meant to explain, and no more.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "difftest/judge/judge.h"
#include "tests/difftest/judge/arena_cases.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;

namespace {

constexpr std::uint64_t kAlignmentFault = 0x21;
constexpr std::uint64_t kTagCheckFault = 0x11;

/// ESR_ELx of the exception that the model takes with these deliberate faults.
std::uint64_t esr(const Case& input, const MutationSet& mutations) {
    const Outcome outcome = outcome_of(input, mutations);
    REQUIRE(outcome.status == Status::exception);
    return outcome.exception.esr;
}

std::uint64_t dfsc(const Case& input, const MutationSet& mutations) { return esr(input, mutations) & 0x3f; }

/// Of a misaligned access to tagged memory at X1, and SP, that may not be misaligned.
bool reported_as_write(const Case& input, const char* mutations) {
    const std::uint64_t syndrome = esr(input, parse_mutations(mutations, "test"));
    REQUIRE((syndrome & 0x3f) == kAlignmentFault);
    const auto write = [](std::uint64_t value) { return (value >> 6U & 1U) != 0; };
    CHECK_FALSE(write(esr(input, {})));
    return write(syndrome);
}

Case misaligned(unsigned tcf, std::uint32_t code, std::uint64_t offset) {
    Case input = el1_case(tcf, {code});
    input.sequence.configuration.sctlr[1] |= mtecheck::spec::field::SCTLR_EL1::A.place(1);
    add_window(input, 0, 5);
    input.state.x[1] = address(offset, 5);
    input.state.sp[1] = address(offset, 5);
    return input;
}

constexpr std::uint32_t kLdxr = 0xc85f7c20;      // LDXR X0, [X1]
constexpr std::uint32_t kLdxpWords = 0x887f0c20; // LDXP W0, W3, [X1]
constexpr std::uint32_t kLdxp = 0xc87f0c20;      // LDXP X0, X3, [X1]
constexpr std::uint32_t kLdadd = 0xf8220020;     // LDADD X2, X0, [X1]
constexpr std::uint32_t kSwp = 0xf8228020;       // SWP X2, X0, [X1]
constexpr std::uint32_t kCasOfSP = 0xc8a27fe0;   // CAS X2, X0, [SP]
constexpr std::uint32_t kCasp = 0x48227c24;      // CASP X2, X3, X4, X5, [X1]

} // namespace

TEST_CASE("a tag check before the alignment covers all that the instruction accesses", "[judge]") {
    struct Row {
        const char* text;
        std::uint32_t code;
        std::uint64_t offset; // such that only the last granule mismatches
        std::uint64_t with_fault;
    };
    const Row table[] = {
        {"LDR", 0xf9400020, 0xfb, kTagCheckFault},
        {"LDP", kLdp, 0xf4, kTagCheckFault}, // the second register
        {"STP", kStp, 0xf4, kTagCheckFault},
        {"LD4 {V0.2D-V3.2D}", 0x4c400c20, 0xc4, kTagCheckFault}, // the last of 64 bytes
        {"LD2R {V0.2D-V1.2D}", 0x4d60cc20, 0xf4, kTagCheckFault},
        {"LDAXP", 0xc87f8c20, 0xf4, kAlignmentFault}, // an exclusive pair: the first register
        {"LDAXP", 0xc87f8c20, 0xfc, kTagCheckFault},
    };
    for (const Row& row : table) {
        CAPTURE(row.text, row.offset);
        Case input = el1_case(kSync, {row.code});
        input.sequence.configuration.cpacr_el1 = std::uint64_t{3} << 20U;
        input.sequence.configuration.sctlr[1] |= mtecheck::spec::field::SCTLR_EL1::A.place(1);
        add_window(input, 0, 5);
        add_window(input, 0x100, 4);
        input.state.x[1] = address(row.offset, 5);
        CHECK(dfsc(input, {}) == kAlignmentFault);
        CHECK(dfsc(input, parse_mutations("alignment_after_tag_check", "test")) == row.with_fault);
    }
}

TEST_CASE("only what crosses a multiple of 16 bytes is taken for a write by the test for that", "[judge]") {
    struct Row {
        std::uint32_t code;
        std::uint64_t offset;
        bool write;
    };
    const Row table[] = {
        {kLdxr, 0x0c, true},  {kLdxpWords, 0x0c, true}, {kLdadd, 0x0c, true},  {kSwp, 0x1f, true},
        {kCas, 0x0c, true},   {kLdxr, 0x04, false},     {kLdadd, 0x04, false}, {kCas, 0x04, false},
        {kLdxp, 0x08, false}, {kLdxp, 0x0c, false},     {kCasp, 0x08, false},
    };
    for (const Row& row : table) {
        CAPTURE(row.code, row.offset);
        CHECK(reported_as_write(misaligned(kSync, row.code, row.offset), "atomic_alignment_fault_as_write") ==
              row.write);
    }
}

TEST_CASE("the alignment of a compare and swap is that of a write where tag checks are enabled", "[judge]") {
    namespace field = mtecheck::spec::field;
    const auto write = [](const Case& input) { return reported_as_write(input, "cas_alignment_fault_as_write"); };
    CHECK(write(misaligned(kSync, kCas, 0x04)));
    CHECK(write(misaligned(kSync, kCasp, 0x08)));
    CHECK_FALSE(write(misaligned(kSync, kLdadd, 0x04)));
    CHECK_FALSE(write(misaligned(kSync, kLdxr, 0x04)));
    CHECK_FALSE(write(misaligned(kIgnore, kCas, 0x04)));
    CHECK_FALSE(write(misaligned(kSync, kCasOfSP, 0x04)));

    Case input = misaligned(kSync, kCas, 0x04);
    input.sequence.configuration.tco = 1;
    CHECK_FALSE(write(input));

    input = misaligned(kSync, kCas, 0x04);
    input.sequence.configuration.sctlr[1] &= ~field::SCTLR_EL1::ATA.place(1);
    CHECK_FALSE(write(input));

    input = misaligned(kSync, kCas, 0x04);
    input.sequence.configuration.tcr[1] &= ~field::TCR_EL1::TBI0.place(1); // TBI1 is enough
    CHECK(write(input));
    input.sequence.configuration.tcr[1] &= ~field::TCR_EL1::TBI1.place(1);
    CHECK_FALSE(write(input));
}

TEST_CASE("with the tags of a page aliased, what an aborted ST2G wrote is open where it shows", "[judge]") {
    Case input = el1_case(kSync, {0xd9a00820}); // ST2G X0, [X1]
    add_window(input, 0x3e00, 0);
    add_window(input, 0x3f00, 0); // page 3 is writable, page 4 is read-only
    add_window(input, 0x4000, 0);
    input.state.x[0] = address(0, 7);
    input.state.x[1] = address(0x3ff0, 0);
    Judge judge(model_profile(), parse_mutations("page_tags_aliased", "test"));
    judge.load(input.sequence);
    Outcome got = judge.expect(input.state).outcome;
    REQUIRE(got.status == Status::exception);
    for (std::size_t window : {0U, 1U}) {
        CAPTURE(window);
        const std::uint64_t tags = got.windows[window].tags;
        CHECK(tags == 0x70); // the second granule of the page
        got.windows[window].tags = 0;
        CHECK(judge.judge(input.state, got).agreed());
        got.windows[window].tags = 7;
        CHECK(judge.judge(input.state, got).kind == Verdict::Kind::diverged);
        got.windows[window].tags = tags;
    }
}

namespace {

constexpr std::uint32_t kLdpOfWords = 0x29400c20; // LDP W0, W3, [X1]
constexpr std::uint32_t kLdtr = 0xf8400820;       // LDTR X0, [X1]
constexpr std::uint32_t kLdar = 0xc8dffc20;       // LDAR X0, [X1]
constexpr std::uint32_t kReadGcr = 0xd53810c0;    // MRS X0, GCR_EL1
constexpr std::uint32_t kLdsmaxb = 0x38224020;    // LDSMAXB W2, W0, [X1]
/// X1 is that far into a window whose granules have tag 5, but for one that has tag 6.
Case with_other_granule(std::uint32_t code, std::uint64_t offset, unsigned granule) {
    Case input = el1_case(kSync, {code});
    add_window(input, 0, 5);
    input.state.windows[0].tags ^= std::uint64_t{3} << 4 * granule;
    input.state.x[1] = address(offset, 5);
    return input;
}

} // namespace

TEST_CASE("a tag check that ends before the last element misses the granules after it", "[judge]") {
    struct Row {
        std::uint32_t code;
        std::uint64_t offset;
        unsigned granule;
        bool seen;
    };
    for (const Row& row : {Row{kLdp, 8, 1, false}, Row{kLdp, 4, 1, false}, Row{kLdp, 4, 0, true},
                           Row{kLdp, 24, 1, true}, Row{kLdr, 12, 1, false}, Row{kLdr, 12, 0, true},
                           Row{kLdpOfWords, 12, 1, false}, Row{kLdpOfWords, 14, 1, true}}) {
        CAPTURE(row.code, row.offset, row.granule);
        const Case input = with_other_granule(row.code, row.offset, row.granule);
        // LDP of words at 14: its second element begins at 18, so that the granule of its first part is covered.
        CHECK(dfsc(input, {}) == kTagCheckFault);
        CHECK((outcome_of(input, "last_element_unchecked").status == Status::exception) == row.seen);
    }
}

TEST_CASE("a fault address of an element is counted from the start of the access", "[judge]") {
    struct Row {
        std::uint32_t code;
        std::uint64_t offset;
        unsigned granule;
        std::uint64_t right;
        std::uint64_t of_element;
    };
    for (const Row& row : {Row{kLdpOfWords, 12, 1, 16, 16}, Row{kLdp, 12, 1, 16, 20}, Row{kLdp, 12, 0, 12, 4},
                           Row{kLdp, 8, 0, 8, 0}, Row{kLdr, 12, 1, 16, 16}}) {
        CAPTURE(row.code, row.offset, row.granule);
        const Case input = with_other_granule(row.code, row.offset, row.granule);
        CHECK(outcome_of(input, "tco_immediate_of_any_bit").exception.far == address(row.right, 5));
        CHECK(outcome_of(input, "sync_fault_far_of_element").exception.far == address(row.of_element, 5));
    }
}

TEST_CASE("without EL2 a defective implementation has no tags, and breaks down at their registers", "[judge]") {
    Case input = with_other_granule(kLdr, 16, 1);
    CHECK(outcome_of(input, "no_tag_access_without_el2").status == Status::exception);
    input.sequence.configuration.scr_el3 &= ~mtecheck::spec::field::SCR_EL3::NS.place(1);
    CHECK(outcome_of(input, "no_tag_access_without_el2").status == Status::completed);
    input.sequence.code.assign({kReadGcr});
    CHECK(outcome_of(input, "no_tag_access_without_el2").status == Status::crashed);
    CHECK(outcome_of(input, "hcr_ata_when_el2_disabled").status == Status::completed);
}

TEST_CASE("unprivileged accesses that report as privileged ones", "[judge]") {
    namespace field = mtecheck::spec::field;
    constexpr const char* kMutation = "unpriv_reports_as_privileged";
    Case input = with_other_granule(kLdtr, 16, 1);
    std::uint64_t& sctlr = input.sequence.configuration.sctlr[1];
    const auto set_tcf = [&](std::uint64_t tcf) {
        sctlr = (sctlr & ~field::SCTLR_EL1::TCF.mask()) | field::SCTLR_EL1::TCF.place(tcf);
    };
    // EL0 may access the memory.
    CHECK(outcome_of(input, kMutation).exception.esr == esr(input, {}));
    set_tcf(kAsync);
    CHECK(dfsc(input, {}) == kTagCheckFault);
    const Outcome accumulated = outcome_of(input, kMutation);
    CHECK(accumulated.status == Status::completed);
    CHECK(accumulated.tfsr[1] == 1);
    set_tcf(kIgnore);
    CHECK(outcome_of(input, kMutation).status == Status::crashed);
    set_tcf(kSync);
    input.sequence.configuration.uao = 1;
    CHECK(dfsc(input, {}) == kTagCheckFault);
    CHECK(outcome_of(input, kMutation).status == Status::completed);
}

TEST_CASE("smaller shapes of one implementation", "[judge]") {
    const Case ordered = with_other_granule(kLdar, 12, 7);
    CHECK(dfsc(ordered, {}) == kAlignmentFault);
    CHECK(outcome_of(ordered, "ordered_misalignment_ignored").status == Status::completed);

    Case atomic = with_other_granule(kLdsmaxb, 1, 7);
    atomic.state.x[2] = 0xff;
    CHECK(outcome_of(atomic, "tco_immediate_of_any_bit").windows[0].data[1] == 1);
    CHECK(outcome_of(atomic, "signed_atomics_unsigned").windows[0].data[1] == 0xff);

    const MutationSet extended = parse_mutations("esr_sign_extended", "test");
    CHECK(esr(with_other_granule(kLdr, 16, 1), extended) >> 32U == 0xffffffff);
    CHECK(esr(ordered, extended) >> 32U == 0);
}

namespace {

constexpr std::uint64_t kDevicePage = 11 * 0x1000; // of the arena; Normal memory without tags and with follows
constexpr std::uint64_t kPermissionFault = 0x0f;

/// How a case ends: DFSC of its Data Abort, 0 if it completes.
std::uint64_t end_of(const Case& input, const char* mutations) {
    const Outcome outcome = outcome_of(input, mutations);
    if (outcome.status == Status::completed) return 0;
    REQUIRE(outcome.status == Status::exception);
    return outcome.exception.esr & 0x3f;
}

Case at_edge(std::uint32_t code, std::uint64_t edge, std::uint64_t before) {
    Case input = el1_case(kSync, {code});
    input.sequence.configuration.cpacr_el1 = std::uint64_t{3} << 20U;
    add_window(input, edge - 0x100, 5);
    add_window(input, edge, 5);
    input.state.x[1] = address(edge - before, 5);
    return input;
}

} // namespace

TEST_CASE("alignment by the type of memory that is looked at where an access begins", "[judge]") {
    struct Row {
        const char* text;
        std::uint32_t code;
        std::uint64_t before; // the start of the Device page
        std::uint64_t with_fault;
    };
    for (const Row& row :
         {Row{"LDR", kLdr, 4, 0}, Row{"LDP", kLdp, 12, 0}, Row{"LDPSW", 0x69400c20, 3, 0}, // one access, too
          Row{"LDP S0, S1", 0x2d400420, 3, kAlignmentFault}, Row{"LD2 {V0.S, V1.S}[0]", 0x0d608020, 3, kAlignmentFault},
          Row{"LD2 {V0.2S, V1.2S}", 0x0c408820, 3, 0}}) {
        CAPTURE(row.text);
        const Case input = at_edge(row.code, kDevicePage, row.before);
        CHECK(end_of(input, "tco_immediate_of_any_bit") == kAlignmentFault);
        CHECK(end_of(input, "device_alignment_ignored") == 0);
        CHECK(end_of(input, "device_alignment_of_start_only") == row.with_fault);
    }
    const Case inside = at_edge(kLdr, kDevicePage + 0x100, 0xfc);
    CHECK(end_of(inside, "device_alignment_of_start_only") == kAlignmentFault);
    const Case whole = at_edge(0xd50b7421, kDevicePage + 0x100, 0x80); // DC ZVA, X1
    CHECK(end_of(whole, "tco_immediate_of_any_bit") == kAlignmentFault);
    CHECK(end_of(whole, "device_alignment_of_start_only") == 0);
}

TEST_CASE("a store-exclusive to the address that stands for an open monitor", "[judge]") {
    namespace field = mtecheck::spec::field;
    constexpr std::uint32_t kStxp = 0xc8220c20; // STXP W2, X0, X3, [X1]
    const auto write = [](const Case& input, const char* mutations) {
        const Outcome outcome = outcome_of(input, mutations);
        REQUIRE(outcome.status == Status::exception);
        CHECK((outcome.exception.esr & 0x3f) == kAlignmentFault);
        return (outcome.exception.esr >> 6U & 1U) != 0;
    };
    Case input = el1_case(kIgnore, {kStxp});
    input.state.x[1] = ~std::uint64_t{0};
    CHECK(write(input, "tco_immediate_of_any_bit"));
    CHECK_FALSE(write(input, "open_monitor_has_an_address"));
    // The tag check tests alignment, too: of all addresses, if of any.
    input = el1_case(kSync, {kStxp});
    input.state.x[1] = ~std::uint64_t{0};
    input.sequence.configuration.tcr[1] |= field::TCR_EL1::TCMA1.place(1);
    CHECK_FALSE(write(input, "open_monitor_has_an_address"));
    CHECK(write(input, "open_monitor_has_an_address+cas_alignment_fault_as_write"));
    // By its address alone a store-exclusive of another size than the load fits, too.
    input = el1_case(kIgnore, {0x485f7c24, kStxp}); // LDXRH W4, [X1]
    add_window(input, 0, 5);
    input.state.x[1] = address(3, 5);
    CHECK(write(input, "tco_immediate_of_any_bit"));
    CHECK_FALSE(write(input, "open_monitor_has_an_address"));
    // With another top byte the address is another.
    input = el1_case(kSync, {kStxp});
    input.state.x[1] = ~std::uint64_t{0} >> 8U;
    CHECK(write(input, "open_monitor_has_an_address"));
}

TEST_CASE("a misaligned store-exclusive that fits by its address is kept from writing by its page alone", "[judge]") {
    constexpr std::uint64_t kReadOnlyPage = 4 * 0x1000;
    Case input = el1_case(kIgnore, {0x485f7c22, 0x88037c20}); // LDXRH W2, [X1]; STXR W3, W0, [X1]
    add_window(input, kReadOnlyPage, 5);
    input.state.x[1] = address(kReadOnlyPage + 14, 5); // the halfword is aligned, the word crosses a multiple of 16
    CHECK(end_of(input, "tco_immediate_of_any_bit") == kAlignmentFault);
    CHECK(end_of(input, "open_monitor_has_an_address") == kPermissionFault);
    input.sequence.configuration.sctlr[1] |= mtecheck::spec::field::SCTLR_EL1::A.place(1);
    CHECK(end_of(input, "open_monitor_has_an_address") == kAlignmentFault);
}

TEST_CASE("tags that are checked before the alignment that the type of memory asks for", "[judge]") {
    namespace field = mtecheck::spec::field;
    constexpr const char* kMutation = "memory_type_after_tag_check";
    Case input = at_edge(kLdr, kDevicePage + 0x100, 0xfc);
    input.sequence.configuration.pan = 1; // EL0 may access it, hence EL1 may not
    CHECK(end_of(input, "tco_immediate_of_any_bit") == kAlignmentFault);
    CHECK(end_of(input, kMutation) == kPermissionFault);
    input.sequence.configuration.tco = 1;
    CHECK(end_of(input, kMutation) == kAlignmentFault);
    input.sequence.configuration.tco = 0;
    input.sequence.configuration.sctlr[1] |= field::SCTLR_EL1::A.place(1); // then it does not depend on the memory
    CHECK(end_of(input, kMutation) == kAlignmentFault);
}

TEST_CASE("a defective implementation leaves PSTATE.TCO alone without FEAT_MTE2, and only then", "[judge]") {
    namespace spsr = mtecheck::spec::field::SPSR_ELx;
    constexpr std::uint32_t kEret = 0xd69f03e0;
    const MutationSet mutations = parse_mutations("tco_needs_mte2", "test");
    const Profile with_tags = model_profile();
    Profile without_tags = with_tags;
    without_tags.mte = 1;
    without_tags.mte_async = false;
    std::replace(without_tags.features.begin(), without_tags.features.end(), std::string("FEAT_MTE3"),
                 std::string("FEAT_MTE"));
    const auto tco = [](const Case& input, const Profile& profile, const MutationSet& set) {
        Judge judge(profile, set);
        judge.load(input.sequence);
        return spsr::TCO.extract(judge.expect(input.state).outcome.pstate);
    };

    const Case entry = el1_case(kIgnore, {kUnallocated});
    Case back = el1_case(kIgnore, {kEret});
    back.sequence.configuration.elr[1] = ARENA_CODE_VA + 4;
    back.sequence.configuration.spsr[1] = spsr::TCO.place(1) | spsr::M.place(5);
    for (const Case& input : {entry, back}) {
        CHECK(tco(input, without_tags, {}) == 1);
        CHECK(tco(input, without_tags, mutations) == 0);
        CHECK(tco(input, with_tags, {}) == 1);
        CHECK(tco(input, with_tags, mutations) == 1);
    }
}
