/* SPDX-License-Identifier: Apache-2.0 */
/* Files about a deployment and waivers of them, in an author's log. */
#ifndef SUPPORT_AUTHOR_EVIDENCE_H
#define SUPPORT_AUTHOR_EVIDENCE_H

#include "support/author_change.h"

/* Client "scanner", who may send files of every kind, and carol, who has the roles "tech" and, for waivers, "owner".
 * The policy in force then: the two-people policy's seats for production, and these lines of evidence ("" for none). */
void author_evidence_begin(struct author_log *l, const char *lines);

struct author_finding {
    const char *id; /* NULL: no more findings */
    const char *level;
};

struct author_evidence {
    uint64_t request;
    const char *line; /* NULL: "production/sast" */
    enum report_kind kind;
    struct report_number numbers[8]; /* those with a name */
    struct author_finding findings[8];
    bool more;
    const char *text_key; /* one text, or NULL */
    const char *text;
    const char *more_key; /* and another one, after it in the alphabet */
    const char *more_text;
    const char *actor;        /* NULL: "client:scanner" */
    uint64_t age_ms;          /* produced that long ago, */
    uint64_t ahead_ms;        /* or that long in the time to come */
    bool other_artifact;      /* about another one than the request */
    bool no_artifact;         /* about none */
    bool more_artifacts;      /* and about another one besides */
    const char *file;         /* its bytes; NULL: "the file" */
    bool out_of_chain;        /* names another entry before it */
    bool without_baseline;    /* does not say what ran there */
    bool with_other_baseline; /* says that it knows nothing of what ran there */
};
/* The entry as the core makes it; *ret_index (may be NULL) its place. */
struct verdict author_evidence_send(struct author_log *l, const struct author_evidence *e, uint64_t *ret_index);

struct author_waiver {
    uint64_t request;
    const char *line;        /* NULL: "production/sast" */
    const char *findings[4]; /* sorted; none: the line. At the levels that they have now */
    const char *level;       /* instead, of all of them; NULL */
    uint64_t evidence;       /* instead of the newest entry; 0 */
    const char *owner;       /* NULL: "carol" */
    uint64_t life_ms;        /* 0: one day */
};
struct verdict author_waiver_ask(struct author_log *l, const struct author_waiver *w, uint64_t *ret_request);
/* The entry for an approved waiver. */
struct verdict author_waiver_effect(struct author_log *l, uint64_t request);
/* The same, of another deployment or another entry, or out of its chain. */
enum author_waiver_wrong { WAIVER_OF_ANOTHER, WAIVER_OF_ANOTHER_FILE, WAIVER_OUT_OF_CHAIN };
struct verdict author_waiver_effect_wrong(struct author_log *l, uint64_t request, enum author_waiver_wrong how);
/* All of it: asked for, signed by its owner, in effect. The first refusal. */
struct verdict author_waiver(struct author_log *l, const struct author_waiver *w);

#endif
