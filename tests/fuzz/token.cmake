# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_token_command SOURCES fuzz_token_command.c DEPS token)
cs_fuzz(fuzz_token_attestation SOURCES fuzz_token_attestation.c DEPS token)
