# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_client_numstat SOURCES fuzz_client_numstat.c DEPS client)
