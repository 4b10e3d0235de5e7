// SPDX-License-Identifier: Apache-2.0
#include "difftest/vixl/target.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "difftest/batch/command_pipe.h"
#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/linux/framed_guest.h"
#include "difftest/vixl/build.h"
#include "difftest/vixl/presence.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

namespace {

namespace fs = std::filesystem;

struct VixlOptions {
    std::string tree; // empty: the one that was installed
    double seconds = 60;
    bool any_absent = false; // go on without encodings that no version was known to lack
};

/// What is known not to be in VIXL 8.0.0. Anything else that shows no effect may be a bug, and is no part of a pass.
constexpr std::string_view kKnownAbsent[] = {
    // Simulator::VisitSystem() has no case for TCO, and passes it over.
    "MRS", "MSR_reg", "MSR_imm_TCO",
    // Simulator::SysOp_W() knows no such operation.
    "DC_GVA", "DC_GZVA",
    // VisitUnimplemented() (src/aarch64/decoder-visitor-map-aarch64.h).
    "STTRB", "LDTRB", "LDTRSB_x", "LDTRSB_w", "STTRH", "LDTRH", "LDTRSH_x", "LDTRSH_w", "STTR_w", "LDTR_w", "LDTRSW",
    "STTR_x", "LDTR_x"};

VixlOptions parse(const std::string& spec) {
    const auto bad = [&] {
        return InputError("target " + spec, "", "must be \"vixl[:TREE][,timeout=SECONDS][,absent=any]\"");
    };
    VixlOptions options;
    std::string_view rest = std::string_view(spec).substr(std::string_view("vixl").size());
    constexpr std::string_view kAnyAbsent = ",absent=any";
    if (rest.ends_with(kAnyAbsent)) {
        options.any_absent = true;
        rest.remove_suffix(kAnyAbsent.size());
    }
    constexpr std::string_view kTimeout = ",timeout=";
    if (const std::size_t at = rest.find(kTimeout); at != rest.npos) {
        const auto seconds = limit_in_seconds(std::string(rest.substr(at + kTimeout.size())));
        if (!seconds) throw bad();
        options.seconds = *seconds;
        rest = rest.substr(0, at);
    }
    if (rest.starts_with(":") && rest.size() > 1) {
        options.tree = rest.substr(1);
    } else if (!rest.empty()) {
        throw bad();
    }
    return options;
}

fs::path adapter_of(const VixlOptions& options) {
    if (!options.tree.empty())
        return vixl_tree_adapter(options.tree,
                                 [](const std::string& step) { std::cerr << "mtecheck: " << step << "\n"; });
    const auto place = installation_directory("vixl");
    if (!place || !fs::exists(*place / kVixlAdapter))
        throw TargetError(
            "vixl is not installed: 'mtecheck targets install vixl' does it, and vixl:TREE takes a source tree");
    std::error_code error;
    const fs::path source = *place / kVixlAdapterSource;
    if (!fs::exists(source, error) || read_file(source.string()) != vixl_adapter_hash())
        throw TargetError("the adapter to VIXL is of another version of mtecheck: 'mtecheck targets remove vixl', and "
                          "install it again");
    return *place / kVixlAdapter;
}

class VixlTarget final : public Target {
  public:
    explicit VixlTarget(const std::string& spec) : options_(parse(spec)) {
        const fs::path adapter = adapter_of(options_);
        const double seconds = options_.seconds;
        const auto connect = [adapter, seconds] {
            const std::vector<std::string> command{adapter.string()};
            return AgentFrames(std::make_unique<CommandPipe>(command, std::span<const int>{}), "VIXL", seconds,
                               AGENT_VERSION);
        };
        inner_ = make_framed_target({.spec = spec,
                                     .name = "VIXL",
                                     .where = options_.tree,
                                     .connect = connect,
                                     .simulator = true,
                                     .refuse = [this](const Sequence& sequence) { return refuse(sequence); }});
    }

    const Profile& probe() override {
        if (known_) return profile_;
        profile_ = inner_->probe();
        profile_.absent = absent_encodings(*inner_, profile_);
        if (!options_.any_absent) refuse_unknown_absence();
        for (const std::string& id : profile_.absent) absent_.insert(id);
        known_ = true;
        return profile_;
    }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        probe();
        inner_->run(tests, outcomes);
    }
    using Target::stream;
    void stream(TestSource& source, OutcomeSink& sink) override {
        probe();
        inner_->stream(source, sink);
    }
    void reset() override { inner_->reset(); }
    TargetStatistics statistics() const override { return inner_->statistics(); }

  private:
    std::optional<std::string> refuse(const Sequence& sequence) const {
        for (const std::uint32_t word : sequence.code) {
            const auto encoding = spec::decode(word);
            if (encoding && absent_.contains(spec::info(*encoding).id))
                return "VIXL does not have " + std::string(spec::info(*encoding).id);
        }
        return std::nullopt;
    }

    /// What does nothing any more must not go by as something that was never there.
    void refuse_unknown_absence() const {
        std::string names;
        for (const std::string& id : profile_.absent) {
            if (std::ranges::find(kKnownAbsent, id) == std::end(kKnownAbsent))
                names += (names.empty() ? "" : ", ") + id;
        }
        if (!names.empty())
            throw TargetError("VIXL does not execute, or without any effect, what it was known to have: " + names +
                              ": a bug, or a version that lacks it, which absent=any leaves out");
    }

    VixlOptions options_;
    std::unique_ptr<Target> inner_;
    bool known_ = false;
    Profile profile_;
    std::set<std::string, std::less<>> absent_;
};

} // namespace

std::unique_ptr<Target> make_vixl_target(const std::string& spec) { return std::make_unique<VixlTarget>(spec); }

} // namespace mtecheck::difftest
