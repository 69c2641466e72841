/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_freeze.h"

#include <stddef.h>

#include "base/base_text.h"
#include "model/model_take.h"
#include "model/model_walk.h"

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

/* --- freeze --- */

static CS_RESULT take_set_if(struct json_in *in, const char *what, size_t id_max, struct span **ret_items,
                             size_t *ret_count)
{
    const struct model_set set = {.min = 1, .max = MODEL_FROZEN_MAX, .id_max = id_max};
    return json_next_is(in, what) ? model_take_set_arena(in, what, set, ret_items, ret_count) : CS_SUCCESS;
}

static CS_RESULT decode(struct span text, struct arena *arena, bool entry, struct freeze *ret_freeze)
{
    const struct model_set environments = {.min = 1, .max = MODEL_FROZEN_MAX, .id_max = MODEL_ID_MAX};
    struct json_in in = json_in_make(text, arena);
    struct freeze f = {0};

    TRY(json_open(&in, "freeze"));
    TRY(model_take_set_arena(&in, "freeze.environments", environments, &f.environments, &f.environment_count));
    TRY(json_get_id(&in, "freeze.incident", MODEL_ACCOUNT_MAX, &f.incident));
    if (entry) {
        TRY(json_get_uint(&in, "freeze.prev", INDEX_MAX, &f.prev));
    }
    TRY(take_set_if(&in, "freeze.responders", MODEL_ACCOUNT_MAX, &f.responders, &f.responder_count));
    TRY(take_set_if(&in, "freeze.services", MODEL_ID_MAX, &f.services, &f.service_count));
    TRY(finish(&in, "freeze"));
    *ret_freeze = f;
    return CS_SUCCESS;
}

static CS_RESULT encode(const struct freeze *f, bool entry, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_put_set(&o, "environments", f->environments, f->environment_count);
    json_put_str(&o, "incident", f->incident);
    if (entry) {
        json_put_uint(&o, "prev", f->prev);
    }
    if (f->responder_count > 0) {
        model_put_set(&o, "responders", f->responders, f->responder_count);
    }
    if (f->service_count > 0) {
        model_put_set(&o, "services", f->services, f->service_count);
    }
    return finish_out(&o, "freeze");
}

CS_RESULT model_freeze_decode(struct span body, struct arena *arena, struct freeze *ret_freeze)
{
    return decode(body, arena, true, ret_freeze);
}

CS_RESULT model_freeze_encode(const struct freeze *f, struct writer *w)
{
    return encode(f, true, w);
}

CS_RESULT model_freeze_content_decode(struct span content, struct arena *arena, struct freeze *ret_freeze)
{
    return decode(content, arena, false, ret_freeze);
}

CS_RESULT model_freeze_content_encode(const struct freeze *f, struct writer *w)
{
    return encode(f, false, w);
}

/* --- as clients send it --- */

static void take_environments(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct freeze *f = into;
    f->environment_count = walk_ids(w, v, m, MODEL_ID_MAX, &f->environments);
}

static void take_responders(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct freeze *f = into;
    f->responder_count = walk_ids(w, v, m, MODEL_ACCOUNT_MAX, &f->responders);
}

static void take_services(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct freeze *f = into;
    f->service_count = walk_ids(w, v, m, MODEL_ID_MAX, &f->services);
}

static const struct walk_member members[] = {
    {"environments", true, take_environments, 0, 1, MODEL_FROZEN_MAX,
     "Send 1 to 64 environments of the policy, each once."},
    {"incident", true, walk_id, offsetof(struct freeze, incident), 1, MODEL_ACCOUNT_MAX,
     "Send the incident's number: letters, digits and ._@+:/- only, at most 128 bytes."},
    {"responders", false, take_responders, 0, 1, MODEL_FROZEN_MAX,
     "Send the accounts of 1 to 64 people who may remediate, each once, or leave it out: then nobody may yet."},
    {"services", false, take_services, 0, 1, MODEL_FROZEN_MAX,
     "Send 1 to 64 services, each once, or leave it out: then all of them are frozen."},
};

CS_RESULT model_freeze_from_body(struct span body, struct arena *arena, struct freeze *ret_freeze,
                                 struct content_faults *ret_faults)
{
    struct walk w = walk_make(arena, ret_faults);
    struct freeze f = {0};

    TRY(walk_document(body, &w, members, sizeof(members) / sizeof(members[0]), &f));
    ENSURE(ret_faults->count == 0, CS_E_REFUSED, "freeze");
    *ret_freeze = f;
    return CS_SUCCESS;
}

/* --- thaw --- */

CS_RESULT model_thaw_content_decode(struct span content, struct arena *arena, struct thaw_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct thaw_content c = {0};

    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_open(&in, "content"));
    TRY(json_get_uint(&in, "content.freeze", INDEX_MAX, &c.freeze));
    TRY(json_get_id(&in, "content.initiator", MODEL_ID_MAX, &c.initiator));
    TRY(model_take_text(&in, "content.reason", 1, MODEL_FIELD_MAX, &c.reason));
    TRY(finish(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_thaw_content_encode(const struct thaw_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "freeze", c->freeze);
    json_put_str(&o, "initiator", c->initiator);
    json_put_str(&o, "reason", c->reason);
    return finish_out(&o, "content");
}

CS_RESULT model_thaw_decode(struct span body, struct arena *arena, struct thaw *ret_thaw)
{
    struct json_in in = json_in_make(body, arena);
    struct thaw x = {0};

    TRY(json_open(&in, "thaw"));
    TRY(json_get_uint(&in, "thaw.freeze", INDEX_MAX, &x.freeze));
    TRY(json_get_uint(&in, "thaw.prev", INDEX_MAX, &x.prev));
    TRY(json_get_uint(&in, "thaw.request", INDEX_MAX, &x.request));
    TRY(finish(&in, "thaw"));
    *ret_thaw = x;
    return CS_SUCCESS;
}

CS_RESULT model_thaw_encode(const struct thaw *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "freeze", x->freeze);
    json_put_uint(&o, "prev", x->prev);
    json_put_uint(&o, "request", x->request);
    return finish_out(&o, "thaw");
}
