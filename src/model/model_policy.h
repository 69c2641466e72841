/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled policy document as it stands in the log. Decoding checks its own consistency. Pure.
 * Source: docs/formats/policy.md. */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "model/model_calendar.h"
#include "model/model_entry.h"
#include "model/model_history.h"

enum {
    POLICY_RULES_MAX = 1024,
    POLICY_SEATS_MAX = 32,
    POLICY_FIELDS_MAX = 32, /* fields, conditions, alternatives of a condition */
    POLICY_NAMES_MAX = 256, /* roles, environments, change types, values of a condition */
    POLICY_COUNT_MAX = 16,
    POLICY_SECONDS_MAX = 315576000, /* ten years */
    POLICY_KINDS_MAX = 16,          /* of emergency */
    POLICY_PORTS_MAX = 16,
    POLICY_EVIDENCE_MAX = 16, /* lines a rule */
    POLICY_LIMITS_MAX = 16,
    POLICY_WINDOW_MAX = 3600, /* seconds between the signatures of people who are together */
    POLICY_VETO_MAX = 8,
    POLICY_STEPS_MAX = 8, /* of a rule's escalation */
};

/* How many of a group must agree. */
enum policy_quorum { QUORUM_NONE, QUORUM_COUNT, QUORUM_MAJORITY, QUORUM_TWO_THIRDS, QUORUM_KINDS };
const char *policy_quorum_text(enum policy_quorum q);

struct policy_seat {
    struct span id; /* within its rule; a sheet names it RULE/ID, so neither holds a slash */
    struct span role;
    struct span after; /* seat that must be full before: an id of the same rule, or "RULE/SEAT"; empty for none */
    uint32_t count;    /* distinct people, 1..POLICY_COUNT_MAX; of a quorum the least, however few the group is */
    enum policy_quorum quorum; /* of those who had the role when the request was opened; QUORUM_NONE: no vote */
    struct span *veto;         /* of a quorum: roles whose rejection ends the request */
    size_t veto_count;
    bool self;    /* of an emergency or its review: who asks may fill it, and whom the ordinary rules keep out */
    bool voucher; /* of an emergency: a voucher may stand in for one person */
};

enum policy_separate { SEPARATE_AUTHORS = 1, SEPARATE_INITIATOR = 2, SEPARATE_POLICY_EDITOR = 4, SEPARATE_TRIGGER = 8 };
enum policy_bind { BIND_ARTIFACTS = 1, BIND_CONFIG = 2, BIND_PLAN = 4 };

enum limit_kind {
    LIMIT_NONE, /* never decoded; never holds */
    LIMIT_DROP, /* not more than `bound` below what ran there before */
    LIMIT_GE,
    LIMIT_LE,
};

struct policy_limit {
    enum limit_kind kind;
    struct span name; /* of the report's numbers; of junit also "pass", passed per million that ran */
    uint64_t bound;
};

/* One line of evidence. What is zero is not asked for; a line that asks for nothing asks for a file. */
struct policy_evidence {
    struct span id; /* within its rule; no slash */
    enum report_kind kind;
    bool baseline;               /* findings that what runs there has, too, do not count against `le` */
    bool schema_from;            /* a migration starts from the schema that the last deployment there ended at */
    struct span from;            /* a canary's environment */
    struct span key;             /* SPKI whose signature provenance must carry */
    struct span waivable_by;     /* role; empty: nobody may waive it */
    struct policy_limit *limits; /* sorted by name and kind, distinct */
    size_t limit_count;
    uint64_t max_age_s;
    uint64_t backup_max_age_s;
    uint64_t restore_max_age_s;
};
/* Does a file of this kind count for the line? */
bool policy_evidence_takes(const struct policy_evidence *e, enum report_kind file);
/* Can a file of this kind say this number? What it says besides counts for nothing. */
bool policy_evidence_knows(enum report_kind file, struct span name);

/* How one value of the request is tried. */
enum policy_test_kind {
    TEST_NONE,     /* never decoded; holds */
    TEST_GE,       /* an integer, at least `bound` */
    TEST_GLOB,     /* like one of `values`, in which a star stands for any text */
    TEST_GLOB_NOT, /* like none of them */
    TEST_IS,       /* one of `values` */
    TEST_IS_NOT,   /* none of them */
    TEST_LE,       /* an integer, at most `bound` */
};

struct policy_test {
    enum policy_test_kind kind;
    struct span name;  /* change_type, environment, initiator, service, source.ref, source.repository, trigger,
                          attributes.KEY, history.METRIC */
    uint64_t window_s; /* of history: how far back; else 0 */
    struct span *values;
    size_t value_count;
    int64_t bound;
};

/* One condition: at least one of the tests holds. A test of a value that the request does not have, or that is not an
 * integer where one is asked, holds. */
