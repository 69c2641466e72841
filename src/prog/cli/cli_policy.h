/* SPDX-License-Identifier: Apache-2.0 */
/* What the `countersign policy` commands share. */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "cli.h"
#include "draft/draft_try.h"

enum { POLICY_ARENA_BYTES = 256 << 20 };

struct policy_options {
    const char *verb;
    const char *policy; /* --policy */
    const char *roster;
    const char *log;
    uint64_t since_s; /* 0: all */
    bool json;
    bool quiet;
    const char *file[2]; /* arguments */
    size_t file_count;
};

/* What was read, and what it is; all of it in the arena. Faults of the text were said. CLI_OK or said. */
struct policy_document {
    struct draft *draft;
    const struct draft_node *top;
    struct span text;
};
int policy_load(const char *name, const char *path, struct arena *arena, struct policy_document *ret_document);

/* A policy, in YAML or compiled, to the compiled form and decoded. A fault is said with its place. CLI_OK or said. */
struct policy_file {
    struct span text;
    struct policy_doc doc;
};
int policy_read(const char *name, const char *path, const struct draft_roster *roster, struct arena *arena,
                struct policy_file *ret_policy);
/* The roster of --roster; count 0 and CLI_OK without one. */
int policy_read_roster(const char *name, const char *path, struct arena *arena, struct draft_roster *ret_roster);
/* For draft.zone. */
struct cs_result policy_zone_file(struct span name, struct writer *w);
/* Every fault, one a line: FILE:LINE:COLUMN: what. */
void policy_say_faults(const char *path, struct draft *d);
/* A request as pipelines send it, JSON. Faults are said. */
int policy_read_request(const char *name, const char *path, struct arena *arena, struct deploy_content **ret_deploy);
int policy_request(const char *name, const char *path, struct span body, struct arena *arena,
                   struct deploy_content **ret_deploy);

/* What w holds, shown on one line, and w emptied. */
void policy_print(struct writer *w);
/* Each line of it. CLI_OK, or said that w failed. */
int policy_print_lines(const struct writer *w, const char *before);

int policy_explain(const struct policy_options *o, struct arena *arena);
int policy_test(const struct policy_options *o, struct arena *arena);
int policy_replay(const struct policy_options *o, struct arena *arena);
int policy_diff(const struct policy_options *o, struct arena *arena);
/* Each request of the log: what b asks of it beside a, or beside the policy it was opened under when a is NULL. */
int policy_over_log(const struct policy_options *o, const struct policy_doc *a, const struct policy_doc *b,
                    struct arena *arena);

#endif
