# SPDX-License-Identifier: Apache-2.0
# A real countersignd, and the test as all of its peers.
find_library(FAKETIME_LIBRARY REQUIRED NAMES libfaketime.so.1 PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/faketime)
if(TARGET countersignd)
    add_library(core_rig STATIC core_rig.c)
    target_link_libraries(core_rig PRIVATE cs_flags PUBLIC follow author_log cmocka)
    target_include_directories(core_rig PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
    target_compile_definitions(core_rig PRIVATE COUNTERSIGND="$<TARGET_FILE:countersignd>"
        FAKETIME_LIBRARY="${FAKETIME_LIBRARY}")
    target_compile_definitions(core_rig PUBLIC
        RIG_SANITIZED=$<OR:$<BOOL:${COUNTERSIGN_SANITIZE}>,$<BOOL:${COUNTERSIGN_TSAN}>>)
    add_dependencies(core_rig countersignd)
    foreach(name emergency flow refusals peers restart)
        add_executable(test_core_${name} test_core_${name}.c)
        target_link_libraries(test_core_${name} PRIVATE cs_flags core_rig)
        set_target_properties(test_core_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
        add_test(NAME test_core_${name} COMMAND test_core_${name})
        set_tests_properties(test_core_${name} PROPERTIES TIMEOUT 300 LABELS system)
    endforeach()
    target_compile_definitions(test_core_flow PRIVATE COUNTERSIGN="$<TARGET_FILE:countersign>")
    add_dependencies(test_core_flow countersign)
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME test_cli_local
    COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cli_local.py" --cli $<TARGET_FILE:countersign>
        --core $<TARGET_FILE:countersignd>)
set_tests_properties(test_cli_local PROPERTIES TIMEOUT 180 LABELS system)
add_test(NAME test_cli_receipt
    COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cli_receipt.py" --cli $<TARGET_FILE:countersign>)
set_tests_properties(test_cli_receipt PROPERTIES TIMEOUT 180 LABELS system)
if(TARGET core_rig)
    add_executable(test_core_people test_core_people.c)
    target_link_libraries(test_core_people PRIVATE cs_flags core_rig)
    set_target_properties(test_core_people PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_compile_definitions(test_core_people PRIVATE COUNTERSIGN="$<TARGET_FILE:countersign>")
    add_dependencies(test_core_people countersign)
    add_test(NAME test_core_people COMMAND test_core_people)
    set_tests_properties(test_core_people PROPERTIES TIMEOUT 300 LABELS system)
endif()
