# Installs the runtime for find_package(annals): the public headers, the library, and what its users need to link.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/annals)

install(TARGETS annals_runtime EXPORT annals_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT annals_targets NAMESPACE annals:: FILE annals_targets.cmake DESTINATION ${package_dir})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/annalsConfig.cmake.in ${PROJECT_BINARY_DIR}/annalsConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/annalsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/annalsConfig.cmake ${PROJECT_BINARY_DIR}/annalsConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake DESTINATION ${package_dir})
