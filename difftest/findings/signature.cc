// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/signature.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "difftest/core/hash.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kFaultStatus = 0x3f;

std::string fault_name(std::uint64_t status) {
    switch (status) {
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x07: return "translation fault";
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x03: return "address size fault";
    case 0x09:
    case 0x0a:
    case 0x0b: return "access flag fault";
    case 0x0c:
    case 0x0d:
    case 0x0e:
    case 0x0f: return "permission fault";
    case 0x11: return "tag check fault";
    case 0x21: return "alignment fault";
    case 0x35: return "unsupported exclusive or atomic access";
    default: return "fault " + hex_text(status, 2);
    }
}

std::string exception_name(const ExceptionRecord& exception) {
    const std::uint64_t ec = exception.esr >> 26U & 0x3fU;
    const std::string to = " to EL" + std::to_string(exception.to_el);
    switch (ec) {
    case 0x00: return "unknown reason" + to;
    case 0x18: return "system register trap" + to;
    case 0x20:
    case 0x21: return "instruction abort, " + fault_name(exception.esr & kFaultStatus) + to;
    case 0x24:
    case 0x25: return "data abort, " + fault_name(exception.esr & kFaultStatus) + to;
    case 0x22: return "PC alignment fault" + to;
    case 0x26: return "SP alignment fault" + to;
    default: return "exception class " + hex_text(ec, 2) + to;
    }
}

/// As man 2 sigaction and arm64's asm-generic/siginfo.h call them.
std::string signal_name(const SignalRecord& signal) {
    struct Name {
        int number;
        int code;
        const char* text;
    };
    static constexpr Name kNames[] = {{4, 1, "SIGILL ILL_ILLOPC"},     {4, 2, "SIGILL ILL_ILLOPN"},
                                      {5, 1, "SIGTRAP TRAP_BRKPT"},    {7, 1, "SIGBUS BUS_ADRALN"},
                                      {11, 1, "SIGSEGV SEGV_MAPERR"},  {11, 2, "SIGSEGV SEGV_ACCERR"},
                                      {11, 8, "SIGSEGV SEGV_MTEAERR"}, {11, 9, "SIGSEGV SEGV_MTESERR"}};
    for (const Name& name : kNames) {
        if (name.number == signal.number && name.code == signal.code) return name.text;
    }
    return "signal " + std::to_string(signal.number) + " si_code " + std::to_string(signal.code);
}

} // namespace

std::string event_name(const Outcome& outcome) {
    switch (outcome.status) {
    case Status::completed: return "completed";
    case Status::exception: return exception_name(outcome.exception);
    case Status::signal: return signal_name(outcome.signal);
    case Status::runaway: return "runaway";
    case Status::crashed: return "crashed";
    case Status::garbled: return "garbled";
    case Status::unsupported: return "unsupported";
    }
    return "unknown";
}

std::string to_string(const Signature& signature) {
    std::string text = signature.instruction + ": ";
    if (signature.expected == signature.got) {
        text += signature.got;
    } else {
        text += "expected " + signature.expected + ", got " + signature.got;
    }
    if (!signature.fields.empty()) text += "; differs in " + signature.fields;
    return signature.path.empty() ? text : text + "; at " + signature.path;
}

OrderedJson to_json(const Signature& signature) {
    OrderedJson out{{"instruction", signature.instruction},
                    {"expected", signature.expected},
                    {"got", signature.got},
                    {"fields", signature.fields}};
    if (!signature.path.empty()) out["path"] = signature.path;
    return out;
}

Signature signature_from_json(const JsonPlace& place) {
    place.only({"instruction", "expected", "got", "fields", "path"});
    const auto path = place.find("path");
    return {place.member("instruction").text(), place.member("expected").text(), place.member("got").text(),
            place.member("fields").text(), path ? path->text() : std::string()};
}

std::string GroupKey::id() const {
    ShortHash hash;
    for (const std::string& defect : explained_by) {
        hash.add(defect);
    }
    if (led_astray) hash.add("led astray");
    hash.add(to_string(signature));
    return hex_text(hash.value(), 8).substr(2);
}

} // namespace mtecheck::difftest
