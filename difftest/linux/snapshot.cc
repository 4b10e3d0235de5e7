// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/snapshot.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "difftest/batch/doorbell.h"
#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/core/json.h"
#include "difftest/core/json_reader.h"
#include "difftest/findings/files.h"
#include "difftest/linux/protocol.h"
#include "difftest/linux/qmp.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchema = "mtecheck-snapshot/1";
constexpr const char* kManifest = "snapshot.json";
constexpr std::string_view kMend = ": snapshot=off does without";
constexpr double kMonitorSeconds = 60;
constexpr auto kPoll = std::chrono::milliseconds(5);
constexpr auto kMemoryBytes = static_cast<off_t>(std::uint64_t{kGuestMebibytes} << 20);
/// Kept free for the state while the guest boots: it takes less than 1 MB.
constexpr off_t kStateRoom = off_t{16} << 20;

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
    throw ToolError(what + " " + path.string() + ": " + std::generic_category().message(errno) + std::string(kMend));
}

FileDescriptor open_file(const fs::path& path, int flags) {
    FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    if (file.get() < 0) fail("cannot open", path);
    return file;
}

/// Where a snapshot is made. What was not moved away at the end is removed.
class Workshop {
  public:
    explicit Workshop(fs::path path) : path_(std::move(path)) {
        std::error_code error;
        fs::remove_all(path_, error); // of one that was killed
        make_directory(path_);
    }
    ~Workshop() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    fs::path operator/(const char* name) const { return path_ / name; }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

/// Room that nobody else can take: who writes to a mapped file on a full disk ends by SIGBUS.
void reserve(const FileDescriptor& file, const fs::path& path, off_t bytes) {
    do errno = ::posix_fallocate(file.get(), 0, bytes);
    while (errno == EINTR);
    if (errno != 0) fail("cannot reserve " + std::to_string(bytes >> 20) + " MB for", path);
}

/// Gives room back to which nobody wrote. A file system that cannot tell keeps it.
void release_holes(const FileDescriptor& file) {
    for (off_t data = 0; data < kMemoryBytes;) {
        const off_t hole = ::lseek(file.get(), data, SEEK_HOLE);
        if (hole < 0 || hole >= kMemoryBytes) return;
        data = ::lseek(file.get(), hole, SEEK_DATA);
        if (data < 0) data = kMemoryBytes; // a hole up to the end
        if (::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, hole, data - hole) != 0) return;
    }
}

struct SocketPair {
    FileDescriptor ours;
    FileDescriptor qemus;
};

SocketPair make_socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw ToolError("cannot make a pair of sockets: " + std::generic_category().message(errno));
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

/// What changes when somebody writes to a file or replaces it.
std::string identity(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return "absent";
    return std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " bytes, " +
           std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

std::string hash_of(std::string_view bytes) {
    Hash hash;
    hash.add_bytes(bytes);
    return hex_text(hash.value(), 16);
}

std::string hash_of(const agent_hello& hello) {
    return hash_of(std::string_view(reinterpret_cast<const char*>(&hello), sizeof(hello)));
}

std::string made_of(const GuestMachine& machine) {
    constexpr std::uint64_t kLargestKernel = std::uint64_t{1} << 30;
    return machine.version + "; " + identity(machine.program) + "; " + description(machine) + "; kernel " +
           hash_of(read_file(machine.kernel, kLargestKernel)) + "; initial RAM disk " +
           hash_of({reinterpret_cast<const char*>(machine.ram_disk.data()), machine.ram_disk.size()});
}

/// Where the snapshot of a machine is: a machine that is built or installed anew replaces that of its predecessor.
fs::path place_of(const GuestMachine& machine, const fs::path& cache) {
    Hash hash;
    for (const std::string& part : {machine.program, machine.cpu, fs::absolute(machine.kernel).string()})
        hash.add(part);
    return cache / "snapshots" / hex_text(hash.value(), 16).substr(2);
}

void ignore_memory(QmpSession& monitor) {
    // It is in a file that QEMU shares.
    const nlohmann::json shared{{"capability", "x-ignore-shared"}, {"state", true}};
    monitor.execute("migrate-set-capabilities", {{"capabilities", nlohmann::json::array({shared})}});
}

std::string file_uri(int descriptor) { return "file:" + inherited_path(descriptor); }

void wait_for_migration(QmpSession& monitor) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kMonitorSeconds);
    for (;;) {
        const nlohmann::json answer = monitor.execute("query-migrate");
        const std::string status = migration_status(answer);
        if (status == "completed") return;
        if (status == "failed" || status == "cancelled" || std::chrono::steady_clock::now() > end)
            throw TargetError("QEMU does not migrate: " + answer.dump());
        std::this_thread::sleep_for(kPoll);
    }
}

/// Asks an agent that has greeted somebody else already.
void ask_for_greeting(CommandPipe& pipe) {
    // The pipe is empty, and holds more than a frame.
    if (::write(pipe.to(), &kGreetAgain, sizeof(kGreetAgain)) != static_cast<ssize_t>(sizeof(kGreetAgain)))
        throw LostAtBoot("the guest does not listen: " + pipe.obituary());
}

} // namespace

