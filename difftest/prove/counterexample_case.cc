// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/counterexample_case.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "difftest/core/layout.h"
#include "difftest/findings/files.h"
#include "difftest/generate/configuration.h"
#include "difftest/judge/judge.h"
#include "difftest/judge/layouts.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

using namespace model::proofs;
using model::Region;

constexpr std::uint64_t kPage = ARENA_PAGE_BYTES;

/// Copies some fields of a register; `layout` is one that has them where this register has them.
void copy_fields(std::uint64_t& to, std::uint64_t from, std::string_view layout,
                 std::initializer_list<std::string_view> names) {
    for (const spec::RegisterField& field : spec::info(*spec::find_register(layout)).fields) {
        if (std::find(names.begin(), names.end(), field.name) == names.end()) continue;
        to = field.bits.insert(to, field.bits.extract(from));
    }
}

Configuration configuration_of(const Profile& profile, const model::ProcState<model::NativeProofMachine>& s) {
    const unsigned el = s.PSTATE.EL.raw();
    Configuration out = base_configuration(profile, el);
    const std::uint64_t hcr = s.HCR_EL2.raw();
    const bool host = spec::field::HCR_EL2::E2H.extract(hcr) != 0;
    if (host && el != 3) make_host(out, el == 0 || spec::field::HCR_EL2::TGE.extract(hcr) != 0);
    out.spsel = s.PSTATE.SP.raw();
    out.tco = s.PSTATE.TCO.raw();
    out.pan = s.PSTATE.PAN.raw();
    out.uao = s.PSTATE.UAO.raw();
    const std::array sctlr = {s.SCTLR_EL1.raw(), s.SCTLR_EL2.raw(), s.SCTLR_EL3.raw()};
    const std::array tcr = {s.TCR_EL1.raw(), s.TCR_EL2.raw(), s.TCR_EL3.raw()};
    for (unsigned i = 0; i < 3; ++i) {
        const bool two_ranges = i == 0 || (i == 1 && host);
        copy_fields(out.sctlr[i + 1], sctlr[i], "SCTLR_EL1", {"TCF", "ATA", "ITFSB", "A", "SA", "nAA"});
        if (two_ranges) {
            copy_fields(out.sctlr[i + 1], sctlr[i], "SCTLR_EL1", {"TCF0", "ATA0", "SA0"});
            copy_fields(out.tcr[i + 1], tcr[i], "TCR_EL1", {"TBI0", "TBI1", "TCMA0", "TCMA1"});
        } else {
            copy_fields(out.tcr[i + 1], tcr[i], "TCR_EL3", {"TBI", "TCMA"});
        }
    }
    copy_fields(out.hcr_el2, hcr, "HCR_EL2", {"ATA"});
    copy_fields(out.scr_el3, s.SCR_EL3.raw(), "SCR_EL3", {"ATA"});
    // Secure state without EL2 is the only one in which EL2 is disabled; with EL2 it is as Non-secure state.
    const bool without_el2 = spec::field::SCR_EL3::EEL2.extract(s.SCR_EL3.raw()) == 0;
    if (el <= 1 && !host && without_el2) copy_fields(out.scr_el3, s.SCR_EL3.raw(), "SCR_EL3", {"NS"});
    return out;
}

/// Where the pages of a counterexample are in the map of cases.
struct MovedPage {
    bool upper = false;
    std::uint64_t from = 0; ///< offset in its half
    std::uint64_t frame = 0;
    std::uint64_t to = 0; ///< offset in the half of the case's map
    std::uint64_t pa = 0;
};

bool same_kind(const Region& region, const NativePage& page) {
    if (region.reserved || region.mapped != page.mapped) return false;
    return page.mapped ? region.memory == page.memory && region.ap == page.ap : region.level == page.level;
}

/// Pages that follow each other must do so where they go.
std::optional<std::vector<MovedPage>> move_pages(const NativeWorld& world) {
    const model::AddressSpace& space = address_space(LayoutId::arena);
    std::vector<MovedPage> moved;
    for (unsigned first = 0; first < ARENA_PAGES; ++first) {
        moved.clear();
        for (const auto& [place, page] : world.pages()) {
            const bool upper = place.first;
            const bool follows =
                !moved.empty() && moved.back().upper == upper && page.start == moved.back().from + kPage;
            for (unsigned offset = 0; offset < (follows ? 1U : ARENA_PAGES); ++offset) {
                const std::uint64_t to =
                    follows ? moved.back().to + kPage : ARENA_VA + (first + offset) % ARENA_PAGES * kPage;
                const Region& region = space.find(upper, to);
                const bool taken = std::any_of(moved.begin(), moved.end(), [&](const MovedPage& other) {
                    return other.to == to && other.upper == upper;
                });
                if (taken || !same_kind(region, page)) continue;
                moved.push_back({upper, page.start, page.pa, to, region.pa + (to - region.start)});
                break;
            }
        }
        if (moved.size() == world.pages().size()) return moved;
    }
    return std::nullopt;
}

