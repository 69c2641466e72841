/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_card.h"

#include <openssl/evp.h>

#include "base/base_text.h"
#include "note/note_client_data.h"
#include "note/note_dsse.h"
#include "note/note_sshsig.h"
#include "policy/policy_emergency.h"
#include "softkey/softkey_author.h"

enum { PEOPLE_MAX = 64, LEAF_TEXT_MAX = MODEL_LEAF_MAX, STATEMENT_MAX = 16384 };

struct author_person {
    char id[32];
    struct softkey_author *key;
    uint32_t counter;
    struct cardpki_key card; /* pkey NULL: none yet */
    bool uses_card;
};

struct author_log {
    struct judge judge;
    struct arena leaves; /* text of every leaf */
    struct span *leaf;
    size_t leaf_count;
    size_t leaf_cap;
    uint64_t now_ms;
    struct author_person people[PEOPLE_MAX];
    size_t person_count;
    EVP_PKEY *log_key;
    struct softkey_author *outcome_key;
    struct cardpki pki;
    bool has_pki;
    uint8_t log_public[32];
    struct writer last; /* the leaf that was tried last */
    const char *port;   /* of the decision that is made; NULL: none */
    const char *presence_switch;
    uint8_t statement[STATEMENT_MAX];
    size_t statement_len;
    uint8_t nonce[MODEL_NONCE_BYTES];
    uint64_t nonces;
};

_Noreturn static void give_up(const char *what, struct cs_result r)
{
    (void)fprintf(stderr, "author_log: %s: %s %s\n", what, r.msg != NULL ? r.msg : "", cs_code_name(r.code));
    abort();
}

static void must(const char *what, struct cs_result r)
{
    if (r.code != CS_OK) {
        give_up(what, r);
    }
}

static void must_allow(const char *what, struct verdict v)
{
    if (!v.allow) {
        (void)fprintf(stderr, "author_log: %s: %s\n", what, policy_reason_code(v.reason));
        give_up(what, v.cause);
    }
}

struct author_log *author_log_new(enum judge_depth depth, size_t state_cap_bytes)
{
    struct author_log *l = calloc(1, sizeof(*l));
    uint8_t seed[32];
    if (l == NULL) {
        return NULL;
    }
    for (unsigned i = 0; i < sizeof(seed); i++) {
        seed[i] = (uint8_t)i;
    }
    size_t n = sizeof(l->log_public);
    l->log_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
    l->outcome_key = softkey_author_new("the outcome key");
    l->last = wr_heap(LEAF_TEXT_MAX + 1);
    if (l->log_key == NULL || l->outcome_key == NULL ||
        EVP_PKEY_get_raw_public_key(l->log_key, l->log_public, &n) != 1 ||
        judge_init(&l->judge, depth, state_cap_bytes).code != CS_OK) {
        author_log_free(l);
        return NULL;
    }
    arena_init(&l->leaves, SIZE_MAX / 2);
    must("time", text_time_decode(SPAN_LIT("2026-01-05T09:00:00.000Z"), &l->now_ms, "now"));
    return l;
}

void author_log_free(struct author_log *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < l->person_count; i++) {
        softkey_author_free(l->people[i].key);
        cardpki_key_release(&l->people[i].card);
    }
    if (l->has_pki) {
        cardpki_release(&l->pki);
    }
    EVP_PKEY_free(l->log_key);
    softkey_author_free(l->outcome_key);
    wr_release(&l->last);
    if (l->judge.keys != NULL) {
        judge_release(&l->judge);
    }
    arena_release(&l->leaves);
    free(l->leaf);
    free(l);
}

struct judge *author_log_judge(struct author_log *l)
{
    return &l->judge;
}

uint64_t author_log_size(const struct author_log *l)
{
    return l->leaf_count;
}

struct span author_log_leaf(const struct author_log *l, uint64_t index)
{
    return index < l->leaf_count ? l->leaf[index] : SPAN_NONE;
}

struct span author_log_key(const struct author_log *l)
{
    return SPAN_OF(l->log_public);
}

struct span author_log_outcome_key(const struct author_log *l)
{
    return span_make(softkey_author_spki(l->outcome_key), SOFTKEY_SPKI_BYTES);
}

uint64_t author_log_now(const struct author_log *l)
{
    return l->now_ms;
}

void author_log_advance(struct author_log *l, uint64_t ms)
{
    l->now_ms += ms;
}

static struct author_person *person_of(struct author_log *l, const char *id)
{
    for (size_t i = 0; i < l->person_count; i++) {
        if (strcmp(l->people[i].id, id) == 0) {
            return &l->people[i];
        }
    }
    if (l->person_count == PEOPLE_MAX) {
        give_up("too many people", CS_FAIL(CS_E_FULL, id));
    }
    struct author_person *p = &l->people[l->person_count++];
    (void)snprintf(p->id, sizeof(p->id), "%s", id);
    p->key = softkey_author_new(id);
    if (p->key == NULL) {
        give_up("key", CS_FAIL(CS_E_NOMEM, id));
    }
    return p;
}

const struct cardpki *author_log_pki(struct author_log *l)
{
    if (!l->has_pki && !cardpki_init(&l->pki)) {
        give_up("pki", CS_FAIL(CS_E_NOMEM, "pki"));
    }
    l->has_pki = true;
    return &l->pki;
}

void author_log_issuer(struct author_log *l, struct roster_change *ret_change)
{
    const struct cardpki *pki = author_log_pki(l);
    struct roster_change put = {.op = CHANGE_PUT_ISSUER, .id = SPAN_LIT("corp")};
    put.issuer = (struct card_issuer){.id = put.id,
                                      .name = SPAN_LIT("Example Corp cards"),
                                      .certification = SPAN_LIT("fips-140-3-2"),
                                      .roots = {span_make(pki->ca.p, pki->ca.len)},
                                      .root_count = 1,
                                      .attestation_roots = {span_make(pki->root.p, pki->root.len)},
                                      .attestation_root_count = 1};
    *ret_change = put;
}

