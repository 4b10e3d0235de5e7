// SPDX-License-Identifier: Apache-2.0
//
// The golden file format. Integers are little-endian. After unpacking:
//   "MTEGOLD1", u8 length and bytes of the prefix of all identifiers, u32 number of records,
//   u32 size of each column in the order of Column, then the columns.
// A record takes its fields from the columns in the order of transfer(), which is both the reader and the writer.
#include "difftest/golden/golden_file.h"

#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "difftest/core/columns.h"
#include "difftest/core/error.h"
#include "difftest/core/fields.h"
#include "difftest/core/json.h"
#include "difftest/golden/xz.h"

namespace mtecheck::difftest {

namespace {

enum class Column : unsigned {
    number,          // u32
    configuration,   // u64 for each field of each_lasting_configuration_field
    code,            // u64 pc, u8 count, u32 words
    x_mask,          // u32: registers in column x
    x,               // u64
    registers,       // u64 for each of each_system_register, u8 nzcv
    v_mask,          // u8 SIMD state is present, then u32: registers in column v
    v,               // u64 low, u64 high
    windows,         // u8 count; for each u64 PA / 256, u16 mask of 16-byte rows in column data
    tags,            // u64
    data,            // 16 bytes for each row
    status,          // u8 status, u32 difference of the final from the initial pc, u32 pstate
    exception,       // u8 to_el, u16 vector, u32 esr, u64 far, u64 elr, u64 spsr
    x_after_mask,    // u32: registers that changed
    x_after,         // u64
    registers_after, // u16 mask of each_system_register, u64 for each that changed
    v_after_mask,    // u32, if SIMD state is present
    v_after,         // u64 low, u64 high
    written,         // u8 count of runs; for each u8 window, u8 offset, u8 bytes - 1
    written_data,    // the bytes
    written_tags,    // u16 for each window: granules written
    written_values,  // u8 for each granule written
    count_,
};
constexpr ColumnFormat kFormat{.magic = "MTEGOLD1", .file = "golden file", .item = "record"};
constexpr std::uint32_t kMaxRecords = 1U << 20U;
using Writer = ColumnWriter<Column>;
using Reader = ColumnReader<Column>;

constexpr bool bit(std::uint64_t mask, std::size_t index) { return (mask >> index & 1U) != 0; }

template <class A>
void transfer_v(A& a, Column column, Vector128& v) {
    a.item(column, v.low);
    a.item(column, v.high);
}

template <class A>
void transfer_sequence(A& a, Sequence& sequence) {
    each_lasting_configuration_field(sequence.configuration, [&](const char*, auto& value, unsigned) {
        std::uint64_t wide = value;
        a.item(Column::configuration, wide);
        value = static_cast<std::decay_t<decltype(value)>>(wide);
    });
    a.item(Column::code, sequence.pc);
    auto count = static_cast<std::uint8_t>(sequence.code.size());
    a.item(Column::code, count);
    if constexpr (A::reading) {
        if (count > kMaxCode) a.fail("too many instructions");
        sequence.layout = LayoutId::golden;
        sequence.code.resize(count);
    }
    for (auto& word : sequence.code) a.item(Column::code, word);
}

template <class A>
void transfer_windows(A& a, Windows& windows) {
    auto count = static_cast<std::uint8_t>(windows.size());
    a.item(Column::windows, count);
    if constexpr (A::reading) {
        if (count > kMaxWindows) a.fail("too many windows");
        windows.resize(count);
    }
    for (auto& window : windows) {
        std::uint64_t index = window.pa / kWindowBytes;
        a.item(Column::windows, index);
        window.pa = index * kWindowBytes;
        a.item(Column::tags, window.tags);
        std::uint16_t rows = 0;
        for (std::size_t i = 0; i < kWindowBytes; ++i) {
            if (!A::reading && window.data[i] != 0) rows = static_cast<std::uint16_t>(rows | 1U << (i / 16));
        }
        a.item(Column::windows, rows);
        if constexpr (A::reading) window.data.fill(0);
        for (std::size_t row = 0; row < 16; ++row) {
            if (bit(rows, row)) a.bytes(Column::data, window.data.data() + 16 * row, 16);
        }
    }
}

template <class A>
void transfer_state(A& a, GoldenCase& golden) {
    State& state = golden.input.state;
    a.item(Column::x_mask, golden.stored_x);
    for (unsigned n = 0; n < state.x.size(); ++n) {
        if (bit(golden.stored_x, n)) {
            a.item(Column::x, state.x[n]);
        } else {
            state.x[n] = noise(golden.number, n);
        }
    }
    each_system_register(state, [&](const char*, std::uint64_t& value) { a.item(Column::registers, value); });
    a.item(Column::registers, state.nzcv);
    std::uint8_t present = state.v.empty() ? 0 : 1;
    a.item(Column::v_mask, present);
    if constexpr (A::reading) state.v.assign(present != 0 ? 32 : 0, Vector128{});
    if (present != 0) {
        std::uint32_t mask = 0;
        for (unsigned n = 0; n < 32; ++n) {
            if (!A::reading && state.v[n] != Vector128{}) mask |= 1U << n;
        }
        a.item(Column::v_mask, mask);
        for (unsigned n = 0; n < 32; ++n) {
            if (bit(mask, n)) transfer_v(a, Column::v, state.v[n]);
        }
    }
    transfer_windows(a, state.windows);
}

template <class A>
void transfer_written(A& a, GoldenCase& golden) {
    Outcome& outcome = golden.outcome;
    if constexpr (A::reading) outcome.windows = golden.input.state.windows;
    auto runs = static_cast<std::uint8_t>(golden.written.size());
    a.item(Column::written, runs);
    if constexpr (A::reading) golden.written.resize(runs);
    for (auto& run : golden.written) {
        a.item(Column::written, run.window);
        a.item(Column::written, run.offset);
        auto last = static_cast<std::uint8_t>(run.bytes - 1);
        a.item(Column::written, last);
        run.bytes = static_cast<std::uint16_t>(last + 1);
        if (run.window >= outcome.windows.size() || run.offset + run.bytes > static_cast<int>(kWindowBytes)) {
            a.fail("a written run is outside the windows");
        }
        a.bytes(Column::written_data, outcome.windows[run.window].data.data() + run.offset, run.bytes);
    }
    if constexpr (A::reading) golden.written_tags.resize(outcome.windows.size());
    for (std::size_t w = 0; w < outcome.windows.size(); ++w) {
        a.item(Column::written_tags, golden.written_tags[w]);
        for (std::size_t granule = 0; granule < kWindowGranules; ++granule) {
            if (!bit(golden.written_tags[w], granule)) continue;
            auto tag = static_cast<std::uint8_t>(outcome.windows[w].tags >> (4 * granule) & 15U);
            a.item(Column::written_values, tag);
            outcome.windows[w].tags &= ~(std::uint64_t{15} << (4 * granule));
            outcome.windows[w].tags |= std::uint64_t{tag & 15U} << (4 * granule);
        }
    }
}

template <class A>
void transfer_outcome(A& a, GoldenCase& golden) {
    const State& state = golden.input.state;
    Outcome& outcome = golden.outcome;
    auto status = static_cast<std::uint8_t>(outcome.status);
    a.item(Column::status, status);
    if (status > static_cast<std::uint8_t>(Status::exception)) a.fail("the status is not one of the pseudocode's");
    outcome.status = static_cast<Status>(status);
    const bool exception = outcome.status == Status::exception;
    auto distance = static_cast<std::uint32_t>(exception ? 0 : outcome.pc - golden.input.sequence.pc);
    a.item(Column::status, distance);
    auto pstate = static_cast<std::uint32_t>(outcome.pstate);
    a.item(Column::status, pstate);
    if constexpr (A::reading) {
        outcome.pc = exception ? 0 : golden.input.sequence.pc + distance;
        outcome.pstate = pstate;
        outcome.exception = {};
    }
    if (exception) {
        ExceptionRecord& e = outcome.exception;
        a.item(Column::exception, e.to_el);
        a.item(Column::exception, e.vector);
        auto esr = static_cast<std::uint32_t>(e.esr);
        a.item(Column::exception, esr);
        e.esr = esr;
        a.item(Column::exception, e.far);
        a.item(Column::exception, e.elr);
        a.item(Column::exception, e.spsr);
        if (e.to_el > 3) a.fail("the exception goes to no exception level");
    }
    std::uint32_t changed = 0;
    for (unsigned n = 0; n < 31; ++n) {
        if (!A::reading && outcome.x[n] != state.x[n]) changed |= 1U << n;
    }
    a.item(Column::x_after_mask, changed);
    for (unsigned n = 0; n < 31; ++n) {
        if constexpr (A::reading) outcome.x[n] = state.x[n];
        if (bit(changed, n)) a.item(Column::x_after, outcome.x[n]);
    }
    std::array<std::uint64_t, 16> before{};
    std::size_t index = 0;
    each_system_register(state, [&](const char*, std::uint64_t value) { before.at(index++) = value; });
    std::uint16_t registers = 0;
    index = 0;
    each_system_register(outcome, [&](const char*, std::uint64_t& value) {
        if (!A::reading && value != before[index]) registers = static_cast<std::uint16_t>(registers | 1U << index);
        ++index;
    });
    a.item(Column::registers_after, registers);
    index = 0;
    each_system_register(outcome, [&](const char*, std::uint64_t& value) {
        if constexpr (A::reading) value = before[index];
        if (bit(registers, index++)) a.item(Column::registers_after, value);
    });
    if constexpr (A::reading) outcome.v = state.v;
    if (!outcome.v.empty()) {
        std::uint32_t mask = 0;
        for (unsigned n = 0; n < 32; ++n) {
            if (!A::reading && outcome.v[n] != state.v[n]) mask |= 1U << n;
        }
        a.item(Column::v_after_mask, mask);
        for (unsigned n = 0; n < 32; ++n) {
            if (bit(mask, n)) transfer_v(a, Column::v_after, outcome.v[n]);
        }
    }
    transfer_written(a, golden);
}

template <class A>
void transfer(A& a, GoldenCase& golden) {
    a.item(Column::number, golden.number);
    transfer_sequence(a, golden.input.sequence);
    transfer_state(a, golden);
    transfer_outcome(a, golden);
}

std::string number_text(std::uint32_t number) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04u", number);
    return text.data();
}

} // namespace

