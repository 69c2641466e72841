/* SPDX-License-Identifier: Apache-2.0 */
/* Requests about who may act for whom, and their effects. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_PEOPLE_H
#define MODEL_PEOPLE_H

#include "model/model_emergency.h"

/*
 * content of kind delegate: somebody lets one other person sign in one of their roles for a time; or takes that back.
 * Its delegator signs it.
 */
struct delegate_content {
    struct span *environments; /* sorted; none: any */
    size_t environment_count;
    uint64_t from_ms;
    struct span initiator; /* the delegator, a person */
    struct span reason;    /* 1..MODEL_FIELD_MAX code points */
    bool revokes_set;      /* then there are initiator and reason besides, and nothing else */
    uint64_t revokes;      /* index of the request that made the delegation */
    struct span role;
    struct span *services; /* sorted; none: any */
    size_t service_count;
    struct span to;    /* a person */
    uint64_t until_ms; /* the first moment after it */
};
CS_RESULT model_delegate_content_decode(struct span content, struct arena *arena, struct delegate_content *ret_content);
CS_RESULT model_delegate_content_encode(const struct delegate_content *c, struct writer *w);

/* What one person may do. */
struct entitlement {
    struct span person;
    struct span roles[MODEL_ROLES_MAX]; /* sorted, at least one */
    size_t role_count;
};

/* content of kind access_review: officers have looked at these, and they stay. What lapsed comes back. */
struct access_review_content {
    struct entitlement *item; /* in the arena, sorted by person, distinct; 1..MODEL_ENTITLEMENTS_MAX */
    size_t count;
    struct span initiator; /* account, or the place itself */
    struct span reason;    /* 1..MODEL_FIELD_MAX code points */
};
CS_RESULT model_access_review_content_decode(struct span content, struct arena *arena,
                                             struct access_review_content *ret_content);
CS_RESULT model_access_review_content_encode(const struct access_review_content *c, struct writer *w);

/* Entry `lapse`: these were not reviewed in time, not used, or are not in the directory. In the roster's chain by prev.
 */
struct lapsed {
    struct span person;
    struct span role;
    bool unused;   /* "unused"; else "unreviewed", */
    bool unlisted; /* or "unlisted": of officers, whom the directory does not have; then not unused */
};
struct lapse {
    struct lapsed item[MODEL_LAPSED_MAX]; /* sorted by person, then role, distinct; at least one */
    size_t count;
    uint64_t prev;
};
CS_RESULT model_lapse_decode(struct span body, struct arena *arena, struct lapse *ret_lapse);
CS_RESULT model_lapse_encode(const struct lapse *x, struct writer *w);

/* Entry `alarm`: all of what nobody, or too few, can sign at this moment; none: it is over. */
struct alarm {
    struct span code;    /* "unfillable_seat" */
    struct span subject; /* rule, or duty roster */
    struct span role;
};
struct alarms {
    struct alarm item[MODEL_ALARMS_MAX]; /* sorted by code, subject and role, distinct */
    size_t count;
};
CS_RESULT model_alarm_decode(struct span body, struct arena *arena, struct alarms *ret_alarms);
CS_RESULT model_alarm_encode(const struct alarms *x, struct writer *w);

#endif
