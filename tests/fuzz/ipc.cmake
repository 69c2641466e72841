# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_ipc_frame SOURCES fuzz_ipc_frame.c DEPS ipc)
