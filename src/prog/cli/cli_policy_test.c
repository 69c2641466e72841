/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign policy test DIR`: a file a case. docs/policy.md says what can stand in one. */
#include <dirent.h>
#include <limits.h>

#include "cli_policy.h"
#include "draft/draft_json.h"
#include "file/file_show.h"

static const char *const name = "policy";

enum { CASES_MAX = 4096, REQUEST_MAX = 1 << 18, WORDS_MAX = 1 << 16, CASE_ARENA_BYTES = 64 << 20 };

struct test_case {
    const char *path;
    struct arena *arena;
    struct draft *draft;
    struct draft_trial trial;
    struct draft_roster roster;
    bool holds;
};

/* --- what is expected --- */

static void differs(struct test_case *c, const struct draft_node *at, const char *what, struct span expected,
                    struct span found)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);

    wr_text(&w, what);
    wr_text(&w, ": expected ");
    wr_bytes(&w, expected.left > 0 ? expected : SPAN_LIT("nothing"));
    wr_text(&w, ", found ");
    wr_bytes(&w, found.left > 0 ? found : SPAN_LIT("nothing"));
    (void)printf("  line %u: ", at->at.line);
    policy_print(&w);
    (void)fputc('\n', stdout);
    c->holds = false;
}

static int span_order(const void *va, const void *vb)
{
    return span_cmp(*(const struct span *)va, *(const struct span *)vb);
}

/* "a, b, c", sorted: how sets are compared and said. */
static struct span join(struct test_case *c, struct span *items, size_t n)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);
    struct span text = SPAN_NONE;

    if (n > 1) {
        qsort(items, n, sizeof(*items), span_order);
    }
    for (size_t i = 0; i < n; i++) {
        wr_text(&w, i == 0 ? "" : ", ");
        wr_bytes(&w, items[i]);
    }
    c->draft->no_room = c->draft->no_room || arena_copy(c->arena, wr_span(&w), &text).code != CS_OK;
    return text;
}

static struct span *room(struct test_case *c, size_t n)
{
    struct span *items = arena_array(c->arena, n + 1, sizeof(*items));
    c->draft->no_room = c->draft->no_room || items == NULL;
    return items;
}

/* The items of a list, or the one scalar. */
static struct span listed(struct test_case *c, const struct draft_node *v)
{
    struct span *items = room(c, v->count);
    size_t n = 0;

    if (items == NULL) {
        return SPAN_NONE;
    }
    if (v->kind == DRAFT_SCALAR && v->text.left > 0) {
        items[n++] = v->text;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (m->kind != DRAFT_SCALAR || v->kind != DRAFT_LIST) {
            draft_fault(c->draft, m->at, "a list of names belongs here");
            return SPAN_NONE;
        }
        items[n++] = m->text;
    }
    return join(c, items, n);
}

static void check_answer(struct test_case *c, const struct draft_node *v)
{
    const char *found = c->trial.reason == REASON_OK ? "opened" : policy_reason_code(c->trial.reason);

    if (!span_is(v->text, "opened") && policy_reason_of(v->text) == REASON_NOT_EVALUATED) {
        draft_fault(c->draft, v->at, "`answer` is `opened` or a reason code such as missing_field");
    } else if (!span_is(v->text, found)) {
        differs(c, v, "answer", v->text, span_str(found));
    }
}

static void check_rules(struct test_case *c, const struct draft_node *v)
{
    const struct policy_doc *doc = c->trial.doc;
    struct span *items = room(c, doc->rule_count);
    size_t n = 0;

    for (size_t i = 0; items != NULL && i < doc->rule_count; i++) {
        if (policy_matches(&doc->rules[i], c->trial.deploy)) {
            items[n++] = doc->rules[i].id;
        }
    }
    const struct span found = items != NULL ? join(c, items, n) : SPAN_NONE;
    const struct span expected = listed(c, v);
    if (!span_eq(expected, found)) {
        differs(c, v, "rules", expected, found);
    }
}

/* What a pipeline must say; what may still come (source, evidence, stages, windows) refuses no request. */
static void check_missing(struct test_case *c, const struct draft_node *v)
{
    struct span *items = room(c, c->trial.sheet.count);
    size_t n = 0;

    for (size_t i = 0; items != NULL && i < c->trial.sheet.count; i++) {
        const struct sheet_line *l = &c->trial.sheet.lines[i];
        if ((l->kind == SHEET_FIELD || l->kind == SHEET_BIND) && !policy_line_passes(l)) {
            items[n++] = l->id;
        }
    }
    const struct span found = items != NULL ? join(c, items, n) : SPAN_NONE;
    const struct span expected = listed(c, v);
    if (!span_eq(expected, found)) {
        differs(c, v, "missing", expected, found);
    }
}

static struct span seat_text(struct test_case *c, struct span seat, struct span count)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);
    struct span text = SPAN_NONE;

    wr_bytes(&w, seat);
    wr_text(&w, ": ");
    wr_bytes(&w, count);
    c->draft->no_room = c->draft->no_room || arena_copy(c->arena, wr_span(&w), &text).code != CS_OK;
    return text;
}

static struct span found_seats(struct test_case *c)
{
    struct span *items = room(c, c->trial.sheet.count);
    size_t n = 0;

    for (size_t i = 0; items != NULL && i < c->trial.sheet.count; i++) {
        const struct sheet_line *l = &c->trial.sheet.lines[i];
        if (l->kind == SHEET_SEAT) {
            uint8_t seat[MODEL_SEAT_MAX];
            uint8_t digits[20];
            struct writer w = wr_fixed(seat, sizeof(seat));
            struct writer number = wr_fixed(digits, sizeof(digits));
            policy_seat_name(l, &w);
            wr_dec(&number, l->count);
            items[n++] = seat_text(c, wr_span(&w), wr_span(&number));
        }
    }
    return items != NULL ? join(c, items, n) : SPAN_NONE;
}

static void check_seats(struct test_case *c, const struct draft_node *v)
{
    struct span *items = room(c, v->count);
    size_t n = 0;

    if (v->kind != DRAFT_MAP && v->count + v->text.left > 0) {
        draft_fault(c->draft, v->at, "`seats` is a map of RULE/SEAT to how many people");
        return;
    }
    for (const struct draft_node *m = v->child; items != NULL && m != NULL; m = m->next) {
        items[n++] = seat_text(c, m->key->text, m->text);
    }
    const struct span expected = items != NULL ? join(c, items, n) : SPAN_NONE;
    const struct span found = found_seats(c);
    if (!span_eq(expected, found)) {
        differs(c, v, "seats", expected, found);
    }
}

static void check_signers(struct test_case *c, const struct draft_node *seat)
{
    const struct sheet_line *line = policy_sheet_seat(&c->trial.sheet, seat->key->text);
    struct span *items = room(c, c->roster.count);
    size_t n = 0;

    if (line == NULL) {
        differs(c, seat, "may_sign", seat->key->text, SPAN_LIT("no such seat"));
        return;
    }
    for (size_t i = 0; items != NULL && i < c->roster.count; i++) {
        if (draft_may_sign(&c->trial, &c->roster.item[i], line).allow) {
            items[n++] = c->roster.item[i].id;
        }
    }
    const struct span found = items != NULL ? join(c, items, n) : SPAN_NONE;
    const struct span expected = listed(c, seat);
    if (!span_eq(expected, found)) {
        differs(c, seat, "may_sign", expected, found);
    }
}

static void check_may_sign(struct test_case *c, const struct draft_node *v)
{
    if (v->kind != DRAFT_MAP || c->roster.count == 0) {
        draft_fault(c->draft, v->at, "`may_sign` is a map of RULE/SEAT to people, and needs a `roster`");
        return;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        check_signers(c, m);
    }
}

static void check_clock(struct test_case *c, const struct draft_node *v, const char *what, uint64_t found)
{
    uint8_t digits[24];
    struct writer w = wr_fixed(digits, sizeof(digits));
    uint64_t seconds = 0;

    wr_dec(&w, found);
    wr_text(&w, "s");
    if (!draft_seconds(v, &seconds)) {
        draft_fault(c->draft, v->at, "`%s` is a time such as 30m, 24h or 90d", what);
    } else if (seconds != found) {
        differs(c, v, what, v->text, wr_span(&w));
    }
}

static void check_sign_by(struct test_case *c, const struct draft_node *v)
{
    check_clock(c, v, "sign_by", c->trial.sheet.sign_by_s);
}

static void check_use_by(struct test_case *c, const struct draft_node *v)
{
    check_clock(c, v, "use_by", c->trial.sheet.use_by_s);
}

static const struct expectation {
    const char *key;
    void (*check)(struct test_case *c, const struct draft_node *v);
} expectations[] = {
    {"answer", check_answer}, {"may_sign", check_may_sign}, {"missing", check_missing}, {"rules", check_rules},
    {"seats", check_seats},   {"sign_by", check_sign_by},   {"use_by", check_use_by},
};

static void check_all(struct test_case *c, const struct draft_node *expect)
{
    const size_t n = sizeof(expectations) / sizeof(expectations[0]);

    if (expect == NULL || draft_member(expect, "answer") == NULL) {
        draft_fault(c->draft, expect != NULL ? expect->at : (struct draft_place){1, 1},
                    "`expect` with at least `answer` is missing");
        return;
    }
    for (const struct draft_node *m = expect->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < n && !span_is(m->key->text, expectations[i].key)) {
            i++;
        }
        if (i == n) {
            draft_fault(c->draft, m->key->at, "`%s` is not known in `expect`", draft_show(m->key->text).text);
        } else {
            expectations[i].check(c, m);
        }
    }
}

/* --- a case --- */

static void check_members(struct draft *d, const struct draft_node *top)
{
    static const char *const known[] = {"about", "expect", "policy", "request", "roster"};

    for (const struct draft_node *m = top->kind == DRAFT_MAP ? top->child : NULL; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < sizeof(known) / sizeof(known[0]) && !span_is(m->key->text, known[i])) {
            i++;
        }
        if (i == sizeof(known) / sizeof(known[0])) {
            draft_fault(d, m->key->at, "`%s` is not known in a case: about, expect, policy, request and roster are",
                        draft_show(m->key->text).text);
        }
    }
}

/* The two parts as one NUL-terminated path in the arena; NULL without room. */
static const char *join_path(struct arena *arena, struct span dir, struct span file)
{
    AUTO_WRITER w = wr_heap(PATH_MAX);
    struct span text = SPAN_NONE;

    wr_bytes(&w, dir);
    wr_bytes(&w, file);
    wr_u8(&w, 0);
    return wr_end(&w, "path").code == CS_OK && arena_copy(arena, wr_span(&w), &text).code == CS_OK
               ? (const char *)text.p
               : NULL;
}

/* The case's own policy, which is relative to the case, or --policy. */
static int case_policy(const struct policy_options *o, const char *path, const struct draft_node *top,
                       struct arena *arena, struct policy_file *ret_policy)
{
    const struct draft_node *own = draft_member(top, "policy");
    const char *slash = strrchr(path, '/');

    if (own == NULL) {
        return o->policy != NULL ? policy_read(name, o->policy, NULL, arena, ret_policy)
                                 : cli_fail(CLI_FAILED, name, "%s names no policy, and there is no --policy", path);
    }
    const bool relative = slash != NULL && !(own->text.left > 0 && own->text.p[0] == '/');
    const char *file = join_path(arena, span_make(path, relative ? (size_t)(slash - path) + 1 : 0), own->text);
    return file != NULL ? policy_read(name, file, NULL, arena, ret_policy)
                        : cli_fail(CLI_FAILED, name, "%s: the policy's path is too long", path);
}

static int case_request(struct test_case *c, const struct draft_node *top, struct deploy_content **ret_deploy)
{
    const struct draft_node *v = draft_member(top, "request");
    AUTO_WRITER w = wr_heap(REQUEST_MAX);
    struct span body = SPAN_NONE;

    if (v == NULL) {
        draft_fault(c->draft, (struct draft_place){1, 1}, "`request` is missing");
        return CLI_FAILED;
    }
    const struct cs_result r = draft_json(c->draft, v, &w);
    if (r.code != CS_OK) {
        return r.code == CS_E_REFUSED ? CLI_FAILED
                                      : cli_fail(CLI_FAILED, name, "%s: the request %s", c->path, cs_code_text(r.code));
    }
    if (arena_copy(c->arena, wr_span(&w), &body).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    return policy_request(name, c->path, body, c->arena, ret_deploy);
}

static int read_case(const struct policy_options *o, struct test_case *c, const struct draft_node *top)
{
    struct policy_file *p = arena_alloc(c->arena, sizeof(*p));
    struct deploy_content *deploy = NULL;
    const struct draft_node *roster = draft_member(top, "roster");

    if (p == NULL || (roster != NULL && draft_roster(c->draft, roster, &c->roster).code != CS_OK)) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    check_members(c->draft, top);
    int status = case_request(c, top, &deploy);
    status = status == CLI_OK ? case_policy(o, c->path, top, c->arena, p) : status;
    if (status == CLI_OK && draft_try(&p->doc, deploy, NULL, 0, c->arena, &c->trial).code != CS_OK) {
        status = cli_fail(CLI_FAILED, name, "not enough memory");
    }
    if (status == CLI_OK && c->roster.count > 0) {
        draft_groups(&c->trial, &c->roster);
    }
    return status;
}

/* Does the case hold? Whatever cannot be read does not. */
static bool run_case(const struct policy_options *o, const char *path, struct arena *arena)
{
    struct test_case c = {.path = path, .arena = arena, .holds = true};
    struct policy_document doc;

    if (policy_load(name, path, arena, &doc) != CLI_OK) {
        return false;
    }
    c.draft = doc.draft;
    const int status = read_case(o, &c, doc.top);
    if (status == CLI_OK) {
        check_all(&c, draft_member(doc.top, "expect"));
    }
    policy_say_faults(path, c.draft);
    return status == CLI_OK && c.holds && draft_good(c.draft);
}

/* --- the directory --- */

static bool is_case(const char *file)
{
    const char *dot = strrchr(file, '.');
    return file[0] != '.' && dot != NULL &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

static int name_order(const void *va, const void *vb)
{
    const char *const *a = va;
    const char *const *b = vb;
    return strcmp(*a, *b);
}

struct cases {
    const char **path; /* room for CASES_MAX, in the arena */
    int count;         /* -1: the directory cannot be read, or has more */
};

static void add_case(struct cases *l, struct arena *arena, struct span prefix, const char *file)
{
    const char *path = l->count < CASES_MAX ? join_path(arena, prefix, span_str(file)) : NULL;
    if (path == NULL) {
        l->count = -1;
        return;
    }
    l->path[l->count++] = path;
}

/* Sorted by name. */
static void list_cases(const char *dir, struct arena *arena, struct cases *l)
{
    const struct span given = span_str(dir);
    const bool ends = given.left > 0 && given.p[given.left - 1] == '/';
    const char *slash = join_path(arena, given, ends ? SPAN_NONE : SPAN_LIT("/"));
    const struct span prefix = span_str(slash);
    DIR *d = slash != NULL ? opendir(dir) : NULL;

    l->count = d != NULL ? 0 : -1;
    if (d == NULL) {
        return;
    }
    const struct dirent *e = readdir(d); /* NOLINT(concurrency-mt-unsafe): one thread */
    while (e != NULL && l->count >= 0) {
        if (is_case(e->d_name)) {
            add_case(l, arena, prefix, e->d_name);
        }
        e = readdir(d); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
    (void)closedir(d);
    if (l->count > 1) {
        qsort(l->path, (size_t)l->count, sizeof(*l->path), name_order);
    }
}

int policy_test(const struct policy_options *o, struct arena *arena)
{
    struct cases l = {.path = arena_array(arena, CASES_MAX, sizeof(*l.path)), .count = -1};
    int passed = 0;

    if (l.path != NULL) {
        list_cases(o->file[0], arena, &l);
    }
    const int n = l.count;
    if (n <= 0) {
        return cli_fail(CLI_FAILED, name, n == 0 ? "%s holds no case" : "%s cannot be read", o->file[0]);
    }
    for (int i = 0; i < n; i++) {
        struct arena one;
        arena_init(&one, CASE_ARENA_BYTES);
        const bool holds = run_case(o, l.path[i], &one);
        arena_release(&one);
        passed += holds ? 1 : 0;
        if (!holds || !o->quiet) {
            (void)printf("%s %s\n", holds ? "passed" : "FAILED", l.path[i]);
        }
    }
    (void)printf("%d passed, %d failed\n", passed, n - passed);
    return passed == n ? CLI_OK : CLI_FAILED;
}