bool can_snapshot(const std::string& qemu_version) { return version_number(qemu_version) >= std::pair(8, 2); }

GuestSnapshots::GuestSnapshots(GuestMachine machine, const fs::path& cache, std::string name, double seconds)
    : machine_(std::move(machine)), place_(place_of(machine_, cache)), name_(std::move(name)), seconds_(seconds),
      made_of_(made_of(machine_)) {}

AgentFrames GuestSnapshots::start() const {
    const Snapshot snapshot = open_or_make();
    try {
        return start(snapshot);
    } catch (const TargetError&) {
        forget(snapshot);
        if (snapshot.made_now) throw; // another would be no better
    }
    // It was damaged in a way that cannot be seen from outside: once more, with a new one.
    return start(open_or_make());
}

GuestSnapshots::Snapshot GuestSnapshots::open_or_make() const {
    make_directory(place_.parent_path());
    const WaitingLock lock(place_.string() + ".lock", kMend);
    if (auto there = open()) return std::move(*there);
    make();
    auto made = open();
    if (!made) throw ToolError(place_.string() + ": what was written is not what is there");
    made->made_now = true;
    return std::move(*made);
}

void GuestSnapshots::forget(const Snapshot& snapshot) const {
    const WaitingLock lock(place_.string() + ".lock", kMend);
    std::error_code error;
    // Somebody else may have replaced it meanwhile.
    if (identity(place_ / kManifest) == snapshot.manifest) fs::remove(place_ / kManifest, error);
}

std::optional<GuestSnapshots::Snapshot> GuestSnapshots::open() const {
    if (!fs::exists(place_ / kManifest)) return std::nullopt;
    try {
        const std::string file = (place_ / kManifest).string();
        const nlohmann::json document = parse_json(read_file(file), file);
        const JsonPlace root(document, file);
        root.schema(kSchema);
        if (root.member("made_of").text() != made_of_ || root.member("memory").text() != identity(place_ / "memory") ||
            root.member("state").text() != identity(place_ / "state"))
            return std::nullopt;
        return Snapshot{.memory = open_file(place_ / "memory", O_RDWR),
                        .state = open_file(place_ / "state", O_RDWR),
                        .agent = root.member("agent").text(),
                        .manifest = identity(file)};
    } catch (const InputError&) {
        return std::nullopt; // nobody's file but ours, and to be had anew
    }
}

void GuestSnapshots::make() const {
    const Workshop workshop(place_.string() + ".part");
    const FileDescriptor memory = open_file(workshop / "memory", O_RDWR | O_CREAT | O_EXCL);
    const FileDescriptor state = open_file(workshop / "state", O_RDWR | O_CREAT | O_EXCL);
    reserve(memory, workshop / "memory", kMemoryBytes + kStateRoom);
    SocketPair sockets = make_socket_pair();
    AgentFrames agent(boot(machine_, {memory.get(), state.get(), sockets.qemus.get()}), name_,
                      std::max(seconds_, kBootSeconds));
    sockets.qemus.reset();
    read_hello(agent.hello()); // throws if it could not set itself up
    QmpSession monitor(std::move(sockets.ours), kMonitorSeconds);
    ignore_memory(monitor);
    if (::ftruncate(memory.get(), kMemoryBytes) != 0) fail("cannot write", workshop / "memory");
    monitor.execute("migrate", {{"uri", file_uri(state.get())}});
    wait_for_migration(monitor);
    agent.process().kill();
    if (::fdatasync(memory.get()) != 0 || ::fdatasync(state.get()) != 0) fail("cannot write", workshop.path());
    release_holes(memory);
    write_durably(workshop / kManifest, dump({{"schema", kSchema},
                                              {"made_of", made_of_},
                                              {"memory", identity(workshop / "memory")},
                                              {"state", identity(workshop / "state")},
                                              {"agent", hash_of(agent.hello())}}));
    std::error_code error;
    fs::remove_all(place_, error);
    fs::rename(workshop.path(), place_, error);
    if (error) throw ToolError("cannot write " + place_.string() + ": " + error.message());
}

AgentFrames GuestSnapshots::start(const Snapshot& snapshot) const {
    SocketPair sockets = make_socket_pair();
    auto pipe = wait_for_state(machine_, {snapshot.memory.get(), snapshot.state.get(), sockets.qemus.get()});
    sockets.qemus.reset();
    QmpSession monitor(std::move(sockets.ours), kMonitorSeconds);
    ignore_memory(monitor);
    monitor.execute("migrate-incoming", {{"uri", file_uri(snapshot.state.get())}});
    wait_for_migration(monitor);
    ask_for_greeting(*pipe);
    AgentFrames agent(std::move(pipe), name_, seconds_);
    if (hash_of(agent.hello()) != snapshot.agent)
        throw TargetError(name_ + ": the snapshot in " + place_.string() + " is of another machine");
    return agent;
}

} // namespace mtecheck::difftest
