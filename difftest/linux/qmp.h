// SPDX-License-Identifier: Apache-2.0
//
// QEMU's machine protocol (QMP) on one end of a pair of sockets: a line of JSON each way.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "difftest/batch/file_descriptor.h"

namespace mtecheck::difftest {

class QmpSession {
  public:
    /// Waits for the greeting of a QEMU. Each answer must come within `seconds`. Throws TargetError.
    QmpSession(FileDescriptor socket, double seconds);

    /// What the command returns, an object. Throws TargetError that says what QEMU says against it.
    nlohmann::json execute(const std::string& command, const nlohmann::json& arguments = nlohmann::json::object());

  private:
    nlohmann::json receive();

    FileDescriptor socket_;
    double seconds_;
    std::string received_; // behind the last whole line
};

/// One line of QEMU's as an object. Throws TargetError if it is none.
nlohmann::json parse_qmp_line(std::string_view line);

/// What a command returned, out of QEMU's answer to it. Throws TargetError for an error, and for what is no answer.
nlohmann::json qmp_result(const std::string& command, const nlohmann::json& answer);

/// The member that says how far a migration is; "none" if there is none.
std::string migration_status(const nlohmann::json& answer);

} // namespace mtecheck::difftest
