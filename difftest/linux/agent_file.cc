// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/agent_file.h"

#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "difftest/core/error.h"
#include "difftest/linux/agent_image.h"

namespace mtecheck::difftest {

FileDescriptor agent_file() {
    FileDescriptor file = make_anonymous_file("mtecheck-agent");
    const std::span<const std::uint8_t> image = agent_image();
    std::size_t done = 0;
    while (done < image.size()) {
        const ssize_t written = ::write(file.get(), image.data() + done, image.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw TargetError("cannot write the agent: " + std::generic_category().message(errno));
        done += static_cast<std::size_t>(written);
    }
    ::fchmod(file.get(), S_IRUSR | S_IXUSR);
    return file;
}

} // namespace mtecheck::difftest
