/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_view.h"

#include "http/http_event.h"
#include "http/http_status.h"

enum { WORDS_CAP_BYTES = 64 << 20, RECORDS_FIRST = 64, TAG_BYTES = 16 };

_Static_assert(2 * TAG_BYTES < HTTP_TAG_MAX, "a tag has room");

/* ---- pages ---- */

struct http_page *http_page_hold(struct http_page *p)
{
    p->holders++;
    return p;
}

void http_page_drop(struct http_page *p)
{
    if (p != NULL && --p->holders == 0) {
        free(p);
    }
}

/* The record's hold ends: the prepared answer, if there is one, holds the page for as long as it is being sent. */
static void page_retire(struct http_page *p)
{
    if (p != NULL && p->answer != NULL) {
        void *answer = p->answer;
        p->answer = NULL;
        p->forget(answer);
    }
    http_page_drop(p);
}

/* The tag follows from the bytes: another front, or this one after a restart, gives the same page the same tag, and no
 * other page it. */
static CS_RESULT page_make(struct span bytes, struct http_page **ret_page)
{
    const struct sha256 d = digest_sha256(bytes);
    struct http_page *p = malloc(sizeof(*p) + bytes.left);
    ENSURE(p != NULL, CS_E_NOMEM, "page");
    *p = (struct http_page){.holders = 1, .len = bytes.left};
    struct writer t = wr_fixed(p->tag, sizeof(p->tag) - 1);
    wr_hex(&t, span_make(d.b, TAG_BYTES));
    p->tag[t.len] = '\0';
    memcpy(p->bytes, bytes.p, bytes.left);
    *ret_page = p;
    return CS_SUCCESS;
}

/* ---- the table ---- */

CS_RESULT http_view_init(struct http_view *v)
{
    *v = (struct http_view){.until_ms = UINT64_MAX};
    arena_init(&v->words_arena, WORDS_CAP_BYTES);
    pool_init(&v->words_pool, &v->words_arena);
    arena_init(&v->scratch, HTTP_VIEW_SCRATCH_BYTES);
    return CS_SUCCESS;
}

static void record_free(struct http_record *r)
{
    page_retire(r->status_page);
    page_retire(r->sheet_page);
    free(r->body);
    free(r);
}

void http_view_release(struct http_view *v)
{
    for (size_t i = 0; i < v->count; i++) {
        record_free(v->record[i]);
    }
    page_retire(v->reviews);
    page_retire(v->incidents);
    page_retire(v->alarms);
    free(v->record);
    free(v->after);
    arena_release(&v->words_arena);
    arena_release(&v->scratch);
    *v = (struct http_view){.count = 0};
}

static struct http_record *find(const struct http_view *v, uint64_t id)
{
    size_t low = 0;
    size_t high = v->count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (v->record[mid]->id < id) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < v->count && v->record[low]->id == id ? v->record[low] : NULL;
}

struct http_record *http_view_find(const struct http_view *v, uint64_t id)
{
    struct http_record *r = find(v, id);
    return r != NULL && r->status_page != NULL ? r : NULL;
}

enum request_status http_view_after(const struct http_view *v, uint64_t index)
{
    return index < v->shown_count ? (enum request_status)v->after[index] : STATUS_NONE;
}

static CS_RESULT word(struct http_view *v, struct span text, const struct http_word **ret_word)
{
    const struct sha256 key = digest_sha256(text);
    struct http_word *w = map_get(&v->words, &key);
    if (w == NULL) {
        w = pool_alloc(&v->words_pool, sizeof(*w) + text.left);
        ENSURE(w != NULL, CS_E_NOMEM, "view.word");
        w->len = text.left;
        memcpy(w->p, text.p, text.left);
        TRY(map_put(&v->words, &v->words_pool, &key, w));
    }
    *ret_word = w;
    return CS_SUCCESS;
}

static CS_RESULT grow(void **items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) {
        return CS_SUCCESS;
    }
    const size_t more = *cap == 0 ? RECORDS_FIRST : *cap * 2;
    void *bigger = reallocarray(*items, more, size);
    ENSURE(bigger != NULL, CS_E_NOMEM, "view");
    *items = bigger;
    *cap = more;
    return CS_SUCCESS;
}

