/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of evidence: what people write of each kind becomes limits on whole numbers. docs/policy.md, "Evidence". */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { MILLION = 1000000, GAP_LEAST_S = 60, GAP_PARTS = 10 };

/* One line while its limits are collected. */
struct line {
    struct draft_ctx *c;
    struct policy_evidence e; /* only its kind is known */
    struct policy_limit limit[POLICY_LIMITS_MAX];
    const struct draft_node *at[POLICY_LIMITS_MAX];
    size_t count;
};

static void add(struct line *l, const struct draft_node *at, enum limit_kind kind, struct span name, uint64_t bound)
{
    if (l->count == POLICY_LIMITS_MAX) {
        draft_fault(l->c->d, at->at, "at most %d limits for one line of evidence", POLICY_LIMITS_MAX);
        return;
    }
    bool said = false;
    for (unsigned k = REPORT_NONE + 1; k < REPORT_KIND_COUNT; k++) {
        said = said ||
               (policy_evidence_takes(&l->e, (enum report_kind)k) && policy_evidence_knows((enum report_kind)k, name));
    }
    if (!said && l->e.kind != REPORT_NONE) {
        draft_fault(l->c->d, at->at, "a file of kind `%s` does not say `%s`", report_kind_text(l->e.kind),
                    draft_show(name).text);
    }
    for (size_t i = 0; i < l->count; i++) {
        if (l->limit[i].kind == kind && span_eq(l->limit[i].name, name)) {
            draft_fault(l->c->d, at->at, "there is such a limit already, on line %u", l->at[i]->at.line);
        }
    }
    l->limit[l->count] = (struct policy_limit){.kind = kind, .name = name, .bound = bound};
    l->at[l->count++] = at;
}

/* A member that is a share of one: "0.80". */
static void add_ratio(struct line *l, const struct draft_node *line, const char *key, enum limit_kind kind,
                      struct span name)
{
    const struct draft_node *v = draft_member(line, key);
    uint64_t ppm = 0;

    if (v == NULL) {
        return;
    }
    if (v->kind != DRAFT_SCALAR || !draft_millionths(v->text, &ppm) || ppm > MILLION) {
        draft_fault(l->c->d, v->at, "`%s` is from 0 to 1, such as 0.80, with at most six places", key);
        return;
    }
    add(l, v, kind, name, ppm);
}

static void add_levels(struct line *l, const struct draft_node *line)
{
    const struct draft_node *v = draft_member(line, "max");

    if (v == NULL || !draft_is(l->c, v, DRAFT_MAP, "`max` is a map, such as { critical: 0, high: 0 }")) {
        return;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        int64_t n = 0;
        if (!draft_integer(m, &n) || n < 0) {
            draft_fault(l->c->d, m->at, "a whole number belongs here");
        } else {
            add(l, m, LIMIT_LE, m->key->text, (uint64_t)n);
        }
    }
}

/* A word that has one meaning, or true. */
static void add_word(struct line *l, const struct draft_node *line, const char *key, const char *word,
                     const struct policy_limit *limit)
{
    const struct draft_node *v = draft_member(line, key);

    if (v == NULL) {
        return;
    }
    if (v->kind != DRAFT_SCALAR || !span_is(v->text, word)) {
        draft_fault(l->c->d, v->at, "`%s` is `%s`, or left out", key, word);
        return;
    }
    add(l, v, limit->kind, limit->name, limit->bound);
}

static struct span metric(struct line *l, const struct draft_node *v, bool least)
{
    const struct span prefix = least ? SPAN_LIT("least_") : SPAN_LIT("most_");
    uint8_t *p = arena_alloc(l->c->d->arena, prefix.left + v->key->text.left);

    if (p == NULL) {
        l->c->d->no_room = true;
        return SPAN_NONE;
    }
    struct writer w = wr_fixed(p, prefix.left + v->key->text.left);
    wr_bytes(&w, prefix);
    wr_bytes(&w, v->key->text);
    return wr_span(&w);
}

/* "<0.01", "<=0.01", ">0.99", ">=0.99" */
static void add_bound(struct line *l, const struct draft_node *name, const struct draft_node *v)
{
    const bool least = v->text.left > 0 && v->text.p[0] == '>';
    const bool with = v->text.left > 1 && v->text.p[1] == '=';
    uint64_t bound = 0;
    const bool read = v->kind == DRAFT_SCALAR && v->text.left > 1 && (least || v->text.p[0] == '<') &&
                      draft_millionths(span_from(v->text, with ? 2 : 1), &bound);

    if (!read || (!least && !with && bound == 0)) {
        draft_fault(l->c->d, v->at, "a bound is a sign and a number, such as \"<0.01\" or \">=100\"");
        return;
    }
    bound = with ? bound : (least ? bound + 1 : bound - 1);
    add(l, v, least ? LIMIT_GE : LIMIT_LE, metric(l, name, least), bound);
}

