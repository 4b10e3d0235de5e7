// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/file_descriptor.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw TargetError(what + ": " + std::generic_category().message(errno));
}

} // namespace

void FileDescriptor::reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe");
    return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

FileDescriptor make_anonymous_file(const char* name) {
    const int number = ::memfd_create(name, MFD_CLOEXEC);
    if (number < 0) fail("cannot make an anonymous file");
    return FileDescriptor(number);
}

std::string inherited_path(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

SharedMemory::SharedMemory(std::size_t bytes) : file_(make_anonymous_file("mtecheck-ram")), bytes_(bytes) {
    if (::ftruncate(file_.get(), static_cast<off_t>(bytes)) != 0) fail("cannot reserve the guest's memory");
    void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (at == MAP_FAILED) fail("cannot map the guest's memory");
    data_ = static_cast<std::uint8_t*>(at);
}

SharedMemory::~SharedMemory() { ::munmap(data_, bytes_); }

} // namespace mtecheck::difftest
