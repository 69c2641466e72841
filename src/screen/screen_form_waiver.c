/* SPDX-License-Identifier: Apache-2.0 */
/* A waiver: who owns the risk, which line of which request, which findings or all of it, until when, why. */
#include "screen/screen_form_in.h"

#include "policy/policy_evidence.h"

enum { ASK_WHO, ASK_LINE, ASK_WHAT, ASK_FINDINGS, ASK_LIFE, ASK_WHY, ASK_COUNT };
enum { WHOLE = 0, SINGLE = 1, SETS_MAX = 64 };

static const struct {
    uint64_t s;
    const char *words;
} lives[] = {{86400, "1 day"}, {604800, "1 week"}, {2592000, "30 days"}, {7776000, "90 days"}, {31536000, "1 year"}};
enum { LIVES = sizeof(lives) / sizeof(lives[0]) };

/* A line that could be waived, and the newest file for it. */
struct waivable {
    const struct state_request *q;
    struct sheet sheet;
    const struct sheet_line *line;
    struct span name; /* "RULE/ID", without a version */
    struct evidence_note *file;
    uint64_t index; /* its entry */
};

static struct span name_of(const struct sheet_line *l, struct arena *a)
{
    const uint8_t *slash = memchr(l->id.p, '/', l->id.left);
    const struct span id = slash != NULL ? span_make(l->id.p, (size_t)(slash - l->id.p)) : l->id;
    uint8_t *p = arena_alloc(a, l->rule.left + 1 + id.left);
    struct writer w = wr_fixed(p, p != NULL ? l->rule.left + 1 + id.left : 0);

    wr_bytes(&w, l->rule);
    wr_u8(&w, '/');
    wr_bytes(&w, id);
    return wr_span(&w);
}

static bool may(const struct sheet *s, const struct sheet_line *l, struct span name)
{
    const struct evidence_asked a = policy_evidence_asked(&s->in, name);
    bool waivable = a.count > 0 && l->kind == SHEET_EVIDENCE && l->state == SHEET_FAILED;
    for (size_t i = 0; i < a.count; i++) {
        waivable = waivable && a.item[i]->waivable_by.left > 0;
    }
    return waivable;
}

/* The newest file for a line; NULL: none. */
static const struct state_evidence *newest_of(const struct state_request *q, struct span name)
{
    const struct state_evidence *newest = NULL;
    for (size_t i = 0; q->open != NULL && i < q->open->evidence_count; i++) {
        const struct state_evidence *x = &q->open->evidence[i];
        const bool of = !x->waiver && span_eq(x->line, name);
        newest = of && (newest == NULL || x->index > newest->index) ? x : newest;
    }
    return newest;
}

/* Among the live requests, the file whose entry has this number, if it is still the newest for its line. */
static const struct state_evidence *file_at(const struct flow_world *w, uint64_t number,
                                            const struct state_request **ret_q)
{
    for (size_t i = 0; i < w->state->live_count; i++) {
        const struct state_request *q = w->state->live[i];
        for (size_t k = 0; q->open != NULL && k < q->open->evidence_count; k++) {
            const struct state_evidence *x = &q->open->evidence[k];
            if (!x->waiver && x->index == number) {
                *ret_q = q;
                return newest_of(q, x->line) == x ? x : NULL;
            }
        }
    }
    return NULL;
}

/* number: entry of the file that was chosen. What was answered is about that file, so another one ends the form. */
static bool look(const struct flow_world *w, uint64_t number, struct arena *a, struct waivable *x)
{
    const struct state_evidence *file = file_at(w, number, &x->q);

    x->line = NULL;
    x->file = file != NULL ? arena_alloc(a, sizeof(*x->file)) : NULL;
    if (x->file == NULL || model_evidence_decode(file->body, a, x->file).code != CS_OK ||
        flow_sheet(w, x->q, a, &x->sheet).code != CS_OK) {
        return false;
    }
    x->name = file->line;
    x->index = number;
    for (size_t i = 0; i < x->sheet.count && x->line == NULL; i++) {
        const struct sheet_line *l = &x->sheet.lines[i];
        const bool is = l->kind == SHEET_EVIDENCE && span_eq(name_of(l, a), x->name) && may(&x->sheet, l, x->name);
        x->line = is ? l : NULL;
    }
    return x->line != NULL;
}

static void find_line(struct flow_form *m, const struct state_evidence *file)
{
    bool there = file == NULL;
    for (size_t i = 0; i < m->found_count && !there; i++) { /* two policies may ask under one name */
        there = m->found[i] == file->index;
    }
    if (!there && m->found_count < FORM_OPTIONS_MAX) {
        m->found[m->found_count++] = file->index;
    }
}

static void find_lines_of(const struct turn *t, const struct state_request *q)
{
    struct arena scratch;
    struct sheet sheet;

    arena_init(&scratch, FORM_SCRATCH_BYTES);
    const bool made = q->kind == KIND_DEPLOY && flow_sheet(t->w, q, &scratch, &sheet).code == CS_OK;
    for (size_t i = 0; made && i < sheet.count; i++) {
        const struct sheet_line *l = &sheet.lines[i];
        const struct span name = l->kind == SHEET_EVIDENCE ? name_of(l, &scratch) : SPAN_NONE;
        if (name.left > 0 && may(&sheet, l, name)) {
            find_line(&t->f->form, newest_of(q, name));
        }
    }
    arena_release(&scratch);
}

static void find(const struct turn *t, size_t at)
{
    const struct state *s = t->w->state;
    if (at == ASK_WHO) {
        form_find_people(t);
    }
    for (size_t i = 0; at == ASK_LINE && i < s->live_count; i++) {
        find_lines_of(t, s->live[i]);
    }
}