CS_RESULT author_log_card(struct author_log *l, const char *id, const struct author_card *how, struct arena *arena,
                          struct roster_change *ret_change)
{
    struct author_person *p = person_of(l, id);
    cardpki_key_release(&p->card);
    ENSURE(cardpki_key_init(&p->card, how->kind, id), CS_E_NOMEM, "card");
    p->uses_card = true;
    return author_card_change(author_log_pki(l), &p->card, id, how, arena, ret_change);
}

void author_log_use_card(struct author_log *l, const char *id, bool card)
{
    person_of(l, id)->uses_card = card;
}

static struct sha256 credential_of(const struct author_person *p)
{
    return p->uses_card ? author_card_credential(&p->card)
                        : digest_sha256(span_make(softkey_author_id(p->key), SOFTKEY_ID_BYTES));
}

struct sha256 author_log_credential(struct author_log *l, const char *id)
{
    return credential_of(person_of(l, id));
}

static void next_nonce(struct author_log *l, uint8_t ret_nonce[MODEL_NONCE_BYTES])
{
    const uint64_t n = ++l->nonces;
    const struct sha256 d = digest_sha256(span_make(&n, sizeof(n)));
    memcpy(ret_nonce, d.b, MODEL_NONCE_BYTES);
}

CS_RESULT author_log_build(struct author_log *l, enum entry_type type, const char *actor, struct span body,
                           struct writer *w)
{
    const bool person = strncmp(actor, "person:", 7) == 0;
    const struct entry e = {
        .seq = l->judge.state.size,
        .head = judge_root(&l->judge),
        .time_ms = l->now_ms,
        .type = type,
        .actor = span_str(actor),
        .origin = {.kiosk = person ? SPAN_LIT(AUTHOR_KIOSK) : SPAN_NONE,
                   .peer = person ? SPAN_LIT("kiosk") : SPAN_LIT("http"),
                   .port = person && l->port != NULL ? span_str(l->port) : SPAN_NONE,
                   .presence_switch = person && l->presence_switch != NULL ? span_str(l->presence_switch) : SPAN_NONE},
        .body = body};
    return model_entry_encode(&e, w);
}

struct verdict author_log_append_leaf(struct author_log *l, struct span leaf)
{
    const struct verdict v = judge_entry(&l->judge, leaf, NULL);
    if (!v.allow) {
        return v;
    }
    if (l->leaf_count == l->leaf_cap) {
        l->leaf_cap = l->leaf_cap > 0 ? l->leaf_cap * 2 : 64;
        struct span *more = realloc(l->leaf, l->leaf_cap * sizeof(*more));
        if (more == NULL) {
            give_up("leaves", CS_FAIL(CS_E_NOMEM, "leaf"));
        }
        l->leaf = more;
    }
    must("leaf", arena_copy(&l->leaves, leaf, &l->leaf[l->leaf_count]));
    l->leaf_count++;
    l->now_ms++;
    return v;
}

struct verdict author_log_append(struct author_log *l, enum entry_type type, const char *actor, struct span body)
{
    l->last.len = 0;
    must("leaf", author_log_build(l, type, actor, body, &l->last));
    return author_log_append_leaf(l, wr_span(&l->last));
}

CS_RESULT author_log_key_for(struct author_log *l, const char *id, const char *key_of, struct arena *arena,
                             struct roster_change *ret_add)
{
    struct author_person *p = person_of(l, key_of);
    struct softkey_registration *reg = arena_alloc(arena, sizeof(*reg));
    uint8_t *nonce = arena_alloc(arena, MODEL_NONCE_BYTES);
    uint8_t client_data[2048];
    struct writer w = wr_fixed(client_data, sizeof(client_data));

    ENSURE(reg != NULL && nonce != NULL, CS_E_NOMEM, "person");
    const struct sha256 seed = digest_sha256(span_str(key_of));
    memcpy(nonce, seed.b, MODEL_NONCE_BYTES);
    TRY(model_register_client_data(SPAN_LIT(AUTHOR_ORIGIN), SPAN_LIT(AUTHOR_RP_ID), span_str(id),
                                   span_make(nonce, MODEL_NONCE_BYTES), &w));
    const struct sha256 hash = digest_sha256(wr_span(&w));
    const struct softkey_frame frame = {
        .rp_id = AUTHOR_RP_ID, .counter = ++p->counter, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV};
    ENSURE(softkey_author_register(p->key, &frame, hash.b, 2, reg), CS_E_NOMEM, "person");

    struct roster_change add = {.op = CHANGE_ADD_CREDENTIAL};
    TRY(arena_copy(arena, span_str(id), &add.id));
    add.credential.id = span_make(softkey_author_id(p->key), SOFTKEY_ID_BYTES);
    add.credential.key = span_make(softkey_author_spki(p->key), SOFTKEY_SPKI_BYTES);
    add.credential.aaguid = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES);
    add.credential.nickname = SPAN_LIT("soft key");
    add.credential.attestation.auth_data = span_make(reg->data.bytes, reg->data.len);
    add.credential.attestation.sig = span_make(reg->attestation.sig.der, reg->attestation.sig.len);
    add.credential.attestation.x5c[0] = span_make(reg->attestation.leaf.der, reg->attestation.leaf.len);
    add.credential.attestation.x5c_count = 1;
    add.credential.attestation.nonce = span_make(nonce, MODEL_NONCE_BYTES);
    *ret_add = add;
    return CS_SUCCESS;
}

CS_RESULT author_log_person(struct author_log *l, const char *id, const char *const *roles, size_t role_count,
                            struct arena *arena, struct roster_change ret_changes[2])
{
    struct roster_change put = {.op = CHANGE_PUT_PERSON};
    struct roster_change add = {.op = CHANGE_NONE};

    TRY(author_log_key_for(l, id, id, arena, &add));
    put.id = add.id;
    put.person.id = add.id;
    for (size_t i = 0; i < role_count; i++) {
        put.person.roles[put.person.role_count++] = span_str(roles[i]);
    }
    AUTO_WRITER account = wr_heap(64);
    wr_text(&account, "gitlab:");
    wr_text(&account, id);
    TRY(arena_copy(arena, wr_span(&account), &put.person.accounts[put.person.account_count++]));
    ret_changes[0] = put;
    ret_changes[1] = add;
    return CS_SUCCESS;
}

