/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Break-glass: what is asked for at the kiosk when the ordinary way is too slow, what it grants, and what is owed for
 * it. Pure. Source: docs/formats/entry.md.
 */
#ifndef MODEL_EMERGENCY_H
#define MODEL_EMERGENCY_H

#include "model/model_request.h"

enum { MODEL_BYPASSED_MAX = POLICY_NAMES_MAX, MODEL_SCOPE_MAX = 64 };

/* content of kind emergency: one deployment, now. */
struct emergency_content {
    struct span anchor;        /* incident, CVE or date, as its kind says */
    struct span initiator;     /* person */
    struct span justification; /* 1..MODEL_FIELD_MAX code points */
    struct span kind;          /* of the policy's emergency kinds */
    uint64_t request;          /* index of the deploy request: an open one, or for a rollback one that succeeded */
    bool has_voucher;
    uint64_t voucher; /* index of the voucher's request */
};
CS_RESULT model_emergency_content_decode(struct span content, struct arena *arena,
                                         struct emergency_content *ret_content);
CS_RESULT model_emergency_content_encode(const struct emergency_content *c, struct writer *w);

/* content of kind voucher: an executive's signature for one emergency to come. */
struct voucher_content {
    struct span *environments; /* 1..MODEL_SCOPE_MAX, sorted */
    size_t environment_count;
    struct span initiator; /* the executive, who signs it */
    struct span *kinds;    /* of emergency; 1..POLICY_KINDS_MAX, sorted */
    size_t kind_count;
    uint64_t life_s;    /* from the signature on */
    struct span person; /* who may use it; exactly one of person and role is there */
    struct span reason; /* 1..MODEL_FIELD_MAX code points */
    struct span role;
    struct span seat;      /* id of the emergency's seat that it fills */
    struct span *services; /* sorted; none: any */
    size_t service_count;
};
CS_RESULT model_voucher_content_decode(struct span content, struct arena *arena, struct voucher_content *ret_content);
CS_RESULT model_voucher_content_encode(const struct voucher_content *c, struct writer *w);

/* content of kind review: what is told afterwards. */
struct review_content {
    uint64_t emergency;                      /* index of the emergency entry */
    struct text_pair fields[MODEL_DOCS_MAX]; /* sorted by key */
    size_t field_count;
    struct span initiator; /* person */
};
CS_RESULT model_review_content_decode(struct span content, struct arena *arena, struct review_content *ret_content);
CS_RESULT model_review_content_encode(const struct review_content *c, struct writer *w);

/* Is this an anchor of that kind? For a date: also, is it not past at now_ms. */
bool model_anchor_fits(enum policy_anchor kind, struct span anchor, uint64_t now_ms);

/* --- entries; emergency, overdue and review entries are one chain by prev, 0 at its start --- */

/* Whoever holds this role would have had a say, and is told. */
struct bypassed {
    uint64_t holders; /* people who have the role and a key that counts */
    struct span role;
    uint64_t seats; /* people that the ordinary sheet asks for */
};

/* The `emergency` entry: what the signatures granted. */
struct emergency_grant {
    struct named_digest artifacts[MODEL_ARTIFACTS_MAX];
    size_t artifact_count;
    struct bypassed *bypassed; /* sorted by role */
    size_t bypassed_count;
    bool clock_trusted;
    uint64_t due_ms; /* the review is owed by then */
    struct span environment;
    uint64_t grants; /* index of the deploy request that may be redeemed once */
    struct span kind;
    bool over_budget;
    uint64_t prev;
    bool has_ran;
    uint64_t ran;     /* of a rollback that is a request of its own: the deployment that ran with these artifacts */
    uint64_t request; /* index of the emergency request */
    struct span service;
    uint64_t use_by_ms;
    uint64_t used; /* emergencies in the budget's period, this one included; 0 without a budget */
    bool has_voucher;
    uint64_t voucher; /* index of the voucher's request, used up by this */
};
CS_RESULT model_grant_decode(struct span body, struct arena *arena, struct emergency_grant *ret_grant);
CS_RESULT model_grant_encode(const struct emergency_grant *g, struct writer *w);

/* The review of this emergency entry is not there in time. */
struct overdue {
    uint64_t emergency;
    uint64_t prev;
};
CS_RESULT model_overdue_decode(struct span body, struct arena *arena, struct overdue *ret_overdue);
CS_RESULT model_overdue_encode(const struct overdue *x, struct writer *w);

/* An approved review request pays what the emergency owes. */
struct review_effect {
    uint64_t emergency;
    uint64_t prev;
    uint64_t request;
};
CS_RESULT model_review_effect_decode(struct span body, struct arena *arena, struct review_effect *ret_effect);
CS_RESULT model_review_effect_encode(const struct review_effect *x, struct writer *w);

#endif
