// SPDX-License-Identifier: Apache-2.0
//
// Comparison: equal components are skipped as wholes, what is left goes through the allowances, bit by bit.
#include "difftest/core/compare.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "difftest/core/json.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

using Kind = Allowance::Kind;
using spec::BitRange;
using spec::Requirement;
namespace field = spec::field;

constexpr std::uint64_t kDataAbort = 0x24;     // EC, from a lower Exception level; 0x25 from the same
constexpr std::uint64_t kTagCheckFault = 0x11; // DFSC

constexpr bool is_data_abort(std::uint64_t esr) {
    return (field::ESR_ELx::EC.extract(esr) & ~std::uint64_t{1}) == kDataAbort;
}

/// Named bits of a value, for reports.
struct Part {
    std::string_view name;
    BitRange bits;
    std::optional<Requirement> requirement = std::nullopt;
};

constexpr std::array kPstateParts{
    Part{"N", field::SPSR_ELx::N}, Part{"Z", field::SPSR_ELx::Z},     Part{"C", field::SPSR_ELx::C},
    Part{"V", field::SPSR_ELx::V}, Part{"UAO", field::SPSR_ELx::UAO}, Part{"PAN", field::SPSR_ELx::PAN},
    Part{"EL", BitRange{3, 2}},    Part{"SP", BitRange{0, 0}},
};
constexpr Part kTco{"TCO", field::SPSR_ELx::TCO, Requirement::MTE_TCO_001};
constexpr Part kSpsrTco{"TCO", field::SPSR_ELx::TCO, Requirement::MTE_TCO_002};
constexpr std::array kEsrParts{Part{"EC", field::ESR_ELx::EC, Requirement::MTE_FAULT_001},
                               Part{"IL", field::ESR_ELx::IL}};
constexpr std::array kIssParts{Part{"ISS", field::ESR_ELx::ISS}};
constexpr std::array kDataAbortParts{
    Part{"DFSC", field::DataAbortISS::DFSC, Requirement::MTE_FAULT_001},
    Part{"WnR", field::DataAbortISS::WnR, Requirement::MTE_FAULT_002},
    Part{"CM", field::DataAbortISS::CM, Requirement::MTE_DC_009},
};
constexpr std::array kGcrParts{Part{"RRND", field::GCR_EL1::RRND}, Part{"Exclude", field::GCR_EL1::Exclude}};
constexpr std::array kRgsrParts{Part{"SEED", field::RGSR_EL1::SEED, Requirement::MTE_IRG_002},
                                Part{"TAG", field::RGSR_EL1::TAG, Requirement::MTE_IRG_002}};
constexpr std::array kTfsrParts{Part{"TF0", field::TFSR_EL1::TF0, Requirement::MTE_ASYNC_001},
                                Part{"TF1", field::TFSR_EL1::TF1, Requirement::MTE_ASYNC_001}};

/// Stops at the first difference.
struct Stop {
    static constexpr bool kWantsText = false;
    bool different = false;
    bool done() const { return different; }
    void add(const auto&...) { different = true; }
};

/// Counts the differences, those between runs that end otherwise, too.
struct Count {
    static constexpr bool kWantsText = false;
    std::uint32_t count = 0;
    static constexpr bool done() { return false; }
    void add(const auto&...) { ++count; }
};

/// Collects the differences as text.
class Collect {
  public:
    static constexpr bool kWantsText = true;

    Collect(const Expectation& expected, const OutcomeView& got)
        : expected_(expected),
          tag_check_fault_(is_tag_check_fault(expected.outcome.exception) || is_tag_check_fault(got.exception)) {}
    static constexpr bool done() { return false; }

    void add(Kind kind, unsigned index, std::uint64_t address, std::string name, std::string expected, std::string got,
             std::optional<Requirement> requirement) {
        FieldDifference difference;
        difference.kind = name.substr(0, name.find_first_of("0123456789 "));
        if (name.starts_with("sp_") || name.find("_el") != std::string::npos) difference.kind = name;
        difference.field = std::move(name);
        difference.expected = std::move(expected);
        difference.got = std::move(got);
        // The requirements on the exception record speak of Tag Check Faults.
        if (tag_check_fault_ || (kind != Kind::esr && kind != Kind::far)) difference.requirement = requirement;
        for (const auto& allowance : expected_.allowances) {
            const bool here = kind == Kind::memory ? allowance.address - address < 16 : allowance.address == address;
            if (allowance.kind == kind && allowance.index == index && here) difference.allowed_by = allowance.reason;
        }
        found.push_back(std::move(difference));
    }

