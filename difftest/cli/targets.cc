// SPDX-License-Identifier: Apache-2.0
//
// mtecheck targets, and how a target's name becomes a target.
#include <iostream>
#include <memory>

#include "difftest/cli/verbs.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {
namespace {

constexpr std::string_view kKinds =
    "  model                    the model itself: agrees with itself, and shows that the tool works\n"
    "  model:MUTATION[+...]     the model with deliberate faults: shows that the tool finds them\n"
    "  qemu-system              qemu-system-aarch64 of the PATH, -cpu max, running mtecheck's bare-metal monitor\n"
    "  qemu-system:PATH         another qemu-system-aarch64; qemu-system:10.0 that of difftest/qemu/fetch-qemu;\n"
    "                           options follow: ,cpu=NAME ,mte=on|off ,timeout=SECONDS\n";

void print_profile(const Profile& profile) {
    std::cout << "target      " << profile.target << "\n"
              << "version     " << profile.version << "\n"
              << "cpu         " << profile.cpu << "\n"
              << "FEAT_MTE    level " << int{profile.mte} << (profile.mte_async ? ", asynchronous faults" : "") << "\n"
              << "EL2, EL3    " << (profile.el2 ? "yes" : "no") << ", " << (profile.el3 ? "yes" : "no") << "\n";
    std::cout << "features   ";
    for (const std::string& feature : profile.features) std::cout << " " << feature;
    std::cout << "\n";
    for (const auto& [name, value] : profile.registers) {
        std::string line = name;
        line.resize(std::max<std::size_t>(line.size() + 1, 24), ' ');
        std::cout << "  " << line << hex_text(value, 16) << "\n";
    }
}

} // namespace

void declare_target(Options& options, const std::string& fallback) {
    options.value("target", "TARGET", "what to run on; `mtecheck targets` lists the kinds", fallback);
}

int run_targets(std::span<char* const> arguments) {
    Options options(
        "targets", "[TARGET...]",
        "Lists the kinds of target. Given targets, starts each and prints what it says of itself: version,\n"
        "ID registers, and the features that mtecheck derives from them.\n\n" +
            std::string(kKinds));
    options.positional(0, 100);
    if (!options.parse(arguments)) return kAgree;
    if (options.arguments().empty()) std::cout << kKinds;
    for (const std::string& spec : options.arguments()) print_profile(make_target(spec)->probe());
    return kAgree;
}

} // namespace mtecheck::difftest
