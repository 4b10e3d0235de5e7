// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/finding.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "difftest/core/json.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {
namespace {

constexpr std::array<std::string_view, 3> kConfirmations = {"seen", "confirmed", "not_reproduced"};
constexpr std::size_t kMaxItems = 10000;
constexpr std::uint64_t kMaxIndex = std::numeric_limits<std::int64_t>::max();

void put_texts(OrderedJson& out, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        out[key] = texts;
    }
}

std::vector<std::string> texts_if(const JsonPlace& place, std::string_view key) {
    const auto found = place.find(key);
    return found ? found->texts(kMaxItems) : std::vector<std::string>();
}

std::string text_if(const JsonPlace& place, std::string_view key) {
    const auto found = place.find(key);
    return found ? found->text() : std::string();
}

OrderedJson to_json(const Batch& batch) {
    OrderedJson out{{"generator", batch.generator}, {"seed", hex_text(batch.seed)}, {"shard", batch.shard},
                    {"first", batch.first},         {"sequences", batch.sequences}, {"sequence", batch.sequence},
                    {"state", batch.state}};
    if (!batch.stream.empty()) out["stream"] = batch.stream;
    return out;
}

Batch batch_from_json(const JsonPlace& place) {
    place.only({"generator", "stream", "seed", "shard", "first", "sequences", "sequence", "state"});
    Batch batch;
    batch.generator = place.member("generator").text();
    if (const auto stream = place.find("stream")) batch.stream = stream->text();
    batch.seed = place.member("seed").hex();
    batch.shard = static_cast<std::uint32_t>(place.member("shard").number(std::numeric_limits<std::uint32_t>::max()));
    batch.first = place.member("first").number(kMaxIndex);
    batch.sequences = place.member("sequences").number(kMaxItems);
    batch.sequence = place.member("sequence").number(kMaxItems);
    batch.state = place.member("state").number(kMaxItems);
    if (batch.sequence >= batch.sequences) place.member("sequence").fail("must be less than \"sequences\"");
    return batch;
}

} // namespace

std::string_view to_string(Confirmation confirmation) { return kConfirmations[static_cast<std::size_t>(confirmation)]; }

std::string file_name(const std::string& case_id) {
    std::string name;
    for (const char c : case_id) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        name += plain ? c : '-';
    }
    return name + ".json";
}

bool is_finding(std::string_view schema) { return schema == kFindingSchema || schema == "mtecheck-finding/1"; }

bool diverges_alike(const Finding& finding, const Finding& again) {
    if (finding.led_astray || (finding.differences.empty() && finding.got.status == Status::completed)) return true;
    const auto fields = [](const Finding& of) {
        std::set<std::string> names;
        for (const Difference& difference : of.differences) names.insert(difference.field);
        return names;
    };
    return event_name(finding.expected) == event_name(again.expected) &&
           event_name(finding.got) == event_name(again.got) && fields(finding) == fields(again);
}

OrderedJson to_json(const Finding& finding) {
    OrderedJson out;
    out["schema"] = kFindingSchema;
    out["target"] = finding.target;
    out["version"] = finding.version;
    out["confirmation"] = to_string(finding.confirmation);
    if (!finding.signature.instruction.empty()) {
        out["signature"] = to_json(finding.signature);
    }
    put_texts(out, "explained_by", finding.explained_by);
    if (finding.led_astray) out["led_astray"] = true;
    put_texts(out, "behaves_like", finding.behaves_like);
    if (!finding.differences.empty()) {
        OrderedJson list = OrderedJson::array();
        for (const Difference& difference : finding.differences) {
            OrderedJson item = {
                {"field", difference.field}, {"expected", difference.expected}, {"got", difference.got}};
            if (!difference.requirement.empty()) {
                item["requirement"] = difference.requirement;
            }
            list.push_back(std::move(item));
        }
        out["differences"] = std::move(list);
    }
    put_texts(out, "choices", finding.choices);
    put_texts(out, "decisions", finding.decisions);
    if (!finding.note.empty()) {
        out["note"] = finding.note;
    }
    if (finding.batch) out["batch"] = to_json(*finding.batch);
    if (finding.shortest) {
        out["shortest"] = to_json(*finding.shortest);
    }
    if (finding.shrunk) out["shrunk"] = {{"runs", finding.shrunk->runs}, {"minimal", finding.shrunk->minimal}};
    out["expected"] = to_json(finding.expected);
    out["got"] = to_json(finding.got);
    out["original"] = to_json(finding.original);
    return out;
}

Finding finding_from_json(const JsonPlace& place) {
    place.only({"schema", "target", "version", "confirmation", "signature", "explained_by", "led_astray",
                "behaves_like", "differences", "choices", "decisions", "note", "batch", "shortest", "shrunk",
                "expected", "got", "original"});
    if (!is_finding(place.member("schema").text())) {
        place.member("schema").fail("must be \"" + std::string(kFindingSchema) + "\"");
    }
    Finding finding;
    finding.target = place.member("target").text();
    finding.version = place.member("version").text();
    finding.confirmation = static_cast<Confirmation>(place.member("confirmation").one_of(kConfirmations));
    if (const auto signature = place.find("signature")) {
        finding.signature = signature_from_json(*signature);
    }
    finding.explained_by = texts_if(place, "explained_by");
    if (const auto led_astray = place.find("led_astray")) finding.led_astray = led_astray->boolean();
    finding.behaves_like = texts_if(place, "behaves_like");
    if (const auto list = place.find("differences")) {
        const std::size_t size = list->array_size(kMaxItems);
        for (std::size_t i = 0; i < size; ++i) {
            const JsonPlace item = list->element(i);
            item.only({"field", "expected", "got", "requirement"});
            finding.differences.push_back({item.member("field").text(), item.member("expected").text(),
                                           item.member("got").text(), text_if(item, "requirement")});
        }
    }
    finding.choices = texts_if(place, "choices");
    finding.decisions = texts_if(place, "decisions");
    finding.note = text_if(place, "note");
    if (const auto batch = place.find("batch")) finding.batch = batch_from_json(*batch);
    if (const auto shortest = place.find("shortest")) {
        finding.shortest = case_from_json(*shortest);
    }
    if (const auto shrunk = place.find("shrunk")) {
        shrunk->only({"runs", "minimal"});
        finding.shrunk = Shrunk{shrunk->member("runs").number(kMaxIndex), shrunk->member("minimal").boolean()};
    }
    finding.expected = outcome_from_json(place.member("expected"));
    finding.got = outcome_from_json(place.member("got"));
    finding.original = case_from_json(place.member("original"));
    return finding;
}

Finding read_finding(const std::filesystem::path& file) {
    const std::string name = file.string();
    const nlohmann::json document = parse_json(read_file(file), name);
    return finding_from_json(JsonPlace(document, name));
}

void save(const Finding& finding, const std::filesystem::path& directory) {
    write_durably(directory / file_name(finding.original.id), dump(to_json(finding)));
}

} // namespace mtecheck::difftest
