# Faster builds where the tools are present; never required.
find_program(CHORUS_CCACHE ccache)
if(CHORUS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CHORUS_CCACHE})
endif()
find_program(CHORUS_MOLD mold)
if(CHORUS_MOLD AND NOT CHORUS_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()
