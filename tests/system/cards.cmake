# SPDX-License-Identifier: Apache-2.0
# The soft cards through a private pcscd: as our own tests see them, and as programs of others do.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
pkg_check_modules(PCSCLITE REQUIRED IMPORTED_TARGET libpcsclite)
add_executable(pcsc_tool "${CMAKE_CURRENT_LIST_DIR}/pcsc_tool.c")
target_link_libraries(pcsc_tool PRIVATE cs_flags base PkgConfig::PCSCLITE)
add_test(NAME test_cards_keys
    COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_cards_keys.py"
        --build "${CMAKE_BINARY_DIR}" --tool $<TARGET_FILE:pcsc_tool> --fido $<TARGET_FILE:fido_tool>)
set_tests_properties(test_cards_keys PROPERTIES TIMEOUT 180 LABELS system)
foreach(name cards cards_clients)
    add_test(NAME test_${name}
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_${name}.py"
            --build "${CMAKE_BINARY_DIR}" --tool $<TARGET_FILE:pcsc_tool>)
    set_tests_properties(test_${name} PROPERTIES TIMEOUT 300 LABELS system)
endforeach()
