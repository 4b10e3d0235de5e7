// SPDX-License-Identifier: Apache-2.0
#include "difftest/record/targets.h"

#include <mutex>
#include <optional>
#include <utility>

#include "difftest/campaign/identity.h"
#include "difftest/core/error.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {

struct SharedRecord::Impl {
    std::filesystem::path path;
    Settings settings;
    mutable std::mutex mutex;
    std::optional<RecordWriter> writer;
};

SharedRecord::SharedRecord(std::filesystem::path path, const Settings& settings) : impl_(std::make_unique<Impl>()) {
    impl_->path = std::move(path);
    impl_->settings = settings;
}
SharedRecord::~SharedRecord() = default;

void SharedRecord::begin(const Profile& profile) {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->writer) return;
    CampaignFile campaign;
    campaign.settings = impl_->settings;
    campaign.mtecheck_version = mtecheck_version();
    campaign.tables = tables_fingerprint();
    campaign.stream = stream_version();
    campaign.target_version = profile.version;
    campaign.target_cpu = profile.cpu;
    impl_->writer.emplace(impl_->path, campaign, profile);
}

void SharedRecord::add(std::span<const Test> tests, const std::vector<std::vector<Outcome>>& outcomes) {
    const std::lock_guard lock(impl_->mutex);
    for (std::size_t i = 0; i < tests.size(); ++i) impl_->writer->add(tests[i], outcomes[i]);
}

void SharedRecord::finish() {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->writer) impl_->writer->finish();
}

std::uint64_t SharedRecord::tests() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->writer ? impl_->writer->tests() : 0;
}

namespace {

class RecordingTarget final : public Target {
  public:
    RecordingTarget(std::unique_ptr<Target> target, std::shared_ptr<SharedRecord> record)
        : target_(std::move(target)), record_(std::move(record)) {}

    const Profile& probe() override {
        const Profile& profile = target_->probe();
        record_->begin(profile);
        return profile;
    }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        probe();
        target_->run(tests, outcomes);
        record_->add(tests, outcomes);
    }
    void reset() override { target_->reset(); }
    TargetStatistics statistics() const override { return target_->statistics(); }

  private:
    std::unique_ptr<Target> target_;
    std::shared_ptr<SharedRecord> record_;
};

class RecordTarget final : public Target {
  public:
    explicit RecordTarget(const std::string& file) : reader_(read_file(file), file) {}

    const Profile& probe() override { return reader_.profile(); }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        outcomes.resize(tests.size());
        for (std::size_t i = 0; i < tests.size(); ++i) {
            statistics_.cases += tests[i].states.size();
            if (reader_.find(tests[i], outcomes[i])) continue;
            Outcome none;
            none.status = Status::unsupported;
            none.note = "not in the record";
            outcomes[i].assign(tests[i].states.size(), none);
        }
    }
    void reset() override {}
    TargetStatistics statistics() const override { return statistics_; }

  private:
    RecordReader reader_;
    TargetStatistics statistics_;
};

} // namespace

std::unique_ptr<Target> make_recording_target(std::unique_ptr<Target> target, std::shared_ptr<SharedRecord> record) {
    return std::make_unique<RecordingTarget>(std::move(target), std::move(record));
}

std::unique_ptr<Target> make_record_target(const std::string& spec) {
    constexpr std::string_view kPrefix = "record:";
    if (!spec.starts_with(kPrefix) || spec.size() == kPrefix.size())
        throw InputError("target " + spec, "", "must be \"record:FILE\"");
    return std::make_unique<RecordTarget>(spec.substr(kPrefix.size()));
}

} // namespace mtecheck::difftest
