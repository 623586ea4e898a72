# CHORUS_SANITIZE=address,undefined or thread: for every target, ours and the tests'.
if(CHORUS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # the fuzzer is led by what the layers cover, too
endif()
if(CHORUS_SANITIZE)
  add_compile_options(-fsanitize=${CHORUS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CHORUS_SANITIZE})
  if(CHORUS_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # g++ cannot instrument atomic_thread_fence and says so
  endif()
endif()
