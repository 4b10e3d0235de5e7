// SPDX-License-Identifier: Apache-2.0
//
// The machine of the concrete reading of invariants: plain values, deliberate faults, and memory, address map and
// choices that come from a world (native_world.h) as they are asked for. It offers to invariants what the symbolic
// machine offers; it can be copied, and copies share the world.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "model/machine/native_machine.h"
#include "model/machine/recording_machine.h"
#include "model/proofs/native_world.h"

namespace mtecheck::model {
namespace proofs {

/// Bytes or allocation tags: what the world has there, and what was written.
class NativeArray {
  public:
    NativeArray() = default;
    NativeArray(std::shared_ptr<NativeWorld> world, std::string name, unsigned width)
        : world_(std::move(world)), name_(std::move(name)), width_(width) {}

    std::uint8_t at(std::uint64_t index) const {
        const auto found = written_.find(index);
        return found != written_.end() ? found->second
                                       : static_cast<std::uint8_t>(world_->element(name_, index, width_));
    }
    void set(std::uint64_t index, std::uint8_t value) { written_[index] = value; }

    /// Calls found(index, in a, in b) for each index that was written and differs.
    template <class Found>
    static void differences(const NativeArray& a, const NativeArray& b, const Found& found) {
        for (const auto& [index, value] : b.written_) {
            if (a.at(index) != value) found(index, a.at(index), value);
        }
    }

    /// Whether both hold the same wherever one of them was written, and at `elsewhere`.
    static bool same(const NativeArray& a, const NativeArray& b, std::uint64_t elsewhere) {
        for (const auto* array : {&a, &b}) {
            for (const auto& [index, value] : array->written_) {
                if (a.at(index) != b.at(index)) return false;
            }
        }
        return a.name_ == b.name_ || a.at(elsewhere) == b.at(elsewhere);
    }

  private:
    std::shared_ptr<NativeWorld> world_;
    std::string name_;
    unsigned width_ = 8;
    std::map<std::uint64_t, std::uint8_t> written_;
};

} // namespace proofs

/// In the namespace of the semantics: they find functions for their machine there.
class NativeProofMachine : public RecordingMachine<NativeProofMachine> {
  public:
    template <unsigned N>
    using Bits = model::Bits<N>;
    using Bool = model::Bool;

    ProcState<NativeProofMachine> state;
    Bits<32> opcode = 0;
    Bits<64> next_pc = 0;
    TakenException exception;
    PassedOverFault<NativeProofMachine> passed_over;

    FeatureSet features;
    MutationSet mutations;
    AddressMapPolicy map_policy;
    proofs::NativeArray bytes;
    proofs::NativeArray tags;
    std::shared_ptr<proofs::NativeWorld> world;

    // ---- what semantics see (the concept Machine) ----

    unsigned choose(spec::DontCare reason, unsigned options) { return world->choice(reason, options); }
    bool have(spec::Feature feature) const { return features.has(feature); }
    bool have_all(const FeatureSet& set) const { return features.has_all(set); }
    bool mutated(spec::Mutation mutation) const { return mutations.has(mutation); }

    template <unsigned N>
    static unsigned index(Bits<N> value) {
        return static_cast<unsigned>(value.raw());
    }

    const proofs::NativePage& find_region(bool upper, Bits<64> offset) {
        return world->page(upper, offset.raw() >> 12U, map_policy);
    }
    unsigned pa_bits() const { return 48; }

    template <unsigned size>
    Bits<8 * size> phys_read(Bits<56> paddress) {
        Uint128 value = 0;
        for (unsigned i = 0; i < size; ++i) value |= Uint128{bytes.at((paddress + Bits<56>(i)).raw())} << (8 * i);
        return Bits<8 * size>::from_wide(value);
    }
    template <unsigned size>
    void phys_write(Bits<56> paddress, Bits<8 * size> value) {
        note_write();
        for (unsigned i = 0; i < size; ++i) {
            bytes.set((paddress + Bits<56>(i)).raw(), static_cast<std::uint8_t>(value.wide() >> (8 * i)));
        }
    }
    Bits<4> phys_tag_read(Bits<56> paddress) { return tags.at(paddress.raw() >> 4U); }
    void phys_tag_write(Bits<56> paddress, Bits<4> tag) {
        note_write();
        tags.set(paddress.raw() >> 4U, tag.raw());
    }
};

} // namespace mtecheck::model
