// SPDX-License-Identifier: Apache-2.0
//
// JSON of cases, tests and outcomes.
#include "difftest/core/json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "difftest/core/error.h"
#include "difftest/core/fields.h"
#include "difftest/core/layout.h"
#include "spec/disassemble.h"

namespace mtecheck::difftest {

namespace {

constexpr std::array<std::string_view, 7> kStatusNames{"completed", "exception", "signal",     "runaway",
                                                       "crashed",   "garbled",   "unsupported"};
constexpr std::array<std::string_view, 4> kLayoutNames{"arena", "golden", "process", "simulator"};
constexpr std::size_t kMaxStates = 4096;
constexpr std::size_t kVectors = 32;
constexpr unsigned kMostSignals = 64;
constexpr unsigned kMostSignalCodes = 128; // SI_KERNEL

/// "x0".."x30" or "v0".."v31".
std::vector<std::string> names(char letter, std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(letter + std::to_string(i));
    return result;
}
const std::vector<std::string>& x_names() {
    static const auto result = names('x', 31);
    return result;
}
const std::vector<std::string>& v_names() {
    static const auto result = names('v', kVectors);
    return result;
}

void put_schema(OrderedJson& out, std::string_view schema) { out["schema"] = schema; }

void need_schema(const JsonPlace& place, std::string_view schema) {
    const auto there = place.member("schema");
    if (there.text() != schema)
        there.fail("must be \"" + std::string(schema) + "\", the format that this program reads");
}

/// A window's data, a granule in each row; rows of zeros are left out.
OrderedJson to_json(const Window& window) {
    OrderedJson out;
    out["pa"] = hex_text(window.pa);
    if (window.tags != 0) {
        std::string tags;
        for (std::size_t granule = 0; granule < kWindowGranules; ++granule) {
            tags += "0123456789abcdef"[window.tags >> (4 * granule) & 15U];
        }
        out["tags"] = tags;
    }
    OrderedJson rows = OrderedJson::object();
    for (std::size_t offset = 0; offset < kWindowBytes; offset += 16) {
        const auto row = std::span(window.data).subspan(offset, 16);
        if (std::any_of(row.begin(), row.end(), [](std::uint8_t byte) { return byte != 0; })) {
            rows[hex_text(offset, 2)] = bytes_text(row);
        }
    }
    if (!rows.empty()) out["data"] = std::move(rows);
    return out;
}

Window window_from_json(const JsonPlace& place) {
    place.only({"pa", "tags", "data"});
    Window window;
    window.pa = place.member("pa").hex();
    if (const auto tags = place.find("tags")) {
        const auto& digits = tags->text();
        if (digits.size() != kWindowGranules)
            tags->fail("must be 16 hexadecimal digits, the granule at the lowest address first");
        for (std::size_t granule = 0; granule < kWindowGranules; ++granule) {
            const int tag = hex_digit(digits[granule]);
            if (tag < 0) tags->fail("must be 16 hexadecimal digits, the granule at the lowest address first");
            window.tags |= static_cast<std::uint64_t>(tag) << (4 * granule);
        }
    }
    if (const auto data = place.find("data")) {
        static const auto row_names = [] {
            std::vector<std::string> result;
            for (std::size_t offset = 0; offset < kWindowBytes; offset += 16) result.push_back(hex_text(offset, 2));
            return result;
        }();
        data->only({}, row_names);
        for (std::size_t row = 0; row < row_names.size(); ++row) {
            if (const auto bytes = data->find(row_names[row]))
                bytes->bytes(std::span(window.data).subspan(16 * row, 16));
        }
    }
    return window;
}

std::string vector_text(const Vector128& v) { return hex_text(v.high, 16) + hex_text(v.low, 16).substr(2); }

Vector128 vector_from_json(const JsonPlace& place) {
    const auto& digits = place.text();
    if (digits.size() != 34 || !digits.starts_with("0x")) place.fail("must be \"0x\" and 32 hexadecimal digits");
    Vector128 v;
    for (std::size_t i = 2; i < digits.size(); ++i) {
        const int digit = hex_digit(digits[i]);
        if (digit < 0) place.fail("must be \"0x\" and 32 hexadecimal digits");
        v.high = v.high << 4U | v.low >> 60U;
        v.low = v.low << 4U | static_cast<unsigned>(digit);
    }
    return v;
}

/// What a State and an Outcome have in common.
template <class S>
void put_registers(OrderedJson& out, const S& s) {
    OrderedJson x = OrderedJson::object();
    for (std::size_t i = 0; i < s.x.size(); ++i) {
        if (s.x[i] != 0) x[x_names()[i]] = hex_text(s.x[i]);
    }
    if (!x.empty()) out["x"] = std::move(x);
    each_system_register(s, [&](const char* name, std::uint64_t value) {
        if (value != 0) out[name] = hex_text(value);
    });
    if (!s.v.empty()) { // present but all zero is not the same as absent
        OrderedJson v = OrderedJson::object();
        for (std::size_t i = 0; i < s.v.size(); ++i) {
            if (s.v[i] != Vector128{}) v[v_names().at(i)] = vector_text(s.v[i]);
        }
        out["v"] = std::move(v);
    }
    if (!s.windows.empty()) {
        out["windows"] = OrderedJson::array();
        for (const auto& window : s.windows) out["windows"].push_back(to_json(window));
    }
}

template <class S>
void get_registers(const JsonPlace& place, S& s) {
    if (const auto x = place.find("x")) {
        x->only({}, x_names());
        for (std::size_t i = 0; i < s.x.size(); ++i) {
            if (const auto value = x->find(x_names()[i])) s.x[i] = value->hex();
        }
    }
    each_system_register(s, [&](const char* name, std::uint64_t& value) {
        if (const auto there = place.find(name)) value = there->hex();
    });
    if (const auto v = place.find("v")) {
        v->only({}, v_names());
        s.v.resize(kVectors);
        for (std::size_t i = 0; i < kVectors; ++i) {
            if (const auto value = v->find(v_names()[i])) s.v[i] = vector_from_json(*value);
        }
    }
    if (const auto windows = place.find("windows")) {
        const std::size_t count = windows->array_size(kMaxWindows);
        for (std::size_t i = 0; i < count; ++i) s.windows.push_back(window_from_json(windows->element(i)));
    }
}

void put(OrderedJson& out, const Sequence& sequence) {
    if (sequence.layout != LayoutId::arena) out["layout"] = to_string(sequence.layout);
    OrderedJson configuration = OrderedJson::object();
    const Configuration defaults;
    std::vector<std::uint64_t> standard;
    each_configuration_field(defaults, [&](const char*, std::uint64_t value, unsigned) { standard.push_back(value); });
    std::size_t field = 0;
    each_configuration_field(sequence.configuration, [&](const char* name, std::uint64_t value, unsigned width) {
        if (value != standard[field++])
            configuration[name] = width <= 2 ? OrderedJson(value) : OrderedJson(hex_text(value));
    });
    out["configuration"] = std::move(configuration);
    out["pc"] = hex_text(sequence.pc);
    out["code"] = OrderedJson::array();
    for (std::size_t i = 0; i < sequence.code.size(); ++i) {
        OrderedJson instruction;
        instruction["word"] = hex_text(sequence.code[i], 8);
        instruction["asm"] = spec::disassemble(sequence.code[i]);
        out["code"].push_back(std::move(instruction));
    }
}

Sequence sequence_from(const JsonPlace& place) {
    Sequence sequence;
    if (const auto layout = place.find("layout")) sequence.layout = static_cast<LayoutId>(layout->one_of(kLayoutNames));
    const auto configuration = place.member("configuration");
    std::vector<std::string> known;
    each_configuration_field(sequence.configuration, [&](const char* name, auto& value, unsigned width) {
        known.emplace_back(name);
        if (const auto there = configuration.find(name)) {
            value = static_cast<std::decay_t<decltype(value)>>(width <= 2 ? there->number((1U << width) - 1)
                                                                          : there->hex());
        }
    });
    configuration.only({}, known);
    sequence.pc = place.member("pc").hex();
    const auto code = place.member("code");
    const std::size_t count = code.array_size(kMaxCode);
    for (std::size_t i = 0; i < count; ++i) {
        const auto instruction = code.element(i);
        instruction.only({"word", "asm"});
        sequence.code.push_back(static_cast<std::uint32_t>(instruction.member("word").hex(32)));
        if (const auto comment = instruction.find("asm")) static_cast<void>(comment->text());
    }
    return sequence;
}

OrderedJson state_to_json(const State& state) {
    OrderedJson out = OrderedJson::object();
    if (state.nzcv != 0) out["nzcv"] = hex_text(state.nzcv);
    put_registers(out, state);
    return out;
}

State state_from_json(const JsonPlace& place) {
    place.only({"x", "nzcv", "sp_el0", "sp_el1", "sp_el2", "sp_el3", "gcr_el1", "rgsr_el1", "tfsre0_el1", "tfsr_el1",
                "tfsr_el2", "tfsr_el3", "v", "windows"});
    State state;
    if (const auto nzcv = place.find("nzcv")) state.nzcv = static_cast<std::uint8_t>(nzcv->hex(4));
    get_registers(place, state);
    return state;
}

} // namespace

std::string_view to_string(Status status) { return kStatusNames.at(static_cast<std::size_t>(status)); }
std::string_view to_string(LayoutId layout) { return kLayoutNames.at(static_cast<std::size_t>(layout)); }

void require_well_formed(const Sequence& sequence, const JsonPlace& place) {
    const auto& configuration = sequence.configuration;
    if (configuration.el > 3 || configuration.spsel > 1 || configuration.tco > 1 || configuration.pan > 1 ||
        configuration.uao > 1) {
        place.fail("el must be from 0 to 3; spsel, tco, pan and uao 0 or 1");
    }
    if (configuration.el == 0 && configuration.spsel != 0) place.fail("spsel must be 0 at EL0");
    if (configuration.gmid_el1 < 2 || configuration.gmid_el1 > 6) place.fail("gmid_el1 must be from 0x2 to 0x6");
    if ((configuration.dczid_el0 & 15U) > 9 || configuration.dczid_el0 > 31) {
        place.fail("dczid_el0 must be a block size from 0x0 to 0x9, with bit 4 for DZP");
    }
    if (sequence.code.empty()) place.fail("code must have at least one instruction");
    if (sequence.pc % 4 != 0) place.fail("pc must be a multiple of 4");
    if (sequence.layout != LayoutId::golden) {
        // The code area is mapped in both halves of the address space.
        const std::uint64_t offset =
            sequence.pc - ARENA_CODE_VA - (sequence.pc >= ARENA_UPPER_HALF ? ARENA_UPPER_HALF : 0);
        if (offset >= ARENA_CODE_BYTES || ARENA_CODE_BYTES - offset < 4 * sequence.code.size()) {
            place.fail("pc must be in the code area, from " + hex_text(ARENA_CODE_VA) + " to " +
                       hex_text(ARENA_CODE_VA + ARENA_CODE_BYTES - 4));
        }
    }
}

void require_well_formed(const State& state, LayoutId layout, const JsonPlace& place) {
    const std::uint64_t base = layout != LayoutId::golden ? ARENA_PA : 0;
    const std::uint64_t bytes = layout != LayoutId::golden ? ARENA_PAGES * ARENA_PAGE_BYTES : kGoldenBytes;
    for (std::size_t i = 0; i < state.windows.size(); ++i) {
        const std::uint64_t pa = state.windows[i].pa;
        const std::string which = "windows[" + std::to_string(i) + "].pa ";
        if (pa % kWindowBytes != 0) place.fail(which + "must be a multiple of 256");
        if (pa - base >= bytes)
            place.fail(which + "must be from " + hex_text(base) + " to " + hex_text(base + bytes - 1));
        if (i > 0 && state.windows[i - 1].pa >= pa)
            place.fail(which + "must be greater than that of the window before");
    }
}

OrderedJson to_json(const Case& value) {
    OrderedJson out;
    put_schema(out, kCaseSchema);
    out["id"] = value.id;
    put(out, value.sequence);
    out["state"] = state_to_json(value.state);
    return out;
}

Case case_from_json(const JsonPlace& place) {
    place.only({"schema", "id", "layout", "configuration", "pc", "code", "state"});
    need_schema(place, kCaseSchema);
    Case result;
    result.id = place.member("id").text();
    result.sequence = sequence_from(place);
    require_well_formed(result.sequence, place);
    const auto state = place.member("state");
    result.state = state_from_json(state);
    require_well_formed(result.state, result.sequence.layout, state);
    return result;
}

OrderedJson to_json(const Test& value) {
    OrderedJson out;
    put_schema(out, kTestSchema);
    put(out, value.sequence);
    out["states"] = OrderedJson::array();
    for (const auto& state : value.states) out["states"].push_back(state_to_json(state));
    return out;
}

Test test_from_json(const JsonPlace& place) {
    place.only({"schema", "layout", "configuration", "pc", "code", "states"});
    need_schema(place, kTestSchema);
    Test result;
    result.sequence = sequence_from(place);
    require_well_formed(result.sequence, place);
    const auto states = place.member("states");
    const std::size_t count = states.array_size(kMaxStates);
    for (std::size_t i = 0; i < count; ++i) {
        const auto state = states.element(i);
        result.states.push_back(state_from_json(state));
        require_well_formed(result.states.back(), result.sequence.layout, state);
    }
    return result;
}

OrderedJson to_json(const Outcome& value) {
    OrderedJson out;
    put_schema(out, kOutcomeSchema);
    out["status"] = to_string(value.status);
    if (value.status == Status::exception) {
        const auto& e = value.exception;
        out["exception"] =
            OrderedJson{{"to_el", e.to_el},       {"vector", hex_text(e.vector, 3)}, {"esr", hex_text(e.esr)},
                        {"far", hex_text(e.far)}, {"elr", hex_text(e.elr)},          {"spsr", hex_text(e.spsr)}};
    }
    if (value.status == Status::signal) {
        const SignalRecord& s = value.signal;
        out["signal"] = OrderedJson{{"number", s.number}, {"code", s.code}, {"address", hex_text(s.address)}};
    }
    if (value.pc != 0) out["pc"] = hex_text(value.pc);
    if (value.pstate != 0) out["pstate"] = hex_text(value.pstate);
    put_registers(out, value);
    if (!value.note.empty()) out["note"] = value.note;
    return out;
}

Outcome outcome_from_json(const JsonPlace& place) {
    place.only({"schema",   "status",   "exception", "signal", "pc",      "pstate",   "x",
                "sp_el0",   "sp_el1",   "sp_el2",    "sp_el3", "gcr_el1", "rgsr_el1", "tfsre0_el1",
                "tfsr_el1", "tfsr_el2", "tfsr_el3",  "v",      "windows", "note"});
    need_schema(place, kOutcomeSchema);
    Outcome result;
    result.status = static_cast<Status>(place.member("status").one_of(kStatusNames));
    const auto exception = place.find("exception");
    if (exception.has_value() != (result.status == Status::exception)) {
        place.fail("\"exception\" must be there if and only if \"status\" is \"exception\"");
    }
    if (exception) {
        exception->only({"to_el", "vector", "esr", "far", "elr", "spsr"});
        result.exception.to_el = static_cast<std::uint8_t>(exception->member("to_el").number(3));
        result.exception.vector = static_cast<std::uint16_t>(exception->member("vector").hex(11));
        result.exception.esr = exception->member("esr").hex();
        result.exception.far = exception->member("far").hex();
        result.exception.elr = exception->member("elr").hex();
        result.exception.spsr = exception->member("spsr").hex();
    }
    const auto signal = place.find("signal");
    if (signal.has_value() != (result.status == Status::signal)) {
        place.fail("\"signal\" must be there if and only if \"status\" is \"signal\"");
    }
    if (signal) {
        signal->only({"number", "code", "address"});
        result.signal.number = static_cast<std::int32_t>(signal->member("number").number(kMostSignals));
        result.signal.code = static_cast<std::int32_t>(signal->member("code").number(kMostSignalCodes));
        result.signal.address = signal->member("address").hex();
    }
    if (const auto pc = place.find("pc")) result.pc = pc->hex();
    if (const auto pstate = place.find("pstate")) result.pstate = pstate->hex();
    get_registers(place, result);
    if (const auto note = place.find("note")) result.note = note->text(1U << 16U);
    return result;
}

Case read_case(const std::string& file) {
    const auto document = parse_json(read_file(file), file);
    return case_from_json(JsonPlace(document, file));
}

std::string dump(const OrderedJson& document) {
    // Identifiers and notes can carry what a target printed: bytes that are not UTF-8 are replaced, never a failure.
    return document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

} // namespace mtecheck::difftest
