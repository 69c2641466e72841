/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign policy VERB`: everything about a policy that needs neither the core nor a server. */
#include <getopt.h>

#include "base/base_text.h"
#include "cli_policy.h"

static const char *const name = "policy";

static int check(const struct policy_options *o, struct arena *arena);
static int compile(const struct policy_options *o, struct arena *arena);

static const struct verb {
    const char *word;
    size_t files;
    int (*run)(const struct policy_options *o, struct arena *arena);
    const char *takes; /* options, by their letters */
} verbs[] = {
    {"check", 1, check, "rq"},      {"compile", 1, compile, "r"},        {"explain", 1, policy_explain, "prj"},
    {"test", 1, policy_test, "pq"}, {"replay", 1, policy_replay, "lsq"}, {"diff", 2, policy_diff, "lsq"},
};

static const struct option known[] = {
    {"roster", required_argument, NULL, 'r'}, {"policy", required_argument, NULL, 'p'},
    {"log", required_argument, NULL, 'l'},    {"since", required_argument, NULL, 's'},
    {"json", no_argument, NULL, 'j'},         {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
enum { KNOWN = sizeof(known) / sizeof(known[0]) - 1 };

static int usage(FILE *to, int status)
{
    (void)fputs("usage: countersign policy check FILE [--roster FILE] [--quiet]\n"
                "       countersign policy compile FILE [--roster FILE]\n"
                "       countersign policy explain REQUEST --policy FILE [--roster FILE] [--json]\n"
                "       countersign policy test DIR [--policy FILE] [--quiet]\n"
                "       countersign policy replay NEW --log DIR [--since 90d] [--quiet]\n"
                "       countersign policy diff OLD NEW [--log DIR [--since 90d] [--quiet]]\n"
                "  FILE, OLD, NEW   a policy in YAML (docs/policy.md), or in the form that the log has\n"
                "  REQUEST          what a pipeline would send, JSON\n"
                "  DIR              of test cases\n"
                "  --policy FILE    the policy to try; of test: for cases that name none\n"
                "  --roster FILE    people and their roles: is every seat one that enough of them can fill?\n"
                "  --log DIR        a log that countersign export wrote\n"
                "  --since TIME     only requests of this long before its last entry, such as 90d\n"
                "  --json           one JSON object instead of words\n"
                "  --quiet          say only what is wrong, or only the sums\n"
                "  --help\n",
                to);
    return status;
}

static int read_both(const struct policy_options *o, const char *path, struct arena *arena, struct policy_file *ret)
{
    struct draft_roster roster = {.count = 0};
    const int status = policy_read_roster(name, o->roster, arena, &roster);

    return status != CLI_OK ? status : policy_read(name, path, o->roster != NULL ? &roster : NULL, arena, ret);
}

static int check(const struct policy_options *o, struct arena *arena)
{
    struct policy_file p = {.text = SPAN_NONE};

    const int status = read_both(o, o->file[0], arena, &p);
    if (status == CLI_OK && !o->quiet) {
        (void)printf("%s: good; version %llu, %zu rules, %zu bytes in the log\n", o->file[0],
                     (unsigned long long)p.doc.version, p.doc.rule_count, p.text.left);
    }
    return status;
}

static int compile(const struct policy_options *o, struct arena *arena)
{
    struct policy_file p = {.text = SPAN_NONE};

    const int status = read_both(o, o->file[0], arena, &p);
    if (status == CLI_OK) {
        (void)printf("%.*s\n", (int)p.text.left, (const char *)p.text.p);
    }
    return status;
}

static bool take_since(const char *text, uint64_t *ret_seconds)
{
    const struct draft_node v = {.kind = DRAFT_SCALAR, .plain = true, .text = span_str(text)};
    return draft_seconds(&v, ret_seconds) && *ret_seconds > 0;
}

static bool take_option(int id, const char *value, struct policy_options *o)
{
    switch (id) {
    case 'r':
        o->roster = value;
        return true;
    case 'p':
        o->policy = value;
        return true;
    case 'l':
        o->log = value;
        return true;
    case 's':
        if (!take_since(value, &o->since_s)) {
            (void)cli_fail(CLI_USAGE, name, "--since %s: a time such as 90d belongs here", value);
            return false;
        }
        return true;
    case 'j':
        o->json = true;
        return true;
    case 'q':
        o->quiet = true;
        return true;
    default:
        return false;
    }
}

/* An option that does nothing here was meant to do something. */
static int takes_all(const struct verb *verb, const struct policy_options *o, const bool given[KNOWN])
{
    for (size_t i = 0; i < KNOWN; i++) {
        if (given[i] && strchr(verb->takes, known[i].val) == NULL) {
            return cli_fail(CLI_USAGE, name, "%s takes no --%s", verb->word, known[i].name);
        }
    }
    if (o->since_s != 0 && o->log == NULL) {
        return cli_fail(CLI_USAGE, name, "--since is of a log: --log DIR is missing");
    }
    return CLI_OK;
}

static int run(const struct policy_options *o, const bool given[KNOWN])
{
    const struct verb *verb = NULL;
    struct arena arena;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        verb = strcmp(verbs[i].word, o->verb) == 0 ? &verbs[i] : verb;
    }
    if (verb == NULL || verb->files != o->file_count) {
        return usage(stderr, CLI_USAGE);
    }
    int status = takes_all(verb, o, given);
    if (status != CLI_OK) {
        return status;
    }
    arena_init(&arena, POLICY_ARENA_BYTES);
    status = verb->run(o, &arena);
    arena_release(&arena);
    return status;
}

int cli_policy(int argc, char **argv)
{
    struct policy_options o = {.verb = NULL};
    bool given[KNOWN] = {false};
    int id = 0;
    int at = 0;

    while ((id = getopt_long(argc, argv, "", known, &at)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (id == 'h') {
            return usage(stdout, CLI_OK);
        }
        if (!take_option(id, optarg, &o)) {
            return usage(stderr, CLI_USAGE);
        }
        given[at] = true;
    }
    for (int i = optind; i < argc; i++) {
        if (o.verb == NULL) {
            o.verb = argv[i];
        } else if (o.file_count < 2) {
            o.file[o.file_count++] = argv[i];
        } else {
            return usage(stderr, CLI_USAGE);
        }
    }
    return o.verb != NULL ? run(&o, given) : usage(stderr, CLI_USAGE);
}