static CS_RESULT record_add(struct http_view *v, const struct state_request *q, struct http_record **ret_record)
{
    struct state_loaded l;

    TRY(grow((void **)&v->record, v->count, &v->cap, sizeof(struct http_record *)));
    TRY(state_load(q, &v->scratch, &l));
    struct http_record *r = calloc(1, sizeof(*r));
    ENSURE(r != NULL, CS_E_NOMEM, "view.record");
    r->id = q->index;
    r->kind = q->kind;
    if (l.deploy != NULL) {
        const struct cs_result e = word(v, l.deploy->environment, &r->environment);
        const struct cs_result s = word(v, l.deploy->service, &r->service);
        if (e.code != CS_OK || s.code != CS_OK) {
            free(r);
            return e.code != CS_OK ? e : s;
        }
    }
    v->record[v->count++] = r;
    *ret_record = r;
    return CS_SUCCESS;
}

/* ---- following ---- */

static CS_RESULT body_renew(struct http_view *v, const struct state *s, const struct state_request *q,
                            struct http_record *r)
{
    struct http_body b;
    TRY(http_body_read(s, q, s->time_ms > v->now_ms ? s->time_ms : v->now_ms, &v->scratch, &b));
    struct http_body *copy = http_body_copy(&b);
    ENSURE(copy != NULL, CS_E_NOMEM, "view.body");
    free(r->body);
    r->body = copy;
    v->until_ms = b.until_ms < v->until_ms ? b.until_ms : v->until_ms;
    return CS_SUCCESS;
}

static CS_RESULT pages_renew(const struct state_request *q, struct http_record *r)
{
    struct http_page *status = NULL;
    struct http_page *sheet = NULL;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);
    AUTO_WRITER x = wr_heap(HTTP_PAGE_MAX);

    TRY(http_status_write(q, r, r->body, &w));
    TRY(http_sheet_write(q, r, r->body, &x));
    TRY(page_make(wr_span(&w), &status));
    const struct cs_result made = page_make(wr_span(&x), &sheet);
    if (made.code != CS_OK) {
        http_page_drop(status);
        return made;
    }
    page_retire(r->status_page);
    page_retire(r->sheet_page);
    r->status_page = status;
    r->sheet_page = sheet;
    return CS_SUCCESS;
}

/* q was changed by entry `index`: keeps what only an open request can tell, and marks the record. */
static CS_RESULT touch(struct http_view *v, const struct state *s, const struct state_request *q, uint64_t index)
{
    struct http_record *r = find(v, q->index);
    if (r == NULL) {
        TRY(record_add(v, q, &r));
    }
    if (q->open != NULL) {
        TRY(body_renew(v, s, q, r));
    }
    ENSURE(r->body != NULL, CS_E_STATE, "view.body");
    r->pending_index = index;
    r->sheet_sha256 = r->body->sheet_sha256;
    if (!r->pending) {
        r->pending = true;
        r->next_pending = v->pending;
        v->pending = r;
    }
    return CS_SUCCESS;
}

static CS_RESULT show(struct http_view *v, const struct state_request *q, struct http_record *r)
{
    r->index = r->pending_index;
    r->status = http_seen(q, r->body);
    r->use_by_ms = q->use_by_ms;
    r->successor = q->successor;
    r->opened_ms = q->opened_ms;
    r->revision = q->revision;
    r->leaf_sha256 = q->leaf_sha256;
    TRY(pages_renew(q, r));
    if (v->touched != NULL) {
        v->touched(v->ctx, r);
    }
    return CS_SUCCESS;
}

static CS_RESULT show_reviews(struct http_view *v, const struct state *s)
{
    struct http_page *page = NULL;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);

    if (v->reviews != NULL && v->reviews_index == s->emergency_index) {
        return CS_SUCCESS;
    }
    TRY(http_reviews_write(s, &w));
    TRY(page_make(wr_span(&w), &page));
    page_retire(v->reviews);
    v->reviews = page;
    v->reviews_index = s->emergency_index;
    v->reviews_owed = 0;
    v->reviews_overdue = 0;
    for (size_t i = 0; i < s->emergency_count; i++) {
        const struct state_emergency *x = s->emergencies[i];
        v->reviews_owed += x->review_index == 0 ? 1U : 0U;
        v->reviews_overdue += x->review_index == 0 && x->overdue_index != 0 ? 1U : 0U;
    }
    return CS_SUCCESS;
}

