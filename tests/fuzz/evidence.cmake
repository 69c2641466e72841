# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_evidence_junit SOURCES fuzz_evidence_junit.c fuzz_evidence.c DEPS evidence)
