// SPDX-License-Identifier: Apache-2.0
#include "difftest/install/kernel_tree.h"

#include <map>
#include <string>
#include <string_view>
#include <system_error>

#include "difftest/core/error.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {

namespace {

namespace fs = std::filesystem;

// In an order in which none needs a later one. A kernel may have any of them built in.
constexpr std::string_view kDrivers[] = {
    "virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_console"};

void copy_to(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::copy_file(from, to, error);
    if (error) throw ToolError("cannot copy " + from.string() + ": " + error.message());
}

} // namespace

void take_kernel(const fs::path& tree, const fs::path& place) {
    std::map<std::string, fs::path> modules; // by name, without .ko and what follows
    fs::path kernel;
    std::error_code error;
    for (fs::recursive_directory_iterator at(tree, error), last; !error && at != last; at.increment(error)) {
        const fs::directory_entry& entry = *at;
        const std::string name = entry.path().filename().string();
        std::error_code unknown; // what cannot be looked at cannot be copied, which is told then
        if (entry.is_symlink(unknown) || !entry.is_regular_file(unknown)) continue;
        if (name == "vmlinuz" || name.starts_with("vmlinuz-")) {
            if (!kernel.empty()) throw ToolError("the package has two kernels: " + kernel.string() + " and " + name);
            kernel = entry.path();
        } else if (const std::size_t end = name.find(".ko"); end != std::string::npos) {
            modules[name.substr(0, end)] = entry.path();
        }
    }
    if (error) throw ToolError("cannot list " + tree.string() + ": " + error.message());
    if (kernel.empty()) throw ToolError("the package has no kernel, which is called vmlinuz");
    copy_to(kernel, place / "kernel");
    make_directory(place / "modules");
    char order = 'a';
    for (const std::string_view driver : kDrivers) {
        const auto found = modules.find(std::string(driver));
        if (found == modules.end()) continue;
        if (found->second.extension() != ".ko")
            throw ToolError("the package's driver " + std::string(driver) +
                            " is a compressed module: " + found->second.filename().string());
        copy_to(found->second, place / "modules" / (std::string(1, order++) + "-" + std::string(driver) + ".ko"));
    }
}

} // namespace mtecheck::difftest
