/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a directory of people, and says in the log whom it has in which roles. */
#include "cli_pipe.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/base_text.h"
#include "directory/directory_ldap.h"
#include "directory/directory_listing.h"

enum {
    TRIES = 8,
    TRY_AGAIN_US = 250000,
    PASSWORD_MAX = 1024,
    PAGE_BYTES_MAX = 4 << 20,
    READ_MOST_S = 300,
    LDAP_ARENA = 512 << 20
};

static const char usage[] =
    "usage: countersign directory --config FILE --server URL --token-file FILE [options]\n"
    "  --config FILE      which directory, and which search finds whom in each role\n" PIPE_SERVER_USAGE
    "  --timeout SECONDS  to read the directory in: 300, and no more\n"
    "  --dry-run          say what differs, and send nothing\n"
    "  --quiet            say nothing when it is done\n"
    "  --help\n";

/* One run of the command. */
struct run {
    const struct pipe_options *o;
    struct arena arena; /* configuration, and what the directory has */
    struct arena pages; /* of one try */
    struct directory_config config;
    struct directory_names names;
    uint64_t began_ms; /* of the steady clock */
    uint64_t changed;  /* people for whom something was sent */
};

static uint64_t steady_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int read_config(struct run *r)
{
    AUTO_WRITER text = wr_heap(DIRECTORY_CONFIG_MAX);
    struct span kept = SPAN_NONE;

    if (cli_read(r->o->name, r->o->config, &text).code != CS_OK) {
        return CLI_FAILED;
    }
    struct cs_result c = arena_copy(&r->arena, wr_span(&text), &kept);
    c = c.code == CS_OK ? directory_config_decode(kept, &r->arena, &r->config) : c;
    return c.code == CS_OK ? CLI_OK
                           : cli_fail(CLI_FAILED, r->o->name, "%s: %s %s", r->o->config, c.msg, cs_code_text(c.code));
}

/* --- the directory --- */

static int say_why(const struct run *r, struct cs_result c, const struct directory_why *why)
{
    const char *what = "it cannot be read";

    if (c.code == CS_E_BADSIG) {
        what = "its certificate is not acceptable, or TLS fails";
    } else if (c.code == CS_E_REFUSED) {
        what = "it does not take the password";
    } else if (c.code == CS_E_FULL) {
        what = "it has more than is taken (see `most` in the configuration)";
    } else if (c.code == CS_E_NOMEM) {
        what = "not enough memory";
    }
    return cli_fail(c.code == CS_E_IO ? CLI_REACH : CLI_FAILED, r->o->name, "%s: %s%s%s; nothing was sent",
                    r->config.uri, what, why->text[0] != '\0' ? ": " : "", why->text);
}

/* libldap waits for a TLS handshake for ever, whatever time it is given. Nothing was begun that would have to be ended.
 */
static void give_up(int sig)
{
    static const char text[] = "countersign directory: the directory does not answer in time; nothing was sent\n";
    (void)sig;
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
    _exit(CLI_REACH);
}

/* From now on, for so long; 0: no longer. */
static void watch(uint64_t s)
{
    const struct sigaction act = {.sa_handler = s > 0 ? give_up : SIG_DFL};
    (void)sigaction(SIGALRM, &act, NULL);
    (void)alarm((unsigned)(s < READ_MOST_S ? s : READ_MOST_S));
}

static int read_directory(struct run *r)
{
    char password[PASSWORD_MAX + 1] = {0};
    struct directory_why why = {.text = ""};

    if (r->config.password_file != NULL) {
        struct writer w = wr_fixed(password, PASSWORD_MAX);
        if (cli_read(r->o->name, r->config.password_file, &w).code != CS_OK) {
            explicit_bzero(password, sizeof(password));
            return CLI_FAILED;
        }
        password[strcspn(password, "\r\n")] = '\0';
        if (password[0] == '\0') {
            return cli_fail(CLI_FAILED, r->o->name, "%s is empty", r->config.password_file);
        }
    }
    r->began_ms = steady_ms();
    r->names.arena = &r->arena;
    watch(r->o->timeout_s > 0 ? r->o->timeout_s : READ_MOST_S);
    const struct cs_result c =
        directory_ldap_read(&r->config, r->config.password_file != NULL ? password : NULL, &r->names, &why);
    watch(0);
    explicit_bzero(password, sizeof(password));
    return c.code == CS_OK ? CLI_OK : say_why(r, c, &why);
}

