/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_EVIDENCE_H
#define FUZZ_EVIDENCE_H

#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the bytes as evidence, whole and byte by byte: the answers are the same, and a summary fits an entry, is
 * canonical, sorted and distinct, and counts no more than there is. */
void fuzz_evidence(const struct evidence_options *o, struct span text);

#endif
