# cardea_tests(NAME DEPS room...): one executable for every folder below tests/, built as unity batches.
# Each test file keeps its helpers in a namespace of its own, so that batches can be joined freely.
enable_testing()

function(cardea_tests name)
  cmake_parse_arguments(T "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*.cpp)
  if(CARDEA_LIBRARIES_ONLY)
    list(FILTER sources INCLUDE REGEX "/(base|crypto|jose|http|protocol|client|resource)/")
  endif()
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM T_DEPS PREPEND cardea_)
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(test_${name} PRIVATE CARDEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CARDEA_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(test_${name} PRIVATE ${T_DEPS} ${T_LIBS} GTest::gtest GTest::gtest_main)
  target_precompile_headers(test_${name} PRIVATE ${CARDEA_PCH} <gtest/gtest.h>)
  set_target_properties(test_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  # A test may ignore a must-use result only by naming it, as product code does.
  target_compile_options(test_${name} PRIVATE -Wno-global-constructors)
  add_dependencies(tests test_${name})
  add_test(NAME ${name} COMMAND test_${name})
endfunction()

if(CARDEA_LIBRARIES_ONLY)
  cardea_tests(unit DEPS base crypto jose http protocol client resource)
else()
  # Every page in every state: for the rendering tests, the browser tests and the screenshots.
  add_library(page_states STATIC ${PROJECT_SOURCE_DIR}/tests/support/page_states.cpp)
  target_include_directories(page_states PUBLIC ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(page_states PUBLIC cardea_server)
  add_executable(dump_pages ${PROJECT_SOURCE_DIR}/tests/support/dump_pages.cpp)
  target_link_libraries(dump_pages PRIVATE page_states)
  add_dependencies(tests dump_pages)

  cardea_tests(unit   DEPS base task crypto jose http protocol domain store server client resource app
               LIBS page_states)
  cardea_tests(spec   DEPS app sqlite server client resource)
  cardea_tests(store  DEPS app sqlite)
  cardea_tests(flow   DEPS app sqlite server client resource)
  cardea_tests(socket DEPS app sqlite server listener transport client resource)
endif()
