/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_EVIDENCE_H
#define FUZZ_EVIDENCE_H

#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the bytes as evidence, whole and byte by byte: the answers are the same; a summary is sorted and distinct and
 * counts no more than there is; its report fits an entry and is decoded again. */
void fuzz_evidence(const struct evidence_options *o, struct span text);

#endif
