/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens at a kiosk, as a state machine: inputs in, asks out. No clock, no descriptor, no randomness of its own:
 * the world of the moment is an argument. The same inputs give the same asks and the same screens. Pure but for the
 * memory that it holds. Source: docs/kiosk.md.
 */
#ifndef SCREEN_FLOW_H
#define SCREEN_FLOW_H

#include "model/model_proposal.h"
#include "screen/screen_form.h"
#include "screen/screen_pages.h"
#include "screen/screen_read.h"
#include "screen/screen_words.h"

#define FLOW_STATES(X)                                                                                                 \
    X(FLOW_OUT, "out")           /* out of service, or not begun */                                                    \
    X(FLOW_QUEUE, "queue")       /* what waits */                                                                      \
    X(FLOW_READ, "read")         /* the pages of one request */                                                        \
    X(FLOW_IDENTIFY, "identify") /* insert your key */                                                                 \
    X(FLOW_CHOOSE, "choose")     /* several that may sign are in: which one? */                                        \
    X(FLOW_DECIDE, "decide")     /* the word, and the reason */                                                        \
    X(FLOW_PIN, "pin")           /* signing pages, PIN */                                                              \
    X(FLOW_SIGN, "sign")         /* signing pages, touch */                                                            \
    X(FLOW_VERIFY, "verify")     /* sent; waiting for it in our own fold */                                            \
    X(FLOW_RECEIPT, "receipt")   /* what was recorded */                                                               \
    X(FLOW_CHANGED, "changed")   /* before and now */                                                                  \
    X(FLOW_STILL, "still")       /* still there? */                                                                    \
    X(FLOW_HELP, "help")                                                                                               \
    X(FLOW_CEREMONY, "ceremony") /* the genesis proposal's pages */                                                    \
    X(FLOW_KEY, "key")           /* a key to enrol, or to sign the genesis: insert it */                               \
    X(FLOW_KEY_PIN, "key_pin")                                                                                         \
    X(FLOW_KEY_TOUCH, "key_touch")                                                                                     \
    X(FLOW_DECLARE, "declare")     /* what a card cannot say of itself */                                              \
    X(FLOW_KEY_OUT, "key_out")     /* take it out for the next one */                                                  \
    X(FLOW_SEAL, "seal")           /* the genesis was sent */                                                          \
    X(FLOW_PEOPLE, "people")       /* the changes to propose */                                                        \
    X(FLOW_PERSON, "person")       /* who a key is for */                                                              \
    X(FLOW_KEYS, "keys")           /* which key to switch off */                                                       \
    X(FLOW_PROPOSE, "propose")     /* why */                                                                           \
    X(FLOW_PROPOSING, "proposing") /* sent */                                                                          \
    X(FLOW_FORM, "form")           /* questions, one by one */                                                         \
    X(FLOW_BACK, "back")           /* why it is taken back */                                                          \
    X(FLOW_TAKING, "taking")       /* sent */

#define FLOW_STATE_ENUM(name, text) name,
enum flow_state { FLOW_NONE, FLOW_STATES(FLOW_STATE_ENUM) FLOW_STATE_COUNT };
#undef FLOW_STATE_ENUM
const char *flow_state_text(enum flow_state s);

