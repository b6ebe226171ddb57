# The functions with which a folder describes its targets.
#
# DEPS are names of this project's libraries (base, wire) or other targets (CURL::libcurl). Say ASIO
# where sources include Boost.Asio or Boost.Beast: that takes the larger precompiled header.
#
#   npu_library(<name> [SOURCES file...] [DEPS dep...] [PUBLIC_DEPS dep...] [ASIO])
#       static library npu::<name>; header-only without SOURCES. PUBLIC_DEPS are those whose headers
#       <name>'s own headers include.
#   npu_executable(<name> SOURCES file... [DEPS dep...] [ASIO] [NO_INSTALL] [DESTINATION dir])
#       program bin/<name>, installed into DESTINATION (default CMAKE_INSTALL_BINDIR)
#   npu_test(<name> SOURCES file... [DEPS dep...] [ASIO] [LABELS label...] [TIMEOUT seconds] [ONE_THREAD])
#       GoogleTest program bin/<name>, one ctest test labelled unit, started in the folder's source
#       directory. Default timeout 60 s. ONE_THREAD: nothing of it runs beside anything else, so
#       ThreadSanitizer has nothing to find and does not get it.
#   npu_python_test(<name> SCRIPT file [LABELS label...] [TIMEOUT seconds] [ON_HAILORT] [SPLIT]
#                   [NOT_SANITIZED])
#       a unittest file, run with NPU_BUILD_DIR=<build>/bin and tests/ and clients/python/ on
#       PYTHONPATH. Labelled integration unless told otherwise. Default timeout 120 s. ON_HAILORT: a
#       second time as <name>_hailort, on the HailoRT adapter and the fake HailoRT. SPLIT, for files that
#       take minutes: one ctest test <name>.<class> for each class of the file, so that they run beside
#       each other. NOT_SANITIZED: what it measures is what sanitizers change, and what it runs is run
#       by others.
#   npu_embed(<library> <file> <function> [BINARY])
#       the text of the file as std::string_view npu::<function>(), declared by whoever calls it. BINARY: its bytes.
#   npu_fuzzer(<name> SOURCES file... [DEPS dep...] CORPUS dir)
#       LLVMFuzzerTestOneInput: with NPU_FUZZ a libFuzzer program, otherwise a test that replays CORPUS,
#       in one thread
#   npu_benchmark(<name> SOURCES file... [DEPS dep...] [ASIO])
#       program bin/<name> that prints ratios and goals, not installed, and a ctest test labelled bench
#       that only sees it work: <name> --quick

function(npu_add_folder folder)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/${folder})
  endif()
endfunction()

# ---- what every target has ----

