# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET softkey AND TARGET countersignd AND TARGET countersign-http AND TARGET countersign-kiosk)
    add_test(NAME test_cage_programs
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cage.py" --build "${CMAKE_BINARY_DIR}"
            --sanitized $<OR:$<BOOL:${COUNTERSIGN_SANITIZE}>,$<BOOL:${COUNTERSIGN_TSAN}>>)
    set_tests_properties(test_cage_programs PROPERTIES TIMEOUT 120 LABELS system)
endif()
