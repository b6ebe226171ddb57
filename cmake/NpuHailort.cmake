# The HailoRT adapter, one shared object for each HailoRT version.
#
#   npu_hailort_plugin(<suffix> <version> <sdk> [OUTPUT_DIRECTORY dir] [INSTALL])
#       modules npu_hailort_<suffix>: hailort-<version>.so, and npu_hailort_<suffix>_selftest:
#       hailort-selftest-<version>.so, made of the sources that npu_hailort_sources() was told,
#       against the target <sdk>, which brings headers and library of that HailoRT version. Default
#       folder: beside the programs. INSTALL: into ${CMAKE_INSTALL_LIBDIR}/hailo.
#   npu_hailort_sources(ENTRY file GENERAL file... GENAI file... SELFTEST file... SELFTEST_GENAI file...)
#       called once, in the adapter's folder. GENAI: only where the version has generative models.
#       SELFTEST may use what is GENERAL, and not the other way round.
#   npu_hailort_sdk(<target> <version>)
#       finds an installed HailoRT; both variables stay empty where there is none. NPU_HAILORT ON
#       makes that an error, OFF does not look.
#
# What differs between the minor versions is asked of the headers, not of the number: each
# src/device/hailort/features/<name>.cpp that compiles defines NPU_HAILORT_<NAME>. Headers without
# a change are asked once.

set(NPU_HAILORT AUTO CACHE STRING "Build the HailoRT adapter: AUTO (if found), ON, OFF")
set_property(CACHE NPU_HAILORT PROPERTY STRINGS AUTO ON OFF)

function(npu_hailort_sdk target version)
  set(${target} "" PARENT_SCOPE)
  set(${version} "" PARENT_SCOPE)
  if(NOT NPU_HAILORT)
    return()
  endif()
  set(named "${HailoRT_DIR}")
  find_package(HailoRT 5.1 QUIET CONFIG)
  if(NOT HailoRT_FOUND) # Hailo-8: no generative models
    if(named) # of which the first search has made NOTFOUND
      set(HailoRT_DIR ${named} CACHE PATH "HailoRT's package" FORCE)
    endif()
    find_package(HailoRT 4.20 QUIET CONFIG)
  endif()
  if(HailoRT_FOUND)
    set(${target} HailoRT::libhailort PARENT_SCOPE)
    set(${version} ${HailoRT_VERSION} PARENT_SCOPE)
  elseif(NPU_HAILORT STREQUAL "AUTO")
    message(STATUS "No HailoRT: its adapter is left out. Real Hailo devices need it")
  else()
    message(FATAL_ERROR "NPU_HAILORT is ON and HailoRT 5.1.1 or later was not found; "
      "-DHailoRT_DIR=<prefix>/lib/cmake/HailoRT names it")
  endif()
endfunction()

