// SPDX-License-Identifier: Apache-2.0
//
// Loading of spec/isa/*.json: inheritance from classes, patterns, operands, conditions.

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>

#include "spec/gen/load.h"
#include "spec/input_error.h"

namespace mtecheck::spec::gen {
namespace {

std::uint32_t bits_mask(unsigned hi, unsigned lo) {
    return static_cast<std::uint32_t>(((std::uint64_t{1} << (hi - lo + 1U)) - 1U) << lo);
}

std::vector<Field> load_fields(const Node& fields) {
    std::vector<Field> result;
    for (const auto& [name, range] : fields.json().items()) {
        Field field;
        field.name = name;
        field.hi = range[0].get<unsigned>();
        field.lo = range[1].get<unsigned>();
        if (field.hi < field.lo) fields[name].fail("the highest bit comes first");
        result.push_back(std::move(field));
    }
    return result;
}

/// Turns a structured condition into a C++ expression over `opcode`, and into text.
class ConditionWriter {
  public:
    explicit ConditionWriter(const std::vector<Field>& fields) : fields_(fields) {}

    Condition write(const Node& condition) const {
        if (condition.json().is_object()) {
            const bool all = condition.has("all");
            const Node list = condition[all ? "all" : "any"];
            Condition whole;
            for (std::size_t i = 0; i < list.size(); ++i) {
                const Condition part = write(list[i]);
                const bool group = list[i].json().is_object() && list.size() > 1;
                whole.expression += (i == 0 ? "" : all ? " && " : " || ") + part.expression;
                whole.text += (i == 0 ? "" : all ? " and " : " or ") + (group ? "(" + part.text + ")" : part.text);
            }
            whole.expression = "(" + whole.expression + ")";
            return whole;
        }
        const Node op = condition[1];
        if (!op.json().is_string() || std::isalpha(static_cast<unsigned char>(op.text()[0])) != 0) {
            op.fail("must be a comparison: == != < <= > >=");
        }
        const Condition left = operand(condition[0]);
        const Condition right = operand(condition[2]);
        return {"(" + left.expression + " " + op.text() + " " + right.expression + ")",
                left.text + " " + op.text() + " " + right.text};
    }

  private:
    Condition operand(const Node& node) const {
        if (node.json().is_number()) {
            const std::string number = std::to_string(node.number());
            return {number + "U", number};
        }
        const std::string text = node.text();
        const std::size_t angle = text.find('<');
        const std::string name = text.substr(0, angle);
        const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == name; });
        if (field == fields_.end()) node.fail("there is no field '" + name + "'");
        unsigned hi = field->hi;
        unsigned lo = field->lo;
        if (angle != std::string::npos) {
            const std::string range = text.substr(angle + 1, text.size() - angle - 2);
            const std::size_t colon = range.find(':');
            const auto top = static_cast<unsigned>(std::stoul(range));
            const unsigned bottom =
                colon == std::string::npos ? top : static_cast<unsigned>(std::stoul(range.substr(colon + 1)));
            if (top < bottom || top > hi - lo) node.fail("bits <" + range + "> are not in field '" + name + "'");
            hi = lo + top;
            lo += bottom;
        }
        return {"bits(opcode, " + std::to_string(hi) + ", " + std::to_string(lo) + ")", text};
    }

    const std::vector<Field>& fields_;
};

/// A row and its class, seen as one: the row's own property wins.
class Inherited {
  public:
    Inherited(const Node& row, const Node& parent) : row_(row), parent_(parent) {}

    std::optional<Node> find(const std::string& key) const {
        if (row_.has(key)) return row_[key];
        if (parent_.has(key)) return parent_[key];
        return std::nullopt;
    }

    Node require(const std::string& key) const {
        if (const auto node = find(key)) return *node;
        row_.fail("neither the row nor its class states '" + key + "'");
    }

  private:
    const Node& row_;
    const Node& parent_;
};

void load_pattern(const Node& pattern, EncodingRow& encoding) {
    for (const char bit : pattern.text()) {
        encoding.mask = (encoding.mask << 1U) | (bit == 'x' ? 0U : 1U);
        encoding.value = (encoding.value << 1U) | (bit == '1' ? 1U : 0U);
    }
}

