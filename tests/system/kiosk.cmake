# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
# the sanitizers' runtimes do not live in the cage, nor under the tokens' test bed
if(NOT COUNTERSIGN_SANITIZE AND NOT COUNTERSIGN_TSAN AND TARGET countersign-kiosk AND TARGET countersignd AND TARGET countersign-token AND TARGET softkey)
    add_test(NAME test_kiosk
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_kiosk.py" --build "${CMAKE_BINARY_DIR}")
    set_tests_properties(test_kiosk PROPERTIES TIMEOUT 600 LABELS system)
endif()
