// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_class.h"

#include <algorithm>
#include <stdexcept>

#include "difftest/generate/configuration.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace field = spec::field;

std::span<const PathClass> path_classes() {
    static constexpr PathClass kClasses[] = {
        {.name = "EL0", .el = 0},
        {.name = "EL0 of a host", .el = 0, .e2h = true},
        {.name = "EL1", .el = 1},
        {.name = "EL0, EL2 disabled", .el = 0, .el2_disabled = true},
        {.name = "EL1, EL2 disabled", .el = 1, .el2_disabled = true},
        {.name = "EL2", .el = 2},
        {.name = "EL2 as a host", .el = 2, .e2h = true},
        {.name = "EL3", .el = 3},
    };
    return kClasses;
}

bool stands_for_its_kind(const spec::EncodingInfo& info) {
    const auto all = spec::encodings();
    const auto last = std::find_if(all.rbegin(), all.rend(), [&](const spec::EncodingInfo& other) {
        return other.instruction_class == info.instruction_class && other.access == info.access &&
               other.tag_access == info.tag_access;
    });
    return last->encoding == info.encoding;
}

bool applies(const PathClass& path_class, const spec::EncodingInfo& info) {
    using enum spec::InstructionClass;
    const auto instruction = info.instruction_class;
    return !path_class.el2_disabled || info.tag_access != spec::Access::none || instruction == MoveSystemRegister ||
           instruction == DataCacheZero || instruction == DataCacheMaintenance || stands_for_its_kind(info);
}

bool has_unaligned(const PathClass& path_class, const spec::EncodingInfo& info) {
    return !path_class.e2h && !path_class.el2_disabled && path_class.el == static_cast<unsigned>(info.encoding) % 2U;
}

std::size_t class_of(const Configuration& configuration) {
    const bool e2h = host_el2(configuration);
    const bool tge = field::HCR_EL2::TGE.extract(configuration.hcr_el2) != 0;
    const bool el2_disabled = field::SCR_EL3::NS.extract(configuration.scr_el3) == 0 &&
                              field::SCR_EL3::EEL2.extract(configuration.scr_el3) == 0;
    const auto classes = path_classes();
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const PathClass& c = classes[i];
        const bool host = configuration.el == 0 ? e2h && tge && !el2_disabled : configuration.el == 2 && e2h;
        const bool disabled = configuration.el < 2 && el2_disabled;
        if (c.el == configuration.el && c.e2h == host && c.el2_disabled == disabled) return i;
    }
    throw std::logic_error("a configuration of no class");
}

Configuration class_configuration(const PathClass& path_class, const Profile& profile) {
    Configuration configuration = base_configuration(profile, path_class.el);
    if (path_class.e2h) make_host(configuration, path_class.el == 0);
    if (path_class.el2_disabled) configuration.scr_el3 = field::SCR_EL3::NS.insert(configuration.scr_el3, 0);
    configuration.spsel = path_class.el == 1 || path_class.el == 2 ? 1 : 0;
    return configuration;
}

} // namespace mtecheck::difftest