    std::vector<FieldDifference> found;

  private:
    static bool is_tag_check_fault(const ExceptionRecord& e) {
        return is_data_abort(e.esr) && field::DataAbortISS::DFSC.extract(e.esr) == kTagCheckFault;
    }

    const Expectation& expected_;
    bool tag_check_fault_;
};

template <class T>
bool same_bytes(const T* a, const T* b, std::size_t count) {
    static_assert(std::has_unique_object_representations_v<T>);
    return count == 0 || std::memcmp(a, b, count * sizeof(T)) == 0;
}

template <class Sink>
class Comparison {
  public:
    Comparison(const Expectation& expected, const OutcomeView& got, Sink& sink) : e_(expected), g_(got), sink_(sink) {}

    void run() {
        const Outcome& e = e_.outcome;
        const Registers& g = *g_.registers;
        if (e.status != g_.status) {
            add(Kind::far, 1, "status", std::string(to_string(e.status)), std::string(to_string(g_.status)));
            if constexpr (!std::is_same_v<Sink, Count>) return;
        } else {
            if (e.status == Status::crashed) return; // nothing is left
            end();
        }
        const Registers& expected = e;
        if (!same_bytes(&expected, &g, 1)) registers(expected, g);
        if (e.v.size() != g_.v.size() || !same_bytes(e.v.data(), g_.v.data(), e.v.size())) vectors();
        if (e.windows.size() != g_.windows.size()) {
            add(Kind::far, 1, "windows", std::to_string(e.windows.size()), std::to_string(g_.windows.size()));
            return;
        }
        if (same_bytes(e.windows.data(), g_.windows.data(), e.windows.size())) return;
        for (std::size_t i = 0; i < e.windows.size() && !sink_.done(); ++i) window(e.windows[i], g_.windows[i]);
    }

  private:
    /// How a run ended, of two that ended alike.
    void end() {
        const Outcome& e = e_.outcome;
        if (e.status == Status::signal) signal();
        if (e.status == Status::exception) {
            exception();
        } else {
            value(Kind::elr, 0, e.pc, g_.pc, [] { return std::string("pc"); });
        }
        pstate();
    }

    /// The bits that differ and are not left open. The alternative of an `either` counts as a whole.
    std::uint64_t open(Kind kind, unsigned index, std::uint64_t address, std::uint64_t expected,
                       std::uint64_t got) const {
        std::uint64_t different = expected ^ got;
        for (const auto& allowance : e_.allowances) {
            if (different == 0) break;
            if (allowance.kind != kind || allowance.index != index || allowance.address != address) continue;
            if (!allowance.either || ((got ^ allowance.alternative) & allowance.mask) == 0)
                different &= ~allowance.mask;
        }
        return different;
    }

    /// `name`, `expected` and `got` are only turned into text if somebody reads it.
    template <class... Text>
    void add(Kind kind, unsigned index, Text&&... text) {
        sink_.add(kind, index, std::uint64_t{0}, std::forward<Text>(text)..., std::optional<Requirement>());
    }

    template <class Name>
    void value(Kind kind, unsigned index, std::uint64_t expected, std::uint64_t got, const Name& name,
               std::optional<Requirement> requirement = std::nullopt) {
        if (expected == got || sink_.done() || open(kind, index, 0, expected, got) == 0) return;
        if constexpr (!Sink::kWantsText) {
            sink_.add();
        } else {
            sink_.add(kind, index, std::uint64_t{0}, name(), hex_text(expected), hex_text(got), requirement);
        }
    }

    /// Differing bits of a value, by the names of its parts; what has no name is reported as the whole value.
    template <std::size_t N>
    void parts(Kind kind, unsigned index, std::uint64_t expected, std::uint64_t got, std::string_view name,
               const std::array<Part, N>& named) {
        if (expected == got || sink_.done()) return;
        std::uint64_t different = open(kind, index, 0, expected, got);
        if (different == 0) return;
        if constexpr (!Sink::kWantsText) {
            sink_.add();
        } else {
            for (const Part& part : named) {
                if ((different & part.bits.mask()) == 0) continue;
                different &= ~part.bits.mask();
                sink_.add(kind, index, std::uint64_t{0}, std::string(name) + "." + std::string(part.name),
                          hex_text(part.bits.extract(expected)), hex_text(part.bits.extract(got)), part.requirement);
            }
            if (different == 0) return;
            sink_.add(kind, index, std::uint64_t{0}, std::string(name), hex_text(expected), hex_text(got),
                      std::optional<Requirement>());
        }
    }