static CS_RESULT show_incidents(struct http_view *v, const struct state *s)
{
    struct http_page *page = NULL;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);

    if (v->incidents != NULL && v->incidents_index == s->freeze_index) {
        return CS_SUCCESS;
    }
    TRY(http_incidents_write(s, &w));
    TRY(page_make(wr_span(&w), &page));
    page_retire(v->incidents);
    v->incidents = page;
    v->incidents_index = s->freeze_index;
    v->frozen = s->freeze_count;
    return CS_SUCCESS;
}

static CS_RESULT show_alarms(struct http_view *v, const struct state *s)
{
    struct http_page *page = NULL;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);

    if (v->alarms != NULL && v->alarms_index == s->alarm_index) {
        return CS_SUCCESS;
    }
    TRY(http_alarms_write(s, &w));
    TRY(page_make(wr_span(&w), &page));
    page_retire(v->alarms);
    v->alarms = page;
    v->alarms_index = s->alarm_index;
    v->alarm_count = s->alarm_count;
    return CS_SUCCESS;
}

CS_RESULT http_view_publish(struct http_view *v, const struct state *s)
{
    v->shown_count = v->after_count;
    TRY(show_reviews(v, s));
    TRY(show_incidents(v, s));
    TRY(show_alarms(v, s));
    while (v->pending != NULL) {
        struct http_record *r = v->pending;
        const struct state_request *q = state_request_find(s, r->id);
        v->pending = r->next_pending;
        r->next_pending = NULL;
        r->pending = false;
        ENSURE(q != NULL, CS_E_STATE, "view.request");
        TRY(show(v, q, r));
    }
    return CS_SUCCESS;
}

static bool same_body(const struct http_body *a, const struct http_body *b)
{
    return a->seen == b->seen && span_eq(a->sheet, b->sheet) && span_eq(a->seats, b->seats);
}

/* What became of an open request without an entry about it, if anything did. */
static CS_RESULT look_again(struct http_view *v, const struct state *s, const struct state_request *q, uint64_t index)
{
    const struct http_record *r = find(v, q->index);
    const uint64_t now_ms = s->time_ms > v->now_ms ? s->time_ms : v->now_ms;
    struct http_body b;

    arena_reset(&v->scratch);
    ENSURE(r != NULL && r->body != NULL, CS_E_STATE, "view.body");
    TRY(http_body_read(s, q, now_ms, &v->scratch, &b));
    if (!same_body(r->body, &b)) {
        return touch(v, s, q, index);
    }
    r->body->until_ms = b.until_ms;
    v->until_ms = b.until_ms < v->until_ms ? b.until_ms : v->until_ms;
    return CS_SUCCESS;
}

/* A new policy or roster may have changed what open requests need; anything else only what varies. */
static CS_RESULT touch_live(struct http_view *v, const struct state *s, uint64_t index, bool all)
{
    for (size_t i = 0; i < s->live_count; i++) {
        const struct http_record *r = find(v, s->live[i]->index);
        if (all || (r != NULL && r->body != NULL && r->body->varies)) {
            TRY(look_again(v, s, s->live[i], index));
        }
    }
    return CS_SUCCESS;
}

CS_RESULT http_view_turn(struct http_view *v, const struct state *s, uint64_t now_ms)
{
    v->now_ms = now_ms > v->now_ms ? now_ms : v->now_ms;
    if (v->now_ms < v->until_ms) {
        return CS_SUCCESS;
    }
    v->until_ms = UINT64_MAX;
    for (size_t i = 0; i < s->live_count; i++) {
        const struct http_record *r = find(v, s->live[i]->index);
        if (r == NULL || r->body == NULL) {
            continue;
        }
        if (r->body->until_ms <= v->now_ms) {
            TRY(look_again(v, s, s->live[i], r->pending ? r->pending_index : r->index));
        } else {
            v->until_ms = r->body->until_ms < v->until_ms ? r->body->until_ms : v->until_ms;
        }
    }
    return CS_SUCCESS;
}

/* Does it change who may sign, and so every open request? */
static bool reaches_all(const struct state *s, const struct entry *e)
{
    const bool people = e->type == ENTRY_ROSTER || e->type == ENTRY_LAPSE || e->type == ENTRY_DIRECTORY;
    return e->type == ENTRY_POLICY || (people && s->roster_index == e->seq);
}

