# SPDX-License-Identifier: Apache-2.0
# How tests and fuzzers are registered.
include(Catch)

# mtecheck_test(<name> SOURCES <file>... [LIBS <target>...])
# A Catch2 program; each of its cases is a test of ctest. A case that takes more than about five seconds, or twenty with
# sanitizers where others run the same code, is tagged [slow], which is also its label: sanitizer runs leave it out.
function(mtecheck_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mtecheck_options mtecheck_test_places ${arg_LIBS} Catch2::Catch2WithMain)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # What is tested is in the libraries; the tests themselves compile in half to two thirds of the time.
  if(MTECHECK_SANITIZE OR MTECHECK_FUZZ)
    target_compile_options(${name} PRIVATE -O0)
  else()
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  # Limits end what hangs. They are far off: with twenty programs on two processors a test of some seconds took more
  # than two minutes.
  catch_discover_tests(${name} TEST_SPEC "~[slow]" TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT 600)
  catch_discover_tests(${name} TEST_SPEC "[slow]" TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT 1800 LABELS slow)
endfunction()

# mtecheck_fuzzer(<name> SOURCES <file>... [LIBS <target>...] [SEEDS <directory>...])
# A libFuzzer program; with MTECHECK_FUZZ its test runs it for MTECHECK_FUZZ_SECONDS, from the seeds given.
set(MTECHECK_FUZZ_SECONDS 10 CACHE STRING "How long the test of a fuzzer runs it")
function(mtecheck_fuzzer name)
  if(NOT MTECHECK_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS;SEEDS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mtecheck_options ${arg_LIBS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  set(found ${PROJECT_BINARY_DIR}/fuzz/${name}.corpus)
  file(MAKE_DIRECTORY ${found})
  add_test(NAME fuzz.${name} COMMAND ${name} -max_total_time=${MTECHECK_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048
    -print_final_stats=1 ${found} ${arg_SEEDS})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz)
endfunction()
