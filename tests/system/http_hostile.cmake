# SPDX-License-Identifier: Apache-2.0
# The HTTP front over a real core. Limits in time and memory are the shipped program's, not a sanitizer's.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET core_rig AND TARGET countersign-http)
    add_executable(http_stage http_stage.c)
    target_link_libraries(http_stage PRIVATE cs_flags core_rig)
    set_target_properties(http_stage PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_executable(hand_stage hand_stage.c)
    target_link_libraries(hand_stage PRIVATE cs_flags core_rig)
    set_target_properties(hand_stage PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    foreach(name dashboard directory evidence evidence_kinds example freeze gates history people routing)
        add_test(NAME test_${name}
            COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_${name}.py" --build "${CMAKE_BINARY_DIR}")
        set_tests_properties(test_${name} PROPERTIES TIMEOUT 300 LABELS system)
    endforeach()
    pkg_check_modules(LOAD_TLS REQUIRED IMPORTED_TARGET openssl)
    add_executable(http_load http_load.c)
    target_link_libraries(http_load PRIVATE cs_flags base PkgConfig::LOAD_TLS)
    set_target_properties(http_load PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    if(NOT COUNTERSIGN_SANITIZE AND NOT COUNTERSIGN_TSAN)
        add_test(NAME test_http_hostile
            COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_http_hostile.py" --build "${CMAKE_BINARY_DIR}")
        add_test(NAME test_http_stall
            COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_http_stall.py" --build "${CMAKE_BINARY_DIR}")
        set_tests_properties(test_http_hostile test_http_stall PROPERTIES TIMEOUT 180 LABELS system)
    elseif(COUNTERSIGN_SANITIZE) # what is malformed, where a sanitizer sees it; not what is slow or many
        add_test(NAME test_http_hostile
            COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_http_hostile.py" --build "${CMAKE_BINARY_DIR}"
                --only bad_bodies all_missing keys keys_at_once framing addresses transport certificates options)
        set_tests_properties(test_http_hostile PROPERTIES TIMEOUT 600 LABELS system)
    endif()
endif()
