# `cmake --install`: the headers, the library as find_package(chorus) finds it, the program and its page,
# and the load generator where the benchmarks are built.
#
# A user links one target, chorus::chorus. The layers behind it are installed as they are, one archive each; their
# private headers and what only they stand on (Boost, JSON, logging) are not needed to use them.
include(CMakePackageConfigHelpers)

add_library(chorus_library INTERFACE)
add_library(chorus::chorus ALIAS chorus_library)
set_target_properties(chorus_library PROPERTIES EXPORT_NAME chorus)
target_link_libraries(chorus_library INTERFACE chorus_admin)

if(CHORUS_INSTALL)
  set(layers ${CHORUS_LAYERS})
  list(REMOVE_ITEM layers app)
  list(TRANSFORM layers PREPEND chorus_)
  set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chorus)

  install(TARGETS chorus_library ${layers} EXPORT chorus ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
  install(EXPORT chorus NAMESPACE chorus:: FILE chorusTargets.cmake DESTINATION ${config_dir} COMPONENT library)
  install(DIRECTORY include/chorus DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
  configure_package_config_file(cmake/chorusConfig.cmake.in ${PROJECT_BINARY_DIR}/chorusConfig.cmake
    INSTALL_DESTINATION ${config_dir} NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/chorusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/chorusConfig.cmake ${PROJECT_BINARY_DIR}/chorusConfigVersion.cmake
    cmake/FindLiburing.cmake cmake/FindBrotli.cmake DESTINATION ${config_dir} COMPONENT library)

  if(TARGET chorus)
    install(TARGETS chorus RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
    install(DIRECTORY web/ DESTINATION ${CMAKE_INSTALL_DATADIR}/chorus/web COMPONENT program)
  endif()
  if(TARGET chorus_load)
    install(TARGETS chorus_load RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT load)
  endif()
endif()
