# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET countersign AND TARGET countersign-http AND TARGET countersign-kiosk AND TARGET softkey)
    add_test(NAME test_cli
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cli.py" --build "${CMAKE_BINARY_DIR}")
    set_tests_properties(test_cli PROPERTIES TIMEOUT 600 LABELS system)
endif()
if(TARGET countersign)
    add_test(NAME test_cli_policy
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cli_policy.py" --build "${CMAKE_BINARY_DIR}")
    set_tests_properties(test_cli_policy PROPERTIES TIMEOUT 300 LABELS system)
endif()
if(TARGET countersign)
    add_test(NAME test_cli_zones
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cli_zones.py" --build "${CMAKE_BINARY_DIR}")
    set_tests_properties(test_cli_zones PROPERTIES TIMEOUT 600 LABELS system)
endif()
