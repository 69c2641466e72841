/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_evidence.h"

#include "base/base_text.h"
#include "model/model_policy_when.h"
#include "model/model_take.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

static CS_RESULT finish(struct json_in *in, const char *what)
{
    TRY(json_close(in, what));
    return json_end(in, what);
}

static CS_RESULT finish_out(struct json_out *o, const char *what)
{
    json_put_close(o);
    return json_out_end(o, what);
}

enum client_scope model_evidence_scope(enum report_kind kind)
{
    switch (kind) {
    case REPORT_CANARY:
        return SCOPE_EVIDENCE_CANARY;
    case REPORT_COVERAGE:
        return SCOPE_EVIDENCE_COVERAGE;
    case REPORT_CYCLONEDX:
        return SCOPE_EVIDENCE_CYCLONEDX;
    case REPORT_JUNIT:
        return SCOPE_EVIDENCE_JUNIT;
    case REPORT_MIGRATION:
        return SCOPE_EVIDENCE_MIGRATION;
    case REPORT_PLAN:
        return SCOPE_EVIDENCE_PLAN;
    case REPORT_PROVENANCE:
        return SCOPE_EVIDENCE_PROVENANCE;
    case REPORT_SARIF:
        return SCOPE_EVIDENCE_SARIF;
    case REPORT_NONE:
    case REPORT_IAC:
    case REPORT_KIND_COUNT:
        break;
    }
    return SCOPE_NONE;
}

/* --- numbers and texts --- */

static CS_RESULT take_name(struct json_in *in, const char *what, struct span *ret_name)
{
    TRY(json_get_id(in, what, REPORT_NAME_MAX, ret_name));
    ENSURE(model_is_free_member(*ret_name, SPAN_LIT("")), CS_E_SYNTAX, what);
    return CS_SUCCESS;
}

static CS_RESULT in_order(struct span before, struct span name, const char *what)
{
    const int order = before.left > 0 ? span_cmp(before, name) : -1;
    ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what);
    return CS_SUCCESS;
}

static CS_RESULT take_numbers(struct json_in *in, const char *what, struct report_number **ret_numbers,
                              size_t *ret_count)
{
    size_t count = 0;

    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &count));
    ENSURE(count <= REPORT_NUMBERS_MAX, CS_E_RANGE, what);
    struct report_number *n = arena_array(in->arena, count, sizeof(*n));
    ENSURE(n != NULL || count == 0, CS_E_NOMEM, what);
    for (size_t i = 0; i < count; i++) {
        TRY(json_item_object(in, what));
        TRY(take_name(in, "number.name", &n[i].name));
        TRY(in_order(i > 0 ? n[i - 1].name : SPAN_NONE, n[i].name, "number.name"));
        TRY(json_get_uint(in, "number.value", INDEX_MAX, &n[i].value));
        TRY(json_close(in, what));
    }
    *ret_numbers = n;
    *ret_count = count;
    return json_close_array(in, what);
}

static void put_numbers(struct json_out *o, const struct report_number *n, size_t count)
{
    json_put_array(o, "numbers");
    for (size_t i = 0; i < count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "name", n[i].name);
        json_put_uint(o, "value", n[i].value);
        json_put_close(o);
    }
    json_put_close(o);
}

static CS_RESULT take_texts(struct json_in *in, const char *what, struct text_pair *ret_texts, size_t *ret_count)
{
    bool more = false;
    size_t n = 0;
    struct span key = SPAN_NONE;

    TRY(json_get_object(in, what));
    TRY(json_next_key(in, what, &more, &key));
    while (more) {
        ENSURE(n < REPORT_TEXTS_MAX && key.left <= REPORT_NAME_MAX, CS_E_RANGE, what);
        struct span value = SPAN_NONE;
        TRY(json_item_str(in, what, REPORT_TEXT_MAX, &value));
        ENSURE(value.left > 0 && model_is_printable(value), CS_E_RANGE, what);
        ret_texts[n++] = (struct text_pair){.key = key, .value = value};
        TRY(json_next_key(in, what, &more, &key));
    }
    *ret_count = n;
    return json_close(in, what);
}

