// SPDX-License-Identifier: Apache-2.0
//
// xz through liblzma.
#include "difftest/golden/xz.h"

#include <array>

#include <lzma.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

constexpr std::uint64_t kMemoryLimit = 256U << 20U;

struct Stream {
    lzma_stream state = LZMA_STREAM_INIT;
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { lzma_end(&state); }
};

/// Runs the coder over all of `in`; returns its last answer.
lzma_ret run(lzma_stream& stream, std::string_view in, std::string& out, std::uint64_t limit) {
    std::array<char, 1U << 16U> chunk;
    stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream.avail_in = in.size();
    lzma_ret answer = LZMA_OK;
    while (answer == LZMA_OK && out.size() <= limit) {
        stream.next_out = reinterpret_cast<std::uint8_t*>(chunk.data());
        stream.avail_out = chunk.size();
        answer = lzma_code(&stream, LZMA_FINISH);
        out.append(chunk.data(), chunk.size() - stream.avail_out);
    }
    return answer;
}

std::string compress(std::string_view plain, std::uint32_t preset) {
    Stream stream;
    if (lzma_easy_encoder(&stream.state, preset, LZMA_CHECK_CRC64) != LZMA_OK) {
        throw ToolError("liblzma cannot start an encoder");
    }
    std::string packed;
    if (run(stream.state, plain, packed, ~std::uint64_t{0}) != LZMA_STREAM_END)
        throw ToolError("liblzma cannot compress");
    return packed;
}

} // namespace

std::string xz_decompress(std::string_view packed, const std::string& file, std::uint64_t limit) {
    Stream stream;
    if (lzma_stream_decoder(&stream.state, kMemoryLimit, 0) != LZMA_OK)
        throw ToolError("liblzma cannot start a decoder");
    std::string plain;
    const lzma_ret answer = run(stream.state, packed, plain, limit);
    if (plain.size() > limit) {
        throw InputError(file, "", "unpacks to more than " + std::to_string(limit) + " bytes; this is no file of ours");
    }
    if (answer != LZMA_STREAM_END || stream.state.avail_in != 0) {
        throw InputError(file, "", "is not one whole xz stream; it may be truncated or damaged, fetch it again");
    }
    return plain;
}

std::string xz_compress(std::string_view plain) { return compress(plain, 9U | LZMA_PRESET_EXTREME); }
std::string xz_store(std::string_view plain) { return compress(plain, 0); }

} // namespace mtecheck::difftest
