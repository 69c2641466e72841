/* SPDX-License-Identifier: Apache-2.0 */
/* One rule a type of entry: may this entry stand here? Inside the room only. */
#ifndef JUDGE_RULES_H
#define JUDGE_RULES_H

#include "judge/judge.h"

/* An entry while it is judged; everything in the judge's scratch arena. */
struct judge_case {
    struct judge *j;
    struct span leaf;
    struct entry e;
    struct entry_body *body;
    struct state_facts facts; /* what a rule found out for the fold */
};

struct verdict judge_genesis(struct judge_case *c);
struct verdict judge_effect(struct judge_case *c);
struct verdict judge_request(struct judge_case *c);
struct verdict judge_decision(struct judge_case *c);
struct verdict judge_withdraw(struct judge_case *c);
struct verdict judge_expire(struct judge_case *c);
struct verdict judge_escalate(struct judge_case *c);
struct verdict judge_redeem(struct judge_case *c);
struct verdict judge_outcome(struct judge_case *c);

struct verdict judge_evidence(struct judge_case *c);
struct verdict judge_waiver(struct judge_case *c);
struct verdict judge_grant(struct judge_case *c);
struct verdict judge_overdue(struct judge_case *c);
struct verdict judge_review_effect(struct judge_case *c);
struct verdict judge_lapse(struct judge_case *c);
struct verdict judge_alarm(struct judge_case *c);
struct verdict judge_directory(struct judge_case *c);

/* Contents of requests that are about emergencies; *in gets what their sheet is made from. */
struct verdict judge_emergency_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
struct verdict judge_voucher_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
struct verdict judge_review_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
struct verdict judge_waiver_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
struct verdict judge_freeze(struct judge_case *c);
struct verdict judge_thaw(struct judge_case *c);
struct verdict judge_thaw_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
struct verdict judge_delegate_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
struct verdict judge_access_review_content(const struct judge_case *c, const struct request *q, struct sheet_input *in);
/* May the roster entry that carries one of them out stand here? */
struct verdict judge_people_effect(const struct judge_case *c, const struct state_loaded *l);
/* May a request of this kind be decided with the clock as it is? */
bool judge_clock_allows(const struct state *s, enum request_kind kind);
/* Who signs an emergency is at this appliance, and it may still be signed. */
struct verdict judge_is_present(struct judge_case *c, const struct sheet *sheet);
/* Do the policy that it was granted under and the one in force let it be used while the clock is back? */
bool judge_grant_without_clock(const struct state *s, const struct state_request *q);

/* An approved request of this kind, whose signatures still hold: its sheet. For what the core makes of it. */
struct verdict judge_approved(const struct judge_case *c, uint64_t request, enum request_kind kind,
                              const struct state_request **ret_q, struct sheet *ret_sheet);

/* May exactly this be used as the rollback that was signed with q? Then *ret_loaded is its content. The client's scope
 * is not asked. */
struct verdict judge_falls_back(const struct judge_case *c, const struct state_request *q, const struct redeem *r,
                                struct state_loaded *ret_loaded);
/* Does this outcome meet a trigger of the rollback that was signed with q, so that it may be used? */
bool judge_arms(const struct judge_case *c, const struct state_request *q, const struct outcome *o);

/* The client that acts, with this scope; VERDICT_ALLOW or why not. */
struct verdict judge_client(const struct judge_case *c, enum client_scope scope);

/* A person's assertion over `statement`. credential must be of the state that is judged; counter_before its last
 * counter. */
struct judge_assertion {
    enum credential_kind kind;
    struct span auth_data; /* empty for a card */
    struct span sig;
    struct span statement;
    struct span rp_id;
    struct span key; /* SPKI */
    struct sha256 credential_sha256;
    uint32_t counter_before;
};
struct verdict judge_assertion_holds(struct judge *j, const struct judge_assertion *a);
/* Where and when changes are judged. */
struct judge_enrolment {
    const struct state *state; /* knows models and issuers, besides the changes */
    struct span origin;
    struct span rp_id;
    uint64_t time_ms;
};
/* Every FIDO2 key that the changes add proves its model. */
struct verdict judge_attestations_hold(struct judge *j, const struct judge_enrolment *at,
                                       const struct roster_changes *changes);
/* And everything else about new keys, cards and lists of revoked ones: all that is proven of a list of changes. */
struct verdict judge_changes_hold(struct judge *j, const struct judge_enrolment *at,
                                  const struct roster_changes *changes);
/* The envelope is the outcome key's signature over exactly this payload. */
struct verdict judge_envelope_holds(struct judge *j, struct span envelope, struct span payload);

#endif
