# The client library for other projects.
#
#   npu_install_sdk(<name>)
#       installs libnpu-<name>.so with what npu::<name> needs of this project inside, the public
#       headers, the package file for find_package(npu), where it is npu::<name>, and npu-<name>.pc
#       for pkg-config. What it exports is cmake/npu-client.map.in.

include(CMakePackageConfigHelpers)

function(npu_install_sdk name)
  if(NPU_SANITIZE)
    return() # its users would have to be built with the sanitizer as well
  endif()
  set(target npu_${name}_shared)
  # What it exports belongs to this version of Boost: its interface has types of Boost.JSON and Asio.
  set(abi "${Boost_VERSION_MAJOR}_${Boost_VERSION_MINOR}")
  set(map ${PROJECT_BINARY_DIR}/npu-${name}.map)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/npu-client.map.in ${map} @ONLY)

  add_library(${target} SHARED ${PROJECT_SOURCE_DIR}/cmake/pch/empty.cpp)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME npu-${name} EXPORT_NAME ${name}
    SOVERSION 0 VERSION ${PROJECT_VERSION}
    LINK_DEPENDS ${map}
    LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,npu_${name},npu_asio")
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${map} -Wl,-z,defs)
  target_link_libraries(${target} PRIVATE npu_${name} npu_asio INTERFACE npu_sdk)

  # What its users need.
  add_library(npu_sdk INTERFACE)
  set_target_properties(npu_sdk PROPERTIES EXPORT_NAME sdk)
  target_include_directories(npu_sdk INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(npu_sdk INTERFACE cxx_std_20)
  target_link_libraries(npu_sdk INTERFACE Threads::Threads Boost::headers Boost::json tl::expected)
  get_target_property(definitions npu_asio INTERFACE_COMPILE_DEFINITIONS)
  target_compile_definitions(npu_sdk INTERFACE ${definitions})

  install(TARGETS ${target} npu_sdk EXPORT npuTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/npu DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.hpp")
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/npu)
  install(EXPORT npuTargets NAMESPACE npu:: DESTINATION ${package_dir})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/npuConfig.cmake.in
    ${PROJECT_BINARY_DIR}/npuConfig.cmake INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/npuConfigVersion.cmake
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/npuConfig.cmake ${PROJECT_BINARY_DIR}/npuConfigVersion.cmake
    DESTINATION ${package_dir})

  list(TRANSFORM definitions PREPEND -D OUTPUT_VARIABLE define_flags)
  list(JOIN define_flags " " define_flags)
  file(RELATIVE_PATH include_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/npu-client.pc.in ${PROJECT_BINARY_DIR}/npu-client.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/npu-client.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
