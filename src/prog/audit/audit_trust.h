/* SPDX-License-Identifier: Apache-2.0 */
/* The trust file on the command line. */
#ifndef AUDIT_TRUST_H
#define AUDIT_TRUST_H

#include "judge/judge_finding.h"
#include "judge/judge_trust.h"

/* FINDING_CANNOT_TELL when it cannot be read or is no trust file. Lives in the arena. */
struct finding audit_trust_read(const char *path, struct arena *a, struct trust *ret_trust);

#endif
