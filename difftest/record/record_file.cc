// SPDX-License-Identifier: Apache-2.0
//
// Integers are little-endian. An answer is: u64 twice, the name of the test; u32 bytes of the rest; then an outcome for
// each state, by transfer(), which is both the writer and the reader.
#include "difftest/record/record_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

#include <unistd.h>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/error.h"
#include "difftest/core/fields.h"
#include "difftest/core/hash.h"
#include "difftest/core/json_reader.h"
#include "difftest/golden/xz.h"

namespace mtecheck::difftest {

namespace {

constexpr std::string_view kMagic = "MTEREC01";
constexpr std::uint32_t kBlockMagic = 0x4b434f4c; // "LOCK"
constexpr std::uint32_t kDescription = 1, kAnswers = 2;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;         // of answers, before they are packed
constexpr std::uint64_t kMaxBlockBytes = std::uint64_t{16} << 20; // unpacked; of what is read
constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30;       // of all blocks
constexpr std::size_t kMaxNote = 4096;

struct BlockHead {
    std::uint32_t magic;
    std::uint32_t kind;
    std::uint64_t packed_bytes;
    std::uint64_t plain_bytes;
    std::uint64_t hash; // of the packed bytes
};
static_assert(sizeof(BlockHead) == 32);

std::uint64_t hash_of(std::string_view bytes) {
    Hash hash;
    hash.add_bytes(bytes);
    return hash.value();
}

/// Both hashes of what is added, from different starts and with different steps.
class NameHash {
  public:
    void word(std::uint64_t value) {
        first_.add(static_cast<std::uint32_t>(value));
        first_.add(static_cast<std::uint32_t>(value >> 32U));
        second_ = (second_ ^ value) * 0x9e3779b97f4a7c15U;
        second_ ^= second_ >> 29U;
    }
    void bytes(const void* data, std::size_t count) {
        const auto* at = static_cast<const std::uint8_t*>(data);
        for (; count >= 8; at += 8, count -= 8) {
            std::uint64_t value = 0;
            std::memcpy(&value, at, 8);
            word(value);
        }
        for (; count != 0; ++at, --count) word(*at);
    }
    TestName value() const { return {first_.value(), second_}; }

  private:
    Hash first_;
    std::uint64_t second_ = 0x6d74656372656331U;
};

class Packer {
  public:
    static constexpr bool reading = false;
    explicit Packer(std::string& out) : out_(out) {}
    void bytes(const void* data, std::size_t count) { out_.append(static_cast<const char*>(data), count); }
    template <class T>
    void item(const T& value) {
        bytes(&value, sizeof(value));
    }

  private:
    std::string& out_;
};

class Unpacker {
  public:
    static constexpr bool reading = true;
    Unpacker(std::string_view in, const std::string& file) : in_(in), file_(file) {}
    void bytes(void* data, std::size_t count) {
        if (in_.size() < count) fail("an answer ends before its outcomes do");
        std::memcpy(data, in_.data(), count);
        in_.remove_prefix(count);
    }
    template <class T>
    void item(T& value) {
        bytes(&value, sizeof(value));
    }
    std::string_view rest() const { return in_; }
    std::size_t skip(std::size_t count) {
        if (in_.size() < count) fail("a block ends before its last answer does");
        in_.remove_prefix(count);
        return count;
    }
    [[noreturn]] void fail(const std::string& why) const { throw InputError(file_, "", why); }

