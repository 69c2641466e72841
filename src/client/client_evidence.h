/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file as evidence (docs/formats/evidence-files.md) before it is sent: what would be refused is refused here.
 */
#ifndef CLIENT_EVIDENCE_H
#define CLIENT_EVIDENCE_H

#include "evidence/evidence.h"

/* Feeds the file to e, which was just begun and stays the caller's, and ends it. CS_E_MISSING "file", CS_E_IO "file",
 * and those of evidence_feed and evidence_end. */
CS_RESULT client_evidence(struct evidence *e, const char *path, const struct evidence_summary **ret_summary);

#endif
