# Libraries that more than one folder uses, under one name on every supported release. A library
# that only one folder uses is found in that folder's own CMakeLists.txt.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(OpenCvImgproc REQUIRED)

# npu_pkg_config(<target> <module>...)  an imported target for pkg-config modules
function(npu_pkg_config target)
  if(TARGET ${target})
    return()
  endif()
  string(MAKE_C_IDENTIFIER "NPU_PC_${target}" prefix)
  pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET GLOBAL ${ARGN})
  add_library(${target} ALIAS PkgConfig::${prefix})
endfunction()

npu_pkg_config(Systemd::Systemd libsystemd)
npu_pkg_config(Seccomp::Seccomp libseccomp)

if(NOT TARGET yaml-cpp::yaml-cpp) # before 0.8
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED)
  target_link_libraries(yaml-cpp::yaml-cpp INTERFACE yaml-cpp)
endif()

if(NPU_TESTS)
  find_package(GTest REQUIRED)
  find_program(NPU_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
endif()

set(NPU_HAVE_ONNX OFF)
if(NPU_ONNX STREQUAL "AUTO")
  find_package(OnnxRuntime 1.17)
elseif(NPU_ONNX)
  find_package(OnnxRuntime 1.17 REQUIRED)
endif()
if(OnnxRuntime_FOUND)
  set(NPU_HAVE_ONNX ON)
else()
  message(STATUS "No ONNX Runtime: the CPU adapter is left out. scripts/setup brings it")
endif()
