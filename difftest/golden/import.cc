// SPDX-License-Identifier: Apache-2.0
//
// Conversion of the original vectors. What they leave unsaid is added here: CPACR_EL1.FPEN is 3, PSTATE.UAO is
// cleared by an exception, and an exclusive store's `pre_opcode` ran with PSTATE.TCO set.
#include "difftest/golden/import.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

namespace {

constexpr std::uint64_t kFpen = 3U << 20U;
// MSR TCO, #imm: the immediate is CRm, bits 11:8.
constexpr std::uint32_t kMsrTco0 = 0xd503409f;
constexpr std::uint32_t kMsrTco1 = 0xd503419f;

std::uint64_t number_of(std::string_view digits, const JsonPlace& place) {
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    if (digits.empty() || digits.size() > 16) place.fail("is not a number");
    std::uint64_t value = 0;
    for (const char c : digits) {
        const int digit = hex_digit(c);
        if (digit < 0) place.fail("is not a number");
        value = value << 4U | static_cast<unsigned>(digit);
    }
    return value;
}

/// Bytes and tags by physical address, as the vectors list them.
struct Memory {
    std::map<std::uint64_t, std::uint8_t> bytes;
    std::map<std::uint64_t, std::uint8_t> tags;
};

Memory memory_of(const JsonPlace& place) {
    Memory memory;
    const auto mem = place.member("mem");
    for (const auto& [key, value] : mem.value().items()) {
        const auto piece = mem.member(key);
        std::vector<std::uint8_t> data(piece.text().size() / 2);
        piece.bytes(data);
        const std::uint64_t pa = number_of(key, piece);
        for (std::size_t i = 0; i < data.size(); ++i) memory.bytes[pa + i] = data[i];
    }
    const auto tags = place.member("tags");
    for (const auto& [key, value] : tags.value().items()) {
        const auto piece = tags.member(key);
        std::uint64_t pa = number_of(key, piece);
        for (const char c : piece.text()) {
            const int tag = hex_digit(c);
            if (tag < 0 || pa % 16 != 0) piece.fail("is no list of tags");
            memory.tags[pa] = static_cast<std::uint8_t>(tag);
            pa += 16;
        }
    }
    return memory;
}

Windows windows_over(std::initializer_list<const Memory*> memories, const JsonPlace& place) {
    std::map<std::uint64_t, Window> windows;
    const auto need = [&](std::uint64_t pa) {
        windows[pa / kWindowBytes * kWindowBytes].pa = pa / kWindowBytes * kWindowBytes;
    };
    for (const auto* memory : memories) {
        for (const auto& [pa, byte] : memory->bytes) need(pa);
        for (const auto& [pa, tag] : memory->tags) need(pa);
    }
    if (windows.size() > kMaxWindows) place.fail("needs too many windows");
    Windows result;
    for (const auto& [pa, window] : windows) result.push_back(window);
    return result;
}

Window& window_of(Windows& windows, std::uint64_t pa) {
    return *std::find_if(windows.begin(), windows.end(), [&](const Window& w) { return pa - w.pa < kWindowBytes; });
}

void install(const Memory& memory, Windows& windows) {
    for (const auto& [pa, byte] : memory.bytes) {
        Window& window = window_of(windows, pa);
        window.data[pa - window.pa] = byte;
    }
    for (const auto& [pa, tag] : memory.tags) {
        Window& window = window_of(windows, pa);
        const auto shift = (pa - window.pa) / 16 * 4;
        window.tags = (window.tags & ~(std::uint64_t{15} << shift)) | std::uint64_t{tag} << shift;
    }
}

void record_written(const Memory& memory, const Windows& windows, GoldenCase& golden) {
    for (std::size_t w = 0; w < windows.size(); ++w) {
        for (std::size_t i = 0; i < kWindowBytes; ++i) {
            if (!memory.bytes.contains(windows[w].pa + i)) continue;
            auto* last = golden.written.empty() ? nullptr : &golden.written.back();
            if (last != nullptr && last->window == w && last->offset + last->bytes == static_cast<int>(i)) {
                ++last->bytes;
            } else {
                golden.written.push_back({static_cast<std::uint8_t>(w), static_cast<std::uint8_t>(i), 1});
            }
        }
        std::uint16_t granules = 0;
        for (unsigned granule = 0; granule < kWindowGranules; ++granule) {
            if (memory.tags.contains(windows[w].pa + 16 * granule))
                granules = static_cast<std::uint16_t>(granules | 1U << granule);
        }
        golden.written_tags.push_back(granules);
    }
}

std::vector<Vector128> vectors_of(const JsonPlace& place, std::vector<Vector128> v) {
    for (const auto& [key, value] : place.value().items()) {
        const auto there = place.member(key);
        std::string digits = there.text();
        if (!digits.starts_with("0x") || digits.size() > 34) there.fail("is no vector");
        digits = std::string(34 - digits.size(), '0') + digits.substr(2);
        v.at(std::stoul(key)) = {number_of(digits.substr(16), there), number_of(digits.substr(0, 16), there)};
    }
    return v;
}

std::uint64_t pstate(std::uint64_t nzcv, std::uint64_t tco, std::uint64_t uao, std::uint64_t pan, std::uint64_t el,
                     std::uint64_t spsel) {
    return nzcv << 28U | tco << 25U | uao << 23U | pan << 22U | el << 2U | spsel;
}

void import_input(const JsonPlace& line, GoldenCase& golden) {
    const auto pre = line.member("pre");
    const auto hex = [&](const std::string& key) { return pre.member(key).hex(); };
    const auto small = [&](const std::string& key) { return static_cast<std::uint8_t>(pre.member(key).number(15)); };
    Sequence& sequence = golden.input.sequence;
    sequence.layout = LayoutId::golden;
    Configuration& configuration = sequence.configuration;
    configuration.el = small("el");
    configuration.spsel = small("spsel");
    configuration.tco = small("tco");
    configuration.pan = small("pan");
    configuration.uao = small("uao");
    State& state = golden.input.state;
    for (unsigned el = 0; el <= 3; ++el) {
        const std::string suffix = "_el" + std::to_string(el);
        state.sp[el] = hex("sp" + suffix);
        if (el == 0) continue;
        configuration.sctlr[el] = hex("sctlr" + suffix);
        configuration.tcr[el] = hex("tcr" + suffix);
        configuration.vbar[el] = hex("vbar" + suffix);
        state.tfsr[el] = hex("tfsr" + suffix);
    }
    configuration.hcr_el2 = hex("hcr_el2");
    configuration.scr_el3 = hex("scr_el3");
    configuration.cpacr_el1 = kFpen;
    configuration.cptr_el2 = hex("cptr_el2");
    configuration.gmid_el1 = hex("gmid_el1");
    configuration.dczid_el0 = hex("dczid_el0");
    sequence.pc = hex("pc");
    if (const auto first = pre.find("pre_opcode")) {
        const bool toggle = configuration.tco == 0;
        if (toggle) sequence.code.push_back(kMsrTco1);
        sequence.code.push_back(static_cast<std::uint32_t>(first->hex(32)));
        if (toggle) sequence.code.push_back(kMsrTco0);
        sequence.pc -= 4 * sequence.code.size();
    }
    sequence.code.push_back(static_cast<std::uint32_t>(line.member("opcode").hex(32)));

    const auto x = pre.member("x");
    for (unsigned n = 0; n < 31; ++n) state.x[n] = x.element(n).hex();
    state.nzcv = static_cast<std::uint8_t>(pre.member("nzcv").hex(4));
    state.gcr_el1 = hex("gcr_el1");
    state.rgsr_el1 = hex("rgsr_el1");
    state.tfsre0_el1 = hex("tfsre0_el1");
    if (const auto v = pre.find("v")) state.v = vectors_of(*v, std::vector<Vector128>(32));
    const Memory before = memory_of(pre);
    const Memory after = memory_of(line.member("post"));
    state.windows = windows_over({&before, &after}, line);
    install(before, state.windows);
}

void import_exception(const JsonPlace& e, ExceptionRecord& record) {
    record.to_el = static_cast<std::uint8_t>(e.member("to_el").number(3));
    record.vector = static_cast<std::uint16_t>(e.member("vector").hex(11));
    record.esr = e.member("esr").hex(32);
    const auto far = e.member("far");
    record.far = far.value().is_null() ? 0 : far.hex();
    record.elr = e.member("elr").hex();
    record.spsr = e.member("spsr").hex();
}

void import_outcome(const JsonPlace& line, GoldenCase& golden) {
    const auto post = line.member("post");
    const auto hex = [&](const std::string& key) { return post.member(key).hex(); };
    const auto small = [&](const std::string& key) { return post.member(key).number(15); };
    const Configuration& configuration = golden.input.sequence.configuration;
    const State& state = golden.input.state;
    Outcome& outcome = golden.outcome;
    outcome.x = state.x;
    const auto x = post.member("x");
    for (const auto& [key, value] : x.value().items()) outcome.x.at(std::stoul(key)) = x.member(key).hex();
    outcome.v = state.v;
    if (const auto v = post.find("v")) {
        if (outcome.v.empty()) v->fail("changes vectors of a case without any");
        outcome.v = vectors_of(*v, outcome.v);
    }
    outcome.sp = state.sp;
    outcome.sp[selected_sp(configuration)] = hex("sp");
    for (unsigned el = 0; el <= 3; ++el) {
        if (const auto sp = post.find("sp_el" + std::to_string(el))) outcome.sp[el] = sp->hex();
        if (el > 0) outcome.tfsr[el] = hex("tfsr_el" + std::to_string(el));
    }
    outcome.gcr_el1 = hex("gcr_el1");
    outcome.rgsr_el1 = hex("rgsr_el1");
    outcome.tfsre0_el1 = hex("tfsre0_el1");
    const auto exception = post.member("exception");
    const bool taken = !exception.value().is_null();
    outcome.status = taken ? Status::exception : Status::completed;
    if (taken) {
        import_exception(exception, outcome.exception);
    } else {
        outcome.pc = hex("pc");
    }
    outcome.pstate = pstate(post.member("nzcv").hex(4), small("tco"), taken ? 0 : configuration.uao, small("pan"),
                            small("el"), small("spsel"));
    const Memory after = memory_of(post);
    outcome.windows = state.windows;
    install(after, outcome.windows);
    record_written(after, outcome.windows, golden);
}

/// Registers that an instruction may name: Rd/Rt, Rn, Rt2 and Rm/Rs, and the odd one of a pair.
std::uint32_t named_registers(std::uint32_t word) {
    std::uint32_t mask = 0;
    for (const unsigned low : {0U, 5U, 10U, 16U}) {
        const unsigned n = word >> low & 31U;
        mask |= 1U << n;
        if (low == 0 || low == 16) mask |= 1U << (n + 1) % 32;
    }
    return mask & 0x7fffffffU;
}

void replace_noise(GoldenCase& golden) {
    State& state = golden.input.state;
    for (const auto word : golden.input.sequence.code) golden.stored_x |= named_registers(word);
    for (unsigned n = 0; n < 31; ++n) {
        if (golden.outcome.x[n] != state.x[n]) golden.stored_x |= 1U << n;
    }
    for (unsigned n = 0; n < 31; ++n) {
        if ((golden.stored_x >> n & 1U) == 0) golden.outcome.x[n] = state.x[n] = noise(golden.number, n);
    }
}

} // namespace

std::vector<GoldenCase> import_vectors(std::string_view json_lines, const std::string& file, std::string& id_prefix) {
    std::vector<GoldenCase> result;
    std::size_t line_number = 0;
    while (!json_lines.empty()) {
        ++line_number;
        const auto end = std::min(json_lines.find('\n'), json_lines.size());
        const std::string_view text = json_lines.substr(0, end);
        json_lines.remove_prefix(std::min(end + 1, json_lines.size()));
        if (text.empty()) continue;
        const std::string place = file + ":" + std::to_string(line_number);
        const auto document = parse_json(text, place);
        const JsonPlace line(document, place);
        GoldenCase golden;
        golden.input.id = line.member("id").text();
        const auto dash = golden.input.id.rfind('-') + 1;
        id_prefix = golden.input.id.substr(0, dash);
        golden.number = static_cast<std::uint32_t>(std::stoul(golden.input.id.substr(dash)));
        import_input(line, golden);
        import_outcome(line, golden);
        replace_noise(golden);
        result.push_back(std::move(golden));
    }
    return result;
}

} // namespace mtecheck::difftest
