// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

LineReader::LineReader(std::string file) : file_(std::move(file)), buffer_(2 * kMostBytes) {
    fd_ = file_ == "-" ? ::dup(STDIN_FILENO) : ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) throw InputError(file_, "", std::string("cannot be read: ") + std::strerror(errno));
}

LineReader::LineReader(std::string name, std::string_view text)
    : file_(std::move(name)), buffer_(text.begin(), text.end()), end_(text.size()), bytes_(text.size()), at_end_(true) {
}

LineReader::~LineReader() {
    if (fd_ >= 0) ::close(fd_);
}

bool LineReader::fill() {
    if (at_end_) return false;
    if (begin_ != 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    while (true) {
        const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw ToolError(file_ + ": cannot be read: " + std::strerror(errno));
        at_end_ = got == 0;
        end_ += static_cast<std::size_t>(got);
        bytes_ += static_cast<std::uint64_t>(got);
        return got != 0;
    }
}

char LineReader::peek() { return begin_ != end_ || fill() ? buffer_[begin_] : '\0'; }

bool LineReader::next(std::string_view& line) {
    if (too_long_) skip_to_end_of_line();
    too_long_ = false;
    std::size_t searched = 0;
    while (true) {
        const char* start = buffer_.data() + begin_;
        const std::size_t have = end_ - begin_;
        const void* found = searched < have ? std::memchr(start + searched, '\n', have - searched) : nullptr;
        if (found != nullptr) {
            const auto size = static_cast<std::size_t>(static_cast<const char*>(found) - start);
            line = std::string_view(start, size);
            if (line.ends_with('\r')) line.remove_suffix(1);
            begin_ += size + 1;
            too_long_ = false;
            ++number_;
            if (size > kMostBytes) line = line.substr(0, kMostBytes);
            return true;
        }
        searched = have;
        if (have >= kMostBytes) {
            line = std::string_view(start, kMostBytes);
            begin_ += kMostBytes;
            too_long_ = true;
            ++number_;
            return true;
        }
        if (fill()) continue;
        if (have == 0) return false;
        line = std::string_view(buffer_.data() + begin_, have);
        begin_ = end_;
        unterminated_ = true;
        ++number_;
        return true;
    }
}

void LineReader::skip_to_end_of_line() {
    while (true) {
        const char* start = buffer_.data() + begin_;
        const std::size_t have = end_ - begin_;
        const void* found = have == 0 ? nullptr : std::memchr(start, '\n', have);
        if (found != nullptr) {
            begin_ += static_cast<std::size_t>(static_cast<const char*>(found) - start) + 1;
            return;
        }
        begin_ = end_ = 0;
        if (!fill()) return;
    }
}

} // namespace mtecheck::difftest