static void add_bounds(struct line *l, const struct draft_node *line)
{
    const struct draft_node *v = draft_member(line, "bounds");

    if (v == NULL || !draft_is(l->c, v, DRAFT_MAP, "`bounds` is a map, such as { error_rate: \"<0.01\" }")) {
        return;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (m->kind == DRAFT_LIST) {
            for (const struct draft_node *k = m->child; k != NULL; k = k->next) {
                add_bound(l, m, k);
            }
        } else {
            add_bound(l, m, m);
        }
    }
}

/* Readings over all of it, without a hole of more than a tenth, or a minute. */
static void add_window(struct line *l, const struct draft_node *line)
{
    const struct draft_node *v = draft_member(line, "window");
    uint64_t s = 0;

    if (v == NULL) {
        return;
    }
    if (!draft_seconds(v, &s) || s == 0) {
        draft_fault(l->c->d, v->at, "a duration belongs here, such as 30m");
        return;
    }
    add(l, v, LIMIT_GE, SPAN_LIT("window_s"), s);
    add(l, v, LIMIT_LE, SPAN_LIT("gap_s"), s / GAP_PARTS > GAP_LEAST_S ? s / GAP_PARTS : GAP_LEAST_S);
}

static int limit_cmp(const void *va, const void *vb)
{
    const struct policy_limit *a = va;
    const struct policy_limit *b = vb;
    const int order = span_cmp(a->name, b->name);
    return order != 0 ? order : (int)a->kind - (int)b->kind;
}

static void write_limits(struct line *l)
{
    static const char *const members[] = {
        [LIMIT_NONE] = "none", [LIMIT_DROP] = "drop", [LIMIT_GE] = "ge", [LIMIT_LE] = "le"};
    if (l->count == 0) {
        return;
    }
    qsort(l->limit, l->count, sizeof(l->limit[0]), limit_cmp);
    json_put_array(l->c->o, "limits");
    for (size_t i = 0; i < l->count; i++) {
        json_put_object(l->c->o, NULL);
        json_put_uint(l->c->o, members[l->limit[i].kind], l->limit[i].bound);
        json_put_str(l->c->o, "name", l->limit[i].name);
        json_put_close(l->c->o);
    }
    json_put_close(l->c->o);
}

static enum report_kind kind_of(const struct draft_node *line)
{
    const struct draft_node *v = draft_member(line, "kind");
    enum report_kind kind = REPORT_NONE;
    if (v != NULL && v->kind == DRAFT_SCALAR && report_kind_decode(v->text, &kind, "kind").code != CS_OK) {
        kind = REPORT_NONE; /* a fault of its own row */
    }
    return kind;
}

static bool names_any(const struct draft_node *line)
{
    static const char *const keys[] = {"backup_max_age", "bounds",     "drift",       "max",
                                       "max_drop",       "min_branch", "min_line",    "min_pass",
                                       "restore_tested", "reversible", "schema_from", "window"};
    size_t i = 0;
    while (i < COUNT(keys) && draft_member(line, keys[i]) == NULL) {
        i++;
    }
    return i < COUNT(keys);
}

static void put_limits(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct policy_limit drift = {LIMIT_LE, {(const uint8_t *)"drift", 5}, 0};
    static const struct policy_limit reversible = {LIMIT_GE, {(const uint8_t *)"reversible", 10}, 1};
    struct line l = {.c = c, .e = {.kind = kind_of(c->item)}};

    (void)row;
    (void)v;
    add_ratio(&l, c->item, "min_pass", LIMIT_GE, SPAN_LIT("pass_ppm"));
    add_ratio(&l, c->item, "min_line", LIMIT_GE, SPAN_LIT("line_ppm"));
    add_ratio(&l, c->item, "min_branch", LIMIT_GE, SPAN_LIT("branch_ppm"));
    add_ratio(&l, c->item, "max_drop", LIMIT_DROP, SPAN_LIT("line_ppm"));
    add_levels(&l, c->item);
    add_word(&l, c->item, "drift", "none", &drift);
    add_word(&l, c->item, "reversible", "true", &reversible);
    add_bounds(&l, c->item);
    add_window(&l, c->item);
    const bool asks = l.e.kind == REPORT_PROVENANCE || names_any(c->item);
    if (!asks) {
        draft_fault(c->d, c->item->at, "this line asks nothing of its file: add `max`, `min_pass` or another limit");
    }
    write_limits(&l);
}

