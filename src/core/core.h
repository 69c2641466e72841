/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core does with commands and with time passing: builds entries, asks the judge, appends. It has no clock and
 * no descriptor of its own; times and nonces are given to it. docs/formats/core.md
 *
 * One rule for every call that returns a result: anything but CS_OK is the end of the process (the disk's or the
 * memory's failure). Refusing a command is not an error; it is the answer.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "core/core_access.h"
#include "core/core_log.h"
#include "core/core_nonces.h"
#include "core/core_permit.h"
#include "core/core_steps.h"
#include "judge/judge.h"
#include "wire/wire_answer.h"

enum {
    CORE_CLOCK_SLACK_MS = 1000, /* a clock that is this much behind is taken as standing still */
    CORE_SCRATCH_BYTES = 32 << 20,
};

/* A file on its way in: one at a time. */
struct core_upload {
    struct sha256 sha256; /* as announced */
    uint64_t size;        /* likewise; 0: none */
    struct writer bytes;  /* on the heap */
};

struct core {
    struct judge judge;
    struct core_log log;
    struct core_nonces nonces;
    struct core_access access;
    struct arena scratch; /* of one command; what an answer borrows is here */
    struct writer leaf;   /* the entry being built */
    struct core_upload upload;
    struct core_upload given; /* the file that was asked for last */
    struct span proposal;     /* what `countersign init` wrote; owned; empty when the log has begun */
    const char *version;      /* for boot entries; a literal */
    uint64_t real_ms;         /* CLOCK_REALTIME of this turn */
    uint64_t mono_ms;         /* CLOCK_MONOTONIC of this turn */
    bool line_known; /* the steady line: an entry of this process had line_ms at line_mono_ms, and none ran ahead */
    uint64_t line_ms;
    uint64_t line_mono_ms;
    uint64_t due_ms; /* next deadline in the log, as of due_size */
    uint64_t due_size;
    bool lapse_seen; /* when a role lapses next, as of the policy and roster that these are */
    uint64_t lapse_policy;
    uint64_t lapse_roster;
    uint64_t lapse_read_ms; /* of the directory: a reading that changes nothing is in no chain */
    uint64_t lapse_ms;
    bool alarm_seen; /* likewise, who can sign what */
    uint64_t alarm_policy;
    uint64_t alarm_roster;
    uint64_t alarm_read_ms;
    uint64_t alarm_ms;
    struct core_steps steps;
    /* fills a nonce with random bytes */
    struct cs_result (*random)(uint8_t *bytes, size_t n);
};

/* One command of one peer. */
struct core_call {
    enum core_peer_kind peer;
    const struct wire_command *c;
};

/* state_cap_bytes bounds the fold. CS_E_NOMEM. */
CS_RESULT core_init(struct core *c, size_t state_cap_bytes);
void core_release(struct core *c);

/* The time that entries made now get: never before the last one. */
uint64_t core_time_ms(const struct core *c);

/* Judges and, if allowed, appends. ret_answer borrows from c->scratch and the command until the next call. It may be
 * sent once core_log_commit has returned. The command must be one that core_permits. */
CS_RESULT core_act(struct core *c, const struct core_call *call, struct wire_answer *ret_answer);

/* An attempt that did not count; counted, and written now or later. */
CS_RESULT core_attempted(struct core *c, const struct core_attempt *t);

/* What is due without anybody asking: clock entries, expiries, counted attempts. At most a group's worth. */
CS_RESULT core_tick(struct core *c);
/* Writes down what core_attempted still counts: before the end. */
CS_RESULT core_finish(struct core *c);
/* When core_tick has to be called at the latest: milliseconds from now. */
uint64_t core_wake_in_ms(struct core *c);

/* The boot entry; nothing while the log is empty. */
CS_RESULT core_boot(struct core *c);

#endif
