// SPDX-License-Identifier: Apache-2.0
//
// Markdown (GitHub's) as the reference uses it. Text from the tables is never markup: it goes through plain() or
// code().
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mtecheck::docs {

/// Text with everything escaped that Markdown, or HTML in it, would take for markup.
std::string plain(std::string_view text);
/// A code span. In a table a `|` has to be escaped even there.
std::string code(std::string_view text);
std::string link(const std::string& text, const std::string& address);
/// What GitHub makes of a heading that consists of letters, digits, '_' and '-'.
std::string anchor(std::string_view heading);
/// A place that links can name, for rows of tables.
std::string place(std::string_view name);
std::string joined(const std::vector<std::string>& items, std::string_view separator = ", ");

/// A page under construction: a title, the note that it is generated, then whatever is added.
class Page {
  public:
    Page(std::string_view title, std::string_view introduction);

    Page& heading(unsigned level, std::string_view text);
    Page& paragraph(std::string_view text);
    Page& item(std::string_view text);
    Page& table(const std::vector<std::string>& head);
    Page& row(const std::vector<std::string>& cells);
    /// Text as it is, in fixed width.
    Page& verbatim(std::string_view text);

    std::string text() const { return text_; }

  private:
    enum class Last { block, item, row };
    void separate(Last next);

    std::string text_;
    Last last_ = Last::block;
};

} // namespace mtecheck::docs
