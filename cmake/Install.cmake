# SPDX-License-Identifier: Apache-2.0
# What other projects get from find_package(mtecheck): mtecheck::spec and mtecheck::model, archives and headers.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mtecheck)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/mtecheck)

install(TARGETS mtecheck_options mtecheck_spec_base mtecheck_spec mtecheck_model EXPORT mtecheckTargets
  COMPONENT library)
install(DIRECTORY spec model DESTINATION ${header_dir} COMPONENT library
  FILES_MATCHING PATTERN "*.h" PATTERN spec/gen EXCLUDE PATTERN model/proofs EXCLUDE PATTERN model/symbolic EXCLUDE)
install(DIRECTORY ${PROJECT_BINARY_DIR}/gen/ DESTINATION ${header_dir} COMPONENT library
  FILES_MATCHING PATTERN "*.h")
install(EXPORT mtecheckTargets NAMESPACE mtecheck:: DESTINATION ${package_dir} COMPONENT library)

configure_package_config_file(cmake/mtecheckConfig.cmake.in ${PROJECT_BINARY_DIR}/mtecheckConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mtecheckConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mtecheckConfig.cmake ${PROJECT_BINARY_DIR}/mtecheckConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT library)
