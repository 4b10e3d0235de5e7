// SPDX-License-Identifier: Apache-2.0
#include "model/symbolic/symbolic_machine.h"

namespace mtecheck::model {

Page SymbolicMachine::find_region(bool upper, Bits<64> offset) {
    const Bits<52> number = slice<63, 12>(offset);
    for (const PathLog::KnownPage& known : path->pages) {
        if (known.upper != upper || !static_cast<bool>(known.number == number)) continue;
        // The same page, as this address has it: what is added to the frame is then seen to be the offset within it.
        Page page = known.page;
        page.start = concat(number, Bits<12>(0));
        return page;
    }
    symbolic::Explorer& explorer = symbolic::current_explorer();
    symbolic::Terms& terms = symbolic::current_terms();
    Page page;
    page.mapped = map_policy.all_mapped || explorer.fork(2) == 0;
    if (!page.mapped) {
        page.level = static_cast<std::uint8_t>(3 - explorer.fork(4));
    } else {
        constexpr MemoryKind kinds[] = {MemoryKind::tagged, MemoryKind::write_back, MemoryKind::noncacheable,
                                        MemoryKind::device};
        if (!map_policy.all_tagged) page.memory = kinds[explorer.fork(4)];
        if (!map_policy.all_accessible) page.ap = static_cast<std::uint8_t>(explorer.fork(4));
    }
    const symbolic::Term frames = terms.array_variable("frame", 53, 44);
    const symbolic::Term frame = terms.select(frames, concat(Bits<1>(upper ? 1 : 0), number).term());
    page.pa = ZeroExtend<64>(concat(Bits<44>(frame), Bits<12>(0)));
    page.start = concat(number, Bits<12>(0));
    path->pages.push_back({upper, number, page});
    return page;
}

} // namespace mtecheck::model