add_library(npu_common INTERFACE)
target_include_directories(npu_common INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(npu_common INTERFACE cxx_std_20)
target_link_libraries(npu_common INTERFACE
  Threads::Threads Boost::headers Boost::json fmt::fmt tl::expected)
set_target_properties(npu_common PROPERTIES EXPORT_NAME common)

# Asio and Beast compiled once, instead of inline into every source that uses them.
add_library(npu_asio STATIC ${PROJECT_SOURCE_DIR}/cmake/pch/asio.cpp)
target_link_libraries(npu_asio PUBLIC npu_common)
target_compile_definitions(npu_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
set_target_properties(npu_asio PROPERTIES EXPORT_NAME asio)

# The two precompiled headers. Sources still include what they use: the linter reads them without.
add_library(npu_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch/empty.cpp)
target_link_libraries(npu_pch PRIVATE npu_common)
target_precompile_headers(npu_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch/common.hpp)
add_library(npu_pch_asio OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch/empty.cpp)
target_link_libraries(npu_pch_asio PRIVATE npu_asio)
target_precompile_headers(npu_pch_asio PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch/with_asio.hpp)

# All fuzzers; the fuzz preset builds this and not the rest.
add_custom_target(fuzzers)
file(REMOVE ${PROJECT_BINARY_DIR}/fuzzers.txt)

# Names of this project's libraries become npu::<name>; what is a target already stays.
function(_npu_resolve out)
  set(resolved)
  foreach(dep IN LISTS ARGN)
    if(dep MATCHES "::|^[-/$]" OR TARGET ${dep})
      list(APPEND resolved ${dep})
    else()
      list(APPEND resolved npu::${dep})
    endif()
  endforeach()
  set(${out} ${resolved} PARENT_SCOPE)
endfunction()

macro(_npu_parse flags values lists)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "ASIO;${flags}" "${values}" "SOURCES;DEPS;${lists}")
  if(ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${CMAKE_CURRENT_FUNCTION}(${name}): unexpected "
      "${ARG_UNPARSED_ARGUMENTS}${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
  _npu_resolve(deps ${ARG_DEPS})
endmacro()

function(_npu_common_setup target asio)
  if(asio)
    target_link_libraries(${target} PUBLIC npu_asio)
    target_precompile_headers(${target} REUSE_FROM npu_pch_asio)
  else()
    target_link_libraries(${target} PUBLIC npu_common)
    target_precompile_headers(${target} REUSE_FROM npu_pch)
  endif()
endfunction()

# ---- libraries and programs ----

function(npu_library name)
  _npu_parse("" "" "PUBLIC_DEPS")
  _npu_resolve(public_deps ${ARG_PUBLIC_DEPS})
  if(ARG_SOURCES)
    add_library(npu_${name} STATIC ${ARG_SOURCES})
    _npu_common_setup(npu_${name} "${ARG_ASIO}")
    target_link_libraries(npu_${name} PUBLIC ${public_deps} PRIVATE ${deps})
  else()
    add_library(npu_${name} INTERFACE)
    target_link_libraries(npu_${name} INTERFACE npu_common ${public_deps} ${deps})
  endif()
  add_library(npu::${name} ALIAS npu_${name})
  set_target_properties(npu_${name} PROPERTIES EXPORT_NAME ${name})
endfunction()

function(npu_embed library file function)
  cmake_parse_arguments(PARSE_ARGV 3 ARG "BINARY" "" "")
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  if(ARG_BINARY)
    file(READ ${file} text HEX)
    string(REGEX REPLACE "(..)" "0x\\1," text "${text}")
    set(text "{${text}}")
    set(declaration "constexpr unsigned char kBytes[] =")
    set(content "{reinterpret_cast<const char*>(kBytes), sizeof(kBytes)}")
  else()
    file(READ ${file} text)
    set(text "R\"embedded(${text})embedded\"")
    set(declaration "constexpr std::string_view kText =")
    set(content "kText")
  endif()
  string(REGEX MATCH "^(.*)::([^:]+)$" unused "npu::${function}")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${CMAKE_MATCH_2}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[
#include <string_view>

namespace @CMAKE_MATCH_1@ {
namespace @CMAKE_MATCH_2@_content {
@declaration@ @text@;
}
std::string_view @CMAKE_MATCH_2@();
std::string_view @CMAKE_MATCH_2@() {
  using namespace @CMAKE_MATCH_2@_content;
  return @content@;
}
}  // namespace @CMAKE_MATCH_1@
]])
  target_sources(npu_${library} PRIVATE ${source})
endfunction()

function(npu_executable name)
  _npu_parse("NO_INSTALL" "DESTINATION" "")
  add_executable(${name} ${ARG_SOURCES})
  _npu_common_setup(${name} "${ARG_ASIO}")
  target_link_libraries(${name} PRIVATE ${deps})
  if(NOT ARG_NO_INSTALL)
    if(NOT ARG_DESTINATION)
      set(ARG_DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
    install(TARGETS ${name} RUNTIME DESTINATION ${ARG_DESTINATION})
  endif()
endfunction()

# ---- tests ----

# The environment of every test, sanitizer settings included.
set(NPU_TEST_ENVIRONMENT
  "NPU_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
  "NPU_BUILD_DIR=${PROJECT_BINARY_DIR}/bin")
if(NPU_SANITIZE)
  set(suppressions ${PROJECT_SOURCE_DIR}/cmake/sanitizers)
  set(asan strict_string_checks=1:check_initialization_order=1)
  # Reports with lines, and suppressions that name functions.
  find_program(NPU_SYMBOLIZER NAMES llvm-symbolizer-19 llvm-symbolizer)
  mark_as_advanced(NPU_SYMBOLIZER)
  set(symbolizer "")
  if(NPU_SYMBOLIZER)
    set(symbolizer ":external_symbolizer_path=${NPU_SYMBOLIZER}")
  endif()
  list(APPEND NPU_TEST_ENVIRONMENT
    "NPU_SANITIZE=${NPU_SANITIZE}"
    "ASAN_OPTIONS=${asan}${symbolizer}"
    "LSAN_OPTIONS=suppressions=${suppressions}/lsan.txt:print_suppressions=0"
    "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1${symbolizer}"
    "TSAN_OPTIONS=suppressions=${suppressions}/tsan.txt:halt_on_error=1:second_deadlock_stack=1${symbolizer}")
  # Stack frames that outlive their function: a fifth of the time where tests start programs.
  set(NPU_UNIT_TEST_ENVIRONMENT "ASAN_OPTIONS=${asan}${symbolizer}:detect_stack_use_after_return=1")
endif()

function(_npu_add_test name timeout)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "DIRECTORY" "COMMAND;LABELS;ENVIRONMENT")
  if(NPU_SANITIZE)
    math(EXPR timeout "${timeout} * 4")
  endif()
  add_test(NAME ${name} COMMAND ${NPU_TEST_LAUNCHER} ${ARG_COMMAND}
    WORKING_DIRECTORY ${ARG_DIRECTORY})
  set_tests_properties(${name} PROPERTIES
    LABELS "${ARG_LABELS}"
    TIMEOUT ${timeout}
    COST ${timeout} # what may take longest begins first
    ENVIRONMENT "${NPU_TEST_ENVIRONMENT};${ARG_ENVIRONMENT}")
