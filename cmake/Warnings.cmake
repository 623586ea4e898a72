# The warnings every target of the project is built with. g++ 12 and clang 16 both build without one.
add_library(chorus_warnings INTERFACE)
target_compile_options(chorus_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wextra-semi -Wcast-align -Wunused -Wformat=2
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers -Wduplicated-cond -Wlogical-op>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers -Wno-missing-field-initializers -Wno-unknown-warning-option>
  # Files that are compiled together see each other's names; the other presets compile each alone.
  $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow -Wno-subobject-linkage>
  $<$<BOOL:${CHORUS_WERROR}>:-Werror>)
