/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sheet: everything one request needs and what is there so far, in a fixed order. Its digest is what people sign:
 * it covers the lines' definitions, never ages, clocks or who has signed. Pure. Source: docs/policy.md.
 */
#ifndef POLICY_SHEET_H
#define POLICY_SHEET_H

#include "model/model_state.h"
#include "policy/policy_reason.h"

enum sheet_kind {
    SHEET_FIELD,
    SHEET_BIND,
    SHEET_SEPARATE,
    SHEET_SOURCE,
    SHEET_TICKET,
    SHEET_EVIDENCE,
    SHEET_PROMOTION, /* the stage before */
    SHEET_WINDOW,    /* of a calendar */
    SHEET_FREEZE,
    SHEET_REASON,
    SHEET_TOKEN, /* what every key that signs must be, whatever its role */
    SHEET_CLOCK,
    SHEET_SEAT,
    SHEET_EMERGENCY, /* what an emergency stands on: its anchor, presence, budget, review … */
    SHEET_SKIPPED,   /* what the ordinary sheet asks and the emergency goes without: seats, and what could block it */
};
enum sheet_state {
    SHEET_MISSING, /* zero blocks */
    SHEET_MET,
    SHEET_FAILED,  /* it is there, and not as it must be */
    SHEET_WAIVED,  /* the same, and somebody signed that it may be: lets pass as SHEET_MET does */
    SHEET_BLOCKED, /* not now */
};

struct sheet_line {
    enum sheet_kind kind;
    struct span rule;
    struct span id;    /* "title", "artifacts", "authors", "approve", "sign_by", seat id */
    struct span value; /* what is there, short text */
    struct span limit; /* what is asked, short text */
    enum sheet_state state;
    enum policy_reason reason; /* why it is not met; REASON_OK when met */
    bool passing;           /* its value and state come and go by themselves, so what people sign does not cover them */
    bool moves;             /* entries that change neither policy nor request may change what people sign of it */
    struct span role;       /* seats, skipped ones too: */
    struct span after;      /* id of the seat that comes before, */
    struct span after_rule; /* of this rule; empty: of the same */
    uint32_t count;         /* people; for reasons and clocks the number that limit says */
    uint32_t have;          /* distinct people who hold this seat */
    struct span duty;       /* roster in which who signs must be on duty; empty: none */
    uint32_t on_duty;       /* people with the role who are */
    bool self;              /* of an emergency or review: who asked may fill it */
    bool voucher;           /* a voucher may stand in for one person */
    const struct span *also; /* roles whose people may sit here by now as well: escalations */
    size_t also_count;
    enum policy_quorum quorum; /* the seat of a group, which votes; its people are those who had the role (or one of */
    uint32_t of;               /* `also`) when the request was opened. How many had the role: of so many, count agree */
    uint32_t against;
    uint32_t abstained;
    uint32_t can;            /* people of the group who may still agree */
    const struct span *veto; /* roles that can end the request from this seat */
    size_t veto_count;
    struct span source; /* of evidence: the client that sent it, */
    uint64_t at_ms;     /* when it came; 0: not yet, */
    bool has_says;
    struct sha256 says; /* and the digest of what it says: docs/formats/evidence.md §3 */
};

/*
 * What a sheet is made from: content under one or two policies (the one it was opened under and the one in force; every
 * rule of either that matches adds lines). For kind policy and roster the one seat is the officers' and its count the
 * larger of the thresholds before and after the change.
 */
struct emergency_case;

enum { POLICY_SHEET_TEXT_MAX = 4 << 20 }; /* what is signed of a sheet, as text */

