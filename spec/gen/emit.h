// SPDX-License-Identifier: Apache-2.0
//
// From tables to C++. Every function writes its headers and sources into `out`, touching only
// files whose text has changed, so that an edit of one table does not rebuild everything.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>

#include "spec/gen/tables.h"

namespace mtecheck::spec::gen {

/// One file under construction. `finish` writes it.
class Output {
  public:
    Output(std::filesystem::path file, const std::string& purpose, bool header);

    template <class T>
    Output& operator<<(const T& item) {
        text_ << item;
        return *this;
    }

    void finish();

  private:
    std::filesystem::path file_;
    std::ostringstream text_;
};

/// A C++ string literal.
std::string quoted(const std::string& text);
std::string hex32(std::uint32_t value);
/// The enumerator of a requirement: its id with '_' for '-'.
std::string requirement_name(const std::string& id);

/// Where rows of one info table refer to rows of another: all the lists of enumerators in one
/// array, and a span expression for each.
class SpanPool {
  public:
    SpanPool(std::string array, std::string type) : array_(std::move(array)), type_(std::move(type)) {}

    /// Adds a list and returns the C++ expression for its span.
    std::string add(const std::vector<std::string>& items);
    /// The definition of the array; must come before the expressions in the text.
    std::string definition() const;

  private:
    std::string array_;
    std::string type_;
    std::vector<std::string> items_;
    std::map<std::vector<std::string>, std::size_t> known_;
};

void emit_isa(const Tables& tables, const std::filesystem::path& out);
void emit_classes(const Tables& tables, const std::filesystem::path& out);
void emit_registers(const Tables& tables, const std::filesystem::path& out);
void emit_lists(const Tables& tables, const std::filesystem::path& out);

} // namespace mtecheck::spec::gen
