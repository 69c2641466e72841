# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_judge SOURCES fuzz_judge.c DEPS judge LIBS any_log)
cs_fuzz(fuzz_receipt SOURCES fuzz_receipt.c DEPS judge)
