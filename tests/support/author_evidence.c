/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_evidence.h"

#include "policy/policy_evidence.h"

#define LINE_OF(text) ((text) != NULL ? (text) : "production/sast")

enum { ARENA_BYTES = 16 << 20, DAY_MS = 86400000 };

static void must(struct verdict v, const char *what)
{
    if (!v.allow) {
        (void)fprintf(stderr, "author_evidence: %s: %s %s\n", what, policy_reason_code(v.reason), v.cause.msg);
        abort();
    }
}

static void must_be(struct cs_result r, const char *what)
{
    must(r.code == CS_OK ? VERDICT_ALLOW : VERDICT_CAUSE(REASON_MALFORMED, r), what);
}

static void policy(struct author_log *l, const char *lines)
{
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    const struct span now = author_log_judge(l)->state.policy->text;
    const uint8_t *roles = memmem(now.p, now.left, "\"roles\":", 8);
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    wr_bytes(&w, span_make(now.p, (size_t)(roles - now.p)));
    wr_text(&w,
            "\"roles\":[\"business\",\"officer\",\"owner\",\"tech\"],\"rules\":[{\"id\":\"production\",\"require\":{");
    if (lines[0] != '\0') {
        wr_text(&w, "\"evidence\":[");
        wr_text(&w, lines);
        wr_text(&w, "],");
    }
    wr_text(&w,
            "\"seats\":[{\"count\":1,\"id\":\"business\",\"role\":\"business\"},{\"count\":1,\"id\":\"tech\",\"role\":"
            "\"tech\"}]}}],\"v\":1,\"version\":");
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    const struct policy_content c = {.initiator = SPAN_LIT("odette"),
                                     .policy = wr_span(&w),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Evidence")};
    must_be(model_policy_content_encode(&c, &content), "policy");
    must(author_log_propose(l, KIND_POLICY, wr_span(&content), &id), "policy");
    must(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), "olga");
    must(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), "omar");
    must(author_log_effect(l, ENTRY_POLICY, id), "policy");
}

void author_evidence_begin(struct author_log *l, const char *lines)
{
    static const char *const roles[] = {"owner", "tech"};
    struct roster_change items[3] = {{.op = CHANGE_PUT_CLIENT}};
    struct sha256 token = digest_sha256(SPAN_LIT("scanner-token"));
    struct arena a;

    policy(l, lines);
    arena_init(&a, ARENA_BYTES);
    items[0].id = SPAN_LIT("scanner");
    items[0].client.id = SPAN_LIT("scanner");
    for (unsigned k = REPORT_NONE + 1; k < REPORT_KIND_COUNT; k++) {
        const enum client_scope scope = model_evidence_scope((enum report_kind)k);
        items[0].client.scopes |= scope != SCOPE_NONE ? 1U << (unsigned)scope : 0U;
    }
    items[0].client.tokens[0] = token;
    items[0].client.token_count = 1;
    must_be(author_log_person(l, "carol", roles, 2, &a, &items[1]), "carol");
    must(author_change_roster(l, items, 3), "roster");
    arena_release(&a);
}

static size_t fill(const struct author_evidence *e, struct report *r, struct report_finding *findings)
{
    for (size_t i = 0; i < 8 && e->numbers[i].name.left > 0; i++) {
        r->number_count++;
    }
    for (size_t i = 0; i < 8 && e->findings[i].id != NULL; i++) {
        findings[r->finding_count++] =
            (struct report_finding){.id = span_str(e->findings[i].id), .level = span_str(e->findings[i].level)};
    }
    if (e->text_key != NULL) {
        r->texts[r->text_count++] = (struct text_pair){.key = span_str(e->text_key), .value = span_str(e->text)};
    }
    if (e->more_key != NULL) {
        r->texts[r->text_count++] = (struct text_pair){.key = span_str(e->more_key), .value = span_str(e->more_text)};
    }
    return r->finding_count;
}

