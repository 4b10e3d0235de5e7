// SPDX-License-Identifier: Apache-2.0
//
// VIXL's simulator behind the frames of the Linux agent (difftest/linux/wire.h). It is compiled on the user's machine,
// against VIXL's headers, and is a process of its own: VIXL prints what is wrong and calls abort(). It installs states,
// runs code, reads states, and has no opinion about MTE.
//
// Invariants:
//  - every state has a new Simulator: nothing that one leaves behind shows in the next;
//  - VIXL's one way to complain is printf(). It is taken from it here, so that a complaint unwinds its frames as an
//    exception; what the complaint is not known for ends this process, and the host sees why;
//  - after a complaint nothing of the simulator's state is told: VIXL would have ended there.
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "aarch64/simulator-aarch64.h"
#undef si_addr // a macro of the system's, and a member of agent_state
#include "difftest/linux/wire.h"

namespace {

using namespace mtecheck::difftest;
namespace va = vixl::aarch64;

constexpr int kTagCheck = 9;  // SEGV_MTESERR
constexpr int kNotMapped = 1; // SEGV_MAPERR
constexpr int kAlignment = 1; // BUS_ADRALN
constexpr int kIllegal = 1;   // ILL_ILLOPC
constexpr std::uint64_t kNzcv = 0xf0000000;
constexpr std::size_t kResultsAtOnce = 0x10000;
constexpr std::uint32_t kClearExclusive = 0xd503305f; // clrex
constexpr std::uint32_t kReadDczid = 0xd53b00e0;      // mrs x0, dczid_el0

/// How a case ended before its code did, in Linux's numbers.
struct Ended {
    int signal;
    int code;
};

volatile std::sig_atomic_t in_case = 0;
sigjmp_buf after_signal;
Ended from_signal{};

[[noreturn]] void die(const char* text) {
    std::fprintf(stderr, "VIXL: %s\n", text);
    std::_Exit(3);
}

/// What VIXL says. Returns if it is of no consequence.
void complain(const char* format, std::va_list arguments) {
    char text[512];
    std::vsnprintf(text, sizeof(text), format, arguments);
    const std::string_view said(text);
    const auto says = [&](std::string_view words) { return said.find(words) != said.npos; };
    if (said.substr(0, 7) == "WARNING") return;
    if (in_case != 0) {
        if (says("Tag mismatch.")) throw Ended{SIGSEGV, kTagCheck};
        if (says("touched a unallocated memory location")) throw Ended{SIGSEGV, kNotMapped};
        if (says("ALIGNMENT EXCEPTION")) throw Ended{SIGBUS, kAlignment};
        if (says("Unallocated instruction") || says("UDF (permanently undefined)")) throw Ended{SIGILL, kIllegal};
        if (says("Unimplemented instruction")) throw Ended{AGENT_SIGNAL_UNSUPPORTED, 0};
    }
    die(text);
}

void handle_signal(int number, siginfo_t* info, void* /*context*/) {
    if (in_case == 0) {
        std::signal(number, SIG_DFL);
        return;
    }
    // An address that the host's processor cannot have is none that is mapped.
    from_signal = info->si_code == SI_KERNEL ? Ended{SIGSEGV, kNotMapped} : Ended{number, info->si_code};
    siglongjmp(after_signal, 1);
}

/// Simulated memory is memory of this process. The arena is there twice: as cases see it, and writable.
class Arena {
  public:
    Arena() {
        const int file = ::memfd_create("mtecheck-arena", 0);
        constexpr std::size_t kBytes = ARENA_PAGES * ARENA_PAGE_BYTES;
        if (file < 0 || ::ftruncate(file, kBytes) != 0) die("no memory for the arena");
        writable_ = static_cast<std::uint8_t*>(map(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
        const auto page = [&](std::uint64_t number, unsigned ap, bool mapped) {
            const int protection = ap == ARENA_AP_RW   ? PROT_READ | PROT_WRITE
                                   : ap == ARENA_AP_RO ? PROT_READ
                                                       : PROT_NONE;
            const std::uint64_t offset = number * ARENA_PAGE_BYTES;
            if (mapped) fixed(ARENA_VA + offset, ARENA_PAGE_BYTES, protection, MAP_SHARED, file, offset);
        };
#define PAGE(number, attribute, ap, mapped) page(number, ap, (mapped) != 0);
        ARENA_PAGE_TABLE(PAGE)
#undef PAGE
        code_ = static_cast<std::uint32_t*>(
            fixed(ARENA_CODE_VA, ARENA_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    }

    std::uint8_t* at(std::uint64_t pa) const { return writable_ + (pa - ARENA_PA); }
    std::uint32_t* code() const { return code_; }

  private:
    static void* map(void* where, std::size_t bytes, int protection, int flags, int file, std::uint64_t offset) {
        void* const there = ::mmap(where, bytes, protection, flags, file, static_cast<off_t>(offset));
        if (there == MAP_FAILED || (where != nullptr && there != where)) die("cannot map the arena");
        return there;
    }
    static void* fixed(std::uint64_t va, std::size_t bytes, int protection, int flags, int file, std::uint64_t offset) {
        return map(reinterpret_cast<void*>(va), bytes, protection, flags | MAP_FIXED_NOREPLACE, file, offset);
    }

    std::uint8_t* writable_ = nullptr;
    std::uint32_t* code_ = nullptr;
};

/// One run's simulator. The decoder lives on: making one costs more than a case.
class Run {
  public:
    explicit Run(va::Decoder& decoder) : decoder_(decoder), simulator_(&decoder) {
        simulator_.SilenceExclusiveAccessWarning();
        without_guarded_stack(simulator_);
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() { decoder_.RemoveVisitor(&simulator_); }

    va::Simulator& simulator() { return simulator_; }
    std::uint64_t pc() const { return reinterpret_cast<std::uint64_t>(simulator_.ReadPc()); }

    /// Runs what is between two addresses; what it ends with if that is not `end`.
    Ended from(const std::uint32_t* begin, const std::uint32_t* end) {
        const auto first = reinterpret_cast<std::uint64_t>(begin);
        const auto last = reinterpret_cast<std::uint64_t>(end);
        simulator_.WritePc(reinterpret_cast<const va::Instruction*>(begin), va::Simulator::NoBranchLog);
        if (sigsetjmp(after_signal, 0) != 0) {
            in_case = 0;
            return from_signal;
        }
        in_case = 1;
        Ended ended{};
        try {
            while (pc() != last && ended.signal == 0) {
                // There is no permission to execute in VIXL: elsewhere it would take data for code.
                if (pc() < first || pc() > last) {
                    ended = {AGENT_SIGNAL_UNSUPPORTED, 0};
                } else {
                    simulator_.ExecuteInstruction();
                }
            }
        } catch (const Ended& complaint) {
            ended = complaint;
        }
        in_case = 0;
        return ended;
    }

  private:
    /// Versions with a Guarded Control Stack check it from the start; cases have none.
    template <class S>
    static auto without_guarded_stack(S& simulator) -> decltype(simulator.DisableGCSCheck()) {
        simulator.DisableGCSCheck();
    }
    static void without_guarded_stack(...) {}

    va::Decoder& decoder_;
    va::Simulator simulator_;
};

std::uint64_t address_of(std::uint64_t pa) { return pa - ARENA_PA + ARENA_VA; }

void install(const agent_state& state, const wire_window* windows, const wire_vectors* vectors, const Arena& arena,
             va::Simulator& simulator) {
    for (std::uint32_t i = 0; i < state.window_count; ++i) {
        const wire_window& window = windows[i];
        std::memcpy(arena.at(window.pa), window.data, sizeof(window.data));
        for (unsigned granule = 0; granule < 16; ++granule) {
            simulator.SetGranuleTag(address_of(window.pa) + 16 * granule,
                                    static_cast<int>(window.tags >> (4 * granule) & 15));
        }
    }
    for (unsigned n = 0; n < 31; ++n)
        simulator.WriteXRegister(n, static_cast<std::int64_t>(state.x[n]), va::Simulator::NoRegLog);
    simulator.WriteXRegister(31, static_cast<std::int64_t>(state.sp[0]), va::Simulator::NoRegLog,
                             va::Reg31IsStackPointer);
    simulator.ReadNzcv().SetRawValue(static_cast<std::uint32_t>(state.pstate & kNzcv));
    for (unsigned n = 0; vectors != nullptr && n < 32; ++n) {
        va::Simulator::qreg_t value{};
        std::memcpy(&value, vectors->v[n], sizeof(value));
        simulator.WriteQRegister(n, value, va::Simulator::NoRegLog);
    }
}

void read_back(agent_state& state, wire_window* windows, wire_vectors* vectors, const Arena& arena,
               va::Simulator& simulator) {
    for (std::uint32_t i = 0; i < state.window_count; ++i) {
        wire_window& window = windows[i];
        std::memcpy(window.data, arena.at(window.pa), sizeof(window.data));
        window.tags = 0;
        for (unsigned granule = 0; granule < 16; ++granule) {
            const auto tag = static_cast<std::uint64_t>(simulator.GetGranuleTag(address_of(window.pa) + 16 * granule));
            window.tags |= tag << (4 * granule);
        }
    }
    for (unsigned n = 0; n < 31; ++n) state.x[n] = static_cast<std::uint64_t>(simulator.ReadXRegister(n));
    state.sp[0] = static_cast<std::uint64_t>(simulator.ReadXRegister(31, va::Reg31IsStackPointer));
    state.pstate = simulator.ReadNzcv().GetRawValue() & kNzcv;
    for (unsigned n = 0; vectors != nullptr && n < 32; ++n) {
        const va::Simulator::qreg_t value = simulator.ReadQRegister(n);
        std::memcpy(vectors->v[n], &value, sizeof(value));
    }
}

void run_state(const agent_sequence& sequence, agent_state& state, const Arena& arena, va::Decoder& decoder) {
    auto* const windows = reinterpret_cast<wire_window*>(&state + 1);
    auto* const vectors =
        state.has_vectors != 0 ? reinterpret_cast<wire_vectors*>(windows + state.window_count) : nullptr;
    Run run(decoder);
    va::MetaDataDepot::MetaDataMTE::SetActive(false);
    install(state, windows, vectors, arena, run.simulator());
    va::MetaDataDepot::MetaDataMTE::SetActive(sequence.tcf == AGENT_TCF_SYNC);
    const Ended ended = run.from(arena.code(), arena.code() + sequence.instructions);
    va::MetaDataDepot::MetaDataMTE::SetActive(false);
    state.signal = ended.signal;
    state.si_code = ended.code;
    state.si_addr = 0;
    state.pc = run.pc();
    if (ended.signal == 0) {
        read_back(state, windows, vectors, arena, run.simulator());
    } else {
        state.pstate = 0;
    }
}

void transfer(ssize_t (*operation)(int, void*, std::size_t), int descriptor, void* data, std::size_t bytes) {
    auto* at = static_cast<std::uint8_t*>(data);
    while (bytes != 0) {
        const ssize_t done = operation(descriptor, at, bytes);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) std::_Exit(0); // the host has gone
        at += done;
        bytes -= static_cast<std::size_t>(done);
    }
}

ssize_t write_some(int descriptor, void* data, std::size_t bytes) { return ::write(descriptor, data, bytes); }

void send(agent_frame frame, void* data) {
    frame.magic = WIRE_MAGIC;
    transfer(write_some, STDOUT_FILENO, &frame, sizeof(frame));
    transfer(write_some, STDOUT_FILENO, data, frame.bytes);
}

/// Runs a batch in its place, and sends its results in pieces.
void run_batch(std::vector<std::uint8_t>& batch, const agent_frame& asked, const Arena& arena, va::Decoder& decoder) {
    std::size_t at = 0;
    std::size_t sent = 0;
    std::uint32_t index = 0;
    const auto send_results = [&] {
        if (at == sent) return;
        send({.magic = 0,
              .kind = AGENT_FRAME_RESULT,
              .command = asked.command,
              .states = index,
              .offset = sent,
              .bytes = at - sent},
             batch.data() + sent);
        sent = at;
    };
    while (at < batch.size()) {
        auto& sequence = *reinterpret_cast<agent_sequence*>(batch.data() + at);
        if (sequence.magic != WIRE_MAGIC || sequence.instructions > AGENT_MAX_CODE) die("that is no batch");
        at += sizeof(sequence);
        sequence.code_va = ARENA_CODE_VA;
        std::memcpy(arena.code(), sequence.code, sizeof(sequence.code));
        for (std::uint32_t i = 0; i < sequence.state_count; ++i) {
            auto& state = *reinterpret_cast<agent_state*>(batch.data() + at);
            at += sizeof(state) + state.window_count * sizeof(wire_window);
            if (state.has_vectors != 0) at += sizeof(wire_vectors);
            run_state(sequence, state, arena, decoder);
            state.signature = wire_signature(asked.command, index);
            ++index;
            if (asked.states != 0 || at - sent >= kResultsAtOnce) send_results();
        }
    }
    send_results();
}

/// ID registers out of what VIXL says that it simulates. Asynchronous faults it has not.
agent_hello describe(const Arena& arena, va::Decoder& decoder) {
    agent_hello hello{};
    hello.magic = WIRE_MAGIC;
    hello.version = AGENT_VERSION;
    hello.page_bytes = ARENA_PAGE_BYTES;
    hello.mte = 1;
    std::snprintf(hello.release, sizeof(hello.release), "%s", VIXL_RELEASE);
    std::snprintf(hello.machine, sizeof(hello.machine), "VIXL");
    Run run(decoder);
    using Features = vixl::CPUFeatures;
    const Features& has = *run.simulator().GetCPUFeatures();
    const auto set = [&](unsigned id, unsigned low, bool present, std::uint64_t value) {
        if (present) hello.id[id] |= value << low;
    };
    set(WIRE_ID_ID_AA64PFR0_EL1, 0, true, 1);                            // EL0: AArch64
    set(WIRE_ID_ID_AA64PFR0_EL1, 4, true, 1);                            // EL1: AArch64
    set(WIRE_ID_ID_AA64PFR0_EL1, 16, !has.Has(Features::kFP), 0xf);      // FP
    set(WIRE_ID_ID_AA64PFR0_EL1, 20, !has.Has(Features::kNEON), 0xf);    // AdvSIMD
    set(WIRE_ID_ID_AA64PFR1_EL1, 8, has.Has(Features::kMTE), 2);         // MTE
    set(WIRE_ID_ID_AA64PFR1_EL1, 40, has.Has(Features::kMTE), 0xf);      // MTE_frac: no asynchronous faults
    set(WIRE_ID_ID_AA64ISAR0_EL1, 20, has.Has(Features::kAtomics), 2);   // Atomic
    set(WIRE_ID_ID_AA64ISAR0_EL1, 52, has.Has(Features::kFlagM), 1);     // TS
    set(WIRE_ID_ID_AA64ISAR1_EL1, 20, has.Has(Features::kRCpc), 1);      // LRCPC
    set(WIRE_ID_ID_AA64ISAR1_EL1, 20, has.Has(Features::kRCpcImm), 2);   // LRCPC
    set(WIRE_ID_ID_AA64MMFR1_EL1, 16, has.Has(Features::kLORegions), 1); // LO
    set(WIRE_ID_ID_AA64MMFR2_EL1, 32, has.Has(Features::kUSCAT), 1);     // AT
    arena.code()[0] = kReadDczid;
    run.simulator().WriteXRegister(0, std::int64_t{1} << 4, va::Simulator::NoRegLog); // DZP, if VIXL does not know it
    run.from(arena.code(), arena.code() + 1);
    hello.id[WIRE_ID_DCZID_EL0] = static_cast<std::uint64_t>(run.simulator().ReadXRegister(0));
    return hello;
}

void serve() {
    const Arena arena;
    va::Decoder decoder;
    agent_greeting greeting{};
    for (unsigned i = 0; i < sizeof(greeting.every_byte); ++i) greeting.every_byte[i] = static_cast<std::uint8_t>(i);
    greeting.hello = describe(arena, decoder);
    send({.magic = 0, .kind = AGENT_FRAME_HELLO, .command = 0, .states = 0, .offset = 0, .bytes = sizeof(greeting)},
         &greeting);
    std::vector<std::uint8_t> batch;
    for (;;) {
        agent_frame frame{};
        transfer(::read, STDIN_FILENO, &frame, sizeof(frame));
        if (frame.magic != WIRE_MAGIC || frame.kind != AGENT_FRAME_BATCH || frame.bytes > AGENT_BATCH_BYTES)
            die("that is no batch");
        batch.resize(frame.bytes);
        transfer(::read, STDIN_FILENO, batch.data(), batch.size());
        run_batch(batch, frame, arena, decoder);
    }
}

} // namespace

extern "C" {

int printf(const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    complain(format, arguments);
    va_end(arguments);
    return 0;
}

/// What printf() is in a library that was built with _FORTIFY_SOURCE.
int __printf_chk(int /*flag*/, const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    complain(format, arguments);
    va_end(arguments);
    return 0;
}
}

int main() {
    struct sigaction action {};
    action.sa_sigaction = handle_signal;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    for (const int number : {SIGSEGV, SIGBUS}) ::sigaction(number, &action, nullptr);
    serve();
}
