/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two files of `countersign init`. */
#ifndef CLI_INIT_H
#define CLI_INIT_H

#include "cli.h"

enum { INIT_ITEMS_MAX = 32, INIT_TOKEN_TEXT = 44, INIT_PROPOSAL_MAX = 64 << 10 };

/* What was asked for; texts are the command line's. */
struct init {
    const char *state;
    const char *origin;
    const char *rp_id;
    const char *policy;
    const char *changes; /* may be NULL, as user */
    const char *user;
    const char *models[INIT_ITEMS_MAX]; /* NAME:AAGUID:FILE */
    size_t model_count;
    const char *officers[INIT_ITEMS_MAX];
    size_t officer_count;
    const char *clients[INIT_ITEMS_MAX];
    size_t client_count;
    const char *peers[INIT_ITEMS_MAX]; /* KIND=NAME */
    size_t peer_count;
    char tokens[INIT_ITEMS_MAX][INIT_TOKEN_TEXT]; /* one a client, NUL-terminated */
    struct arena arena;
};

/* The proposal, checked: a ceremony in which everybody enrols a key of the first model would succeed. An exit status;
 * unless CLI_OK, cli_fail was called. */
int init_proposal(struct init *o, struct writer *w);

#endif
