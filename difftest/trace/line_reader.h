// SPDX-License-Identifier: Apache-2.0
//
// Lines of a file of any size, in a buffer of constant size. A line that is longer than most lines may be is not kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mtecheck::difftest {

class LineReader {
  public:
    static constexpr std::size_t kMostBytes = std::size_t{1} << 20; ///< of a line

    /// `file` of "-" is standard input. Throws InputError if it cannot be opened.
    explicit LineReader(std::string file);
    /// A text in memory, which outlives this.
    LineReader(std::string name, std::string_view text);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// The next line, without its end; false at the end of the file. Valid until the next call. A line that is too long
    /// is given as far as it fits, with too_long(). Throws ToolError if the file cannot be read.
    bool next(std::string_view& line);
    /// The first byte of what is next; 0 at the end.
    char peek();
    bool too_long() const { return too_long_; }
    /// Whether the last line had no end: the file may have been cut.
    bool unterminated() const { return unterminated_; }
    std::uint64_t number() const { return number_; } ///< of the last line, from 1
    const std::string& file() const { return file_; }
    std::uint64_t bytes() const { return bytes_; }

  private:
    /// Reads more behind what is in the buffer; false at the end.
    bool fill();
    void skip_to_end_of_line();

    std::string file_;
    int fd_ = -1;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t bytes_ = 0;
    bool too_long_ = false;
    bool unterminated_ = false;
    bool at_end_ = false;
};

} // namespace mtecheck::difftest
