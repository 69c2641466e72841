/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read a policy document share; private to this room. Pure. */
#ifndef MODEL_POLICY_IN_H
#define MODEL_POLICY_IN_H

#include "model/model_policy.h"

/* Rule and seat ids are joined by a slash in a seat's full name, so they hold none. */
CS_RESULT model_policy_part_id(struct json_in *in, const char *what, struct span *ret_id);
/* 1..POLICY_SECONDS_MAX */
CS_RESULT model_policy_seconds(struct json_in *in, const char *what, uint64_t *ret_seconds);

/* The member `evidence` of a rule's `require` if it is there. */
CS_RESULT model_policy_evidence_if(struct json_in *in, struct policy_rule *rule);
/* It names only roles and environments that the document declares. */
CS_RESULT model_policy_evidence_check(const struct policy_doc *doc, const struct policy_rule *rule);
/* The members `calendar` and `zones` if they are there. */
CS_RESULT model_policy_calendar_if(struct json_in *in, struct policy_doc *doc);
CS_RESULT model_policy_zones_if(struct json_in *in, struct policy_doc *doc);
CS_RESULT model_policy_freeze_if(struct json_in *in, const struct policy_freeze **ret_freeze);
/* They name only what the document declares; finds the windows' zones. */
CS_RESULT model_policy_calendar_check(struct policy_doc *doc);
/* True, or left out: it has one spelling. */
CS_RESULT model_policy_true_if(struct json_in *in, const char *what, bool *ret_asked);

/* Of a seat that stands open, after `id`: quorum; and after `role`: veto. */
CS_RESULT model_policy_quorum_if(struct json_in *in, struct policy_seat *seat);
CS_RESULT model_policy_veto_if(struct json_in *in, struct policy_seat *seat);
/* "SEAT" or "RULE/SEAT". */
CS_RESULT model_policy_after_if(struct json_in *in, struct policy_seat *seat);
/* Of `require` that stands open. */
CS_RESULT model_policy_steps_if(struct json_in *in, struct policy_rule *rule);
CS_RESULT model_policy_rule_token_if(struct json_in *in, struct policy_rule *rule);
/* Roles and conditions that these name are declared; each `after` is a seat, and no chain of them comes back. */
CS_RESULT model_policy_route_check(struct policy_doc *doc, struct arena *arena);

/* The member `emergency` if it is there: into the arena; else *ret_emergency stays. */
CS_RESULT model_policy_emergency_if(struct json_in *in, const struct policy_emergency **ret_emergency);
/* The members `access_review`, `delegation`, `directory` and `duty`, if they are there. */
CS_RESULT model_policy_review_if(struct json_in *in, struct policy_doc *doc);
CS_RESULT model_policy_delegation_if(struct json_in *in, struct policy_doc *doc);
CS_RESULT model_policy_directory_if(struct json_in *in, struct policy_directory *ret_directory);
CS_RESULT model_policy_duty_if(struct json_in *in, struct policy_doc *doc);
/* What the document says of people names only roles that it declares. */
CS_RESULT model_policy_people_check(const struct policy_doc *doc);
/* It names only roles, environments and change types that the document declares. */
CS_RESULT model_policy_emergency_check(const struct policy_doc *doc);

/* The member `promotion` if it is there; names only environments that the document declares, and no circle. */
CS_RESULT model_policy_promotion_if(struct json_in *in, struct policy_doc *doc);
/* The members `source` and `ticket` of `require` if they are there. */
CS_RESULT model_policy_source_if(struct json_in *in, struct policy_rule *rule);
CS_RESULT model_policy_ticket_if(struct json_in *in, struct policy_rule *rule);
/* The member `earned` if it is there; names only seats that a rule has, and asks for fewer people than they do. */
CS_RESULT model_policy_earned_if(struct json_in *in, struct policy_doc *doc);
CS_RESULT model_policy_earned_check(struct policy_doc *doc);

/* The member `retention` if it is there. */
CS_RESULT model_policy_retention_if(struct json_in *in, struct policy_retention *ret_retention);

#endif
