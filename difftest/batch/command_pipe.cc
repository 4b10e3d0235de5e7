// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/command_pipe.h"

#include <cstdlib>

#include <fcntl.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

constexpr double kObituarySeconds = 1;

void make_nonblocking(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0)
        throw TargetError("cannot set up the pipes to a command");
}

} // namespace

std::optional<double> limit_in_seconds(const std::string& text) {
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(seconds >= 0.01 && seconds <= 86400)) return std::nullopt;
    return seconds;
}

CommandOptions parse_command_options(const std::string& spec, const std::string& kind) {
    const std::string mend = "must be \"" + kind + ":COMMAND\" or \"" + kind + ",timeout=SECONDS:COMMAND\"";
    CommandOptions options;
    options.spec = spec;
    const std::size_t colon = spec.find(':');
    if (colon == std::string::npos || colon + 1 == spec.size()) throw InputError("target " + spec, "", mend);
    options.command = spec.substr(colon + 1);
    const std::string head = spec.substr(0, colon);
    if (head == kind) return options;
    const std::string prefix = kind + ",timeout=";
    const std::string number = head.starts_with(prefix) ? head.substr(prefix.size()) : std::string();
    const auto seconds = limit_in_seconds(number);
    if (!seconds) throw InputError("target " + spec, "", mend);
    options.seconds = *seconds;
    return options;
}

CommandPipe::CommandPipe(const std::string& command) { start(command, {}, {}); }

CommandPipe::CommandPipe(const std::vector<std::string>& program, std::span<const int> inherited) {
    start("\"$@\"", program, inherited);
}

void CommandPipe::start(const std::string& script, const std::vector<std::string>& words,
                        std::span<const int> inherited) {
    Pipe requests = make_pipe();
    Pipe answers = make_pipe();
    // The shell opens its ends anew: descriptors of more than one digit are beyond some shells.
    std::vector<std::string> command{"/bin/sh", "-c",
                                     "exec <" + inherited_path(requests.read.get()) + " >" +
                                         inherited_path(answers.write.get()) + "; exec " + script,
                                     "sh"};
    command.insert(command.end(), words.begin(), words.end());
    std::vector<int> all(inherited.begin(), inherited.end());
    all.push_back(requests.read.get());
    all.push_back(answers.write.get());
    process_ = std::make_unique<Process>(command, all);
    to_ = std::move(requests.write);
    from_ = std::move(answers.read);
    make_nonblocking(to_.get());
    make_nonblocking(from_.get());
}

Transferred CommandPipe::read(void* to, std::size_t bytes, double seconds) {
    return read_fully(from_.get(), to, bytes, seconds, [this] { return !process_->running(); });
}

std::string CommandPipe::obituary() {
    std::string text = process_->wait(kObituarySeconds) ? process_->how_it_ended() : std::string("still running");
    if (const std::string said = process_->output(); !said.empty()) text += "; it printed: " + said;
    return text;
}

} // namespace mtecheck::difftest
