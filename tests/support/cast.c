/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cast.h"

#include "support/author_card.h"

#include "model/model_proposal.h"
#include "note/note_sshsig.h"

enum { ARENA_BYTES = 64 << 20, CLIENT_DATA_MAX = 2048 };

static const struct cast_person people[CAST_PEOPLE] = {
    {.id = "ada", .roles = {"officer", "tech"}},
    {.id = "bob", .roles = {"business", "officer"}},
    {.id = "cyd", .roles = {"officer", "security"}},
    {.id = "dan", .roles = {"tech"}},
    {.id = "eve", .roles = {"tech"}},
    {.id = "fay", .roles = {"business"}},
    {.id = "gus", .roles = {"tech"}}, /* is not enrolled at the start */
};
enum { ENROLLED = CAST_PEOPLE - 1 };

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "cast: %s\n", what);
        abort();
    }
}

static void must_ok(struct cs_result r)
{
    if (r.code != CS_OK) {
        (void)fprintf(stderr, "cast: %s %s\n", r.msg, cs_code_text(r.code));
        abort();
    }
}

static void *room(struct cast *c, size_t n)
{
    void *p = arena_alloc(&c->arena, n);
    must(p != NULL, "arena");
    return p;
}

static struct span kept(struct cast *c, struct span s)
{
    struct span copy = SPAN_NONE;
    must_ok(arena_copy(&c->arena, s, &copy));
    return copy;
}

void cast_init(struct cast *c)
{
    memset(c, 0, sizeof(*c));
    arena_init(&c->arena, ARENA_BYTES);
    for (size_t i = 0; i < CAST_PEOPLE; i++) {
        c->person[i] = people[i];
        c->person[i].counter = 1;
        c->person[i].key = softkey_author_new(people[i].id);
        must(c->person[i].key != NULL, "softkey");
    }
}

void cast_release(struct cast *c)
{
    for (size_t i = 0; i < CAST_PEOPLE; i++) {
        softkey_author_free(c->person[i].key);
        cardpki_key_release(&c->person[i].card);
    }
    arena_release(&c->arena);
}

void cast_forget(struct cast *c)
{
    arena_reset(&c->arena);
}

struct cast_person *cast_person(struct cast *c, const char *id)
{
    for (size_t i = 0; i < CAST_PEOPLE; i++) {
        if (strcmp(c->person[i].id, id) == 0) {
            return &c->person[i];
        }
    }
    must(false, "no such person");
    return NULL;
}

static struct span credential_id(const struct cast_person *p)
{
    return span_make(softkey_author_id(p->key), SOFTKEY_ID_BYTES);
}

/* --- policy and proposal --- */

static void put_seat(struct json_out *o, const char *after, const char *id, const char *role)
{
    json_put_object(o, NULL);
    if (after != NULL) {
        json_put_text(o, "after", after);
    }
    json_put_uint(o, "count", 1);
    json_put_text(o, "id", id);
    json_put_text(o, "role", role);
    json_put_close(o);
}

static void put_when(struct json_out *o, const char *environment)
{
    json_put_array(o, "when");
    json_put_object(o, NULL);
    json_put_array(o, "is");
    json_put_text(o, NULL, environment);
    json_put_close(o);
    json_put_text(o, "name", "environment");
    json_put_close(o);
    json_put_close(o);
}

static void put_texts(struct json_out *o, const char *key, const char *const *texts)
{
    json_put_array(o, key);
    for (size_t i = 0; texts[i] != NULL; i++) {
        json_put_text(o, NULL, texts[i]);
    }
    json_put_close(o);
}

static void put_every_rule(struct json_out *o)
{
    static const char *const bind[] = {"artifacts", NULL};
    static const char *const fields[] = {"title", NULL};
    static const char *const separate[] = {"authors", "initiator", "trigger", NULL};

    json_put_object(o, NULL);
    json_put_text(o, "id", "every");
    json_put_object(o, "require");
    put_texts(o, "bind", bind);
    put_texts(o, "fields", fields);
    json_put_object(o, "reason");
    json_put_uint(o, "approve", 0);
    json_put_uint(o, "reject", 15);
    json_put_close(o);
    put_texts(o, "separate", separate);
    json_put_uint(o, "sign_by_s", 3600);
    json_put_uint(o, "use_by_s", 600);
    json_put_close(o);
    json_put_close(o);
}

struct seat {
    const char *after;
    const char *id;
    const char *role;
};

