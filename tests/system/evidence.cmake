# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME test_evidence_schemas COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/test_evidence_schemas.py")
set_tests_properties(test_evidence_schemas PROPERTIES TIMEOUT 60 LABELS unit)
