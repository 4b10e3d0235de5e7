// SPDX-License-Identifier: Apache-2.0
//
// Owners of what the kernel hands out: a file descriptor, a pipe, anonymous memory that a child can map too.
// Everything is anonymous and close-on-exec: no name in any file system, so nothing is left behind however we end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace mtecheck::difftest {

class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor() { reset(); }
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int get() const { return number_; }
    void reset();

  private:
    int number_ = -1;
};

struct Pipe {
    FileDescriptor read;
    FileDescriptor write;
};

Pipe make_pipe();

/// An anonymous file, `name` is for /proc.
FileDescriptor make_anonymous_file(const char* name);

/// The path under which a child that inherits the descriptor can open it anew.
std::string inherited_path(int descriptor);

/// Memory shared with a child, all zero at first and sparse.
class SharedMemory {
  public:
    explicit SharedMemory(std::size_t bytes);
    ~SharedMemory();
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    std::uint8_t* data() const { return data_; }
    std::size_t size() const { return bytes_; }
    int descriptor() const { return file_.get(); }

  private:
    FileDescriptor file_;
    std::size_t bytes_;
    std::uint8_t* data_ = nullptr;
};

} // namespace mtecheck::difftest