void choose_fields(const Node& row, const InstructionClassRow& parent, EncodingRow& encoding) {
    if (row.has("fields")) {
        row.each("fields", [&](const Node& name) {
            const auto found = std::find_if(parent.fields.begin(), parent.fields.end(),
                                            [&](const Field& f) { return f.name == name.text(); });
            if (found == parent.fields.end()) name.fail("class " + parent.name + " has no field '" + name.text() + "'");
            encoding.fields.push_back(*found);
        });
    } else {
        for (const Field& field : parent.fields) {
            if ((bits_mask(field.hi, field.lo) & encoding.mask) == 0U) encoding.fields.push_back(field);
        }
    }
    std::uint32_t covered = 0;
    for (const Field& field : encoding.fields) {
        const std::uint32_t bits = bits_mask(field.hi, field.lo);
        if ((bits & encoding.mask) != 0U) row["pattern"].fail("has fixed bits in field '" + field.name + "'");
        if ((bits & covered) != 0U)
            row["pattern"].fail("field '" + field.name + "' overlaps another", "list the row's fields");
        covered |= bits;
    }
    if (covered != ~encoding.mask) row["pattern"].fail("its x bits are not exactly the fields of the row");
}

std::vector<AsmPiece> parse_template(const Node& text, const std::vector<Field>& fields) {
    std::vector<std::string_view> names;
    for (const Field& field : fields) names.push_back(field.name);
    try {
        return parse_asm_template(text.text(), names);
    } catch (const std::invalid_argument& error) {
        text.fail(error.what());
    }
}

/// The template says what each field means; a field that it does not print stays a selector.
void assign_roles(const std::vector<AsmPiece>& pieces, std::vector<Field>& fields) {
    const auto field = [&](std::string_view name) -> Field& {
        return *std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
    };
    for (const AsmPiece& piece : pieces) {
        if (piece.kind == AsmPiece::Kind::reg) {
            const bool vector = std::string_view("BHSDQ").find(piece.view) != std::string_view::npos;
            field(piece.text).role = vector       ? Role::simd
                                     : piece.base ? Role::base
                                     : piece.sp   ? Role::general_or_sp
                                                  : Role::general;
        } else if (piece.kind == AsmPiece::Kind::immediate) {
            Field& number = field(piece.text);
            number.role = Role::immediate;
            number.is_signed = piece.is_signed;
            number.scale = piece.scale;
        } else if (piece.kind == AsmPiece::Kind::function) {
            for (const AsmFunction& function : asm_functions()) {
                if (function.name != piece.text) continue;
                for (const AsmFunctionField& used : function.fields) {
                    Field& target = field(used.field);
                    target.role = used.role;
                    if (used.role == Role::immediate) { // only branch and literal offsets
                        target.is_signed = true;
                        target.scale = 4;
                    }
                }
            }
        }
    }
}

std::string argument_value(const Node& value, const Argument& argument, const Tables& tables) {
    if (argument.type == "bool") {
        if (!value.json().is_boolean()) value.fail("argument '" + argument.name + "' is a bool");
        return value.flag() ? "true" : "false";
    }
    if (argument.type == "unsigned") {
        if (!value.json().is_number_unsigned()) value.fail("argument '" + argument.name + "' is a number");
        return std::to_string(value.number()) + "U";
    }
    const auto type = std::find_if(tables.enumerations.begin(), tables.enumerations.end(),
                                   [&](const Enumeration& e) { return e.name == argument.type; });
    if (!value.json().is_string() ||
        std::find(type->values.begin(), type->values.end(), value.text()) == type->values.end()) {
        value.fail("argument '" + argument.name + "' is a value of " + argument.type, "see isa/enumerations.json");
    }
    return argument.type + "::" + value.text();
}

void load_arguments(const Node& row, const InstructionClassRow& parent, const Tables& tables, EncodingRow& encoding) {
    if (row.has("arguments")) {
        for (const auto& [name, value] : row["arguments"].json().items()) {
            const auto known = std::find_if(parent.arguments.begin(), parent.arguments.end(),
                                            [&, wanted = name](const Argument& a) { return a.name == wanted; });
            if (known == parent.arguments.end())
                row["arguments"][name].fail("class " + parent.name + " has no such argument");
        }
    }
    for (const Argument& argument : parent.arguments) {
        if (!row.has("arguments") || !row["arguments"].has(argument.name)) {
            row.fail("lacks argument '" + argument.name + "' of class " + parent.name);
        }
        encoding.arguments.push_back(argument_value(row["arguments"][argument.name], argument, tables));
    }
}

std::vector<std::string> known_names(const Inherited& properties, const std::string& key,
                                     const std::set<std::string>& known) {
    const auto list = properties.find(key);
    if (!list) return {};
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Node name = (*list)[i];
        if (known.count(name.text()) == 0) name.fail("there is no row '" + name.text() + "' to refer to");
    }
    return list->texts();
}

