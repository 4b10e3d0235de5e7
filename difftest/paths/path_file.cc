// SPDX-License-Identifier: Apache-2.0
//
// The file of path cases. Integers are little-endian. After unpacking: "MTEPATH1", u32 number of configurations, u32
// number of cases, u32 size of each column in the order of Column, then the columns. A case takes its fields from the
// columns in the order of transfer(), which is both the reader and the writer.
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "difftest/core/columns.h"
#include "difftest/core/fields.h"
#include "difftest/core/json.h"
#include "difftest/golden/golden_file.h"
#include "difftest/golden/xz.h"
#include "difftest/paths/path_case.h"

namespace mtecheck::difftest {
namespace {

enum class Column : unsigned {
    configurations, // u64 for each field of each_lasting_configuration_field, of each configuration
    configuration,  // u16: its number
    code,           // u8 count, u8 subject, u32 words; u64 pc
    x_mask,         // u32: registers in column x
    x,              // u64
    registers_mask, // u16: registers of each_system_register that are not 0
    registers,      // u64
    flags,          // u8: nzcv, 0x10 SIMD state is present
    windows,        // u8 count; for each u32 PA / 256
    tags,           // u64
    data_mask,      // u8 for each 32 bytes of a window: the eights of bytes that are in column data
    data,           // u64
    count_,
};
constexpr ColumnFormat kFormat{.magic = "MTEPATH1", .file = "file of path cases", .item = "case"};
constexpr std::uint32_t kMaxCases = 1U << 20U;
constexpr std::uint32_t kMaxConfigurations = 1U << 16U;
constexpr unsigned kHasVectors = 0x10;
using Writer = ColumnWriter<Column>;
using Reader = ColumnReader<Column>;

template <class A>
void transfer_configuration(A& a, Configuration& configuration) {
    each_lasting_configuration_field(configuration, [&](const char*, auto& value, unsigned) {
        std::uint64_t wide = value;
        a.item(Column::configurations, wide);
        value = static_cast<std::decay_t<decltype(value)>>(wide);
    });
}

template <class A>
void transfer_code(A& a, PathCase& path_case) {
    auto count = static_cast<std::uint8_t>(path_case.sequence.code.size());
    a.item(Column::code, count);
    a.item(Column::code, path_case.subject);
    if constexpr (A::reading) {
        if (count > kMaxCode || path_case.subject >= count) a.fail("no such instruction");
        path_case.sequence.code.resize(count);
        path_case.sequence.layout = LayoutId::arena;
    }
    for (auto& word : path_case.sequence.code) a.item(Column::code, word);
    a.item(Column::code, path_case.sequence.pc);
    const auto encoding = spec::decode(path_case.sequence.code[path_case.subject]);
    if (!encoding) a.fail("an instruction that is not in the tables");
    path_case.encoding = *encoding;
}

template <class A>
void transfer_window(A& a, Window& window) {
    auto number = static_cast<std::uint32_t>(window.pa / kWindowBytes);
    a.item(Column::windows, number);
    window.pa = std::uint64_t{number} * kWindowBytes;
    a.item(Column::tags, window.tags);
    constexpr std::size_t kWord = 8;
    for (std::size_t at = 0; at < kWindowBytes; at += 4 * kWord) {
        std::uint8_t mask = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, window.data.data() + at + i * kWord, kWord);
            if (!A::reading && word != plain_data(window.pa + at + i * kWord))
                mask = static_cast<std::uint8_t>(mask | 1U << i);
        }
        a.item(Column::data_mask, mask);
        for (std::size_t i = 0; i < 4; ++i) {
            std::uint64_t word = plain_data(window.pa + at + i * kWord);
            if ((mask >> i & 1U) != 0) {
                if (!A::reading) std::memcpy(&word, window.data.data() + at + i * kWord, kWord);
                a.item(Column::data, word);
            }
            std::memcpy(window.data.data() + at + i * kWord, &word, kWord);
        }
    }
}

