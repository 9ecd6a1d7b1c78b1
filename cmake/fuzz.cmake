# The fuzz targets of tests/fuzz/targets.txt: a library, the table by which test_fuzz replays their seeds, and, under
# CARDEA_FUZZ, one libFuzzer program each (fuzz_NAME), all of them the target `fuzzers`.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/targets.txt)
file(STRINGS ${PROJECT_SOURCE_DIR}/tests/fuzz/targets.txt rows REGEX "^[a-z]")

set(declared "")
set(listed "")
set(sources "")
foreach(row ${rows})
  string(REGEX MATCH "^[a-z_]+" name "${row}")
  list(APPEND fuzz_names ${name})
  string(APPEND declared "void ${name}(std::string_view bytes);\n")
  string(APPEND listed "          {\"${name}\", ${name}},\n")
  list(APPEND sources ${PROJECT_SOURCE_DIR}/tests/fuzz/targets/${name}.cpp)
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/fuzz/target_table.cpp @ONLY CONTENT
     "#include \"fuzz/target_table.h\"\nnamespace cardea::fuzz {\n@declared@
std::vector<Target> target_table() {\n  return {\n@listed@  };\n}\n}  // namespace cardea::fuzz\n")

add_library(fuzz_targets STATIC ${sources} ${PROJECT_SOURCE_DIR}/tests/fuzz/trial_store.cpp)
target_include_directories(fuzz_targets PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(fuzz_targets PUBLIC harness page_states cardea_app cardea_listener CURL::libcurl)
add_library(fuzz_table STATIC ${CMAKE_BINARY_DIR}/fuzz/target_table.cpp)
target_link_libraries(fuzz_table PUBLIC fuzz_targets)

if(CARDEA_FUZZ)
  add_custom_target(fuzzers)
  foreach(name ${fuzz_names})
    configure_file(${PROJECT_SOURCE_DIR}/tests/fuzz/libfuzzer.cpp.in ${CMAKE_BINARY_DIR}/fuzz/${name}.cpp @ONLY)
    add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/fuzz/${name}.cpp)
    target_link_libraries(fuzz_${name} PRIVATE fuzz_targets GTest::gtest)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${name})
  endforeach()
endif()
