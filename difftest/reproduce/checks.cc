// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/checks.h"

#include <algorithm>
#include <optional>

#include "difftest/core/error.h"
#include "difftest/core/expectation.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/layout.h"
#include "difftest/core/process.h"
#include "difftest/judge/reading.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kPstateBits = 0xf2c0000f; // what is recorded: NZCV, TCO, UAO, PAN, M[3:0]
constexpr std::uint64_t kProcessPstateBits = 0xf2000000;

std::string in_record(unsigned offset) { return "record + " + std::to_string(offset); }

/// The bits of a word that are left open.
std::uint64_t left_open(const Expectation& expectation, Allowance::Kind kind, unsigned index) {
    std::uint64_t mask = 0;
    for (const Allowance& allowance : expectation.allowances) {
        if (allowance.kind == kind && allowance.index == index) mask |= allowance.mask;
    }
    return mask;
}

/// How a run ends: exception or signal, with what is known of it. The same number of words for both.
constexpr std::size_t kEnd = 6;

std::vector<Check> words(const Outcome& outcome, const Expectation* expectation, bool process) {
    using Kind = Allowance::Kind;
    std::vector<Check> all;
    const auto add = [&](std::string name, std::string where, std::uint64_t value, std::uint64_t mask,
                         std::optional<Kind> kind = std::nullopt, unsigned index = 0) {
        if (expectation != nullptr && kind) mask &= ~left_open(*expectation, *kind, index);
        all.push_back({std::move(name), std::move(where), value, mask});
    };
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    const bool far_valid = expectation == nullptr || expectation->far_valid;
    if (process) {
        const bool signal = outcome.status == Status::signal;
        const SignalRecord& s = outcome.signal;
        add("end (si_code and signal, or 0)", in_record(record::kEvent),
            signal ? static_cast<std::uint64_t>(s.code) << 8U | static_cast<std::uint64_t>(s.number)
                   : record::kCompleted,
            kAll);
        const std::uint64_t sent = signal ? kAll : 0;
        add("si_addr", in_record(record::kFar), s.address, far_valid ? compared_address(sent) : 0, Kind::far);
        add("PC", in_record(record::kElr), outcome.pc, sent);
        add("PSTATE", in_record(record::kPstate), outcome.pstate, kProcessPstateBits, Kind::nzcv);
        add("SP", in_record(record::kSp), outcome.sp[0], kAll, Kind::stack_pointer, 0);
        add("SEGV_MTEAERR came", in_record(record::kTfsre0), outcome.tfsre0_el1,
            asynchronous_faults_known(outcome.status, s) ? 1 : 0, Kind::tfsr, 0);
    } else {
        const bool exception = outcome.status == Status::exception;
        const ExceptionRecord& e = outcome.exception;
        add("end (exception level and vector, or 0)", in_record(record::kEvent),
            exception ? std::uint64_t{e.to_el} << 8U | e.vector / 0x80U : record::kCompleted, kAll);
        const std::uint64_t taken = exception ? kAll : 0;
        add("ESR", in_record(record::kEsr), e.esr, taken, Kind::esr);
        add("FAR", in_record(record::kFar), e.far, far_valid ? taken : 0, Kind::far);
        add("ELR", in_record(record::kElr), e.elr, taken);
        add("SPSR", in_record(record::kSpsr), e.spsr, taken, Kind::nzcv);
        add("PSTATE", in_record(record::kPstate), outcome.pstate, kPstateBits, Kind::nzcv);
    }
    for (unsigned n = 0; n < outcome.x.size(); ++n)
        add("x" + std::to_string(n), in_record(record::kX + 8 * n), outcome.x[n], kAll, Kind::general_register, n);
    if (!process) {
        for (unsigned n = 0; n < 3; ++n)
            add("SP_EL" + std::to_string(n), in_record(record::kSp + 8 * n), outcome.sp[n], kAll, Kind::stack_pointer,
                n);
        add("GCR_EL1", in_record(record::kGcr), outcome.gcr_el1, kAll, Kind::gcr);
        add("RGSR_EL1", in_record(record::kRgsr), outcome.rgsr_el1, kAll, Kind::rgsr);
        add("TFSRE0_EL1", in_record(record::kTfsre0), outcome.tfsre0_el1, kAll, Kind::tfsr, 0);
        for (unsigned n = 1; n < 4; ++n)
            add("TFSR_EL" + std::to_string(n), in_record(record::kTfsr + 8 * (n - 1)), outcome.tfsr[n], kAll,
                Kind::tfsr, n);
    }
    for (unsigned n = 0; n < outcome.v.size(); ++n) {
        const std::string name = "v" + std::to_string(n);
        add(name + " low", in_record(record::kVectors + 16 * n), outcome.v[n].low, kAll, Kind::simd_register, n);
        add(name + " high", in_record(record::kVectors + 16 * n + 8), outcome.v[n].high, kAll, Kind::simd_register, n);
    }
    for (unsigned i = 0; i < outcome.windows.size(); ++i) {
        const Window& window = outcome.windows[i];
        const std::uint64_t offset = window.pa - ARENA_PA;
        const auto open_at = [&](Kind kind, std::uint64_t pa) {
            return expectation != nullptr &&
                   std::any_of(expectation->allowances.begin(), expectation->allowances.end(),
                               [&](const Allowance& a) { return a.kind == kind && a.address == pa; });
        };
        for (unsigned at = 0; at < kWindowBytes; at += 8) {
            std::uint64_t value = 0;
            std::uint64_t mask = 0;
            for (unsigned byte = 0; byte < 8; ++byte) {
                value |= std::uint64_t{window.data[at + byte]} << (8 * byte);
                if (!open_at(Kind::memory, window.pa + at + byte)) mask |= std::uint64_t{0xff} << (8 * byte);
            }
            add("memory at " + hex_text(ARENA_VA + offset + at), "arena + " + hex_text(offset + at), value, mask);
        }
        std::uint64_t tag_mask = kAll;
        for (unsigned granule = 0; granule < kWindowGranules; ++granule) {
            if (open_at(Kind::tag, window.pa + 16 * granule)) tag_mask &= ~(std::uint64_t{15} << (4 * granule));
        }
        add("tags at " + hex_text(ARENA_VA + offset), in_record(record::kTags + 8 * i), window.tags, tag_mask);
    }
    return all;
}