CS_RESULT author_log_sign(const struct author_log *l, struct span message, uint8_t ret_sig[64])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    size_t n = 64;
    const bool ok = md != NULL && EVP_DigestSignInit(md, NULL, NULL, NULL, l->log_key) == 1 &&
                    EVP_DigestSign(md, ret_sig, &n, message.p, message.left) == 1;
    EVP_MD_CTX_free(md);
    return ok ? CS_SUCCESS : CS_FAIL(CS_E_CRYPTO, "log key");
}

static CS_RESULT sign_outcome(const struct author_log *l, struct span message, struct writer *w)
{
    const struct sha256 d = digest_sha256(message);
    struct softkey_sig sig;
    ENSURE(softkey_author_sign(l->outcome_key, d.b, &sig), CS_E_NOMEM, "outcome key");
    wr_bytes(w, span_make(sig.der, sig.len));
    return wr_end(w, "outcome.sig");
}

static void put_policy(struct json_out *o, bool rules, uint64_t version, const char *tokens)
{
    json_put_object(o, NULL);
    json_put_array(o, "change_types");
    json_put_text(o, NULL, "emergency");
    json_put_text(o, NULL, "normal");
    json_put_close(o);
    json_put_array(o, "environments");
    json_put_text(o, NULL, "production");
    json_put_text(o, NULL, "staging");
    json_put_close(o);
    json_put_text(o, "name", rules ? "two-people" : "start");
    json_put_object(o, "officers");
    json_put_uint(o, "sign_by_s", 86400);
    json_put_uint(o, "threshold", 2);
    json_put_close(o);
    json_put_array(o, "roles");
    json_put_text(o, NULL, "business");
    json_put_text(o, NULL, "officer");
    json_put_text(o, NULL, "tech");
    json_put_close(o);
    json_put_array(o, "rules");
    if (rules) {
        json_put_raw(
            o, NULL,
            SPAN_LIT("{\"id\":\"every-change\",\"require\":{\"bind\":[\"artifacts\"],\"fields\":[\"documentation."
                     "backout_plan\",\"initiator\",\"service\",\"title\"],\"reason\":{\"approve\":0,\"reject\":15},"
                     "\"separate\":[\"authors\",\"initiator\",\"policy_editor\",\"trigger\"],\"sign_by_s\":86400,"
                     "\"use_by_s\":14400}}"));
        json_put_raw(
            o, NULL,
            SPAN_LIT("{\"id\":\"production\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"business\",\"role\":"
                     "\"business\"},{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]},\"when\":[{\"is\":["
                     "\"production\"],\"name\":\"environment\"}]}"));
        json_put_raw(
            o, NULL,
            SPAN_LIT("{\"id\":\"staging\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"},{"
                     "\"after\":\"tech\",\"count\":1,\"id\":\"then\",\"role\":\"business\"}]},\"when\":[{\"is\":["
                     "\"staging\"],\"name\":\"environment\"}]}"));
    }
    json_put_close(o);
    if (tokens != NULL) {
        json_put_array(o, "tokens");
        json_put_raw(o, NULL, span_str(tokens));
        json_put_close(o);
    }
    json_put_uint(o, "v", 1);
    json_put_uint(o, "version", version);
    json_put_close(o);
}

static CS_RESULT policy_document(struct arena *a, bool rules, uint64_t version, const char *tokens,
                                 struct span *ret_policy)
{
    AUTO_WRITER w = wr_heap(65536);
    struct json_out o = json_out_make(&w);
    put_policy(&o, rules, version, tokens);
    TRY(json_out_end(&o, "policy"));
    return arena_copy(a, wr_span(&w), ret_policy);
}

static struct span policy_text(struct arena *a, bool rules, uint64_t version)
{
    struct span kept = SPAN_NONE;
    must("policy", policy_document(a, rules, version, NULL, &kept));
    return kept;
}

CS_RESULT author_log_policy(struct arena *arena, const char *tokens, uint64_t version, struct span *ret_policy)
{
    return policy_document(arena, true, version, tokens, ret_policy);
}

/* What a key or a card answers. */
struct answer {
    uint8_t data[SOFTKEY_AUTH_DATA_MAX];
    size_t data_len; /* 0: a card */
    uint8_t sig[CARDPKI_SIG_MAX];
    size_t sig_len;
};

static struct span answer_data(const struct answer *a)
{
    return span_make(a->data, a->data_len);
}

static struct span answer_sig(const struct answer *a)
{
    return span_make(a->sig, a->sig_len);
}

static void card_signs(struct author_log *l, struct author_person *p, struct span statement,
                       const struct author_wrong *wrong, struct answer *ret)
{
    const struct note_tosign tosign = note_sshsig_tosign(statement);
    const struct author_person *signer = wrong->key_of != NULL ? person_of(l, wrong->key_of) : p;
    struct cardpki_sig sig;

    if (!cardpki_sign(&signer->card, tosign.b, sizeof(tosign.b), &sig)) {
        give_up("card", CS_FAIL(CS_E_NOMEM, p->id));
    }
    memcpy(ret->sig, sig.b, sig.len);
    ret->sig_len = sig.len;
    ret->data_len = wrong->with_auth_data ? MODEL_AUTH_DATA_LEAST : 0;
    memset(ret->data, 0, sizeof(ret->data));
    ret->sig[ret->sig_len - 1] ^= wrong->bad_signature ? 1 : 0;
}

