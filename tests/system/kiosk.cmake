# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
# thread sanitizer's runtime does not live in the cage
if(NOT COUNTERSIGN_TSAN AND TARGET countersign-kiosk AND TARGET countersignd AND TARGET countersign-token AND TARGET softkey)
    foreach(name kiosk kiosk_cards kiosk_gates kiosk_glass kiosk_people kiosk_presence)
        add_test(NAME test_${name}
            COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_${name}.py" --build "${CMAKE_BINARY_DIR}")
        set_tests_properties(test_${name} PROPERTIES TIMEOUT 900 LABELS system)
    endforeach()
endif()