#define FLOW_EVENTS(X)                                                                                                 \
    X(FLOW_EV_LOST)     /* the fold cannot be believed, or the core is gone or sealed */                               \
    X(FLOW_EV_READY)    /* it can, and the log has begun */                                                            \
    X(FLOW_EV_EMPTY)    /* it can, the log is empty, and a proposal is there */                                        \
    X(FLOW_EV_OPEN)     /* a request was chosen */                                                                     \
    X(FLOW_EV_LEAVE)    /* the visit ends */                                                                           \
    X(FLOW_EV_ASK_KEY)  /* approve or reject was chosen, nobody is known yet */                                        \
    X(FLOW_EV_SEVERAL)  /* more than one key that is in may sign */                                                    \
    X(FLOW_EV_KNOWN)    /* the person is known and may sign */                                                         \
    X(FLOW_EV_BACK)     /* one step back, nothing was signed */                                                        \
    X(FLOW_EV_REASONED) /* word and reason stand */                                                                    \
    X(FLOW_EV_PINNED)   /* a PIN was given for the page that is shown */                                               \
    X(FLOW_EV_AGAIN)    /* the PIN was wrong: another try */                                                           \
    X(FLOW_EV_SIGNED)   /* the key signed */                                                                           \
    X(FLOW_EV_RECORDED) /* it stands in our own fold */                                                                \
    X(FLOW_EV_CHANGED)  /* a new revision replaced the request */                                                      \
    X(FLOW_EV_IDLE)     /* nobody touched anything */                                                                  \
    X(FLOW_EV_AWAKE)    /* somebody did: back to where we were */                                                      \
    X(FLOW_EV_HELP)                                                                                                    \
    X(FLOW_EV_BEGIN)    /* the ceremony starts or goes on */                                                           \
    X(FLOW_EV_INSERTED) /* the key to work with is in */                                                               \
    X(FLOW_EV_MADE)     /* a key was enrolled, or signed the genesis */                                                \
    X(FLOW_EV_NEXT)     /* the next key */                                                                             \
    X(FLOW_EV_DECLARE)  /* a card was enrolled that cannot say all of itself */                                        \
    X(FLOW_EV_ALL)      /* every signature of the genesis is there */                                                  \
    X(FLOW_EV_PEOPLE)   /* to the list of changes */                                                                   \
    X(FLOW_EV_ADD)      /* to the form for one person */                                                               \
    X(FLOW_EV_SWITCH_OFF)                                                                                              \
    X(FLOW_EV_WRITE) /* to the reason of the proposal */                                                               \
    X(FLOW_EV_SENT)  /* the proposal went to the core */                                                               \
    X(FLOW_EV_FORM)  /* to the questions */                                                                            \
    X(FLOW_EV_TAKE)  /* what was asked for is to be taken back */

#define FLOW_EVENT_ENUM(name) name,
enum flow_event { FLOW_EVENTS(FLOW_EVENT_ENUM) FLOW_EVENT_COUNT };
#undef FLOW_EVENT_ENUM

/* The table: FLOW_NONE refuses. FLOW_EV_AWAKE gives FLOW_STILL or FLOW_HELP itself: back to where it came from. */
enum flow_state flow_next(enum flow_state state, enum flow_event event);

enum {
    FLOW_PAGE_MS = 1500, /* a page counts as read after this */
    FLOW_IDLE_MS = 180000,
    FLOW_STILL_MS = 30000,
    FLOW_VISIT_MS = 900000,
    FLOW_KEY_MS = 60000,
    FLOW_PIN_MS = 60000,
    FLOW_TOUCH_MS = 30000,
    FLOW_TOKEN_MS = 45000, /* for a key that never asks for its touch */
    FLOW_OP_MS = 70000,    /* no operation of the token agent is waited for longer than this, in any state */
    FLOW_VERIFY_MS = 20000,
    FLOW_RECEIPT_MS = 60000,
    FLOW_TRIES_MAX = 3,
    FLOW_REJECT_LEAST = 15, /* code points of a reason */
    FLOW_QUEUE_ROWS = 8,
    FLOW_REASON_MAX = 1200, /* bytes */
    FLOW_PIN_MAX = 63,      /* bytes */
    FLOW_PIN_LEAST = 4,
    FLOW_ASKS_MAX = 8,
    FLOW_IDS_MAX = 512, /* in one identify */
    FLOW_DEVICES_MAX = 16,
};

/* ---- what is going on around the kiosk */

/* The switch beside the screen that says that somebody is there in an emergency. */
enum flow_switch { SWITCH_NONE, SWITCH_OFF, SWITCH_ON };

