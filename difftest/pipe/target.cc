// SPDX-License-Identifier: Apache-2.0
//
// A test goes over the pipe whole. If that fails, its states are run one by one, in a new adapter; one that fails
// alone, and again in another new adapter, is to blame. So what cuts a connection once changes nothing.
#include "difftest/pipe/target.h"

#include <chrono>
#include <optional>
#include <thread>

#include "difftest/core/error.h"
#include "difftest/pipe/protocol.h"
#include "difftest/pipe/session.h"

namespace mtecheck::difftest {
namespace {

constexpr int kStartAttempts = 4;

class PipeTarget final : public Target {
  public:
    explicit PipeTarget(CommandOptions options) : options_(std::move(options)) {}

    const Profile& probe() override {
        if (!profile_) start();
        return *profile_;
    }

    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        outcomes.resize(tests.size());
        for (std::size_t i = 0; i < tests.size(); ++i) run_test(tests[i], outcomes[i]);
    }

    void reset() override {
        stop();
        start();
    }

    TargetStatistics statistics() const override {
        TargetStatistics statistics = statistics_;
        if (session_) statistics.cpu_seconds += session_->cpu_seconds();
        return statistics;
    }

  private:
    /// Of a request that failed.
    struct Trouble {
        Status status = Status::crashed;
        std::string note;
    };

    void stop() {
        if (session_) statistics_.cpu_seconds += session_->cpu_seconds();
        session_.reset();
    }

    /// A new adapter, which must be what the last one was.
    void start() {
        std::string trouble;
        // What never started will not start; a connection that is gone may come back.
        const int attempts = profile_ ? kStartAttempts : 1;
        for (int attempt = 0; attempt < attempts; ++attempt) {
            if (attempt != 0) std::this_thread::sleep_for(std::chrono::milliseconds(50 << (2 * attempt)));
            session_.emplace(options_.command);
            const std::uint64_t number = ++number_;
            const auto answer = session_->exchange(probe_request(number), options_.seconds);
            if (const auto* const failure = std::get_if<AdapterSession::Failure>(&answer)) {
                trouble = std::string(to_string(*failure)) + " (" + session_->obituary() + ")";
                stop();
                continue;
            }
            Profile profile;
            try {
                profile = read_profile_answer(std::get<std::string>(answer), number);
            } catch (const InputError& error) {
                throw TargetError(options_.command + ": " + error.what());
            }
            profile.target = options_.spec;
            if (profile_ && (profile_->version != profile.version || profile_->registers != profile.registers))
                throw TargetError(options_.command + ": started again it says that it is another implementation");
            profile_ = std::move(profile);
            return;
        }
        throw TargetError(options_.command + ": cannot be started: " + trouble);
    }

    /// The outcomes of a test; nothing and `trouble` if there are none. Then there is no session.
    std::optional<std::vector<Outcome>> ask(const Test& test, Trouble& trouble) {
        if (!session_) start();
        const std::uint64_t number = ++number_;
        const auto answer = session_->exchange(run_request(number, test), options_.seconds);
        if (const auto* const failure = std::get_if<AdapterSession::Failure>(&answer)) {
            const bool late = *failure == AdapterSession::Failure::too_late;
            trouble.status = late                                            ? Status::runaway
                             : *failure == AdapterSession::Failure::too_long ? Status::garbled
                                                                             : Status::crashed;
            trouble.note = std::string(to_string(*failure)) + (late ? std::string() : ": " + session_->obituary());
        } else {
            try {
                return read_run_answer(std::get<std::string>(answer), number, test.states);
            } catch (const InputError& error) {
                trouble = {Status::garbled, error.what()};
            }
        }
        stop();
        ++statistics_.restarts;
        return std::nullopt;
    }

    void run_test(const Test& test, std::vector<Outcome>& outcomes) {
        statistics_.cases += test.states.size();
        Trouble trouble;
        if (auto all = ask(test, trouble)) {
            outcomes = std::move(*all);
            return;
        }
        outcomes.clear();
        for (const State& state : test.states) {
            const Test alone{test.sequence, {state}};
            auto outcome = ask(alone, trouble);
            if (!outcome) outcome = ask(alone, trouble);
            if (outcome) {
                outcomes.push_back(std::move(outcome->front()));
                continue;
            }
            Outcome& blamed = outcomes.emplace_back();
            blamed.status = trouble.status;
            blamed.note = trouble.note;
        }
    }

    CommandOptions options_;
    std::optional<AdapterSession> session_;
    std::optional<Profile> profile_;
    TargetStatistics statistics_;
    std::uint64_t number_ = 0; // of the last request
};

} // namespace

std::unique_ptr<Target> make_pipe_target(const std::string& spec) {
    return std::make_unique<PipeTarget>(parse_command_options(spec, "pipe"));
}

} // namespace mtecheck::difftest
