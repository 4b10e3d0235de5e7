// SPDX-License-Identifier: Apache-2.0
//
// What is taken of the packages of a kernel.
#include "difftest/install/kernel_tree.h"

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

struct Trees {
    fs::path tree = scratch_directory("kernel-tree");
    fs::path place = scratch_directory("kernel-place");
    void put(const fs::path& file) const {
        fs::create_directories((tree / file).parent_path());
        std::ofstream(tree / file) << file.filename().string();
    }
};

TEST_CASE("drivers that are modules come in an order in which none needs a later one") {
    const Trees trees;
    trees.put("boot/vmlinuz-6.1.0-50-cloud-arm64");
    trees.put("lib/modules/6.1/kernel/drivers/char/virtio_console.ko");
    trees.put("lib/modules/6.1/kernel/drivers/virtio/virtio_ring.ko");
    trees.put("lib/modules/6.1/kernel/drivers/virtio/virtio.ko");
    trees.put("lib/modules/6.1/kernel/drivers/net/virtio_net.ko");
    take_kernel(trees.tree, trees.place);
    CHECK(read_file(trees.place / "kernel") == "vmlinuz-6.1.0-50-cloud-arm64");
    CHECK(read_file(trees.place / "modules/a-virtio.ko") == "virtio.ko");
    CHECK(read_file(trees.place / "modules/b-virtio_ring.ko") == "virtio_ring.ko");
    CHECK(read_file(trees.place / "modules/c-virtio_console.ko") == "virtio_console.ko");
    CHECK(std::distance(fs::directory_iterator(trees.place / "modules"), fs::directory_iterator()) == 3);
}

TEST_CASE("a package without a kernel, with two, or with a driver that cannot be loaded is refused") {
    const Trees trees;
    CHECK_THROWS_MATCHES(take_kernel(trees.tree, trees.place), ToolError, MessageMatches(ContainsSubstring("vmlinuz")));
    trees.put("boot/vmlinuz-6.1");
    trees.put("lib/modules/6.1/kernel/drivers/virtio/virtio.ko.xz");
    CHECK_THROWS_MATCHES(take_kernel(trees.tree, trees.place), ToolError,
                         MessageMatches(ContainsSubstring("virtio.ko.xz")));
    trees.put("boot/vmlinuz-6.2");
    CHECK_THROWS_MATCHES(take_kernel(trees.tree, trees.place), ToolError,
                         MessageMatches(ContainsSubstring("two kernels")));
}

} // namespace
} // namespace mtecheck::difftest
