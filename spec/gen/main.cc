// SPDX-License-Identifier: Apache-2.0
//
// mtecheck-specgen: reads and checks the tables in spec/, writes C++ for them.
// Runs on the build host before anything else is compiled.

#include <exception>
#include <filesystem>
#include <iostream>

#include "spec/gen/emit.h"
#include "spec/input_error.h"

int main(int argc, char** argv) {
    if (argc != 4 && argc != 3) {
        std::cerr << "usage: mtecheck-specgen SPEC_DIR SCHEMA_DIR [OUTPUT_DIR]\n"
                     "Checks the tables; with OUTPUT_DIR, also generates C++ from them.\n";
        return 2;
    }
    try {
        const auto tables = mtecheck::spec::gen::load_tables(argv[1], argv[2]);
        if (argc == 4) {
            const std::filesystem::path out = argv[3];
            std::filesystem::create_directories(out);
            mtecheck::spec::gen::emit_isa(tables, out);
            mtecheck::spec::gen::emit_classes(tables, out);
            mtecheck::spec::gen::emit_registers(tables, out);
            mtecheck::spec::gen::emit_lists(tables, out);
        }
        return 0;
    } catch (const mtecheck::InputError& error) {
        std::cerr << error.what() << '\n';
    } catch (const std::exception& error) {
        std::cerr << "mtecheck-specgen: " << error.what() << '\n';
    }
    return 2;
}
