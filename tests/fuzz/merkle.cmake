# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_merkle_tile SOURCES fuzz_merkle_tile.c DEPS merkle)
cs_fuzz(fuzz_merkle_proof SOURCES fuzz_merkle_proof.c DEPS merkle)