static void artifacts(struct author_log *l, const struct author_evidence *e, const struct deploy_content *d,
                      struct evidence_note *x)
{
    (void)l;
    if (e->no_artifact) {
        return;
    }
    x->artifact_count = 1;
    x->artifacts[0] = e->other_artifact || d == NULL ? digest_sha256(SPAN_LIT("another")) : d->artifacts[0].sha256;
    if (e->more_artifacts) { /* sorted */
        const struct sha256 one = x->artifacts[0];
        const struct sha256 more = digest_sha256(SPAN_LIT("another"));
        const bool first = span_cmp(sha256_span(&one), sha256_span(&more)) < 0;
        x->artifacts[first ? 1 : 0] = more;
        x->artifacts[first ? 0 : 1] = one;
        x->artifact_count = 2;
    }
}

static CS_RESULT baseline(struct author_log *l, const struct author_evidence *e, const struct deploy_content *d,
                          struct arena *a, struct evidence_note *x)
{
    const struct state *s = &author_log_judge(l)->state;
    const struct state_request *q = state_request_find(s, e->request);
    if (d == NULL || q == NULL || q->open == NULL || e->without_baseline) {
        return CS_SUCCESS;
    }
    const struct sheet_input in = {
        .kind = KIND_DEPLOY, .deploy = d, .state = s, .opened_under = q->open->opened_under, .in_force = s->policy};
    TRY(policy_evidence_baseline(&in, x->line, &x->report, a, &x->baseline));
    x->baseline.known_count = e->with_other_baseline ? 0 : x->baseline.known_count;
    return CS_SUCCESS;
}

struct verdict author_evidence_send(struct author_log *l, const struct author_evidence *e, uint64_t *ret_index)
{
    const struct state *s = &author_log_judge(l)->state;
    const struct state_request *q = state_request_find(s, e->request);
    struct report_finding findings[8];
    struct state_loaded *loaded = NULL;
    struct evidence_note *x = NULL;
    struct arena a;
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    struct report_number numbers[8];

    arena_init(&a, ARENA_BYTES);
    loaded = arena_alloc(&a, sizeof(*loaded));
    x = arena_alloc(&a, sizeof(*x));
    if (q != NULL && q->open != NULL) {
        must_be(state_load(q, &a, loaded), "request");
    }
    memcpy(numbers, e->numbers, sizeof(numbers));
    x->line = span_str(LINE_OF(e->line));
    x->request = e->request;
    x->prev = q != NULL ? state_evidence_last(q) : 0;
    x->prev += e->out_of_chain ? 1 : 0;
    x->report = (struct report){.kind = e->kind,
                                .more = e->more,
                                .findings = findings,
                                .numbers = numbers,
                                .produced_ms = author_log_now(l) - e->age_ms + e->ahead_ms};
    (void)fill(e, &x->report, findings);
    x->sha256 = digest_sha256(span_str(e->file != NULL ? e->file : "the file"));
    x->size_bytes = 8;
    artifacts(l, e, loaded->deploy, x);
    must_be(baseline(l, e, loaded->deploy, &a, x), "baseline");
    must_be(model_evidence_encode(x, &body), "evidence");
    const uint64_t index = author_log_size(l);
    const struct verdict v =
        author_log_append(l, ENTRY_EVIDENCE, e->actor != NULL ? e->actor : "client:scanner", wr_span(&body));
    if (v.allow && ret_index != NULL) {
        *ret_index = index;
    }
    arena_release(&a);
    return v;
}

/* --- waivers --- */

static uint64_t newest(const struct state_request *q, struct span line)
{
    uint64_t index = 0;
    for (size_t i = 0; q != NULL && q->open != NULL && i < q->open->evidence_count; i++) {
        const struct state_evidence *e = &q->open->evidence[i];
        index = !e->waiver && span_eq(e->line, line) && e->index > index ? e->index : index;
    }
    return index;
}