/// An address where its page went; others stay.
std::uint64_t moved_address(std::uint64_t address, const std::vector<MovedPage>& pages) {
    constexpr std::uint64_t offset_bits = (std::uint64_t{1} << 55U) - 1;
    const bool upper = (address >> 55U & 1U) != 0;
    const std::uint64_t tag = address & 0xff00000000000000U;
    for (const std::int64_t off : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}}) { // an offset may cross a page
        for (const MovedPage& page : pages) {
            const std::uint64_t low = address & offset_bits;
            // In the upper half offsets count from where it begins, whatever its size: the low bits agree.
            const std::uint64_t start = (page.from + static_cast<std::uint64_t>(off) * kPage) & offset_bits;
            const std::uint64_t same = upper ? (std::uint64_t{1} << (64 - ARENA_TXSZ)) - kPage : ~(kPage - 1);
            if (page.upper != upper || ((low ^ start) & same & offset_bits) != 0) continue;
            const std::uint64_t to = page.to + static_cast<std::uint64_t>(off) * kPage + (low & (kPage - 1));
            return tag | ((upper ? ARENA_UPPER_HALF | to : to) & 0x00ffffffffffffffU);
        }
    }
    return address;
}

/// The windows of all bytes and tags that the counterexample looked at. False: too many, or of no moved page.
bool give_windows(const NativeWorld& world, const model::NativeProofMachine& before,
                  const std::vector<MovedPage>& pages, State& state) {
    std::map<std::uint64_t, Window> windows;
    const auto place_of = [&](std::uint64_t pa) -> std::optional<std::uint64_t> {
        for (const MovedPage& page : pages) {
            if (pa / kPage * kPage == page.frame) return page.pa + pa % kPage;
        }
        return std::nullopt;
    };
    const auto window_at = [&](std::uint64_t pa) -> Window& {
        Window& window = windows[pa / kWindowBytes * kWindowBytes];
        window.pa = pa / kWindowBytes * kWindowBytes;
        return window;
    };
    for (const auto& [place, value] : world.elements()) {
        const bool tag = place.first == "tags";
        if (!tag && place.first != "memory") continue;
        const std::uint64_t old = tag ? place.second << 4U : place.second;
        const auto pa = place_of(old);
        if (!pa) continue;
        Window& window = window_at(*pa);
        if (tag) {
            const unsigned shift = 4 * static_cast<unsigned>(*pa % kWindowBytes / 16);
            window.tags |= std::uint64_t{before.tags.at(place.second)} << shift;
        } else {
            window.data[*pa % kWindowBytes] = before.bytes.at(old);
        }
    }
    // What is written only, and what lies beside it.
    for (const MovedPage& page : pages) {
        for (const std::uint64_t x : state.x) {
            const bool upper = (x >> 55U & 1U) != 0;
            if (upper == page.upper && ((x ^ page.to) & 0x7ffffff000U) == 0) window_at(page.pa + x % kPage);
        }
    }
    if (windows.size() > kMaxWindows) return false;
    for (const auto& [pa, window] : windows) {
        state.windows.resize(state.windows.size() + 1);
        state.windows.back() = window;
    }
    return true;
}

State state_of(const model::NativeProofMachine& m, const std::vector<MovedPage>& pages) {
    const auto& s = m.state;
    State state;
    for (unsigned n = 0; n < state.x.size(); ++n) state.x[n] = moved_address(s.x[n].raw(), pages);
    for (unsigned el = 0; el < state.sp.size(); ++el) state.sp[el] = moved_address(s.sp[el].raw(), pages);
    for (const auto& v : s.v) {
        if (v.wide() != 0) state.v.resize(s.v.size());
    }
    for (std::size_t n = 0; n < state.v.size(); ++n) {
        state.v[n] = {static_cast<std::uint64_t>(s.v[n].wide()), static_cast<std::uint64_t>(s.v[n].wide() >> 64U)};
    }
    state.nzcv = static_cast<std::uint8_t>(s.PSTATE.N.raw() << 3U | s.PSTATE.Z.raw() << 2U | s.PSTATE.C.raw() << 1U |
                                           s.PSTATE.V.raw());
    state.gcr_el1 = s.GCR_EL1.raw() & spec::mask::GCR_EL1;
    state.rgsr_el1 = s.RGSR_EL1.raw() & spec::mask::RGSR_EL1;
    state.tfsre0_el1 = s.TFSRE0_EL1.raw() & spec::mask::TFSRE0_EL1;
    state.tfsr = {0, s.TFSR_EL1.raw() & spec::mask::TFSR_EL1, s.TFSR_EL2.raw() & spec::mask::TFSR_EL2_VHE,
                  s.TFSR_EL3.raw() & spec::mask::TFSR_EL3};
    return state;
}

