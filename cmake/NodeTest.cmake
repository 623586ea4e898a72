# chorus_node_test(NAME FILE LABEL [LONG] [RESOURCES name...] [TIMEOUT seconds]): FILE, under node's own runner, as one
# test.
#
# NAME becomes LABEL/NAME. LONG: it has the label `long` besides, and runs with `script/test --all` only. It finds the
# programs of this build as CHORUS_BIN, CHORUS_FIXTURE and CHORUS_BENCH_SERVER
# (absent ones are empty). Every test takes port 0, so all may run beside each other; RESOURCES names what it needs
# for itself alone. Without node it is reported as disabled. What became of each test in FILE is left in
# build/<preset>/node-results/LABEL-NAME.tsv (tests/support/results_reporter.mjs).
find_program(CHORUS_NODE node)

function(chorus_node_test name file label)
  cmake_parse_arguments(PARSE_ARGV 3 arg "LONG" "TIMEOUT" "RESOURCES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(NOT IS_ABSOLUTE ${file})
    set(file ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endif()
  set(labels ${label})
  if(arg_LONG)
    list(APPEND labels long)
  endif()
  set(environment "")
  foreach(pair IN ITEMS chorus:CHORUS_BIN chorus_fixture:CHORUS_FIXTURE chorus_bench_server:CHORUS_BENCH_SERVER)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 target)
    list(GET pair 1 variable)
    list(APPEND environment "${variable}=$<$<TARGET_EXISTS:${target}>:$<TARGET_FILE:${target}>>")
  endforeach()
  set(results ${CMAKE_BINARY_DIR}/node-results)
  file(MAKE_DIRECTORY ${results})
  add_test(NAME ${label}/${name} COMMAND ${CHORUS_NODE} --test
    --test-reporter=spec --test-reporter-destination=stdout
    --test-reporter=./support/results_reporter.mjs --test-reporter-destination=${results}/${label}-${name}.tsv
    ${file} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
  set_tests_properties(${label}/${name} PROPERTIES LABELS "${labels}" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "${environment}" RESOURCE_LOCK "${arg_RESOURCES}")
  if(label STREQUAL conformance OR label STREQUAL browser)
    # The fixture's profile gives a client 200 ms for a pong, and a browser wants a core for itself: a machine busy with
    # other tests would be the one to fail.
    set_tests_properties(${label}/${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
  if(NOT CHORUS_NODE)
    set_tests_properties(${label}/${name} PROPERTIES DISABLED TRUE)
  endif()
endfunction()