/* As the newest file says it; "high" where it has none such. */
static struct span level_now(const struct state_request *q, struct span line, struct span id, struct arena *a)
{
    struct span level = SPAN_LIT("high");
    for (size_t i = 0; q != NULL && q->open != NULL && i < q->open->evidence_count; i++) {
        struct evidence_note *x = arena_alloc(a, sizeof(*x));
        if (q->open->evidence[i].waiver || !span_eq(q->open->evidence[i].line, line)) {
            continue;
        }
        must_be(model_evidence_decode(q->open->evidence[i].body, a, x), "evidence");
        const struct report_finding *f = model_report_finding(&x->report, id);
        level = f != NULL ? f->level : level;
    }
    return level;
}

struct verdict author_waiver_ask(struct author_log *l, const struct author_waiver *w, uint64_t *ret_request)
{
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, w->request);
    struct report_finding waived[4];
    struct arena a;
    struct waiver_content c = {.expires_ms = author_log_now(l) + (w->life_ms != 0 ? w->life_ms : DAY_MS),
                               .findings = waived,
                               .initiator = span_str(w->owner != NULL ? w->owner : "carol"),
                               .line = span_str(LINE_OF(w->line)),
                               .reason = SPAN_LIT("a false alarm"),
                               .request = w->request};
    arena_init(&a, ARENA_BYTES);
    while (c.finding_count < 4 && w->findings[c.finding_count] != NULL) {
        const struct span id = span_str(w->findings[c.finding_count]);
        waived[c.finding_count++] = (struct report_finding){
            .id = id, .level = w->level != NULL ? span_str(w->level) : level_now(q, c.line, id, &a)};
    }
    c.evidence = w->evidence != 0 ? w->evidence : newest(q, c.line);
    c.evidence = c.evidence != 0 ? c.evidence : 1; /* nothing came: some entry */
    must_be(model_waiver_content_encode(&c, &content), "waiver");
    arena_release(&a);
    return author_log_propose(l, KIND_WAIVER, wr_span(&content), ret_request);
}

static const struct waiver_effect right = {.evidence = 0};

/* more is added to each member. */
static struct verdict effect(struct author_log *l, const struct state_request *q, const struct waiver_effect *more)
{
    const struct state *s = &author_log_judge(l)->state;
    struct state_loaded *loaded = NULL;
    struct arena a;
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);

    arena_init(&a, ARENA_BYTES);
    loaded = arena_alloc(&a, sizeof(*loaded));
    must_be(state_load(q, &a, loaded), "waiver");
    const struct state_request *of = state_request_find(s, loaded->waiver->request);
    struct waiver_effect x = {.prev = state_evidence_last(of), .request = q->index, .waives = of->index};
    x.evidence = newest(of, loaded->waiver->line) + more->evidence;
    x.waives += more->waives;
    const struct state_request *named = state_request_find(s, x.waives);
    x.prev = (named != NULL ? state_evidence_last(named) : 0) + more->prev; /* right in all else */
    must_be(model_waiver_effect_encode(&x, &body), "waiver");
    arena_release(&a);
    return author_log_append(l, ENTRY_WAIVER, "system:core", wr_span(&body));
}

struct verdict author_waiver_effect(struct author_log *l, uint64_t request)
{
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, request);
    return q != NULL && q->open != NULL ? effect(l, q, &right) : VERDICT_DENY(REASON_UNKNOWN_REQUEST);
}

struct verdict author_waiver_effect_wrong(struct author_log *l, uint64_t request, enum author_waiver_wrong how)
{
    static const struct waiver_effect more[] = {[WAIVER_OF_ANOTHER] = {.waives = 1},
                                                [WAIVER_OF_ANOTHER_FILE] = {.evidence = 1},
                                                [WAIVER_OUT_OF_CHAIN] = {.prev = 1}};
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, request);
    return effect(l, q, &more[how]);
}

struct verdict author_waiver(struct author_log *l, const struct author_waiver *w)
{
    uint64_t id = 0;
    struct verdict v = author_waiver_ask(l, w, &id);
    v = v.allow ? author_log_decide(l, w->owner != NULL ? w->owner : "carol", id, "waiver/owner", DECISION_APPROVE,
                                    NULL, NULL)
                : v;
    return v.allow ? author_waiver_effect(l, id) : v;
}
