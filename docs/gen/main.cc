// SPDX-License-Identifier: Apache-2.0
//
// mtecheck-reference: writes the generated reference. A page that is no longer made is deleted.
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "docs/gen/reference.h"

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: mtecheck-reference SOURCE_DIR MTECHECK OUTPUT_DIR\n"
                     "Writes the reference pages from the tables of the project in SOURCE_DIR and the help of the\n"
                     "program MTECHECK.\n";
        return 2;
    }
    try {
        const mtecheck::docs::Pages pages =
            mtecheck::docs::make_reference(mtecheck::docs::read_facts(argv[1], argv[2]));
        const std::filesystem::path output = argv[3];
        std::filesystem::create_directories(output);
        for (const auto& entry : std::filesystem::directory_iterator(output)) {
            if (entry.path().extension() == ".md" && !pages.contains(entry.path().filename().string())) {
                std::filesystem::remove(entry.path());
            }
        }
        for (const auto& [name, text] : pages) {
            std::ofstream file(output / name, std::ios::binary | std::ios::trunc);
            file << text;
            file.close();
            if (!file) throw std::runtime_error("cannot write " + (output / name).string());
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "mtecheck-reference: " << error.what() << '\n';
    }
    return 2;
}