/* The assertion of `p` over `statement`, wrong as asked. */
static void assert_over(struct author_log *l, struct author_person *p, struct span statement,
                        const struct author_wrong *wrong, struct answer *ret)
{
    struct softkey_auth_data data;
    struct softkey_sig sig;

    if (p->uses_card) {
        card_signs(l, p, statement, wrong, ret);
        return;
    }
    const char *rp_id = wrong->rp_id != NULL ? wrong->rp_id : AUTHOR_RP_ID;
    const struct note_tosign tosign = note_sshsig_tosign(statement);
    AUTO_WRITER client_data = wr_heap(4096);
    must("client data",
         note_client_data_write(&client_data, NOTE_WEBAUTHN_GET, SPAN_OF(tosign.b), SPAN_LIT(AUTHOR_RP_ID)));
    const struct sha256 hash = digest_sha256(wr_span(&client_data));

    uint8_t flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV;
    if (wrong->no_presence) {
        flags = SOFTKEY_FLAG_UV;
    }
    if (wrong->no_verification) {
        flags = SOFTKEY_FLAG_UP;
    }
    flags = (uint8_t)(flags | (wrong->backup ? 0x18 : 0));
    struct author_person *signer = wrong->key_of != NULL ? person_of(l, wrong->key_of) : p;
    const uint32_t counter = wrong->counter_back ? p->counter : ++p->counter;
    const struct softkey_frame frame = {.rp_id = rp_id, .counter = counter, .flags = flags};
    if (!softkey_author_assert(signer->key, &frame, hash.b, &data, &sig)) {
        give_up("assert", CS_FAIL(CS_E_NOMEM, p->id));
    }
    if (wrong->bad_signature) {
        sig.der[sig.len - 1] ^= 1;
    }
    memcpy(ret->data, data.bytes, data.len);
    ret->data_len = wrong->without_auth_data ? 0 : data.len;
    memcpy(ret->sig, sig.der, sig.len);
    ret->sig_len = sig.len;
}

static struct roster_change *zeroed(struct arena *a, size_t n)
{
    struct roster_change *items = arena_array(a, n, sizeof(*items));
    if (items == NULL) {
        give_up("changes", CS_FAIL(CS_E_NOMEM, "changes"));
    }
    return items;
}

/* Instead of the keys that author_log_person gave to olga and omar. */
static void give_cards(struct author_log *l, struct arena *a, struct roster_change *olga, struct roster_change *omar)
{
    static const struct cardpki_plan attested = {.device = 1001};
    const struct author_card first = {.kind = CARDPKI_P256, .attestation = &attested};
    const struct author_card second = {.kind = CARDPKI_RSA2048};
    must("card", author_log_card(l, "olga", &first, a, olga));
    must("card", author_log_card(l, "omar", &second, a, omar));
}

static void begin(struct author_log *l, bool cards)
{
    static const char *const officers[] = {"odette", "olga", "omar"};
    static const char *const role[] = {"officer"};
    struct arena a;
    arena_init(&a, 16 << 20);
    struct roster_change *items = zeroed(&a, 8);
    size_t n = 0;

    const struct softkey_cert *root = softkey_author_root(person_of(l, "olga")->key);
    items[n].op = CHANGE_PUT_MODEL;
    items[n].id = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES);
    items[n].model = (struct token_model){.aaguid = items[n].id,
                                          .name = SPAN_LIT("soft key"),
                                          .roots = {span_make(root->der, root->len)},
                                          .root_count = 1};
    n++;
    for (size_t i = 0; i < 3; i++) {
        must("officer", author_log_person(l, officers[i], role, 1, &a, &items[n]));
        n += 2;
    }
    if (cards) {
        give_cards(l, &a, &items[n - 3], &items[n - 1]);
        author_log_issuer(l, &items[n++]);
        const struct roster_change issuer = items[n - 1];
        memmove(&items[1], &items[0], (n - 1) * sizeof(*items)); /* before the cards */
        items[0] = issuer;
    }
    const struct genesis_statement g = {.changes = {.item = items, .count = n},
                                        .created_ms = l->now_ms,
                                        .log_key = SPAN_OF(l->log_public),
                                        .origin = SPAN_LIT(AUTHOR_ORIGIN),
                                        .outcome_key = author_log_outcome_key(l),
                                        .policy = policy_text(&a, false, 1),
                                        .rp_id = SPAN_LIT(AUTHOR_RP_ID)};
    AUTO_WRITER statement = wr_heap(LEAF_TEXT_MAX);
    must("genesis", model_genesis_statement_encode(&g, &statement));

    struct genesis genesis = {.statement = wr_span(&statement)};
    struct answer answer[2];
    const struct author_wrong right = {0};
    for (size_t i = 0; i < 2; i++) {
        struct author_person *p = person_of(l, officers[i + 1]);
        assert_over(l, p, genesis.statement, &right, &answer[i]);
        genesis.signatures[i] = (struct genesis_signature){
            .auth_data = answer_data(&answer[i]),
            .credential_sha256 = credential_of(p),
            .person = span_str(p->id),
            .sig = answer_sig(&answer[i]),
        };
    }
    genesis.signature_count = 2;
    AUTO_WRITER body = wr_heap(LEAF_TEXT_MAX);
    must("genesis", model_genesis_encode(&genesis, &body));
    must_allow("genesis", author_log_append(l, ENTRY_GENESIS, "system:core", wr_span(&body)));
    arena_release(&a);
}

void author_log_begin(struct author_log *l)
{
    begin(l, false);
}

void author_log_begin_with_cards(struct author_log *l)
{
    begin(l, true);
}

static struct sheet sheet_now(struct author_log *l, uint64_t request, struct arena *a)
{
    struct sheet sheet;
    const struct state_request *q = state_request_find(&l->judge.state, request);
    if (q == NULL) {
        give_up("request", CS_FAIL(CS_E_MISSING, "request"));
    }
    struct state_loaded *loaded = arena_alloc(a, sizeof(*loaded));
    must("request", loaded != NULL ? state_load(q, a, loaded) : CS_FAIL(CS_E_NOMEM, "request"));
    must("sheet", policy_sheet_at(&l->judge.state, q, loaded, l->now_ms, a, &sheet));
    return sheet;
}

/* Opens a request of any kind with canonical content. */
static struct verdict open_request(struct author_log *l, struct request *q, const struct sheet_input *content,
                                   const char *actor, uint64_t *ret_index)
{
    const struct state *s = &l->judge.state;
    struct arena a;
    struct sheet sheet;
    struct sheet_input in = *content;
    arena_init(&a, 64 << 20);
    in.kind = q->kind;
    in.opened_under = s->policy;
    in.in_force = s->policy;
    in.state = s;
    in.now_ms = l->now_ms;
    const struct cs_result made = policy_sheet(&in, &a, &sheet);
    if (made.code == CS_OK) {
        q->sheet_sha256 = sheet.digest;
    }
    arena_release(&a);
    q->policy = s->policy_index;
    q->roster = s->roster_index;
    q->body_sha256 = digest_sha256(q->content);
    *ret_index = s->size;
    AUTO_WRITER body = wr_heap(LEAF_TEXT_MAX * 2);
    must("request", model_request_encode(q, &body));
    return author_log_append(l, ENTRY_REQUEST, actor, wr_span(&body));
}

