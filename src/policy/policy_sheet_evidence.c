/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet's lines of evidence: what is asked, what the files say, what is waived. docs/formats/evidence.md §3. */
#include "policy/policy_evidence.h"
#include "policy/policy_evidence_there.h"
#include "policy/policy_evidence_words.h"
#include "policy/policy_sheet_in.h"

enum { LINE_TEXT_MAX = 8192 };

/* One line while it is worked out. */
struct line_case {
    struct builder *b;
    const struct policy_evidence *e;
    struct span name;            /* "RULE/ID" */
    struct evidence_there there; /* of files those that the line takes */
    bool *counts;                /* of each waiver: may its owner still let this line pass? */
    bool waived;                 /* without a waiver it would not hold */
    uint64_t lasts;              /* the first moment at which this answer may be another */
    struct sheet_line line;
};

/* --- does it hold? --- */

static uint64_t now_of(const struct line_case *c)
{
    return c->b->sheet->in.now_ms;
}

/* Holds until then; what may change later is looked at again. */
static bool until(struct line_case *c, uint64_t end_ms)
{
    if (end_ms <= now_of(c)) {
        return false;
    }
    c->lasts = end_ms < c->lasts ? end_ms : c->lasts;
    return true;
}

/* Is the moment not further back than s seconds? */
static bool within(struct line_case *c, uint64_t at_ms, uint64_t s)
{
    return until(c, at_ms + s * 1000 + 1);
}

static bool waives_finding(struct line_case *c, const struct report_finding *f)
{
    for (size_t i = 0; i < c->there.waiver_count; i++) {
        const struct waiver_content *x = &c->there.waives[i];
        if (c->counts[i] && model_waiver_covers(x, f) && until(c, x->expires_ms)) {
            return true;
        }
    }
    return false;
}

static bool is_known(const struct evidence_note *x, size_t finding)
{
    size_t i = 0;
    while (i < x->baseline.known_count && x->baseline.known[i] != finding) {
        i++;
    }
    return i < x->baseline.known_count;
}

struct tally {
    uint64_t known;
    uint64_t waived;
};

/* Findings of this level that do not count, because what runs has them or because their owner waived them. */
static struct tally excused(struct line_case *c, const struct evidence_note *x, struct span level)
{
    struct tally t = {0};
    for (size_t i = 0; i < x->report.finding_count; i++) {
        const struct report_finding *f = &x->report.findings[i];
        if (!span_eq(f->level, level)) {
            continue;
        }
        if (c->e->baseline && is_known(x, i)) {
            t.known++;
        } else {
            t.waived += waives_finding(c, f) ? 1U : 0U;
        }
    }
    return t;
}

static bool number_of(const struct report *r, struct span name, uint64_t *ret_value)
{
    return policy_evidence_knows(r->kind, name) && model_report_number(r, name, ret_value);
}

static bool baseline_number(const struct evidence_note *x, struct span name, uint64_t *ret_value)
{
    const struct report before = {
        .kind = x->report.kind, .numbers = x->baseline.numbers, .number_count = x->baseline.number_count};
    return number_of(&before, name, ret_value);
}

static bool drop_holds(const struct evidence_note *x, const struct policy_limit *l, uint64_t value)
{
    uint64_t before = 0;
    if (!x->baseline.present) {
        return true; /* nothing ran there */
    }
    return baseline_number(x, l->name, &before) && (value >= before || before - value <= l->bound);
}

static void put_tally(struct writer *w, const struct tally *t)
{
    if (t->known > 0) {
        wr_text(w, " (");
        wr_dec(w, t->known);
        wr_text(w, " known)");
    }
    if (t->waived > 0) {
        wr_text(w, " (");
        wr_dec(w, t->waived);
        wr_text(w, " waived)");
    }
}

static bool le_holds(struct line_case *c, const struct evidence_note *x, const struct policy_limit *l, uint64_t value,
                     struct writer *w)
{
    const struct tally t = excused(c, x, l->name);
    put_tally(w, &t);
    const uint64_t counts = value - t.known; /* no more are listed than its number says */
    if (counts <= l->bound) {
        return true;
    }
    const bool holds = counts - t.waived <= l->bound;
    c->waived = c->waived || holds;
    return holds;
}

