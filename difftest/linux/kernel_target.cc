// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/kernel_target.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include "difftest/core/error.h"
#include "difftest/linux/agent_image.h"
#include "difftest/linux/framed_guest.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest {

namespace {

struct KernelOptions {
    std::string kernel;
    QemuOptions qemu;
    double seconds = 60;
};

KernelOptions parse(const std::string& spec) {
    const auto bad = [&](const std::string& what) { return InputError("target " + spec, "", what); };
    constexpr const char* kForm = "must be \"linux:KERNEL[,qemu=WHICH][,cpu=NAME][,timeout=SECONDS]\"";
    constexpr std::string_view kPrefix = "linux:";
    if (!spec.starts_with(kPrefix)) throw bad(kForm);
    KernelOptions options;
    std::string which;
    std::string cpu;
    std::string_view rest = std::string_view(spec).substr(kPrefix.size());
    for (bool first = true; first || !rest.empty(); first = false) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string_view part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string_view key = part.substr(0, equals);
        const std::string value(part.substr(std::min(equals + 1, part.size())));
        if (first) {
            options.kernel = part;
        } else if (key == "qemu" && !value.empty()) {
            which = ":" + value;
        } else if (key == "cpu" && !value.empty()) {
            cpu = ",cpu=" + value;
        } else if (key == "timeout") {
            const auto seconds = limit_in_seconds(value);
            if (!seconds) throw bad("timeout is a number of seconds");
            options.seconds = *seconds;
        } else {
            throw bad(kForm);
        }
    }
    if (!std::filesystem::is_regular_file(options.kernel)) throw TargetError(options.kernel + ": no kernel is there");
    options.qemu = parse_qemu_options("qemu-system" + which + cpu);
    return options;
}

FileDescriptor ram_disk_file() {
    FileDescriptor file = make_anonymous_file("mtecheck-initrd");
    const std::vector<std::uint8_t> disk = initial_ram_disk(agent_image());
    for (std::size_t done = 0; done < disk.size();) {
        const ssize_t written = ::write(file.get(), disk.data() + done, disk.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            throw TargetError("cannot write the initial RAM disk: " + std::generic_category().message(errno));
        done += static_cast<std::size_t>(written);
    }
    return file;
}

std::unique_ptr<CommandPipe> boot(const KernelOptions& options, const std::string& version) {
    const FileDescriptor disk = ram_disk_file();
    std::string cpu = cpu_of(options.qemu, version);
    if (options.qemu.cpu == "max") cpu += ",pauth-impdef=on"; // the architected algorithm takes most of the boot
    const std::array inherited{disk.get()};
    return std::make_unique<CommandPipe>(std::vector<std::string>{options.qemu.program,
                                                                  "-nodefaults",
                                                                  "-no-user-config",
                                                                  "-machine",
                                                                  "virt,mte=on,gic-version=3",
                                                                  "-cpu",
                                                                  cpu,
                                                                  "-m",
                                                                  "512",
                                                                  "-display",
                                                                  "none",
                                                                  "-kernel",
                                                                  options.kernel,
                                                                  "-initrd",
                                                                  inherited_path(disk.get()),
                                                                  "-append",
                                                                  "console=tty0 quiet panic=-1",
                                                                  "-no-reboot",
                                                                  "-chardev",
                                                                  "stdio,id=port,signal=off",
                                                                  "-device",
                                                                  "virtio-serial-pci",
                                                                  "-device",
                                                                  "virtserialport,chardev=port,name=agent"},
                                         inherited);
}

} // namespace

std::vector<std::uint8_t> initial_ram_disk(std::span<const std::uint8_t> program) {
    std::vector<std::uint8_t> disk;
    const auto pad = [&] { disk.resize((disk.size() + 3) / 4 * 4); };
    const auto add = [&](std::string_view name, unsigned mode, std::span<const std::uint8_t> data) {
        std::array<char, 111> head{};
        std::snprintf(head.data(), head.size(), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1U, mode,
                      0U, 0U, 1U, 0U, static_cast<unsigned>(data.size()), 0U, 0U, 0U, 0U,
                      static_cast<unsigned>(name.size() + 1), 0U);
        disk.insert(disk.end(), head.begin(), head.end() - 1);
        disk.insert(disk.end(), name.begin(), name.end());
        disk.push_back(0);
        pad();
        disk.insert(disk.end(), data.begin(), data.end());
        pad();
    };
    add("init", 0100755, program);
    add("TRAILER!!!", 0, {});
    return disk;
}

std::unique_ptr<Target> make_kernel_target(const std::string& spec) {
    const KernelOptions options = parse(spec);
    const std::string version = qemu_version(options.qemu.program);
    return make_framed_target({.spec = spec,
                               .name = options.kernel,
                               .where = version,
                               .seconds = options.seconds,
                               .connect = [options, version] { return boot(options, version); }});
}

} // namespace mtecheck::difftest