static struct span key_text(struct author_log *l, const char *key, struct writer *w)
{
    if (key != NULL) {
        return span_str(key);
    }
    wr_text(w, "key-");
    wr_dec(w, l->judge.state.size);
    return wr_span(w);
}

struct verdict author_log_propose(struct author_log *l, enum request_kind kind, struct span content,
                                  uint64_t *ret_index)
{
    struct arena a;
    arena_init(&a, 16 << 20);
    struct policy_content *policy = arena_alloc(&a, sizeof(*policy));
    struct roster_content *roster = arena_alloc(&a, sizeof(*roster));
    uint8_t key[32];
    struct writer w = wr_fixed(key, sizeof(key));
    struct request q = {.kind = kind, .content = content, .idempotency_key = key_text(l, NULL, &w), .revision = 1};
    struct sheet_input in = {.kind = kind};
    struct emergency_content *emergency = arena_alloc(&a, sizeof(*emergency));
    struct review_content *review = arena_alloc(&a, sizeof(*review));
    struct voucher_content *voucher = arena_alloc(&a, sizeof(*voucher));
    struct thaw_content *thaw = arena_alloc(&a, sizeof(*thaw));
    struct delegate_content *delegate = arena_alloc(&a, sizeof(*delegate));
    struct access_review_content *reviewed = arena_alloc(&a, sizeof(*reviewed));
    const bool officers = kind == KIND_POLICY || kind == KIND_ROSTER;
    in.now_ms = l->now_ms;
    if (kind == KIND_EMERGENCY) {
        must("emergency", model_emergency_content_decode(content, &a, emergency));
        must("emergency", policy_sheet_about(&l->judge.state, emergency, &a, &in));
    } else if (kind == KIND_REVIEW) {
        must("review", model_review_content_decode(content, &a, review));
        in.review = review;
        in.debt = state_emergency_find(&l->judge.state, review->emergency);
    } else if (kind == KIND_VOUCHER) {
        must("voucher", model_voucher_content_decode(content, &a, voucher));
        in.voucher = voucher;
    } else if (kind == KIND_THAW) {
        must("thaw", model_thaw_content_decode(content, &a, thaw));
        in.thaw = thaw;
    } else if (kind == KIND_ACCESS_REVIEW) {
        must("access review", model_access_review_content_decode(content, &a, reviewed));
        in.access_review = reviewed;
    } else if (kind == KIND_DELEGATE) {
        must("delegate", model_delegate_content_decode(content, &a, delegate));
        in.delegate = delegate;
    } else if (kind == KIND_WAIVER) {
        struct waiver_content *waiver = arena_alloc(&a, sizeof(*waiver));
        must("waiver", model_waiver_content_decode(content, &a, waiver));
        must("waiver", policy_sheet_waiver(&l->judge.state, waiver, l->now_ms, &a, &in));
    } else if (kind == KIND_POLICY) {
        must("policy", model_policy_content_decode(content, &a, policy));
        in.policy = policy;
    } else {
        must("roster", model_roster_content_decode(content, &a, roster));
        in.roster = roster;
    }
    const struct verdict v = open_request(l, &q, &in, officers ? "system:operator" : "system:kiosk", ret_index);
    arena_release(&a);
    return v;
}

static void put_artifact(struct json_out *o, const char *title)
{
    const struct sha256 d = digest_sha256(span_str(title));
    json_put_array(o, "artifacts");
    json_put_object(o, NULL);
    json_put_text(o, "name", "payments-api");
    json_put_hex(o, "sha256", sha256_span(&d));
    json_put_close(o);
    json_put_close(o);
}

/* What it goes back to, if to anything. */
static void put_rollback(struct json_out *o, const char *title)
{
    if (title != NULL) {
        json_put_object(o, "rollback");
        put_artifact(o, title);
        json_put_array(o, "triggers");
        json_put_text(o, NULL, "error_rate");
        json_put_close(o);
        json_put_close(o);
    }
}

static void put_content(struct json_out *o, const struct author_request *r)
{
    const char *backout = r->backout != NULL ? r->backout : "Roll back.";
    json_put_object(o, NULL);
    put_artifact(o, r->artifact != NULL ? r->artifact : r->title);
    json_put_text(o, "change_type", r->change_type != NULL ? r->change_type : "normal");
    if (backout[0] != '\0') {
        json_put_object(o, "documentation");
        json_put_text(o, "backout_plan", backout);
        json_put_close(o);
    }
    json_put_text(o, "environment", r->environment != NULL ? r->environment : "production");
    json_put_text(o, "initiator", r->initiator != NULL ? r->initiator : "gitlab:7");
    if (r->plan != NULL) {
        const struct sha256 plan = digest_sha256(span_str(r->plan));
        json_put_hex(o, "plan_sha256", sha256_span(&plan));
    }
    if (r->remediates != NULL) {
        const struct span incident = span_str(r->remediates);
        json_put_array(o, "remediates");
        json_put_str(o, NULL, incident);
        json_put_close(o);
    }
    put_rollback(o, r->rollback);
    json_put_text(o, "service", r->service != NULL ? r->service : "payments");
    if (r->author != NULL) {
        json_put_object(o, "source");
        json_put_array(o, "authors");
        json_put_text(o, NULL, r->author);
        json_put_close(o);
        json_put_text(o, "commit", "0123456789abcdef0123456789abcdef01234567");
        json_put_uint(o, "commits", 1);
        json_put_uint(o, "files_changed", 3);
        json_put_uint(o, "lines_added", 40);
        json_put_uint(o, "lines_removed", 2);
        json_put_text(o, "ref", "refs/heads/main");
        json_put_text(o, "repository", "payments/api");
        json_put_text(o, "since", "v4.18.1");
        json_put_close(o);
    }
    json_put_text(o, "title", r->title);
    json_put_close(o);
}