template <class A>
void transfer(A& a, PathCase& path_case) {
    transfer_code(a, path_case);
    State& state = path_case.state;
    std::uint32_t mask = 0;
    for (unsigned n = 0; n < state.x.size(); ++n) {
        if (!A::reading && state.x[n] != plain_x(n)) mask |= 1U << n;
    }
    a.item(Column::x_mask, mask);
    for (unsigned n = 0; n < state.x.size(); ++n) {
        if ((mask >> n & 1U) != 0) {
            a.item(Column::x, state.x[n]);
        } else {
            state.x[n] = plain_x(n);
        }
    }
    std::uint16_t registers = 0;
    unsigned index = 0;
    each_system_register(state, [&](const char*, std::uint64_t& value) {
        if (!A::reading && value != 0) registers = static_cast<std::uint16_t>(registers | 1U << index);
        ++index;
    });
    a.item(Column::registers_mask, registers);
    index = 0;
    each_system_register(state, [&](const char*, std::uint64_t& value) {
        if ((std::uint32_t{registers} >> index++ & 1U) != 0) a.item(Column::registers, value);
    });
    auto flags = static_cast<std::uint8_t>(unsigned{state.nzcv} | (state.v.empty() ? 0U : kHasVectors));
    a.item(Column::flags, flags);
    state.nzcv = flags & 15U;
    if constexpr (A::reading) {
        if ((flags & kHasVectors) != 0) {
            for (unsigned n = 0; n < 32; ++n) state.v.push_back(plain_v(n));
        }
    }
    auto count = static_cast<std::uint8_t>(state.windows.size());
    a.item(Column::windows, count);
    if constexpr (A::reading) {
        if (count > kMaxWindows) a.fail("too many windows");
        state.windows.resize(count);
    }
    for (Window& window : state.windows) transfer_window(a, window);
}

/// GMID_EL1 and DCZID_EL0 are not in the file: any legal ones stand in for them.
void require_well_formed(PathCase path_case, const Reader& reader) {
    path_case.sequence.configuration.gmid_el1 = 2;
    path_case.sequence.configuration.dczid_el0 = 0;
    const nlohmann::json nothing;
    const std::string where = reader.file() + ", " + reader.place();
    const JsonPlace place(nothing, where);
    require_well_formed(path_case.sequence, place);
    require_well_formed(path_case.state, path_case.sequence.layout, place);
}

} // namespace

std::uint64_t plain_x(unsigned n) { return noise(0, n); }
Vector128 plain_v(unsigned n) { return {noise(1, n), noise(2, n)}; }
std::uint64_t plain_data(std::uint64_t pa) { return noise(static_cast<std::uint32_t>(pa), 0); }

std::string write_path_cases(const std::vector<PathCase>& cases) {
    Writer writer(kFormat);
    std::vector<Configuration> configurations;
    for (const PathCase& path_case : cases) {
        PathCase copy = path_case;
        Configuration& configuration = copy.sequence.configuration;
        configuration.gmid_el1 = 0;
        configuration.dczid_el0 = 0;
        const auto found = std::find(configurations.rbegin(), configurations.rend(), configuration);
        auto number = static_cast<std::uint16_t>(found == configurations.rend()
                                                     ? configurations.size()
                                                     : static_cast<std::size_t>(configurations.rend() - found - 1));
        if (found == configurations.rend()) {
            if (configurations.size() == kMaxConfigurations) writer.fail("too many configurations");
            configurations.push_back(configuration);
            transfer_configuration(writer, configuration);
        }
        writer.item(Column::configuration, number);
        transfer(writer, copy);
        if (!(copy.state == path_case.state)) writer.fail("its SIMD&FP registers are not the plain ones");
    }
    writer.header(static_cast<std::uint32_t>(configurations.size()));
    writer.header(static_cast<std::uint32_t>(cases.size()));
    return xz_compress(writer.file());
}

std::vector<PathCase> read_path_cases(std::string_view packed, const std::string& file) {
    Reader reader(kFormat, xz_decompress(packed, file), file);
    const auto configuration_count = reader.header<std::uint32_t>();
    const auto case_count = reader.header<std::uint32_t>();
    if (configuration_count > kMaxConfigurations || case_count > kMaxCases) reader.bad("claims too many cases");
    reader.begin_columns();
    // One by one: what the header claims may be far more than there is.
    std::vector<Configuration> configurations;
    for (std::uint32_t i = 0; i < configuration_count; ++i) {
        transfer_configuration(reader, configurations.emplace_back());
    }
    std::vector<PathCase> cases;
    for (; reader.number < case_count; ++reader.number) {
        PathCase& path_case = cases.emplace_back();
        std::uint16_t number = 0;
        reader.item(Column::configuration, number);
        if (number >= configurations.size()) reader.fail("no such configuration");
        path_case.sequence.configuration = configurations[number];
        transfer(reader, path_case);
        require_well_formed(path_case, reader);
    }
    reader.end();
    return cases;
}

} // namespace mtecheck::difftest