/// What the code begins with, as an outcome.
Outcome initial(const State& state) {
    Outcome outcome;
    static_cast<Registers&>(outcome) = state;
    outcome.v = state.v;
    outcome.windows = state.windows;
    return outcome;
}

} // namespace

std::vector<Check> words_of(const Outcome& outcome, bool process) { return words(outcome, nullptr, process); }

bool passes(const Check& check, const std::vector<Check>& words_of_outcome) {
    for (const Check& word : words_of_outcome) {
        if (word.where == check.where) return ((word.expected ^ check.expected) & check.mask) == 0;
    }
    return false;
}

std::vector<Check> checks_of(const Case& value, const Profile& profile, const Outcome* got) {
    const auto cannot = [&](const std::string& why) { return InputError("case " + value.id, "", why); };
    const bool process = value.sequence.layout == LayoutId::process;
    const auto reading = make_reading(profile);
    reading->load(value.sequence);
    reading->run(value.state, {}, reading->first);
    const Expectation& first = reading->first;
    if (leads_astray(first)) throw cannot("has no end that the model predicts: nothing can be checked");
    std::vector<Check> checks = words(first.outcome, &first, process);
    bool open = false;
    try_others(*reading, value.state, first, [&](const Expectation& other) {
        open = open || leads_astray(other);
        const std::vector<Check> allowed = words(other.outcome, &other, process);
        for (std::size_t i = 0; i < checks.size(); ++i)
            checks[i].mask &= allowed[i].mask & ~(checks[i].expected ^ allowed[i].expected);
        return open;
    });
    if (open) throw cannot("has an allowed outcome of which the end is not predicted: nothing can be checked");
    // Of what nobody changes there is no need to speak; how the run ends comes first.
    const std::vector<Check> before = words_of(initial(value.state), process);
    const std::vector<Check> seen = got != nullptr ? words_of(*got, process) : std::vector<Check>();
    std::vector<Check> result;
    for (std::size_t i = 0; i < checks.size(); ++i) {
        if (checks[i].mask == 0) continue;
        const bool changes = i < kEnd || ((before[i].expected ^ checks[i].expected) & checks[i].mask) != 0;
        if (changes || (got != nullptr && !passes(checks[i], seen))) result.push_back(checks[i]);
    }
    if (got != nullptr && std::all_of(result.begin(), result.end(), [&](const Check& c) { return passes(c, seen); })) {
        throw cannot("differs only in what one allowed outcome or another has: no single check tells");
    }
    return result;
}

} // namespace mtecheck::difftest
