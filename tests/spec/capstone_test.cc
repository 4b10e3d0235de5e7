// SPDX-License-Identifier: Apache-2.0
//
// Capstone reads every word as we do. Its text may be spelt differently (aliases); then GNU as
// must turn it into the same word. Its known faults are data: capstone_faults.json.

#include <capstone/capstone.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "assembler.h"
#include "spec/disassemble.h"
#include "tests/places.h"
#include "words.h"

namespace mtecheck::spec {
namespace {

class Capstone {
  public:
    Capstone() { REQUIRE(cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_) == CS_ERR_OK); }
    Capstone(const Capstone&) = delete;
    Capstone& operator=(const Capstone&) = delete;
    ~Capstone() { cs_close(&handle_); }

    /// At address 0; empty if capstone does not know the word.
    std::string text(std::uint32_t word) const {
        const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8U),
                                       static_cast<std::uint8_t>(word >> 16U), static_cast<std::uint8_t>(word >> 24U)};
        cs_insn* instruction = nullptr;
        if (cs_disasm(handle_, bytes, sizeof bytes, 0, 1, &instruction) != 1) return {};
        std::string result = std::string(instruction->mnemonic) + " " + instruction->op_str;
        cs_free(instruction, 1);
        if (result.back() == ' ') result.pop_back();
        return result;
    }

  private:
    csh handle_ = 0;
};

std::string version() {
    int major = 0;
    int minor = 0;
    cs_version(&major, &minor);
    return std::to_string(major) + "." + std::to_string(minor);
}

/// Decimal numbers, lower case, no spaces, and labels (".+8") as the addresses ("#8") that they
/// are at address 0.
std::string normalised(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool number = c == '#' && i + 1 < text.size();
        const bool label = c == '.' && i + 1 < text.size() && (text[i + 1] == '+' || text[i + 1] == '-');
        if (number || label) {
            std::size_t end = i + 1;
            while (end < text.size() &&
                   (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-' || text[end] == '+'))
                ++end;
            const std::string digits(text.substr(i + 1, end - i - 1));
            const bool negative = digits[0] == '-';
            const std::size_t skip = negative || digits[0] == '+' ? 1 : 0;
            const std::uint64_t magnitude = std::stoull(digits.substr(skip), nullptr, 0);
            out += "#" + std::to_string(negative ? ~magnitude + 1U : magnitude);
            i = end - 1;
        } else if (c != ' ') {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (out.find(' ') == std::string::npos) {
            out += ' '; // between mnemonic and operands
        }
    }
    return out;
}

bool glob_matches(std::string_view pattern, std::string_view text) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    return text.size() + 1 >= pattern.size() && text.substr(0, star) == pattern.substr(0, star) &&
           text.substr(text.size() - (pattern.size() - star - 1)) == pattern.substr(star + 1);
}

struct Difference {
    std::uint32_t word;
    std::string ours;
    std::string theirs;
};

/// The words that capstone reads differently. A text that is only spelt differently is accepted
/// if GNU as makes the word from it.
std::vector<Difference> differences(const std::vector<std::uint32_t>& words) {
    const Capstone capstone;
    std::vector<Difference> found;
    std::vector<Difference> spelt_differently;
    std::vector<std::string> texts;
    for (const std::uint32_t word : words) {
        Difference d{word, disassemble(word), capstone.text(word)};
        if (normalised(d.ours) == normalised(d.theirs)) continue;
        if (d.theirs.empty()) {
            found.push_back(std::move(d));
        } else {
            texts.push_back(d.theirs);
            spelt_differently.push_back(std::move(d));
        }
    }
    const auto reassembled = test::assemble(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (reassembled[i] != spelt_differently[i].word) found.push_back(spelt_differently[i]);
    }
    return found;
}

std::vector<nlohmann::json> known_faults() {
    std::ifstream in(mtecheck::places::source() + "/tests/spec/capstone_faults.json");
    const nlohmann::json list = nlohmann::json::parse(in);
    std::vector<nlohmann::json> result;
    for (const auto& fault : list["faults"]) {
        const auto& versions = fault["versions"];
        if (std::find(versions.begin(), versions.end(), version()) != versions.end()) result.push_back(fault);
    }
    return result;
}

TEST_CASE("capstone reads every encoding as we do, except for its known faults") {
    constexpr int words_per_row = 25;
    test::Words random(4);
    std::vector<std::uint32_t> words;
    for (const EncodingInfo& row : encodings()) {
        for (int i = 0; i < words_per_row; ++i) {
            const std::uint32_t word = test::as_assembled(row, random.defined(row));
            if (!constrained_unpredictable(row.encoding, word).has_value()) words.push_back(word);
        }
    }
    const auto faults = known_faults();
    for (const Difference& d : differences(words)) {
        const std::string_view id = info(decode(d.word).value()).id;
        const bool explained = std::any_of(faults.begin(), faults.end(), [&](const nlohmann::json& fault) {
            return glob_matches(fault["encodings"].get<std::string>(), id);
        });
        if (explained) continue;
        CAPTURE(id, d.word, d.ours, d.theirs);
        CHECK(explained);
    }
}

TEST_CASE("the known faults of capstone still occur") {
    for (const nlohmann::json& fault : known_faults()) {
        CAPTURE(fault.dump());
        const auto word = static_cast<std::uint32_t>(std::stoul(fault["example"].get<std::string>(), nullptr, 16));
        CHECK(glob_matches(fault["encodings"].get<std::string>(), info(decode(word).value()).id));
        CHECK(differences({word}).size() == 1);
    }
}

} // namespace
} // namespace mtecheck::spec
