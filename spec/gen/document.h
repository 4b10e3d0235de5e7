// SPDX-License-Identifier: Apache-2.0
//
// A JSON file that has passed its schema, and a cursor into it that knows its place, so that
// every later complaint can name file and place.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace mtecheck::spec::gen {

/// A value inside a document. Holds references: the document must outlive it.
class Node {
  public:
    Node(const nlohmann::ordered_json& value, const std::string& file, std::string place)
        : value_(&value), file_(&file), place_(std::move(place)) {}

    const nlohmann::ordered_json& json() const { return *value_; }
    bool has(const std::string& key) const { return value_->contains(key); }
    Node operator[](const std::string& key) const { return {value_->at(key), *file_, place_ + "/" + key}; }
    Node operator[](std::size_t index) const {
        return {value_->at(index), *file_, place_ + "/" + std::to_string(index)};
    }
    std::size_t size() const { return value_->size(); }

    std::string text() const { return value_->get<std::string>(); }
    unsigned number() const { return value_->get<unsigned>(); }
    bool flag() const { return value_->get<bool>(); }
    std::string text_or(const std::string& key, const std::string& otherwise) const {
        return has(key) ? (*this)[key].text() : otherwise;
    }
    std::vector<std::string> texts() const { return value_->get<std::vector<std::string>>(); }

    std::string where() const { return *file_ + ": " + place_; }
    [[noreturn]] void fail(const std::string& problem, const std::string& mend = {}) const;

    template <class Visit>
    void each(const std::string& key, Visit visit) const {
        if (!has(key)) return;
        const Node list = (*this)[key];
        for (std::size_t i = 0; i < list.size(); ++i) {
            visit(list[i]);
        }
    }

  private:
    const nlohmann::ordered_json* value_;
    const std::string* file_;
    std::string place_;
};

class Document {
  public:
    /// Parses `file` and validates it against `schema_file`. Throws InputError.
    Document(const std::filesystem::path& file, const std::filesystem::path& schema_file);

    Node root() const { return {value_, name_, ""}; }

  private:
    std::string name_;
    nlohmann::ordered_json value_;
};

} // namespace mtecheck::spec::gen
