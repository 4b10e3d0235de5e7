# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=<project> -DOUT=<header> -P HashSources.cmake
# What a proof depends on, as hashes in a header: one of spec and model without the files that state invariants, and one
# for each of these files together with the headers beside them.
file(GLOB_RECURSE sources RELATIVE ${ROOT}
  ${ROOT}/spec/*.json ${ROOT}/spec/*.h ${ROOT}/spec/*.cc ${ROOT}/model/*.h ${ROOT}/model/*.cc)
list(SORT sources)
set(semantics)
set(shared)
set(statements)
foreach(source ${sources})
  file(SHA256 ${ROOT}/${source} hash)
  if(NOT source MATCHES "^model/proofs/invariants/")
    string(APPEND semantics "${source} ${hash}\n")
  elseif(source MATCHES "\\.h$" AND NOT source MATCHES "/all\\.h$")
    string(APPEND shared "${source} ${hash}\n")
  elseif(source MATCHES "\\.cc$")
    list(APPEND statements ${source})
  endif()
endforeach()
string(SHA256 semantics_hash "${semantics}")
set(rows)
foreach(source ${statements})
  file(SHA256 ${ROOT}/${source} hash)
  string(SHA256 hash "${shared}${hash}")
  get_filename_component(name ${source} NAME)
  string(APPEND rows "    {\"${name}\", \"${hash}\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[
// Generated from spec and model.
#pragma once

namespace mtecheck::difftest {

inline constexpr char kSemanticsHash[] = "@semantics_hash@";

struct StatedIn {
    const char* file;
    const char* hash;
};
inline constexpr StatedIn kStatedIn[] = {
@rows@};

} // namespace mtecheck::difftest
]])