/* The file that says this number; its value goes to the words. */
static bool limit_holds(struct line_case *c, const struct policy_limit *l, struct writer *w)
{
    uint64_t value = 0;
    size_t i = 0;

    while (i < c->there.files && !number_of(&c->there.file[i].x->report, l->name, &value)) {
        i++;
    }
    policy_evidence_comma(w);
    wr_bytes(w, l->name);
    if (i == c->there.files) {
        wr_text(w, " not said");
        return false;
    }
    const struct evidence_note *x = c->there.file[i].x;
    wr_text(w, " ");
    policy_evidence_value(w, x->report.kind, l->name, value);
    switch (l->kind) {
    case LIMIT_GE:
        return value >= l->bound;
    case LIMIT_LE:
        return le_holds(c, x, l, value, w);
    case LIMIT_DROP:
        return drop_holds(x, l, value);
    case LIMIT_NONE:
        break;
    }
    return false;
}

static bool time_holds(struct line_case *c, size_t file, const char *name, uint64_t most_s)
{
    const uint64_t latest_ms = c->there.file[file].kept->time_ms + REPORT_LATE_MS;
    uint64_t at_ms = 0;
    if (most_s == 0) {
        return true;
    }
    return model_report_number(&c->there.file[file].x->report, span_str(name), &at_ms) && at_ms > 0 &&
           at_ms <= latest_ms && within(c, at_ms, most_s);
}

static bool schema_fits(const struct evidence_note *x)
{
    struct span before = SPAN_NONE;
    for (size_t i = 0; i < x->baseline.text_count; i++) {
        before = span_is(x->baseline.texts[i].key, "schema_to") ? x->baseline.texts[i].value : before;
    }
    const struct span from = model_report_text(&x->report, SPAN_LIT("schema_from"));
    return !x->baseline.present || (before.left > 0 && span_eq(before, from));
}

/* The key that its signature held for is the policy's. */
static bool key_fits(const struct line_case *c, const struct report *r)
{
    uint8_t hex[2 * SHA256_BYTES];
    struct writer w = wr_fixed(hex, sizeof(hex));
    const struct sha256 d = digest_sha256(c->e->key);
    wr_hex(&w, sha256_span(&d));
    return c->e->key.left > 0 && span_eq(model_report_text(r, SPAN_LIT("key_sha256")), wr_span(&w));
}

/* What the kind asks besides numbers. */
static bool kind_holds(struct line_case *c, size_t file)
{
    const struct evidence_note *x = c->there.file[file].x;
    const struct report *r = &x->report;
    if (r->kind == REPORT_CANARY) {
        return span_eq(model_report_text(r, SPAN_LIT("environment")), c->e->from);
    }
    if (r->kind == REPORT_PROVENANCE) {
        return key_fits(c, r);
    }
    if (r->kind != REPORT_MIGRATION) {
        return true;
    }
    return (!c->e->schema_from || schema_fits(x)) && time_holds(c, file, "backup_ms", c->e->backup_max_age_s) &&
           time_holds(c, file, "restore_ms", c->e->restore_max_age_s);
}

static void put_texts(struct writer *w, const struct evidence_note *x)
{
    for (size_t i = 0; i < x->report.text_count; i++) {
        policy_evidence_comma(w);
        wr_bytes(w, x->report.texts[i].key);
        wr_text(w, " ");
        wr_bytes(w, x->report.texts[i].value);
    }
    if (x->baseline.fixed > 0) {
        policy_evidence_comma(w);
        wr_dec(w, x->baseline.fixed);
        wr_text(w, " fixed");
    }
}

/* Every file, every limit, even after one failed: the words say all of them. */
static bool all_hold(struct line_case *c, struct writer *w)
{
    bool good = true;
    for (size_t i = 0; i < c->e->limit_count; i++) {
        const bool holds = limit_holds(c, &c->e->limits[i], w);
        good = good && holds;
    }
    for (size_t i = 0; i < c->there.files; i++) {
        const bool holds = kind_holds(c, i);
        put_texts(w, c->there.file[i].x);
        good = good && holds;
    }
    return good;
}

