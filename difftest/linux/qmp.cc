// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/qmp.h"

#include <array>

#include <poll.h>
#include <sys/socket.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;

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
    for (;;) {
        if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
            nlohmann::json message = parse_qmp_line(std::string_view(received_).substr(0, end));
            received_.erase(0, end + 1);
            if (message.contains("event")) continue;
            return message;
        }
        pollfd request{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        std::array<char, 4096> part{};
        if (received_.size() > kLongestLine || ::poll(&request, 1, static_cast<int>(seconds_ * 1000)) <= 0)
            throw TargetError("QEMU's monitor does not answer");
        const ssize_t count = ::recv(socket_.get(), part.data(), part.size(), 0);
        if (count <= 0) throw TargetError("QEMU has closed its monitor");
        received_.append(part.data(), static_cast<std::size_t>(count));
    }
}

nlohmann::json QmpSession::execute(const std::string& command, const nlohmann::json& arguments) {
    const std::string line = nlohmann::json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
    if (::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        throw TargetError("QEMU has closed its monitor");
    return qmp_result(command, receive());
}

} // namespace mtecheck::difftest
