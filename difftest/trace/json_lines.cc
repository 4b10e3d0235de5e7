// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/json_lines.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/process.h"
#include "difftest/judge/features.h"
#include "difftest/trace/lockstep.h"
#include "difftest/trace/tag_shadow.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

constexpr std::size_t kMostBytesOfAccess = 4096;
constexpr std::size_t kMostAccesses = 256;
constexpr std::size_t kMostRegisters = 256;
constexpr std::size_t kMostTags = 65536;
constexpr std::string_view kTaggedAddrCtrl = "tagged_addr_ctrl";

/// hex_digit() of every byte: most of a trace is digits.
const std::array<std::int8_t, 256> kDigits = [] {
    std::array<std::int8_t, 256> digits{};
    for (std::size_t byte = 0; byte < digits.size(); ++byte)
        digits[byte] = static_cast<std::int8_t>(hex_digit(static_cast<char>(byte)));
    return digits;
}();

/// What is left of a line. Every function is false if what is next is something else.
class Cursor {
  public:
    explicit Cursor(std::string_view line) : p_(line.data()), end_(line.data() + line.size()) {}

    bool take(char c) {
        blanks();
        if (p_ == end_ || *p_ != c) return false;
        ++p_;
        return true;
    }
    bool peek(char c) {
        blanks();
        return p_ != end_ && *p_ == c;
    }
    bool at_end() {
        blanks();
        return p_ == end_;
    }
    bool string(std::string_view& out) {
        if (!take('"')) return false;
        const char* start = p_;
        while (p_ != end_ && *p_ != '"') {
            if (*p_ == '\\' || static_cast<unsigned char>(*p_) < 0x20) return false;
            ++p_;
        }
        if (p_ == end_) return false;
        out = std::string_view(start, static_cast<std::size_t>(p_ - start));
        ++p_;
        return true;
    }
    bool hex(std::uint64_t& out) {
        if (!take('"') || end_ - p_ < 2 || p_[0] != '0' || p_[1] != 'x') return false;
        p_ += 2;
        const char* const start = p_;
        out = 0;
        for (; p_ != end_; ++p_) {
            const int digit = kDigits[static_cast<unsigned char>(*p_)];
            if (digit < 0) break;
            out = out << 4U | static_cast<unsigned>(digit);
        }
        if (p_ == start || p_ - start > 16 || p_ == end_ || *p_ != '"') return false;
        ++p_;
        return true;
    }
    bool number(std::uint64_t most, std::uint64_t& out) {
        blanks();
        const char* start = p_;
        out = 0;
        while (p_ != end_ && *p_ >= '0' && *p_ <= '9') {
            out = 10 * out + static_cast<unsigned>(*p_++ - '0');
            if (out > most) return false;
        }
        return p_ != start && (*start != '0' || p_ == start + 1);
    }
    /// The members of an object, f(name) each, which is false if it is wrong.
    template <class F>
    bool object(const F& f) {
        if (!take('{')) return false;
        if (take('}')) return true;
        do {
            std::string_view name;
            if (!string(name) || !take(':') || !f(name)) return false;
        } while (take(','));
        return take('}');
    }

  private:
    void blanks() {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\t')) ++p_;
    }
    const char* p_;
    const char* end_;
};

/// What prctl(PR_SET_TAGGED_ADDR_CTRL) has the kernel set (arch/arm64/kernel/mte.c): SCTLR_EL1.TCF0 and
/// GCR_EL1.Exclude and RRND. Of several modes that the process allows each CPU has its own.
std::array<RegisterValue, 2> tag_control(std::uint64_t word) {
    namespace sctlr = spec::field::SCTLR_EL1;
    namespace gcr = spec::field::GCR_EL1;
    const std::uint64_t modes = word >> 1 & 3; // PR_MTE_TCF_SYNC, PR_MTE_TCF_ASYNC
    const std::uint64_t included = word >> 3 & 0xffff;
    const std::uint64_t field = sctlr::TCF0.mask();
    return {RegisterValue{.id = RegisterId::system(spec::Reg::SCTLR_EL1),
                          .value = modes == 3 ? 0 : sctlr::TCF0.place(modes),
                          .known = modes == 3 ? 0 : field,
                          .unknown = modes == 3 ? field : 0},
            RegisterValue{.id = RegisterId::system(spec::Reg::GCR_EL1),
                          .value = gcr::RRND.mask() | gcr::Exclude.place(~included & 0xffff)}};
}

class RecordParser {
  public:
    RecordParser(std::string_view line, TraceRecord& out) : cursor_(line), out_(out) {}