/* The owner lets all of it pass, as it was when they signed. */
static bool waived_whole(struct line_case *c)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < c->there.files; i++) {
        newest = c->there.file[i].kept->index > newest ? c->there.file[i].kept->index : newest;
    }
    for (size_t i = 0; i < c->there.waiver_count; i++) {
        if (c->counts[i] && c->there.waives[i].finding_count == 0 && c->there.waivers[i]->evidence == newest &&
            until(c, c->there.waives[i].expires_ms)) {
            return true;
        }
    }
    return false;
}

/* Did something else run there when the file came than does now? A receipt does not know what runs. */
static bool outdated(const struct line_case *c)
{
    const struct sheet_input *in = &c->b->sheet->in;
    const struct evidence_asked a = {.item = {c->e}, .count = 1};

    if (!policy_evidence_compares(&a) || in->state->partial) {
        return false;
    }
    const struct state_place *p = state_place_find(in->state, in->deploy->service, in->deploy->environment);
    const bool runs = p != NULL && p->count > 0;
    for (size_t i = 0; i < c->there.files; i++) {
        const struct report_baseline *was = &c->there.file[i].x->baseline;
        if (was->present != runs || (runs && was->request != p->ran[p->count - 1]->index)) {
            return true;
        }
    }
    return false;
}

/* Clients that were removed since, or may send no such files any more. */
static bool source_may(const struct line_case *c)
{
    for (size_t i = 0; i < c->there.files; i++) {
        const struct state_evidence *x = c->there.file[i].kept;
        const struct state_client *from = state_client_find(c->b->sheet->in.state, x->source);
        const enum client_scope scope = model_evidence_scope(x->kind);
        if (from == NULL || from->removed || (from->scopes & 1U << (unsigned)scope) == 0) {
            return false;
        }
    }
    return true;
}

/* Is there a file of a kind that can say it, for every limit? */
static bool came(const struct line_case *c)
{
    size_t have = 0;
    for (size_t k = 0; k < c->e->limit_count; k++) {
        size_t i = 0;
        while (i < c->there.files && !policy_evidence_knows(c->there.file[i].x->report.kind, c->e->limits[k].name)) {
            i++;
        }
        have += i < c->there.files ? 1U : 0U;
    }
    return c->there.files > 0 && have == c->e->limit_count;
}

static bool young_enough(struct line_case *c)
{
    for (size_t i = 0; i < c->there.files && c->e->max_age_s > 0; i++) {
        const uint64_t came = c->there.file[i].kept->time_ms;
        const uint64_t made = c->there.file[i].x->report.produced_ms;
        if (!within(c, made < came ? made : came, c->e->max_age_s)) {
            return false;
        }
    }
    return true;
}

static void answer(struct line_case *c, enum sheet_state state, enum policy_reason reason)
{
    c->line.state = state;
    c->line.reason = reason;
}

