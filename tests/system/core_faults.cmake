# SPDX-License-Identifier: Apache-2.0
# The core on a disk that fails, and killed at every write. The shim would stand in a sanitizer's way.
if(TARGET core_rig AND NOT COUNTERSIGN_SANITIZE AND NOT COUNTERSIGN_TSAN)
    add_library(core_fault_shim MODULE core_fault_shim.c)
    # not cs_flags: those are for programs
    target_compile_definitions(core_fault_shim PRIVATE _GNU_SOURCE)
    target_compile_options(core_fault_shim PRIVATE -include "${CMAKE_SOURCE_DIR}/src/banned.h" -Wall -Wextra -Werror -O2)
    target_link_libraries(core_fault_shim PRIVATE ${CMAKE_DL_LIBS})
    add_executable(test_core_faults test_core_faults.c)
    target_link_libraries(test_core_faults PRIVATE cs_flags core_rig wire ipc sqlite3)
    target_compile_definitions(test_core_faults PRIVATE FAULT_SHIM="$<TARGET_FILE:core_fault_shim>"
        COUNTERSIGND="$<TARGET_FILE:countersignd>")
    add_dependencies(test_core_faults core_fault_shim)
    set_target_properties(test_core_faults PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME test_core_faults COMMAND test_core_faults)
    set_tests_properties(test_core_faults PROPERTIES TIMEOUT 900 LABELS system)
endif()
