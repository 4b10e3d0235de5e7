// SPDX-License-Identifier: Apache-2.0
//
// A worked adapter of the pipe protocol (docs/adapters.md): the implementation behind it is mtecheck's own model, so it
// agrees with the model in every case. Replace Simulator, and what reads and writes the JSON if your tree has its own.
//
//   mtecheck targets check mtecheck-model-adapter
//   mtecheck campaign --target pipe:mtecheck-model-adapter
#include <cstdint>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/json.h"
#include "difftest/judge/model_target.h"

namespace {

using namespace mtecheck::difftest;

/// What an owner of a simulator has to write: what it is, and what it does with one state.
class Simulator {
  public:
    explicit Simulator(const std::string& name) : model_(make_model_target(name)) {}

    /// ID registers and features, as software on it reads them.
    const Profile& profile() { return model_->probe(); }

    /// Installs the sequence's configuration and the state, puts the code at sequence.pc, runs it to its end or to the
    /// first exception, and reads everything back. What cannot be installed is Status::unsupported, with a note.
    std::vector<Outcome> run(const Test& test) {
        std::vector<std::vector<Outcome>> outcomes;
        model_->run(std::span(&test, 1), outcomes);
        return std::move(outcomes.front());
    }

  private:
    std::unique_ptr<Target> model_;
};

/// The answer to one line.
OrderedJson answer(const std::string& line, Simulator& simulator) {
    OrderedJson out{{"schema", "mtecheck-pipe/1"}, {"number", 0}};
    try {
        const std::string file = "request";
        const nlohmann::json document = parse_json(line, file);
        const JsonPlace request(document, file);
        request.schema("mtecheck-pipe/1");
        out["number"] = request.member("number").number(INT64_MAX);
        const std::string& kind = request.member("request").text(); // other members may come: they do not matter
        if (kind == "probe") {
            out["profile"] = to_json(simulator.profile());
            out["chooses_tags"] = simulator.profile().chooses_tags;
        } else if (kind == "run") {
            out["outcomes"] = OrderedJson::array();
            for (const Outcome& outcome : simulator.run(test_from_json(request.member("test"))))
                out["outcomes"].push_back(to_json(outcome));
        } else {
            out["error"] = "no such request: " + kind;
        }
    } catch (const std::exception& error) {
        out["error"] = error.what();
    }
    return out;
}

} // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    try {
        Simulator simulator(argc > 1 ? argv[1] : "model");
        for (std::string line; std::getline(std::cin, line);) {
            std::cout << answer(line, simulator).dump() << std::endl; // one line, at once
        }
    } catch (const std::exception& error) {
        std::cerr << "mtecheck-model-adapter: " << error.what() << "\n";
        return 2;
    }
    return 0;
}