    void registers(const Registers& e, const Registers& g) {
        for (unsigned n = 0; n < 31; ++n)
            value(Kind::general_register, n, e.x[n], g.x[n], [n] { return "x" + std::to_string(n); });
        for (unsigned n = 0; n < 4; ++n) {
            value(Kind::stack_pointer, n, e.sp[n], g.sp[n], [n] { return "sp_el" + std::to_string(n); });
        }
        parts(Kind::gcr, 0, e.gcr_el1, g.gcr_el1, "gcr_el1", kGcrParts);
        parts(Kind::rgsr, 0, e.rgsr_el1, g.rgsr_el1, "rgsr_el1", kRgsrParts);
        parts(Kind::tfsr, 0, e.tfsre0_el1, g.tfsre0_el1, "tfsre0_el1", kTfsrParts);
        parts(Kind::tfsr, 1, e.tfsr[1], g.tfsr[1], "tfsr_el1", kTfsrParts);
        parts(Kind::tfsr, 2, e.tfsr[2], g.tfsr[2], "tfsr_el2", kTfsrParts);
        parts(Kind::tfsr, 3, e.tfsr[3], g.tfsr[3], "tfsr_el3", kTfsrParts);
    }

    void pstate() {
        const std::uint64_t e = e_.outcome.pstate;
        const std::uint64_t g = g_.pstate;
        if (e == g) return;
        const std::uint64_t tco = kTco.bits.mask();
        parts(Kind::nzcv, 0, e & ~tco, g & ~tco, "pstate", kPstateParts);
        if (e_.outcome.status == Status::exception) {
            parts(Kind::nzcv, 0, e & tco, g & tco, "pstate", std::array{kTco});
        } else {
            parts(Kind::nzcv, 0, e & tco, g & tco, "pstate", std::array{Part{"TCO", kTco.bits}});
        }
    }

    void signal() {
        const SignalRecord& e = e_.outcome.signal;
        const SignalRecord& g = g_.signal;
        if (e.number != g.number)
            add(Kind::far, 1, "signal.number", std::to_string(e.number), std::to_string(g.number));
        if (e.code != g.code) add(Kind::far, 1, "signal.code", std::to_string(e.code), std::to_string(g.code));
        value(
            Kind::far, 0, e.address, g.address, [] { return std::string("signal.address"); },
            Requirement::MTE_FAULT_005);
    }

    void exception() {
        const ExceptionRecord& e = e_.outcome.exception;
        const ExceptionRecord& g = g_.exception;
        value(
            Kind::far, 1, e.to_el, g.to_el, [] { return std::string("exception.to_el"); }, Requirement::MTE_FAULT_004);
        value(Kind::far, 1, e.vector, g.vector, [] { return std::string("exception.vector"); });
        esr(e.esr, g.esr);
        if (e_.far_valid)
            value(
                Kind::far, 0, e.far, g.far, [] { return std::string("far"); }, Requirement::MTE_FAULT_005);
        value(
            Kind::elr, 0, e.elr, g.elr, [] { return std::string("elr"); }, Requirement::MTE_FAULT_010);
        if (e.spsr == g.spsr) return;
        const std::uint64_t tco = kSpsrTco.bits.mask();
        const std::uint64_t got = e.spsr ^ open(Kind::spsr, 0, 0, e.spsr, g.spsr);
        // What is left open about PSTATE.NZCV is left open about its copy.
        parts(Kind::nzcv, 0, e.spsr & ~tco, got & ~tco, "spsr", kPstateParts);
        parts(Kind::nzcv, 0, e.spsr & tco, got & tco, "spsr", std::array{kSpsrTco});
    }

    void esr(std::uint64_t e, std::uint64_t g) {
        if (e == g) return;
        const std::uint64_t iss = field::ESR_ELx::ISS.mask();
        parts(Kind::esr, 0, e & ~iss, g & ~iss, "esr", kEsrParts);
        if (is_data_abort(e) && is_data_abort(g)) {
            parts(Kind::esr, 0, e & iss, g & iss, "esr", kDataAbortParts);
        } else {
            parts(Kind::esr, 0, e & iss, g & iss, "esr", kIssParts);
        }
    }

