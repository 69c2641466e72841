# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_draft_load SOURCES fuzz_draft_load.c DEPS draft)
cs_fuzz(fuzz_draft_policy SOURCES fuzz_draft_policy.c DEPS draft)
cs_fuzz(fuzz_draft_zone SOURCES fuzz_draft_zone.c DEPS draft)
