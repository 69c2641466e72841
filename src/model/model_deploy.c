/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/base_text.h"
#include "model/model_rollback.h"
#include "model/model_source.h"
#include "model/model_take.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a body says: the content, and what it asks for beside it. */
struct deploy_body {
    struct deploy_content content;
    bool revises_set;
    uint64_t revises;
};

#define AT(member) offsetof(struct deploy_body, member)

static void take_artifacts(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_content *c = &((struct deploy_body *)into)->content;
    c->artifact_count = walk_artifacts(w, v, m, c->artifacts);
}

/* The canonical spelling of an integer or boolean, as text. */
static void bare_value(struct walk *w, const struct json_value *v, struct text_pair *pair)
{
    enum { BARE_MAX = 24 };
    uint8_t *p = arena_alloc(w->arena, BARE_MAX);
    struct writer text = wr_fixed(p, p != NULL ? (size_t)BARE_MAX : 0);
    struct json_out o = json_out_make(&text);

    json_tree_write(v, &o, NULL);
    w->no_room = w->no_room || p == NULL;
    pair->value = wr_span(&text);
    pair->bare = true;
}

static void take_attribute(struct walk *w, const struct json_value *v, const struct walk_member *m,
                           struct text_pair *pair)
{
    pair->key = v->key;
    if (v->kind == JSON_INT || v->kind == JSON_BOOL) {
        bare_value(w, v, pair);
        return;
    }
    const struct walk_member text = {m->name,
                                     false,
                                     walk_text,
                                     offsetof(struct text_pair, value),
                                     1,
                                     MODEL_TITLE_MAX,
                                     "Send a text of 1 to 200 characters, an integer or a boolean."};
    walk_text(w, v, &text, pair);
}

static void take_doc(struct walk *w, const struct json_value *v, const struct walk_member *m, struct text_pair *pair)
{
    const struct walk_member text = {m->name,
                                     false,
                                     walk_text,
                                     offsetof(struct text_pair, value),
                                     1,
                                     MODEL_FIELD_MAX,
                                     "Send a text of 1 to 4000 characters, or leave it out."};
    pair->key = v->key;
    walk_text(w, v, &text, pair);
}

/* Members with free keys, which the tree has sorted. */
static size_t take_pairs(struct walk *w, const struct json_value *v, const struct walk_member *m,
                         void (*take)(struct walk *, const struct json_value *, const struct walk_member *,
                                      struct text_pair *),
                         struct text_pair *pairs)
{
    size_t n = 0;

    if (!walk_is(w, v, JSON_OBJECT, m->hint)) {
        return 0;
    }
    if (v->count > m->max) {
        walk_fault(w, CS_E_RANGE, m->hint);
        return 0;
    }
    for (const struct json_value *child = v->child; child != NULL; child = child->next) {
        const size_t mark = walk_enter(w, child->key);
        take(w, child, m, &pairs[n++]);
        walk_leave(w, mark);
    }
    return n;
}

static void take_attributes(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_content *c = &((struct deploy_body *)into)->content;
    c->attribute_count = take_pairs(w, v, m, take_attribute, c->attributes);
}

static void take_documentation(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_content *c = &((struct deploy_body *)into)->content;
    c->documentation_count = take_pairs(w, v, m, take_doc, c->documentation);
}

static void take_config(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_digest(w, v, m, into);
    ((struct deploy_body *)into)->content.has_config = true;
}

static void take_plan(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_digest(w, v, m, into);
    ((struct deploy_body *)into)->content.has_plan = true;
}

static void take_remediates(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_content *c = &((struct deploy_body *)into)->content;
    struct span *incidents = NULL;
    const size_t n = walk_ids(w, v, m, MODEL_ACCOUNT_MAX, &incidents);

    if (incidents != NULL) {
        memcpy(c->remediates, incidents, n * sizeof(*incidents));
        c->remediates_count = n;
    }
}

static void take_revises(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_count(w, v, m, into);
    ((struct deploy_body *)into)->revises_set = true;
}

#define COUNT_HINT "Send a whole number, 0 or more."

