# SPDX-License-Identifier: Apache-2.0
# cmake -DINPUT=monitor.bin -DOUTPUT=monitor_image.cc -P embed.cmake: a binary file as a C++ array.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "// Generated from difftest/qemu/guest/ by embed.cmake.
#include \"difftest/qemu/monitor_image.h\"

namespace mtecheck::difftest {

namespace {
constexpr std::uint8_t kImage[] = {
${bytes}};
} // namespace

std::span<const std::uint8_t> monitor_image() { return kImage; }

} // namespace mtecheck::difftest
")
