// SPDX-License-Identifier: Apache-2.0
//
// A line on standard error that rewrites itself: how something long is getting on, for somebody at a terminal.
#pragma once

#include <string>

namespace mtecheck::difftest {

/// Nobody may be listening any more: that is no trouble.
void put_to_standard_error(const std::string& text);

class TerminalLine {
  public:
    TerminalLine() = default;
    /// Erases it.
    ~TerminalLine() { erase(); }
    TerminalLine(const TerminalLine&) = delete;
    TerminalLine& operator=(const TerminalLine&) = delete;

    /// In place of what was shown before, as far as the width of the terminal allows.
    void show(std::string text);
    void erase();
    /// Leaves it there; other text can follow below.
    void keep();

  private:
    bool shown_ = false;
};

} // namespace mtecheck::difftest
