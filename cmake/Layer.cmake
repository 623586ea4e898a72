# chorus_layer(NAME [LINKS target...]): the only way to make one of the library's targets.
#
# A layer is the folder src/NAME: every .cpp is its body, every *_test.cpp its unit tests (one binary, NAME_test).
# What a layer may stand on is this table (docs/architecture.md, "Layers"); script/check-layers holds the #includes
# against the same lines, so that an upward include fails the build as well as the link.
set(CHORUS_LAYERS base http websocket engine socket net cluster server admin app)
set(CHORUS_MAY_base)
set(CHORUS_MAY_http base)
set(CHORUS_MAY_websocket http base)
set(CHORUS_MAY_engine websocket http base)
set(CHORUS_MAY_socket engine http base)
set(CHORUS_MAY_net base)
set(CHORUS_MAY_cluster socket net base)
set(CHORUS_MAY_server cluster socket engine websocket http net base)
set(CHORUS_MAY_admin server socket engine base)
set(CHORUS_MAY_app admin server cluster base)

function(chorus_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINKS;TEST_LINKS")
  if(NOT name IN_LIST CHORUS_LAYERS)
    message(FATAL_ERROR "${name} is not a layer of docs/architecture.md")
  endif()
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")

  add_library(chorus_${name} STATIC ${sources})
  add_library(chorus::${name} ALIAS chorus_${name})
  set_target_properties(chorus_${name} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX)
  target_compile_features(chorus_${name} PUBLIC cxx_std_20)
  target_include_directories(chorus_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
  foreach(below IN LISTS CHORUS_MAY_${name})
    target_link_libraries(chorus_${name} PUBLIC chorus_${below})
  endforeach()
  target_link_libraries(chorus_${name} PRIVATE $<BUILD_INTERFACE:chorus_warnings> PUBLIC ${arg_LINKS})

  if(CHORUS_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name}_test PRIVATE
      chorus_${name} chorus_warnings chorus_test_vectors GTest::gmock_main ${arg_TEST_LINKS})
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}/" DISCOVERY_MODE PRE_TEST
      PROPERTIES LABELS unit TIMEOUT 60)
  endif()
endfunction()
