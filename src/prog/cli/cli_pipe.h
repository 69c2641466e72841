/* SPDX-License-Identifier: Apache-2.0 */
/* What the pipeline's commands share: their options, the server, the words for what it says. */
#ifndef CLI_PIPE_H
#define CLI_PIPE_H

#include "cli.h"
#include "client/client_call.h"
#include "file/file_show.h"
#include "json/json_tree.h"

enum {
    PIPE_MANY = 32,
    PIPE_ANSWER_MAX = 64 * 1024 * 1024,
    PIPE_BODY_MAX = 64 * 1024,
    PIPE_PATH_MAX = 256,
    PIPE_CALL_S = 60,
    PIPE_ARENA = 256 * 1024 * 1024,
};

/* The options that name the server, for a usage. */
#define PIPE_SERVER_USAGE                                                                                              \
    "  --server URL       https://HOST[:PORT]\n"                                                                       \
    "  --ca FILE          certificates that may sign the server's, PEM\n"                                              \
    "  --token-file FILE  holds the bearer token; or --cert FILE --key FILE for mutual TLS\n"

/* Every option any of them has; NULL or zero where it was not given. */
struct pipe_options {
    struct client_config server;
    const char *name; /* of the command */
    const char *id;   /* the request */
    const char *line; /* of evidence, */
    const char *file; /* and the file */
    const char *receipt;
    const char *key_file;
    bool json;
    bool quiet;
    bool from_git;
    bool is_protected;
    bool wait;
    bool redeemed;
    bool rollback;
    bool dry_run;
    const char *repo;
    const char *title;
    const char *environment;
    const char *service;
    const char *change_type;
    const char *initiator;
    const char *trigger;
    const char *ticket;
    const char *ticket_state;
    const char *ticket_system;
    const char *pull_request; /* NUMBER=STATE */
    const char *key;
    const char *revises;
    const char *config;
    const char *plan;
    const char *reason;
    const char *trust;
    const char *out;
    const char *format;
    const char *result;
    const char *incident;
    const char *met; /* trigger of the rollback */
    const char *back_config;
    const char *back_plan;
    const char *started;
    const char *finished;
    const char *artifacts[PIPE_MANY]; /* NAME=FILE */
    size_t artifact_count;
    const char *back_artifacts[PIPE_MANY]; /* NAME=FILE or NAME=sha256:HEX */
    size_t back_artifact_count;
    const char *back_triggers[PIPE_MANY];
    size_t back_trigger_count;
    const char *junit[PIPE_MANY];
    size_t junit_count;
    const char *reviewers[PIPE_MANY];
    size_t reviewer_count;
    const char *docs[PIPE_MANY]; /* KEY=TEXT */
    size_t doc_count;
    const char *attributes[PIPE_MANY];
    size_t attribute_count;
    uint64_t timeout_s;
    uint64_t from;
    uint64_t to;
    bool has_to;
};

/* The commands' options by name: "server ca token-file …". An exit status, or -1: go on. */
int pipe_read(int argc, char **argv, const char *usage, struct pipe_options *ret_options);
/* CLI_OK, or a status after saying what is wrong. */
int pipe_open(const struct pipe_options *o, struct client **ret_client);

/* One call; *ret_reply is released by the caller only after CLI_OK. What the server refuses is said on stderr and gives
 * its status. */
int pipe_call(const struct pipe_options *o, struct client *c, const struct client_ask *ask,
              struct client_reply *ret_reply);
/* "/v1/requests/ID" + rest. */
const char *pipe_path(const char *id, const char *rest, char into[PIPE_PATH_MAX]);
struct pipe_ask {
    const char *method;
    const char *rest; /* of the path, after the request's ID */
    struct span body;
    const char *artifacts; /* as in client_ask */
    unsigned timeout_s;    /* 0: PIPE_CALL_S */
    unsigned busy_s;       /* a server that is busy is asked again for so long */
};
/* pipe_open, pipe_call and client_close for one call about the request of the command line; CLI_USAGE without one. */
int pipe_ask(const struct pipe_options *o, const struct pipe_ask *a, struct client_reply *ret_reply);
/* Says a refusal (RFC 9457) in words and returns the exit status for it. */
int pipe_refused(const struct pipe_options *o, const struct client_reply *reply);
/* Exit status for a request's status word; CLI_PENDING for one that is not final. */
int pipe_status_exit(struct span word);
/* Member of the reply as text; empty when absent. Print it with file_show only. */
struct span pipe_text(const struct json_value *top, const char *member);
/* The reply as it came, on stdout with a line feed. */
void pipe_print(const struct client_reply *reply);

int cli_submit(int argc, char **argv);
int cli_wait(int argc, char **argv);
int cli_redeem(int argc, char **argv);
int cli_receipt(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_withdraw(int argc, char **argv);
int cli_evidence(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_directory(int argc, char **argv);
int cli_export(int argc, char **argv);

/* What a receipt has to show, besides that it holds, is about the request, and names what the command line names. */
struct pipe_want {
    bool unused;   /* approved, in time by this machine's clock, and not used yet; else the status for why not */
    bool redeemed; /* the approval was used */
    bool in_time;  /* it has not run out by this machine's clock */
    bool all;      /* every file that was approved is on the command line, and no other */
    bool back;     /* all of that of the rollback that was signed with it */
};
/* The receipt against --trust, and --environment, --service and files where they are given. CLI_OK, or a status after
 * saying why not. Names the people who signed unless --json or --quiet. */
int pipe_prove(const struct pipe_options *o, const char *id, struct span text, const struct pipe_want *want);
/* CLI_OK, or CLI_USAGE after saying that --trust is missing, or an option that is compared is empty. */
int pipe_may_prove(const struct pipe_options *o);

/* Waits for the request of this id as `wait` does; `all` as in pipe_want. */
int pipe_wait(const struct pipe_options *o, struct client *c, const char *id, bool all);
/* {"artifacts":[…],"config_sha256"?,"plan_sha256"?} parts, in the order of names. */
int pipe_put_artifacts(const struct pipe_options *o, struct json_out *out);
/* "sha256=HEX, sha256=HEX" of the files of --artifact, NUL-terminated; "" without any. */
int pipe_artifact_header(const struct pipe_options *o, char *into, size_t cap);
int pipe_put_digest(const struct pipe_options *o, struct json_out *out, const char *key, const char *path);
#endif
