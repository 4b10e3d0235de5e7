// SPDX-License-Identifier: Apache-2.0
#include "difftest/core/terminal_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace mtecheck::difftest {
namespace {

constexpr const char* kEraseToEnd = "\x1b[K";

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

} // namespace

void put_to_standard_error(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

void TerminalLine::show(std::string text) {
    text.resize(std::min(text.size(), terminal_width() - 1));
    put_to_standard_error("\r" + text + kEraseToEnd);
    shown_ = true;
}

void TerminalLine::erase() {
    if (std::exchange(shown_, false)) put_to_standard_error(std::string("\r") + kEraseToEnd);
}

void TerminalLine::keep() {
    if (std::exchange(shown_, false)) put_to_standard_error("\n");
}

} // namespace mtecheck::difftest
