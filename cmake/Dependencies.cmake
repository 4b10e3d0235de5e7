# SPDX-License-Identifier: Apache-2.0
# Finds what mtecheck is built from, and names everything that is missing, with its Debian package, in one message.
set(missing)

# need(<found> <what> <Debian package>)
macro(need found what package)
  if(NOT ${found})
    string(APPEND missing "  ${what} (Debian package ${package})\n")
  endif()
endmacro()

find_package(nlohmann_json 3.11 CONFIG QUIET)
need(nlohmann_json_FOUND "nlohmann JSON 3.11 or later" nlohmann-json3-dev)

find_package(Boost 1.74 CONFIG QUIET COMPONENTS headers)
need(Boost_FOUND "Boost 1.74 or later" libboost-dev)

find_package(LibLZMA QUIET)
need(LIBLZMA_FOUND "liblzma" liblzma-dev)

find_package(Catch2 3.7 CONFIG QUIET)
need(Catch2_FOUND "Catch2 3.7 or later" "libcatch2-dev; on bookworm from bookworm-backports")

# capstone comes without a CMake package; release 4 knows hardly any MTE instruction.
find_path(capstone_include capstone/capstone.h)
find_library(capstone_library capstone)
if(capstone_include)
  file(STRINGS ${capstone_include}/capstone/capstone.h capstone_major REGEX "#define CS_API_MAJOR [0-9]+")
  string(REGEX MATCH "[0-9]+$" capstone_major "${capstone_major}")
endif()
if(capstone_library AND capstone_major GREATER_EQUAL 5)
  set(capstone_FOUND TRUE)
  add_library(capstone::capstone UNKNOWN IMPORTED)
  set_target_properties(capstone::capstone PROPERTIES
    IMPORTED_LOCATION ${capstone_library} INTERFACE_INCLUDE_DIRECTORIES ${capstone_include})
endif()
need(capstone_FOUND "capstone 5 or later" "libcapstone-dev; on bookworm from trixie")

# Z3 comes without a CMake package in some releases.
if(MTECHECK_PROOFS)
  find_path(z3_include z3.h PATH_SUFFIXES z3)
  find_library(z3_library z3)
  if(z3_include AND z3_library)
    set(z3_FOUND TRUE)
    add_library(z3::z3 UNKNOWN IMPORTED)
    set_target_properties(z3::z3 PROPERTIES
      IMPORTED_LOCATION ${z3_library} INTERFACE_INCLUDE_DIRECTORIES ${z3_include})
  endif()
  need(z3_FOUND "Z3, or -DMTECHECK_PROOFS=OFF" libz3-dev)
endif()

# The monitor that runs inside QEMU is compiled for AArch64; tests check encodings with its assembler.
find_program(AARCH64_GCC aarch64-linux-gnu-gcc)
need(AARCH64_GCC "a C compiler for AArch64" gcc-aarch64-linux-gnu)
foreach(tool as ld objcopy objdump)
  string(TOUPPER AARCH64_${tool} variable)
  find_program(${variable} aarch64-linux-gnu-${tool})
  need(${variable} "aarch64-linux-gnu-${tool}" binutils-aarch64-linux-gnu)
endforeach()

if(missing)
  message(FATAL_ERROR "mtecheck cannot be built here; missing are\n${missing}"
    "'./bootstrap install' installs all of them, from the right suites.")
endif()
