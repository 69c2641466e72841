/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A follower of the core: folds every entry, computes the root itself and believes no batch whose signed checkpoint
 * does not say the same. Commands and their answers travel on the same connection.
 *
 * For one poll loop and one thread: poll follow_fd for follow_events until follow_wake_ms at the latest, then call
 * follow_step. It never blocks. Source: docs/formats/core.md.
 */
#ifndef FOLLOW_FOLLOW_H
#define FOLLOW_FOLLOW_H

#include "follow/follow_spool.h"
#include "ipc/ipc_socket.h"
#include "judge/judge.h"
#include "merkle/merkle_nodes.h"
#include "wire/wire_answer.h"
#include "wire/wire_batch.h"

/* Zero is "believe nothing". */
enum follow_state {
    FOLLOW_LOST,   /* no connection; follow_step tries again. What was folded before stays readable */
    FOLLOW_BEHIND, /* connected, but entries are still to come or their checkpoint is */
    FOLLOW_LIVE,   /* everything folded is covered by a verified checkpoint of this connection */
    FOLLOW_BROKEN, /* the log is not what it claims to be: stopped for good, `why` says it in words */
};

/* Any may be NULL. Called from inside follow_step; they may call follow_send, nothing else of this file. */
struct follow_hooks {
    /* An entry was folded. Show nothing of it before `verified` is called. Spans are valid during the call. */
    void (*entry)(void *user, const struct entry *e, struct span leaf);
    /* Everything up to f->verified is covered by a checkpoint that the log key signed. */
    void (*verified)(void *user);
    /* The answer to the command of this id. Its entry, if any, was in a batch before, unless we are behind. */
    void (*answer)(void *user, const struct wire_answer *a);
    /* The connection is gone. Whether commands without an answer took effect is unknown: the log will show it. */
    void (*lost)(void *user);
    void *user;
};

struct follow_config {
    const char *path;       /* socket of the core; borrowed until release */
    const char *spool_dir;  /* for the leaves; NULL: in memory; borrowed for the call */
    size_t state_cap_bytes; /* bound of the fold */
    bool keep_leaves;       /* into f->spool */
    bool keep_nodes;        /* into f->nodes, for proofs */
    struct follow_hooks hooks;
};

struct follow {
    struct follow_config config;
    enum follow_state state;
    const char *why;        /* of FOLLOW_BROKEN, a literal; "" otherwise */
    struct verdict verdict; /* of the entry that was refused, when that is why */
    struct judge judge;
    struct follow_spool spool;
    struct merkle_nodes nodes;
    uint64_t verified; /* size of the newest verified checkpoint */
    uint8_t *note;     /* that checkpoint, note_len bytes */
    size_t note_len;
    bool sealed; /* the core is read-only */
    char sealed_why[WIRE_WHY_MAX + 1];
    uint64_t core_time_ms; /* clock of the core, as of heard_ms */
    uint64_t heard_ms;     /* our monotonic clock when the core was last heard */
    /* private */
    struct ipc_conn conn;
    struct arena scratch;
    struct wire_batch batch; /* the one being read; its note is in pending_note */
    uint64_t leaves_due;
    uint8_t *pending_note;
    size_t pending_note_len;
    uint64_t retry_ms;
    uint64_t backoff_ms;
    uint64_t next_id;
    bool more; /* frames are buffered that this step had no time for */
};

/**
 * Connects at the first follow_step.
 * Errors: CS_E_NOMEM; CS_E_IO  the spool could not be made
 */
CS_RESULT follow_init(struct follow *f, const struct follow_config *config);
void follow_release(struct follow *f);

/* -1 while there is no connection. */
int follow_fd(const struct follow *f);
/* POLLIN, and POLLOUT when something waits to be sent. */
short follow_events(const struct follow *f);
/* Monotonic milliseconds at which follow_step wants to be called even if nothing happens on the descriptor. */
uint64_t follow_wake_ms(const struct follow *f);
/* Everything that can be done now. now_ms is CLOCK_MONOTONIC. */
void follow_step(struct follow *f, uint64_t now_ms);

/**
 * Queue a command; c->id is not used, the follower gives each command its own, told in *ret_id.
 * Errors: CS_E_STATE  no connection, or broken
 *         CS_E_FULL   too much waits already: answer "busy"
 *         as wire_command_encode: a member that the core would not take; answer that it is invalid
 */
CS_RESULT follow_send(struct follow *f, const struct wire_command *c, uint64_t *ret_id);

/* The core's clock now, as far as we know it. */
uint64_t follow_core_time_ms(const struct follow *f, uint64_t now_ms);

#endif
