# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_executable(fido_tool "${CMAKE_CURRENT_LIST_DIR}/fido_tool.c")
target_link_libraries(fido_tool PRIVATE cs_flags token) # for libfido2
if(TARGET softkey)
    add_test(NAME test_token
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_token.py"
            --agent $<TARGET_FILE:countersign-token> --softkey $<TARGET_FILE:softkey> --tool $<TARGET_FILE:fido_tool>
            --sanitized $<OR:$<BOOL:${COUNTERSIGN_SANITIZE}>,$<BOOL:${COUNTERSIGN_TSAN}>>)
    set_tests_properties(test_token PROPERTIES TIMEOUT 180 LABELS system)
endif()