struct flow_world {
    const struct state *state; /* our own fold; never NULL */
    struct sha256 root;        /* of the tree of size state->size, computed by us */
    uint64_t now_ms;           /* monotonic */
    uint64_t clock_ms;         /* the core's clock now, from the stream */
    bool live;                 /* connected, everything verified, and heard of lately */
    bool broken;               /* the log does not add up: for good */
    bool sealed;
    bool token_up; /* the token agent answers */
    enum flow_switch presence_switch;
    uint8_t random[16];  /* fresh at each step */
    struct span version; /* of this program, for the help screen */
    /* What certificates and lists in these changes say: one item for each, in the arena, or NULL. Pure. This room reads
     * no X.509: without it (NULL) changes about cards cannot be signed. */
    const struct change_facts *(*facts)(const struct roster_changes *changes, struct arena *arena);
};

enum press {
    PRESS_NONE,
    PRESS_CHAR, /* point */
    PRESS_ENTER,
    PRESS_ESC,
    PRESS_TAB,
    PRESS_ERASE,
    PRESS_UP,
    PRESS_DOWN,
    PRESS_PAGE_UP,
    PRESS_PAGE_DOWN,
    PRESS_F1,
    PRESS_F4,
    PRESS_F7,
    PRESS_F8,
    PRESS_F12,
};

/* One key or card that is in, as the token agent says it. */
struct flow_plug {
    uint64_t number; /* of this insertion, never used again */
    bool card;
    struct span port;
};

/* The end of an operation of the token agent; docs/formats/token-agent.md. Spans are borrowed for the call. */
struct flow_done {
    uint64_t op;
    struct span code;
    uint64_t device; /* 0: the agent does not say */
    bool has_tries;
    uint64_t tries;
    struct span credential;
    struct span auth_data;
    struct span sig;
    struct span key;
    struct span aaguid; /* 16 bytes */
    struct span x5c[MODEL_X5C_MAX];
    size_t x5c_count;
    struct span certificate;  /* of a card, DER; as the next */
    struct span pin_policy;   /* as its attestation says; "unknown" without one */
    struct span touch_policy; /* as above */
    struct span port;
};

/* The core's answer to one ask. Spans are borrowed for the call. */
struct flow_answer {
    uint64_t id;
    struct span code; /* "ok" or a reason code */
    uint64_t index;
    uint64_t expires_ms;
    uint64_t time_ms;
    uint8_t nonce[MODEL_NONCE_BYTES];
    struct span log_key;
    struct span outcome_key;
    struct span proposal;
};

enum input_kind {
    INPUT_TICK, /* time went on: at least once a second */
    INPUT_PRESS,
    INPUT_SIZE,    /* cols, rows of the face */
    INPUT_DEVICES, /* which keys are in */
    INPUT_TOUCH,   /* op: the key waits for a touch */
    INPUT_DONE,
    INPUT_ANSWER,
    INPUT_FOLD, /* the fold or the connection changed */
};

struct flow_input {
    enum input_kind kind;
    enum press press;
    uint32_t point;
    unsigned cols;
    unsigned rows;
    const struct flow_plug *plug; /* what is in, all of it */
    size_t plugs;
    uint64_t op;
    const struct flow_done *done;
    const struct flow_answer *answer;
};

/* ---- what the kiosk asks of others */

enum ask_kind {
    ASK_IDENTIFY, /* token: device, ids, rp_id */
    ASK_SELECT,   /* token: timeout_ms; every key blinks, the first touch says which one */
    ASK_SIGN,     /* token: client_data, device, ids (one), message, pin, rp_id, timeout_ms */
    ASK_ENROL,    /* token: as sign, with ids to exclude, user_id, user_name */
    ASK_CANCEL,   /* token; the last for it */
    ASK_BEGIN,    /* core, as the rest */
    ASK_DECISION, /* auth_data, sig, statement, port */
    ASK_PROPOSE,  /* content, request_kind */
    ASK_FREEZE,   /* content */
    ASK_PROPOSAL,
    ASK_GENESIS,  /* genesis */
    ASK_ACCESS,   /* actor, access */
    ASK_WITHDRAW, /* request, reason */
};