static void judge_line(struct line_case *c, struct writer *w)
{
    if (c->there.files == 0) {
        wr_text(w, "missing");
    }
    const bool good = c->there.files > 0 && all_hold(c, w);
    if (!came(c)) {
        answer(c, SHEET_MISSING, REASON_EVIDENCE_MISSING);
    } else if (!source_may(c)) {
        answer(c, SHEET_MISSING, REASON_EVIDENCE_SOURCE);
    } else if (outdated(c)) {
        answer(c, SHEET_MISSING, REASON_EVIDENCE_BASELINE);
    } else if (!young_enough(c)) {
        answer(c, SHEET_MISSING, REASON_EVIDENCE_OLD);
    } else if (good) {
        answer(c, c->waived ? SHEET_WAIVED : SHEET_MET, REASON_OK);
    } else if (waived_whole(c)) {
        answer(c, SHEET_WAIVED, REASON_OK);
    } else {
        answer(c, SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    }
}

/* --- the line --- */

static CS_RESULT join(struct arena *arena, struct span a, struct span b, struct span *ret_text)
{
    uint8_t *p = arena_alloc(arena, a.left + 1 + b.left);
    ENSURE(p != NULL, CS_E_NOMEM, "sheet.evidence");
    struct writer w = wr_fixed(p, a.left + 1 + b.left);
    wr_bytes(&w, a);
    wr_u8(&w, '/');
    wr_bytes(&w, b);
    *ret_text = wr_span(&w);
    return wr_end(&w, "sheet.evidence");
}

/* Two policies that ask for different things under one name have two lines: the newer one's has its version in its
 * name, and a slash, which no id of a policy has. False when the same line is there already. */
static CS_RESULT name_line(struct line_case *c, uint64_t version, bool *ret_new)
{
    const struct builder *b = c->b;
    const struct sheet_line *have = policy_line_named(b, SHEET_EVIDENCE, c->line.rule, c->line.id);
    uint8_t text[24];
    struct writer w = wr_fixed(text, sizeof(text));

    *ret_new = have == NULL || !span_eq(have->limit, c->line.limit);
    if (have == NULL || !*ret_new) {
        return CS_SUCCESS;
    }
    wr_u8(&w, 'v');
    wr_dec(&w, version);
    return join(b->arena, c->line.id, wr_span(&w), &c->line.id);
}

static CS_RESULT look_at_owners(struct line_case *c)
{
    c->counts = arena_array(c->b->arena, c->there.waiver_count, sizeof(*c->counts));
    ENSURE(c->counts != NULL || c->there.waiver_count == 0, CS_E_NOMEM, "sheet.evidence");
    for (size_t i = 0; i < c->there.waiver_count; i++) {
        c->counts[i] = policy_waiver_counts(&c->b->sheet->in, c->e, &c->there.waives[i]);
    }
    return CS_SUCCESS;
}

static CS_RESULT add_line(struct line_case *c)
{
    uint8_t *text = arena_alloc(c->b->arena, LINE_TEXT_MAX);
    struct writer w = wr_fixed(text, text != NULL ? (size_t)LINE_TEXT_MAX : 0);

    ENSURE(text != NULL, CS_E_NOMEM, "sheet.evidence");
    c->line.has_says = c->there.files > 0;
    if (c->line.has_says) {
        TRY(policy_evidence_digest(&c->there, &c->line.says));
    }
    judge_line(c, &w);
    TRY(wr_end(&w, "sheet.evidence"));
    c->line.value = wr_span(&w);
    c->line.passing = c->e->kind == REPORT_CANARY;
    c->line.moves = true;
    for (size_t i = 0; i < c->there.files; i++) {
        const bool newer = c->there.file[i].kept->time_ms >= c->line.at_ms;
        c->line.at_ms = newer ? c->there.file[i].kept->time_ms : c->line.at_ms;
        c->line.source = newer ? c->there.file[i].kept->source : c->line.source;
    }
    struct sheet *s = c->b->sheet;
    s->until_ms = c->lasts < s->until_ms ? c->lasts : s->until_ms;
    return policy_line_add(c->b, &c->line);
}

CS_RESULT policy_evidence_add(struct builder *b, const struct policy_rule *rule, uint64_t version)
{
    const struct sheet_input *in = &b->sheet->in;

    for (size_t i = 0; i < rule->evidence_count; i++) {
        struct line_case *c = arena_alloc(b->arena, sizeof(*c));
        uint8_t *text = arena_alloc(b->arena, LINE_TEXT_MAX);
        struct writer w = wr_fixed(text, text != NULL ? (size_t)LINE_TEXT_MAX : 0);
        bool is_new = false;

        ENSURE(c != NULL && text != NULL, CS_E_NOMEM, "sheet.evidence");
        *c = (struct line_case){.b = b,
                                .e = &rule->evidence[i],
                                .lasts = UINT64_MAX,
                                .line = {.kind = SHEET_EVIDENCE, .rule = rule->id, .id = rule->evidence[i].id}};
        policy_evidence_words(c->e, &w);
        TRY(wr_end(&w, "sheet.evidence"));
        c->line.limit = wr_span(&w);
        TRY(join(b->arena, rule->id, rule->evidence[i].id, &c->name));
        TRY(name_line(c, version, &is_new));
        if (is_new) {
            const struct state_open *open = in->kind == KIND_DEPLOY ? in->open : NULL;
            TRY(policy_evidence_load(open, c->name, c->e, b->arena, &c->there));
            TRY(look_at_owners(c));
            TRY(add_line(c));
        }
    }
    return CS_SUCCESS;
}

struct sha256 policy_evidence_says(const struct sheet *sheet)
{
    struct sha256 d = {{0}};
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        if (l->kind == SHEET_EVIDENCE && !l->passing && l->has_says) {
            const struct span parts[] = {sha256_span(&d), l->rule, SPAN_LIT("/"), l->id, sha256_span(&l->says)};
            d = digest_sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));
        }
    }
    return d;
}
