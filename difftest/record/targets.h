// SPDX-License-Identifier: Apache-2.0
//
// A target that is recorded, and a record as a target.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "difftest/campaign/settings.h"
#include "difftest/core/target.h"
#include "difftest/record/record_file.h"

namespace mtecheck::difftest {

/// What several targets of one campaign write their answers to.
class SharedRecord {
  public:
    SharedRecord(std::filesystem::path path, const Settings& settings);
    ~SharedRecord();
    /// The first target that is known begins the file.
    void begin(const Profile& profile);
    void add(std::span<const Test> tests, const std::vector<std::vector<Outcome>>& outcomes);
    void finish();
    std::uint64_t tests() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Writes down what `target` does.
std::unique_ptr<Target> make_recording_target(std::unique_ptr<Target> target, std::shared_ptr<SharedRecord> record);

/// `record:FILE`: does what was recorded, and is what was recorded. What is not in it is unsupported.
std::unique_ptr<Target> make_record_target(const std::string& spec);

} // namespace mtecheck::difftest