  private:
    std::string_view in_;
    const std::string& file_;
};

/// The bits of a block of bytes that are others than before: a mask of its words, then these.
template <class A>
void transfer_changes(A& a, const void* before, void* after, std::size_t bytes) {
    const std::size_t words = bytes / 8;
    for (std::size_t first = 0; first < words; first += 64) {
        const std::size_t count = std::min<std::size_t>(64, words - first);
        std::array<std::uint64_t, 64> changes{};
        std::uint64_t mask = 0;
        const auto* from = static_cast<const std::uint8_t*>(before) + 8 * first;
        auto* to = static_cast<std::uint8_t*>(after) + 8 * first;
        for (std::size_t i = 0; !A::reading && i < count; ++i) {
            std::uint64_t old = 0;
            std::uint64_t now = 0;
            std::memcpy(&old, from + 8 * i, 8);
            std::memcpy(&now, to + 8 * i, 8);
            changes[i] = old ^ now;
            if (changes[i] != 0) mask |= std::uint64_t{1} << i;
        }
        a.item(mask);
        for (std::size_t i = 0; i < count; ++i) {
            if ((mask >> i & 1U) != 0) a.item(changes[i]);
            if constexpr (A::reading) {
                std::uint64_t word = 0;
                std::memcpy(&word, from + 8 * i, 8);
                word ^= changes[i];
                std::memcpy(to + 8 * i, &word, 8);
            }
        }
    }
}

template <class A>
void transfer(A& a, const State& state, Outcome& outcome) {
    auto status = static_cast<std::uint8_t>(outcome.status);
    a.item(status);
    if constexpr (A::reading) {
        if (status > static_cast<std::uint8_t>(Status::unsupported)) a.fail("an outcome of no known kind");
        outcome = Outcome();
        outcome.status = static_cast<Status>(status);
    }
    if (!has_state(outcome.status)) {
        auto length = static_cast<std::uint16_t>(std::min(outcome.note.size(), kMaxNote));
        a.item(length);
        if constexpr (A::reading) {
            if (length > kMaxNote) a.fail("a note of no end");
            outcome.note.resize(length);
        }
        a.bytes(outcome.note.data(), length);
        return;
    }
    a.item(outcome.pc);
    a.item(outcome.pstate);
    if (outcome.status == Status::exception) {
        ExceptionRecord& e = outcome.exception;
        a.item(e.to_el);
        a.item(e.vector);
        a.item(e.esr);
        a.item(e.far);
        a.item(e.elr);
        a.item(e.spsr);
    } else if (outcome.status == Status::signal) {
        a.item(outcome.signal.number);
        a.item(outcome.signal.code);
        a.item(outcome.signal.address);
    }
    transfer_changes(a, static_cast<const Registers*>(&state), static_cast<Registers*>(&outcome), sizeof(Registers));
    if constexpr (A::reading) {
        outcome.v.resize(state.v.size());
        outcome.windows = state.windows;
    }
    if (!state.v.empty()) transfer_changes(a, state.v.data(), outcome.v.data(), state.v.size() * sizeof(Vector128));
    for (std::size_t i = 0; i < state.windows.size(); ++i)
        transfer_changes(a, &state.windows[i], &outcome.windows[i], sizeof(Window));
}

/// Whether an outcome can be told by what it has otherwise.
bool same_shape(const State& state, const Outcome& outcome) {
    return !has_state(outcome.status) ||
           (outcome.v.size() == state.v.size() && outcome.windows.size() == state.windows.size());
}

std::string block_of(std::uint32_t kind, std::string_view plain) {
    const std::string packed = xz_store(plain);
    const BlockHead head{kBlockMagic, kind, packed.size(), plain.size(), hash_of(packed)};
    std::string block;
    Packer(block).item(head);
    return block + packed;
}

std::string description_of(const CampaignFile& campaign, const Profile& profile) {
    return OrderedJson{{"schema", kRecordSchema},
                       {"campaign", to_json(campaign)},
                       {"profile", to_json(profile)},
                       {"chooses_tags", profile.chooses_tags}}
        .dump();
}

std::string answer_of(TestName name, std::string_view answer) {
    std::string text;
    Packer packer(text);
    packer.item(name.first);
    packer.item(name.second);
    packer.item(static_cast<std::uint32_t>(answer.size()));
    return text.append(answer);
}

} // namespace

TestName name_of(const Test& test) {
    NameHash hash;
    const Sequence& sequence = test.sequence;
    hash.word(static_cast<std::uint64_t>(sequence.layout));
    each_configuration_field(sequence.configuration,
                             [&](const char*, const auto& value, unsigned) { hash.word(value); });
    hash.word(sequence.pc);
    hash.word(sequence.code.size());
    for (const std::uint32_t word : sequence.code) hash.word(word);
    for (const State& state : test.states) {
        hash.bytes(static_cast<const Registers*>(&state), sizeof(Registers));
        hash.word(state.nzcv);
        hash.word(state.v.size());
        hash.bytes(state.v.data(), state.v.size() * sizeof(Vector128));
        hash.word(state.windows.size());
        for (const Window& window : state.windows) hash.bytes(&window, sizeof(window));
    }
    return hash.value();
}

std::string record_of_answers(std::string_view answer, TestName name) {
    return std::string(kMagic) + block_of(kDescription, description_of(CampaignFile(), Profile())) +
           block_of(kAnswers, answer_of(name, answer));
}

RecordWriter::RecordWriter(const std::filesystem::path& path, const CampaignFile& campaign, const Profile& profile)
    : path_(path.string()), file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) throw ToolError(path_ + ": " + std::generic_category().message(errno));
    if (std::fwrite(kMagic.data(), 1, kMagic.size(), file_) != kMagic.size()) throw ToolError(path_ + ": cannot write");
    write_block(kDescription, description_of(campaign, profile));
}

