// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_model.h"

#include "difftest/core/process.h"
#include "model/linux/run.h"

namespace mtecheck::difftest {

namespace {

/// What a process sees of the CPU by its hardware capabilities, as far as ABI programs depend on it.
model::FeatureSet features_of(const AbiSystem& system) {
    model::FeatureSet result;
    const auto add = [&](spec::Feature feature) {
        result.add(feature);
        for (const spec::Feature implied : spec::info(feature).closure) result.add(implied);
    };
    add(spec::Feature::FEAT_AA64);
    add(spec::Feature::FEAT_MTE2);
    add(spec::Feature::FEAT_MTE_ASYNC);
    if (system.has_mte3()) add(spec::Feature::FEAT_MTE3);
    if (system.has_mte_far()) add(spec::Feature::FEAT_MTE_TAGGED_FAR);
    return result;
}

} // namespace

AbiModel::AbiModel(const AbiSystem& system, const model::linux_abi::AbiFaultSet& faults) : faults_(faults) {
    machine_.features = features_of(system);
    Profile profile;
    profile.mte = system.has_mte3() ? 3 : 2;
    profile.mte_async = true;
    const Configuration configuration = process_configuration(profile, TagCheckMode::none);
    system_ = {.mte_asymm = system.has_mte3(),
               .mte_far = system.has_mte_far(),
               .mte_store_only = system.has_store_only(),
               .mte_tcf_preferred = system.preferred,
               .mte_tcf_preferred_writable = system.preferred_writable,
               .sctlr_el1 = configuration.sctlr[1],
               .tcr_el1 = configuration.tcr[1],
               .cpacr_el1 = configuration.cpacr_el1};
}

AbiExpectation AbiModel::run(const AbiProgram& program, std::vector<unsigned> script, AbiChoices& asked) {
    return model::linux_abi::run_program(machine_, system_, faults_, program, std::move(script), asked);
}

} // namespace mtecheck::difftest
