# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_note_signed SOURCES fuzz_note_signed.c DEPS note)
cs_fuzz(fuzz_note_proof SOURCES fuzz_note_proof.c DEPS note)
cs_fuzz(fuzz_note_vkey SOURCES fuzz_note_vkey.c DEPS note)
cs_fuzz(fuzz_note_dsse SOURCES fuzz_note_dsse.c DEPS note)
cs_fuzz(fuzz_note_spki SOURCES fuzz_note_spki.c DEPS note)