struct sheet_input {
    enum request_kind kind;
    const struct deploy_content *deploy; /* by kind; the others are NULL */
    const struct policy_content *policy;
    const struct roster_content *roster;
    const struct emergency_case *emergency; /* then deploy is the deployment that it is about, if it can still be had */
    const struct voucher_content *voucher;
    const struct review_content *review;
    const struct delegate_content *delegate;
    const struct access_review_content *access_review;
    const struct waiver_content *waiver; /* then deploy is the deployment that it is about, if it can still be had */
    const struct state_open *open;       /* of a deployment that is there: its files and waivers; NULL: it has none */
    const struct state_emergency *debt;  /* of a review */
    const struct thaw_content *thaw;
    const struct state *state;      /* the log that it stands in; NULL: none yet, and nothing that asks it is met */
    uint64_t index;                 /* of the request in it; 0 before it is there */
    uint64_t opened_ms;             /* when it was opened */
    const struct state_step *steps; /* its escalations */
    size_t step_count;
    uint64_t now_ms;     /* when it is asked */
    struct span content; /* canonical; of reviews and vouchers */
    const struct state_policy *opened_under;
    const struct state_policy *in_force;    /* may equal opened_under */
    const struct state_decision *decisions; /* may be NULL */
    size_t decision_count;
    bool settled;                /* approved: of the decisions only those that counted then */
    const struct sha256 *digest; /* the sheet's digest where it is known, unless a line moves; NULL: computed */
};

struct sheet {
    struct sheet_input in;    /* borrowed as it was given */
    struct sheet_line *lines; /* in the arena, sorted by kind, rule and id */
    size_t count;
    struct sha256 digest;
    uint64_t sign_by_s; /* the shortest that any rule asks */
    uint64_t use_by_s;
    uint32_t separate; /* bits of policy_separate, over all rules */
    bool attested;     /* every key that signs must have proved where it is */
    uint32_t reason_approve_min;
    uint32_t reason_reject_min;
    const bool *held;     /* of each decision: does it hold a seat? NULL when there is none */
    uint64_t fresh_ms;    /* of an emergency: signatures from before do not count, */
    uint64_t fresh_index; /* nor those before this entry */
    uint64_t until_ms;    /* when a line may change by time alone; UINT64_MAX: never */
    bool complete;        /* every line but the seats lets pass */
    bool seats_full;      /* every seat line is met, and there is at least one */
};

/* Lines and texts live in the arena. CS_E_NOMEM, or the decoder's error for the policy document of a kind policy
 * request. */
CS_RESULT policy_sheet(const struct sheet_input *in, struct arena *arena, struct sheet *ret_sheet);
/* The same for a request in the state; it must be open or approved (q->open is there). */
CS_RESULT policy_sheet_of(const struct state *s, const struct state_request *q, struct arena *arena,
                          struct sheet *ret_sheet);
/* The same, of what state_load gave; the sheet borrows it. */
CS_RESULT policy_sheet_loaded(const struct state *s, const struct state_request *q, const struct state_loaded *l,
                              struct arena *arena, struct sheet *ret_sheet);

/* The same at another time than the last entry's, which matters for what gets old and for people who must be there
 * together. */
CS_RESULT policy_sheet_at(const struct state *s, const struct state_request *q, const struct state_loaded *l,
                          uint64_t now_ms, struct arena *arena, struct sheet *ret_sheet);
/* Fills in what an emergency's sheet needs besides: emergency, deploy, state. */
CS_RESULT policy_sheet_about(const struct state *s, const struct emergency_content *content, struct arena *arena,
                             struct sheet_input *in);
/* Fills in what a waiver's sheet needs besides: waiver, deploy, state, now_ms. */
CS_RESULT policy_sheet_waiver(const struct state *s, const struct waiver_content *content, uint64_t now_ms,
                              struct arena *arena, struct sheet_input *in);
/* Does this signature still count for time's sake? */
bool policy_is_fresh(const struct sheet *s, const struct state_decision *d);

/* The canonical JSON array of lines that explain, kiosk and receipt show. Appends one value under key (NULL: as an
 * item). */
void policy_sheet_write(const struct sheet *sheet, struct json_out *o, const char *key);

/* "evidence"; "none" for anything outside the list. */
const char *policy_sheet_word(enum sheet_kind kind);
bool policy_line_passes(const struct sheet_line *line);
/* Does the request itself say everything that it must? Without that it is not taken at all: nothing can come later. The
 * first line that does not let pass gives the reason, here and below. */
