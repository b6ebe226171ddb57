# Compiler, linker and cache settings. They hold for every target alike, because targets that
# share a precompiled header must share their compile options.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

# -fPIC by hand and not by property: CMake would give executables -fPIE, and GCC refuses a
# precompiled header that was made with the other one.
add_compile_options(-fPIC)
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers # designated initializers leave out what has a default
  -Wno-psabi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12 to 14 in optimised std::string, std::optional and coroutine code.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-array-bounds -Wno-mismatched-new-delete)
  # Collects its garbage later: a fourteenth of the compile time, for a tenth more memory.
  add_compile_options(--param=ggc-min-expand=1000 --param=ggc-min-heapsize=1048576)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    add_compile_options(-Wno-dangling-reference)
  endif()
else()
  # libstdc++ 12's stable_sort uses a function that the same library marks deprecated, and Clang
  # says so where the header came precompiled. GCC reports real uses.
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(NPU_WERROR)
  add_compile_options(-Werror)
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(NPU_SANITIZE)
  add_compile_options(-fsanitize=${NPU_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${NPU_SANITIZE})
  # The checks keep megabytes of pointers, which a position-independent program relocates at each
  # start; the tests start hundreds.
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  if(NPU_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(NPU_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "NPU_FUZZ needs clang; use the preset: cmake --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# A third of the compile time: several sources of a target as one, so that names in their unnamed
# namespaces have to differ. OFF is better while few sources are edited again and again.
option(NPU_UNITY "Compile several sources together" ON)
set(CMAKE_UNITY_BUILD ${NPU_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)
if(NPU_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-subobject-linkage) # takes a source that is included for a header
endif()

set(NPU_TEST_LAUNCHER "")
if(NPU_SANITIZE MATCHES "thread")
  # It does not understand fences; Asio has a mutex around whatever they would order.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  # It cannot map its shadow memory under some kernels' address randomisation.
  find_program(NPU_SETARCH setarch)
  if(NPU_SETARCH)
    execute_process(COMMAND ${NPU_SETARCH} -R true RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(NOT failed) # forbidden in some containers
      set(NPU_TEST_LAUNCHER ${NPU_SETARCH} -R)
    endif()
  endif()
endif()

find_program(NPU_MOLD mold)
find_program(NPU_LLD ld.lld)
mark_as_advanced(NPU_MOLD NPU_LLD NPU_SETARCH)
if(NPU_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(NPU_LLD)
  add_link_options(-fuse-ld=lld)
endif()

find_program(NPU_CCACHE ccache)
mark_as_advanced(NPU_CCACHE)
if(NPU_CCACHE)
  # Paths relative to the checkout: another checkout of the same source finds the same entries.
  set(CMAKE_CXX_COMPILER_LAUNCHER /usr/bin/env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${NPU_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