/* May what this entry says change open requests that it is not about? */
static bool reaches_others(enum entry_type t)
{
    return t == ENTRY_REDEEM || t == ENTRY_OUTCOME || t == ENTRY_EMERGENCY || t == ENTRY_FREEZE || t == ENTRY_THAW;
}

/* Beside the deployment: the emergency itself, and the voucher that it used up. */
static CS_RESULT touch_granted(struct http_view *v, const struct state *s, const struct emergency_grant *g,
                               uint64_t index)
{
    const uint64_t also[] = {g->request, g->voucher};
    for (size_t i = 0; i < (g->has_voucher ? 2U : 1U); i++) {
        const struct state_request *q = state_request_find(s, also[i]);
        TRY(q != NULL ? touch(v, s, q, index) : CS_SUCCESS);
    }
    return CS_SUCCESS;
}

static CS_RESULT touch_by_entry(struct http_view *v, const struct state *s, const struct entry *e,
                                const struct entry_body *b)
{
    const uint64_t seq = e->seq;
    const uint64_t id = http_event_request(e, b);
    const struct state_request *q = id == UINT64_MAX ? NULL : state_request_find(s, id);
    if (q == NULL) {
        return CS_SUCCESS;
    }
    TRY(touch(v, s, q, seq));
    if (b->type == ENTRY_REQUEST && b->request.revises_set) {
        const struct state_request *old = state_request_find(s, b->request.revises);
        TRY(old == NULL ? CS_SUCCESS : touch(v, s, old, seq));
    }
    if (b->type == ENTRY_EMERGENCY) {
        TRY(touch_granted(v, s, &b->emergency, seq));
    }
    if (b->type == ENTRY_WAIVER) { /* beside the deployment: the waiver itself */
        const struct state_request *waiver = state_request_find(s, b->waiver.request);
        TRY(waiver != NULL ? touch(v, s, waiver, seq) : CS_SUCCESS);
    }
    v->after[seq] = (uint8_t)q->status;
    struct http_record *r = find(v, id);
    if (r != NULL && q->status == STATUS_REDEEMED) {
        r->redeem_index = seq;
    }
    return CS_SUCCESS;
}

CS_RESULT http_view_apply(struct http_view *v, const struct state *s, const struct entry *e)
{
    struct entry_body b;

    ENSURE(e->seq == v->after_count, CS_E_ORDER, "view.seq");
    arena_reset(&v->scratch);
    TRY(model_body_decode(e, &v->scratch, &b));
    TRY(grow((void **)&v->after, v->after_count, &v->after_cap, sizeof(*v->after)));
    v->after[e->seq] = 0;
    v->after_count++;
    TRY(touch_by_entry(v, s, e, &b));
    if (reaches_all(s, e)) {
        TRY(touch_live(v, s, e->seq, true));
    } else if (reaches_others(e->type)) {
        TRY(touch_live(v, s, e->seq, false));
    }
    return CS_SUCCESS;
}

/* ---- lists ---- */

static bool word_is(const struct http_word *w, struct span text)
{
    return text.left == 0 || (w != NULL && span_eq(span_make(w->p, w->len), text));
}

static bool listed(const struct http_record *r, const struct http_list *l)
{
    return (l->status == STATUS_NONE || r->status == l->status) && word_is(r->environment, l->environment) &&
           word_is(r->service, l->service);
}

CS_RESULT http_view_list(const struct http_view *v, const struct http_list *l, struct writer *w)
{
    struct json_out o = json_out_make(w);
    size_t at = v->count;
    uint64_t found = 0;

    while (at > 0 && v->record[at - 1]->id >= l->before) {
        at--;
    }
    json_put_object(&o, NULL);
    json_put_array(&o, "items");
    for (size_t seen = 0; at > 0 && found < l->limit && seen < HTTP_LIST_SCAN; seen++) {
        const struct http_record *r = v->record[--at];
        if (r->status_page != NULL && listed(r, l)) {
            json_put_raw(&o, NULL, span_make(r->status_page->bytes, r->status_page->len));
            found++;
        }
    }
    json_put_close(&o);
    if (at > 0) {
        uint8_t next[HTTP_TAG_MAX];
        struct writer n = wr_fixed(next, sizeof(next));
        wr_dec(&n, v->record[at]->id);
        json_put_str(&o, "next", wr_span(&n));
    }
    json_put_close(&o);
    return json_out_end(&o, "list");
}
