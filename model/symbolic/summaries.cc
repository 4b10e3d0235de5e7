// SPDX-License-Identifier: Apache-2.0
#include "model/symbolic/summaries.h"

#include <utility>

namespace mtecheck::model {

namespace symbolic {

void append_control_state(const SymbolicMachine& m, std::vector<std::uint64_t>& key) {
    const auto append_set = [&](std::size_t count, auto&& has) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < count; ++i) {
            word |= std::uint64_t{has(i)} << (i % 64);
            if (i % 64 == 63 || i + 1 == count) key.push_back(std::exchange(word, 0));
        }
    };
    append_set(spec::feature_count, [&](std::size_t i) { return m.features.has(static_cast<spec::Feature>(i)); });
    append_set(spec::mutation_count, [&](std::size_t i) { return m.mutations.has(static_cast<spec::Mutation>(i)); });
    const auto& s = m.state;
    for (const auto& control : {s.SCTLR_EL1, s.SCTLR_EL2, s.SCTLR_EL3, s.TCR_EL1, s.TCR_EL2, s.TCR_EL3, s.HCR_EL2,
                                s.SCR_EL3, s.CPACR_EL1, s.CPTR_EL2, s.CPTR_EL3}) {
        key.push_back(key_of(control));
    }
    key.push_back(key_of(s.PSTATE.EL));
    for (const auto& bit : {s.PSTATE.SP, s.PSTATE.TCO, s.PSTATE.PAN, s.PSTATE.UAO}) key.push_back(key_of(bit));
}

} // namespace symbolic

symbolic::SymbolicBits<4> ChooseNonExcludedTag(SymbolicMachine& m, symbolic::SymbolicBits<4> tag,
                                               symbolic::SymbolicBits<4> offset, symbolic::SymbolicBits<16> exclude) {
    using Tag = symbolic::SymbolicBits<4>;
    symbolic::Terms& terms = symbolic::current_terms();
    symbolic::Explorer& explorer = symbolic::current_explorer();
    const auto name = [](auto value) { return std::to_string(static_cast<std::uint32_t>(value.term())); };
    const Tag result(
        terms.variable("ChooseNonExcludedTag(" + name(tag) + "," + name(offset) + "," + name(exclude) + ")", 4));
    const auto excluded = [&](Tag t) {
        return slice<0, 0>(LSR(exclude, ZeroExtend<16>(t))) == symbolic::SymbolicBits<1>(1);
    };
    const auto all = exclude == symbolic::SymbolicBits<16>(0xffff);
    const auto assume_unless = [&](symbolic::SymbolicBool premise, symbolic::SymbolicBool fact) {
        explorer.assume((premise | fact).term());
    };
    assume_unless(!all, result == Tag(0));
    assume_unless(all, !excluded(result));
    assume_unless(exclude != symbolic::SymbolicBits<16>(0), result == tag + offset);
    assume_unless((offset != Tag(0)) | excluded(tag), result == tag);
    m.path->chosen_tags.push_back({tag, offset, exclude, result});
    return result;
}

} // namespace mtecheck::model