/* Spans live until the next step. */
struct flow_ask {
    enum ask_kind kind;
    uint64_t id; /* op for the token agent; for the core the id of its answer */
    uint64_t device;
    struct span rp_id;
    struct span client_data; /* what a key signs */
    struct span message;     /* what a card signs */
    const struct span *ids;
    size_t id_count;
    struct span pin;
    uint32_t timeout_ms;
    struct span user_id;
    struct span user_name;
    struct span auth_data;
    struct span sig;
    struct span statement;
    struct span port;
    struct span content;
    enum request_kind request_kind;
    bool presence_switch; /* of a decision: it is on */
    const struct genesis *genesis;
    struct span actor;
    struct access_note access;
    uint64_t request;
    struct span reason;
};

struct flow_asks {
    struct flow_ask item[FLOW_ASKS_MAX];
    size_t count;
};

/* ---- the machine */

struct flow_short { /* a short text of our own memory */
    uint8_t b[MODEL_SEAT_MAX];
    size_t len;
};

struct flow_message {
    enum screen_word word;
    struct word_args args; /* spans point into person, key and seat */
    struct flow_short person;
    struct flow_short key;
    struct flow_short seat;
};

/* Pages that somebody reads one by one. */
struct flow_pages {
    struct doc doc;
    struct pages pages;
    size_t at;
    uint64_t shown_ms;
    bool seen[PAGES_MAX];
};

/* The request that is open: our own copy, so that it stays readable when the fold goes on. */
struct flow_reading {
    bool open;
    struct state_open copy;
    struct state_request request;
    struct sheet sheet;
    const struct change_facts *facts; /* of a roster's changes */
    uint64_t policy_index;
    uint64_t roster_index;
    uint64_t evidence_index; /* the last file or waiver that was there */
    struct flow_pages page;
    enum decision_word word;
    uint8_t reason[FLOW_REASON_MAX];
    size_t reason_len;
    unsigned tries;
    struct flow_short seat;
    uint64_t take_id; /* of taking it back; 0: nothing sent */
    uint64_t taken;   /* the entry that says so, once answered; 0 */
    bool rejected;    /* while it was open here */
    struct state_decision rejection;
};

/* A key or card that is in, and what is known of it. */
struct flow_device {
    uint64_t number;
    bool card;
    bool asked; /* whose it is; then known says whether it is somebody's, and why_not what there is to say */
    bool known;
    enum screen_word why_not;          /* WORD_NONE when it was said */
    enum credential_standing standing; /* STANDING_NONE: of no credential that was ever enrolled */
    uint64_t off_ms;
    struct sha256 credential;
    struct flow_short person;
    struct flow_short port;
};

struct flow_token {
    struct flow_device device[FLOW_DEVICES_MAX]; /* in the order in which they came */
    size_t devices;
    uint64_t number; /* the one that is used: only its answers count; 0: none is */
    uint64_t op;     /* the one whose end we wait for; 0: none */
    uint64_t op_ms;  /* since when */
    enum ask_kind op_kind;
    uint64_t op_device;              /* which one was asked */
    size_t choice[FLOW_DEVICES_MAX]; /* FLOW_CHOOSE: those that may sign, indexes into device */
    size_t choices;
    size_t identify_from; /* credentials asked before this one */
    bool touch;           /* it blinks */
    uint64_t touch_ms;
    bool card;  /* of the one that is used, as the rest */
    bool known; /* whose it is */
    struct sha256 credential;
    struct flow_short person;
    struct flow_short port;
    uint8_t pin[FLOW_PIN_MAX + 1];
    size_t pin_len;
    size_t pin_points;
};

