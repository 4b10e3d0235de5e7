// SPDX-License-Identifier: Apache-2.0
//
// Answers to `choose` in machines with native values: a script gives the first answers, the rest are 0, the outcome
// that Arm's pseudocode takes. The log says which choices a run met, so that a comparison can run it again with
// another answer to one of them.
#pragma once

#include <cstdint>
#include <vector>

#include "spec/gen/dont_cares.h"

namespace mtecheck::model {

struct Choice {
    spec::DontCare reason{};
    std::uint8_t options = 0;
    std::uint8_t answer = 0;
    std::uint32_t step = 0; ///< number of the instruction in the run
};

class Choices {
  public:
    /// Starts a run with these first answers.
    void start(std::vector<std::uint8_t> script) {
        script_ = std::move(script);
        log_.clear();
        step_ = 0;
    }
    void start() {
        script_.clear();
        log_.clear();
        step_ = 0;
    }
    void next_step() { ++step_; }

    unsigned choose(spec::DontCare reason, unsigned options) {
        const std::uint8_t answer = log_.size() < script_.size() ? script_[log_.size()] : std::uint8_t{0};
        log_.push_back({reason, static_cast<std::uint8_t>(options), answer, step_});
        return answer;
    }
    const std::vector<Choice>& log() const { return log_; }
    std::uint32_t step() const { return step_; }

  private:
    std::vector<std::uint8_t> script_;
    std::vector<Choice> log_;
    std::uint32_t step_ = 0;
};

} // namespace mtecheck::model