static void put_texts(struct json_out *o, const struct text_pair *texts, size_t count)
{
    json_put_object(o, "texts");
    for (size_t i = 0; i < count; i++) {
        json_put_key(o, texts[i].key);
        json_put_str(o, NULL, texts[i].value);
    }
    json_put_close(o);
}

/* --- reports --- */

bool model_report_number(const struct report *r, struct span name, uint64_t *ret_value)
{
    for (size_t i = 0; i < r->number_count; i++) {
        if (span_eq(r->numbers[i].name, name)) {
            *ret_value = r->numbers[i].value;
            return true;
        }
    }
    return false;
}

struct span model_report_text(const struct report *r, struct span name)
{
    for (size_t i = 0; i < r->text_count; i++) {
        if (span_eq(r->texts[i].key, name)) {
            return r->texts[i].value;
        }
    }
    return SPAN_NONE;
}

const struct report_finding *model_report_finding(const struct report *r, struct span id)
{
    size_t lo = 0;
    size_t hi = r->finding_count;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (span_cmp(r->findings[mid].id, id) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < r->finding_count && span_eq(r->findings[lo].id, id) ? &r->findings[lo] : NULL;
}

static CS_RESULT take_findings(struct json_in *in, struct report *r)
{
    static const char what[] = "report.findings";

    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &r->finding_count));
    ENSURE(r->finding_count <= REPORT_FINDINGS_MAX, CS_E_RANGE, what);
    r->findings = arena_array(in->arena, r->finding_count, sizeof(*r->findings));
    ENSURE(r->findings != NULL || r->finding_count == 0, CS_E_NOMEM, what);
    for (size_t i = 0; i < r->finding_count; i++) {
        struct report_finding *f = &r->findings[i];
        TRY(json_item_object(in, what));
        TRY(json_get_id(in, "finding.id", MODEL_ID_MAX, &f->id));
        TRY(in_order(i > 0 ? f[-1].id : SPAN_NONE, f->id, "finding.id"));
        TRY(take_name(in, "finding.level", &f->level));
        if (json_next_is(in, "finding.text")) {
            TRY(model_take_text(in, "finding.text", 1, REPORT_ROW_MAX, &f->text));
        }
        TRY(json_close(in, what));
    }
    return json_close_array(in, what);
}

/* A list and a number that say different things are no summary of one file. */
static CS_RESULT check_levels(const struct report *r)
{
    uint64_t counted = 0;

    for (size_t k = 0; k < r->number_count; k++) {
        uint64_t listed = 0;
        for (size_t i = 0; i < r->finding_count; i++) {
            listed += span_eq(r->findings[i].level, r->numbers[k].name) ? 1U : 0U;
        }
        ENSURE(listed <= r->numbers[k].value, CS_E_MISMATCH, "finding.level");
        const bool whole = r->more || listed == 0 || listed == r->numbers[k].value;
        ENSURE(whole, CS_E_MISMATCH, "finding.level");
        counted += listed;
    }
    ENSURE(counted == r->finding_count, CS_E_UNKNOWN, "finding.level");
    return CS_SUCCESS;
}

CS_RESULT model_report_get(struct json_in *in, const char *what, struct report *ret_report)
{
    struct report r = {0};
    struct span word = SPAN_NONE;

    TRY(json_get_object(in, what));
    TRY(take_findings(in, &r));
    TRY(json_get_str(in, "report.kind", MODEL_ID_MAX, &word));
    TRY(report_kind_decode(word, &r.kind, "report.kind"));
    ENSURE(model_evidence_scope(r.kind) != SCOPE_NONE, CS_E_UNKNOWN, "report.kind");
    TRY(json_get_bool(in, "report.more", &r.more));
    TRY(take_numbers(in, "report.numbers", &r.numbers, &r.number_count));
    TRY(json_get_time(in, "report.produced", &r.produced_ms));
    TRY(take_texts(in, "report.texts", r.texts, &r.text_count));
    TRY(json_close(in, what));
    TRY(check_levels(&r));
    *ret_report = r;
    return CS_SUCCESS;
}

