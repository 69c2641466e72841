/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of countersign-http and the files it names. docs/man/countersign-http.8 */
#ifndef PROG_HTTP_OPTIONS_H
#define PROG_HTTP_OPTIONS_H

#include "http/http_serve.h"

struct options {
    struct http_config config; /* texts point into the arguments or are pem below */
    const char *user;          /* NULL: stay who we are */
    const char *cert_path;
    const char *key_path;
    const char *client_ca_path;
    char *pem[3];
};

/* An exit status, or -1: go on. */
int options_read(int argc, char **argv, struct options *ret_options);
/* Reads the PEM files. CS_E_IO, CS_E_RANGE (empty or absurdly long), CS_E_NOMEM; msg names the file's role. */
CS_RESULT options_load(struct options *o);
/* Wipes and frees what was loaded. */
void options_release(struct options *o);

#endif
