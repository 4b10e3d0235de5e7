// SPDX-License-Identifier: Apache-2.0
//
// Which path a case takes: the model on plain values, with a log.
#pragma once

#include <memory>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/paths/path.h"

namespace mtecheck::difftest {

class PathTracer {
  public:
    explicit PathTracer(const Profile& profile);
    ~PathTracer();
    PathTracer(PathTracer&&) noexcept;
    PathTracer& operator=(PathTracer&&) noexcept;

    void load(const Sequence& sequence);
    /// The log of instruction `subject`, with all decisions. False: the run does not come to its end, it escapes, or
    /// the architecture leaves open what it does.
    bool trace(const State& state, std::size_t subject, PathLog& log);

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

} // namespace mtecheck::difftest
