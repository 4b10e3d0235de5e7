// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/concrete_subject.h"

#include <cstdio>

#include "model/proofs/named_state.h"

namespace mtecheck::model::proofs {

static_assert(Machine<NativeProofMachine>);

namespace {

std::string hex(std::uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

} // namespace

NativeProofMachine ConcreteSubject::machine_at(Bits<2> at) const {
    NativeProofMachine m;
    m.features = features_;
    m.mutations = mutations_;
    m.map_policy = map_;
    m.world = world_;
    NameState(m.state, [&](const std::string& name, auto& value) {
        using Value = std::remove_reference_t<decltype(value)>;
        value = any<Value::width>(name);
    });
    m.state.PSTATE.EL = at;
    m.state.pc = kInstructionAddress;
    m.bytes = NativeArray(world_, "memory", 8);
    m.tags = NativeArray(world_, "tags", 4);
    // Exception levels that can be: EL2 only where it is enabled, SP_EL0 at EL0.
    const unsigned el = CurrentEL(m);
    if (el == EL2 && !EL2Enabled(m)) irrelevant();
    if (el == EL0) assume(m.state.PSTATE.SP == 0);
    return m;
}

RunStatus ConcreteSubject::execute(Machine& m, spec::Encoding encoding, std::initializer_list<Operand> operands) {
    const spec::EncodingInfo& info = spec::info(encoding);
    std::uint32_t opcode = info.value;
    EachOperand(
        info, operands, [&](const spec::FieldInfo& field, std::uint32_t bits) { opcode = field.insert(opcode, bits); },
        [&](const spec::FieldInfo& field, const std::string& name) {
            opcode = field.insert(opcode, static_cast<std::uint32_t>(world_->variable(name, field.width())));
        });
    world_->opcodes.push_back(opcode);
    if (executions_ == nullptr) return RunInstruction(m, encoding, model::Bits<32>(opcode));
    const Machine before = m;
    m.decisions.clear();
    const RunStatus status = RunInstruction(m, encoding, model::Bits<32>(opcode));
    keep(before, m, status);
    return status;
}

void ConcreteSubject::keep(const Machine& before, const Machine& after, RunStatus status) const {
    Execution& execution = executions_->emplace_back();
    execution.opcode = after.opcode.raw();
    execution.status = status;
    execution.decisions = after.decisions;
    execution.exception = after.exception;
    execution.before = before;
    auto old = before.state;
    auto now = after.state;
    std::vector<Uint128> values;
    NameState(old, [&](const std::string&, const auto& value) { values.push_back(value.wide()); });
    std::size_t next = 0;
    NameState(now, [&](const std::string& name, const auto& value) {
        const Uint128 was = values[next++];
        if (was != value.wide()) execution.changes.push_back({name, was, value.wide()});
    });
    NativeArray::differences(before.bytes, after.bytes, [&](std::uint64_t pa, std::uint8_t was, std::uint8_t is) {
        execution.changes.push_back({"[" + hex(pa) + "]", was, is});
    });
    NativeArray::differences(before.tags, after.tags, [&](std::uint64_t granule, std::uint8_t was, std::uint8_t is) {
        execution.changes.push_back({"tag[" + hex(granule << 4U) + "]", was, is});
    });
}

void ConcreteSubject::claim_if(Bool premise, Bool condition, const char* text) {
    if (!static_cast<bool>(premise)) return;
    Result& result = results_[current_];
    result.made.push_back(text);
    if (!static_cast<bool>(condition)) result.broken.push_back(text);
}

MutantMachine ConcreteSubject::native_machine() const {
    MutantMachine m;
    m.features = features_;
    m.mutations.set(mutations_);
    return m;
}

bool ConcreteSubject::enumerated(bool holds, const char* text,
                                 std::initializer_list<std::pair<const char*, std::uint64_t>>) {
    claim(Bool(holds), text);
    return holds;
}

} // namespace mtecheck::model::proofs
