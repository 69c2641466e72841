# SPDX-License-Identifier: Apache-2.0
# The one place that says how code is compiled: cs_flags for everything, cs_flags_foreign_asserts for cmocka tests.
add_library(cs_flags INTERFACE)
target_compile_features(cs_flags INTERFACE c_std_17)
set_property(DIRECTORY PROPERTY C_EXTENSIONS OFF)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

target_compile_definitions(cs_flags INTERFACE _GNU_SOURCE)
target_compile_options(cs_flags INTERFACE
    -include "${CMAKE_SOURCE_DIR}/src/banned.h"
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align
    -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wredundant-decls
    -Wpointer-arith -Wbad-function-cast -Wundef -Wvla -Walloca -Wformat=2 -Wimplicit-fallthrough
    -Wnull-dereference -Wswitch-enum -Wdouble-promotion -Wfloat-equal -Wdate-time
    -g -fstack-protector-strong -fstack-clash-protection -fPIE -fno-common -fno-strict-aliasing
    -fno-delete-null-pointer-checks -fwrapv -fvisibility=hidden)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(cs_flags INTERFACE -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    target_compile_options(cs_flags INTERFACE -mbranch-protection=standard)
endif()

if(COUNTERSIGN_SANITIZE)
    target_compile_options(cs_flags INTERFACE -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
    target_link_options(cs_flags INTERFACE -fsanitize=address,undefined)
elseif(COUNTERSIGN_TSAN)
    target_compile_options(cs_flags INTERFACE -O1 -fsanitize=thread -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
    target_link_options(cs_flags INTERFACE -fsanitize=thread)
elseif(COUNTERSIGN_FUZZ)
    target_compile_options(cs_flags INTERFACE -O1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
    target_link_options(cs_flags INTERFACE -fsanitize=address,undefined)
else()
    # the frame limit is for what ships: sanitizers grow frames by redzones
    target_compile_options(cs_flags INTERFACE -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -Wframe-larger-than=8192)
endif()
if(COUNTERSIGN_COVERAGE)
    target_compile_options(cs_flags INTERFACE --coverage)
    target_link_options(cs_flags INTERFACE --coverage)
endif()

if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(cs_flags INTERFACE
        -Wformat-signedness -Wformat-overflow=2 -Wformat-truncation=2 -Wlogical-op -Wduplicated-cond
        -Wduplicated-branches -Wjump-misses-init -Wtrampolines -Warith-conversion -Wstringop-overflow=4
        -Warray-bounds=2 -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr)
else()
    target_compile_options(cs_flags INTERFACE
        -Wcomma -Wconditional-uninitialized -Wassign-enum -Wshorten-64-to-32 -Wextra-semi-stmt
        -Wloop-analysis -Wunreachable-code-aggressive -Warray-bounds-pointer-arithmetic
        -ftrivial-auto-var-init=pattern
        "SHELL:-mllvm -enable-shrink-wrap=false") # docs/adr/0070-clang-shrink-wrap.md
endif()

target_link_options(cs_flags INTERFACE
    -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed -Wl,--no-undefined -Wl,--fatal-warnings)
