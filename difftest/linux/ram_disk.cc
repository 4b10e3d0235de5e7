// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/ram_disk.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace mtecheck::difftest {

std::vector<std::uint8_t> initial_ram_disk(std::span<const std::uint8_t> init, std::span<const std::string> modules) {
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
    add("init", 0100755, init);
    char letter = 'a';
    for (const std::string& module : modules) {
        add(std::string("module-") + letter++, 0100755,
            {reinterpret_cast<const std::uint8_t*>(module.data()), module.size()});
    }
    add("TRAILER!!!", 0, {});
    return disk;
}

} // namespace mtecheck::difftest
