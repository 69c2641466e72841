# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_token_command SOURCES fuzz_token_command.c DEPS token)
cs_fuzz(fuzz_token_attestation SOURCES fuzz_token_attestation.c DEPS token)
cs_fuzz(fuzz_token_tlv SOURCES fuzz_token_tlv.c DEPS token)
cs_fuzz(fuzz_token_piv SOURCES fuzz_token_piv.c DEPS token)
cs_fuzz(fuzz_token_report SOURCES fuzz_token_report.c DEPS token)
