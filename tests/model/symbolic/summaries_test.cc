// SPDX-License-Identifier: Apache-2.0
//
// What the symbolic machine uses in place of functions: summaries say what the functions say, and the contract of
// ChooseNonExcludedTag holds for all inputs.
#include "model/symbolic/summaries.h"

#include <catch2/catch_test_macros.hpp>
#include <random>

#include "model/machine/concrete_machine.h"

using namespace mtecheck;
using namespace mtecheck::model;
using symbolic::SymbolicBits;

TEST_CASE("the contract of ChooseNonExcludedTag holds for all inputs", "[slow]") {
    ConcreteMachine m;
    std::uint64_t broken = 0;
    for (std::uint32_t exclude = 0; exclude <= 0xffff; ++exclude) {
        for (std::uint32_t tag = 0; tag < 16; ++tag) {
            const bool excluded = (exclude >> tag & 1U) != 0;
            for (std::uint32_t offset = 0; offset < 16; ++offset) {
                const std::uint32_t result =
                    ChooseNonExcludedTag(m, Bits<4>(tag), Bits<4>(offset), Bits<16>(exclude)).raw();
                const bool none = exclude == 0xffff;
                if (none && result != 0) ++broken;
                if (!none && (exclude >> result & 1U) != 0) ++broken;
                if (exclude == 0 && result != (tag + offset) % 16) ++broken;
                if (offset == 0 && !excluded && result != tag) ++broken;
            }
        }
    }
    CHECK(broken == 0);
}

TEST_CASE("the summary of the access check is the access check") {
    std::mt19937_64 random(7); // NOLINT(cert-msc32-c, cert-msc51-cpp): the same in every run
    symbolic::Terms terms;
    const symbolic::CurrentTerms here(terms);
    symbolic::Explorer explorer(terms);
    const auto variable = [&](const char* name) { return SymbolicBits<64>(terms.variable(name, 64)); };

    // All paths of the symbolic machine, as the condition of being Tag Checked.
    symbolic::Term checked = terms.boolean(false);
    for (const unsigned el : {EL0, EL1, EL2, EL3}) {
        explorer.explore(
            [&] {
                SymbolicMachine m;
                for (const auto& feature : spec::features()) m.features.add(feature.value);
                auto& s = m.state;
                s.SCTLR_EL1 = variable("SCTLR_EL1");
                s.SCTLR_EL2 = variable("SCTLR_EL2");
                s.SCTLR_EL3 = variable("SCTLR_EL3");
                s.TCR_EL1 = variable("TCR_EL1");
                s.TCR_EL2 = variable("TCR_EL2");
                s.TCR_EL3 = variable("TCR_EL3");
                s.HCR_EL2 = variable("HCR_EL2");
                s.SCR_EL3 = variable("SCR_EL3");
                s.PSTATE.EL = SymbolicBits<2>(el);
                s.PSTATE.TCO = SymbolicBits<1>(terms.variable("TCO", 1));
                const auto accdesc = CreateAccDescGPR(m, MemOp::LOAD, false, true, true);
                symbolic::Term path = terms.boolean(true);
                const bool result = AccessIsTagChecked(m, variable("address"), accdesc);
                CHECK(m.decisions.empty());
                constexpr auto function = static_cast<std::uint64_t>(symbolic::Function::AccessIsTagChecked);
                // The one decision of this path is the merged result.
                for (const auto& [key, value] : explorer.summaries()) {
                    const auto* cases = std::any_cast<symbolic::Cases<bool>>(&value);
                    if (cases == nullptr || key.front() != function) continue;
                    symbolic::Term any = terms.boolean(false);
                    for (const auto& [condition, outcome] : *cases) {
                        if (outcome) any = terms.binary(symbolic::Op::bool_or, any, condition);
                    }
                    path = any;
                }
                if (result) {
                    const auto at_el = SymbolicBits<2>(terms.variable("EL", 2)) == SymbolicBits<2>(el);
                    checked = terms.binary(symbolic::Op::bool_or, checked,
                                           terms.binary(symbolic::Op::bool_and, at_el.term(), path));
                }
                explorer.summaries().clear();
                return true;
            },
            1000);
    }

    unsigned agreed[2] = {};
    for (int round = 0; round < 20000; ++round) {
        ConcreteMachine m;
        for (const auto& feature : spec::features()) m.features.add(feature.value);
        symbolic::Evaluation values(terms);
        const auto give = [&](const char* name, std::uint64_t value) {
            values.set(terms.variable(name, 64), value);
            return Bits<64>(value);
        };
        auto& s = m.state;
        // Mostly ones, so that accesses are checked often.
        const auto any = [&] { return random() | random(); };
        s.SCTLR_EL1 = give("SCTLR_EL1", any());
        s.SCTLR_EL2 = give("SCTLR_EL2", any());
        s.SCTLR_EL3 = give("SCTLR_EL3", any());
        s.TCR_EL1 = give("TCR_EL1", any());
        s.TCR_EL2 = give("TCR_EL2", any());
        s.TCR_EL3 = give("TCR_EL3", any());
        s.HCR_EL2 = give("HCR_EL2", any());
        s.SCR_EL3 = give("SCR_EL3", any());
        const std::uint64_t address = give("address", random()).raw();
        const unsigned el = static_cast<unsigned>(random() % 4);
        const unsigned tco = random() % 4 == 0 ? 1 : 0;
        values.set(terms.variable("EL", 2), el);
        values.set(terms.variable("TCO", 1), tco);
        s.PSTATE.EL = Bits<2>(el);
        s.PSTATE.TCO = Bits<1>(tco);
        const auto accdesc = CreateAccDescGPR(m, MemOp::LOAD, false, true, true);
        const bool expected = AccessIsTagChecked(m, Bits<64>(address), accdesc);
        CAPTURE(round, el);
        REQUIRE((values.value(checked) != 0) == expected);
        ++agreed[expected ? 1 : 0];
    }
    CHECK(agreed[0] > 1000);
    CHECK(agreed[1] > 1000);
}