/// Why this is no case; empty if it is one.
std::string objection(const Case& shown, std::optional<spec::Mutation> mutation) {
    Judge judge(model_profile());
    judge.load(shown.sequence);
    const Expectation right = judge.expect(shown.state);
    if (right.escaped || !right.predicted) return "it leads out of what a case may touch";
    if (!mutation) return "";
    model::MutationSet mutations;
    mutations.add(*mutation);
    Judge faulty(model_profile(), mutations);
    faulty.load(shown.sequence);
    const Expectation wrong = faulty.expect(shown.state);
    if (wrong.escaped || !wrong.predicted) return "with the fault it leads out of what a case may touch";
    if (judge.judge(shown.state, wrong.outcome).kind == Verdict::Kind::diverged) return "";
    return "the fault does not show in the configurations that a case can have";
}

} // namespace

CounterexampleCase case_of(const Scenario& scenario, unsigned variant, std::size_t statement,
                           std::optional<spec::Mutation> mutation, const Claimed& claimed) {
    CounterexampleCase result;
    if (scenario.method == Method::enumeration) {
        result.reason = "it is about a function, not about an instruction";
        return result;
    }
    model::MutationSet mutations;
    if (mutation) mutations.add(*mutation);
    const auto world = std::make_shared<ClaimedWorld>(claimed);
    std::vector<Execution> executions;
    run_concretely(scenario, variant, mutations, world, &executions);
    result.reason = "it executes no instruction";
    if (executions.empty()) return result;
    const auto pages = move_pages(*world);
    if (!pages) {
        result.reason = "the address map of cases has no such pages side by side";
        return result;
    }
    for (const Execution& execution : executions) {
        Case shown;
        shown.id = "prove/" + std::string(scenario.statements[statement].id);
        if (mutation) shown.id += "/" + std::string(spec::info(*mutation).id);
        shown.sequence.configuration = configuration_of(model_profile(), execution.before.state);
        shown.sequence.pc = ARENA_CODE_VA;
        shown.sequence.code.push_back(execution.opcode);
        shown.state = state_of(execution.before, *pages);
        if (!give_windows(*world, execution.before, *pages, shown.state)) {
            result.reason = "it touches more memory than a case has";
            continue;
        }
        result.reason = objection(shown, mutation);
        if (result.reason.empty()) {
            result.shown = std::move(shown);
            break;
        }
    }
    return result;
}

std::string write_cases(const Proofs& proofs, const std::filesystem::path& directory) {
    make_directory(directory);
    std::size_t written = 0;
    std::string others;
    const auto write = [&](const InvariantRow& row, unsigned variant, std::optional<spec::Mutation> mutation,
                           const Claimed& claimed) {
        std::string name(row.statement().id);
        if (mutation) name += "." + std::string(spec::info(*mutation).id);
        const CounterexampleCase found = case_of(*row.scenario, variant, row.number, mutation, claimed);
        if (found.shown) {
            write_durably(directory / (name + ".json"), dump(to_json(*found.shown)));
            ++written;
        } else {
            others += "  " + name + ": " + found.reason + "\n";
        }
    };
    for (const ScenarioRow& scenario : proofs.scenarios) {
        for (const InvariantRow& row : scenario.invariants) {
            if (row.counterexample) write(row, row.counterexample_variant, std::nullopt, *row.counterexample);
            for (const FaultTrial& trial : row.trials) {
                if (trial.counterexample) write(row, trial.variant, trial.mutation, *trial.counterexample);
            }
        }
    }
    std::string text = std::to_string(written) + " counterexamples written as cases to " + directory.string() +
                       " (mtecheck replay FILE --target model:MUTATION)\n";
    if (!others.empty()) text += "no case is given for\n" + others;
    return text;
}

} // namespace mtecheck::difftest