static struct verdict request_of(struct author_log *l, struct span content, struct request *q, uint64_t *ret_index)
{
    struct arena a;
    arena_init(&a, 16 << 20);
    struct deploy_content *d = arena_alloc(&a, sizeof(*d));
    const struct state_request *old = q->revises_set ? state_request_find(&l->judge.state, q->revises) : NULL;

    must("content", model_deploy_decode(content, &a, d));
    q->kind = KIND_DEPLOY;
    q->content = content;
    q->revision = old != NULL ? old->revision + 1 : 1;
    const struct sheet_input in = {.kind = KIND_DEPLOY, .deploy = d};
    must("history", state_histories(&l->judge.state, d, l->now_ms, &a, q));
    const struct verdict v = open_request(l, q, &in, "client:ci", ret_index);
    arena_release(&a);
    return v;
}

struct verdict author_log_request(struct author_log *l, const struct author_request *r, uint64_t *ret_index)
{
    AUTO_WRITER text = wr_heap(LEAF_TEXT_MAX);
    struct json_out o = json_out_make(&text);
    uint8_t key[32];
    struct writer w = wr_fixed(key, sizeof(key));
    struct request q = {
        .idempotency_key = key_text(l, r->key, &w), .revises_set = r->revises_set, .revises = r->revises};

    put_content(&o, r);
    must("content", json_out_end(&o, "content"));
    return request_of(l, wr_span(&text), &q, ret_index);
}

struct verdict author_log_deploy(struct author_log *l, struct span content, const struct state_request *revises,
                                 uint64_t *ret_index)
{
    uint8_t key[32];
    struct writer w = wr_fixed(key, sizeof(key));
    struct request q = {.idempotency_key = key_text(l, NULL, &w),
                        .revises_set = revises != NULL,
                        .revises = revises != NULL ? revises->index : 0};

    return request_of(l, content, &q, ret_index);
}

static void fill_statement(struct author_log *l, const struct state_request *q, const struct sheet *sheet,
                           const struct author_wrong *wrong, struct statement *st)
{
    const struct state *s = &l->judge.state;
    st->anchor_size = s->size;
    st->anchor_root = judge_root(&l->judge);
    const bool deploys = request_kind_deploys(sheet->in.kind) && sheet->in.deploy != NULL;
    st->environment = deploys ? sheet->in.deploy->environment : SPAN_NONE;
    st->issued_at_ms = l->now_ms - wrong->age_ms;
    st->expires_at_ms = st->issued_at_ms + MODEL_STATEMENT_LIFE_MS;
    st->kind = q->kind;
    st->kiosk = SPAN_LIT(AUTHOR_KIOSK);
    st->origin = s->origin;
    st->policy_index = s->policy_index;
    st->policy_sha256 = s->policy->sha256;
    st->request_index = q->index;
    st->request_leaf_sha256 = q->leaf_sha256;
    st->request_revision = q->revision;
    st->roster_index = s->roster_index;
    st->sheet_sha256 = sheet->digest;
    if (wrong->environment != NULL) {
        st->environment = span_str(wrong->environment);
    }
    st->anchor_root.b[0] ^= wrong->other_anchor ? 1 : 0;
    st->sheet_sha256.b[0] ^= wrong->other_sheet ? 1 : 0;
    st->policy_sha256.b[0] ^= wrong->other_policy ? 1 : 0;
    st->has_delegation = wrong->delegation != 0;
    st->delegation = wrong->delegation;
    if (wrong->nonce != NULL) {
        memcpy(st->nonce, wrong->nonce, sizeof(st->nonce));
    } else {
        next_nonce(l, st->nonce);
    }
    memcpy(l->nonce, st->nonce, sizeof(l->nonce));
}

struct verdict author_log_decide(struct author_log *l, const char *person, uint64_t request, const char *seat,
                                 enum decision_word word, const char *reason, const struct author_wrong *wrong)
{
    static const struct author_wrong right = {0};
    const struct author_wrong *w = wrong != NULL ? wrong : &right;
    struct author_person *p = person_of(l, w->credential_of != NULL ? w->credential_of : person);
    struct arena a;
    arena_init(&a, 64 << 20);
    struct statement *st = arena_alloc(&a, sizeof(*st));
    const struct state_request *q = state_request_find(&l->judge.state, request);
    struct verdict v = VERDICT_DENY(REASON_UNKNOWN_REQUEST);

    if (st != NULL && q != NULL && q->open != NULL) {
        const struct sheet sheet = sheet_now(l, request, &a);
        fill_statement(l, q, &sheet, w, st);
        st->credential_sha256 = credential_of(p);
        st->decision = word;
        st->person = span_str(person);
        st->reason = span_str(reason != NULL ? reason : "");
        st->seat = span_str(seat);
        st->subject_count = policy_subjects(&sheet.in, &a, st->subject);
        st->subject[0].sha256.b[0] ^= w->other_subject ? 1 : 0;
        if (w->bend_subjects != NULL) {
            w->bend_subjects(st);
        }
        const struct sheet_line *line = policy_sheet_seat(&sheet, st->seat);
        const struct state_person *speaks = state_person_find(&l->judge.state, st->person);
        if (line != NULL && speaks != NULL &&
            policy_previous(&sheet, line, word, speaks, &st->previous, &st->has_previous).code != CS_OK) {
            st->has_previous = false;
        }
        if (w->bend != NULL) {
            w->bend(st);
        }
        struct writer text = wr_fixed(l->statement, sizeof(l->statement));
        must("statement", model_statement_encode(st, &text));
        l->statement_len = text.len;

        struct answer answer;
        assert_over(l, p, wr_span(&text), w, &answer);
        const struct decision d = {
            .auth_data = answer_data(&answer), .sig = answer_sig(&answer), .statement = wr_span(&text)};
        AUTO_WRITER body = wr_heap(LEAF_TEXT_MAX);
        must("decision", model_decision_encode(&d, &body));
        char actor[64];
        (void)snprintf(actor, sizeof(actor), "person:%s", person);
        l->port = w->port;
        l->presence_switch = w->presence_switch;
        v = author_log_append(l, ENTRY_DECISION, actor, wr_span(&body));
    }
    arena_release(&a);
    return v;
}

