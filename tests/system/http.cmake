# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET countersign-http)
    add_test(NAME test_http
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_http.py" --build "${CMAKE_BINARY_DIR}")
    set_tests_properties(test_http PROPERTIES TIMEOUT 300 LABELS system RUN_SERIAL TRUE)
endif()
