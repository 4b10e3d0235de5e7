// SPDX-License-Identifier: Apache-2.0
// What the end of a guest means, by what it had begun and done.
#include "difftest/batch/doorbell.h"

#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

/// The end of a guest that leaves the queue so, for who waits for batch 2.
Answer end_of(const wire_queue& queue) {
    Doorbell doorbell;
    doorbell.start({"/bin/true"}, {});
    return doorbell.wait(queue, 2, 1);
}

TEST_CASE("a guest that ends is to blame for the batch that it had begun, and for no other") {
    CHECK(end_of({.batches = {}, .begun = 1, .done = 1, .progress = 7, .reserved = 0}) == Answer::lost);
    CHECK(end_of({.batches = {}, .begun = 2, .done = 1, .progress = 7, .reserved = 0}) == Answer::died);
    CHECK(end_of({.batches = {}, .begun = 2, .done = 2, .progress = 7, .reserved = 0}) == Answer::done);
    CHECK(end_of({.batches = {}, .begun = 3, .done = 2, .progress = 7, .reserved = 0}) == Answer::done);
}

TEST_CASE("progress is of the batch that was begun") {
    const wire_queue queue{.batches = {}, .begun = 2, .done = 1, .progress = 7, .reserved = 0};
    CHECK(progress_of(queue, 2) == 7);
    CHECK(progress_of(queue, 3) == 0);
}

TEST_CASE("two batches have a place each, and a guest that has ended takes none") {
    wire_queue queue{};
    Doorbell doorbell;
    doorbell.start({"/bin/sleep", "10"}, {});
    CHECK(doorbell.post(queue, 0x1000, 16));
    CHECK(doorbell.post(queue, 0x2000, 32));
    CHECK(doorbell.command() == 2);
    CHECK(queue.batches[1].at == 0x1000);
    CHECK(queue.batches[0].at == 0x2000);
    CHECK(queue.batches[0].bytes == 32);
    doorbell.process().kill();
    CHECK_FALSE(doorbell.post(queue, 0x1000, 16));
}

} // namespace
} // namespace mtecheck::difftest