void model_report_put(struct json_out *o, const char *key, const struct report *r)
{
    json_put_object(o, key);
    json_put_array(o, "findings");
    for (size_t i = 0; i < r->finding_count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "id", r->findings[i].id);
        json_put_str(o, "level", r->findings[i].level);
        if (r->findings[i].text.left > 0) {
            json_put_str(o, "text", r->findings[i].text);
        }
        json_put_close(o);
    }
    json_put_close(o);
    json_put_text(o, "kind", report_kind_text(r->kind));
    json_put_bool(o, "more", r->more);
    put_numbers(o, r->numbers, r->number_count);
    json_put_time(o, "produced", r->produced_ms);
    put_texts(o, r->texts, r->text_count);
    json_put_close(o);
}

CS_RESULT model_report_decode(struct span text, struct arena *arena, struct report *ret_report)
{
    enum { WRAP = 16 };
    uint8_t *p = arena_alloc(arena, text.left + WRAP);

    ENSURE(text.left <= MODEL_LEAF_MAX, CS_E_FULL, "report");
    ENSURE(p != NULL, CS_E_NOMEM, "report");
    struct writer w = wr_fixed(p, text.left + WRAP);
    wr_text(&w, "{\"report\":");
    wr_bytes(&w, text);
    wr_text(&w, "}");
    struct json_in in = json_in_make(wr_span(&w), arena);
    TRY(json_open(&in, "body"));
    TRY(model_report_get(&in, "body.report", ret_report));
    return finish(&in, "body");
}

CS_RESULT model_report_encode(const struct report *r, struct writer *w)
{
    struct json_out o = json_out_make(w);
    model_report_put(&o, NULL, r);
    return json_out_end(&o, "report");
}

/* --- the entry --- */

/* Hex digests, sorted and distinct. */
static CS_RESULT take_artifacts(struct json_in *in, struct evidence_note *e)
{
    const struct model_set set = {.min = 0, .max = MODEL_ARTIFACTS_MAX, .id_max = (size_t)2 * SHA256_BYTES};
    struct span hex[MODEL_ARTIFACTS_MAX];

    TRY(model_take_set(in, "evidence.artifacts", set, hex, &e->artifact_count));
    for (size_t i = 0; i < e->artifact_count; i++) {
        TRY(text_hex_decode(hex[i], e->artifacts[i].b, SHA256_BYTES, "evidence.artifacts"));
    }
    return CS_SUCCESS;
}

static CS_RESULT take_known(struct json_in *in, struct report_baseline *b)
{
    TRY(json_get_array(in, "baseline.known"));
    while (json_more(in)) {
        int64_t v = 0;
        TRY(json_item_int(in, "baseline.known", 0, REPORT_FINDINGS_MAX - 1, &v));
        const bool rises = b->known_count == 0 || b->known[b->known_count - 1] < (uint32_t)v;
        ENSURE(rises, CS_E_ORDER, "baseline.known");
        b->known[b->known_count++] = (uint32_t)v;
    }
    return json_close_array(in, "baseline.known");
}

static CS_RESULT take_baseline(struct json_in *in, struct report_baseline *b)
{
    b->present = json_next_is(in, "evidence.baseline");
    if (!b->present) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "evidence.baseline"));
    TRY(json_get_uint(in, "baseline.fixed", REPORT_FINDINGS_MAX, &b->fixed));
    TRY(take_known(in, b));
    TRY(take_numbers(in, "baseline.numbers", &b->numbers, &b->number_count));
    TRY(json_get_uint(in, "baseline.request", INDEX_MAX, &b->request));
    TRY(take_texts(in, "baseline.texts", b->texts, &b->text_count));
    return json_close(in, "evidence.baseline");
}

