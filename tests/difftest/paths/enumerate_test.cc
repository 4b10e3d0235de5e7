// SPDX-License-Identifier: Apache-2.0
//
// The enumeration of paths: nothing is left out by taking the states of a class in parts, every case takes its path,
// and the result is the same every time.
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "difftest/judge/judge.h"
#include "difftest/paths/enumerate.h"

using namespace mtecheck::difftest;
namespace spec = mtecheck::spec;

namespace {

std::size_t class_named(std::string_view name) {
    const auto classes = path_classes();
    for (std::size_t i = 0; i < classes.size(); ++i) {
        if (classes[i].name == name) return i;
    }
    throw std::out_of_range("no such class");
}

std::set<std::string> names(const Enumeration& enumeration) {
    std::set<std::string> result;
    for (const EnumeratedPath& path : enumeration.paths) result.insert(path.path);
    return result;
}

} // namespace

TEST_CASE("what is free in parts meets every path that is met with everything free at once", "[paths][slow]") {
    const Profile profile = model_profile();
    for (const auto encoding : {spec::Encoding::LDRB_imm_unsigned, spec::Encoding::STG_off, spec::Encoding::SWP_x,
                                spec::Encoding::LDTR_x, spec::Encoding::DC_ZVA}) {
        for (const std::string_view name : {"EL0", "EL1", "EL2 as a host", "EL3"}) {
            const auto& info = spec::info(encoding);
            CAPTURE(info.id, name);
            PathSolver solver;
            const std::set<std::string> in_parts = names(enumerate(info, class_named(name), profile, solver));
            for (const std::string& path : paths_without_parts(info, class_named(name), profile, solver)) {
                CAPTURE(path);
                CHECK(in_parts.contains(path));
            }
        }
    }
}

TEST_CASE("every case takes the path that it was made for, the same every time", "[paths]") {
    const Profile profile = model_profile();
    for (const auto encoding : {spec::Encoding::ADDG, spec::Encoding::LDG, spec::Encoding::STGP_off}) {
        const auto& info = spec::info(encoding);
        CAPTURE(info.id);
        PathSolver first_solver;
        PathSolver second_solver;
        const Enumeration first = enumerate(info, class_named("EL1"), profile, first_solver);
        const Enumeration second = enumerate(info, class_named("EL1"), profile, second_solver);
        CHECK(first.astray == 0);
        CHECK(first.undecided == 0);
        CHECK(!first.paths.empty());
        REQUIRE(first.paths.size() == second.paths.size());
        for (std::size_t i = 0; i < first.paths.size(); ++i) {
            CHECK(first.paths[i].path == second.paths[i].path);
            CHECK(first.paths[i].example == second.paths[i].example);
        }
    }
}
