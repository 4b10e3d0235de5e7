// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "difftest/core/error.h"

namespace mtecheck::difftest {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return value_; }

  private:
    int value_;
};

[[noreturn]] void fail_write(const std::filesystem::path& path) {
    const int error = errno;
    std::string text = "cannot write " + path.string() + ": " + std::strerror(error);
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        text += " (make room and run again; what was written before is intact)";
    }
    throw ToolError(text);
}

void sync_directory(const std::filesystem::path& path) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) {
        ::fsync(directory.get()); // some file systems cannot: the rename is atomic all the same
    }
}

void write_all(int descriptor, std::string_view text, const std::filesystem::path& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail_write(path);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool wait_for_lock(int descriptor) {
    int status = ::flock(descriptor, LOCK_EX);
    while (status != 0 && errno == EINTR) status = ::flock(descriptor, LOCK_EX);
    return status == 0;
}

/// Opens an empty file that no other writer has under this name. Its lock is held until the descriptor is closed;
/// what a process that was killed left behind is used again. Negative: it cannot be opened.
int open_alone(const std::filesystem::path& path) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0) {
            return descriptor;
        }
        wait_for_lock(descriptor);
        // Whoever had it before may have renamed it meanwhile.
        struct stat mine {};
        struct stat there {};
        const bool same = ::fstat(descriptor, &mine) == 0 && ::stat(path.c_str(), &there) == 0 &&
                          mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
        if (same && ::ftruncate(descriptor, 0) == 0) {
            return descriptor;
        }
        const int error = errno;
        ::close(descriptor);
        if (same) {
            errno = error;
            return -1;
        }
    }
}

} // namespace

void write_durably(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::path temporary = path;
    temporary += kTemporaryEnd;
    const Descriptor file(open_alone(temporary));
    if (file.get() < 0) {
        fail_write(path);
    }
    try {
        write_all(file.get(), text, path);
        if (::fsync(file.get()) != 0) {
            fail_write(path);
        }
        if (::rename(temporary.c_str(), path.c_str()) != 0) {
            fail_write(path);
        }
    } catch (const ToolError&) {
        ::unlink(temporary.c_str());
        throw;
    }
    sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

void append_durably(const std::filesystem::path& path, std::string_view text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (file.get() < 0) {
        fail_write(path);
    }
    write_all(file.get(), text, path);
    if (::fsync(file.get()) != 0) {
        fail_write(path);
    }
}

void make_directory(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw ToolError("cannot make directory " + path.string() + ": " + error.message());
    }
}

DirectoryLock::DirectoryLock(const std::filesystem::path& directory) {
    const std::filesystem::path file = directory / "lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
        throw ToolError("cannot write " + file.string() + ": " + std::strerror(errno));
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor_);
        throw InputError(directory.string(), "", "another mtecheck is working in this directory: choose another one");
    }
}

DirectoryLock::~DirectoryLock() { ::close(descriptor_); }

WaitingLock::WaitingLock(const std::filesystem::path& file, std::string_view mend) {
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ >= 0 && wait_for_lock(descriptor_)) return;
    const std::string why = std::strerror(errno);
    if (descriptor_ >= 0) ::close(descriptor_);
    throw ToolError("cannot lock " + file.string() + ": " + why + std::string(mend));
}

WaitingLock::~WaitingLock() { ::close(descriptor_); }

} // namespace mtecheck::difftest
