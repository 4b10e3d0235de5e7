// SPDX-License-Identifier: Apache-2.0
//
// InputError: something that a user or a developer wrote is wrong. It names the file, the
// place in it and how to mend it, and leads to exit status 2. Trouble of our own tools or of
// the system is never reported through this type.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace mtecheck {

class InputError : public std::runtime_error {
  public:
    /// `place` is a JSON pointer, a line number or another locator inside `file`.
    InputError(std::string file, std::string place, const std::string& problem, std::string mend = {})
        : std::runtime_error(render(file, place, problem, mend)), file_(std::move(file)), place_(std::move(place)),
          mend_(std::move(mend)) {}

    const std::string& file() const noexcept { return file_; }
    const std::string& place() const noexcept { return place_; }
    const std::string& mend() const noexcept { return mend_; }

  private:
    static std::string render(const std::string& file, const std::string& place, const std::string& problem,
                              const std::string& mend) {
        std::string text = file;
        if (!place.empty()) {
            text += ": " + place;
        }
        text += ": " + problem;
        if (!mend.empty()) {
            text += " (" + mend + ")";
        }
        return text;
    }

    std::string file_;
    std::string place_;
    std::string mend_;
};

} // namespace mtecheck