    void vectors() {
        const auto& e = e_.outcome.v;
        if (e.size() != g_.v.size()) {
            add(Kind::simd_register, 32, "v", std::to_string(e.size()) + " registers",
                std::to_string(g_.v.size()) + " registers");
            return;
        }
        for (unsigned n = 0; n < e.size() && !sink_.done(); ++n) {
            if (e[n] == g_.v[n]) continue;
            if (open(Kind::simd_register, n, 0, e[n].low, g_.v[n].low) == 0 &&
                open(Kind::simd_register, n, 0, e[n].high, g_.v[n].high) == 0) {
                continue;
            }
            if constexpr (!Sink::kWantsText) {
                sink_.add();
            } else {
                const auto text = [](const Vector128& v) {
                    return hex_text(v.high, 16) + hex_text(v.low, 16).substr(2);
                };
                add(Kind::simd_register, n, "v" + std::to_string(n), text(e[n]), text(g_.v[n]));
            }
        }
    }

    void window(const Window& e, const Window& g) {
        if (e.pa != g.pa) {
            add(Kind::far, 1, "windows", hex_text(e.pa), hex_text(g.pa));
            return;
        }
        if (std::memcmp(e.data.data(), g.data.data(), e.data.size()) != 0) {
            for (unsigned offset = 0; offset < kWindowBytes && !sink_.done(); offset += 16) row(e, g, offset);
        }
        if (e.tags == g.tags) return;
        for (unsigned granule = 0; granule < kWindowGranules && !sink_.done(); ++granule) {
            const std::uint64_t expected = e.tags >> (4 * granule) & 15U;
            const std::uint64_t got = g.tags >> (4 * granule) & 15U;
            const std::uint64_t pa = e.pa + 16 * granule;
            if (expected == got || open(Kind::tag, 0, pa, expected, got) == 0) continue;
            if constexpr (!Sink::kWantsText) {
                sink_.add();
            } else {
                sink_.add(Kind::tag, 0U, pa, "tag " + hex_text(pa), hex_text(expected), hex_text(got),
                          std::optional<Requirement>());
            }
        }
    }

    /// A granule's bytes.
    void row(const Window& e, const Window& g, unsigned offset) {
        for (unsigned i = offset; i < offset + 16; ++i) {
            if (e.data[i] == g.data[i] || open(Kind::memory, 0, e.pa + i, e.data[i], g.data[i]) == 0) continue;
            if constexpr (!Sink::kWantsText) {
                sink_.add();
            } else {
                const std::uint64_t pa = e.pa + offset;
                sink_.add(Kind::memory, 0U, pa, "memory " + hex_text(pa),
                          bytes_text(std::span(e.data).subspan(offset, 16)),
                          bytes_text(std::span(g.data).subspan(offset, 16)), std::optional<Requirement>());
            }
            return;
        }
    }

    const Expectation& e_;
    const OutcomeView& g_;
    Sink& sink_;
};

} // namespace

bool agrees(const Expectation& expected, const OutcomeView& got) {
    Stop sink;
    Comparison<Stop>(expected, got, sink).run();
    return !sink.different;
}

bool ends_alike(const OutcomeView& a, const OutcomeView& b) {
    if (a.status != b.status) return false;
    if (a.status != Status::exception) return true;
    constexpr std::uint64_t kClassAndStatus = field::ESR_ELx::EC.mask() | field::DataAbortISS::DFSC.mask();
    return a.exception.to_el == b.exception.to_el && a.exception.vector == b.exception.vector &&
           ((a.exception.esr ^ b.exception.esr) & kClassAndStatus) == 0;
}

std::uint32_t distance(const Expectation& expected, const OutcomeView& got) {
    constexpr std::uint32_t kOtherEnd = 1U << 16U; // more than all that can differ of two runs that end alike
    Count sink;
    Comparison<Count>(expected, got, sink).run();
    return sink.count + (ends_alike(expected.outcome, got) ? 0 : kOtherEnd);
}

std::vector<FieldDifference> differences(const Expectation& expected, const OutcomeView& got) {
    Collect sink(expected, got);
    Comparison<Collect>(expected, got, sink).run();
    return std::move(sink.found);
}

} // namespace mtecheck::difftest