/* Readings are as old as they may be when nothing else is said: as old as what they cover is long. */
static void put_age(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *window = draft_member(c->item, "window");
    uint64_t s = 0;

    (void)v;
    if (kind_of(c->item) == REPORT_CANARY && draft_member(c->item, "max_age") == NULL && window != NULL &&
        draft_seconds(window, &s)) {
        json_put_uint(c->o, row->member, s);
    }
}

/* Read by put_limits. */
static void put_nothing(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)c;
    (void)row;
    (void)v;
}

static void put_deployed(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v->kind != DRAFT_SCALAR || !span_is(v->text, "deployed")) {
        draft_fault(c->d, v->at, "`%s` is `deployed`, or left out", row->key);
    }
    json_put_text(c->o, row->member, "deployed");
}

static void put_from(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_SCALAR, "an environment belongs here")) {
        return;
    }
    if (!draft_has(c->environments, v->text)) {
        draft_fault(c->d, v->at, "`environments` does not have `%s`%s", draft_show(v->text).text,
                    draft_hint_names(v->text, c->environments).text);
    }
    json_put_str(c->o, row->member, v->text);
}

static void put_kind(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const char *words[REPORT_KIND_COUNT];

    for (unsigned k = 0; k < REPORT_KIND_COUNT; k++) {
        words[k] = k == REPORT_NONE ? "" : report_kind_text((enum report_kind)k);
    }
    if (!draft_is(c, v, DRAFT_SCALAR, "a kind of evidence belongs here")) {
        return;
    }
    if (kind_of(c->item) == REPORT_NONE) {
        draft_fault(c->d, v->at, "there is no evidence of kind `%s`%s", draft_show(v->text).text,
                    draft_hint_words(v->text, words, COUNT(words)).text);
    }
    json_put_str(c->o, row->member, v->text);
}

/* A P-256 public key: base64 of its SubjectPublicKeyInfo, what stands between the lines of a PEM file. */
static void put_key(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    uint8_t der[MODEL_SPKI_BYTES + 3];
    struct writer w = wr_fixed(der, sizeof(der));

    if (v->kind != DRAFT_SCALAR || text_base64_decode(v->text, &w, "key").code != CS_OK || w.len != MODEL_SPKI_BYTES) {
        draft_fault(c->d, v->at, "a P-256 public key belongs here: the base64 of a PEM file in one line");
        return;
    }
    json_put_bytes(c->o, row->member, wr_span(&w));
}