function(npu_hailort_sources)
  set(lists ENTRY GENERAL GENAI SELFTEST SELFTEST_GENAI)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "" "${lists}")
  foreach(list IN LISTS lists)
    list(TRANSFORM ARG_${list} PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set_property(GLOBAL PROPERTY NPU_HAILORT_${list}_SOURCES ${ARG_${list}})
  endforeach()
endfunction()

# In <out>: the sources of a list, and those of the one for generative models where <features> has
# them.
function(_npu_hailort_sources_of out general genai features)
  get_property(sources GLOBAL PROPERTY NPU_HAILORT_${general}_SOURCES)
  if(NPU_HAILORT_GENAI IN_LIST features)
    get_property(more GLOBAL PROPERTY NPU_HAILORT_${genai}_SOURCES)
    list(APPEND sources ${more})
  endif()
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# NPU_HAILORT_<NAME> for each feature that the headers of the target <sdk> have.
function(_npu_hailort_features out sdk)
  get_target_property(include_dirs ${sdk} INTERFACE_INCLUDE_DIRECTORIES)
  string(REGEX REPLACE "\\$<BUILD_INTERFACE:([^>]*)>" "\\1" include_dirs "${include_dirs}")
  set(headers)
  foreach(dir IN LISTS include_dirs)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${dir}/hailo/*.h ${dir}/hailo/*.hpp)
    list(APPEND headers ${found})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
  file(GLOB probes CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/device/hailort/features/*.cpp)
  set(seen)
  foreach(file IN LISTS headers)
    file(SHA256 ${file} hash)
    string(APPEND seen ${hash})
  endforeach()

  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  set(features)
  foreach(probe IN LISTS probes)
    cmake_path(GET probe STEM name)
    string(TOUPPER ${name} name)
    file(SHA256 ${probe} hash)
    string(SHA256 key "${seen}${hash}")
    string(SUBSTRING ${key} 0 12 key)
    set(result NPU_HAILORT_${name}_${key})
    try_compile(${result} SOURCES ${probe}
      CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include_dirs}"
      CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
    if(${result})
      list(APPEND features NPU_HAILORT_${name})
    endif()
  endforeach()
  set(${out} ${features} PARENT_SCOPE)
endfunction()

# A warning where this version has no generative models that the adapter can use, and could have.
function(_npu_hailort_say_what_is_missing version features)
  if(version VERSION_LESS 5 OR NPU_HAILORT_GENAI IN_LIST features)
    return()
  endif()
  message(WARNING "HailoRT ${version} is not supported for language and speech models, which are "
    "left out: install HailoRT 5.1.1 or later, the first whose contexts can be measured and saved")
endfunction()

# One shared object of what is linked to it and of these sources.
function(_npu_hailort_module target file directory install)
  add_library(${target} MODULE ${ARGN})
  _npu_common_setup(${target} "")
  set(exports ${PROJECT_SOURCE_DIR}/src/device/hailort/exports.map)
  target_link_options(${target} PRIVATE -Wl,--version-script=${exports})
  if(NOT NPU_SANITIZE) # whose runtime is the program's
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" DEFINE_SYMBOL "" OUTPUT_NAME ${file} LINK_DEPENDS ${exports}
    LIBRARY_OUTPUT_DIRECTORY "${directory}")
  if(install)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/hailo)
  endif()
endfunction()

function(npu_hailort_plugin suffix version sdk)
  cmake_parse_arguments(PARSE_ARGV 3 ARG "INSTALL" "OUTPUT_DIRECTORY" "")
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  endif()
  _npu_hailort_features(features ${sdk})
  _npu_hailort_say_what_is_missing(${version} "${features}")
  list(JOIN features " " shown)
  message(STATUS "HailoRT adapter ${suffix}, ${version}: ${shown}")

  set(target npu_hailort_${suffix})
  _npu_hailort_sources_of(sources GENERAL GENAI "${features}")
  add_library(${target}_code STATIC ${sources})
  _npu_common_setup(${target}_code "")
  target_link_libraries(${target}_code PUBLIC
    npu::device_hailort_common npu::device npu::tensor npu::base ${sdk})
  target_compile_definitions(${target}_code PUBLIC
    ${features} NPU_HAILORT_COMPILED_VERSION="${version}")

  get_property(entry GLOBAL PROPERTY NPU_HAILORT_ENTRY_SOURCES)
  _npu_hailort_module(${target} hailort-${version} "${ARG_OUTPUT_DIRECTORY}" ${ARG_INSTALL} ${entry})
  _npu_hailort_sources_of(sources SELFTEST SELFTEST_GENAI "${features}")
  _npu_hailort_module(${target}_selftest
    hailort-selftest-${version} "${ARG_OUTPUT_DIRECTORY}" ${ARG_INSTALL} ${sources})
  foreach(module IN ITEMS ${target} ${target}_selftest)
    target_link_libraries(${module} PRIVATE ${target}_code)
  endforeach()
endfunction()
