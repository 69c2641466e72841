# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_softcard_apdu SOURCES fuzz_softcard_apdu.c LIBS softcard_core)
