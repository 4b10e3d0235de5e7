// SPDX-License-Identifier: Apache-2.0
//
// Whatever a guest leaves in a record, decoding it gives an outcome or says that there is none.
#include <algorithm>
#include <vector>

#include "difftest/core/layout.h"
#include "difftest/qemu/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mtecheck::difftest;
    if (size == 0) return 0;
    Sequence sequence;
    sequence.pc = ARENA_CODE_VA;
    sequence.code = {0xd503201f, 0xd503201f};
    State before;
    if ((data[0] & 1) != 0) before.v.resize(32);
    before.windows.resize(data[0] >> 1 & 3);
    std::vector<std::uint8_t> record(encoded_bytes(before));
    encode(before, record);
    std::copy_n(data + 1, std::min(size - 1, record.size()), record.begin());
    std::uint64_t signature = 0; // as the guest wrote it, so that the rest is looked at
    std::copy_n(record.begin() + offsetof(wire_state, signature), sizeof signature,
                reinterpret_cast<std::uint8_t*>(&signature));
    const auto decoded = decode(sequence, {ARENA_CODE_VA, 1}, RecordShape(before), record, signature);
    if (const auto* const outcome = std::get_if<OutcomeView>(&decoded)) static_cast<void>(outcome->copy());
    return 0;
}
