/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_people.h"

#include "model/model_take.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

/* Left out: anywhere, anything. */
static CS_RESULT take_scope_if(struct json_in *in, const char *what, struct span **ret_items, size_t *ret_count)
{
    const struct model_set names = {.min = 1, .max = MODEL_SCOPE_MAX, .id_max = MODEL_ID_MAX};
    return json_next_is(in, what) ? model_take_set_arena(in, what, names, ret_items, ret_count) : CS_SUCCESS;
}

static CS_RESULT take_whole(struct json_in *in, struct delegate_content *c)
{
    TRY(json_get_id(in, "content.role", MODEL_ID_MAX, &c->role));
    TRY(take_scope_if(in, "content.services", &c->services, &c->service_count));
    TRY(json_get_id(in, "content.to", MODEL_ID_MAX, &c->to));
    TRY(json_get_time(in, "content.until", &c->until_ms));
    ENSURE(c->from_ms < c->until_ms, CS_E_RANGE, "content.until");
    return CS_SUCCESS;
}

CS_RESULT model_delegate_content_decode(struct span content, struct arena *arena, struct delegate_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct delegate_content c = {0};

    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_open(&in, "content"));
    TRY(take_scope_if(&in, "content.environments", &c.environments, &c.environment_count));
    const bool whole = c.environment_count > 0 || json_next_is(&in, "content.from");
    if (whole) {
        TRY(json_get_time(&in, "content.from", &c.from_ms));
    }
    TRY(json_get_id(&in, "content.initiator", MODEL_ID_MAX, &c.initiator));
    TRY(model_take_text(&in, "content.reason", 1, MODEL_FIELD_MAX, &c.reason));
    if (whole) {
        TRY(take_whole(&in, &c));
    } else {
        c.revokes_set = true;
        TRY(json_get_uint(&in, "content.revokes", INDEX_MAX, &c.revokes));
    }
    TRY(json_close(&in, "content"));
    TRY(json_end(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_delegate_content_encode(const struct delegate_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    if (c->environment_count > 0) {
        model_put_set(&o, "environments", c->environments, c->environment_count);
    }
    if (!c->revokes_set) {
        json_put_time(&o, "from", c->from_ms);
    }
    json_put_str(&o, "initiator", c->initiator);
    json_put_str(&o, "reason", c->reason);
    if (c->revokes_set) {
        json_put_uint(&o, "revokes", c->revokes);
    } else {
        json_put_str(&o, "role", c->role);
        if (c->service_count > 0) {
            model_put_set(&o, "services", c->services, c->service_count);
        }
        json_put_str(&o, "to", c->to);
        json_put_time(&o, "until", c->until_ms);
    }
    json_put_close(&o);
    return json_out_end(&o, "content");
}

/* --- access reviews --- */

static CS_RESULT take_entitlement(struct json_in *in, struct entitlement *e)
{
    const struct model_set roles = {.min = 1, .max = MODEL_ROLES_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_item_object(in, "content.entitlements"));
    TRY(json_get_id(in, "entitlement.person", MODEL_ID_MAX, &e->person));
    TRY(model_take_set(in, "entitlement.roles", roles, e->roles, &e->role_count));
    return json_close(in, "content.entitlements");
}

static CS_RESULT take_entitlements(struct json_in *in, struct access_review_content *c)
{
    TRY(json_get_array(in, "content.entitlements"));
    TRY(model_count_items(in, "content.entitlements", &c->count));
    ENSURE(c->count >= 1 && c->count <= MODEL_ENTITLEMENTS_MAX, CS_E_RANGE, "content.entitlements");
    c->item = arena_array(in->arena, c->count, sizeof(*c->item));
    ENSURE(c->item != NULL, CS_E_NOMEM, "content.entitlements");
    for (size_t i = 0; i < c->count; i++) {
        TRY(take_entitlement(in, &c->item[i]));
        const int order = i > 0 ? span_cmp(c->item[i - 1].person, c->item[i].person) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "entitlement.person");
    }
    return json_close_array(in, "content.entitlements");
}

CS_RESULT model_access_review_content_decode(struct span content, struct arena *arena,
                                             struct access_review_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct access_review_content c = {0};

    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_open(&in, "content"));
    TRY(take_entitlements(&in, &c));
    TRY(json_get_id(&in, "content.initiator", MODEL_ACCOUNT_MAX, &c.initiator));
    TRY(model_take_text(&in, "content.reason", 1, MODEL_FIELD_MAX, &c.reason));
    TRY(json_close(&in, "content"));
    TRY(json_end(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_access_review_content_encode(const struct access_review_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "entitlements");
    for (size_t i = 0; i < c->count; i++) {
        json_put_object(&o, NULL);
        json_put_str(&o, "person", c->item[i].person);
        model_put_set(&o, "roles", c->item[i].roles, c->item[i].role_count);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_str(&o, "initiator", c->initiator);
    json_put_str(&o, "reason", c->reason);
    json_put_close(&o);
    return json_out_end(&o, "content");
}

/* --- lapses --- */

static CS_RESULT take_lapsed(struct json_in *in, struct lapsed *x)
{
    struct span cause = SPAN_NONE;

    TRY(json_item_object(in, "lapse.entitlements"));
    TRY(json_get_str(in, "lapsed.cause", MODEL_ID_MAX, &cause));
    x->unused = span_is(cause, "unused");
    x->unlisted = span_is(cause, "unlisted");
    ENSURE(x->unused || x->unlisted || span_is(cause, "unreviewed"), CS_E_UNKNOWN, "lapsed.cause");
    TRY(json_get_id(in, "lapsed.person", MODEL_ID_MAX, &x->person));
    TRY(json_get_id(in, "lapsed.role", MODEL_ID_MAX, &x->role));
    return json_close(in, "lapse.entitlements");
}

static int lapsed_cmp(const struct lapsed *a, const struct lapsed *b)
{
    const int c = span_cmp(a->person, b->person);
    return c != 0 ? c : span_cmp(a->role, b->role);
}

CS_RESULT model_lapse_decode(struct span body, struct arena *arena, struct lapse *ret_lapse)
{
    struct json_in in = json_in_make(body, arena);
    struct lapse x = {.count = 0};

    TRY(json_open(&in, "lapse"));
    TRY(json_get_array(&in, "lapse.entitlements"));
    while (json_more(&in)) {
        ENSURE(x.count < MODEL_LAPSED_MAX, CS_E_RANGE, "lapse.entitlements");
        TRY(take_lapsed(&in, &x.item[x.count]));
        const int order = x.count > 0 ? lapsed_cmp(&x.item[x.count - 1], &x.item[x.count]) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "lapse.entitlements");
        x.count++;
    }
    TRY(json_close_array(&in, "lapse.entitlements"));
    ENSURE(x.count >= 1, CS_E_RANGE, "lapse.entitlements");
    TRY(json_get_uint(&in, "lapse.prev", INDEX_MAX, &x.prev));
    TRY(json_close(&in, "lapse"));
    TRY(json_end(&in, "lapse"));
    *ret_lapse = x;
    return CS_SUCCESS;
}

static const char *cause_of(const struct lapsed *x)
{
    return x->unlisted ? "unlisted" : (x->unused ? "unused" : "unreviewed");
}

CS_RESULT model_lapse_encode(const struct lapse *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "entitlements");
    for (size_t i = 0; i < x->count; i++) {
        json_put_object(&o, NULL);
        json_put_text(&o, "cause", cause_of(&x->item[i]));
        json_put_str(&o, "person", x->item[i].person);
        json_put_str(&o, "role", x->item[i].role);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_uint(&o, "prev", x->prev);
    json_put_close(&o);
    return json_out_end(&o, "lapse");
}

/* --- alarms --- */

static CS_RESULT take_alarm(struct json_in *in, struct alarm *a)
{
    TRY(json_item_object(in, "alarm.alarms"));
    TRY(json_get_id(in, "alarm.code", MODEL_ID_MAX, &a->code));
    TRY(json_get_id(in, "alarm.role", MODEL_ID_MAX, &a->role));
    TRY(json_get_id(in, "alarm.subject", MODEL_ID_MAX, &a->subject));
    return json_close(in, "alarm.alarms");
}

static int alarm_cmp(const struct alarm *a, const struct alarm *b)
{
    int c = span_cmp(a->code, b->code);
    c = c != 0 ? c : span_cmp(a->subject, b->subject);
    return c != 0 ? c : span_cmp(a->role, b->role);
}

CS_RESULT model_alarm_decode(struct span body, struct arena *arena, struct alarms *ret_alarms)
{
    struct json_in in = json_in_make(body, arena);
    struct alarms x = {.count = 0};

    TRY(json_open(&in, "alarm"));
    TRY(json_get_array(&in, "alarm.alarms"));
    while (json_more(&in)) {
        ENSURE(x.count < MODEL_ALARMS_MAX, CS_E_RANGE, "alarm.alarms");
        TRY(take_alarm(&in, &x.item[x.count]));
        const int order = x.count > 0 ? alarm_cmp(&x.item[x.count - 1], &x.item[x.count]) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "alarm.alarms");
        x.count++;
    }
    TRY(json_close_array(&in, "alarm.alarms"));
    TRY(json_close(&in, "alarm"));
    TRY(json_end(&in, "alarm"));
    *ret_alarms = x;
    return CS_SUCCESS;
}

CS_RESULT model_alarm_encode(const struct alarms *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "alarms");
    for (size_t i = 0; i < x->count; i++) {
        json_put_object(&o, NULL);
        json_put_str(&o, "code", x->item[i].code);
        json_put_str(&o, "role", x->item[i].role);
        json_put_str(&o, "subject", x->item[i].subject);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_close(&o);
    return json_out_end(&o, "alarm");
}
