# ONNX Runtime, from the system or from third_party/onnxruntime (scripts/fetch-onnxruntime).
#
#   OnnxRuntime::OnnxRuntime    imported target; #include <onnxruntime_cxx_api.h>
#   OnnxRuntime_FOUND, OnnxRuntime_VERSION (of the headers)
#   OnnxRuntime_BUNDLED         true for the one in third_party, which is then installed privately
#                               into ${CMAKE_INSTALL_LIBDIR}/hailo

set(_bundle ${CMAKE_CURRENT_LIST_DIR}/../third_party/onnxruntime)
cmake_path(NORMAL_PATH _bundle)

find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h
  PATH_SUFFIXES onnxruntime onnxruntime/core/session)
find_library(OnnxRuntime_LIBRARY onnxruntime)
set(OnnxRuntime_BUNDLED OFF)
cmake_path(IS_PREFIX _bundle "${OnnxRuntime_LIBRARY}" NORMALIZE _in_bundle)
if(NOT (OnnxRuntime_INCLUDE_DIR AND OnnxRuntime_LIBRARY) OR _in_bundle)
  if(EXISTS ${_bundle}/.complete)
    set(OnnxRuntime_INCLUDE_DIR ${_bundle}/include CACHE PATH "" FORCE)
    set(OnnxRuntime_LIBRARY ${_bundle}/lib/libonnxruntime.so.1 CACHE FILEPATH "" FORCE)
    set(OnnxRuntime_BUNDLED ON)
  endif()
endif()
mark_as_advanced(OnnxRuntime_INCLUDE_DIR OnnxRuntime_LIBRARY)

# The C API's version number is the minor version of the release: 21 is 1.21.
if(OnnxRuntime_INCLUDE_DIR)
  file(STRINGS ${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h _line
    REGEX "^#define ORT_API_VERSION [0-9]+")
  string(REGEX REPLACE ".* ([0-9]+).*" "1.\\1" OnnxRuntime_VERSION "${_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime
  REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR
  VERSION_VAR OnnxRuntime_VERSION)

if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::OnnxRuntime)
  add_library(OnnxRuntime::OnnxRuntime SHARED IMPORTED)
  set_target_properties(OnnxRuntime::OnnxRuntime PROPERTIES
    IMPORTED_LOCATION ${OnnxRuntime_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
  if(OnnxRuntime_BUNDLED)
    install(PROGRAMS ${OnnxRuntime_LIBRARY} DESTINATION ${CMAKE_INSTALL_LIBDIR}/hailo)
  endif()
endif()