struct verdict policy_sheet_said(const struct sheet *sheet);
/* Is everything there but signatures? What is not may still come. */
struct verdict policy_sheet_complete(const struct sheet *sheet);
/* The same but for calendars, which say when it is used: people sign before the window opens. */
struct verdict policy_sheet_signable(const struct sheet *sheet);
/* Everything is there, and every seat is full: what an approval must still be when it is used. */
struct verdict policy_sheet_met(const struct sheet *sheet);

/* How the request looks at the sheet's time: its own status, or what is only seen and never stored, STATUS_BLOCKED and
 * STATUS_PAUSED. */
enum request_status policy_status(const struct state_request *q, const struct sheet *sheet);

/* "RULE/SEAT"; NULL when the sheet has no such seat. */
const struct sheet_line *policy_sheet_seat(const struct sheet *sheet, struct span seat);
/* Appends the seat's full name. */
void policy_seat_name(const struct sheet_line *line, struct writer *w);

/*
 * May this person say this word in this seat of this request now? Checks role, separation, one seat a person, order,
 * fullness; not the signature. A rejection by a role with a veto needs neither turn nor room. For line == NULL: is
 * there any seat where the person could; *ret_line (may be NULL) says which one first. DECISION_NONE: any word.
 */
struct verdict policy_may_say(const struct sheet *sheet, const struct state_person *person, enum decision_word word,
                              const struct sheet_line *line, const struct sheet_line **ret_line);

/* The same for whoever has this key, in their own place or, if they may not, by a delegation; the key must also be one
 * that the policy allows in the seat's role (REASON_TOKEN_NOT_ALLOWED). Whether the key counts at all is not asked. */
struct verdict policy_may_say_with(const struct sheet *sheet, const struct state_credential *key,
                                   enum decision_word word, const struct sheet_line *line,
                                   const struct sheet_line **ret_line);

/* Why a credential does not count; REASON_OK when it does. */
enum policy_reason policy_standing_reason(enum credential_standing s);
/* In this person's place (NULL: their own) and no other. */
struct verdict policy_may_say_as(const struct sheet *sheet, const struct state_credential *key,
                                 const struct state_delegation *by, enum decision_word word,
                                 const struct sheet_line *line);
/* The delegation that whoever has this key needs for this seat, the oldest that serves; NULL when they need none, or
 * none serves. */
const struct state_delegation *policy_stands_in(const struct sheet *sheet, const struct state_credential *key,
                                                enum decision_word word, const struct sheet_line *line);

/* Does a rejection by this person end the request, whatever the group of this seat says? And in which role. */
const struct span *policy_vetoes_as(const struct state_person *person, const struct sheet_line *line);
bool policy_vetoes(const struct state_person *person, const struct sheet_line *line);
/* Would this rejection leave the request open: one vote of a group that may still agree? */
bool policy_outvotable(const struct state_person *person, const struct sheet_line *line);

/* What a statement of this person, this word and this seat must name as the signature before it; *ret_has is false
 * where it names none. CS_E_STATE when the seat before is not full. */
CS_RESULT policy_previous(const struct sheet *sheet, const struct sheet_line *line, enum decision_word word,
                          const struct state_person *person, struct sha256 *ret_previous, bool *ret_has);

/* Does the policy document load with this roster (every role declared, every seat fillable, officers > threshold)? */
struct verdict policy_loads(const struct policy_doc *doc, const struct state *s);
/* The next role of the rule, from *at on, in which too few people can sign now, as a seat or a step of it asks; empty:
 * none. *at is 0 at first, and goes on. */
struct span policy_rule_lacks(const struct policy_doc *doc, const struct policy_rule *rule, const struct state *s,
                              size_t *at);
/* Do the changes fit the roster, and leave enough officers to decide anything? Attestations and certificates are the
 * judge's to check; what they say is in facts, one for each change, NULL when no change is about cards. */
struct verdict policy_roster_fits(const struct state *s, const struct policy_doc *doc,
                                  const struct roster_changes *changes, const struct change_facts *facts);
/* The subjects that a statement about this content must name; at most MODEL_ARTIFACTS_MAX. */
size_t policy_subjects(const struct sheet_input *in, struct arena *arena,
                       struct named_digest ret_subjects[MODEL_ARTIFACTS_MAX]);

#endif
