# cardea_room(NAME DEPS room... LIBS target...): a static library of every source in the room's folder.
# Rooms whose folder lies inside another room's are listed here.
set(CARDEA_FOLDER_sqlite    store/sqlite)
set(CARDEA_FOLDER_postgres  store/postgres)
set(CARDEA_FOLDER_listener  http/listener)
set(CARDEA_FOLDER_transport http/outbound)

# No precompiled headers: the standard headers cost a source about 0.3 s, and objects that rest on no file of the build
# folder are found again by ccache in every clone (docs/decisions/0001-toolchain.md).
function(cardea_room name)
  cmake_parse_arguments(R "" "" "DEPS;LIBS" ${ARGN})
  set(folder ${name})
  if(DEFINED CARDEA_FOLDER_${name})
    set(folder ${CARDEA_FOLDER_${name}})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp)
  foreach(other sqlite postgres listener transport)
    if(NOT name STREQUAL other)
      list(FILTER sources EXCLUDE REGEX "/src/${CARDEA_FOLDER_${other}}/")
    endif()
  endforeach()
  list(TRANSFORM R_DEPS PREPEND cardea_)
  if(sources)
    add_library(cardea_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(cardea_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(cardea_${name} ${scope} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(cardea_${name} ${scope} ${R_DEPS} ${R_LIBS})
endfunction()

# cardea_program(NAME sources... DEPS room... LIBS target...): an executable in the build folder.
function(cardea_program name)
  cmake_parse_arguments(P "" "" "DEPS;LIBS" ${ARGN})
  list(TRANSFORM P_DEPS PREPEND cardea_)
  add_executable(${name} ${P_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${P_DEPS} ${P_LIBS})
  if(CARDEA_ALLOCATOR)  # no symbol asks for it by name
    target_link_options(${name} PRIVATE LINKER:--no-as-needed ${CARDEA_ALLOCATOR} LINKER:--as-needed)
  endif()
  add_dependencies(product ${name})
endfunction()
