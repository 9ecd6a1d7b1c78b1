# What tests/bench/run drives: the driver, the ceilings, the static answer, and the allocation counter.
add_library(bench_parts STATIC tests/bench/meter.cpp)
target_include_directories(bench_parts PUBLIC ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(bench_parts PUBLIC cardea_base)

cardea_program(bench_driver tests/bench/driver.cpp tests/bench/wire.cpp tests/bench/workload.cpp
               DEPS base crypto jose LIBS bench_parts OpenSSL::SSL)
cardea_program(bench_ceilings tests/bench/ceilings.cpp DEPS base crypto LIBS bench_parts)
cardea_program(bench_static tests/bench/static_server.cpp DEPS base http listener task)
add_library(bench_allocations SHARED tests/bench/allocations.cpp)
add_dependencies(product bench_allocations)
