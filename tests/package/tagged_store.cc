// SPDX-License-Identifier: Apache-2.0
//
// The model as a library: one store through a pointer whose tag is right, and one whose tag is wrong.
// Exits with 0 if the first completed and the second took a Data Abort for a tag check fault.
#include <array>
#include <cstdint>
#include <cstdio>

#include "model/machine/concrete_machine.h"
#include "spec/disassemble.h"
#include "spec/encode.h"

namespace {

using namespace mtecheck;

constexpr std::uint64_t kCode = 0x20000;
constexpr std::uint64_t kData = 0x10000;
constexpr std::uint64_t kPhysical = 0x40000000;

/// Stores X0 at kData through X1 with logical tag `tag`, where the allocation tag is 6, and says what happened.
model::RunStatus store(unsigned tag) {
    model::ConcreteMachine m;
    const model::AddressSpace space({{.start = kData, .end = kData + 0x1000, .pa = kPhysical}}, 3, 48);
    m.set_address_space(space);
    m.features.add(spec::Feature::FEAT_MTE);
    m.features.add(spec::Feature::FEAT_MTE2);
    m.reset();
    const std::array<std::uint8_t, model::PhysicalMemory::window_bytes> zeros{};
    m.memory().initialise_window(kPhysical, zeros.data(), 0x6);

    using namespace spec::field;
    m.state.pc = kCode;
    m.state.PSTATE.EL = model::EL1;
    m.state.SCTLR_EL1 =
        SCTLR_EL1::M.place(1) | SCTLR_EL1::C.place(1) | SCTLR_EL1::ATA.place(1) | SCTLR_EL1::TCF.place(1);
    m.state.TCR_EL1 = TCR_EL1::T0SZ.place(25) | TCR_EL1::T1SZ.place(25) | TCR_EL1::TBI0.place(1);
    m.state.x[1] = kData | std::uint64_t{tag} << 56;

    const spec::FieldValue operands[] = {{"imm12", 0}, {"Rn", 1}, {"Rt", 0}};
    const std::uint32_t opcode = spec::encode(spec::Encoding::STR_x_imm_unsigned, operands);
    const model::Program program(kCode, std::array{opcode});
    const model::RunResult result = model::Run(m, program, 10);
    std::printf("%s with logical tag %u: ESR_EL1 %#llx\n", spec::disassemble(opcode).c_str(), tag,
                static_cast<unsigned long long>(m.state.ESR_EL1.raw()));
    return result.status;
}

} // namespace

int main() {
    const bool right = store(6) == model::RunStatus::completed;
    const bool wrong = store(7) == model::RunStatus::exception;
    return right && wrong ? 0 : 1;
}
