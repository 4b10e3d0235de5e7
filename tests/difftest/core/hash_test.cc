// SPDX-License-Identifier: Apache-2.0
//
// Hashes are kept in files: they are those that others compute, too.
#include "difftest/core/hash.h"

#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

template <class H>
auto hash_of(std::string_view bytes) {
    H hash;
    hash.add_bytes(bytes);
    return hash.value();
}

TEST_CASE("bytes have their published values of FNV-1a") {
    CHECK(hash_of<Hash>("") == 0xcbf29ce484222325U);
    CHECK(hash_of<Hash>("a") == 0xaf63dc4c8601ec8cU);
    CHECK(hash_of<Hash>("foobar") == 0x85944171f73967e8U);
    CHECK(hash_of<ShortHash>("a") == 0xe40c292cU);
    CHECK(hash_of<ShortHash>("foobar") == 0xbf9cf968U);
}

TEST_CASE("where a text ends counts, and words are little-endian") {
    Hash one;
    one.add("ab");
    one.add("c");
    Hash other;
    other.add("a");
    other.add("bc");
    CHECK(one.value() != other.value());

    Hash word;
    word.add(0x64636261U);
    CHECK(word.value() == hash_of<Hash>("abcd"));
}

} // namespace
} // namespace mtecheck::difftest
