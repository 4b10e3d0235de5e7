// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/guest_machine.h"

#include <array>
#include <cerrno>
#include <span>
#include <system_error>

#include <unistd.h>

#include "difftest/batch/file_descriptor.h"
#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

using Words = std::vector<std::string>;

constexpr const char* kKernelCommandLine = "console=tty0 quiet panic=-1";

Words machine_words(const GuestMachine& machine, const std::string& memory) {
    Words words{machine.program,
                "-nodefaults",
                "-no-user-config",
                "-machine",
                "virt,mte=on,gic-version=3" + std::string(memory.empty() ? "" : ",memory-backend=ram"),
                "-cpu",
                machine.cpu,
                "-m",
                std::to_string(kGuestMebibytes),
                "-display",
                "none",
                "-no-reboot",
                "-chardev",
                "stdio,id=port,signal=off",
                "-device",
                "virtio-serial-pci",
                "-device",
                "virtserialport,chardev=port,name=agent"};
    if (!memory.empty()) words.insert(words.end(), {"-object", memory});
    return words;
}

std::string memory_file(int memory, const char* share) {
    return "memory-backend-file,id=ram,size=" + std::to_string(kGuestMebibytes) +
           "M,mem-path=" + inherited_path(memory) + ",share=" + share;
}

FileDescriptor ram_disk_file(const GuestMachine& machine) {
    FileDescriptor file = make_anonymous_file("mtecheck-initrd");
    std::span<const std::uint8_t> rest = machine.ram_disk;
    while (!rest.empty()) {
        const ssize_t written = ::write(file.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            throw TargetError("cannot write the initial RAM disk: " + std::generic_category().message(errno));
        rest = rest.subspan(static_cast<std::size_t>(written));
    }
    return file;
}

/// The part of the command line that makes it boot; `disk` has the RAM disk.
Words boot_words(const GuestMachine& machine, const FileDescriptor& disk) {
    return {"-kernel", machine.kernel.string(), "-initrd", inherited_path(disk.get()), "-append", kKernelCommandLine};
}

Words monitor_words(const GuestFiles& files) {
    return {"-chardev", "socket,id=monitor,fd=" + std::to_string(files.monitor), "-mon",
            "chardev=monitor,mode=control"};
}

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

} // namespace

std::unique_ptr<CommandPipe> boot(const GuestMachine& machine) {
    const FileDescriptor disk = ram_disk_file(machine);
    const std::array inherited{disk.get()};
    return std::make_unique<CommandPipe>(machine_words(machine, {}) + boot_words(machine, disk), inherited);
}

std::unique_ptr<CommandPipe> boot(const GuestMachine& machine, const GuestFiles& files) {
    const FileDescriptor disk = ram_disk_file(machine);
    const std::array inherited{disk.get(), files.memory, files.state, files.monitor};
    return std::make_unique<CommandPipe>(machine_words(machine, memory_file(files.memory, "on")) +
                                             monitor_words(files) + boot_words(machine, disk),
                                         inherited);
}

std::unique_ptr<CommandPipe> wait_for_state(const GuestMachine& machine, const GuestFiles& files) {
    // Without a kernel: what QEMU would load is in memory already.
    const std::array inherited{files.memory, files.state, files.monitor};
    return std::make_unique<CommandPipe>(machine_words(machine, memory_file(files.memory, "off")) +
                                             monitor_words(files) + Words{"-incoming", "defer"},
                                         inherited);
}

std::string description(const GuestMachine& machine) {
    std::string text = kKernelCommandLine;
    for (const std::string& word : machine_words(machine, "memory")) text += " " + word;
    return text;
}

} // namespace mtecheck::difftest
