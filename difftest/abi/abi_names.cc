// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_names.h"

#include <cstring>

#include "difftest/linux/abi_wire.h"
#include "model/linux/uapi.h"

namespace mtecheck::difftest {

namespace segv = model::linux_abi::segv;

std::string signal_code_name(std::int32_t code) {
    switch (code) {
    case segv::MAPERR: return "SEGV_MAPERR";
    case segv::ACCERR: return "SEGV_ACCERR";
    case segv::MTEAERR: return "SEGV_MTEAERR";
    case segv::MTESERR: return "SEGV_MTESERR";
    default: return "SIGSEGV with si_code " + std::to_string(code);
    }
}

std::string value_name(const AbiStep& step, std::int64_t value) {
    if (is_error(value) && step.op != ABI_load) {
        if (value == -513) return "ERESTARTNOINTR (-513)";
        const char* const name = ::strerrorname_np(static_cast<int>(-value)); // Linux has the same numbers everywhere
        return name == nullptr ? std::to_string(value) : name;
    }
    if (value >= 0 && value < 16) return std::to_string(value);
    return hex_text(static_cast<std::uint64_t>(value));
}

std::string status_name(int status) {
    const int signal = status & 0x7f;
    if (signal == model::linux_abi::kAlarm) return "does not end"; // the agent's limit of time
    if (signal != 0) return "signal " + std::to_string(signal);
    const int code = status >> 8 & 0xff;
    if (code == ABI_AGENT_FAILED) return "the agent fails (a signal or an error that is no step's)";
    return "exit status " + std::to_string(code);
}

} // namespace mtecheck::difftest
