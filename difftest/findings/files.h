// SPDX-License-Identifier: Apache-2.0
//
// Files that must survive a crash. A durable write is complete or absent: the text goes to a temporary name in the
// same directory, is forced to disk, and is renamed. That name has one writer at a time, of all threads and processes;
// a file that a killed process left there is overwritten by the next. A full disk is a ToolError that names the file.
#pragma once

#include <filesystem>
#include <string_view>

namespace mtecheck::difftest {

inline constexpr const char* kTemporaryEnd = ".tmp"; // of that name

/// Replaces `path` by `text`, or leaves it as it was and throws ToolError.
void write_durably(const std::filesystem::path& path, std::string_view text);

/// Appends to `path`, which is made if it is not there. If it throws ToolError, part of the text may be in the file.
void append_durably(const std::filesystem::path& path, std::string_view text);

/// Creates a directory and its parents. Throws ToolError.
void make_directory(const std::filesystem::path& path);

/// An exclusive lock on a directory for the life of the object; another process that holds it is an InputError.
class DirectoryLock {
  public:
    explicit DirectoryLock(const std::filesystem::path& directory);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

  private:
    int descriptor_ = -1;
};

/// An exclusive lock on a file, which is made if it is not there, for the life of the object; waits for whoever has it.
/// Throws ToolError; `mend`, if any, is the end of what it says.
class WaitingLock {
  public:
    explicit WaitingLock(const std::filesystem::path& file, std::string_view mend = {});
    ~WaitingLock();
    WaitingLock(const WaitingLock&) = delete;
    WaitingLock& operator=(const WaitingLock&) = delete;

  private:
    int descriptor_ = -1;
};

} // namespace mtecheck::difftest