static const struct draft_row rows[] = {
    {"backup_max_age", DRAFT_MAY, draft_put_duration, "backup_max_age_s", 0, 0, 0},
    {"baseline", DRAFT_MAY, put_deployed, "baseline", 0, 0, 0},
    {"bounds", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"drift", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"from", DRAFT_MAY, put_from, "from", 0, 0, 0},
    {"id", DRAFT_MUST, draft_put_id, "id", 0, 0, 0},
    {"key", DRAFT_MAY, put_key, "key", 0, 0, 0},
    {"kind", DRAFT_MUST, put_kind, "kind", 0, 0, 0},
    {"", DRAFT_ALWAYS, put_limits, "limits", 0, 0, 0},
    {"max", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"max_age", DRAFT_MAY, draft_put_duration, "max_age_s", 0, 0, 0},
    {"", DRAFT_ALWAYS, put_age, "max_age_s", 0, 0, 0},
    {"max_drop", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"min_branch", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"min_line", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"min_pass", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"restore_tested", DRAFT_MAY, draft_put_duration, "restore_max_age_s", 0, 0, 0},
    {"reversible", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
    {"schema_from", DRAFT_MAY, put_deployed, "schema_from", 0, 0, 0},
    {"waivable_by", DRAFT_MAY, draft_put_role, "waivable_by", 0, 0, 0},
    {"window", DRAFT_MAY, put_nothing, NULL, 0, 0, 0},
};

static void check_age(struct draft_ctx *c, const struct draft_node *line, enum report_kind kind)
{
    const struct draft_node *waivable = draft_member(line, "waivable_by");

    if (kind == REPORT_CANARY && draft_member(line, "max_age") == NULL && draft_member(line, "window") == NULL) {
        draft_fault(c->d, line->at, "`max_age` or `window` is missing: it says for how long readings count");
    }
    if (kind == REPORT_CANARY && waivable != NULL) {
        draft_fault(c->d, waivable->at, "`waivable_by` is not for kind `canary`: signatures do not cover its readings");
    }
}

/* Findings are known by their severity; a limit on a word of the linter's counts them all. */
static void check_compared(struct draft_ctx *c, const struct draft_node *line, enum report_kind kind)
{
    static const char *const severities[] = {"critical", "high", "info", "low", "medium"};
    const struct draft_node *baseline = draft_member(line, "baseline");
    const struct draft_node *max = draft_member(line, "max");
    const bool findings = kind == REPORT_SARIF || kind == REPORT_CYCLONEDX || kind == REPORT_IAC;
    bool any = false;

    for (size_t i = 0; max != NULL && i < COUNT(severities); i++) {
        any = any || draft_member(max, severities[i]) != NULL;
    }
    if (kind != REPORT_NONE && !findings && baseline != NULL) {
        draft_fault(c->d, baseline->at, "`baseline` is for kinds that have findings: sarif, cyclonedx and iac");
    } else if (baseline != NULL && !any) {
        draft_fault(c->d, baseline->at, "`baseline` is for limits on severities, and `max` has none");
    }
}

/* What a kind cannot do without, or nothing would ever hold or fail. */
static void check_kind(struct draft_ctx *c, const struct draft_node *line)
{
    static const struct {
        enum report_kind kind;
        const char *key;
        const char *what;
    } needs[] = {
        {REPORT_CANARY, "from", "says in which environment the canary runs"},
        {REPORT_CANARY, "bounds", "says what its readings must keep to"},
        {REPORT_PROVENANCE, "key", "says whose signature counts"},
    };
    static const struct {
        enum report_kind kind;
        const char *key;
    } only[] = {
        {REPORT_CANARY, "from"},           {REPORT_MIGRATION, "backup_max_age"}, {REPORT_MIGRATION, "restore_tested"},
        {REPORT_MIGRATION, "schema_from"}, {REPORT_PROVENANCE, "key"},
    };
    const enum report_kind kind = kind_of(line);

    check_age(c, line, kind);
    check_compared(c, line, kind);
    for (size_t i = 0; i < COUNT(needs); i++) {
        if (kind == needs[i].kind && draft_member(line, needs[i].key) == NULL) {
            draft_fault(c->d, line->at, "`%s` is missing: it %s", needs[i].key, needs[i].what);
        }
    }
    for (size_t i = 0; i < COUNT(only); i++) {
        const struct draft_node *v = draft_member(line, only[i].key);
        if (kind != REPORT_NONE && kind != only[i].kind && v != NULL) {
            draft_fault(c->d, v->at, "`%s` is for kind `%s`", only[i].key, report_kind_text(only[i].kind));
        }
    }
}

static int by_id(const void *va, const void *vb)
{
    const struct draft_item *a = va;
    const struct draft_item *b = vb;
    const struct draft_node *x = draft_member(a->node, "id");
    const struct draft_node *y = draft_member(b->node, "id");
    return span_cmp(x != NULL ? x->text : SPAN_NONE, y != NULL ? y->text : SPAN_NONE);
}

static void put_line(struct draft_ctx *c, const struct draft_node *line)
{
    if (!draft_is(c, line, DRAFT_MAP, "a line of evidence is a map with `id` and `kind`")) {
        return;
    }
    c->item = line;
    json_put_object(c->o, NULL);
    draft_rows(c, line, rows, COUNT(rows), "a line of evidence");
    json_put_close(c->o);
    check_kind(c, line);
}

void draft_put_evidence(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    struct draft_item item[POLICY_EVIDENCE_MAX];
    size_t n = 0;

    if (!draft_is(c, v, DRAFT_LIST, "`evidence` is a list of maps with `id` and `kind`")) {
        return;
    }
    if (v->count < 1 || v->count > POLICY_EVIDENCE_MAX) {
        draft_fault(c->d, v->at, "from 1 to %d lines of evidence in one rule", POLICY_EVIDENCE_MAX);
        return;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        item[n++].node = m;
    }
    qsort(item, n, sizeof(item[0]), by_id);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < n; i++) {
        put_line(c, item[i].node);
    }
    json_put_close(c->o);
    draft_check_ids(c, v, "line of evidence");
}
