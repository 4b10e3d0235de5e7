// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_target.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "difftest/abi/abi_model.h"
#include "difftest/batch/command_pipe.h"
#include "difftest/batch/reconnect.h"
#include "difftest/batch/timed_io.h"
#include "difftest/core/error.h"
#include "difftest/linux/agent_file.h"
#include "difftest/linux/frames.h"
#include "difftest/linux/kernel_target.h"
#include "difftest/qemu/launch.h"

namespace mtecheck::difftest {

namespace {

using namespace model::linux_abi;

constexpr double kUserSeconds = 30; // a program ends within five

/// The agent behind a pair of pipes.
class AgentAbiTarget final : public AbiTarget {
  public:
    struct Way {
        std::string spec;
        std::string where; // what it runs in, "" for a machine
        double seconds = 0;
        std::function<std::unique_ptr<CommandPipe>()> connect;
        std::function<void()> check = {}; // of the connection, once; throws TargetError
    };
    explicit AgentAbiTarget(Way way) : way_(std::move(way)) {}

    const AbiSystem& probe() override {
        if (pipe_ == nullptr) start();
        return system_;
    }

    std::optional<abi_response> run(const AbiProgram& program) override {
        probe();
        abi_request request{};
        request.magic = ABI_WIRE_MAGIC;
        request.steps = static_cast<std::uint32_t>(program.size());
        std::copy(program.begin(), program.end(), request.program);
        abi_response response{};
        Transferred got = write_fully(pipe_->to(), &request, sizeof(request), way_.seconds);
        if (got == Transferred::all) got = pipe_->read(&response, sizeof(response), way_.seconds);
        if (got == Transferred::all && response.magic == ABI_WIRE_MAGIC) return response;
        obituary_ = got == Transferred::late  ? "no answer in time"
                    : got == Transferred::all ? "it answers nonsense"
                                              : pipe_->obituary();
        pipe_.reset();
        return std::nullopt;
    }

    std::string obituary() const override { return obituary_; }

  private:
    void start() {
        const bool again = !system_.target.empty();
        const AbiSystem system = connect_patiently(again, [this] { return connect(); });
        if (again && !system_.same_kernel(system)) {
            pipe_.reset();
            throw TargetError(way_.spec + ": started again it says something else of its kernel");
        }
        if (!again && way_.check) {
            auto pipe = std::move(pipe_);
            way_.check();
            pipe_ = std::move(pipe);
        }
        system_ = system;
    }

    AbiSystem connect() {
        auto pipe = way_.connect();
        abi_hello hello{};
        // Which version it is of, first: what another one says may be shorter, and would be waited for in vain.
        constexpr std::size_t kBegin = offsetof(abi_hello, failed);
        auto* const bytes = reinterpret_cast<std::uint8_t*>(&hello);
        Transferred got = pipe->read(bytes, kBegin, way_.seconds);
        if (got == Transferred::all && (hello.magic != ABI_WIRE_MAGIC || hello.version != ABI_WIRE_VERSION))
            throw TargetError(way_.spec + ": what answers is no agent of this version of mtecheck");
        if (got == Transferred::all) got = pipe->read(bytes + kBegin, sizeof(hello) - kBegin, way_.seconds);
        if (got == Transferred::late) throw TargetError(way_.spec + ": no agent answers in time");
        if (got == Transferred::ended) throw LostAtBoot(way_.spec + ": no agent answers: " + pipe->obituary());
        if (hello.page_bytes != ABI_PAGE_BYTES)
            throw TargetError(way_.spec + ": pages have " + std::to_string(hello.page_bytes) + " bytes, not 4096");
        hello.release[sizeof(hello.release) - 1] = 0;
        AbiSystem system;
        system.target = way_.spec;
        const std::string kernel = "Linux " + std::string(hello.release);
        system.version = way_.where.empty() ? kernel : way_.where;
        if (way_.spec.starts_with("linux:")) system.version = kernel + " in " + way_.where;
        system.hwcap2 = hello.hwcap2;
        system.hwcap3 = hello.hwcap3;
        if (hello.preferred != 0) system.preferred = hello.preferred;
        system.preferred_writable = hello.preferred_writable != 0;
        pipe_ = std::move(pipe);
        return system;
    }