    const char* why = nullptr;

    bool parse() {
        out_.clear();
        if (!cursor_.object([&](std::string_view name) { return member(name); }) || !cursor_.at_end()) {
            return fail("it is not a JSON object, or was cut");
        }
        if (has("op") != has("pc")) return fail("pc and op belong together");
        if (has("to_el") && !has("exception")) return fail("to_el without an exception");
        return true;
    }

  private:
    static constexpr std::array<std::string_view, 12> kMembers{
        "pc", "op", "cpu", "el", "spsel", "before", "after", "memory", "exception", "tags", "translations", "to_el"};

    bool fail(const char* what) {
        if (why == nullptr) why = what;
        return false;
    }
    static std::size_t index_of(std::string_view name) {
        return static_cast<std::size_t>(std::find(kMembers.begin(), kMembers.end(), name) - kMembers.begin());
    }
    bool has(std::string_view name) const { return (seen_ >> index_of(name) & 1U) != 0; }

    bool small(std::uint64_t most, std::uint64_t& out, const char* what) {
        return cursor_.number(most, out) || fail(what);
    }
    bool hex(std::uint64_t& out) { return cursor_.hex(out) || fail("a value is not \"0x\" and 1 to 16 digits"); }

    bool member(std::string_view name) {
        const std::size_t index = index_of(name);
        if (index == kMembers.size()) return fail("it has a member that records do not have");
        if ((seen_ >> index & 1U) != 0) return fail("it has a member twice");
        seen_ |= 1U << index;
        std::uint64_t value = 0;
        switch (index) {
        case 0:
            if (!hex(value)) return false;
            out_.pc = value;
            return (value & 3) == 0 || fail("pc is not a multiple of 4");
        case 1:
            if (!hex(value)) return false;
            out_.opcode = static_cast<std::uint32_t>(value);
            out_.has_opcode = true;
            return value >> 32U == 0 || fail("op has more than 32 bits");
        case 2:
            if (!small(kMostCpus - 1, value, "cpu is not a number below 1024")) return false;
            out_.cpu = static_cast<std::uint32_t>(value);
            return true;
        case 3:
            if (!small(3, value, "el is not 0 to 3")) return false;
            out_.el = static_cast<std::uint8_t>(value);
            return true;
        case 4:
            if (!small(1, value, "spsel is not 0 or 1")) return false;
            out_.spsel = static_cast<std::uint8_t>(value);
            return true;
        case 5: return registers(out_.before);
        case 6: return registers(out_.after);
        case 7: return accesses();
        case 8: return exception();
        case 9: return tags();
        case 10: return translations();
        default:
            if (!small(3, value, "to_el is not 1 to 3") || value == 0) return fail("to_el is not 1 to 3");
            out_.to_el = static_cast<std::uint8_t>(value);
            return true;
        }
    }

    bool registers(std::vector<RegisterValue>& to) {
        return cursor_.object([&](std::string_view name) {
            const auto id = RegisterId::named(name);
            RegisterValue value{id.value_or(RegisterId::x(0))};
            if (!hex(value.value)) return false;
            if (to.size() >= kMostRegisters) return fail("it has too many registers");
            if (name == kTaggedAddrCtrl) {
                for (const RegisterValue& part : tag_control(value.value)) to.push_back(part);
            }
            if (id) to.push_back(value); // others do not matter
            return true;
        });
    }

    bool accesses() {
        if (!cursor_.take('[')) return fail("memory is not a list");
        if (cursor_.take(']')) return true;
        do {
            if (!access()) return fail("an access of memory is not as it should be");
        } while (cursor_.take(','));
        return cursor_.take(']');
    }

    bool tags() {
        if (!cursor_.take('[')) return fail("tags is not a list");
        do {
            if (!tags_of_granules())
                return fail("tags are not the address of a granule and a digit for each from there on");
        } while (cursor_.take(','));
        return cursor_.take(']');
    }

    bool tags_of_granules() {
        std::uint64_t va = 1; // no granule's
        std::string_view digits;
        const bool well_formed = cursor_.object([&](std::string_view name) {
            if (name == "va") return va == 1 && cursor_.hex(va);
            return name == "tags" && digits.empty() && cursor_.string(digits);
        });
        if (!well_formed || va % TagShadow::granule_bytes != 0 || digits.empty() ||
            digits.size() > kMostTags - out_.tags.size())
            return false;
        for (const char c : digits) {
            const int tag = hex_digit(c);
            if (tag < 0) return false;
            out_.tags.push_back({va, static_cast<std::uint8_t>(tag)});
            va += TagShadow::granule_bytes;
        }
        return true;
    }

