/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer asks of the core: one control frame, one canonical JSON object. Each kind has a file of its own with
 * decoder and encoder side by side. Pure. Source: docs/formats/core.md.
 */
#ifndef WIRE_COMMAND_H
#define WIRE_COMMAND_H

#include "model/model_events.h"
#include "model/model_evidence.h"

enum {
    WIRE_BODY_MAX = 128 << 10,     /* bytes of a client's body, as sent */
    WIRE_CONTENT_MAX = 64 << 10,   /* bytes of a proposed policy or roster, of a genesis proposal */
    WIRE_STATEMENT_MAX = 64 << 10, /* bytes of what people sign */
    WIRE_PIECE_MAX = 256 << 10,    /* bytes of a file in one command */
    WIRE_KEY_MAX = 128,            /* bytes of an idempotency key, printable ASCII */
    WIRE_WORD_MAX = 128,           /* bytes of ip, port, actor: printable ASCII */
    WIRE_REASON_MAX = 4 * MODEL_FIELD_MAX,
};

#define WIRE_COMMANDS(X)                                                                                               \
    X(WIRE_FOLLOW, "follow", follow)                                                                                   \
    X(WIRE_REQUEST, "request", request)                                                                                \
    X(WIRE_WITHDRAW, "withdraw", withdraw)                                                                             \
    X(WIRE_REDEEM, "redeem", redeem)                                                                                   \
    X(WIRE_OUTCOME, "outcome", outcome)                                                                                \
    X(WIRE_FREEZE, "freeze", freeze)                                                                                   \
    X(WIRE_DIRECTORY, "directory", directory)                                                                          \
    X(WIRE_ACCESS, "access", access)                                                                                   \
    X(WIRE_BEGIN, "begin", begin)                                                                                      \
    X(WIRE_DECISION, "decision", decision)                                                                             \
    X(WIRE_PROPOSE, "propose", propose)                                                                                \
    X(WIRE_PROPOSAL, "proposal", proposal)                                                                             \
    X(WIRE_GENESIS, "genesis", genesis)                                                                                \
    X(WIRE_BLOB, "blob", blob)                                                                                         \
    X(WIRE_EVIDENCE, "evidence", evidence)                                                                             \
    X(WIRE_FETCH, "fetch", fetch)

#define WIRE_COMMAND_ENUM(name, text, kind) name,
enum wire_cmd { WIRE_NONE, WIRE_COMMANDS(WIRE_COMMAND_ENUM) WIRE_CMD_COUNT };
#undef WIRE_COMMAND_ENUM

/* NUL-terminated; "none" for zero and anything outside the list. */
const char *wire_cmd_text(enum wire_cmd cmd);

struct wire_request {
    struct span body; /* as the client sent it */
    struct span key;  /* idempotency key */
};

struct wire_access {
    struct span actor; /* "client:…", "person:…" or "system:…" */
    struct access_note note;
};

struct wire_freeze {
    struct span content; /* canonical object: a freeze without prev */
};

struct wire_directory {
    struct span content; /* canonical object: the entry's body */
};

struct wire_propose {
    enum request_kind kind; /* any but deploy */
    struct span content;    /* canonical object of the kind */
};

/* The next bytes of a file: one at a time, in order, from 0 on. */
struct wire_blob {
    uint64_t at;
    struct span bytes;    /* 1..WIRE_PIECE_MAX */
    struct sha256 sha256; /* of the whole, */
    uint64_t size;        /* and its length */
};

/* A piece of a file that is kept. */
struct wire_fetch {
    uint64_t at;
    struct sha256 sha256;
};

/* What the file that came last says. */
struct wire_evidence {
    struct sha256 artifacts[MODEL_ARTIFACTS_MAX]; /* that it is about, in any order */
    size_t artifact_count;
    struct span line;   /* "RULE/ID" */
    struct span report; /* canonical object; docs/formats/evidence.md */
    uint64_t request;
    struct sha256 sha256;
    uint64_t size;
};

/* Spans borrow from the frame or from the arena that it was decoded with. */
struct wire_command {
    enum wire_cmd cmd;
    uint64_t id; /* chosen by the peer; not used by follow */
    /* who asks, as far as the kind has it; empty otherwise */
    struct span client;
    struct span ip;
    struct span kiosk;
    struct span port;
    struct span presence_switch; /* of decisions: "on", or empty */
    union {
        uint64_t from; /* follow: index of the first entry wanted */
        struct wire_request request;
        struct withdraw withdraw;
        struct redeem redeem; /* envelope stays empty */
        struct outcome outcome;
        struct wire_freeze freeze;
        struct wire_directory directory;
        struct wire_access access;
        struct decision decision;
        struct wire_propose propose;
        struct genesis genesis;
        struct wire_blob blob;
        struct wire_evidence evidence;
        struct wire_fetch fetch;
    };
};

/*
 * Errors: json_in's; CS_E_UNKNOWN for a cmd outside the list; CS_E_RANGE for a text that is too long or not printable.
 */
CS_RESULT wire_command_decode(struct span frame, struct arena *arena, struct wire_command *ret_command);
/*
 * Errors: json_out's, and what wire_command_decode would say to it: a member that is too long or malformed is the
 * sender's to refuse, because the core closes the connection over it. w may then hold a part.
 */
CS_RESULT wire_command_encode(const struct wire_command *c, struct writer *w);

#endif
