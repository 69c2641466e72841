# SPDX-License-Identifier: Apache-2.0
# A room is a static library under src/. It sees its own headers and those of the rooms it links, and no others:
# each room's include directory holds one link, named like the room, to its sources.

# cs_room(NAME SOURCES a.c b.c [DEPS room ...] [LIBS library ...])
function(cs_room name)
    cmake_parse_arguments(R "" "" "SOURCES;DEPS;LIBS" ${ARGN})
    add_library(${name} STATIC ${R_SOURCES})
    set(inc "${CMAKE_BINARY_DIR}/inc/${name}")
    file(MAKE_DIRECTORY "${inc}")
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${inc}/${name}" SYMBOLIC)
    target_include_directories(${name} PUBLIC "${inc}")
    target_link_libraries(${name} PRIVATE cs_flags PUBLIC ${R_DEPS} ${R_LIBS})
    set_property(GLOBAL APPEND PROPERTY CS_ROOMS ${name})
endfunction()

# cs_program(NAME SOURCES main.c ... [DEPS room ...] [LIBS library ...])
function(cs_program name)
    cmake_parse_arguments(P "" "" "SOURCES;DEPS;LIBS" ${ARGN})
    add_executable(${name} ${P_SOURCES})
    target_link_libraries(${name} PRIVATE cs_flags ${P_DEPS} ${P_LIBS})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
    set_property(GLOBAL APPEND PROPERTY CS_PROGRAMS ${name})
endfunction()

# cs_unit_test(NAME SOURCES test_x.c [DEPS room ...] [LIBS ...]): one cmocka binary, one ctest entry.
function(cs_unit_test name)
    cmake_parse_arguments(T "" "" "SOURCES;DEPS;LIBS" ${ARGN})
    add_executable(${name} ${T_SOURCES})
    target_link_libraries(${name} PRIVATE cs_flags ${T_DEPS} ${T_LIBS} cmocka)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# cs_fuzz(NAME SOURCES fuzz_x.c [DEPS room ...]): LLVMFuzzerTestOneInput over tests/fuzz/corpus/NAME.
# With COUNTERSIGN_FUZZ it is a libFuzzer binary; otherwise every corpus file is replayed as a test.
function(cs_fuzz name)
    cmake_parse_arguments(F "" "" "SOURCES;DEPS;LIBS" ${ARGN})
    if(COUNTERSIGN_FUZZ)
        add_executable(${name} ${F_SOURCES})
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(${name} ${F_SOURCES} "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c")
        add_test(NAME ${name} COMMAND ${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
        set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
    endif()
    target_link_libraries(${name} PRIVATE cs_flags ${F_DEPS} ${F_LIBS})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
    set_property(GLOBAL APPEND PROPERTY CS_FUZZERS ${name})
endfunction()
