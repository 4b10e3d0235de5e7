// SPDX-License-Identifier: Apache-2.0
//
// isa.h and isa.cc: the encoding table, its decoder and the operand-dependent conditions.

#include <algorithm>
#include <limits>

#include "spec/gen/emit.h"

namespace mtecheck::spec::gen {
namespace {

constexpr unsigned first_level_shift = 21;
constexpr unsigned first_level_bits = 11;
constexpr unsigned max_second_level_bits = 7;

const char* role_name(Role role) {
    switch (role) {
    case Role::general: return "Role::general";
    case Role::general_or_sp: return "Role::general_or_sp";
    case Role::base: return "Role::base";
    case Role::simd: return "Role::simd";
    case Role::immediate: return "Role::immediate";
    case Role::selector: return "Role::selector";
    }
    return "";
}

void emit_header(const Tables& tables, const std::filesystem::path& out) {
    Output h(out / "isa.h", "Every encoding, with decoder and lookup.", true);
    h << "#include <cstddef>\n#include <cstdint>\n#include <optional>\n#include <span>\n#include <string_view>\n\n"
      << "#include \"spec/gen/dont_cares.h\"\n#include \"spec/gen/features.h\"\n#include \"spec/gen/requirements.h\"\n"
      << "#include \"spec/isa_types.h\"\n\nnamespace mtecheck::spec {\n\n";
    h << "enum class InstructionClass : std::uint8_t {\n";
    for (const auto& row : tables.classes) h << "    " << row.name << ",  ///< " << row.title << "\n";
    h << "};\n\ninline constexpr std::size_t instruction_class_count = " << tables.classes.size() << ";\n\n";
    h << "enum class Encoding : std::uint16_t {\n";
    for (const auto& row : tables.encodings) h << "    " << row.id << ",\n";
    std::size_t most_fields = 0;
    for (const auto& row : tables.encodings) most_fields = std::max(most_fields, row.fields.size());
    h << "};\n\ninline constexpr std::size_t encoding_count = " << tables.encodings.size()
      << ";\n/// No encoding has more fields.\ninline constexpr std::size_t most_fields = " << most_fields << ";\n\n";
    h << "/// All encodings, in the order of the enumeration.\n"
         "std::span<const EncodingInfo> encodings();\n"
         "const EncodingInfo& info(Encoding encoding);\n"
         "inline std::span<const FieldInfo> fields_of(Encoding encoding) { return info(encoding).fields; }\n"
         "std::string_view name(InstructionClass instruction_class);\n\n"
         "/// The row that matches `opcode`, if any. No row means: not in the tables. That is not the\n"
         "/// same as UNDEFINED, because the tables do not hold the whole instruction set.\n"
         "std::optional<Encoding> decode(std::uint32_t opcode);\n"
         "std::optional<Encoding> find_encoding(std::string_view id);\n\n"
         "/// Operand values with which the row is UNDEFINED.\n"
         "bool is_undefined(Encoding encoding, std::uint32_t opcode);\n\n"
         "/// Operand values with which the row is CONSTRAINED UNPREDICTABLE, and what that allows.\n"
         "std::optional<DontCare> constrained_unpredictable(Encoding encoding, std::uint32_t opcode);\n\n"
         "}  // namespace mtecheck::spec\n";
    h.finish();
}

/// Level one is indexed by the top bits of the opcode. A bucket whose candidates differ further
/// down has a second level: a window of bits chosen to leave as few candidates as possible.
class DecodeTree {
  public:
    explicit DecodeTree(const Tables& tables) : rows_(tables.encodings) {
        for (std::uint32_t bucket = 0; bucket < (1U << first_level_bits); ++bucket) add_bucket(bucket);
    }

    void emit(Output& c) const {
        c << "struct Candidate {\n    std::uint32_t mask;\n    std::uint32_t value;\n    Encoding encoding;\n};\n\n"
          << "struct Slot {\n    std::uint16_t first;\n    std::uint16_t count;\n};\n\n"
          << "struct Bucket {\n    std::uint16_t slot;\n    std::uint8_t shift;\n    std::uint8_t mask;\n};\n\n";
        c << "constexpr Candidate candidates[] = {\n";
        for (const std::size_t row : candidates_) {
            c << "    {" << hex32(rows_[row].mask) << ", " << hex32(rows_[row].value) << ", Encoding::" << rows_[row].id
              << "},\n";
        }
        c << "};\n\nconstexpr Slot slots[] = {\n";
        for (const auto& [first, count] : slots_) c << "    {" << first << ", " << count << "},\n";
        c << "};\n\nconstexpr Bucket buckets[] = {\n";
        for (const auto& b : buckets_) c << "    {" << b.slot << ", " << b.shift << ", " << b.mask << "},\n";
        c << "};\n\n";
    }

  private:
    struct Bucket {
        std::size_t slot = 0;
        unsigned shift = 0;
        unsigned mask = 0;
    };