struct span author_log_last_statement(const struct author_log *l)
{
    return span_make(l->statement, l->statement_len);
}

struct span author_log_last_leaf(const struct author_log *l)
{
    return wr_span(&l->last);
}

const uint8_t *author_log_last_nonce(const struct author_log *l)
{
    return l->nonce;
}

struct verdict author_log_effect(struct author_log *l, enum entry_type type, uint64_t request)
{
    const struct state *s = &l->judge.state;
    const struct state_request *q = state_request_find(s, request);
    struct arena a;
    arena_init(&a, 16 << 20);
    struct effect e = {.prev = type == ENTRY_POLICY ? s->policy_index : s->roster_index, .request = request};
    if (q != NULL && q->open != NULL) {
        struct state_loaded loaded;
        must("request", state_load(q, &a, &loaded));
        if (loaded.policy != NULL) {
            e.sha256 = digest_sha256(loaded.policy->policy);
        } else if (loaded.delegate != NULL || loaded.access_review != NULL) {
            e.sha256 = digest_sha256(loaded.request.content);
        } else if (loaded.roster != NULL) {
            must("changes", model_changes_digest(&loaded.roster->changes, &a, &e.sha256));
        }
    }
    AUTO_WRITER body = wr_heap(4096);
    must("effect", model_effect_encode(&e, &body));
    const struct verdict v = author_log_append(l, type, "system:core", wr_span(&body));
    arena_release(&a);
    return v;
}

static void decided_by_officers(struct author_log *l, enum request_kind kind, struct span content)
{
    uint64_t id = 0;
    must_allow("propose", author_log_propose(l, kind, content, &id));
    must_allow("olga", author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL));
    must_allow("omar", author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL));
    must_allow("effect", author_log_effect(l, kind == KIND_POLICY ? ENTRY_POLICY : ENTRY_ROSTER, id));
}

void author_log_adopt(struct author_log *l, struct span document)
{
    const struct policy_content p = {
        .initiator = SPAN_LIT("odette"), .policy = document, .title = SPAN_LIT("Another policy")};
    AUTO_WRITER text = wr_heap(LEAF_TEXT_MAX);
    must("policy", model_policy_content_encode(&p, &text));
    decided_by_officers(l, KIND_POLICY, wr_span(&text));
}

struct verdict author_log_grant(struct author_log *l, uint64_t request, void (*bend)(struct emergency_grant *g))
{
    const struct state *s = &l->judge.state;
    const struct state_request *q = state_request_find(s, request);
    struct arena a;
    arena_init(&a, 64 << 20);
    struct emergency_grant *g = arena_alloc(&a, sizeof(*g));
    const struct sheet sheet = sheet_now(l, request, &a);
    must("grant", policy_emergency_grant(s, q, &sheet, &a, g));
    if (bend != NULL) {
        bend(g);
    }
    AUTO_WRITER body = wr_heap(LEAF_TEXT_MAX);
    must("grant", model_grant_encode(g, &body));
    const struct verdict v = author_log_append(l, ENTRY_EMERGENCY, "system:core", wr_span(&body));
    arena_release(&a);
    return v;
}

struct verdict author_log_overdue(struct author_log *l, uint64_t emergency)
{
    const struct overdue x = {.emergency = emergency, .prev = l->judge.state.emergency_index};
    AUTO_WRITER body = wr_heap(4096);
    must("overdue", model_overdue_encode(&x, &body));
    return author_log_append(l, ENTRY_OVERDUE, "system:core", wr_span(&body));
}

struct verdict author_log_paid(struct author_log *l, uint64_t request, uint64_t emergency)
{
    const struct review_effect x = {.emergency = emergency, .prev = l->judge.state.emergency_index, .request = request};
    AUTO_WRITER body = wr_heap(4096);
    must("review", model_review_effect_encode(&x, &body));
    return author_log_append(l, ENTRY_REVIEW, "system:core", wr_span(&body));
}

struct verdict author_log_freeze(struct author_log *l, const struct freeze *f, const char *actor)
{
    struct freeze x = *f;
    AUTO_WRITER body = wr_heap(LEAF_TEXT_MAX);
    x.prev = f->prev != 0 ? f->prev : l->judge.state.freeze_index;
    must("freeze", model_freeze_encode(&x, &body));
    return author_log_append(l, ENTRY_FREEZE, actor, wr_span(&body));
}

struct verdict author_log_thaw(struct author_log *l, uint64_t request, uint64_t freeze)
{
    const struct thaw x = {.freeze = freeze, .prev = l->judge.state.freeze_index, .request = request};
    AUTO_WRITER body = wr_heap(4096);
    must("thaw", model_thaw_encode(&x, &body));
    return author_log_append(l, ENTRY_THAW, "system:core", wr_span(&body));
}

struct verdict author_log_clock(struct author_log *l, uint64_t back_ms)
{
    const struct clock_note x = {.back_ms = back_ms};
    AUTO_WRITER body = wr_heap(4096);
    must("clock", model_clock_encode(&x, &body));
    return author_log_append(l, ENTRY_CLOCK, "system:core", wr_span(&body));
}

static void enrol(struct author_log *l, const char *const people[2], const char *role, bool with_client)
{
    struct arena a;
    arena_init(&a, 16 << 20);
    const char *const roles[] = {role};
    struct roster_change *items = zeroed(&a, 5);
    size_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        must("person", author_log_person(l, people[i], roles, 1, &a, &items[n]));
        n += 2;
    }
    if (with_client) {
        items[n].op = CHANGE_PUT_CLIENT;
        items[n].id = SPAN_LIT("ci");
        items[n].client.id = SPAN_LIT("ci");
        for (unsigned k = 1; k <= SCOPE_MIRROR; k++) { /* the logs of before stay as they are */
            items[n].client.scopes |= 1U << k;
        }
        items[n].client.tokens[0] = digest_sha256(SPAN_LIT("ci-token"));
        items[n].client.token_count = 1;
        n++;
    }
    const struct roster_content c = {.changes = {.item = items, .count = n},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("first people"),
                                     .title = SPAN_LIT("Enrol people")};
    AUTO_WRITER text = wr_heap(LEAF_TEXT_MAX);
    must("roster", model_roster_content_encode(&c, &text));
    decided_by_officers(l, KIND_ROSTER, wr_span(&text));
    arena_release(&a);
}

