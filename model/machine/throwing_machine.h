// SPDX-License-Identifier: Apache-2.0
//
// How an instruction ends in machines that are not in a hurry: an exception of the architecture is one of C++.
// Deriving from this also makes mtecheck::model a namespace in which functions are looked up for a machine of another
// one: semantics find each other that way.
#pragma once

#include "model/exceptions/taken_exception.h"

namespace mtecheck::model {

struct ThrowingMachine {
    [[noreturn]] static void end_instruction() { throw ExceptionTaken{}; }
    template <class Begin, class Body, class End>
    static void run_each(const Begin& begin, const Body& body, const End& end) {
        while (begin()) {
            bool left = false;
            try {
                body();
            } catch (const ExceptionTaken&) {
                left = true;
            }
            end(left);
        }
    }
};

} // namespace mtecheck::model