struct policy_when {
    struct policy_test *any;
    size_t any_count;
};

/* What a request must say of where its artifacts come from. */
struct policy_source {
    struct span *refs; /* names, and patterns with a star; none: any */
    size_t ref_count;
    uint32_t reviewers; /* distinct ones, none of whom wrote it or asks for it; 0: not asked */
    bool is_protected;
    bool merged; /* it came by a pull request that is merged */
};

/* What it must say of its ticket. */
struct policy_ticket {
    struct span tracker; /* "any", or the one that has it */
    struct span *states; /* one of them; none: any */
    size_t state_count;
};

/* When nobody has come for so long, people of one more role may fill the rule's seats. */
struct policy_step {
    uint64_t after_s; /* from when the request was opened */
    struct span to;
    struct policy_when *when; /* all must hold for sure; none: always */
    size_t when_count;
};

struct policy_rule {
    struct span id;
    struct policy_when *when; /* all must match; none: the rule always applies */
    size_t when_count;
    struct span *fields; /* "title", "ticket", "documentation.backout_plan", … */
    size_t field_count;
    struct policy_seat *seats;
    size_t seat_count;
    struct policy_evidence *evidence; /* sorted by id, distinct */
    size_t evidence_count;
    const struct policy_source *source; /* NULL: not asked */
    const struct policy_ticket *ticket;
    uint32_t separate;  /* bits of policy_separate */
    uint32_t bind;      /* bits of policy_bind */
    uint64_t sign_by_s; /* 0: not said */
    uint64_t use_by_s;
    uint32_t reason_approve_min; /* code points; 0: optional */
    uint32_t reason_reject_min;
    bool token_attested;       /* every key that signs must have proved where it is */
    bool token_verification;   /* said aloud: no key signs without PIN or fingerprint anyway */
    struct policy_step *steps; /* sorted by after_s and to, distinct */
    size_t step_count;
};

/* Which keys may sign in a role. Without one for it, every enrolled key may. */
struct policy_token {
    struct span role;
    struct span *models; /* raw AAGUIDs; with issuers: a FIDO2 key is of one of these, a card of one of those */
    size_t model_count;
    struct span *issuers; /* ids. Where only one of the two is named, keys of the other kind may not sign. */
    size_t issuer_count;
    struct span certification; /* what the model or issuer must be certified as; empty: anything */
    bool attested;             /* a card must have attested where its key is; FIDO2 keys always did */
    bool touch;                /* a card must ask for a touch; FIDO2 keys always do */
};

/* One environment comes after another: what is asked for there has run before in that one. */
struct policy_promotion {
    struct span environment;
    struct span after;
    uint64_t soak_s; /* how long it must have run there, from its outcome on; 0: no time */
};

/* What an emergency must point to. */
enum policy_anchor { ANCHOR_NONE, ANCHOR_CVE, ANCHOR_DATE, ANCHOR_INCIDENT };
const char *policy_anchor_text(enum policy_anchor a);

struct policy_emergency_kind {
    struct span id;
    enum policy_anchor anchor;
    struct span *change_types;
    size_t change_type_count;
    struct span *environments;
    size_t environment_count;
};

struct policy_seats {
    struct policy_seat *item;
    size_t count;
};

/* When all else is down: who may grant one deployment without the ordinary seats, and what they owe for it. */
struct policy_emergency {
    bool has_budget;
    uint32_t budget_count; /* emergencies in any budget_per_s; past it the seats of `over` are added */
    uint64_t budget_per_s;
    struct policy_seats over;
    uint32_t justification_min; /* code points */
    struct policy_emergency_kind *kinds;
    size_t kind_count;
    struct span *people; /* who may ask and sign; none: whoever has the roles */
    size_t person_count;
    struct span *ports; /* of the appliance, where the tokens must be */
    size_t port_count;
    bool presence_switch; /* it must be on */
    uint32_t tokens;      /* least number of people over all seats */
    uint64_t window_s;
    uint64_t review_due_s;
    struct span *review_fields;
    size_t review_field_count;
    struct policy_seats review;
    struct policy_seats seats;
    uint64_t sign_by_s; /* for requests of kind emergency and voucher */
    bool untrusted_clock;
    uint64_t use_by_s;
    uint64_t voucher_life_s; /* the longest that a voucher may hold; 0: no seat takes one */
};

/* Once things went well for sure, so many people are enough in one seat. The only way down, and never below count. */
struct policy_earned {
    uint32_t count; /* 1..POLICY_COUNT_MAX */
    struct span rule;
    struct span seat;
    struct policy_when *when; /* all must hold for sure; of history only */
    size_t when_count;
};