bool model_evidence_known(const struct evidence_note *x, size_t finding)
{
    size_t i = 0;
    while (i < x->baseline.known_count && x->baseline.known[i] != finding) {
        i++;
    }
    return i < x->baseline.known_count;
}

CS_RESULT model_evidence_decode(struct span body, struct arena *arena, struct evidence_note *ret_evidence)
{
    struct json_in in = json_in_make(body, arena);
    struct evidence_note *e = arena_alloc(arena, sizeof(*e));

    ENSURE(e != NULL, CS_E_NOMEM, "evidence");
    TRY(json_open(&in, "evidence"));
    TRY(take_artifacts(&in, e));
    TRY(take_baseline(&in, &e->baseline));
    TRY(json_get_id(&in, "evidence.line", MODEL_SEAT_MAX, &e->line));
    TRY(json_get_uint(&in, "evidence.prev", INDEX_MAX, &e->prev));
    TRY(model_report_get(&in, "evidence.report", &e->report));
    TRY(json_get_uint(&in, "evidence.request", INDEX_MAX, &e->request));
    TRY(json_get_sha256(&in, "evidence.sha256", e->sha256.b));
    TRY(json_get_uint(&in, "evidence.size", REPORT_BLOB_MAX_BYTES, &e->size_bytes));
    TRY(finish(&in, "evidence"));
    const struct report_baseline *b = &e->baseline;
    const bool within = b->known_count == 0 || b->known[b->known_count - 1] < e->report.finding_count;
    ENSURE(within, CS_E_RANGE, "baseline.known");
    *ret_evidence = *e;
    return CS_SUCCESS;
}

static void put_baseline(struct json_out *o, const struct report_baseline *b)
{
    if (!b->present) {
        return;
    }
    json_put_object(o, "baseline");
    json_put_uint(o, "fixed", b->fixed);
    json_put_array(o, "known");
    for (size_t i = 0; i < b->known_count; i++) {
        json_put_uint(o, NULL, b->known[i]);
    }
    json_put_close(o);
    put_numbers(o, b->numbers, b->number_count);
    json_put_uint(o, "request", b->request);
    put_texts(o, b->texts, b->text_count);
    json_put_close(o);
}

CS_RESULT model_evidence_encode(const struct evidence_note *e, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "artifacts");
    for (size_t i = 0; i < e->artifact_count; i++) {
        json_put_hex(&o, NULL, sha256_span(&e->artifacts[i]));
    }
    json_put_close(&o);
    put_baseline(&o, &e->baseline);
    json_put_str(&o, "line", e->line);
    json_put_uint(&o, "prev", e->prev);
    model_report_put(&o, "report", &e->report);
    json_put_uint(&o, "request", e->request);
    json_put_hex(&o, "sha256", sha256_span(&e->sha256));
    json_put_uint(&o, "size", e->size_bytes);
    return finish_out(&o, "evidence");
}

/* --- waivers --- */

enum { SEVERITIES = 5 };

/* From the worst; SEVERITIES for a word outside the list. */
static size_t rank(struct span level)
{
    static const char *const severity[SEVERITIES] = {"critical", "high", "medium", "low", "info"};
    size_t i = 0;
    while (i < SEVERITIES && !span_is(level, severity[i])) {
        i++;
    }
    return i;
}

static bool no_worse(struct span now, struct span was)
{
    return span_eq(now, was) || (rank(was) < rank(now) && rank(now) < SEVERITIES);
}

bool model_waiver_covers(const struct waiver_content *c, const struct report_finding *f)
{
    for (size_t i = 0; i < c->finding_count; i++) {
        if (span_eq(c->findings[i].id, f->id)) {
            return no_worse(f->level, c->findings[i].level);
        }
    }
    return false;
}

