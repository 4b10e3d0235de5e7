// SPDX-License-Identifier: Apache-2.0
//
// A record: what a target did with the tests of a campaign, to be judged elsewhere and later.
//
// The file is "MTEREC01" and blocks. A block has a head (magic, kind, sizes, hash of its bytes) and an xz stream. The
// first holds the description, a JSON document (mtecheck-record/1); the others hold answers: of one test each, named by
// a hash of it, with what the outcomes have otherwise than the states that they started from. The tests are not there:
// the description says which mtecheck makes them from which seed.
//
// Invariants: a block is whole or not there, so a file that was cut off is as good as one that ended before; reading
// never takes more memory than the limits below.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "difftest/campaign/settings.h"
#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kRecordSchema = "mtecheck-record/1";
inline constexpr std::string_view kRecordFileEnd = ".record";

/// Two independent hashes of a test.
using TestName = std::pair<std::uint64_t, std::uint64_t>;
TestName name_of(const Test& test);

/// A record with these bytes as its one answer, which is to the test of that name: for tests of what is malformed.
std::string record_of_answers(std::string_view answer, TestName name);

class RecordWriter {
  public:
    /// A new file. Throws ToolError if it cannot be written.
    RecordWriter(const std::filesystem::path& path, const CampaignFile& campaign, const Profile& profile);
    ~RecordWriter();
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;

    /// In the order in which the target ran them.
    void add(const Test& test, const std::vector<Outcome>& outcomes);
    /// Writes what is not in a block yet, and sees to it that it is on disk.
    void finish();
    std::uint64_t tests() const { return tests_; }

  private:
    void write_block(std::uint32_t kind, std::string_view plain);

    std::string path_;
    std::FILE* file_ = nullptr;
    std::string pending_;
    std::uint64_t tests_ = 0;
};

class RecordReader {
  public:
    /// Throws InputError if these are not the bytes of a record, or of one of another version.
    RecordReader(std::string_view bytes, const std::string& file);

    const CampaignFile& campaign() const { return campaign_; }
    const Profile& profile() const { return profile_; }
    std::uint64_t tests() const { return tests_; }
    /// Bytes behind the last whole block: the file was cut off, or is damaged there.
    std::uint64_t lost_bytes() const { return lost_bytes_; }

    /// What the target did when it ran this test; the next time it is asked for, what it did the next time, if it ran
    /// it so often. False if it never did.
    bool find(const Test& test, std::vector<Outcome>& outcomes);

  private:
    struct Place {
        std::size_t block = 0;
        std::size_t at = 0;
        std::size_t bytes = 0;
    };
    struct Answers {
        std::vector<Place> places;
        std::size_t next = 0;
    };
    void index(std::string&& plain);

    std::string file_;
    CampaignFile campaign_;
    Profile profile_;
    std::vector<std::string> blocks_; // unpacked
    std::map<TestName, Answers> answers_;
    std::uint64_t tests_ = 0;
    std::uint64_t lost_bytes_ = 0;
};

} // namespace mtecheck::difftest
