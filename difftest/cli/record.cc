// SPDX-License-Identifier: Apache-2.0
//
// mtecheck record, the replay of a record, and the agent for the machine that is recorded.
#include <filesystem>
#include <iostream>
#include <limits>

#include <sys/stat.h>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/identity.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/findings/files.h"
#include "difftest/linux/agent_image.h"
#include "difftest/record/targets.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kRecordText =
    "Runs a campaign, and writes down in FILE what the target did with each test: `mtecheck replay FILE` judges that\n"
    "again, elsewhere and later, without the target, and comes to the same report. The record says what the target "
    "is,\n"
    "which mtecheck made its tests, and from which seed; it is compressed, in blocks: one that is cut off is as good "
    "as\n"
    "one that ended at its last whole block. The report of the campaign itself goes to FILE.campaign.\n\n"
    "exit status: as that of `mtecheck campaign`\n";

constexpr const char* kAgentText = "Writes the agent out: a static program for arm64 Linux that needs nothing else. On "
                                   "the machine to be tested it is\n"
                                   "what the target agent:COMMAND starts:\n\n"
                                   "  mtecheck agent --output mte-agent && scp mte-agent phone:\n"
                                   "  mtecheck campaign --target 'agent:ssh phone ./mte-agent'\n\n"
                                   "exit status: 0 written; 2 could not\n";

} // namespace

int run_record(std::span<char* const> arguments) {
    Options options("record", "--output FILE [OPTION...]", kRecordText);
    declare_target(options, "qemu-user");
    options.value("output", "FILE", "the record; its name has to end in " + std::string(kRecordFileEnd));
    options.value("cases", "N", "end after N cases, rounded up to a whole unit of work", "20000");
    options.value("seed", "NUMBER", "which of the streams of cases to run", std::to_string(kDefaultSeed));
    options.flag("no-shrink", "leave the examples of findings as they were found");
    declare_workers(options, "how many targets run at once");
    declare_progress(options);
    declare_proofs(options);
    declare_defects(options);
    declare_waivers(options);
    if (!options.parse(arguments)) return kAgree;
    if (!options.given("output")) throw UsageError("mtecheck record: give --output FILE");
    const std::string file = options.get("output");
    if (!file.ends_with(kRecordFileEnd))
        throw UsageError("mtecheck record: --output " + file + ": the name has to end in " +
                         std::string(kRecordFileEnd));
    Settings settings;
    settings.target = options.get("target");
    settings.seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max());
    settings.cases = options.number("cases", 1, std::uint64_t{1} << 48);
    settings.shrink = !options.given("no-shrink");
    const auto record = std::make_shared<SharedRecord>(file, settings);
    Factories factories{[&] { return make_recording_target(make_target(settings.target), record); },
                        known_defects(options)};
    const std::filesystem::path directory = file + ".campaign";
    const auto campaign = Campaign::start(settings, directory, std::move(factories));
    const int status = conduct(*campaign, settings, directory, options);
    record->finish();
    std::cout << "record: " << file << ", " << record->tests() << " tests\n";
    return status;
}

int replay_record(const std::string& file, const Options& options) {
    const RecordReader reader(read_file(file), file);
    if (reader.campaign().stream != stream_version()) {
        throw InputError(file, "",
                         "is of mtecheck " + reader.campaign().mtecheck_version +
                             ", whose generators make other tests from its seed (stream " + reader.campaign().stream +
                             ", here " + stream_version() + "): use that one");
    }
    if (reader.lost_bytes() != 0) {
        std::cerr << "mtecheck: " << file << ": cut off or damaged: the last " << reader.lost_bytes()
                  << " bytes are left out; cases that were there are not supported\n";
    }
    Settings settings = reader.campaign().settings;
    settings.target = "record:" + file;
    const std::filesystem::path directory = free_directory("replay");
    const auto campaign = Campaign::start(
        settings, directory, {[&] { return make_record_target(settings.target); }, known_defects(options)});
    return conduct(*campaign, settings, directory, options);
}

int run_agent(std::span<char* const> arguments) {
    Options options("agent", "--output FILE", kAgentText);
    options.value("output", "FILE", "where the program goes");
    if (!options.parse(arguments)) return kAgree;
    if (!options.given("output")) throw UsageError("mtecheck agent: give --output FILE");
    const std::string file = options.get("output");
    const std::span<const std::uint8_t> image = agent_image();
    write_durably(file, {reinterpret_cast<const char*>(image.data()), image.size()});
    if (::chmod(file.c_str(), 0755) != 0) throw ToolError(file + ": cannot be made executable");
    std::cout << file << "\n";
    return kAgree;
}

} // namespace mtecheck::difftest
