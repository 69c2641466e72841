/* SPDX-License-Identifier: Apache-2.0 */
/* What a deployment may go back to by the signatures that it has: the member `rollback` of its content. */
#include "model/model_rollback.h"

#include <stddef.h>

#include "base/base_text.h"
#include "model/model_take.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define AT(member) offsetof(struct deploy_rollback, member)

static void take_artifacts(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_rollback *r = into;
    r->artifact_count = walk_artifacts(w, v, m, r->artifacts);
}

static void take_config(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_digest(w, v, m, into);
    ((struct deploy_rollback *)into)->has_config = true;
}

static void take_plan(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_digest(w, v, m, into);
    ((struct deploy_rollback *)into)->has_plan = true;
}

/* False if it is there already. */
static bool insert(struct span *items, size_t count, struct span added)
{
    size_t i = count;
    while (i > 0 && span_cmp(items[i - 1], added) > 0) {
        i--;
    }
    const bool fresh = i == 0 || !span_eq(items[i - 1], added);
    memmove(&items[i + 1], &items[i], (count - i) * sizeof(*items));
    items[i] = added;
    return fresh;
}

static void take_triggers(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_rollback *r = into;
    size_t index = 0;

    if (!walk_array_fits(w, v, m)) {
        return;
    }
    for (const struct json_value *item = v->child; item != NULL; item = item->next) {
        const size_t mark = walk_enter_item(w, index++);
        if (item->kind != JSON_STRING || text_id_check(item->text, MODEL_ID_MAX, m->name).code != CS_OK) {
            walk_fault(w, item->kind != JSON_STRING ? CS_E_TYPE : CS_E_SYNTAX, m->hint);
        } else if (!insert(r->triggers, r->trigger_count++, item->text)) {
            walk_fault(w, CS_E_DUPLICATE, "Name each trigger once.");
        }
        walk_leave(w, mark);
    }
}

static const struct walk_member members[] = {
    {"artifacts", true, take_artifacts, 0, 1, MODEL_ARTIFACTS_MAX,
     "Send what ran there before: 1 to 15 artifacts, each an object with name and sha256."},
    {"config_sha256", false, take_config, AT(config_sha256), 0, 0,
     "Send the SHA-256 of the configuration to go back to as 64 lower-case hex digits."},
    {"plan_sha256", false, take_plan, AT(plan_sha256), 0, 0,
     "Send the SHA-256 of the plan that goes back as 64 lower-case hex digits."},
    {"triggers", true, take_triggers, 0, 1, MODEL_TRIGGERS_MAX,
     "Send the names of what lets it be used, such as error_rate: 1 to 16 distinct identifiers of at most 64 bytes."},
};

const struct deploy_rollback *model_rollback_walk(struct walk *w, const struct json_value *v,
                                                  const struct walk_member *m)
{
    struct deploy_rollback *r = arena_alloc(w->arena, sizeof(*r));

    w->no_room = w->no_room || r == NULL;
    if (r == NULL || !walk_is(w, v, JSON_OBJECT, m->hint)) {
        return NULL;
    }
    walk_object(w, v, members, COUNT(members), r);
    return r;
}

static bool same_items(const struct deploy_content *c)
{
    const struct deploy_rollback *r = c->rollback;
    bool same = r->artifact_count == c->artifact_count;

    for (size_t i = 0; same && i < c->artifact_count; i++) {
        same = span_eq(r->artifacts[i].name, c->artifacts[i].name) &&
               sha256_eq(&r->artifacts[i].sha256, &c->artifacts[i].sha256);
    }
    return same;
}

/* A statement names what it goes back to under this prefix, beside the artifacts. */
static bool names_fit(const struct deploy_content *c)
{
    const struct span prefix = SPAN_LIT(MODEL_ROLLBACK_PREFIX);

    for (size_t i = 0; i < c->rollback->artifact_count; i++) {
        if (c->rollback->artifacts[i].name.left > MODEL_NAME_MAX - prefix.left) {
            return false;
        }
    }
    for (size_t i = 0; i < c->artifact_count; i++) {
        if (span_starts(c->artifacts[i].name, prefix)) {
            return false;
        }
    }
    return true;
}

void model_rollback_fits(struct walk *w, const struct deploy_content *c)
{
    if (c->rollback == NULL) {
        return;
    }
    const size_t mark = walk_enter(w, SPAN_LIT("rollback"));
    if (c->artifact_count + c->rollback->artifact_count > MODEL_ARTIFACTS_MAX) {
        walk_fault(w, CS_E_RANGE, "Send at most 16 artifacts together with those that are deployed.");
    } else if (same_items(c)) {
        walk_fault(w, CS_E_DUPLICATE, "Send what ran before: going back to what is deployed undoes nothing.");
    } else if (!names_fit(c)) {
        walk_fault(w, CS_E_RANGE,
                   "Send names of at most 247 bytes, and none of an artifact that begins with rollback/.");
    }
    walk_leave(w, mark);
}

void model_rollback_put(struct json_out *o, const struct deploy_rollback *r)
{
    if (r == NULL) {
        return;
    }
    json_put_object(o, "rollback");
    model_put_digests(o, "artifacts", r->artifacts, r->artifact_count);
    model_put_digest_if(o, "config_sha256", r->has_config, &r->config_sha256);
    model_put_digest_if(o, "plan_sha256", r->has_plan, &r->plan_sha256);
    model_put_set(o, "triggers", r->triggers, r->trigger_count);
    json_put_close(o);
}