static CS_RESULT take_waived(struct json_in *in, struct waiver_content *c)
{
    static const char what[] = "content.findings";

    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &c->finding_count));
    ENSURE(c->finding_count <= REPORT_FINDINGS_MAX, CS_E_RANGE, what);
    c->findings = arena_array(in->arena, c->finding_count, sizeof(*c->findings));
    ENSURE(c->findings != NULL || c->finding_count == 0, CS_E_NOMEM, what);
    for (size_t i = 0; i < c->finding_count; i++) {
        struct report_finding *f = &c->findings[i];
        TRY(json_item_object(in, what));
        TRY(json_get_id(in, "finding.id", MODEL_ID_MAX, &f->id));
        TRY(in_order(i > 0 ? f[-1].id : SPAN_NONE, f->id, "finding.id"));
        TRY(take_name(in, "finding.level", &f->level));
        TRY(json_close(in, what));
    }
    return json_close_array(in, what);
}

CS_RESULT model_waiver_content_decode(struct span content, struct arena *arena, struct waiver_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct waiver_content c = {0};

    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_open(&in, "content"));
    if (json_next_is(&in, "content.evidence")) {
        TRY(json_get_uint(&in, "content.evidence", INDEX_MAX, &c.evidence));
        ENSURE(c.evidence > 0, CS_E_RANGE, "content.evidence");
    }
    TRY(json_get_time(&in, "content.expires", &c.expires_ms));
    TRY(take_waived(&in, &c));
    ENSURE(c.finding_count > 0 || c.evidence > 0, CS_E_MISSING, "content.evidence");
    ENSURE(c.finding_count == 0 || c.evidence == 0, CS_E_UNKNOWN, "content.evidence");
    TRY(json_get_id(&in, "content.initiator", MODEL_ID_MAX, &c.initiator));
    TRY(json_get_id(&in, "content.line", MODEL_SEAT_MAX, &c.line));
    TRY(model_take_text(&in, "content.reason", 1, MODEL_FIELD_MAX, &c.reason));
    TRY(json_get_uint(&in, "content.request", INDEX_MAX, &c.request));
    TRY(finish(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_waiver_content_encode(const struct waiver_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    if (c->finding_count == 0) {
        json_put_uint(&o, "evidence", c->evidence);
    }
    json_put_time(&o, "expires", c->expires_ms);
    json_put_array(&o, "findings");
    for (size_t i = 0; i < c->finding_count; i++) {
        json_put_object(&o, NULL);
        json_put_str(&o, "id", c->findings[i].id);
        json_put_str(&o, "level", c->findings[i].level);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_str(&o, "initiator", c->initiator);
    json_put_str(&o, "line", c->line);
    json_put_str(&o, "reason", c->reason);
    json_put_uint(&o, "request", c->request);
    return finish_out(&o, "content");
}

CS_RESULT model_waiver_effect_decode(struct span body, struct arena *arena, struct waiver_effect *ret_effect)
{
    struct json_in in = json_in_make(body, arena);
    struct waiver_effect x = {0};

    TRY(json_open(&in, "waiver"));
    TRY(json_get_uint(&in, "waiver.evidence", INDEX_MAX, &x.evidence));
    TRY(json_get_uint(&in, "waiver.prev", INDEX_MAX, &x.prev));
    TRY(json_get_uint(&in, "waiver.request", INDEX_MAX, &x.request));
    TRY(json_get_uint(&in, "waiver.waives", INDEX_MAX, &x.waives));
    TRY(finish(&in, "waiver"));
    *ret_effect = x;
    return CS_SUCCESS;
}

CS_RESULT model_waiver_effect_encode(const struct waiver_effect *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "evidence", x->evidence);
    json_put_uint(&o, "prev", x->prev);
    json_put_uint(&o, "request", x->request);
    json_put_uint(&o, "waives", x->waives);
    return finish_out(&o, "waiver");
}