/* How long entries' blobs are kept at least. Nothing erases any yet. */
struct policy_class {
    struct span id;
    uint64_t keep_s;
};
struct policy_retention {
    struct policy_class *classes; /* sorted by id, distinct */
    size_t class_count;
    uint64_t default_s; /* 0: not said */
};

/* What may be frozen, and who ends it. */
struct policy_freeze {
    struct span thaw_by; /* role */
    bool remediates;     /* what remediates the incident passes; otherwise nothing does */
};

/* Who signs in this role must be on duty in this roster (docs/formats/entry.md, put_duty). */
struct policy_duty {
    struct span role;
    struct span roster;
};

/* Who has this role may let somebody with one of other roles sign for them, for so long at most. Never of officers. */
struct policy_delegation {
    uint64_t most_s;
    struct span role;
    struct span *to; /* roles, sorted */
    size_t to_count;
};

/* A directory outside, which can only take away: who is not in these roles there does not have them here. */
struct policy_directory {
    uint64_t max_stale_s; /* how old the newest reading may be; 0: no directory is asked */
    struct span *roles;   /* that it governs; sorted */
    size_t role_count;
    struct span source;
};

/* Roles that nobody looked at, or that nobody used, are taken away. */
struct policy_review {
    uint64_t every_s;  /* 0: the policy asks for no access reviews */
    uint64_t unused_s; /* 0: what is not used stays */
};

struct policy_doc {
    const struct policy_freeze *freeze; /* NULL: nothing can be frozen */
    struct policy_calendar *calendar;   /* when environments are open; each is asked */
    size_t calendar_count;
    struct policy_zone *zones; /* sorted by id; all but UTC */
    size_t zone_count;
    struct span name;
    uint64_t version;
    uint32_t officers_threshold; /* M of the role "officer"; at least 2 */
    struct span *roles;
    size_t role_count;
    struct span *environments;
    size_t environment_count;
    struct span *change_types;
    size_t change_type_count;
    struct policy_rule *rules;
    size_t rule_count;
    struct policy_token *tokens; /* sorted by role, distinct */
    size_t token_count;
    struct policy_promotion *promotions; /* sorted by environment, distinct; following `after` ends */
    size_t promotion_count;
    struct policy_review access_review;
    struct policy_delegation *delegations; /* sorted by role, distinct */
    size_t delegation_count;
    struct policy_directory directory;
    struct policy_duty *duties; /* sorted by role, distinct; never of officers, who make the rosters */
    size_t duty_count;
    uint64_t officers_sign_by_s;              /* for policy and roster requests */
    const struct policy_emergency *emergency; /* NULL: there is no way around the rules */
    struct policy_retention retention;
    struct policy_earned *earned; /* one a seat at most */
    size_t earned_count;
    uint64_t windows[HISTORY_WINDOWS_MAX]; /* of history that any condition asks about, ascending */
    size_t window_count;
    bool has_quorum; /* of any seat */
    bool has_steps;  /* of any rule */
};

/* Everything borrows from text or lives in the arena. CS_E_UNKNOWN for roles, seats or members that are not declared.
 */
CS_RESULT model_policy_decode(struct span text, struct arena *arena, struct policy_doc *ret_doc);
/* Is the text like the pattern, in which each star stands for any bytes, also for none? Time is at most the product of
 * their lengths. */
bool model_glob(struct span pattern, struct span text);
/* Names that rules may require, and names that conditions may try; patterns have a star, and no two together. */
bool model_policy_is_field(struct span name);
bool model_policy_is_condition(struct span name);
bool model_policy_is_pattern(struct span text);
/* NULL for one that the document does not have. */
const struct policy_zone *model_policy_zone(const struct policy_doc *doc, struct span id);
/* The duty roster of this role; empty when it has none. */
struct span model_policy_duty(const struct policy_doc *doc, struct span role);
/* NULL when nobody may delegate this role. */
const struct policy_delegation *model_policy_delegation(const struct policy_doc *doc, struct span role);
/* Does the document's directory say who has this role? */
bool model_policy_directory_governs(const struct policy_doc *doc, struct span role);
/* A ref's name, or a pattern of one. */
bool model_policy_is_ref(struct span text);
bool model_policy_has_role(const struct policy_doc *doc, struct span role);
bool model_policy_has_environment(const struct policy_doc *doc, struct span environment);
/* What must have run before in another environment; NULL for one that comes after none. */
const struct policy_promotion *model_policy_promotion(const struct policy_doc *doc, struct span environment);
bool model_policy_has_change_type(const struct policy_doc *doc, struct span change_type);
/* The parts of `after`: "RULE/SEAT", or "SEAT" of the rule itself. */
struct policy_seat_ref {
    struct span rule;
    struct span seat;
};
struct policy_seat_ref model_policy_after(struct span rule, struct span after);

#endif
