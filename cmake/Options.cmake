# SPDX-License-Identifier: Apache-2.0
# How everything here is compiled: the interface target mtecheck_options that every library and program links.
option(MTECHECK_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(MTECHECK_COVERAGE "Build with coverage counters (gcov)" OFF)
option(MTECHECK_PROOFS "Build the symbolic machine and its proofs (needs Z3)" ON)
option(MTECHECK_FUZZ "Build the libFuzzer programs (needs clang)" OFF)

# Paths below the root do not count, so that a clone finds what another one compiled; debug information may then name
# files of that one.
find_program(MTECHECK_CCACHE ccache)
if(MTECHECK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(ccache_of_any_clone ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    ${MTECHECK_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ccache_of_any_clone})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_of_any_clone})
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()

add_library(mtecheck_options INTERFACE)
set_target_properties(mtecheck_options PROPERTIES EXPORT_NAME options)
target_compile_features(mtecheck_options INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)

# The project root and the generated sources are the include roots: #include "model/bits.h", "spec/gen/isa.h".
target_include_directories(mtecheck_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/gen>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mtecheck>)

set(warnings -Wall -Wextra -Wpedantic -Werror -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wformat=2
  -Wimplicit-fallthrough $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast> $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual> $<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi>)
# False alarms of GCC: 12 on std::string concatenation (its bug 105651), 13 and 14 on every reference that comes from a
# function which took a temporary.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    list(APPEND warnings -Wno-restrict)
  elseif(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
    list(APPEND warnings -Wno-dangling-reference)
  endif()
endif()

# For machines in general GCC copies and clears structures with rep movsq and rep stosq, which take longer to start than
# ours take to copy.
set(tuning)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(tuning -mmemcpy-strategy=vector_loop:2048:noalign,libcall:-1:noalign
    -mmemset-strategy=vector_loop:2048:noalign,libcall:-1:noalign)
endif()

set(instrumentation)
if(MTECHECK_SANITIZE OR MTECHECK_FUZZ)
  list(APPEND instrumentation -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    list(APPEND warnings -Wno-maybe-uninitialized) # false alarms in instrumented standard headers, GCC bug 105562
  endif()
endif()
if(MTECHECK_COVERAGE)
  list(APPEND instrumentation --coverage)
endif()
set(coverage_feedback)
if(MTECHECK_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    message(FATAL_ERROR "MTECHECK_FUZZ needs clang: use the preset 'fuzz' or -DCMAKE_CXX_COMPILER=clang++")
  endif()
  set(coverage_feedback -fsanitize=fuzzer-no-link)
endif()

target_compile_options(mtecheck_options INTERFACE
  "$<BUILD_INTERFACE:${warnings};${tuning};${instrumentation};${coverage_feedback}>")
target_link_options(mtecheck_options INTERFACE "$<BUILD_INTERFACE:${instrumentation}>")