static size_t findings_of(const struct flow *f, const struct flow_world *w)
{
    struct arena scratch;
    struct waivable x = {.q = NULL};

    arena_init(&scratch, FORM_SCRATCH_BYTES);
    const size_t n = look(w, f->form.answer[ASK_LINE].number, &scratch, &x) ? x.file->report.finding_count : 0;
    arena_release(&scratch);
    return n;
}

static bool question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const size_t findings = at > ASK_LINE && at <= ASK_FINDINGS ? findings_of(f, w) : 0;
    const bool each = findings > 0 && findings <= SETS_MAX;
    const struct question questions[ASK_COUNT] = {
        [ASK_WHO] = {.kind = QUESTION_ONE,
                     .title = "Who owns the risk?",
                     .hint = form_who_hint,
                     .options = f->form.found_count},
        [ASK_LINE] = {.kind = QUESTION_ONE,
                      .title = "What is to pass?",
                      .hint = "Lines whose file does not keep to its limits, and that somebody may waive.",
                      .options = f->form.found_count,
                      .always = true},
        [ASK_WHAT] =
            {.kind = QUESTION_ONE,
             .title = "How much of it?",
             .hint = "What is waived as a whole ends with the next file. Findings stay waived when they come again.",
             .options = each ? 2 : 1,
             .always = true},
        [ASK_FINDINGS] = {.kind = QUESTION_SET,
                          .title = "Which findings?",
                          .hint = "Only these are waived.",
                          .options = each ? findings : 0},
        [ASK_LIFE] = {.kind = QUESTION_ONE,
                      .title = "For how long?",
                      .hint = "Then it counts again.",
                      .options = LIVES},
        [ASK_WHY] = {.kind = QUESTION_TEXT,
                     .title = "Why may it pass?",
                     .hint = "Everybody who signs the request reads it.",
                     .least = 1},
    };
    if (at >= ASK_COUNT) {
        return false;
    }
    *q = questions[at];
    if (at == ASK_FINDINGS && f->form.answer[ASK_WHAT].chosen != SINGLE + 1) { /* there is nothing to choose */
        *q = (struct question){.kind = QUESTION_ONE, .title = questions[at].title, .options = 1};
    }
    return true;
}

static void write_line(const struct waivable *x, struct form_choice *o)
{
    wr_bytes(&o->title, x->name);
    wr_text(&o->title, " of request ");
    wr_dec(&o->title, x->q->index);
    wr_bytes(&o->below, x->sheet.in.deploy->title);
    wr_text(&o->below, ": ");
    wr_bytes(&o->below, x->line->value);
}

static void write_finding(const struct waivable *x, size_t i, struct form_choice *o)
{
    if (i >= x->file->report.finding_count) {
        return;
    }
    const struct report_finding *g = &x->file->report.findings[i];
    wr_bytes(&o->title, g->level);
    wr_text(&o->title, " ");
    wr_bytes(&o->title, g->id);
    wr_bytes(&o->below, g->text);
}

static void option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    static const char *const parts[] = {[WHOLE] = "All that the file says", [SINGLE] = "Single findings"};
    struct arena scratch;
    struct waivable x = {.q = NULL};

    arena_init(&scratch, FORM_SCRATCH_BYTES);
    if (at == ASK_WHO) {
        form_write_person(f, i, o);
    } else if (at == ASK_LINE && i < f->form.found_count && look(w, f->form.found[i], &scratch, &x)) {
        write_line(&x, o);
    } else if (at == ASK_WHAT && i <= SINGLE) {
        wr_text(&o->title, parts[i]);
    } else if (at == ASK_FINDINGS && look(w, f->form.answer[ASK_LINE].number, &scratch, &x)) {
        write_finding(&x, i, o);
    } else if (at == ASK_LIFE && i < LIVES) {
        wr_text(&o->title, lives[i].words);
    }
    arena_release(&scratch);
}

static void propose(const struct turn *t, const struct waivable *x)
{
    const struct form_answer *a = t->f->form.answer;
    struct report_finding waived[SETS_MAX];
    struct waiver_content c = {.expires_ms = t->w->clock_ms + lives[(a[ASK_LIFE].chosen - 1) % LIVES].s * 1000,
                               .findings = waived,
                               .initiator = a[ASK_WHO].text,
                               .line = x->name,
                               .reason = a[ASK_WHY].text,
                               .request = x->q->index};
    const bool each = a[ASK_WHAT].chosen == SINGLE + 1;
    for (size_t i = 0; each && i < x->file->report.finding_count && i < SETS_MAX; i++) { /* sorted by id already */
        if ((a[ASK_FINDINGS].set & UINT64_C(1) << i) != 0) {
            waived[c.finding_count++] = x->file->report.findings[i];
        }
    }
    c.evidence = each ? 0 : x->index;
    if (each && c.finding_count == 0) { /* never the whole line by mistake */
        flow_say(t->f, WORD_FORM_BAD);
        return;
    }
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_WAIVER, model_waiver_content_encode(&c, &w), &w);
}

static void end(const struct turn *t)
{
    struct arena scratch;
    struct waivable x = {.q = NULL};

    arena_init(&scratch, FORM_SCRATCH_BYTES);
    if (look(t->w, t->f->form.answer[ASK_LINE].number, &scratch, &x)) {
        propose(t, &x);
    } else {
        flow_say(t->f, WORD_RULES_CHANGED); /* another file came while it was answered */
    }
    arena_release(&scratch);
}

const struct form_script form_waiver = {
    .find = find, .question = question, .option = option, .refuse = form_accepts, .end = end};