    bool access() {
        MemoryAccess access;
        std::string_view data;
        std::string_view op;
        bool has_va = false;
        std::uint64_t size = 0;
        const bool well_formed = cursor_.object([&](std::string_view name) {
            if (name == "op") return cursor_.string(op) && (op == "read" || op == "write");
            if (name == "va") return has_va = cursor_.hex(access.va);
            if (name == "pa") return access.has_pa = cursor_.hex(access.pa);
            if (name == "size") return cursor_.number(kMostBytesOfAccess, size);
            return name == "data" && cursor_.string(data);
        });
        if (!well_formed || !has_va || op.empty()) return false;
        if (data.size() % 2 != 0 || data.size() > 2 * kMostBytesOfAccess) return false;
        if (!data.empty() && size != 0 && size != data.size() / 2) return false;
        access.write = op == "write";
        const std::uint64_t bytes = data.empty() ? size : data.size() / 2;
        for (std::uint64_t at = 0; at < bytes; at += access.data.size()) {
            MemoryAccess piece = access;
            piece.va += at;
            piece.pa += at;
            piece.size = static_cast<std::uint8_t>(std::min<std::uint64_t>(access.data.size(), bytes - at));
            if (!data.empty() && !piece_data(data.substr(2 * at), piece)) return false;
            if (out_.accesses.size() == kMostAccesses) return false;
            out_.accesses.push_back(piece);
        }
        return bytes != 0;
    }

    bool translations() {
        if (!cursor_.take('[')) return fail("translations is not a list");
        if (cursor_.take(']')) return true;
        do {
            PageTranslation page;
            unsigned seen = 0;
            const bool well_formed = cursor_.object([&](std::string_view name) {
                const unsigned which = name == "va" ? 1 : name == "pa" ? 2 : 0;
                if (which == 0 || (seen & which) != 0) return false;
                seen |= which;
                return cursor_.hex(which == 1 ? page.va : page.pa);
            });
            if (!well_formed || seen != 3 || out_.translations.size() == kMostAccesses)
                return fail("a translation is not an object with va and pa");
            out_.translations.push_back(page);
        } while (cursor_.take(','));
        return cursor_.take(']');
    }

    static bool piece_data(std::string_view digits, MemoryAccess& piece) {
        for (unsigned i = 0; i < piece.size; ++i) {
            const int high = hex_digit(digits[2 * i]);
            const int low = hex_digit(digits[2 * i + 1]);
            if (high < 0 || low < 0) return false;
            piece.data[i] = static_cast<std::uint8_t>(high << 4 | low);
            piece.known = static_cast<std::uint16_t>(piece.known | 1U << i);
        }
        return true;
    }

    bool exception() {
        std::string_view kind;
        if (!cursor_.string(kind)) return fail("exception is not a word");
        if (kind == "synchronous") {
            out_.exception = TraceRecord::Exception::synchronous;
        } else if (kind == "interrupt") {
            out_.exception = TraceRecord::Exception::interrupt;
        } else {
            return fail("exception is neither synchronous nor interrupt");
        }
        return true;
    }

    Cursor cursor_;
    TraceRecord& out_;
    unsigned seen_ = 0;
};

model::FeatureSet features_named(const JsonPlace& place) {
    model::FeatureSet result;
    const std::size_t count = place.array_size(spec::feature_count);
    for (std::size_t i = 0; i < count; ++i) {
        const JsonPlace name = place.element(i);
        const auto features = spec::features();
        const auto found = std::find_if(features.begin(), features.end(),
                                        [&](const spec::FeatureInfo& info) { return info.id == name.text(); });
        if (found == features.end()) name.fail("this is no feature that the model knows");
        result.add(found->value);
        for (const spec::Feature implied : found->closure) result.add(implied);
    }
    return result;
}

/// What its ID registers say of an implementation, with the Exception levels that the producer names.
std::optional<Profile> profile_of_registers(const JsonPlace& place) {
    const auto registers = place.find("registers");
    if (!registers || !registers->find("ID_AA64PFR1_EL1")) return std::nullopt;
    Profile profile;
    for (const auto& item : registers->value().items()) {
        if (item.key().starts_with("ID_")) profile.registers[item.key()] = registers->member(item.key()).hex();
    }
    const auto level = [&](const char* name) {
        const auto said = place.find(name);
        return said && said->boolean();
    };
    profile.el2 = level("el2");
    profile.el3 = level("el3");
    const auto field = [&](const char* reg, spec::BitRange bits) {
        const auto found = profile.registers.find(reg);
        return found == profile.registers.end() ? 0 : bits.extract(found->second);
    };
    profile.lse2 = field("ID_AA64MMFR2_EL1", spec::field::ID_AA64MMFR2_EL1::AT) != 0;
    profile.mte = static_cast<std::uint8_t>(field("ID_AA64PFR1_EL1", spec::field::ID_AA64PFR1_EL1::MTE));
    profile.mte_async = profile.mte >= 2;
    return profile;
}

