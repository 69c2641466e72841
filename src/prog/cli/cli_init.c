/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign init`: the state directory of a new log, with what the genesis ceremony will propose. */
#include "cli_init.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_text.h"
#include "json/json_out.h"
#include "file/file_write.h"

enum { ARENA_BYTES = 64 << 20, PATH_MAX_BYTES = 512, TOKEN_BYTES = 32 };

static const char *const name = "init";

static int usage(FILE *to, int status)
{
    (void)fputs(
        "usage: countersign init --state DIR --origin NAME --rp-id DOMAIN --policy FILE --model NAME:AAGUID:FILE ...\n"
        "                        --officer ID ... [--changes FILE] [--client ID ...] [--user NAME] [--peer KIND=NAME "
        "...]\n"
        "  --state DIR               made with mode 0700; must not hold a log yet\n"
        "  --origin NAME             name of the log and of its key, such as approval.example/log1\n"
        "  --rp-id DOMAIN            the domain name that security keys are enrolled for\n"
        "  --policy FILE             the first policy (docs/policy.md), as JSON\n"
        "  --model NAME:AAGUID:FILE  keys of this model may be enrolled; FILE holds its attestation root, PEM or DER\n"
        "  --officer ID              a person with the role officer\n"
        "  --changes FILE            a JSON array of further put_person, put_client, put_model and put_issuer\n"
        "  --client ID               a pipeline that may request, redeem, report and read; its new bearer token is "
        "printed\n"
        "  --user NAME               whom the files are for: the user that countersignd runs as\n"
        "  --peer KIND=NAME          who may use http.sock, kiosk.sock or operator.sock\n",
        to);
    return status;
}

/* --- the command line --- */

static bool append(const char **items, size_t *count, const char *value)
{
    if (*count == INIT_ITEMS_MAX) {
        return false;
    }
    items[(*count)++] = value;
    return true;
}

static bool take_option(int id, const char *value, struct init *o)
{
    switch (id) {
    case 's':
        o->state = value;
        return true;
    case 'o':
        o->origin = value;
        return true;
    case 'r':
        o->rp_id = value;
        return true;
    case 'p':
        o->policy = value;
        return true;
    case 'c':
        o->changes = value;
        return true;
    case 'u':
        o->user = value;
        return true;
    case 'm':
        return append(o->models, &o->model_count, value);
    case 'f':
        return append(o->officers, &o->officer_count, value);
    case 'l':
        return append(o->clients, &o->client_count, value);
    case 'e':
        return append(o->peers, &o->peer_count, value);
    default:
        return false;
    }
}

/* --- files --- */

static int put_file(const struct init *o, const char *file, struct span text, const struct passwd *owner)
{
    char path[PATH_MAX_BYTES];

    (void)snprintf(path, sizeof(path), "%s/%s", o->state, file);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return cli_fail(CLI_FAILED, name, "%s %s", path,
                        errno == EEXIST ? "is there already: this directory is in use" : "cannot be made");
    }
    const bool done = file_write_all(fd, text).code == CS_OK && fsync(fd) == 0 &&
                      (owner == NULL || fchown(fd, owner->pw_uid, owner->pw_gid) == 0);
    return close(fd) == 0 && done ? CLI_OK : cli_fail(CLI_FAILED, name, "%s could not be written", path);
}

static int make_directory(const struct init *o, const struct passwd *owner)
{
    char path[PATH_MAX_BYTES];
    struct stat st;

    if (mkdir(o->state, 0700) != 0 && errno != EEXIST) {
        return cli_fail(CLI_FAILED, name, "%s cannot be made", o->state);
    }
    if (stat(o->state, &st) != 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 0077U) != 0) {
        return cli_fail(CLI_FAILED, name, "%s must be a directory with mode 0700", o->state);
    }
    (void)snprintf(path, sizeof(path), "%s/log.db", o->state);
    if (access(path, F_OK) == 0) {
        return cli_fail(CLI_FAILED, name, "%s holds a log already", o->state);
    }
    if (owner != NULL && chown(o->state, owner->pw_uid, owner->pw_gid) != 0) {
        return cli_fail(CLI_FAILED, name, "%s cannot be given to %s", o->state, o->user);
    }
    return CLI_OK;
}

/* {"users":{"http":…}} in the order of names, which is that of the peers. */
static int config_text(const struct init *o, struct writer *w)
{
    static const char *const kinds[] = {"http", "kiosk", "operator"};
    struct json_out out = json_out_make(w);
    size_t taken = 0;

    json_put_object(&out, NULL);
    json_put_object(&out, "users");
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const size_t n = strlen(kinds[k]);
        for (size_t i = 0; i < o->peer_count; i++) {
            if (strncmp(o->peers[i], kinds[k], n) == 0 && o->peers[i][n] == '=') {
                json_put_text(&out, kinds[k], o->peers[i] + n + 1);
                taken++;
            }
        }
    }
    json_put_close(&out);
    json_put_close(&out);
    if (taken != o->peer_count || json_out_end(&out, "config").code != CS_OK) {
        return cli_fail(CLI_USAGE, name, "--peer takes http=NAME, kiosk=NAME or operator=NAME, each once");
    }
    return CLI_OK;
}

static int write_all(const struct init *o, struct span proposal)
{
    AUTO_WRITER config = wr_heap(4096);
    const struct passwd *owner = NULL;

    if (o->user != NULL) {
        owner = getpwnam(o->user); /* NOLINT(concurrency-mt-unsafe): one thread */
        if (owner == NULL) {
            return cli_fail(CLI_FAILED, name, "there is no user %s", o->user);
        }
    }
    int status = config_text(o, &config);
    if (status == CLI_OK) {
        status = make_directory(o, owner);
    }
    if (status == CLI_OK) {
        status = put_file(o, "proposal.json", proposal, owner);
    }
    if (status == CLI_OK) {
        status = put_file(o, "countersign.json", wr_span(&config), owner);
    }
    return status;
}

/* --- tokens --- */

static int make_tokens(struct init *o)
{
    for (size_t i = 0; i < o->client_count; i++) {
        uint8_t bytes[TOKEN_BYTES];
        struct writer w = wr_fixed(o->tokens[i], sizeof(o->tokens[i]) - 1);
        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
            return cli_fail(CLI_FAILED, name, "no random bytes");
        }
        wr_base64url(&w, SPAN_OF(bytes));
        o->tokens[i][w.len] = '\0';
    }
    return CLI_OK;
}

/* Only once the files that know their digests are there. */
static void print_tokens(const struct init *o)
{
    for (size_t i = 0; i < o->client_count; i++) {
        (void)printf("token %s %s\n", o->clients[i], o->tokens[i]);
    }
}

static int init(struct init *o)
{
    AUTO_WRITER proposal = wr_heap(INIT_PROPOSAL_MAX);

    int status = make_tokens(o);
    if (status == CLI_OK) {
        status = init_proposal(o, &proposal);
    }
    if (status == CLI_OK) {
        status = write_all(o, wr_span(&proposal));
    }
    if (status == CLI_OK) {
        print_tokens(o);
        (void)fprintf(stderr, "%s is ready. Start countersignd on it, then hold the genesis ceremony at the kiosk.\n",
                      o->state);
    }
    return status;
}

int cli_init(int argc, char **argv)
{
    static const struct option known[] = {
        {"state", required_argument, NULL, 's'},   {"origin", required_argument, NULL, 'o'},
        {"rp-id", required_argument, NULL, 'r'},   {"policy", required_argument, NULL, 'p'},
        {"changes", required_argument, NULL, 'c'}, {"user", required_argument, NULL, 'u'},
        {"model", required_argument, NULL, 'm'},   {"officer", required_argument, NULL, 'f'},
        {"client", required_argument, NULL, 'l'},  {"peer", required_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    struct init o = {0};
    int id = 0;

    while ((id = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (id == 'h') {
            return usage(stdout, CLI_OK);
        }
        if (!take_option(id, optarg, &o)) {
            return usage(stderr, CLI_USAGE);
        }
    }
    if (optind != argc || o.state == NULL || o.origin == NULL || o.rp_id == NULL || o.policy == NULL) {
        return usage(stderr, CLI_USAGE);
    }
    arena_init(&o.arena, ARENA_BYTES);
    const int status = init(&o);
    arena_release(&o.arena);
    return status;
}