void load_encoding(const Node& row, const Node& class_node, const KnownNames& known, Tables& tables,
                   std::size_t class_index) {
    const InstructionClassRow& parent = tables.classes[class_index];
    const Inherited properties(row, class_node);
    EncodingRow encoding;
    encoding.id = row["id"].text();
    encoding.place = row.where();
    encoding.class_index = class_index;
    encoding.mnemonic = row["mnemonic"].text();
    encoding.asm_template = row["asm"].text();
    encoding.pseudocode = properties.require("pseudocode").text();
    load_pattern(row["pattern"], encoding);
    choose_fields(row, parent, encoding);
    assign_roles(parse_template(row["asm"], encoding.fields), encoding.fields);
    load_arguments(row, parent, tables, encoding);

    encoding.tag_checked = properties.require("tag_checked").text();
    encoding.access = properties.require("access").text();
    const auto tag_access = properties.find("tag_access");
    encoding.tag_access = tag_access ? tag_access->text() : "none";
    const bool touches_memory = encoding.access != "none" || encoding.tag_access != "none";
    if (encoding.tag_checked == "none" && touches_memory) {
        row.fail("accesses memory but says tag_checked: none", "say never, base_not_sp or always");
    }
    const auto unprivileged = properties.find("unprivileged");
    encoding.unprivileged = unprivileged && unprivileged->flag();
    const auto min_el = properties.find("min_el");
    encoding.min_el = min_el ? min_el->number() : 0;
    encoding.features = known_names(properties, "features", known.features);
    encoding.requirements = known_names(properties, "requirements", known.requirements);

    const ConditionWriter conditions(encoding.fields);
    row.each("aliases", [&](const Node& alias) {
        parse_template(alias["asm"], encoding.fields);
        encoding.aliases.push_back({conditions.write(alias["when"]), alias["asm"].text()});
    });
    if (const auto list = properties.find("undefined")) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            const Node undefined = (*list)[i];
            encoding.undefined.push_back({conditions.write(undefined["when"]), undefined["because"].text()});
        }
    }
    if (const auto list = properties.find("constrained_unpredictable")) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            const Node name = (*list)[i]["dont_care"];
            if (known.dont_cares.count(name.text()) == 0) name.fail("there is no don't-care '" + name.text() + "'");
            encoding.constraints.push_back({conditions.write((*list)[i]["when"]), name.text()});
        }
    }
    tables.encodings.push_back(std::move(encoding));
}

} // namespace

void load_enumerations(const Node& root, Tables& tables) {
    root.each("enumerations", [&](const Node& row) {
        tables.enumerations.push_back({row["name"].text(), row.text_or("meaning", ""), row["values"].texts()});
    });
}

void load_isa(const Node& root, const KnownNames& known, Tables& tables) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> classes; // name -> (index here, index in tables)
    std::size_t here = 0;
    tables.groups.push_back({root["group"].text(), root["summary"].text()});
    root.each("classes", [&](const Node& row) {
        InstructionClassRow instruction_class;
        instruction_class.name = row["name"].text();
        instruction_class.group_index = tables.groups.size() - 1;
        instruction_class.title = row["title"].text();
        instruction_class.fields = load_fields(row["fields"]);
        row.each("arguments", [&](const Node& argument) {
            const std::string type = argument["type"].text();
            const bool known_type = type == "bool" || type == "unsigned" ||
                                    std::any_of(tables.enumerations.begin(), tables.enumerations.end(),
                                                [&](const Enumeration& e) { return e.name == type; });
            if (!known_type) argument["type"].fail("there is no type '" + type + "'", "see isa/enumerations.json");
            instruction_class.arguments.push_back({argument["name"].text(), type, argument.text_or("meaning", "")});
        });
        for (const auto& earlier : tables.classes) {
            if (earlier.name == instruction_class.name) row["name"].fail("repeats the name of an earlier class");
        }
        classes[instruction_class.name] = {here++, tables.classes.size()};
        tables.classes.push_back(std::move(instruction_class));
    });
    root.each("encodings", [&](const Node& row) {
        const auto found = classes.find(row["class"].text());
        if (found == classes.end()) row["class"].fail("there is no class '" + row["class"].text() + "' in this file");
        for (const auto& earlier : tables.encodings) {
            if (earlier.id == row["id"].text()) row["id"].fail("repeats the id of an earlier row");
        }
        load_encoding(row, root["classes"][found->second.first], known, tables, found->second.second);
    });
}

void check_disjoint(const Tables& tables) {
    for (std::size_t i = 0; i < tables.encodings.size(); ++i) {
        for (std::size_t j = i + 1; j < tables.encodings.size(); ++j) {
            const EncodingRow& a = tables.encodings[i];
            const EncodingRow& b = tables.encodings[j];
            if (((a.value ^ b.value) & a.mask & b.mask) == 0U) {
                const std::size_t colon = b.place.rfind(": ");
                throw InputError(b.place.substr(0, colon), b.place.substr(colon + 2),
                                 "the pattern of " + b.id + " overlaps that of " + a.id + " (" + a.place + ")",
                                 "a word must decode to one row");
            }
        }
    }
}

} // namespace mtecheck::spec::gen
