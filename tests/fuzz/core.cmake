# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_core_act SOURCES fuzz_core_act.c DEPS core ipc LIBS core_inside)