    using Rows = std::vector<std::size_t>;

    Rows matching(const Rows& from, std::uint32_t mask, std::uint32_t value) const {
        Rows result;
        for (const std::size_t row : from) {
            if (((rows_[row].value ^ value) & rows_[row].mask & mask) == 0U) result.push_back(row);
        }
        return result;
    }

    void add_bucket(std::uint32_t index) {
        Rows all(rows_.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        const std::uint32_t top_mask = ((1U << first_level_bits) - 1U) << first_level_shift;
        const Rows rows = matching(all, top_mask, index << first_level_shift);
        Bucket bucket;
        if (rows.size() > 1) choose_window(rows, bucket);
        std::vector<Rows> lists;
        for (std::uint32_t value = 0; value <= bucket.mask; ++value) {
            lists.push_back(matching(rows, bucket.mask << bucket.shift, value << bucket.shift));
        }
        const auto known = known_slots_.find(lists);
        if (known != known_slots_.end()) {
            bucket.slot = known->second;
        } else {
            bucket.slot = slots_.size();
            known_slots_[lists] = bucket.slot;
            for (const Rows& list : lists) slots_.emplace_back(candidate_list(list), list.size());
        }
        buckets_.push_back(bucket);
    }

    void choose_window(const Rows& rows, Bucket& bucket) const {
        std::size_t best = std::numeric_limits<std::size_t>::max();
        for (unsigned bits = 1; bits <= max_second_level_bits; ++bits) {
            for (unsigned shift = 0; shift + bits <= first_level_shift; ++shift) {
                std::size_t worst = 0;
                const std::uint32_t mask = (1U << bits) - 1U;
                for (std::uint32_t value = 0; value <= mask; ++value) {
                    worst = std::max(worst, matching(rows, mask << shift, value << shift).size());
                }
                if (worst < best) {
                    best = worst;
                    bucket.shift = shift;
                    bucket.mask = mask;
                }
            }
        }
    }

    std::size_t candidate_list(const Rows& list) {
        if (list.empty()) return 0;
        const auto [entry, is_new] = known_lists_.emplace(list, candidates_.size());
        if (is_new) candidates_.insert(candidates_.end(), list.begin(), list.end());
        return entry->second;
    }

    const std::vector<EncodingRow>& rows_;
    Rows candidates_;
    std::vector<std::pair<std::size_t, std::size_t>> slots_;
    std::vector<Bucket> buckets_;
    std::map<std::vector<Rows>, std::size_t> known_slots_;
    std::map<Rows, std::size_t> known_lists_;
};

std::vector<std::string> qualified(const std::string& prefix, const std::vector<std::string>& names) {
    std::vector<std::string> result;
    for (const auto& name : names) result.push_back(prefix + name);
    return result;
}

void emit_encoding_table(Output& c, const Tables& tables) {
    SpanPool fields("field_pool", "FieldInfo");
    SpanPool features("feature_pool", "Feature");
    SpanPool requirements("requirement_pool", "Requirement");
    SpanPool aliases("alias_pool", "AliasInfo");
    std::ostringstream rows;
    for (const auto& row : tables.encodings) {
        std::vector<std::string> field_items;
        for (const auto& f : row.fields) {
            field_items.push_back("{{" + std::to_string(f.hi) + ", " + std::to_string(f.lo) + ", " + role_name(f.role) +
                                  ", " + (f.is_signed ? "true" : "false") + ", " + std::to_string(f.scale) + "}, " +
                                  quoted(f.name) + "}");
        }
        std::vector<std::string> alias_items;
        for (const auto& alias : row.aliases) {
            alias_items.push_back("{[](std::uint32_t opcode) { return " + alias.condition.expression + "; }, " +
                                  quoted(alias.asm_template) + "}");
        }
        std::vector<std::string> requirement_items;
        for (const auto& id : row.requirements) requirement_items.push_back("Requirement::" + requirement_name(id));
        rows << "    {Encoding::" << row.id << ", InstructionClass::" << tables.classes[row.class_index].name
             << ",\n     " << quoted(row.id) << ", " << quoted(row.mnemonic) << ", " << quoted(row.asm_template)
             << ",\n     " << quoted(row.pseudocode) << ", " << hex32(row.mask) << ", " << hex32(row.value)
             << ",\n     TagChecked::" << row.tag_checked << ", Access::" << row.access
             << ", Access::" << row.tag_access << ", " << (row.unprivileged ? "true" : "false") << ", " << row.min_el
             << ",\n     " << fields.add(field_items) << ", " << aliases.add(alias_items) << ", "
             << features.add(qualified("Feature::", row.features)) << ", " << requirements.add(requirement_items)
             << "},\n";
    }
    c << fields.definition() << features.definition() << requirements.definition() << aliases.definition();
    c << "constexpr EncodingInfo table[] = {\n" << rows.str() << "};\n\n";
}

template <class Condition>
void emit_condition_switch(Output& c, const Tables& tables, Condition statements) {
    // Rows with the same conditions share one case body.
    std::map<std::string, std::vector<std::string>> bodies;
    for (const auto& row : tables.encodings) {
        const std::string body = statements(row);
        if (!body.empty()) bodies[body].push_back(row.id);
    }
    // Most encodings have none: that is looked up, for which of the cases it is cannot be predicted.
    c << "    static constexpr std::array<bool, encoding_count> conditional{";
    for (const auto& row : tables.encodings) c << (statements(row).empty() ? "0" : "1") << ", ";
    c << "};\n    if (!conditional[static_cast<std::size_t>(encoding)]) {\n        return {};\n    }\n";
    c << "    switch (encoding) {\n";
    for (const auto& [body, ids] : bodies) {
        for (const auto& id : ids) c << "        case Encoding::" << id << ":\n";
        c << body;
    }
    c << "        default:\n            break;\n    }\n";
}

void emit_source(const Tables& tables, const std::filesystem::path& out) {
    Output c(out / "isa.cc", "The encoding table.", false);
    c << "#include \"spec/gen/isa.h\"\n\n"
         "#include <algorithm>\n#include <array>\n#include <iterator>\n\n"
         "namespace mtecheck::spec {\nnamespace {\n\n";
    c << "constexpr std::uint32_t bits(std::uint32_t opcode, unsigned hi, unsigned lo) {\n"
         "    return static_cast<std::uint32_t>((opcode >> lo) & ((std::uint64_t{2} << (hi - lo)) - 1U));\n}\n\n";
    emit_encoding_table(c, tables);
    c << "constexpr std::string_view class_names[] = {\n";
    for (const auto& row : tables.classes) c << "    " << quoted(row.name) << ",\n";
    c << "};\n\n";
    std::vector<std::string> ids;
    for (const auto& row : tables.encodings) ids.push_back(row.id);
    std::sort(ids.begin(), ids.end());
    c << "constexpr Encoding by_id[] = {\n";
    for (const auto& id : ids) c << "    Encoding::" << id << ",\n";
    c << "};\n\n";
    DecodeTree(tables).emit(c);
    c << "}  // namespace\n\n"
         "std::span<const EncodingInfo> encodings() { return table; }\n\n"
         "const EncodingInfo& info(Encoding encoding) { return table[static_cast<std::size_t>(encoding)]; }\n\n"
         "std::string_view name(InstructionClass instruction_class) {\n"
         "    return class_names[static_cast<std::size_t>(instruction_class)];\n}\n\n"
         "std::optional<Encoding> decode(std::uint32_t opcode) {\n"
         "    const Bucket& bucket = buckets[opcode >> "
      << first_level_shift
      << "U];\n"
         "    const Slot& slot = slots[bucket.slot + ((opcode >> bucket.shift) & bucket.mask)];\n"
         "    for (unsigned i = 0; i < slot.count; ++i) {\n"
         "        const Candidate& candidate = candidates[slot.first + i];\n"
         "        if ((opcode & candidate.mask) == candidate.value) {\n"
         "            return candidate.encoding;\n        }\n    }\n"
         "    return std::nullopt;\n}\n\n"
         "std::optional<Encoding> find_encoding(std::string_view id) {\n"
         "    const auto found = std::lower_bound(std::begin(by_id), std::end(by_id), id,\n"
         "                                        [](Encoding a, std::string_view b) { return info(a).id < b; });\n"
         "    if (found == std::end(by_id) || info(*found).id != id) {\n        return std::nullopt;\n    }\n"
         "    return *found;\n}\n\n";
    c << "bool is_undefined(Encoding encoding, std::uint32_t opcode) {\n";
    emit_condition_switch(c, tables, [](const EncodingRow& row) {
        std::string body;
        for (const auto& undefined : row.undefined) {
            body += (body.empty() ? "" : " || ") + undefined.condition.expression;
        }
        return body.empty() ? body : "            return " + body + ";\n";
    });
    c << "    return false;\n}\n\n"
         "std::optional<DontCare> constrained_unpredictable(Encoding encoding, std::uint32_t opcode) {\n";
    emit_condition_switch(c, tables, [](const EncodingRow& row) {
        std::string body;
        for (const auto& constraint : row.constraints) {
            body += "            if " + constraint.condition.expression + " return DontCare::" + constraint.dont_care +
                    ";\n";
        }
        return body.empty() ? body : body + "            break;\n";
    });
    c << "    return std::nullopt;\n}\n\n}  // namespace mtecheck::spec\n";
    c.finish();
}

} // namespace

void emit_isa(const Tables& tables, const std::filesystem::path& out) {
    emit_header(tables, out);
    emit_source(tables, out);
}

} // namespace mtecheck::spec::gen