endfunction()

function(npu_test name)
  if(NOT NPU_TESTS)
    return()
  endif()
  _npu_parse("ONE_THREAD" "TIMEOUT" "LABELS")
  if(ARG_ONE_THREAD AND NPU_SANITIZE STREQUAL "thread")
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  _npu_common_setup(${name} "${ARG_ASIO}")
  target_link_libraries(${name} PRIVATE ${deps} GTest::gmock GTest::gtest_main)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  _npu_add_test(${name} ${ARG_TIMEOUT}
    COMMAND $<TARGET_FILE:${name}> --gtest_brief=1
    DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    LABELS unit ${ARG_LABELS}
    ENVIRONMENT ${NPU_UNIT_TEST_ENVIRONMENT})
endfunction()

function(npu_python_test name)
  if(NOT NPU_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 ARG "ON_HAILORT;SPLIT;NOT_SANITIZED" "SCRIPT;TIMEOUT" "LABELS")
  if(ARG_NOT_SANITIZED AND NPU_SANITIZE)
    return()
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS integration)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  cmake_path(ABSOLUTE_PATH ARG_SCRIPT NORMALIZE)
  cmake_path(GET ARG_SCRIPT PARENT_PATH directory)
  cmake_path(GET ARG_SCRIPT STEM module)
  if(NOT EXISTS ${ARG_SCRIPT})
    message(FATAL_ERROR "npu_python_test(${name}): no file ${ARG_SCRIPT}")
  endif()
  set(devices sim)
  if(ARG_ON_HAILORT AND TARGET npu_hailort_fake)
    list(APPEND devices hailort)
  endif()
  set(parts ${module})
  if(ARG_SPLIT)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_SCRIPT})
    file(STRINGS ${ARG_SCRIPT} parts REGEX "^class [A-Za-z0-9_]+\\(")
    list(TRANSFORM parts REPLACE "^class ([A-Za-z0-9_]+).*" "${module}.\\1")
    if(NOT parts)
      message(FATAL_ERROR "npu_python_test(${name}): no class in ${ARG_SCRIPT}")
    endif()
  endif()
  foreach(device IN LISTS devices)
    foreach(part IN LISTS parts)
      set(test ${name})
      if(device STREQUAL "hailort")
        string(APPEND test _hailort)
      endif()
      if(ARG_SPLIT)
        string(REPLACE "${module}" "${test}" test ${part})
      endif()
      _npu_add_test(${test} ${ARG_TIMEOUT}
        COMMAND ${NPU_PYTHON} -B -m unittest -v ${part}
        DIRECTORY ${directory}
        LABELS ${ARG_LABELS}
        ENVIRONMENT "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests:${PROJECT_SOURCE_DIR}/clients/python"
          NPU_TEST_DEVICE=${device})
      set_tests_properties(${test} PROPERTIES FAIL_REGULAR_EXPRESSION "Ran 0 tests")
    endforeach()
  endforeach()
endfunction()

function(npu_fuzzer name)
  if(NOT NPU_FUZZ AND (NOT NPU_TESTS OR NPU_SANITIZE STREQUAL "thread"))
    return()
  endif()
  _npu_parse("" "CORPUS" "")
  cmake_path(ABSOLUTE_PATH ARG_CORPUS NORMALIZE)
  if(NPU_FUZZ)
    add_executable(${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
    set_property(GLOBAL APPEND_STRING PROPERTY NPU_FUZZERS "${name} ${ARG_CORPUS}\n")
    get_property(all GLOBAL PROPERTY NPU_FUZZERS)
    file(WRITE ${PROJECT_BINARY_DIR}/fuzzers.txt "${all}") # read by tools/fuzz
  else()
    add_executable(${name} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    _npu_add_test(${name} 60
      COMMAND $<TARGET_FILE:${name}> ${ARG_CORPUS}
      DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      LABELS unit fuzz)
  endif()
  _npu_common_setup(${name} "${ARG_ASIO}")
  target_link_libraries(${name} PRIVATE ${deps})
endfunction()

function(npu_benchmark name)
  npu_executable(${name} ${ARGN} NO_INSTALL)
  if(NPU_TESTS)
    _npu_add_test(${name} 120
      COMMAND $<TARGET_FILE:${name}> --quick
      DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      LABELS bench)
  endif()
endfunction()
