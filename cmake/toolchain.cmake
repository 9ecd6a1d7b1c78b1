# Language level, warnings, linker, ccache and sanitizers: the same for every room.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(CARDEA_LIBRARIES_ONLY)
  set(CMAKE_CXX_STANDARD 20)
else()
  set(CMAKE_CXX_STANDARD 23)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # g++ 12 silently miscompiles coroutines; docs/decisions/0001-toolchain.md.
    message(FATAL_ERROR "The server is built with clang-19; use `cmake --preset dev`. "
                        "Other compilers build the libraries: -DCARDEA_LIBRARIES_ONLY=ON.")
  endif()
endif()

find_program(CARDEA_CCACHE ccache)
if(CARDEA_CCACHE)
  # With paths made relative to the clone, clones at other paths share the cache.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CARDEA_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion
                    -Wnon-virtual-dtor -Woverloaded-virtual -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-ffile-compilation-dir=.)  # objects do not name the folder they were built in
  add_compile_options(-Wimplicit-fallthrough -Wextra-semi -Wno-c99-designator -Wno-missing-designated-field-initializers)
  add_link_options(-fuse-ld=lld-19)
else()
  add_compile_options(-Wno-missing-field-initializers)
endif()
add_link_options(-Wl,--as-needed)

set(CARDEA_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
if(CARDEA_SANITIZE)
  add_compile_options(-fsanitize=${CARDEA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CARDEA_SANITIZE})
endif()

# A release is built twice (tools/build_release): a build that counts what is taken how often, and one that is laid out
# by those counts.
set(CARDEA_COUNTS "" CACHE PATH "Folder in which the programs leave their counts")
set(CARDEA_PROFILE "" CACHE FILEPATH "Merged counts to build by")
if(CARDEA_COUNTS)
  add_compile_options(-fprofile-generate=${CARDEA_COUNTS})
  add_link_options(-fprofile-generate=${CARDEA_COUNTS})
elseif(CARDEA_PROFILE)
  add_compile_options(-fprofile-use=${CARDEA_PROFILE} -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date
                      -Wno-backend-plugin)  # sources without counts are built as ever
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# libFuzzer's edge counters in every room; the fuzz targets alone link its main (cmake/fuzz.cmake).
option(CARDEA_FUZZ "Build the fuzz targets of tests/fuzz with libFuzzer" OFF)
if(CARDEA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
