// SPDX-License-Identifier: Apache-2.0
//
// Which mtecheck this is, for reports and for the question whether a campaign can be resumed.
#pragma once

#include <string>

namespace mtecheck::difftest {

/// The project's version.
std::string mtecheck_version();

/// A hash of the tables of spec that cases and counters refer to: encodings, requirements, decisions, mutations.
std::string tables_fingerprint();

/// Names the tests that generators make from a seed: kStreamHash and kGuidedStreamHash.
std::string stream_version();

} // namespace mtecheck::difftest
