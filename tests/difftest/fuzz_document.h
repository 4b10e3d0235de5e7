// SPDX-License-Identifier: Apache-2.0
//
// What the fuzzers of JSON formats have in common: any bytes at all, read as a document, give a value or an InputError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

/// Hands the document to each reader, which takes a JsonPlace; a refusal by one does not keep it from the next.
template <class... Readers>
void fuzz_document(const std::uint8_t* data, std::size_t size, const Readers&... readers) {
    const std::string file = "fuzz";
    try {
        const auto document = parse_json(std::string_view(reinterpret_cast<const char*>(data), size), file);
        const auto offer = [&](const auto& reader) {
            try {
                reader(JsonPlace(document, file));
            } catch (const InputError&) {
                // The expected end of nearly every input.
            }
        };
        (offer(readers), ...);
    } catch (const InputError&) {
        // Not even JSON.
    }
}

} // namespace mtecheck::difftest
