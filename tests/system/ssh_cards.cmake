# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET countersign AND TARGET countersign-http)
    add_test(NAME test_ssh_cards
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_ssh_cards.py" --build "${CMAKE_BINARY_DIR}")
    set_tests_properties(test_ssh_cards PROPERTIES TIMEOUT 300 LABELS system)
endif()