static void put_seats_rule(struct json_out *o, const char *environment, const struct seat *seats, size_t count)
{
    json_put_object(o, NULL);
    json_put_text(o, "id", environment);
    json_put_object(o, "require");
    if (strcmp(environment, "production") == 0) {
        static const char *const fields[] = {"documentation.backout_plan", NULL};
        put_texts(o, "fields", fields);
    }
    json_put_array(o, "seats");
    for (size_t i = 0; i < count; i++) {
        put_seat(o, seats[i].after, seats[i].id, seats[i].role);
    }
    json_put_close(o);
    json_put_close(o);
    put_when(o, environment);
    json_put_close(o);
}

void cast_policy(uint64_t version, bool more, struct writer *w)
{
    static const char *const change_types[] = {"normal", NULL};
    static const char *const environments[] = {"lab", "production", "staging", NULL};
    static const char *const roles[] = {"business", "officer", "security", "tech", NULL};
    static const struct seat lab[] = {{NULL, "tech", "tech"}, {"tech", "security", "security"}};
    static const struct seat production[] = {
        {NULL, "tech", "tech"}, {NULL, "business", "business"}, {NULL, "security", "security"}};
    static const struct seat staging[] = {{NULL, "tech", "tech"}};
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    put_texts(&o, "change_types", change_types);
    put_texts(&o, "environments", environments);
    json_put_text(&o, "name", "cast");
    json_put_object(&o, "officers");
    json_put_uint(&o, "sign_by_s", 3600);
    json_put_uint(&o, "threshold", 2);
    json_put_close(&o);
    put_texts(&o, "roles", roles);
    json_put_array(&o, "rules");
    put_every_rule(&o);
    put_seats_rule(&o, "lab", lab, 2);
    put_seats_rule(&o, "production", production, more ? 3 : 2);
    put_seats_rule(&o, "staging", staging, 1);
    json_put_close(&o);
    json_put_uint(&o, "v", 1);
    json_put_uint(&o, "version", version);
    json_put_close(&o);
    must_ok(json_out_end(&o, "policy"));
}

static void put_model(struct cast *c, struct roster_change *ch)
{
    const struct softkey_cert *root = softkey_author_root(c->person[0].key);

    ch->op = CHANGE_PUT_MODEL;
    ch->id = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES);
    ch->model.aaguid = ch->id;
    ch->model.name = SPAN_LIT("Soft key");
    ch->model.roots[0] = span_make(root->der, root->len);
    ch->model.root_count = 1;
}

static void put_person(const struct cast_person *p, struct roster_change *ch)
{
    ch->op = CHANGE_PUT_PERSON;
    ch->id = span_str(p->id);
    ch->person.id = ch->id;
    for (size_t i = 0; p->roles[i] != NULL; i++) {
        ch->person.roles[ch->person.role_count++] = span_str(p->roles[i]);
    }
}

static void put_client(const char *id, bool all, struct roster_change *ch)
{
    ch->op = CHANGE_PUT_CLIENT;
    ch->id = span_str(id);
    ch->client.id = ch->id;
    for (unsigned s = 1; s <= SCOPE_MIRROR; s++) {
        ch->client.scopes |= all || s == SCOPE_READ ? 1U << s : 0;
    }
    ch->client.tokens[0] = digest_sha256(span_str(id));
    ch->client.token_count = 1;
    if (all) {
        ch->client.tls[0] = SPAN_LIT(CAST_CLIENT_URI);
        ch->client.tls_count = 1;
    }
}

void cast_proposal(struct cast *c, struct writer *w)
{
    const size_t n = 1 + ENROLLED + 2;
    struct roster_change *items = room(c, n * sizeof(*items));
    AUTO_WRITER policy = wr_heap(CAST_TEXT_MAX);

    put_model(c, &items[0]);
    for (size_t i = 0; i < ENROLLED; i++) {
        put_person(&c->person[i], &items[1 + i]);
    }
    put_client("ci", true, &items[1 + ENROLLED]);
    put_client("watch", false, &items[2 + ENROLLED]);
    cast_policy(1, false, &policy);
    const struct proposal p = {.changes = {.item = items, .count = n},
                               .origin = SPAN_LIT(CAST_ORIGIN),
                               .policy = wr_span(&policy),
                               .rp_id = SPAN_LIT(CAST_RP_ID)};
    must_ok(model_proposal_encode(&p, w));
}

/* --- enrolment --- */

