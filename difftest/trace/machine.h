// SPDX-License-Identifier: Apache-2.0
//
// The machine that judges traces: the one source over values that may be known in part. Data come from the record, tags
// from the shadow.
//
// Two things a trace need not tell: which memory is Tagged, and the tag of a granule. Where a check hangs on one of
// them the machine *supposes* an answer and notes that it did; the judge has it try every answer (attempts.cc). Where
// control hangs on any other value that is not known, the run ends with NotKnown.
//
// Invariant: a run changes `state` and the journals; the shadow is written by commit() only.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "difftest/trace/record.h"
#include "difftest/trace/tag_shadow.h"
#include "model/machine/native_machine.h"
#include "model/machine/partial_bits.h"
#include "model/machine/recording_machine.h"
#include "model/run/program.h"

namespace mtecheck::difftest {

/// Something that the trace did not tell, and what a run took for true.
struct Supposition {
    enum class Kind : std::uint8_t { tags_match, memory_is_tagged };
    Kind kind{};
    bool answer = true;
    std::uint8_t tag = 0; ///< that matches
    std::uint64_t location = 0;
};

/// An answer to a question that a run asked: of what the architecture leaves open, or of what the trace did not tell.
struct GivenAnswer {
    std::uint8_t answer = 0;
    std::uint8_t options = 0;
};

struct DataWrite {
    std::uint64_t location = 0;
    std::uint8_t size = 0;
    model::partial::PartialBits<128> value;
};

struct TagWrite {
    std::uint64_t location = 0;
    model::partial::PartialBits<4> tag;
};

/// The page that a virtual one is mapped to, as the trace told.
struct MappedPage {
    std::uint64_t key = ~std::uint64_t{0};
    std::uint64_t location = 0; ///< of its first byte
};

class TraceMachine : public model::ThrowingMachine {
  public:
    template <unsigned N>
    using Bits = model::partial::PartialBits<N>;
    using Bool = model::partial::PartialBool;

    struct Region {
        bool mapped = true;
        std::uint8_t level = 3;
        model::MemoryKind memory = model::MemoryKind::tagged;
        std::uint8_t ap = 0;
        std::uint64_t pa = 0;
        std::uint64_t start = 0;
    };

    explicit TraceMachine(TagShadow& shadow) : shadow_(shadow) {}

    model::ProcState<TraceMachine> state;
    Bits<32> opcode = 0;
    Bits<64> next_pc = 0;
    model::TakenException exception;
    model::PassedOverFault<TraceMachine> passed_over;
    model::FeatureSet features;
    std::vector<model::Mark<TraceMachine>> marks;
    std::vector<GivenAnswer> answers;
    std::vector<Supposition> suppositions;       ///< those of the answers that are
    std::vector<std::uint64_t> tags_learnt;      ///< granules whose tag an instruction loads, and which are not known
    std::vector<model::DecisionTaken> decisions; ///< if keep_decisions
    std::vector<DataWrite> data_writes;
    std::vector<TagWrite> tag_writes;
    bool keep_decisions = false;
    bool aborted = false; ///< an abort left open what the instruction had written
    spec::Decision last_decision{};
    bool hangs_on_decision = false; ///< the run ended with NotKnown at the last decision
    std::uint32_t lower_space = 0;  ///< the address space of the lower half; that of the upper one is 0, always

    /// What a run is about: set before it.
    struct Setting {
        const TraceRecord* record = nullptr;
        bool explicit_tag_read = false;
        bool unprivileged = false;
        std::uint8_t random_tag = 0; ///< the answer to try first
    };
    void set(const Setting& setting) { setting_ = setting; }
    /// The page of a virtual location is mapped to a physical one.
    void map(std::uint64_t location, std::uint64_t pa);
    void forget_translations() {
        translations_.clear();
        recent_ = {};
    }
    /// Where a virtual address is, as far as known.
    std::uint64_t location_of(std::uint64_t va) const;
    std::uint32_t space_of(std::uint64_t location) const {
        return !TagShadow::is_virtual(location) ? 0 : (location >> 55 & 1) != 0 ? 0 : lower_space;
    }

