// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/tag_shadow.h"

#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

TEST_CASE("tags are kept by granule, and by address space where addresses are virtual") {
    TagShadow shadow(16);
    const std::uint64_t lower = TagShadow::virtual_location(0x0500'0000'0010'0010);
    const std::uint64_t upper = TagShadow::virtual_location(0x05ff'8000'0010'0010);
    CHECK(lower == TagShadow::virtual_location(0x10'0010));
    CHECK(lower != upper);
    CHECK(TagShadow::is_virtual(lower));
    CHECK(TagShadow::is_virtual(upper));
    CHECK_FALSE(TagShadow::is_virtual(0x10'0010));

    shadow.set_tag(lower, 1, 5);
    shadow.set_tag(0x10'0010, 0, 7);
    CHECK(shadow.tag(lower + 15, 1) == 5);
    CHECK_FALSE(shadow.tag(lower + 16, 1));
    CHECK_FALSE(shadow.tag(lower, 2));
    CHECK_FALSE(shadow.tag(upper, 0));
    CHECK(shadow.tag(0x10'001f, 0) == 7);
    shadow.forget_virtual();
    CHECK_FALSE(shadow.tag(lower, 1));
    CHECK(shadow.tag(0x10'0010, 0) == 7);
}

TEST_CASE("a page whose physical address becomes known takes its tags along") {
    TagShadow shadow(16);
    const std::uint64_t va = TagShadow::virtual_location(0x7000);
    shadow.set_tag(va + 0x20, 3, 9);
    shadow.set_tag(va + 0x30, 3, 4);
    shadow.set_memory(va, 3, MemoryIs::tagged);
    shadow.set_tag(0x9030, 0, 5);
    shadow.move(va, 3, 0x9000);
    CHECK(shadow.tag(0x9020, 0) == 9);
    CHECK_FALSE(shadow.tag(0x9030, 0)); // the two disagree
    CHECK(shadow.memory(0x9000, 0) == MemoryIs::tagged);
    CHECK_FALSE(shadow.tag(va + 0x20, 3));
}

TEST_CASE("the shadow is bounded: beyond that all is forgotten") {
    TagShadow shadow(4);
    for (std::uint64_t page = 0; page < 5; ++page) shadow.set_tag(page * TagShadow::page_bytes, 0, 1);
    CHECK(shadow.times_full() == 1);
    CHECK(shadow.pages() == 1);
    CHECK(shadow.most_pages_seen() == 4);
    CHECK_FALSE(shadow.tag(0, 0));
    CHECK(shadow.tag(4 * TagShadow::page_bytes, 0) == 1);
}

} // namespace
} // namespace mtecheck::difftest