static void add_credential(struct cast *c, const struct cast_person *p, struct roster_change *ch)
{
    const struct softkey_frame frame = {.rp_id = CAST_RP_ID, .counter = 0, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV};
    struct softkey_registration *r = room(c, sizeof(*r));
    uint8_t *nonce = room(c, MODEL_NONCE_BYTES);
    AUTO_WRITER client_data = wr_heap(CLIENT_DATA_MAX);

    memcpy(nonce, digest_sha256(span_str(p->id)).b, MODEL_NONCE_BYTES);
    must_ok(model_register_client_data(SPAN_LIT(CAST_ORIGIN), SPAN_LIT(CAST_RP_ID), span_str(p->id),
                                       span_make(nonce, MODEL_NONCE_BYTES), &client_data));
    const struct sha256 hash = digest_sha256(wr_span(&client_data));
    must(softkey_author_register(p->key, &frame, hash.b, 2, r), "registration");
    ch->op = CHANGE_ADD_CREDENTIAL;
    ch->id = span_str(p->id);
    ch->credential =
        (struct credential){.id = credential_id(p),
                            .key = span_make(softkey_author_spki(p->key), SOFTKEY_SPKI_BYTES),
                            .aaguid = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES),
                            .nickname = SPAN_LIT("soft key"),
                            .attestation = {.auth_data = span_make(r->data.bytes, r->data.len),
                                            .sig = span_make(r->attestation.sig.der, r->attestation.sig.len),
                                            .x5c = {span_make(r->attestation.leaf.der, r->attestation.leaf.len)},
                                            .x5c_count = 1,
                                            .nonce = span_make(nonce, MODEL_NONCE_BYTES)}};
}

void cast_enrol(struct cast *c, const char *id, const char *role, const char *initiator, struct writer *w)
{
    struct roster_change *items = room(c, 2 * sizeof(*items));
    const struct cast_person *p = cast_person(c, id);
    struct cast_person as = *p;

    as.roles[0] = role;
    as.roles[1] = NULL;
    put_person(&as, &items[0]);
    add_credential(c, p, &items[1]);
    const struct roster_content content = {.changes = {.item = items, .count = 2},
                                           .initiator = span_str(initiator),
                                           .reason = SPAN_LIT("A new colleague."),
                                           .title = SPAN_LIT("Enrol a person")};
    must_ok(model_roster_content_encode(&content, w));
}

void cast_enrol_card(struct cast *c, const char *id, enum cardpki_kind kind, const char *initiator, struct writer *w)
{
    const struct author_card how = {.kind = kind, .origin = CAST_ORIGIN};
    struct roster_change *items = room(c, 2 * sizeof(*items));
    struct cast_person *p = cast_person(c, id);
    struct cardpki pki;

    must(cardpki_init(&pki) && cardpki_key_init(&p->card, kind, id), "card");
    p->uses_card = true;
    items[0] = (struct roster_change){.op = CHANGE_PUT_ISSUER, .id = SPAN_LIT("corp")};
    items[0].issuer = (struct card_issuer){.id = items[0].id,
                                           .name = SPAN_LIT("Example Corp cards"),
                                           .roots = {kept(c, span_make(pki.ca.p, pki.ca.len))},
                                           .root_count = 1};
    must_ok(author_card_change(&pki, &p->card, id, &how, &c->arena, &items[1]));
    const struct roster_content content = {.changes = {.item = items, .count = 2},
                                           .initiator = span_str(initiator),
                                           .reason = SPAN_LIT("A card."),
                                           .title = SPAN_LIT("Enrol a card")};
    must_ok(model_roster_content_encode(&content, w));
    cardpki_release(&pki);
}

/* --- signatures --- */

struct signing {
    const struct cast_person *key;
    const char *rp_id;
    uint32_t counter;
    uint32_t faults;
};

static void sign(struct cast *c, const struct signing *how, struct span statement, struct span *ret_data,
                 struct span *ret_sig)
{
    const struct note_tosign tosign = note_sshsig_tosign(statement);
    const char *rp_id = how->rp_id != NULL ? how->rp_id : CAST_RP_ID;
    const struct softkey_frame frame = {
        .rp_id = rp_id, .counter = how->counter, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV, .faults = how->faults};
    struct softkey_client_data cd;
    struct softkey_auth_data data;
    struct softkey_sig sig;

    if (how->key->uses_card) {
        struct cardpki_sig by_card;
        must(cardpki_sign(&how->key->card, tosign.b, sizeof(tosign.b), &by_card), "card");
        *ret_data = SPAN_NONE;
        *ret_sig = kept(c, span_make(by_card.b, by_card.len));
        return;
    }
    must(softkey_client_data("webauthn.get", tosign.b, sizeof(tosign.b), rp_id, &cd), "client data");
    must(softkey_author_assert(how->key->key, &frame, cd.hash, &data, &sig), "assertion");
    *ret_data = kept(c, span_make(data.bytes, data.len));
    *ret_sig = kept(c, span_make(sig.der, sig.len));
}

