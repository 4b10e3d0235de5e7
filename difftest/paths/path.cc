// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path.h"

#include <algorithm>
#include <span>

#include "difftest/core/json_reader.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {
namespace {

constexpr std::string_view kRegime = "Regime"; // decided by the configuration alone: in no path

std::string_view outline_of(const PathStep& step) {
    return step.open ? std::string_view() : spec::info(static_cast<spec::Decision>(step.what)).outline;
}

std::string text_of(const PathStep& step) {
    if (step.open) return std::string(spec::info(static_cast<spec::DontCare>(step.what)).name) + "?";
    return std::string(spec::info(static_cast<spec::Decision>(step.what)).id) + (step.answer != 0 ? "" : "=0");
}

void append(std::string& text, const PathStep& step) {
    if (!text.empty()) text += ' ';
    text += text_of(step);
}

bool asked(std::span<const PathStep> steps, const PathStep& step) {
    return std::any_of(steps.begin(), steps.end(), [&](const PathStep& other) { return other.same_question(step); });
}

/// The level of a fault is a matter of the address map, and left out.
std::string_view fault_name(unsigned fault_status) {
    switch (fault_status) {
    case 0x11: return "Tag Check Fault";
    case 0x21: return "Alignment fault";
    default: break;
    }
    switch (fault_status >> 2U) {
    case 0: return "Address size fault";
    case 1: return "Translation fault";
    case 3: return "Permission fault";
    default: return "another fault";
    }
}

std::string ending_text(const PathEnding& ending) {
    if (!ending.exception) return "completed";
    std::string text = "EL" + std::to_string(ending.to_el) + " ";
    if (is_data_abort(ending.exception_class)) return text + std::string(fault_name(ending.fault_status));
    return text + "EC " + hex_text(ending.exception_class, 2);
}

} // namespace

bool summarised(std::string_view function) {
    return function == kRegime || function == "AccessIsTagChecked" || function == "UnalignedAccessFaults";
}

std::vector<std::string_view> outlined_functions() {
    std::vector<std::string_view> functions;
    for (const auto& row : spec::decisions()) {
        if (!row.outline.empty() && row.outline != kRegime &&
            std::find(functions.begin(), functions.end(), row.outline) == functions.end()) {
            functions.push_back(row.outline);
        }
    }
    return functions;
}

bool base_is_sp(std::uint32_t opcode) {
    const auto encoding = spec::decode(opcode);
    if (!encoding) return false;
    const auto& fields = spec::info(*encoding).fields;
    return std::any_of(fields.begin(), fields.end(), [&](const spec::FieldInfo& field) {
        return field.role == spec::Role::base && field.extract(opcode) == 31;
    });
}

std::string path_of(const PathLog& log, bool base_is_sp) {
    std::vector<PathStep> steps;
    for (const PathStep& step : log.steps) {
        if (!summarised(outline_of(step))) steps.push_back(step);
    }
    // A question that is asked again begins another piece.
    std::vector<std::string> pieces;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= steps.size(); ++i) {
        if (i < steps.size() && !asked(std::span(steps).subspan(begin, i - begin), steps[i])) continue;
        std::string piece;
        for (; begin < i; ++begin) {
            if (outline_of(steps[begin]).empty()) append(piece, steps[begin]);
        }
        if (std::find(pieces.begin(), pieces.end(), piece) == pieces.end()) pieces.push_back(std::move(piece));
    }
    std::string text;
    for (const std::string& piece : pieces) text += (text.empty() ? "" : " | ") + (piece.empty() ? "-" : piece);
    return (base_is_sp ? "[SP] " : "") + text + " -> " + ending_text(log.ending);
}

std::string called_path(const std::vector<PathStep>& steps, std::string_view function) {
    std::vector<PathStep> call;
    for (const PathStep& step : steps) {
        const std::string_view outline = outline_of(step);
        if (outline == kRegime) continue;
        if (outline == function && !asked(call, step)) {
            call.push_back(step);
        } else if (!call.empty()) {
            break;
        }
    }
    std::string text;
    for (const PathStep& step : call) append(text, step);
    return text;
}

} // namespace mtecheck::difftest