    Way way_;
    AbiSystem system_;
    std::unique_ptr<CommandPipe> pipe_;
    std::string obituary_;
};

std::unique_ptr<AbiTarget> make_user_target(const std::string& spec) {
    const QemuOptions options = parse_qemu_options(spec, kQemuUser);
    const std::string version = qemu_version(options.program);
    const auto file = std::make_shared<FileDescriptor>(agent_file());
    return std::make_unique<AgentAbiTarget>(AgentAbiTarget::Way{
        .spec = spec, .where = version, .seconds = kUserSeconds, .connect = [options, version, file] {
            const std::vector<std::string> emulator{options.program, "-cpu", cpu_of(options, version)};
            std::vector<std::string> command = emulator;
            command.push_back(inherited_path(file->get()));
            command.emplace_back("abi");
            command.insert(command.end(), emulator.begin(), emulator.end()); // for execve()
            const std::array inherited{file->get()};
            return std::make_unique<CommandPipe>(command, inherited);
        }});
}

std::unique_ptr<AbiTarget> make_command_target(const std::string& spec) {
    const CommandOptions options = parse_command_options(spec, "agent");
    return std::make_unique<AgentAbiTarget>(AgentAbiTarget::Way{
        .spec = spec,
        .where = {},
        .seconds = options.seconds,
        .connect = [options] { return std::make_unique<CommandPipe>(options.command + " abi"); },
        // The agent that runs cases shows more of a connection: that every byte comes from it, and that input gets
        // there.
        .check =
            [options] {
                AgentFrames(std::make_unique<CommandPipe>(options.command), options.command, options.seconds)
                    .check_input(options.command, false);
            },
    });
}

std::unique_ptr<AbiTarget> make_abi_kernel_target(const std::string& spec) {
    const KernelGuest guest = parse_kernel_target(spec);
    return std::make_unique<AgentAbiTarget>(
        AgentAbiTarget::Way{.spec = spec, .where = guest.where, .seconds = kUserSeconds, .connect = [guest] {
                                return guest.connect().become_abi_agent();
                            }});
}

class ModelAbiTarget final : public AbiTarget {
  public:
    explicit ModelAbiTarget(const AbiFaultSet& faults) : model_(system(faults), faults) { system_ = system(faults); }

    const AbiSystem& probe() override { return system_; }
    std::optional<abi_response> run(const AbiProgram& program) override {
        AbiChoices asked;
        const AbiExpectation outcome = model_.run(program, {}, asked);
        abi_response response{};
        response.magic = ABI_WIRE_MAGIC;
        response.status = outcome.flows[0].dies ? outcome.flows[0].dies_by : 0;
        for (std::size_t n = 0; n < 2; ++n) write(outcome.flows[n], response.flows[n]);
        return response;
    }

  private:
    static AbiSystem system(const AbiFaultSet& faults) {
        const bool store_only = !faults.has(AbiFault::store_only_without_hwcap);
        return {.target = "model",
                .version = "mtecheck model",
                .hwcap2 = std::uint64_t{1} << 18U | std::uint64_t{1} << 22U,
                .hwcap3 = std::uint64_t{store_only ? 1U : 0U} << 1U,
                .preferred = mte_ctrl::TCF_ASYNC,
                .preferred_writable = true};
    }

    static void write(const FlowOutcome<model::ConcreteMachine>& from, abi_flow& to) {
        for (std::size_t n = 0; n < from.steps.size(); ++n) {
            const auto& step = from.steps[n];
            if (step.kind == StepResultKind::nothing) continue;
            to.steps[n].state = ABI_DONE;
            to.steps[n].value = static_cast<std::int64_t>(step.value.raw());
            if (step.kind == StepResultKind::tag) to.steps[n].value = std::countr_zero(step.value.raw());
            for (std::size_t i = 0; i < 2; ++i) to.steps[n].extra[i] = step.extra[i].raw();
        }
        for (const auto& signal : from.signals) {
            if (to.signal_count == ABI_MAX_SIGNALS) break;
            if (signal.may_be_lost) continue;
            abi_signal& out = to.signals[to.signal_count++];
            out.step = signal.last;
            out.code = static_cast<std::int32_t>(signal.code.raw());
            out.address = signal.address.raw();
            out.fault_address = signal.fault_address.raw();
            out.tco_handler = signal.tco_of_handler[0] ? 0 : 1;
            out.tco_frame = signal.tco_interrupted[0] ? 0 : 1;
        }
    }

    AbiModel model_;
    AbiSystem system_;
};

AbiFaultSet faults_named(const std::string& spec, std::string_view names) {
    AbiFaultSet faults;
    while (!names.empty()) {
        const std::size_t end = std::min(names.find('+'), names.size());
        const auto fault = find_abi_fault(names.substr(0, end));
        if (!fault)
            throw InputError("target " + spec, "",
                             "there is no fault '" + std::string(names.substr(0, end)) +
                                 "' (mtecheck abi --list-faults lists them)");
        faults.add(*fault);
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return faults;
}

} // namespace

std::unique_ptr<AbiTarget> make_abi_model_target(const AbiFaultSet& faults) {
    return std::make_unique<ModelAbiTarget>(faults);
}

std::unique_ptr<AbiTarget> make_abi_target(const std::string& spec) {
    const std::size_t end = std::min(spec.find_first_of(":,"), spec.size());
    const std::string kind = spec.substr(0, end);
    if (kind == "model")
        return make_abi_model_target(faults_named(spec, std::string_view(spec).substr(std::min(end + 1, spec.size()))));
    if ((kind == "qemu-user" || kind == "linux") && spec.find(",timeout=") != std::string::npos)
        throw InputError("target " + spec, "", "leave out timeout=: each program of the ABI ends within five seconds");
    if (kind == "qemu-user") return make_user_target(spec);
    if (kind == "linux") return make_abi_kernel_target(spec);
    if (kind == "agent") return make_command_target(spec);
    throw InputError("target " + spec, "",
                     "runs no Linux process: name qemu-user, linux:KERNEL, agent:COMMAND or model[:FAULT+...]");
}

} // namespace mtecheck::difftest