void cast_genesis(struct cast *c, const struct cast_ceremony *how, struct genesis *ret_genesis)
{
    struct proposal p;
    AUTO_WRITER text = wr_heap(CAST_TEXT_MAX);

    must_ok(model_proposal_decode(how->proposal, &c->arena, &p));
    const size_t n = p.changes.count + ENROLLED;
    struct roster_change *items = room(c, n * sizeof(*items));
    memcpy(items, p.changes.item, p.changes.count * sizeof(*items));
    for (size_t i = 0; i < ENROLLED; i++) {
        add_credential(c, &c->person[i], &items[p.changes.count + i]);
    }
    const struct genesis_statement g = {.changes = {.item = items, .count = n},
                                        .created_ms = how->now_ms,
                                        .log_key = how->log_key,
                                        .origin = p.origin,
                                        .outcome_key = how->outcome_key,
                                        .policy = p.policy,
                                        .rp_id = p.rp_id};
    must_ok(model_genesis_statement_encode(&g, &text));
    memset(ret_genesis, 0, sizeof(*ret_genesis));
    ret_genesis->statement = kept(c, wr_span(&text));
    for (size_t i = 0; i < how->signers; i++) {
        struct genesis_signature *s = &ret_genesis->signatures[i];
        const struct signing by = {.key = &c->person[i], .counter = c->person[i].counter++};
        s->credential_sha256 = digest_sha256(credential_id(&c->person[i]));
        s->person = span_str(c->person[i].id);
        sign(c, &by, ret_genesis->statement, &s->auth_data, &s->sig);
    }
    ret_genesis->signature_count = how->signers;
}

/* --- decisions --- */

static void describe(struct cast *c, const struct judge *view, const struct cast_visit *v, struct statement *st)
{
    const struct state *s = &view->state;
    const struct state_request *q = state_request_find(s, v->request);
    struct sheet sheet;

    must(q != NULL && q->open != NULL, "the request is not open");
    must_ok(policy_sheet_of(s, q, &c->arena, &sheet));
    st->anchor_size = s->size;
    st->anchor_root = judge_root(view);
    const bool deploys = request_kind_deploys(sheet.in.kind) && sheet.in.deploy != NULL;
    st->environment = deploys ? sheet.in.deploy->environment : SPAN_NONE;
    st->kind = q->kind;
    st->origin = s->origin;
    st->policy_index = s->policy_index;
    st->policy_sha256 = s->policy->sha256;
    st->request_index = q->index;
    st->request_leaf_sha256 = q->leaf_sha256;
    st->request_revision = q->revision;
    st->roster_index = s->roster_index;
    st->sheet_sha256 = sheet.digest;
    st->subject_count = policy_subjects(&sheet.in, &c->arena, st->subject);
    const struct sheet_line *line = policy_sheet_seat(&sheet, span_str(v->seat));
    const struct state_person *speaks = state_person_find(s, span_str(v->person));
    if (line != NULL && speaks != NULL &&
        policy_previous(&sheet, line, v->word, speaks, &st->previous, &st->has_previous).code != CS_OK) {
        st->has_previous = false;
    }
}

void cast_decide(struct cast *c, const struct judge *view, const struct cast_visit *v, struct decision *ret_decision)
{
    struct statement *st = room(c, sizeof(*st));
    struct cast_person *who = cast_person(c, v->credential_of != NULL ? v->credential_of : v->person);
    struct cast_person *key = v->key_of != NULL ? cast_person(c, v->key_of) : who;
    AUTO_WRITER text = wr_heap(CAST_TEXT_MAX);

    describe(c, view, v, st);
    st->credential_sha256 = who->uses_card ? author_card_credential(&who->card) : digest_sha256(credential_id(who));
    st->decision = v->word;
    st->issued_at_ms = v->issued_ms;
    st->expires_at_ms = v->issued_ms + MODEL_STATEMENT_LIFE_MS;
    st->kiosk = SPAN_LIT(CAST_KIOSK);
    memcpy(st->nonce, v->nonce, sizeof(st->nonce));
    st->person = span_str(v->person);
    st->reason = span_str(v->reason != NULL ? v->reason : "");
    st->seat = span_str(v->seat);
    if (v->bend != NULL) {
        v->bend(st);
    }
    must_ok(model_statement_encode(st, &text));
    ret_decision->statement = kept(c, wr_span(&text));
    const struct signing how = {.key = key,
                                .rp_id = v->rp_id,
                                .counter = v->same_counter ? who->counter - 1 : who->counter,
                                .faults = v->faults};
    sign(c, &how, ret_decision->statement, &ret_decision->auth_data, &ret_decision->sig);
    who->counter += v->same_counter ? 0 : 1;
}
