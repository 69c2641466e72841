/* SPDX-License-Identifier: Apache-2.0 */
/* What was found, in plain sentences. */
#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

#include "judge/judge_receipt.h"

/* The answer: "Holds.", or what is broken and where. */
void audit_report_finding(FILE *to, const struct finding *f);
/* Log, policy and people in force. */
void audit_report_log(FILE *to, const struct state *s);
/* One request, and who signed which seat. content may be NULL. */
void audit_report_request(FILE *to, const struct state_request *q, const struct deploy_content *content);

#endif