static const struct walk_member evidence_members[] = {
    {"failed", true, walk_count, offsetof(struct evidence_item, failed), 0, 0, COUNT_HINT},
    {"kind", true, walk_id, offsetof(struct evidence_item, kind), 1, MODEL_ID_MAX,
     "Send the kind of evidence, such as junit: an identifier of at most 64 bytes."},
    {"name", true, walk_text, offsetof(struct evidence_item, name), 1, MODEL_TITLE_MAX,
     "Send the evidence's name: 1 to 200 characters."},
    {"passed", true, walk_count, offsetof(struct evidence_item, passed), 0, 0, COUNT_HINT},
    {"sha256", true, walk_digest, offsetof(struct evidence_item, sha256), 0, 0,
     "Send the SHA-256 of the report as 64 lower-case hex digits."},
    {"size", true, walk_count, offsetof(struct evidence_item, size_bytes), 0, 0, "Send the report's size in bytes."},
    {"skipped", true, walk_count, offsetof(struct evidence_item, skipped), 0, 0, COUNT_HINT},
};

static bool evidence_is_new(const struct evidence_item *items, size_t count)
{
    const struct evidence_item *added = &items[count];
    size_t i = 0;
    while (i < count && !(span_eq(items[i].kind, added->kind) && span_eq(items[i].name, added->name))) {
        i++;
    }
    return i == count;
}

static void take_evidence(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_content *c = &((struct deploy_body *)into)->content;

    if (!walk_array_fits(w, v, m)) {
        return;
    }
    for (const struct json_value *item = v->child; item != NULL; item = item->next) {
        const size_t mark = walk_enter_item(w, c->evidence_count);
        struct evidence_item *e = &c->evidence[c->evidence_count];
        if (walk_is(w, item, JSON_OBJECT, m->hint)) {
            walk_object(w, item, evidence_members, COUNT(evidence_members), e);
        }
        if (e->name.left > 0 && !evidence_is_new(c->evidence, c->evidence_count)) {
            walk_fault(w, CS_E_DUPLICATE, "Send one item for each kind and name.");
        }
        c->evidence_count++;
        walk_leave(w, mark);
    }
}

static void take_source(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    model_source_walk(w, v, m, &((struct deploy_body *)into)->content.source);
}

static void take_rollback(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct deploy_content *c = &((struct deploy_body *)into)->content;
    c->rollback = model_rollback_walk(w, v, m);
}

static const struct walk_member body_members[] = {
    {"artifacts", true, take_artifacts, 0, 1, MODEL_ARTIFACTS_MAX,
     "Send 1 to 16 artifacts, each an object with name and sha256."},
    {"attributes", false, take_attributes, 0, 0, MODEL_ATTRIBUTES_MAX,
     "Send an object of at most 32 texts, integers and booleans."},
    {"change_type", true, walk_id, AT(content.change_type), 1, MODEL_ID_MAX,
     "Send one of the policy's change types, such as normal."},
    {"config_sha256", false, take_config, AT(content.config_sha256), 0, 0,
     "Send the SHA-256 of the configuration as 64 lower-case hex digits."},
    {"documentation", false, take_documentation, 0, 0, MODEL_DOCS_MAX, "Send an object of at most 16 texts."},
    {"environment", true, walk_id, AT(content.environment), 1, MODEL_ID_MAX,
     "Send one of the policy's environments, such as production."},
    {"evidence", false, take_evidence, 0, 0, MODEL_EVIDENCE_MAX,
     "Send at most 16 objects with failed, kind, name, passed, sha256, size and skipped."},
    {"initiator", true, walk_id, AT(content.initiator), 1, MODEL_ACCOUNT_MAX,
     "Send the account of who asks: letters, digits and ._@+:/- only, at most 128 bytes."},
    {"plan_sha256", false, take_plan, AT(content.plan_sha256), 0, 0,
     "Send the SHA-256 of the plan as 64 lower-case hex digits."},
    {"remediates", false, take_remediates, 0, 1, MODEL_REMEDIATES_MAX,
     "Send the numbers of 1 to 8 incidents that this puts right, each once, or leave it out."},
    {"revises", false, take_revises, AT(revises), 0, 0, "Send the number of the request that this one replaces."},
    {"rollback", false, take_rollback, 0, 0, 0,
     "Send an object with artifacts and triggers: what it goes back to, and when."},
    {"service", true, walk_id, AT(content.service), 1, MODEL_ID_MAX,
     "Send the service's name: letters, digits and ._@+:/- only, at most 64 bytes."},
    {"source", false, take_source, 0, 0, 0, "Send an object that names repository, ref, commit and authors."},
    {"ticket", false, walk_id, AT(content.ticket), 1, MODEL_ACCOUNT_MAX,
     "Send the ticket's number: letters, digits and ._@+:/- only, at most 128 bytes."},
    {"ticket_state", false, walk_id, AT(content.ticket_state), 1, MODEL_ID_MAX,
     "Send the state that the ticket is in, such as implement: an identifier of at most 64 bytes."},
    {"ticket_system", false, walk_id, AT(content.ticket_system), 1, MODEL_ID_MAX,
     "Send the system that has the ticket, such as servicenow: an identifier of at most 64 bytes."},
    {"title", true, walk_text, AT(content.title), 1, MODEL_TITLE_MAX,
     "Send one line that says what changes: 1 to 200 characters."},
    {"trigger", false, walk_id, AT(content.trigger), 1, MODEL_ACCOUNT_MAX,
     "Send the account of who started the pipeline, at most 128 bytes, or leave it out."},
};