void author_log_standard(struct author_log *l)
{
    static const char *const tech[2] = {"tina", "tom"};
    static const char *const business[2] = {"bea", "bill"};
    struct arena a;
    arena_init(&a, 16 << 20);

    author_log_begin(l);
    enrol(l, tech, "tech", true);
    enrol(l, business, "business", false);
    const struct policy_content p = {.initiator = SPAN_LIT("odette"),
                                     .policy = policy_text(&a, true, 2),
                                     .reason = SPAN_LIT("two people for production"),
                                     .title = SPAN_LIT("Two people")};
    AUTO_WRITER text = wr_heap(LEAF_TEXT_MAX);
    must("policy", model_policy_content_encode(&p, &text));
    decided_by_officers(l, KIND_POLICY, wr_span(&text));
    arena_release(&a);
}

struct verdict author_log_redeem(struct author_log *l, uint64_t request, bool drift)
{
    return author_log_redeem_as(l, request, drift, "client:ci");
}

static void write_envelope(struct author_log *l, const struct state_request *q, struct arena *a, struct writer *w)
{
    const struct state *s = &l->judge.state;
    const struct sha256 head = judge_root(&l->judge);
    const struct judge_place at = {.seq = s->size, .head = &head, .time_ms = l->now_ms};
    AUTO_WRITER payload = wr_heap(65536);
    AUTO_WRITER pae = wr_heap(65536 + 256);
    AUTO_WRITER sig = wr_heap(128);

    must("payload", judge_outcome_payload(s, q, &at, a, &payload));
    must("pae", note_dsse_pae(SPAN_LIT(JUDGE_OUTCOME_TYPE), wr_span(&payload), &pae));
    must("sign", sign_outcome(l, wr_span(&pae), &sig));
    must("envelope",
         note_dsse_write(SPAN_LIT(JUDGE_OUTCOME_TYPE), wr_span(&payload), author_log_outcome_key(l), wr_span(&sig), w));
}

/* What is presented; without q nothing. */
static void present(const struct deploy_content *d, bool back, struct redeem *r)
{
    const struct deploy_rollback *b = d->rollback;
    if (back && b == NULL) {
        return;
    }
    memcpy(r->artifacts, back ? b->artifacts : d->artifacts, sizeof(r->artifacts));
    r->artifact_count = back ? b->artifact_count : d->artifact_count;
    r->has_config = back ? b->has_config : d->has_config;
    r->config_sha256 = back ? b->config_sha256 : d->config_sha256;
    r->has_plan = back ? b->has_plan : d->has_plan;
    r->plan_sha256 = back ? b->plan_sha256 : d->plan_sha256;
}

static struct verdict redeem_as(struct author_log *l, struct redeem *r, bool drift, const char *actor)
{
    const struct state *s = &l->judge.state;
    const struct state_request *q = state_request_find(s, r->request);
    AUTO_WRITER envelope = wr_heap(LEAF_TEXT_MAX);
    struct arena a;
    arena_init(&a, 16 << 20);

    if (q != NULL && (q->open != NULL || (r->rollback && state_words(q) != NULL))) {
        struct state_loaded loaded;
        must("request", state_load(q, &a, &loaded));
        present(loaded.deploy, r->rollback, r);
        r->artifacts[0].sha256.b[0] ^= drift ? 1 : 0;
        if (!drift && (!r->rollback || q->status == STATUS_FAILED) && (!r->rollback || q->fallback != NULL)) {
            write_envelope(l, q, &a, &envelope);
            r->envelope = wr_span(&envelope);
        }
    }
    AUTO_WRITER body = wr_heap(LEAF_TEXT_MAX);
    must("redeem", model_redeem_encode(r, &body));
    const struct verdict v = author_log_append(l, ENTRY_REDEEM, actor, wr_span(&body));
    arena_release(&a);
    return v;
}

struct verdict author_log_redeem_as(struct author_log *l, uint64_t request, bool drift, const char *actor)
{
    struct redeem r = {.request = request};
    return redeem_as(l, &r, drift, actor);
}

struct verdict author_log_go_back(struct author_log *l, uint64_t request, bool drift)
{
    struct redeem r = {.request = request, .rollback = true};
    return redeem_as(l, &r, drift, "client:ci");
}

static struct verdict report(struct author_log *l, struct outcome *o)
{
    o->finished_ms = l->now_ms;
    o->started_ms = l->now_ms - 1;
    AUTO_WRITER body = wr_heap(4096);
    must("outcome", model_outcome_encode(o, &body));
    return author_log_append(l, ENTRY_OUTCOME, "client:ci", wr_span(&body));
}

struct verdict author_log_outcome(struct author_log *l, uint64_t request, enum request_status result)
{
    struct outcome o = {.request = request, .result = result};
    return report(l, &o);
}

struct verdict author_log_failed(struct author_log *l, uint64_t request, const char *trigger)
{
    struct outcome o = {
        .request = request, .result = STATUS_FAILED, .trigger = trigger != NULL ? span_str(trigger) : SPAN_NONE};
    return report(l, &o);
}

struct verdict author_log_expire(struct author_log *l, uint64_t request)
{
    const struct expire x = {.request = request};
    AUTO_WRITER body = wr_heap(4096);
    must("expire", model_expire_encode(&x, &body));
    return author_log_append(l, ENTRY_EXPIRE, "system:core", wr_span(&body));
}

struct verdict author_log_withdraw(struct author_log *l, uint64_t request, const char *actor)
{
    const struct withdraw x = {.request = request, .reason = SPAN_LIT("not needed")};
    AUTO_WRITER body = wr_heap(4096);
    must("withdraw", model_withdraw_encode(&x, &body));
    return author_log_append(l, ENTRY_WITHDRAW, actor, wr_span(&body));
}