struct flow_signing {
    bool ready;
    bool refreshed;
    uint64_t begin_id;    /* 0: nothing asked */
    uint64_t decision_id; /* 0: nothing sent */
    bool answered;
    uint64_t index;           /* of the entry, once answered */
    struct flow_short person; /* our own copy: the key may go out while the core answers */
    struct statement statement;
    struct span text;
    struct sha256 digest;
    struct flow_pages page;
};

/* The last decision that went to the core, until the core or the log says what became of it. */
struct flow_sent {
    bool waits;
    bool told; /* that it is not there so far */
    uint64_t request;
    struct sha256 sig_sha256;
    uint64_t until_ms; /* of the core's clock: the statement is too old afterwards */
};

/* What the receipt screen says; filled from our own fold. */
struct flow_receipt {
    bool genesis;
    enum decision_word word;
    enum request_status status; /* of the request after it */
    uint64_t request;
    uint64_t revision;
    uint64_t index;
    uint64_t time_ms;
    uint64_t size; /* the log after it was folded, at least */
    enum request_kind kind;
    uint64_t use_by_ms; /* of a grant of an emergency; 0: none */
    uint64_t due_ms;    /* of the review that it owes */
    struct sha256 statement;
    struct sha256 head;
    struct flow_short person;
    struct flow_short seat;
    struct flow_pages page;
};

enum making { MAKING_NONE, MAKING_GENESIS, MAKING_SEAL, MAKING_PERSON };

enum { FLOW_FORM_ID, FLOW_FORM_ROLES, FLOW_FORM_ACCOUNTS, FLOW_FORM_NICKNAME, FLOW_FORM_FIELDS };

/* Keys that are being enrolled: at the ceremony, or for people. */
struct flow_making {
    enum making what;
    uint64_t asked_ms; /* for the proposal; 0: not yet */
    uint64_t proposal_id;
    bool has_proposal;
    struct proposal proposal;
    struct policy_doc policy;
    struct span log_key;
    struct span outcome_key;
    struct flow_pages page; /* the proposal, or the list of changes */
    struct roster_change item[MODEL_CHANGES_MAX];
    size_t count;
    size_t at; /* MAKING_GENESIS: the person whose turn it is, an index into item */
    uint8_t nonce[MODEL_NONCE_BYTES];
    struct span statement; /* MAKING_SEAL */
    struct sha256 digest;
    struct genesis genesis;
    struct flow_short signer;
    struct sha256 signer_credential;
    uint64_t send_id;
    /* the form */
    unsigned field;
    unsigned role; /* under the cursor */
    uint32_t roles;
    struct flow_short id;
    struct flow_short accounts;
    struct flow_short nickname;   /* of the key that is enrolled next */
    struct roster_change pending; /* enrolled, and not yet in item */
    uint64_t proposed;            /* PROPOSING: index of the request, once the core said it; 0 */
    size_t list_page;             /* of keys to switch off, or of whose person is suspended or restored */
    bool suspends;
};

struct flow {
    enum flow_state state;
    enum flow_state back; /* where FLOW_STILL and FLOW_HELP return to */
    struct flow_short kiosk;
    unsigned cols; /* of the face */
    unsigned rows;
    uint64_t now_ms; /* of this step */
    uint64_t entered_ms;
    uint64_t input_ms;
    uint64_t visit_ms;
    enum screen_word out; /* why we are out of service */
    struct flow_message message;
    size_t queue_page;
    uint64_t next_id;
    struct arena visit;   /* of reading */
    struct arena signing; /* of statement and receipt */
    struct arena people;  /* of making */
    struct arena step;    /* of asks: reset at each step */
    struct flow_reading reading;
    struct flow_token token;
    struct flow_signing sign;
    struct flow_sent sent;
    struct flow_receipt receipt;
    struct flow_making making;
    struct flow_form form;
    uint64_t ceremony; /* the request that was proposed in this visit: one signs after the other; 0: none */
    struct flow_asks asks;
};