static void put_pairs(struct json_out *o, const char *key, const struct text_pair *pairs, size_t count)
{
    if (count == 0) {
        return;
    }
    json_put_object(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_key(o, pairs[i].key);
        if (pairs[i].bare) {
            json_put_raw(o, NULL, pairs[i].value);
        } else {
            json_put_str(o, NULL, pairs[i].value);
        }
    }
    json_put_close(o);
}

static void put_evidence(struct json_out *o, const struct deploy_content *c)
{
    if (c->evidence_count == 0) {
        return;
    }
    json_put_array(o, "evidence");
    for (size_t i = 0; i < c->evidence_count; i++) {
        const struct evidence_item *e = &c->evidence[i];
        json_put_object(o, NULL);
        json_put_uint(o, "failed", e->failed);
        json_put_str(o, "kind", e->kind);
        json_put_str(o, "name", e->name);
        json_put_uint(o, "passed", e->passed);
        json_put_hex(o, "sha256", sha256_span(&e->sha256));
        json_put_uint(o, "size", e->size_bytes);
        json_put_uint(o, "skipped", e->skipped);
        json_put_close(o);
    }
    json_put_close(o);
}

static void put_if(struct json_out *o, const char *key, struct span text)
{
    if (text.left > 0) {
        json_put_str(o, key, text);
    }
}

CS_RESULT model_deploy_encode(const struct deploy_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);
    const size_t start = w->len;

    json_put_object(&o, NULL);
    model_put_digests(&o, "artifacts", c->artifacts, c->artifact_count);
    put_pairs(&o, "attributes", c->attributes, c->attribute_count);
    json_put_str(&o, "change_type", c->change_type);
    model_put_digest_if(&o, "config_sha256", c->has_config, &c->config_sha256);
    put_pairs(&o, "documentation", c->documentation, c->documentation_count);
    json_put_str(&o, "environment", c->environment);
    put_evidence(&o, c);
    json_put_str(&o, "initiator", c->initiator);
    model_put_digest_if(&o, "plan_sha256", c->has_plan, &c->plan_sha256);
    if (c->remediates_count > 0) {
        model_put_set(&o, "remediates", c->remediates, c->remediates_count);
    }
    model_rollback_put(&o, c->rollback);
    json_put_str(&o, "service", c->service);
    model_source_put(&o, &c->source);
    put_if(&o, "ticket", c->ticket);
    put_if(&o, "ticket_state", c->ticket_state);
    put_if(&o, "ticket_system", c->ticket_system);
    json_put_str(&o, "title", c->title);
    put_if(&o, "trigger", c->trigger);
    json_put_close(&o);
    TRY(json_out_end(&o, "content"));
    ENSURE(w->len - start <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    return CS_SUCCESS;
}

/* The body as a struct in the arena, with every fault that can be seen. */
static CS_RESULT walk_body(const struct json_value *top, struct arena *arena, struct content_faults *faults,
                           struct deploy_body **ret_body)
{
    static const char hint[] = "Send one JSON object.";
    struct walk w = walk_make(arena, faults);
    struct deploy_body *body = arena_alloc(arena, sizeof(*body));

