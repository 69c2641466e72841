/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-audit: one function a subcommand; docs/man/countersign-audit.1. */
#ifndef AUDIT_H
#define AUDIT_H

#include "judge/judge_finding.h"

enum { AUDIT_USAGE = 2 }; /* exit status for a wrong command line; the others are those of judge_finding_exit */

/* argv[0] is the subcommand's name. Returns the exit status. */
int audit_verify(int argc, char **argv);
int audit_extract(int argc, char **argv);
/* json, note, proof, inclusion, consistency, tile, signature, assertion, dsse: one line and 0 (holds) or 1 (refused).
 */
int audit_spot(int argc, char **argv);

#endif