/// The control registers of a Linux process whose word of PR_GET_TAGGED_ADDR_CTRL is this.
std::vector<RegisterValue> linux_registers(const Profile& profile, std::uint64_t word) {
    namespace tcr = spec::field::TCR_EL1;
    const Configuration configuration = process_configuration(profile, TagCheckMode::none);
    // Its addresses have 48 bits, unless it asks for more.
    const std::uint64_t translation = tcr::T1SZ.insert(tcr::T0SZ.insert(configuration.tcr[1], 16), 16);
    std::vector<RegisterValue> result{
        {.id = RegisterId::system(spec::Reg::SCTLR_EL1), .value = configuration.sctlr[1]},
        {.id = RegisterId::system(spec::Reg::TCR_EL1), .value = translation},
        {.id = RegisterId::system(spec::Reg::CPACR_EL1), .value = configuration.cpacr_el1}};
    for (const RegisterValue& part : tag_control(word)) result.push_back(part);
    return result;
}

/// Registers that say what an implementation is, whether the model knows them or not.
bool identifies(std::string_view name) {
    return (name.starts_with("ID_") && name.ends_with("_EL1")) || name == "MIDR_EL1" || name == "REVIDR_EL1" ||
           name == "CTR_EL0";
}

TraceHeader header_of(const JsonPlace& place) {
    TraceHeader header;
    place.schema(kTraceSchema);
    place.only({"schema", "producer", "features", "el2", "el3", "complete", "scope", "registers"});
    if (const auto producer = place.find("producer")) header.producer = producer->text();
    if (const auto features = place.find("features")) header.features = features_named(*features);
    const auto profile = profile_of_registers(place);
    if (!header.features && profile) header.features = features_of(*profile);
    header.complete = place.member("complete").boolean();
    if (const auto scope = place.find("scope")) {
        static constexpr std::array<std::string_view, 2> kScopes{"system", "process"};
        header.only_user = scope->one_of(kScopes) == 1;
    }
    if (const auto registers = place.find("registers")) {
        if (!registers->value().is_object()) registers->fail("it should be an object of registers");
        for (const auto& item : registers->value().items()) {
            const JsonPlace value = registers->member(item.key());
            if (item.key() == kTaggedAddrCtrl) {
                if (!profile) value.fail("it needs ID_AA64PFR1_EL1 beside it");
                for (const RegisterValue& part : linux_registers(*profile, value.hex()))
                    header.registers.push_back(part);
                continue;
            }
            const auto id = RegisterId::named(item.key());
            if (!id && identifies(item.key())) continue;
            if (!id) value.fail("this is no register that the model knows");
            header.registers.push_back({*id, value.hex()});
        }
    }
    return header;
}

} // namespace

bool parse_trace_record(std::string_view line, TraceRecord& out, const char*& why) {
    RecordParser parser(line, out);
    if (parser.parse()) return true;
    why = parser.why;
    return false;
}

JsonLinesReader::JsonLinesReader(std::unique_ptr<LineReader> lines) : lines_(std::move(lines)) {
    std::string_view line;
    const bool any = lines_->next(line);
    const std::string place = lines_->file() + ":1";
    if (!any || lines_->too_long()) {
        throw InputError(place, "",
                         "this is no trace: the first line should be a header of " + std::string(kTraceSchema));
    }
    const nlohmann::json document = parse_json(line, place);
    header_ = header_of(JsonPlace(document, place));
}

bool JsonLinesReader::next(TraceRecord& out) {
    std::string_view line;
    while (lines_->next(line)) {
        const char* why = "it is longer than a record can be";
        if (!lines_->too_long()) {
            if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
            if (parse_trace_record(line, out, why)) {
                out.line = lines_->number();
                return true;
            }
        }
        skip(lines_->number(), why);
        out.clear();
        out.line = lines_->number();
        out.after_a_gap = true;
        return true;
    }
    return false;
}

} // namespace mtecheck::difftest
