# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_json_check SOURCES fuzz_json_check.c DEPS json)
cs_fuzz(fuzz_json_tree SOURCES fuzz_json_tree.c DEPS json)
cs_fuzz(fuzz_json_stream SOURCES fuzz_json_stream.c DEPS json)
