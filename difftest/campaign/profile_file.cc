// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/profile_file.h"

#include <nlohmann/json.hpp>

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxItems = 1000;
constexpr unsigned kMteBits = 4; // of ID_AA64PFR1_EL1.MTE

} // namespace

OrderedJson process_json(const Profile& profile) {
    OrderedJson limits = OrderedJson::array();
    for (const ProfileLimit& limit : profile.limits) limits.push_back({{"what", limit.what}, {"why", limit.why}});
    OrderedJson out{{"limits", std::move(limits)}};
    if (profile.simulator) {
        out["simulator"] = true;
        out["absent"] = profile.absent;
    }
    return out;
}

OrderedJson to_json(const Profile& profile) {
    OrderedJson registers = OrderedJson::object();
    for (const auto& [name, value] : profile.registers) registers[name] = hex_text(value, 16);
    OrderedJson out{{"schema", kProfileSchema},
                    {"target", profile.target},
                    {"version", profile.version},
                    {"cpu", profile.cpu},
                    {"registers", std::move(registers)},
                    {"gmid_el1", hex_text(profile.gmid_el1)},
                    {"dczid_el0", hex_text(profile.dczid_el0)},
                    {"mte", profile.mte},
                    {"mte_async", profile.mte_async},
                    {"lse2", profile.lse2},
                    {"el2", profile.el2},
                    {"el3", profile.el3},
                    {"features", profile.features},
                    {"has_vectors", profile.has_vectors}};
    if (profile.process) out["process"] = process_json(profile);
    return out;
}

Profile profile_from_json(const JsonPlace& place) {
    place.only({"schema", "target", "version", "cpu", "registers", "gmid_el1", "dczid_el0", "mte", "mte_async", "lse2",
                "el2", "el3", "features", "has_vectors", "process"});
    place.schema(kProfileSchema);
    Profile profile;
    profile.target = place.member("target").text();
    profile.version = place.member("version").text();
    profile.cpu = place.member("cpu").text();
    const JsonPlace registers = place.member("registers");
    if (!registers.value().is_object() || registers.value().size() > kMaxItems) {
        registers.fail("must be an object of hexadecimal numbers");
    }
    for (const auto& [name, value] : registers.value().items()) {
        profile.registers[name] = registers.member(name).hex();
    }
    profile.gmid_el1 = place.member("gmid_el1").hex();
    profile.dczid_el0 = place.member("dczid_el0").hex();
    profile.mte = static_cast<std::uint8_t>(place.member("mte").number((1U << kMteBits) - 1));
    profile.mte_async = place.member("mte_async").boolean();
    profile.lse2 = place.member("lse2").boolean();
    profile.el2 = place.member("el2").boolean();
    profile.el3 = place.member("el3").boolean();
    profile.features = place.member("features").texts(kMaxItems);
    profile.has_vectors = place.member("has_vectors").boolean();
    if (const auto process = place.find("process")) {
        process->only({"limits", "simulator", "absent"});
        if (const auto simulator = process->find("simulator")) profile.simulator = simulator->boolean();
        if (const auto absent = process->find("absent")) profile.absent = absent->texts(kMaxItems);
        profile.process = true;
        const JsonPlace limits = process->member("limits");
        const std::size_t count = limits.array_size(kMaxItems);
        for (std::size_t i = 0; i < count; ++i) {
            const JsonPlace limit = limits.element(i);
            limit.only({"what", "why"});
            profile.limits.push_back({limit.member("what").text(), limit.member("why").text()});
        }
    }
    return profile;
}

} // namespace mtecheck::difftest