/* --- the server --- */

/* False, with *ret_status: something else than this server's list of one moment. */
static bool take_page(struct run *r, struct client *c, struct directory_listing *l, int *ret_status)
{
    char path[PIPE_PATH_MAX] = "/v1/directory";
    struct client_reply reply;

    if (l->more) {
        (void)snprintf(path, sizeof(path), "/v1/directory?cursor=%llu", (unsigned long long)l->next);
    }
    const struct client_ask ask = {
        .method = "GET", .path = path, .timeout_s = PIPE_CALL_S, .max_bytes = PAGE_BYTES_MAX};
    *ret_status = pipe_call(r->o, c, &ask, &reply);
    if (*ret_status != CLI_OK) {
        return false;
    }
    struct span page = SPAN_NONE;
    struct cs_result x = arena_copy(&r->pages, wr_span(&reply.body), &page);
    wr_release(&reply.body);
    x = x.code == CS_OK ? directory_listing_add(l, page, &r->pages) : x;
    if (x.code != CS_OK && x.code != CS_E_STATE) {
        *ret_status = cli_fail(CLI_VERIFY, r->o->name, "the server's list: %s %s", x.msg, cs_code_text(x.code));
    }
    return x.code == CS_OK;
}

/* CLI_PENDING: it changed between two pages. */
static int take_listing(struct run *r, struct client *c, struct directory_listing *l)
{
    int status = CLI_OK;

    do {
        if (!take_page(r, c, l, &status)) {
            return status == CLI_OK ? CLI_PENDING : status;
        }
    } while (l->more);
    if (!span_eq(l->source, r->config.source)) {
        return cli_fail(CLI_FAILED, r->o->name, "the policy asks another directory than the one in `source`");
    }
    const struct span role = directory_listing_unsaid(l, &r->config);
    if (role.left > 0) {
        return cli_fail(CLI_FAILED, r->o->name, "`groups` does not say who has the role %.*s; nothing was sent",
                        (int)role.left, (const char *)role.p);
    }
    if (directory_listing_total(l, &r->config, &r->names) == 0) {
        return cli_fail(CLI_FAILED, r->o->name,
                        "nobody on the roster is found in any role, so the searches are wrong; nothing was sent");
    }
    return CLI_OK;
}

static void show(const struct run *r, const struct directory_listing *l)
{
    bool wanted[MODEL_ROLES_MAX];

    for (size_t i = 0; i < l->count; i++) {
        const struct directory_person *p = l->person[i];
        (void)directory_listing_wanted(p, &r->config, &r->names, wanted);
        for (size_t k = 0; k < p->role_count; k++) {
            if (wanted[k] != p->listed[k]) {
                (void)printf("%.*s: %s %.*s\n", (int)p->id.left, (const char *)p->id.p, wanted[k] ? "now" : "no longer",
                             (int)p->roles[k].left, (const char *)p->roles[k].p);
            }
        }
    }
}

/* CLI_PENDING: people or roles changed meanwhile. */
static int take_answer(const struct run *r, const struct client_reply *reply, struct arena *arena, uint64_t *ret_index)
{
    const struct json_value *top = NULL;

    if (json_tree_parse(wr_span(&reply->body), arena, &top).code != CS_OK) {
        return cli_fail(CLI_VERIFY, r->o->name, "the server's answer cannot be read");
    }
    if (reply->status == 409 && span_is(pipe_text(top, "code"), "directory_moved")) {
        return CLI_PENDING;
    }
    if (reply->status != 201) {
        return pipe_refused(r->o, reply);
    }
    const struct json_value *index = json_tree_member(top, "directory");
    if (index == NULL || index->kind != JSON_INT || index->number < 0) {
        return cli_fail(CLI_VERIFY, r->o->name, "the server's answer does not say where it stands in the log");
    }
    *ret_index = (uint64_t)index->number;
    return CLI_OK;
}

