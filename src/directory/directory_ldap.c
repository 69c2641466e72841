/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/directory_ldap.h"

#include <lber.h>
#include <ldap.h>
#include <stdlib.h>
#include <sys/time.h>

enum {
    PAGE = 500,            /* entries in one answer */
    ANSWER_MAX = 16 << 20, /* bytes of one message */
    NETWORK_S = 15,        /* to connect, and between bytes */
    SEARCH_S = 60,         /* one page */
    PAGES_MAX = DIRECTORY_ENTRIES_MAX,
};

/* What the server says comes from outside: it must not drive a terminal. */
static void explain(struct directory_why *why, LDAP *ld, int code)
{
    char *more = NULL;

    if (ld != NULL) {
        (void)ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
    }
    (void)snprintf(why->text, sizeof(why->text), "%s%s%s", ldap_err2string(code),
                   more != NULL && more[0] != '\0' ? ": " : "", more != NULL ? more : "");
    for (char *p = why->text; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
    ldap_memfree(more);
}

static CS_RESULT failed(struct directory_why *why, LDAP *ld, int code)
{
    explain(why, ld, code);
    if (code == LDAP_NO_MEMORY) {
        return CS_FAIL(CS_E_NOMEM, "directory");
    }
    if (code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE_AUTH) {
        return CS_FAIL(CS_E_REFUSED, "directory.password");
    }
    if (code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_ADMINLIMIT_EXCEEDED) {
        return CS_FAIL(CS_E_FULL, "directory.search");
    }
    return CS_FAIL(CS_E_IO, "directory");
}

static bool set(LDAP *ld, int option, const void *value)
{
    return ldap_set_option(ld, option, value) == LDAP_OPT_SUCCESS;
}

/* On this handle, whatever the library's own settings say. */
static bool set_tls(LDAP *ld, const struct directory_config *c)
{
    const int hard = LDAP_OPT_X_TLS_HARD;
    const int least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int client = 0;

    return set(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &hard) && set(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) &&
           (c->ca == NULL || set(ld, LDAP_OPT_X_TLS_CACERTFILE, c->ca)) && set(ld, LDAP_OPT_X_TLS_NEWCTX, &client);
}

static bool set_up(LDAP *ld, const struct directory_config *c)
{
    const int version = LDAP_VERSION3;
    const int deref = LDAP_DEREF_NEVER;
    const struct timeval network = {.tv_sec = NETWORK_S};
    const struct timeval search = {.tv_sec = SEARCH_S};

    return set(ld, LDAP_OPT_PROTOCOL_VERSION, &version) && set(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) &&
           set(ld, LDAP_OPT_RESTART, LDAP_OPT_OFF) && set(ld, LDAP_OPT_DEREF, &deref) &&
           set(ld, LDAP_OPT_NETWORK_TIMEOUT, &network) && set(ld, LDAP_OPT_TIMEOUT, &search) &&
           (strncmp(c->uri, "ldapi://", 8) == 0 || set_tls(ld, c));
}

/* A message that is longer is not read. */
static bool bound_answers(LDAP *ld)
{
    ber_len_t most = ANSWER_MAX;
    Sockbuf *sb = NULL;
    return ldap_get_option(ld, LDAP_OPT_SOCKBUF, (void *)&sb) == LDAP_OPT_SUCCESS && sb != NULL &&
           ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1;
}

/* With ldap:// TLS comes first, and without it nothing. */
static CS_RESULT secure(LDAP *ld, const struct directory_config *c, struct directory_why *why)
{
    if (strncmp(c->uri, "ldap://", 7) != 0) {
        return CS_SUCCESS;
    }
    const int code = ldap_start_tls_s(ld, NULL, NULL);
    if (code == LDAP_CONNECT_ERROR) {
        explain(why, ld, code);
        return CS_FAIL(CS_E_BADSIG, "directory.tls");
    }
    return code == LDAP_SUCCESS ? CS_SUCCESS : failed(why, ld, code);
}

/* With GnuTLS a certificate that does not hold is "(unknown error code)"; a socket's error has a name. */
static bool is_about_tls(LDAP *ld)
{
    char *more = NULL;
    (void)ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
    const bool tls = more != NULL && (strstr(more, "certificate") != NULL || strstr(more, "TLS") != NULL ||
                                      strstr(more, "(unknown error code)") != NULL);
    ldap_memfree(more);
    return tls;
}

static CS_RESULT sign_in(LDAP *ld, const struct directory_config *c, const char *password, struct directory_why *why)
{
    struct berval secret = {0};
    char *copy = password != NULL ? strdup(password) : NULL; /* the library's type is not const */

    ENSURE(password == NULL || copy != NULL, CS_E_NOMEM, "directory.password");
    if (copy != NULL) {
        secret = (struct berval){.bv_len = strlen(copy), .bv_val = copy};
    }
    const int code = ldap_sasl_bind_s(ld, c->bind_dn, LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
    if (copy != NULL) {
        explicit_bzero(copy, secret.bv_len);
        free(copy);
    }
    if (code == LDAP_SERVER_DOWN && is_about_tls(ld)) {
        explain(why, ld, code);
        return CS_FAIL(CS_E_BADSIG, "directory.tls");
    }
    return code == LDAP_SUCCESS ? CS_SUCCESS : failed(why, ld, code);
}

/* --- searching --- */

struct search {
    LDAP *ld;
    const struct directory_config *c;
    const struct directory_group *group;
    struct directory_names *names;
    struct directory_why *why;
    struct berval cookie; /* where the next page begins; the library's memory */
    uint64_t found;
};

static CS_RESULT take_entry(struct search *s, LDAPMessage *entry)
{
    struct berval **values = ldap_get_values_len(s->ld, entry, s->group->attribute);
    struct cs_result r = CS_SUCCESS;

    for (size_t i = 0; values != NULL && values[i] != NULL && r.code == CS_OK; i++) {
        const struct span name = span_make((const uint8_t *)values[i]->bv_val, values[i]->bv_len);
        r = directory_names_add(s->names, s->group->role, name);
    }
    ldap_value_free_len(values);
    return r;
}

static CS_RESULT take_entries(struct search *s, LDAPMessage *answer)
{
    for (LDAPMessage *e = ldap_first_entry(s->ld, answer); e != NULL; e = ldap_next_entry(s->ld, e)) {
        if (++s->found > s->c->most) {
            (void)snprintf(s->why->text, sizeof(s->why->text), "more than %llu entries for the role",
                           (unsigned long long)s->c->most);
            return CS_FAIL(CS_E_FULL, "directory.search");
        }
        TRY(take_entry(s, e));
    }
    return CS_SUCCESS;
}

/* Where the next page begins, and whether this one is good. */
static CS_RESULT take_end(struct search *s, LDAPMessage *answer)
{
    LDAPControl **controls = NULL;
    struct berval cookie = {0};
    ber_int_t estimate = 0;
    int code = LDAP_OTHER;

    int r = ldap_parse_result(s->ld, answer, &code, NULL, NULL, NULL, &controls, 0);
    r = r == LDAP_SUCCESS ? code : r;
    LDAPControl *paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
    if (r == LDAP_SUCCESS && paged != NULL) {
        r = ldap_parse_pageresponse_control(s->ld, paged, &estimate, &cookie);
    }
    ldap_controls_free(controls);
    ber_memfree(s->cookie.bv_val);
    s->cookie = cookie;
    return r == LDAP_SUCCESS ? CS_SUCCESS : failed(s->why, s->ld, r);
}

static CS_RESULT search_page(struct search *s)
{
    char *attributes[] = {s->group->attribute, NULL};
    struct timeval limit = {.tv_sec = SEARCH_S};
    LDAPControl *paged = NULL;
    LDAPMessage *answer = NULL;

    int code = ldap_create_page_control(s->ld, PAGE, &s->cookie, 1, &paged);
    if (code == LDAP_SUCCESS) {
        LDAPControl *controls[] = {paged, NULL};
        code = ldap_search_ext_s(s->ld, s->group->base, LDAP_SCOPE_SUBTREE, s->group->filter, attributes, 0, controls,
                                 NULL, &limit, LDAP_NO_LIMIT, &answer);
    }
    ldap_control_free(paged);
    struct cs_result r = code == LDAP_SUCCESS ? CS_SUCCESS : failed(s->why, s->ld, code);
    if (r.code == CS_OK && ldap_count_references(s->ld, answer) > 0) {
        (void)snprintf(s->why->text, sizeof(s->why->text), "part of it is on another server");
        r = CS_FAIL(CS_E_IO, "directory.search");
    }
    r = r.code == CS_OK ? take_entries(s, answer) : r;
    r = r.code == CS_OK ? take_end(s, answer) : r;
    (void)ldap_msgfree(answer);
    return r;
}

static CS_RESULT search_group(LDAP *ld, const struct directory_config *c, const struct directory_group *g,
                              struct directory_names *names, struct directory_why *why)
{
    struct search s = {.ld = ld, .c = c, .group = g, .names = names, .why = why};
    struct cs_result r = CS_SUCCESS;

    for (size_t pages = 0; r.code == CS_OK && (pages == 0 || s.cookie.bv_len > 0); pages++) {
        r = pages < PAGES_MAX ? search_page(&s) : CS_FAIL(CS_E_FULL, "directory.search");
    }
    ber_memfree(s.cookie.bv_val);
    return r;
}

static CS_RESULT read_all(LDAP *ld, const struct directory_config *c, const char *password,
                          struct directory_names *names, struct directory_why *why)
{
    ENSURE(bound_answers(ld), CS_E_IO, "directory");
    ENSURE(set_up(ld, c), CS_E_BADSIG, "directory.tls");
    TRY(secure(ld, c, why));
    TRY(sign_in(ld, c, password, why));
    for (size_t i = 0; i < c->group_count; i++) {
        TRY(search_group(ld, c, &c->groups[i], names, why));
    }
    return CS_SUCCESS;
}

CS_RESULT directory_ldap_read(const struct directory_config *c, const char *password, struct directory_names *names,
                              struct directory_why *ret_why)
{
    LDAP *ld = NULL;

    ret_why->text[0] = '\0';
    ENSURE((password != NULL) == (c->bind_dn != NULL) && (password == NULL || password[0] != '\0'), CS_E_RANGE,
           "directory.password"); /* an empty one would sign in as nobody, and succeed */
    ENSURE(setenv("LDAPNOINIT", "1", 1) == 0, CS_E_NOMEM, "directory"); /* NOLINT(concurrency-mt-unsafe): one thread */
    const int code = ldap_initialize(&ld, c->uri);
    if (code != LDAP_SUCCESS) {
        return failed(ret_why, NULL, code);
    }
    const struct cs_result r = read_all(ld, c, password, names, ret_why);
    (void)ldap_unbind_ext_s(ld, NULL, NULL);
    directory_names_finish(names);
    return r;
}
