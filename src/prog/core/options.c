/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <fcntl.h>
#include <getopt.h>

#include "base/base_text.h"
#include "json/json_tree.h"
#include "file/file_read.h"

enum { CONFIG_MAX_BYTES = 64 << 10, STATE_MIB_MAX = 1 << 20 };

CS_RESULT options_path(const char *dir, const char *name, char *ret_path, size_t cap)
{
    const int n = snprintf(ret_path, cap, "%s/%s", dir, name);
    ENSURE(n > 0 && (size_t)n < cap, CS_E_RANGE, "path");
    return CS_SUCCESS;
}

CS_RESULT options_file(const struct options *o, const char *name, struct writer *w)
{
    char path[OPTIONS_PATH_MAX + 64];

    TRY(options_path(o->state, name, path, sizeof(path)));
    const struct cs_result r = file_read(AT_FDCWD, path, 0, w);
    ENSURE(r.code == CS_OK, r.code, name);
    return CS_SUCCESS;
}

static bool put_name(char *into, size_t cap, const char *name)
{
    const int n = snprintf(into, cap, "%s", name);
    return n > 0 && (size_t)n < cap;
}

/* --- countersign.json --- */

static CS_RESULT take_user(const struct json_value *users, enum core_peer_kind kind, struct options *o)
{
    const struct json_value *v = json_tree_member(users, core_peer_name(kind));

    if (v == NULL || o->users[kind][0] != '\0') {
        return CS_SUCCESS; /* the command line goes first */
    }
    ENSURE(v->kind == JSON_STRING && v->text.left < OPTIONS_NAME_MAX, CS_E_TYPE, "countersign.json users");
    memcpy(o->users[kind], v->text.p, v->text.left);
    o->users[kind][v->text.left] = '\0';
    return CS_SUCCESS;
}

static CS_RESULT take_config(const struct json_value *top, struct options *o)
{
    const struct json_value *users = json_tree_member(top, "users");
    const struct json_value *mib = json_tree_member(top, "state_mib");

    ENSURE(top->kind == JSON_OBJECT, CS_E_TYPE, "countersign.json");
    for (const struct json_value *v = top->child; v != NULL; v = v->next) {
        ENSURE(v == users || v == mib, CS_E_UNKNOWN, "countersign.json has a member that");
    }
    for (enum core_peer_kind k = CORE_HTTP; users != NULL && k < CORE_PEER_COUNT; k++) {
        TRY(take_user(users, k, o));
    }
    if (mib != NULL && o->state_mib == 0) {
        ENSURE(mib->kind == JSON_INT && mib->number >= 1 && mib->number <= STATE_MIB_MAX, CS_E_RANGE,
               "countersign.json state_mib");
        o->state_mib = (uint64_t)mib->number;
    }
    return CS_SUCCESS;
}

static CS_RESULT read_config(struct options *o)
{
    AUTO_WRITER text = wr_heap(CONFIG_MAX_BYTES);
    struct arena arena;
    const struct json_value *top = NULL;

    struct cs_result r = options_file(o, "countersign.json", &text);
    if (r.code == CS_E_MISSING) {
        return CS_SUCCESS;
    }
    TRY(r);
    arena_init(&arena, 16 * (size_t)CONFIG_MAX_BYTES);
    r = json_tree_parse(wr_span(&text), &arena, &top);
    if (r.code == CS_OK) {
        r = take_config(top, o);
    }
    arena_release(&arena);
    return r;
}

/* --- the command line --- */

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersignd --state DIR --run DIR [options]\n"
                      "  --state DIR      the log, its keys and its configuration; made by `countersign init`\n"
                      "  --run DIR        where the sockets http.sock, kiosk.sock and operator.sock are made\n"
                      "  --user NAME      become this user\n"
                      "  --http NAME      who may use http.sock (also --kiosk, --operator); without it, who we are\n"
                      "  --state-mib N    memory that open requests, people and policies may take (1024)\n"
                      "  --prove          verify every signature again before serving\n"
                      "  --help, --version\n");
    return status;
}

enum option_id { OPT_STATE = 1, OPT_RUN, OPT_USER, OPT_MIB, OPT_PROVE, OPT_HELP, OPT_VERSION, OPT_PEER };

/* False for a value that does not fit. */
static bool take_option(int id, const char *value, struct options *o)
{
    switch (id) {
    case OPT_STATE:
        return put_name(o->state, sizeof(o->state), value);
    case OPT_RUN:
        return put_name(o->run, sizeof(o->run), value);
    case OPT_USER:
        return put_name(o->user, sizeof(o->user), value);
    case OPT_MIB:
        return text_dec_decode(span_str(value), &o->state_mib, "state-mib").code == CS_OK && o->state_mib >= 1 &&
               o->state_mib <= STATE_MIB_MAX;
    case OPT_PROVE:
        o->prove = true;
        return true;
    default:
        return id >= OPT_PEER && id < OPT_PEER + CORE_PEER_COUNT &&
               put_name(o->users[id - OPT_PEER], OPTIONS_NAME_MAX, value);
    }
}

int options_read(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {{"state", required_argument, NULL, OPT_STATE},
                                          {"run", required_argument, NULL, OPT_RUN},
                                          {"user", required_argument, NULL, OPT_USER},
                                          {"http", required_argument, NULL, OPT_PEER + CORE_HTTP},
                                          {"kiosk", required_argument, NULL, OPT_PEER + CORE_KIOSK},
                                          {"operator", required_argument, NULL, OPT_PEER + CORE_OPERATOR},
                                          {"state-mib", required_argument, NULL, OPT_MIB},
                                          {"prove", no_argument, NULL, OPT_PROVE},
                                          {"help", no_argument, NULL, OPT_HELP},
                                          {"version", no_argument, NULL, OPT_VERSION},
                                          {NULL, 0, NULL, 0}};
    int id = 0;

    *ret_options = (struct options){.state_mib = 0};
    while ((id = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (id == OPT_HELP) {
            return usage(stdout, 0);
        }
        if (id == OPT_VERSION) {
            (void)printf("countersignd %s\n", COUNTERSIGN_VERSION);
            return 0;
        }
        if (!take_option(id, optarg, ret_options)) {
            return usage(stderr, 2);
        }
    }
    if (optind != argc || ret_options->state[0] == '\0' || ret_options->run[0] == '\0') {
        return usage(stderr, 2);
    }
    const struct cs_result r = read_config(ret_options);
    if (r.code != CS_OK) {
        (void)fprintf(stderr, "countersignd: %s %s\n", r.msg, cs_code_text(r.code));
        return 1;
    }
    ret_options->state_mib = ret_options->state_mib > 0 ? ret_options->state_mib : OPTIONS_STATE_MIB;
    return -1;
}
