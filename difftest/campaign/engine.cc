// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/engine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mtecheck::difftest {
namespace {

constexpr std::chrono::milliseconds kTick{200};
constexpr std::uint64_t kAhead = 4; // units that a worker may be ahead of the merge, per worker: bounds memory

class Engine {
  public:
    Engine(std::uint64_t first, unsigned workers, const EngineHooks& hooks)
        : hooks_(hooks),
          ahead_(hooks.most_ahead == 0 ? kAhead * workers : std::min(hooks.most_ahead, kAhead * workers)),
          next_to_run_(first), next_to_merge_(first) {}

    void work() {
        try {
            const std::unique_ptr<UnitWorker> worker = hooks_.make_worker();
            std::unique_lock lock(mutex_);
            for (;;) {
                changed_.wait(lock, [&] { return over_ || next_to_run_ < next_to_merge_ + ahead_; });
                if (over_) {
                    return;
                }
                const std::uint64_t place = next_to_run_++;
                const Unit unit(hooks_.unit_at ? hooks_.unit_at(place) : place);
                lock.unlock();
                UnitResult result = worker->run(unit);
                lock.lock();
                if (over_) {
                    return;
                }
                finished_.emplace(place, std::move(result));
                merge_ready(lock);
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            fail();
        }
    }

    EngineEnd wait(const std::atomic<bool>& interrupt) {
        std::unique_lock lock(mutex_);
        while (!over_) {
            if (interrupt) {
                over_ = true;
                end_ = EngineEnd::interrupted;
                break;
            }
            lock.unlock();
            hooks_.tick();
            lock.lock();
            changed_.wait_for(lock, kTick, [&] { return over_; });
        }
        changed_.notify_all();
        changed_.wait(lock, [&] { return !merging_; });
        return end_;
    }

    void rethrow() const {
        if (error_) {
            std::rethrow_exception(error_);
        }
    }

  private:
    void fail() {
        if (!error_) {
            error_ = std::current_exception();
        }
        over_ = true;
        changed_.notify_all();
    }

    /// Merges what is next in order, with the lock released while the hook works.
    void merge_ready(std::unique_lock<std::mutex>& lock) {
        while (!over_ && !merging_) {
            const auto found = finished_.find(next_to_merge_);
            if (found == finished_.end()) {
                return;
            }
            UnitResult result = std::move(found->second);
            finished_.erase(found);
            merging_ = true;
            lock.unlock();
            bool more = false;
            std::exception_ptr error;
            try {
                more = hooks_.merge(std::move(result));
            } catch (...) {
                error = std::current_exception();
            }
            lock.lock();
            merging_ = false;
            ++next_to_merge_;
            if (error && !error_) {
                error_ = error;
            }
            over_ = over_ || error || !more;
            changed_.notify_all();
        }
    }

    const EngineHooks& hooks_;
    const std::uint64_t ahead_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_to_run_;
    std::uint64_t next_to_merge_;
    std::map<std::uint64_t, UnitResult> finished_;
    bool merging_ = false;
    bool over_ = false;
    EngineEnd end_ = EngineEnd::complete;
    std::exception_ptr error_;
};

} // namespace

EngineEnd run_units(std::uint64_t first, unsigned workers, const EngineHooks& hooks,
                    const std::atomic<bool>& interrupt) {
    Engine engine(first, workers, hooks);
    EngineEnd end = EngineEnd::complete;
    {
        std::vector<std::jthread> threads;
        threads.reserve(workers);
        for (unsigned i = 0; i < workers; ++i) {
            threads.emplace_back([&] { engine.work(); });
        }
        end = engine.wait(interrupt);
    }
    engine.rethrow();
    return end;
}

} // namespace mtecheck::difftest
