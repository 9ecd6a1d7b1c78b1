# cardea_tests(NAME DEPS room...): one executable for every folder below tests/, its files joined into few sources.
# Each test file keeps its helpers in a namespace of its own, so that files can be joined freely.
enable_testing()

# What every test file may take for granted.
string(CONCAT CARDEA_TEST_HEAD "#include <gtest/gtest.h>\n"
       "#include <algorithm>\n#include <array>\n#include <functional>\n#include <map>\n#include <memory>\n"
       "#include <optional>\n#include <span>\n#include <string>\n#include <string_view>\n#include <utility>\n"
       "#include <variant>\n#include <vector>\n")

# Joins the test files of each folder, a dozen at most, into one source. A new file changes its folder's sources only;
# includes are written from tests/, so that ccache finds the objects again in every clone (CMake's unity sources name
# absolute paths).
function(cardea_join out name)
  set(joined "")
  set(folders "")
  foreach(source ${ARGN})
    file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR}/tests ${source})
    get_filename_component(folder ${relative} DIRECTORY)
    string(MAKE_C_IDENTIFIER ${folder} key)
    list(APPEND folders ${key})
    list(APPEND files_${key} ${relative})
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(key ${folders})
    list(LENGTH files_${key} count)
    foreach(start RANGE 0 ${count} 12)
      if(start LESS count)
        list(SUBLIST files_${key} ${start} 12 batch)
        list(TRANSFORM batch REPLACE "(.+)" "#include \"\\1\"")
        list(JOIN batch "\n" text)
        set(path ${CMAKE_BINARY_DIR}/joined/${key}_${start}.cpp)
        file(CONFIGURE OUTPUT ${path} CONTENT "// ${name}\n${CARDEA_TEST_HEAD}${text}\n" @ONLY)
        list(APPEND joined ${path})
      endif()
    endforeach()
  endforeach()
  set(${out} ${joined} PARENT_SCOPE)
endfunction()

function(cardea_tests name)
  cmake_parse_arguments(T "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*.cpp)
  if(CARDEA_LIBRARIES_ONLY)
    list(FILTER sources INCLUDE REGEX
         "^${PROJECT_SOURCE_DIR}/tests/${name}/(base|crypto|jose|http|protocol|client|resource|rfc(4648|5869|751[5789]|7638|8037|8725|9728))/")
  endif()
  list(FILTER sources EXCLUDE REGEX "^${PROJECT_SOURCE_DIR}/tests/fuzz/(targets/|trial_store)")  # cmake/fuzz.cmake
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM T_DEPS PREPEND cardea_)
  cardea_join(joined test_${name} ${sources})
  add_executable(test_${name} ${joined})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(test_${name} PRIVATE ${T_DEPS} ${T_LIBS} GTest::gtest GTest::gtest_main)
  # A test may ignore a must-use result only by naming it, as product code does.
  target_compile_options(test_${name} PRIVATE -Wno-global-constructors)
  if(CARDEA_SANITIZE)
    # The tests' own code is large and runs once: optimizing it costs a sanitizer build a third of its time.
    target_compile_options(test_${name} PRIVATE -O0)
  endif()
  add_dependencies(tests test_${name})
  add_test(NAME ${name} COMMAND test_${name})
endfunction()

# A PostgreSQL server of the test program's own.
if(NOT CARDEA_LIBRARIES_ONLY)
  add_library(scratch_database STATIC ${PROJECT_SOURCE_DIR}/tests/support/scratch_database.cpp)
  target_include_directories(scratch_database PUBLIC ${PROJECT_SOURCE_DIR}/tests)
endif()

# Certificates of clients, made with OpenSSL alone.
add_library(client_certificates STATIC ${PROJECT_SOURCE_DIR}/tests/support/client_certificates.cpp)
target_include_directories(client_certificates PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(client_certificates PUBLIC cardea_jose OpenSSL::Crypto)

if(CARDEA_LIBRARIES_ONLY)
  cardea_tests(unit DEPS base crypto jose http protocol client resource LIBS client_certificates)
  cardea_tests(spec DEPS base crypto jose http protocol client resource LIBS client_certificates)
else()
  # Every page in every state: for the rendering tests, the browser tests and the screenshots.
  add_library(page_states STATIC ${PROJECT_SOURCE_DIR}/tests/support/page_states.cpp)
  target_include_directories(page_states PUBLIC ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(page_states PUBLIC cardea_server)
  add_executable(dump_pages ${PROJECT_SOURCE_DIR}/tests/support/dump_pages.cpp)
  target_link_libraries(dump_pages PRIVATE page_states)
  add_dependencies(tests dump_pages)

  # A whole server over an in-memory store, and a browser in front of it.
  add_library(harness STATIC
              ${PROJECT_SOURCE_DIR}/tests/support/harness.cpp ${PROJECT_SOURCE_DIR}/tests/support/harness_verbs.cpp ${PROJECT_SOURCE_DIR}/tests/support/fake_fetcher.cpp
              ${PROJECT_SOURCE_DIR}/tests/support/browser.cpp ${PROJECT_SOURCE_DIR}/tests/support/answers.cpp)
  target_include_directories(harness PUBLIC ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(harness PUBLIC cardea_server cardea_sqlite cardea_postgres scratch_database GTest::gtest)

  cardea_tests(unit   DEPS base task crypto jose http protocol domain store server client resource app
               LIBS page_states client_certificates)
  cardea_tests(spec   DEPS sqlite server client resource LIBS harness client_certificates)
  cardea_tests(store  DEPS base crypto sqlite postgres LIBS scratch_database)
  cardea_tests(flow   DEPS sqlite server client resource LIBS harness client_certificates)
  # All flow tests once more, with sockets between them and the server.
  cardea_tests(wire   DEPS sqlite server client resource listener LIBS harness client_certificates)
  target_sources(test_wire PRIVATE $<TARGET_OBJECTS:test_flow>)
  include(cmake/fuzz.cmake)
  cardea_tests(fuzz   LIBS fuzz_table)
  # Stands before the C library in the servers that tests/crash kills.
  add_library(crash_interpose MODULE ${PROJECT_SOURCE_DIR}/tests/crash/interpose.cpp)
  set_target_properties(crash_interpose PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_libraries(crash_interpose PRIVATE ${CMAKE_DL_LIBS})
  add_dependencies(tests crash_interpose)
  cardea_tests(disk   DEPS sqlite server LIBS harness SQLite::SQLite3)
  cardea_tests(socket DEPS app sqlite server listener transport client resource LIBS client_certificates)
endif()
