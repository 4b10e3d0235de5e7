// SPDX-License-Identifier: Apache-2.0
//
// The symbolic machine: the same semantics over terms. Decisions ask the explorer of paths; what the architecture
// leaves open forks the path, so that a property is proved for every allowed answer.
//
// Memory is one array of bytes and one of allocation tags, by physical address. The address map is any map of 4 KB
// pages: where a page goes is an array too (two pages may go to one frame), and what kind of memory it is forks the
// path. Permission faults are at level 3.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "model/machine/native_machine.h"
#include "model/machine/recording_machine.h"
#include "model/memory/address_space.h"
#include "model/state/proc_state.h"
#include "model/symbolic/explorer.h"
#include "model/symbolic/values.h"

namespace mtecheck::model {

/// What an access of the machine may meet; the fewer, the fewer paths.
struct AddressMapPolicy {
    bool all_mapped = false;
    bool all_tagged = false;     ///< Normal Write-Back Tagged only
    bool all_accessible = false; ///< AP[2:1] = 01: from every Exception level, for reading and writing
};

/// A page as the translation tables have it on this path.
struct Page {
    bool mapped = true;
    std::uint8_t level = 3;
    MemoryKind memory = MemoryKind::tagged;
    std::uint8_t ap = 1;
    symbolic::SymbolicBits<64> pa;
    symbolic::SymbolicBits<64> start;
};

/// What all machines of one path have in common: the address map as far as they met it, the choices that they made.
struct PathLog {
    struct ChoiceTaken {
        spec::DontCare reason{};
        unsigned answer = 0;
    };
    struct KnownPage {
        bool upper = false;
        symbolic::SymbolicBits<52> number;
        Page page;
    };
    /// A tag that was chosen by the contract of ChooseNonExcludedTag, which leaves more than one open.
    struct ChosenTag {
        symbolic::SymbolicBits<4> tag;
        symbolic::SymbolicBits<4> offset;
        symbolic::SymbolicBits<16> exclude;
        symbolic::SymbolicBits<4> result;
    };
    std::vector<ChoiceTaken> choices;
    std::deque<KnownPage> pages;
    std::vector<ChosenTag> chosen_tags;
    MutationSet consulted; ///< deliberate faults that would have made a difference to what is run
};

class SymbolicMachine : public RecordingMachine<SymbolicMachine> {
  public:
    template <unsigned N>
    using Bits = symbolic::SymbolicBits<N>;
    using Bool = symbolic::SymbolicBool;

    ProcState<SymbolicMachine> state;
    Bits<32> opcode = 0;
    Bits<64> next_pc = 0;
    TakenException exception;
    PassedOverFault<SymbolicMachine> passed_over;

    FeatureSet features;
    MutationSet mutations;
    AddressMapPolicy map_policy;
    symbolic::Term bytes = symbolic::Term::none;                 ///< array of 8 bits by 56
    symbolic::Term tags = symbolic::Term::none;                  ///< array of 4 bits by 52
    std::shared_ptr<PathLog> path = std::make_shared<PathLog>(); ///< copies of a machine share it

    // ---- what semantics see (the concept Machine) ----

    unsigned choose(spec::DontCare reason, unsigned options) {
        const unsigned answer = symbolic::current_explorer().fork(options);
        path->choices.push_back({reason, answer});
        return answer;
    }
    bool have(spec::Feature feature) const { return features.has(feature); }
    bool have_all(const FeatureSet& set) const { return features.has_all(set); }
    bool mutated(spec::Mutation mutation) const {
        path->consulted.add(mutation);
        return mutations.has(mutation);
    }

    template <unsigned N>
    unsigned index(Bits<N> value) {
        return symbolic::each_value(value);
    }

    Page find_region(bool upper, Bits<64> offset);
    unsigned pa_bits() const { return 48; }

    template <unsigned size>
    Bits<8 * size> phys_read(Bits<56> paddress) {
        symbolic::Terms& terms = symbolic::current_terms();
        symbolic::Term value = terms.select(bytes, paddress.term());
        for (unsigned i = 1; i < size; ++i) {
            value = terms.binary(symbolic::Op::concat, terms.select(bytes, (paddress + Bits<56>(i)).term()), value);
        }
        return Bits<8 * size>(value);
    }
    template <unsigned size>
    void phys_write(Bits<56> paddress, Bits<8 * size> value) {
        symbolic::Terms& terms = symbolic::current_terms();
        note_write();
        for (unsigned i = 0; i < size; ++i) {
            bytes = terms.store(bytes, (paddress + Bits<56>(i)).term(), terms.extract(value.term(), 8 * i + 7, 8 * i));
        }
    }
    Bits<4> phys_tag_read(Bits<56> paddress) {
        return Bits<4>(symbolic::current_terms().select(tags, slice<55, 4>(paddress).term()));
    }
    void phys_tag_write(Bits<56> paddress, Bits<4> tag) {
        note_write();
        tags = symbolic::current_terms().store(tags, slice<55, 4>(paddress).term(), tag.term());
    }
};

} // namespace mtecheck::model
