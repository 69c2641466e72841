# SPDX-License-Identifier: Apache-2.0
# The main job whole: the demo, unattended, with the binaries that ship.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT COUNTERSIGN_SANITIZE AND NOT COUNTERSIGN_TSAN AND NOT COUNTERSIGN_COVERAGE)
    add_test(NAME demo_once
        COMMAND Python3::Interpreter "${CMAKE_SOURCE_DIR}/tests/demo/demo.py" --build "${CMAKE_BINARY_DIR}" --once
            --unit test_base --out "${CMAKE_BINARY_DIR}/demo-once")
    set_tests_properties(demo_once PROPERTIES TIMEOUT 600 LABELS system)
endif()