RecordWriter::~RecordWriter() {
    if (file_ != nullptr) std::fclose(file_);
}

void RecordWriter::write_block(std::uint32_t kind, std::string_view plain) {
    const std::string block = block_of(kind, plain);
    if (std::fwrite(block.data(), 1, block.size(), file_) != block.size() || std::fflush(file_) != 0)
        throw ToolError(path_ + ": " + std::generic_category().message(errno));
}

void RecordWriter::add(const Test& test, const std::vector<Outcome>& outcomes) {
    std::string answer;
    Packer packer(answer);
    for (std::size_t i = 0; i < test.states.size(); ++i) {
        Outcome outcome = outcomes[i];
        if (!same_shape(test.states[i], outcome)) {
            outcome.status = Status::garbled;
            outcome.note = "other windows or vectors than the state's";
        }
        transfer(packer, test.states[i], outcome);
    }
    pending_ += answer_of(name_of(test), answer);
    ++tests_;
    if (pending_.size() >= kBlockBytes) {
        write_block(kAnswers, pending_);
        pending_.clear();
    }
}

void RecordWriter::finish() {
    if (!pending_.empty()) write_block(kAnswers, pending_);
    pending_.clear();
    if (::fsync(::fileno(file_)) != 0 && errno != EINVAL)
        throw ToolError(path_ + ": " + std::generic_category().message(errno));
}

RecordReader::RecordReader(std::string_view bytes, const std::string& file) : file_(file) {
    if (!bytes.starts_with(kMagic))
        throw InputError(file, "", "is no record (mtecheck record writes them), or one of another version");
    bytes.remove_prefix(kMagic.size());
    std::uint64_t total = 0;
    bool described = false;
    while (!bytes.empty()) {
        BlockHead head{};
        if (bytes.size() < sizeof(head)) break;
        std::memcpy(&head, bytes.data(), sizeof(head));
        const std::string_view rest = bytes.substr(sizeof(head));
        if (head.magic != kBlockMagic || head.packed_bytes > rest.size() || head.plain_bytes > kMaxBlockBytes) break;
        const std::string_view packed = rest.substr(0, head.packed_bytes);
        if (hash_of(packed) != head.hash) break;
        std::string plain = xz_decompress(packed, file, kMaxBlockBytes);
        total += plain.size();
        if (total > kMaxBytes)
            throw InputError(file, "", "unpacks to more than " + std::to_string(kMaxBytes) + " bytes");
        if (!described) {
            if (head.kind != kDescription) throw InputError(file, "", "does not begin with its description");
            const nlohmann::json document = parse_json(plain, file);
            const JsonPlace place(document, file);
            place.schema(kRecordSchema);
            campaign_ = campaign_from_json(place.member("campaign"));
            profile_ = profile_from_json(place.member("profile"));
            profile_.chooses_tags = place.member("chooses_tags").boolean();
            described = true;
        } else if (head.kind == kAnswers) {
            index(std::move(plain));
        } else {
            throw InputError(file, "", "has a block of no known kind");
        }
        bytes = rest.substr(head.packed_bytes);
    }
    if (!described) throw InputError(file, "", "is cut off before its description ends: nothing can be recovered");
    lost_bytes_ = bytes.size();
}

void RecordReader::index(std::string&& plain) {
    Unpacker block(plain, file_);
    std::size_t at = 0;
    while (!block.rest().empty()) {
        TestName name;
        std::uint32_t bytes = 0;
        block.item(name.first);
        block.item(name.second);
        block.item(bytes);
        at += 20;
        answers_[name].places.push_back({blocks_.size(), at, bytes});
        at += block.skip(bytes);
        ++tests_;
    }
    blocks_.push_back(std::move(plain));
}

bool RecordReader::find(const Test& test, std::vector<Outcome>& outcomes) {
    const auto found = answers_.find(name_of(test));
    if (found == answers_.end()) return false;
    Answers& answers = found->second;
    const Place place = answers.places[answers.next];
    if (answers.next + 1 < answers.places.size()) ++answers.next;
    Unpacker answer(std::string_view(blocks_[place.block]).substr(place.at, place.bytes), file_);
    outcomes.resize(test.states.size());
    for (std::size_t i = 0; i < test.states.size(); ++i) transfer(answer, test.states[i], outcomes[i]);
    return true;
}

} // namespace mtecheck::difftest
