// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/kernel_target.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/linux/agent_image.h"
#include "difftest/linux/framed_guest.h"
#include "difftest/linux/guest_machine.h"
#include "difftest/linux/ram_disk.h"
#include "difftest/linux/snapshot.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest {

namespace {

struct KernelOptions {
    std::filesystem::path kernel;
    std::vector<std::filesystem::path> modules; // in the order to load them in
    QemuOptions qemu;
    bool snapshot = true;
    double seconds = 60;
};

/// The kernel and modules of an installation, or the kernel of a path.
void find_kernel(const std::string& which, KernelOptions& options) {
    namespace fs = std::filesystem;
    options.kernel = which;
    if (which.find('/') != std::string::npos) {
        if (!fs::is_regular_file(which)) throw TargetError(which + ": no kernel is there");
        return;
    }
    const std::string name = "linux:" + which;
    const auto place = installation_directory(name);
    if (!place || !fs::is_regular_file(*place / "kernel"))
        throw TargetError(name + " is not installed: mtecheck targets install " + name +
                          "; the path of a kernel has a slash");
    options.kernel = *place / "kernel";
    std::error_code error;
    for (fs::directory_iterator at(*place / "modules", error), end; !error && at != end; at.increment(error))
        options.modules.push_back(at->path());
    if (error)
        throw TargetError("cannot list " + (*place / "modules").string() + ": " + error.message() +
                          ": mtecheck targets remove " + name + ", and install it again");
    std::sort(options.modules.begin(), options.modules.end());
}

KernelOptions parse(const std::string& spec) {
    const auto bad = [&](const std::string& what) { return InputError("target " + spec, "", what); };
    constexpr const char* kForm =
        "must be \"linux:KERNEL[,qemu=WHICH][,cpu=NAME][,snapshot=on|off][,timeout=SECONDS]\"";
    constexpr std::string_view kPrefix = "linux:";
    if (!spec.starts_with(kPrefix)) throw bad(kForm);
    KernelOptions options;
    std::string kernel;
    std::string qemu;
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
            kernel = part;
        } else if (key == "qemu" && !value.empty()) {
            qemu = ":" + value;
        } else if (key == "cpu" && !value.empty()) {
            cpu = ",cpu=" + value;
        } else if (part == "snapshot=on" || part == "snapshot=off") {
            options.snapshot = value == "on";
        } else if (key == "timeout") {
            const auto seconds = limit_in_seconds(value);
            if (!seconds) throw bad("timeout is a number of seconds");
            options.seconds = *seconds;
        } else {
            throw bad(kForm);
        }
    }
    if (kernel.empty()) throw bad(kForm);
    find_kernel(kernel, options);
    options.qemu = parse_qemu_options("qemu-system" + qemu + cpu);
    return options;
}

GuestMachine machine_of(const KernelOptions& options) {
    std::vector<std::string> modules;
    for (const std::filesystem::path& module : options.modules) modules.push_back(read_file(module));
    const std::string version = qemu_version(options.qemu.program);
    std::string cpu = cpu_of(options.qemu, version);
    if (options.qemu.cpu == "max") cpu += ",pauth-impdef=on"; // the architected algorithm takes most of the boot
    return {.program = options.qemu.program,
            .version = version,
            .cpu = cpu,
            .kernel = options.kernel,
            .ram_disk = initial_ram_disk(agent_image(), modules)};
}

} // namespace

KernelGuest parse_kernel_target(const std::string& spec) {
    const KernelOptions options = parse(spec);
    const GuestMachine machine = machine_of(options);
    const auto cache = cache_directory();
    if (options.snapshot && cache && can_snapshot(machine.version)) {
        return {machine.version,
                [snapshots = GuestSnapshots(machine, *cache, spec, options.seconds)] { return snapshots.start(); }};
    }
    return {machine.version, [machine, spec, options] {
                return AgentFrames(boot(machine), spec, std::max(options.seconds, kBootSeconds));
            }};
}

std::unique_ptr<Target> make_kernel_target(const std::string& spec) {
    KernelGuest guest = parse_kernel_target(spec);
    return make_framed_target(
        {.spec = spec, .name = spec, .where = std::move(guest.where), .connect = std::move(guest.connect)});
}

} // namespace mtecheck::difftest