static int send_note(struct run *r, struct client *c, struct directory_note *x, uint64_t *ret_index)
{
    AUTO_WRITER body = wr_heap(MODEL_CONTENT_MAX);
    struct client_reply reply;

    x->age_ms = steady_ms() - r->began_ms;
    if (model_directory_encode(x, &body).code != CS_OK) {
        return cli_fail(CLI_FAILED, r->o->name, "one person's roles are more than an entry of the log takes");
    }
    const struct client_ask ask = {.method = "POST",
                                   .path = "/v1/directory",
                                   .body = wr_span(&body),
                                   .timeout_s = PIPE_CALL_S,
                                   .max_bytes = PAGE_BYTES_MAX};
    const struct cs_result called = client_call(c, &ask, &reply);
    if (called.code != CS_OK) {
        return cli_fail(CLI_REACH, r->o->name, "%s: %s", r->o->server.url, called.msg);
    }
    const int status = take_answer(r, &reply, &r->pages, ret_index);
    wr_release(&reply.body);
    return status;
}

/* All that differs, in as many entries as it takes; what is in force after each is what the next one names. */
static int send_all(struct run *r, struct client *c, struct directory_listing *l)
{
    size_t at = 0;
    bool last = false;

    while (!last) {
        struct directory_note x = {0};
        const struct cs_result made = directory_listing_next(l, &r->config, &r->names, &r->pages, &at, &x);
        if (made.code != CS_OK) {
            return cli_fail(CLI_FAILED, r->o->name, "%s %s", made.msg, cs_code_text(made.code));
        }
        const int status = send_note(r, c, &x, &l->prev);
        if (status != CLI_OK) {
            return status;
        }
        r->changed += x.count;
        last = x.total_set;
    }
    return CLI_OK;
}

static int one_try(struct run *r, struct client *c)
{
    struct directory_listing l = {.person = NULL};

    arena_reset(&r->pages);
    int status = take_listing(r, c, &l);
    if (status == CLI_OK && r->o->dry_run) {
        show(r, &l);
    } else if (status == CLI_OK) {
        status = send_all(r, c, &l);
    }
    return status;
}

static int say_it(struct run *r)
{
    struct client *c = NULL;
    int status = pipe_open(r->o, &c);

    if (status != CLI_OK) {
        return status;
    }
    status = CLI_PENDING;
    for (int i = 0; status == CLI_PENDING && i < TRIES; i++) {
        if (i > 0) {
            (void)usleep(TRY_AGAIN_US);
        }
        status = one_try(r, c);
    }
    client_close(c);
    if (status == CLI_PENDING) {
        return cli_fail(CLI_FAILED, r->o->name, "people and roles keep changing; try again");
    }
    if (status == CLI_OK && !r->o->quiet && !r->o->dry_run) {
        (void)printf("read; %llu people changed\n", (unsigned long long)r->changed);
    }
    return status;
}

int cli_directory(int argc, char **argv)
{
    struct pipe_options o;
    int status = pipe_read(argc, argv, usage, &o);

    if (status >= 0) {
        return status;
    }
    if (o.config == NULL) {
        (void)fputs(usage, stderr);
        return CLI_USAGE;
    }
    struct run r = {.o = &o};
    arena_init(&r.arena, LDAP_ARENA);
    arena_init(&r.pages, LDAP_ARENA);
    status = read_config(&r);
    status = status == CLI_OK ? read_directory(&r) : status;
    status = status == CLI_OK ? say_it(&r) : status;
    arena_release(&r.pages);
    arena_release(&r.arena);
    return status;
}
