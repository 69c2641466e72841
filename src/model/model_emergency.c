/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_emergency.h"

#include "base/base_text.h"
#include "model/model_take.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

enum { DAY_MS = 86400000, DATE_LEN = 10, CVE_LEAST = 13, CVE_MOST = 20 };

static CS_RESULT begin(struct span content, struct json_in *in)
{
    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    return json_open(in, "content");
}

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

static CS_RESULT take_index_if(struct json_in *in, const char *what, bool *ret_has, uint64_t *ret_index)
{
    *ret_has = json_next_is(in, what);
    return *ret_has ? json_get_uint(in, what, INDEX_MAX, ret_index) : CS_SUCCESS;
}

/* --- emergency --- */

CS_RESULT model_emergency_content_decode(struct span content, struct arena *arena,
                                         struct emergency_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct emergency_content c = {0};

    TRY(begin(content, &in));
    TRY(json_get_id(&in, "content.anchor", MODEL_ACCOUNT_MAX, &c.anchor));
    TRY(json_get_id(&in, "content.initiator", MODEL_ID_MAX, &c.initiator));
    TRY(model_take_text(&in, "content.justification", 1, MODEL_FIELD_MAX, &c.justification));
    TRY(json_get_id(&in, "content.kind", MODEL_ID_MAX, &c.kind));
    TRY(json_get_uint(&in, "content.request", INDEX_MAX, &c.request));
    TRY(take_index_if(&in, "content.voucher", &c.has_voucher, &c.voucher));
    TRY(finish(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_emergency_content_encode(const struct emergency_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_str(&o, "anchor", c->anchor);
    json_put_str(&o, "initiator", c->initiator);
    json_put_str(&o, "justification", c->justification);
    json_put_str(&o, "kind", c->kind);
    json_put_uint(&o, "request", c->request);
    if (c->has_voucher) {
        json_put_uint(&o, "voucher", c->voucher);
    }
    return finish_out(&o, "content");
}

/* --- voucher --- */

/* Whom it is for: a person or whoever has a role, never both and never anybody. */
static CS_RESULT take_holder(struct json_in *in, struct voucher_content *c)
{
    if (json_next_is(in, "content.person")) {
        TRY(json_get_id(in, "content.person", MODEL_ID_MAX, &c->person));
    }
    TRY(model_take_text(in, "content.reason", 1, MODEL_FIELD_MAX, &c->reason));
    if (json_next_is(in, "content.role")) {
        TRY(json_get_id(in, "content.role", MODEL_ID_MAX, &c->role));
    }
    ENSURE((c->person.left > 0) != (c->role.left > 0), CS_E_MISSING, "content.person");
    return CS_SUCCESS;
}

CS_RESULT model_voucher_content_decode(struct span content, struct arena *arena, struct voucher_content *ret_content)
{
    const struct model_set names = {.min = 1, .max = MODEL_SCOPE_MAX, .id_max = MODEL_ID_MAX};
    const struct model_set kinds = {.min = 1, .max = POLICY_KINDS_MAX, .id_max = MODEL_ID_MAX};
    struct json_in in = json_in_make(content, arena);
    struct voucher_content c = {0};

    TRY(begin(content, &in));
    TRY(model_take_set_arena(&in, "content.environments", names, &c.environments, &c.environment_count));
    TRY(json_get_id(&in, "content.initiator", MODEL_ID_MAX, &c.initiator));
    TRY(model_take_set_arena(&in, "content.kinds", kinds, &c.kinds, &c.kind_count));
    TRY(json_get_uint(&in, "content.life_s", POLICY_SECONDS_MAX, &c.life_s));
    ENSURE(c.life_s >= 1, CS_E_RANGE, "content.life_s");
    TRY(take_holder(&in, &c));
    TRY(json_get_id(&in, "content.seat", MODEL_ID_MAX, &c.seat));
    if (json_next_is(&in, "content.services")) {
        TRY(model_take_set_arena(&in, "content.services", names, &c.services, &c.service_count));
    }
    TRY(finish(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_voucher_content_encode(const struct voucher_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_put_set(&o, "environments", c->environments, c->environment_count);
    json_put_str(&o, "initiator", c->initiator);
    model_put_set(&o, "kinds", c->kinds, c->kind_count);
    json_put_uint(&o, "life_s", c->life_s);
    if (c->person.left > 0) {
        json_put_str(&o, "person", c->person);
    }
    json_put_str(&o, "reason", c->reason);
    if (c->role.left > 0) {
        json_put_str(&o, "role", c->role);
    }
    json_put_str(&o, "seat", c->seat);
    if (c->service_count > 0) {
        model_put_set(&o, "services", c->services, c->service_count);
    }
    return finish_out(&o, "content");
}

/* --- review --- */

static CS_RESULT take_fields(struct json_in *in, struct review_content *c)
{
    bool more = false;
    struct span key = SPAN_NONE;

    TRY(json_get_object(in, "content.fields"));
    TRY(json_next_key(in, "content.fields", &more, &key));
    while (more) {
        ENSURE(c->field_count < MODEL_DOCS_MAX, CS_E_FULL, "content.fields");
        struct text_pair *pair = &c->fields[c->field_count++];
        pair->key = key;
        TRY(json_item_str(in, "content.fields", (size_t)MODEL_FIELD_MAX * 4, &pair->value));
        const size_t points = model_points(pair->value);
        ENSURE(points >= 1 && points <= MODEL_FIELD_MAX, CS_E_RANGE, "content.fields");
        TRY(json_next_key(in, "content.fields", &more, &key));
    }
    return json_close(in, "content.fields");
}

CS_RESULT model_review_content_decode(struct span content, struct arena *arena, struct review_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct review_content c = {0};

    TRY(begin(content, &in));
    TRY(json_get_uint(&in, "content.emergency", INDEX_MAX, &c.emergency));
    TRY(take_fields(&in, &c));
    TRY(json_get_id(&in, "content.initiator", MODEL_ID_MAX, &c.initiator));
    TRY(finish(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_review_content_encode(const struct review_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "emergency", c->emergency);
    json_put_object(&o, "fields");
    for (size_t i = 0; i < c->field_count; i++) {
        json_put_key(&o, c->fields[i].key);
        json_put_str(&o, NULL, c->fields[i].value);
    }
    json_put_close(&o);
    json_put_str(&o, "initiator", c->initiator);
    return finish_out(&o, "content");
}

/* --- anchors --- */

static bool digits(struct span text, size_t from, size_t count)
{
    bool good = from + count <= text.left;
    for (size_t i = from; good && i < from + count; i++) {
        good = text.p[i] >= '0' && text.p[i] <= '9';
    }
    return good;
}

/* CVE-YYYY-N, four digits of N or more. */
static bool is_cve(struct span a)
{
    return a.left >= CVE_LEAST && a.left <= CVE_MOST && span_starts(a, SPAN_LIT("CVE-")) && digits(a, 4, 4) &&
           a.p[8] == '-' && digits(a, 9, a.left - 9);
}

/* YYYY-MM-DD of a day that is not over (UTC). */
static bool is_day_to_come(struct span a, uint64_t now_ms)
{
    uint8_t text[TEXT_TIME_LEN];
    struct writer w = wr_fixed(text, sizeof(text));
    uint64_t start_ms = 0;

    if (a.left != DATE_LEN) {
        return false;
    }
    wr_bytes(&w, a);
    wr_text(&w, "T00:00:00.000Z");
    const bool day = text_time_decode(wr_span(&w), &start_ms, "anchor").code == CS_OK;
    return day && now_ms < start_ms + DAY_MS;
}

bool model_anchor_fits(enum policy_anchor kind, struct span anchor, uint64_t now_ms)
{
    switch (kind) {
    case ANCHOR_CVE:
        return is_cve(anchor);
    case ANCHOR_DATE:
        return is_day_to_come(anchor, now_ms);
    case ANCHOR_INCIDENT:
        return text_id_check(anchor, MODEL_ACCOUNT_MAX, "anchor").code == CS_OK;
    case ANCHOR_NONE:
        break;
    }
    return false;
}

/* --- entries --- */

static CS_RESULT take_bypassed(struct json_in *in, struct emergency_grant *g)
{
    TRY(json_get_array(in, "emergency.bypassed"));
    TRY(model_count_items(in, "emergency.bypassed", &g->bypassed_count));
    ENSURE(g->bypassed_count <= MODEL_BYPASSED_MAX, CS_E_RANGE, "emergency.bypassed");
    g->bypassed = arena_array(in->arena, g->bypassed_count, sizeof(*g->bypassed));
    ENSURE(g->bypassed != NULL || g->bypassed_count == 0, CS_E_NOMEM, "emergency.bypassed");
    for (size_t i = 0; i < g->bypassed_count; i++) {
        struct bypassed *b = &g->bypassed[i];
        TRY(json_item_object(in, "emergency.bypassed"));
        TRY(json_get_uint(in, "bypassed.holders", INDEX_MAX, &b->holders));
        TRY(json_get_id(in, "bypassed.role", MODEL_ID_MAX, &b->role));
        TRY(json_get_uint(in, "bypassed.seats", INDEX_MAX, &b->seats));
        TRY(json_close(in, "emergency.bypassed"));
        const int order = i > 0 ? span_cmp(g->bypassed[i - 1].role, b->role) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "bypassed.role");
    }
    return json_close_array(in, "emergency.bypassed");
}

static CS_RESULT take_grant(struct json_in *in, struct emergency_grant *g)
{
    TRY(model_take_digests(in, "emergency.artifacts", 1, g->artifacts, &g->artifact_count));
    TRY(take_bypassed(in, g));
    TRY(json_get_bool(in, "emergency.clock_trusted", &g->clock_trusted));
    TRY(json_get_time(in, "emergency.due", &g->due_ms));
    TRY(json_get_id(in, "emergency.environment", MODEL_ID_MAX, &g->environment));
    TRY(json_get_uint(in, "emergency.grants", INDEX_MAX, &g->grants));
    TRY(json_get_id(in, "emergency.kind", MODEL_ID_MAX, &g->kind));
    TRY(json_get_bool(in, "emergency.over_budget", &g->over_budget));
    TRY(json_get_uint(in, "emergency.prev", INDEX_MAX, &g->prev));
    TRY(take_index_if(in, "emergency.ran", &g->has_ran, &g->ran));
    TRY(json_get_uint(in, "emergency.request", INDEX_MAX, &g->request));
    TRY(json_get_id(in, "emergency.service", MODEL_ID_MAX, &g->service));
    TRY(json_get_time(in, "emergency.use_by", &g->use_by_ms));
    TRY(json_get_uint(in, "emergency.used", INDEX_MAX, &g->used));
    return take_index_if(in, "emergency.voucher", &g->has_voucher, &g->voucher);
}

CS_RESULT model_grant_decode(struct span body, struct arena *arena, struct emergency_grant *ret_grant)
{
    struct json_in in = json_in_make(body, arena);
    struct emergency_grant g = {0};

    TRY(json_open(&in, "emergency"));
    TRY(take_grant(&in, &g));
    TRY(finish(&in, "emergency"));
    *ret_grant = g;
    return CS_SUCCESS;
}

static void put_bypassed(struct json_out *o, const struct emergency_grant *g)
{
    json_put_array(o, "bypassed");
    for (size_t i = 0; i < g->bypassed_count; i++) {
        json_put_object(o, NULL);
        json_put_uint(o, "holders", g->bypassed[i].holders);
        json_put_str(o, "role", g->bypassed[i].role);
        json_put_uint(o, "seats", g->bypassed[i].seats);
        json_put_close(o);
    }
    json_put_close(o);
}

CS_RESULT model_grant_encode(const struct emergency_grant *g, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_put_digests(&o, "artifacts", g->artifacts, g->artifact_count);
    put_bypassed(&o, g);
    json_put_bool(&o, "clock_trusted", g->clock_trusted);
    json_put_time(&o, "due", g->due_ms);
    json_put_str(&o, "environment", g->environment);
    json_put_uint(&o, "grants", g->grants);
    json_put_str(&o, "kind", g->kind);
    json_put_bool(&o, "over_budget", g->over_budget);
    json_put_uint(&o, "prev", g->prev);
    if (g->has_ran) {
        json_put_uint(&o, "ran", g->ran);
    }
    json_put_uint(&o, "request", g->request);
    json_put_str(&o, "service", g->service);
    json_put_time(&o, "use_by", g->use_by_ms);
    json_put_uint(&o, "used", g->used);
    if (g->has_voucher) {
        json_put_uint(&o, "voucher", g->voucher);
    }
    return finish_out(&o, "emergency");
}

CS_RESULT model_overdue_decode(struct span body, struct arena *arena, struct overdue *ret_overdue)
{
    struct json_in in = json_in_make(body, arena);
    struct overdue x = {0};

    TRY(json_open(&in, "overdue"));
    TRY(json_get_uint(&in, "overdue.emergency", INDEX_MAX, &x.emergency));
    TRY(json_get_uint(&in, "overdue.prev", INDEX_MAX, &x.prev));
    TRY(finish(&in, "overdue"));
    *ret_overdue = x;
    return CS_SUCCESS;
}

CS_RESULT model_overdue_encode(const struct overdue *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "emergency", x->emergency);
    json_put_uint(&o, "prev", x->prev);
    return finish_out(&o, "overdue");
}

CS_RESULT model_review_effect_decode(struct span body, struct arena *arena, struct review_effect *ret_effect)
{
    struct json_in in = json_in_make(body, arena);
    struct review_effect x = {0};

    TRY(json_open(&in, "review"));
    TRY(json_get_uint(&in, "review.emergency", INDEX_MAX, &x.emergency));
    TRY(json_get_uint(&in, "review.prev", INDEX_MAX, &x.prev));
    TRY(json_get_uint(&in, "review.request", INDEX_MAX, &x.request));
    TRY(finish(&in, "review"));
    *ret_effect = x;
    return CS_SUCCESS;
}

CS_RESULT model_review_effect_encode(const struct review_effect *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "emergency", x->emergency);
    json_put_uint(&o, "prev", x->prev);
    json_put_uint(&o, "request", x->request);
    return finish_out(&o, "review");
}
