// SPDX-License-Identifier: Apache-2.0
// ABI programs on a QEMU, and on a kernel: MTECHECK_TEST_KERNEL is a target such as
// linux:/boot/vmlinuz-arm64,qemu=10.0.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>

#include <unistd.h>

#include "difftest/abi/abi_report.h"
#include "difftest/core/error.h"
#include "difftest/linux/agent_file.h"
#include "tests/difftest/broken_pipes.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/linux/user_fixture.h"
#include "tests/places.h"

using namespace mtecheck::difftest;
using mtecheck::model::linux_abi::Clause;

namespace {

std::vector<AbiDefect> known_defects_of_targets() {
    return read_abi_defects(mtecheck::places::source() + "/corpus/abi-defects");
}

} // namespace

TEST_CASE("targets of ABI programs are named strictly") {
    CHECK_THROWS_AS(make_abi_target("qemu-system"), InputError);
    CHECK_THROWS_AS(make_abi_target("model:no-such-fault"), InputError);
    CHECK_THROWS_AS(make_abi_target("linux:/no/such/kernel"), TargetError);
    CHECK_THROWS_AS(make_abi_target("qemu-user,timeout=3"), InputError);
    CHECK_THROWS_AS(make_abi_target("linux:/no/such/kernel,timeout=3"), InputError);
    CHECK_THROWS_AS(make_abi_target("agent:echo hello")->probe(), TargetError);
    CHECK_THROWS_AS(make_abi_target("agent:exit 3")->probe(), TargetError);
}

TEST_CASE("an agent of another version is not waited for, however little it says") {
    CHECK_THROWS_WITH(make_abi_target("agent:printf 'MABI\\001\\000\\000\\000'; exec sleep 30")->probe(),
                      Catch::Matchers::ContainsSubstring("no agent of this version of mtecheck"));
}

TEST_CASE("a connection that passes no input on is refused before programs are blamed for it") {
    const QemuOptions options = linux_tests::options_or_skip();
    const FileDescriptor agent = agent_file();
    const std::string command = options.program + " -cpu max /proc/" + std::to_string(::getpid()) + "/fd/" +
                                std::to_string(agent.get()) + R"( "$@")";
    CHECK_THROWS_WITH(make_abi_target("agent,timeout=3:sh -c 'sleep 6 | " + command + "' sh")->probe(),
                      Catch::Matchers::ContainsSubstring("what it is sent does not come to it"));
}

TEST_CASE("QEMU's user mode runs ABI programs, and the report says where it is not Linux") {
    const std::string spec = linux_tests::options_or_skip().spec;
    const auto target = make_abi_target(spec);
    if (!target->probe().has_mte()) SKIP(spec + " has no memory tagging");
    const AbiResult result = check_abi(*target, {.cases = 400}, kNever, known_defects_of_targets());
    CHECK(result.agreed > 150);
    if (!result.defects.empty()) CHECK(result.unexplained() == 0); // else a version that nobody looked at
    const auto has = [&](Clause clause) {
        return std::any_of(result.groups.begin(), result.groups.end(),
                           [&](const AbiGroup& group) { return group.divergence.clause == clause; });
    };
    CHECK(has(Clause::prot_mte_mappings)); // /dev/zero with PROT_MTE
    CHECK(has(Clause::peek_tags));         // there is no ptrace()
    CHECK_FALSE(has(Clause::copied_tags));
    CHECK_FALSE(has(Clause::initial_state));
    for (const AbiGroup& group : result.groups) CHECK(group.divergence.what != "the target ends");
}

TEST_CASE("a real kernel keeps its contract") {
    const char* const name = std::getenv("MTECHECK_TEST_KERNEL");
    if (name == nullptr) SKIP("MTECHECK_TEST_KERNEL names no target");
    const auto target = make_abi_target(name);
    const AbiResult result = check_abi(*target, {.cases = 300}, kNever, known_defects_of_targets());
    if (!result.defects.empty()) CHECK(result.unexplained() == 0);
    // docs/linux-abi.md has both; the second depends on what memory was used for before.
    for (const AbiGroup& group : result.groups)
        CHECK((group.divergence.clause == Clause::internal_errors || group.divergence.clause == Clause::peek_tags));
    CHECK(result.agreed > 280);
}
