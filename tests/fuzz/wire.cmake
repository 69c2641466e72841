# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_wire_command SOURCES fuzz_wire_command.c DEPS wire)
cs_fuzz(fuzz_wire_answer SOURCES fuzz_wire_answer.c DEPS wire)
cs_fuzz(fuzz_wire_batch SOURCES fuzz_wire_batch.c DEPS wire)
