# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME test_audit_spot_checks
    COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_audit_spot_checks.py" $<TARGET_FILE:countersign-audit>)
set_tests_properties(test_audit_spot_checks PROPERTIES TIMEOUT 300 LABELS system)
