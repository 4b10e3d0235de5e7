// SPDX-License-Identifier: Apache-2.0
//
// Binary files of columns: a magic word, a header of the format's own, the size of each column as u32, the columns.
// Integers are little-endian. Values of one kind stand together, so that they pack well.
//
// A format describes its items by a function template over ColumnWriter and ColumnReader, which is both its reader and
// its writer. Whatever the bytes are, a reader either gives items or throws InputError.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

struct ColumnFormat {
    std::string_view magic;
    std::string_view file; ///< what a file of it is called: "golden file"
    std::string_view item; ///< and what it holds: "record"
};

/// `Column` is an enumeration that ends with count_.
template <class Column>
class ColumnWriter {
  public:
    static constexpr bool reading = false;
    static constexpr std::size_t columns = static_cast<std::size_t>(Column::count_);

    explicit ColumnWriter(const ColumnFormat& format) : format_(format) {}

    template <class T>
    void item(Column column, T& value) {
        put(columns_[static_cast<std::size_t>(column)], value);
    }
    void bytes(Column column, const std::uint8_t* data, std::size_t size) {
        columns_[static_cast<std::size_t>(column)].append(reinterpret_cast<const char*>(data), size);
    }
    /// What stands between the magic word and the columns.
    template <class T>
    void header(T value) {
        put(header_, value);
    }
    void header_text(std::string_view text) { header_ += text; }

    /// The whole file, unpacked.
    std::string file() const {
        std::string plain(format_.magic);
        plain += header_;
        for (const std::string& column : columns_) put(plain, static_cast<std::uint32_t>(column.size()));
        for (const std::string& column : columns_) plain += column;
        return plain;
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw ToolError("cannot be a " + std::string(format_.item) + " of a " + std::string(format_.file) + ": " +
                        what);
    }

  private:
    template <class T>
    static void put(std::string& to, T value) {
        auto rest = static_cast<std::uint64_t>(value);
        for (std::size_t i = 0; i < sizeof(T); ++i, rest >>= 8U) to += static_cast<char>(rest & 255U);
    }

    const ColumnFormat& format_;
    std::string header_;
    std::array<std::string, columns> columns_;
};

template <class Column>
class ColumnReader {
  public:
    static constexpr bool reading = true;
    static constexpr std::size_t columns = static_cast<std::size_t>(Column::count_);

    /// `file` is the name in complaints. Reads the magic word; the header comes next.
    ColumnReader(const ColumnFormat& format, std::string plain, std::string file)
        : format_(format), plain_(std::move(plain)), file_(std::move(file)), rest_(plain_) {
        if (!rest_.starts_with(format_.magic)) bad("does not start with " + std::string(format_.magic));
        rest_.remove_prefix(format_.magic.size());
    }
    ColumnReader(const ColumnReader&) = delete;
    ColumnReader& operator=(const ColumnReader&) = delete;

    template <class T>
    T header() {
        return take<T>(rest_);
    }
    std::string_view header_text(std::size_t size) { return cut(size); }
    /// After the header.
    void begin_columns() {
        std::array<std::uint32_t, columns> sizes{};
        for (auto& size : sizes) size = take<std::uint32_t>(rest_);
        for (std::size_t i = 0; i < columns; ++i) columns_[i] = cut(sizes[i]);
        if (!rest_.empty()) bad("has bytes after its last column");
    }

    template <class T>
    void item(Column column, T& value) {
        value = take<T>(columns_[static_cast<std::size_t>(column)]);
    }
    void bytes(Column column, std::uint8_t* data, std::size_t size) {
        auto& from = columns_[static_cast<std::size_t>(column)];
        if (from.size() < size) fail("a column ends early");
        std::memcpy(data, from.data(), size);
        from.remove_prefix(size);
    }
    /// After the last item.
    void end() const {
        if (!std::all_of(columns_.begin(), columns_.end(), [](std::string_view column) { return column.empty(); })) {
            fail("columns go on after the last " + std::string(format_.item));
        }
    }

    const std::string& file() const { return file_; }
    /// Where in the file, for complaints about what an item holds.
    std::string place() const { return std::string(format_.item) + " " + std::to_string(number); }
    [[noreturn]] void fail(const std::string& what) const {
        throw InputError(file_, place(), what + "; the file is damaged, fetch it again");
    }
    [[noreturn]] void bad(const std::string& what) const {
        throw InputError(file_, "header", what + "; this is no " + std::string(format_.file));
    }

    std::uint32_t number = 0; ///< of the item that is read

  private:
    std::string_view cut(std::size_t size) {
        if (rest_.size() < size) bad("is truncated");
        const std::string_view front = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return front;
    }
    template <class T>
    T take(std::string_view& from) const {
        if (from.size() < sizeof(T)) fail("a column ends early");
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            value |= std::uint64_t{static_cast<std::uint8_t>(from[i])} << (8 * i);
        from.remove_prefix(sizeof(T));
        return static_cast<T>(value);
    }

    const ColumnFormat& format_;
    std::string plain_; // the views refer to it
    std::string file_;
    std::string_view rest_;
    std::array<std::string_view, columns> columns_;
};

} // namespace mtecheck::difftest