    /// Starts a run with these first answers.
    void start(std::span<const std::uint8_t> script);

    // ---- what semantics see (the concept Machine) ----

    bool decide(spec::Decision decision, Bool condition);
    void note_logical_tag(Bits<4> tag) { logical_tag_ = static_cast<std::uint8_t>(index(tag)); }
    unsigned choose(spec::DontCare reason, unsigned options);
    void unknown(const model::Mark<TraceMachine>& mark) { marks.push_back(mark); }
    bool have(spec::Feature feature) const { return features.has(feature); }
    bool have_all(const model::FeatureSet& set) const { return features.has_all(set); }
    static constexpr bool mutated(spec::Mutation) { return false; }
    template <class Value>
    static unsigned index(Value value) {
        if (!value.all_known()) throw model::partial::NotKnown{};
        return static_cast<unsigned>(value.value().raw());
    }
    static void new_instruction(std::size_t) {}
    void mark_partial_writes() { aborted = true; }
    const Region& find_region(bool upper, Bits<64> offset);
    static unsigned pa_bits() { return 56; }

    template <unsigned size>
    Bits<8 * size> phys_read(Bits<56> paddress) {
        const auto found = recorded(location(paddress), size);
        return Bits<8 * size>(model::Bits<8 * size>::from_wide(found.value().wide()),
                              model::Bits<8 * size>::from_wide(found.known().wide()));
    }
    template <unsigned size>
    void phys_write(Bits<56> paddress, Bits<8 * size> value) {
        data_writes.push_back({location(paddress), size, model::partial::ZeroExtend<128>(value)});
    }
    Bits<4> phys_tag_read(Bits<56> paddress);
    std::uint64_t tag_read_at() const { return tag_read_at_; }
    std::uint8_t logical_tag() const { return logical_tag_; }
    void phys_tag_write(Bits<56> paddress, Bits<4> tag) { tag_writes.push_back({location(paddress), tag}); }

  private:
    static std::uint64_t location(Bits<56> paddress) {
        if (!paddress.all_known()) throw model::partial::NotKnown{};
        return paddress.value().raw();
    }
    std::uint64_t translation_key(std::uint64_t location) const {
        return location / TagShadow::page_bytes | std::uint64_t{space_of(location)} << 44U;
    }
    bool suppose(Supposition::Kind kind, std::uint64_t location, std::uint8_t tag);
    std::uint8_t next_answer(unsigned options, std::uint8_t first);
    bool memory_is_tagged(std::uint64_t location);
    /// What the record says was read there.
    Bits<128> recorded(std::uint64_t location, unsigned size) const;

    TagShadow& shadow_;
    Setting setting_;
    Region region_;
    bool memory_not_known_ = false; ///< whether that of `region_` is Tagged
    std::uint64_t tag_read_at_ = 0;
    std::uint8_t logical_tag_ = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> translations_;
    mutable MappedPage recent_; ///< of those
    std::span<const std::uint8_t> script_;
};

/// AArch64.PhysicalTag: as the template of the model, but the machine notes the tag, in case it has to suppose a match.
TraceMachine::Bits<4> PhysicalTag(TraceMachine& m, TraceMachine::Bits<64> vaddr);

/// How a run ended.
enum class RunEnd : std::uint8_t { completed, exception, not_predicted, not_known, not_allowed };

/// Runs one instruction at state.pc.
RunEnd run_instruction(TraceMachine& m, const model::DecodedInstruction& instruction);
/// What taking an exception to `to_el` does to the state, as far as that is known without its kind.
void enter_exception(TraceMachine& m, unsigned to_el);
/// PSTATE in the layout of SPSR_ELx.
model::partial::PartialBits<64> pstate_of(TraceMachine& m);
void set_pstate(TraceMachine& m, model::partial::PartialBits<64> spsr);
/// The register behind the name; or none.
model::partial::PartialBits<64>* system_register(model::ProcState<TraceMachine>& state, spec::Reg reg);

} // namespace mtecheck::difftest
