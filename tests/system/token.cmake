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
if(TARGET softkey AND TARGET softcard)
    pkg_check_modules(PCSC REQUIRED IMPORTED_TARGET libpcsclite)
    add_executable(card_tool "${CMAKE_CURRENT_LIST_DIR}/card_tool.c")
    target_link_libraries(card_tool PRIVATE cs_flags PkgConfig::PCSC)
    add_test(NAME test_token_cards
        COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_token_piv.py"
            --agent $<TARGET_FILE:countersign-token> --softkey $<TARGET_FILE:softkey> --build "${CMAKE_BINARY_DIR}"
            --tool $<TARGET_FILE:card_tool> --sanitized $<OR:$<BOOL:${COUNTERSIGN_SANITIZE}>,$<BOOL:${COUNTERSIGN_TSAN}>>)
    set_tests_properties(test_token_cards PROPERTIES TIMEOUT 400 LABELS system)
endif()
