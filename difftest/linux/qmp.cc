// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/qmp.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <poll.h>
#include <sys/socket.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestLine = std::size_t{1} << 20;

/// Whether something can be received before `end`; a signal is no answer.
bool readable(const FileDescriptor& socket, Clock::time_point end) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd request{.fd = socket.get(), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&request, 1, static_cast<int>(std::clamp<long long>(left, 0, 1000)));
        if (ready > 0) return true;
        if ((ready < 0 && errno != EINTR) || left <= 0) return false;
    }
}

} // namespace

nlohmann::json parse_qmp_line(std::string_view line) {
    nlohmann::json message = nlohmann::json::parse(line, nullptr, false);
    if (!message.is_object()) throw TargetError("QEMU's monitor answers nonsense: " + std::string(line.substr(0, 200)));
    return message;
}

nlohmann::json qmp_result(const std::string& command, const nlohmann::json& answer) {
    // Text of QEMU's may be no UTF-8.
    const auto text = [](const nlohmann::json& value) {
        return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    if (const auto error = answer.find("error"); error != answer.end())
        throw TargetError("QEMU refuses " + command + ": " + text(*error));
    const auto result = answer.find("return");
    if (result == answer.end() || !result->is_object())
        throw TargetError("QEMU's monitor answers " + command + " with nonsense: " + text(answer));
    return *result;
}

std::string migration_status(const nlohmann::json& answer) {
    const auto status = answer.find("status");
    return status != answer.end() && status->is_string() ? status->get<std::string>() : "none";
}

QmpSession::QmpSession(FileDescriptor socket, double seconds) : socket_(std::move(socket)), seconds_(seconds) {
    if (!receive().contains("QMP")) throw TargetError("QEMU's monitor does not greet");
    execute("qmp_capabilities");
}

nlohmann::json QmpSession::receive() {
    const auto end =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
    for (;;) {
        if (const std::size_t line = received_.find('\n'); line != std::string::npos) {
            nlohmann::json message = parse_qmp_line(std::string_view(received_).substr(0, line));
            received_.erase(0, line + 1);
            if (message.contains("event")) continue;
            return message;
        }
        std::array<char, 4096> part{};
        if (received_.size() > kLongestLine || !readable(socket_, end))
            throw TargetError("QEMU's monitor does not answer");
        const ssize_t count = ::recv(socket_.get(), part.data(), part.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw TargetError("QEMU has closed its monitor");
        received_.append(part.data(), static_cast<std::size_t>(count));
    }
}

nlohmann::json QmpSession::execute(const std::string& command, const nlohmann::json& arguments) {
    const std::string line = nlohmann::json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
        const ssize_t count = ::send(socket_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw TargetError("QEMU has closed its monitor");
        sent += static_cast<std::size_t>(count);
    }
    return qmp_result(command, receive());
}

} // namespace mtecheck::difftest