/* kiosk is copied, an identifier of at most MODEL_ID_MAX bytes. cols and rows may change later. */
CS_RESULT flow_init(struct flow *f, struct span kiosk, unsigned cols, unsigned rows);
/* Wipes the PIN. */
void flow_release(struct flow *f);

/* One input. Afterwards f->asks says what to ask, in order. */
void flow_step(struct flow *f, const struct flow_world *w, const struct flow_input *in);
/* The asks were sent: the PIN, if one of them had it, is wiped. */
void flow_sent(struct flow *f);

/* Requests that wait, soonest to close first; fills at most FLOW_QUEUE_ROWS from `page` on and says how many. */
size_t flow_queue(const struct state *s, size_t page, const struct state_request *ret_rows[FLOW_QUEUE_ROWS]);
size_t flow_queue_count(const struct state *s);
/* Credentials that count, ordered by person; the same way. */
size_t flow_keys(const struct state *s, size_t page, const struct state_credential *ret_rows[FLOW_QUEUE_ROWS]);
/* All pages shown long enough? */
bool flow_all_read(const struct flow_pages *p, uint64_t now_ms);
/* The person of the key that is in, in the fold as it is now; NULL when unknown, or when the key does not count now. */
const struct state_person *flow_person(const struct flow *f, const struct state *s);
/* Whose key is being enrolled or signs the genesis; empty when nobody's. */
struct span flow_making_person(const struct flow *f);
/* May this person do without a key for now? Officers at the ceremony may not. */
bool flow_may_skip(const struct flow *f);
/* Whoever's key this is, in the fold as it is now; NULL when unknown or when it does not count now. */
const struct state_person *flow_device_person(const struct flow_device *d, const struct state *s);
/* May whoever's key this is sign it now, with this very key? */
struct verdict flow_device_may(const struct flow_device *d, const struct state *s, const struct sheet *sheet,
                               enum decision_word word);
/* Has it the seat of a group, in which one may abstain? */
bool flow_votes(const struct sheet *sheet);
/* The rules of the emergency that is open, as they are now; NULL when none is. */
const struct policy_emergency *flow_emergency(const struct flow *f, const struct flow_world *w);
/* Who at this kiosk asked for what is open: an emergency, a voucher, a review; empty of all else. */
struct span flow_asker(const struct flow *f);
/* Does the policy have anything that is asked for at a kiosk, emergencies aside? */
bool flow_asks_anything(const struct policy_doc *doc);
/* Can it still be taken back, if its asker is here? And are they: is a key or card of theirs in? */
bool flow_can_take_back(const struct flow *f, const struct flow_world *w);
bool flow_asker_is_in(const struct flow *f, const struct flow_world *w);
/* Can what is open be approved as it is now: is everything there but signatures, and does nothing hold it? */
struct verdict flow_approvable(const struct flow *f, const struct flow_world *w, struct arena *arena);
/* Is signing what is open barred by a clock that went back? */
bool flow_clock_bars(const struct flow *f, const struct flow_world *w);
/* The sheet of an open request as it is now: of an emergency, who is together at this moment. */
CS_RESULT flow_sheet(const struct flow_world *w, const struct state_request *q, struct arena *arena,
                     struct sheet *ret_sheet);
/* Does the next one sign what this receipt is about, in the same visit? */
bool flow_goes_on(const struct flow *f, const struct state *s);
/* Does this change enrol a key or card? */
bool flow_makes_key(const struct roster_change *c);
/* Nickname, or "key 7C 41" from its digest. */
void flow_key_name(const struct state *s, const struct sha256 *credential, struct flow_short *ret_name);
/* Cells and lines that pages have on a face of this size; 0 when it is too small. */
unsigned flow_page_cols(unsigned cols, unsigned rows);
unsigned flow_page_rows(unsigned cols, unsigned rows);

static inline struct span flow_text(const struct flow_short *s)
{
    return span_make(s->b, s->len);
}

#endif
