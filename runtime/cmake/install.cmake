# Installs what is built, for find_package(annals), for pkg-config, and for people.
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME annals)  # so that a project around this one can leave it out
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/annals)

# What a program links that links an archive; a shared library brings its own.
set(static_requires "")
set(static_libraries "")
set(static_config_requires "")
if(NOT BUILD_SHARED_LIBS)
  set(static_requires "lmdb libxxhash libsodium spdlog libssl libcrypto")
  set(static_libraries " -lcaf_io -lcaf_core -pthread")
  set(static_config_requires " tomlplusplus")
endif()
file(RELATIVE_PATH to_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")

# annals_install_library(<target> <pkg-config name>): the library, its headers, its part of the package, its .pc file
function(annals_install_library target module)
  install(TARGETS ${target} EXPORT ${target}_targets FILE_SET HEADERS)
  install(EXPORT ${target}_targets NAMESPACE annals:: DESTINATION ${package_dir})
  configure_file("${PROJECT_SOURCE_DIR}/runtime/cmake/${module}.pc.in" "${PROJECT_BINARY_DIR}/${module}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${module}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

annals_install_library(annals_runtime annals)
if(ANNALS_CONFIG)
  annals_install_library(annals_config annals-config)
  foreach(example IN ITEMS annals serve remote peers)
    install(FILES "${PROJECT_SOURCE_DIR}/config/${example}.toml" DESTINATION ${CMAKE_INSTALL_DATADIR}/annals)
  endforeach()
endif()
if(ANNALS_TOOLS)
  install(TARGETS annals)
endif()
install(FILES LICENSE CHANGELOG.md README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/annalsConfig.cmake.in ${PROJECT_BINARY_DIR}/annalsConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/annalsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/annalsConfig.cmake ${PROJECT_BINARY_DIR}/annalsConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake DESTINATION ${package_dir})
