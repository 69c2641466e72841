# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_judge SOURCES fuzz_judge.c DEPS judge LIBS author_log)
