// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/cache.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/prove/identity.h"
#include "difftest/prove/job_json.h"

namespace mtecheck::difftest {
namespace {

constexpr std::string_view kEntrySchema = "mtecheck-proof-cache/1";
constexpr auto kKept = std::chrono::hours(24 * 60);

/// Everything that the outcome of a job depends on, as text.
std::string key_of(const Job& job) {
    std::string key = std::string(kEntrySchema) + "\n" + semantics_hash() + "\n" + statement_hash(*job.scenario) +
                      "\n" + solver_name() + "\n" + job.name() + "\n";
    for (const std::string& feature : proved_features()) key += feature + " ";
    key += "\n";
    for (std::size_t i = 0; i < job.statements.size(); ++i) {
        if (job.statements[i]) key += std::string(job.scenario->statements[i].id) + " ";
    }
    return key;
}

std::string hash_of(std::string_view text) { // collisions are caught, since entries hold their key
    Hash one;
    Fnv1a<std::uint64_t> other(0x84222325cbf29ce4U, 0x10000000233U);
    one.add_bytes(text);
    other.add_bytes(text);
    return hex_text(one.value(), 16).substr(2) + hex_text(other.value(), 16).substr(2);
}

std::filesystem::path entry_of(const std::filesystem::path& directory, const std::string& key) {
    return directory / (hash_of(key) + ".json");
}

void forget_old_entries(const std::filesystem::path& directory) {
    std::error_code ignored;
    const auto now = std::filesystem::file_time_type::clock::now();
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
        const auto written = entry.last_write_time(ignored);
        if (!ignored && now - written > kKept) std::filesystem::remove(entry.path(), ignored);
    }
}

} // namespace

ProofCache::ProofCache(std::filesystem::path directory) : directory_(std::move(directory)) {
    make_directory(directory_);
    forget_old_entries(directory_);
    const std::string file = (directory_ / "times.json").string();
    try {
        const nlohmann::json document = parse_json(read_file(file), file);
        for (const auto& [name, time] : document.items()) {
            if (time.is_number_unsigned()) milliseconds_[name] = time.get<std::uint64_t>();
        }
    } catch (const InputError&) { // no times are known
    }
}

std::optional<JobOutcome> ProofCache::find(const Job& job) const {
    const std::string key = key_of(job);
    const std::string file = entry_of(directory_, key).string();
    try {
        const nlohmann::json document = parse_json(read_file(file), file);
        const JsonPlace place(document, file);
        if (place.member("key").text(100'000) != key) return std::nullopt;
        JobOutcome outcome = job_outcome_from_json(place.member("outcome"));
        if (outcome.statements.size() != job.statements.size()) return std::nullopt;
        return outcome;
    } catch (const InputError&) { // absent or damaged
        return std::nullopt;
    }
}

void ProofCache::store(const Job& job, const JobOutcome& outcome) {
    {
        const std::lock_guard<std::mutex> locked(lock_);
        milliseconds_[job.name()] = static_cast<std::uint64_t>(outcome.seconds * 1000);
    }
    if (outcome.stopped) return;
    const std::string key = key_of(job);
    const OrderedJson document = {{"schema", kEntrySchema}, {"key", key}, {"outcome", to_json(outcome)}};
    write_durably(entry_of(directory_, key), document.dump() + "\n");
}

double ProofCache::seconds_of(const Job& job) const {
    const auto found = milliseconds_.find(job.name());
    return found == milliseconds_.end() ? 0 : static_cast<double>(found->second) / 1000;
}

void ProofCache::write_times() {
    OrderedJson document = OrderedJson::object();
    for (const auto& [name, time] : milliseconds_) document[name] = time;
    write_durably(directory_ / "times.json", dump(document));
}

std::optional<std::filesystem::path> default_cache_directory() {
    const auto cache = cache_directory();
    if (!cache) return std::nullopt;
    return *cache / "proofs";
}

} // namespace mtecheck::difftest
