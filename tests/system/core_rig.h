/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real countersignd in a directory of its own, with the test as all of its peers: a kiosk, an HTTP front and an
 * operator, each a follower. Every call fails the running cmocka test when the rig itself does not work.
 */
#ifndef CORE_RIG_H
#define CORE_RIG_H

#include <sys/types.h>

#include "follow/follow.h"
#include "support/cast.h"

enum { RIG_WAIT_MS = 20000, RIG_ANSWERS = 256, RIG_PATH_MAX = 256, RIG_ARGS_MAX = 8 };

enum rig_who { RIG_HTTP, RIG_KIOSK, RIG_OPERATOR, RIG_PEERS };

/* An answer, kept. */
struct rig_answer {
    uint64_t id;
    char code[64];
    char detail[256];
    bool has_index;
    uint64_t index;
    bool has_begin;
    uint8_t nonce[MODEL_NONCE_BYTES];
    uint64_t time_ms;
    size_t fault_count;
    char pointer[4][64]; /* of the first faults */
};

struct rig_peer {
    struct follow f;
    struct rig_answer answer[RIG_ANSWERS]; /* a ring of those that came */
    size_t answer_count;
    unsigned lost;
};

struct rig {
    char dir[RIG_PATH_MAX];         /* of this test, absolute */
    char state[RIG_PATH_MAX];       /* dir/state */
    char run[RIG_PATH_MAX];         /* dir/run */
    const char *daemon;             /* the program */
    const char *args[RIG_ARGS_MAX]; /* further arguments of the daemon, NULL-ended */
    const char *clock;              /* a fixed or moved clock in libfaketime's words; NULL: the real one */
    pid_t pid;
    struct cast cast;
    struct rig_peer peer[RIG_PEERS];
    uint64_t request_number;
};

/* Makes the directories and proposal.json; starts nothing. */
void rig_init(struct rig *r);
void rig_release(struct rig *r);

/* Starts the daemon and connects all three peers. */
void rig_start(struct rig *r);
/* Starts only the daemon. */
void rig_spawn(struct rig *r);
void rig_connect(struct rig *r);
/* Without waiting until they have read everything. */
void rig_connect_only(struct rig *r);
void rig_disconnect(struct rig *r);
/* Ends it with this signal; its wait status. Peers are disconnected. */
int rig_end(struct rig *r, int signal);
/* Waits for it to end by itself. */
int rig_wait_end(struct rig *r);
/* The clock that the daemon sees from now on, when rig->clock was set at its start. */
void rig_set_clock(struct rig *r, const char *words);
/* "dir/state/NAME" */
void rig_path(const struct rig *r, const char *name, char ret_path[RIG_PATH_MAX]);

/* Lets every follower work for this long. */
void rig_pump(struct rig *r, unsigned ms);
/* Until this peer has verified at least `size` entries. */
void rig_sync(struct rig *r, enum rig_who who, uint64_t size);
/* Until this peer's connection was ended `times` times in all. */
void rig_wait_lost(struct rig *r, enum rig_who who, unsigned times);

uint64_t rig_send(struct rig *r, enum rig_who who, const struct wire_command *c);
struct rig_answer rig_wait(struct rig *r, enum rig_who who, uint64_t id);
struct rig_answer rig_ask(struct rig *r, enum rig_who who, const struct wire_command *c);
/* The same, and the code must be this one. */
struct rig_answer rig_expect(struct rig *r, enum rig_who who, const struct wire_command *c, const char *code);

/* --- what happens --- */

/* The core's own two keys, into the ceremony. */
void rig_keys(struct rig *r, struct cast_ceremony *how);
/* The genesis ceremony; afterwards the kiosk follows it. */
void rig_genesis(struct rig *r);
/* A request of client ci for this environment, its index. */
uint64_t rig_request(struct rig *r, const char *environment);
/* The body of such a request; number makes artifact and title its own. */
void rig_body(const char *environment, uint64_t number, struct writer *w);
/* A nonce, now. */
struct rig_answer rig_begin(struct rig *r);
/* A visit at the kiosk: nonce and issue time are filled in when they are not given; the answer. */
struct rig_answer rig_visit(struct rig *r, const struct cast_visit *visit);
void rig_approve(struct rig *r, const char *person, uint64_t request, const char *seat);
/* Approved production request: tech by dan, business by fay. */
uint64_t rig_approved(struct rig *r);
/* Presents what rig_body of this number names; drift presents another artifact. */
struct rig_answer rig_redeem(struct rig *r, uint64_t request, uint64_t number, bool drift);

/* The request as the kiosk's fold has it. */
const struct state_request *rig_state(struct rig *r, uint64_t request);
/* Is there an access entry with this code after entry `from` (of this request, unless it is 0)? In the kiosk's spool.
 */
bool rig_has_access(struct rig *r, uint64_t from, const char *code, uint64_t request);
/* Entry `index`, decoded from the kiosk's spool into the cast's arena. */
void rig_entry(struct rig *r, uint64_t index, struct entry *ret_entry);

#endif