    ENSURE(body != NULL, CS_E_NOMEM, "content");
    if (walk_is(&w, top, JSON_OBJECT, hint)) {
        walk_object(&w, top, body_members, COUNT(body_members), body);
        model_rollback_fits(&w, &body->content);
    }
    ENSURE(!w.no_room, CS_E_NOMEM, "content");
    *ret_body = body;
    return CS_SUCCESS;
}

/* Writes into the arena, at most max bytes. */
static CS_RESULT encode_in(const struct deploy_content *c, size_t max, struct arena *arena, struct span *ret_content)
{
    uint8_t *p = arena_alloc(arena, max);
    ENSURE(p != NULL, CS_E_NOMEM, "content");
    struct writer w = wr_fixed(p, max);
    TRY(model_deploy_encode(c, &w));
    *ret_content = wr_span(&w);
    return CS_SUCCESS;
}

static CS_RESULT read_content(struct span content, struct arena *arena, struct deploy_body **ret_body)
{
    const struct json_value *top = NULL;
    struct content_faults *faults = arena_alloc(arena, sizeof(*faults));
    struct deploy_body *body = NULL;

    ENSURE(faults != NULL, CS_E_NOMEM, "content");
    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_tree_parse(content, arena, &top));
    TRY(walk_body(top, arena, faults, &body));
    ENSURE(faults->count == 0, CS_E_SYNTAX, "content");
    *ret_body = body;
    return CS_SUCCESS;
}

CS_RESULT model_deploy_decode(struct span content, struct arena *arena, struct deploy_content *ret_content)
{
    struct deploy_body *body = NULL;
    struct span again = SPAN_NONE;

    TRY(read_content(content, arena, &body));
    const struct cs_result encoded = encode_in(&body->content, content.left, arena, &again);
    ENSURE(encoded.code != CS_E_FULL, CS_E_ORDER, "content"); /* its one spelling is longer */
    TRY(encoded);
    ENSURE(span_eq(content, again), CS_E_ORDER, "content");
    *ret_content = body->content;
    return CS_SUCCESS;
}

CS_RESULT model_deploy_reread(struct span content, struct arena *arena, struct deploy_content *ret_content)
{
    struct deploy_body *body = NULL;

    TRY(read_content(content, arena, &body));
    *ret_content = body->content;
    return CS_SUCCESS;
}

/* A body that is not JSON of the profile has one fault: where reading ended, and why. */
static CS_RESULT parse_fault(struct cs_result why, struct arena *arena, struct content_faults *faults)
{
    enum { SENTENCE_MAX = 128 };
    struct walk w = walk_make(arena, faults);
    char *sentence = arena_alloc(arena, SENTENCE_MAX);

    ENSURE(sentence != NULL && why.code != CS_E_NOMEM, CS_E_NOMEM, "content");
    (void)snprintf(sentence, SENTENCE_MAX, "The JSON %s at byte %u. Names are lower case, numbers are whole.",
                   cs_code_text(why.code), why.at);
    walk_fault(&w, why.code, sentence);
    return why;
}

CS_RESULT model_deploy_from_body(struct span body, struct arena *arena, struct span *ret_content, bool *ret_revises_set,
                                 uint64_t *ret_revises, struct content_faults *ret_faults)
{
    const struct json_value *top = NULL;
    struct deploy_body *b = NULL;
    struct span content = SPAN_NONE;

    ret_faults->count = 0;
    const struct cs_result parsed = json_tree_parse(body, arena, &top);
    if (parsed.code != CS_OK) {
        return parse_fault(parsed, arena, ret_faults);
    }
    TRY(walk_body(top, arena, ret_faults, &b));
    ENSURE(ret_faults->count == 0, CS_E_REFUSED, "content");
    const struct cs_result encoded = encode_in(&b->content, MODEL_CONTENT_MAX, arena, &content);
    if (encoded.code == CS_E_FULL) {
        struct walk w = walk_make(arena, ret_faults);
        walk_fault(&w, CS_E_FULL, "Shorten the texts: all of it must fit in 30720 bytes.");
        return CS_FAIL(CS_E_REFUSED, "content");
    }
    TRY(encoded);
    *ret_content = content;
    *ret_revises_set = b->revises_set;
    *ret_revises = b->revises;
    return CS_SUCCESS;
}