std::uint64_t noise(std::uint32_t number, unsigned reg) {
    std::uint64_t z = (std::uint64_t{number} * 32 + reg + 1) * 0x9e3779b97f4a7c15U; // SplitMix64
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
    return z ^ z >> 31U;
}

struct GoldenReader::Impl {
    Impl(std::string_view packed, const std::string& name) : reader(kFormat, xz_decompress(packed, name), name) {
        prefix = reader.header_text(reader.header<std::uint8_t>());
        count = reader.header<std::uint32_t>();
        if (count > kMaxRecords) reader.bad("claims too many records");
        reader.begin_columns();
    }
    Reader reader;
    std::string_view prefix;
    std::uint32_t count = 0;
};

GoldenReader::GoldenReader(std::string_view packed, const std::string& file)
    : impl_(std::make_unique<Impl>(packed, file)) {}
GoldenReader::~GoldenReader() = default;
GoldenReader::GoldenReader(GoldenReader&&) noexcept = default;
GoldenReader& GoldenReader::operator=(GoldenReader&&) noexcept = default;

std::uint32_t GoldenReader::count() const { return impl_->count; }

bool GoldenReader::next(GoldenCase& out) {
    Reader& reader = impl_->reader;
    if (reader.number == impl_->count) {
        reader.end();
        return false;
    }
    transfer(reader, out);
    out.input.id.assign(impl_->prefix).append(number_text(out.number));
    const nlohmann::json nothing;
    const JsonPlace place(nothing, reader.file());
    require_well_formed(out.input.sequence, place);
    require_well_formed(out.input.state, LayoutId::golden, place);
    ++reader.number;
    return true;
}

std::string write_golden(const std::string& id_prefix, std::vector<GoldenCase> records) {
    Writer writer(kFormat);
    for (auto& record : records) {
        if (record.input.id != id_prefix + number_text(record.number)) {
            throw ToolError("identifier " + record.input.id + " is not " + id_prefix + number_text(record.number));
        }
        transfer(writer, record);
    }
    writer.header(static_cast<std::uint8_t>(id_prefix.size()));
    writer.header_text(id_prefix);
    writer.header(static_cast<std::uint32_t>(records.size()));
    return xz_compress(writer.file());
}

} // namespace mtecheck::difftest
