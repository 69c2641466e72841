/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: of people, of keys' makers, of the outcome key. */
#include "judge/judge_cards.h"

#include "base/base_text.h"
#include "crypt/crypt_assertion.h"
#include "crypt/crypt_attest.h"
#include "crypt/crypt_card.h"
#include "crypt/crypt_verify.h"
#include "judge/judge_keys.h"
#include "note/note_dsse.h"
#include "note/note_sshsig.h"

enum { CLIENT_DATA_MAX = 2048, ENVELOPE_MAX = 131072, ENVELOPE_SIG_MAX = 80 };

static enum policy_reason assertion_reason(enum crypt_assertion a)
{
    switch (a) {
    case CRYPT_ASSERTION_HOLDS:
        return REASON_OK;
    case CRYPT_ASSERTION_RP_ID:
        return REASON_RP_ID;
    case CRYPT_ASSERTION_NO_PRESENCE:
        return REASON_NO_PRESENCE;
    case CRYPT_ASSERTION_NO_VERIFICATION:
        return REASON_NO_VERIFICATION;
    case CRYPT_ASSERTION_BACKUP:
        return REASON_BACKUP;
    case CRYPT_ASSERTION_NO_ROOM:
        return REASON_NO_ROOM;
    case CRYPT_ASSERTION_NOT_CHECKED:
    case CRYPT_ASSERTION_INPUT:
    case CRYPT_ASSERTION_CLIENT_DATA:
    case CRYPT_ASSERTION_AUTH_DATA:
    case CRYPT_ASSERTION_EXTENDED:
    case CRYPT_ASSERTION_RESERVED:
    case CRYPT_ASSERTION_KEY:
    case CRYPT_ASSERTION_SIGNATURE:
    case CRYPT_ASSERTION_COUNT:
        break;
    }
    return REASON_SIGNATURE;
}

/* A key that counts must count up; one that does not stays at zero for ever. */
static bool counts_up(uint32_t before, uint32_t now)
{
    return now > before || (now == 0 && before == 0);
}

/* A card signs the frame itself: there is no counter, and no flag that would say more than that it signed. */
static struct verdict card_signed(struct crypt_key *key, const struct judge_assertion *a,
                                  const struct note_tosign *tosign)
{
    if (a->auth_data.left > 0) {
        return VERDICT_CAUSE(REASON_SIGNATURE, CS_FAIL(CS_E_UNKNOWN, "decision.auth_data"));
    }
    const struct cs_result r = crypt_card_verify(key, SPAN_OF(tosign->b), a->sig);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(r.code == CS_E_NOMEM ? REASON_NO_ROOM : REASON_SIGNATURE, r);
    }
    return VERDICT_ALLOW;
}

struct verdict judge_assertion_holds(struct judge *j, const struct judge_assertion *a)
{
    const struct note_tosign tosign = note_sshsig_tosign(a->statement);
    const struct crypt_assertion_in in = {
        .rp_id = a->rp_id, .challenge = SPAN_OF(tosign.b), .auth_data = a->auth_data, .sig = a->sig};
    struct crypt_key *key = NULL;
    uint32_t counter = 0;

    const struct cs_result opened = judge_keys_open(j->keys, a->key, &key);
    if (opened.code != CS_OK) {
        return VERDICT_CAUSE(opened.code == CS_E_NOMEM ? REASON_NO_ROOM : REASON_SIGNATURE, opened);
    }
    if (a->kind == CREDENTIAL_PIV) {
        return card_signed(key, a, &tosign);
    }
    const enum crypt_assertion said = crypt_assertion_check(key, &in, &counter);
    const bool reached_counter = said == CRYPT_ASSERTION_HOLDS || said == CRYPT_ASSERTION_SIGNATURE;
    if (reached_counter && !counts_up(a->counter_before, counter)) {
        return VERDICT_DENY(REASON_COUNTER);
    }
    if (said != CRYPT_ASSERTION_HOLDS) {
        return VERDICT_CAUSE(assertion_reason(said), CS_FAIL(CS_E_BADSIG, crypt_assertion_text(said)));
    }
    return VERDICT_ALLOW;
}

struct allow_list {
    struct crypt_model *models;
    size_t count;
};

static void allow(struct allow_list *l, struct span aaguid, const struct span *roots, size_t root_count)
{
    l->models[l->count++] = (struct crypt_model){.aaguid = aaguid, .roots = roots, .root_count = root_count};
}

static bool puts_model(const struct roster_changes *changes, struct span aaguid)
{
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->item[i].op == CHANGE_PUT_MODEL && span_eq(changes->item[i].model.aaguid, aaguid)) {
            return true;
        }
    }
    return false;
}

/* Models that the same list brings, and those of the roster that it does not replace. */
static CS_RESULT allowed_models(const struct state *s, const struct roster_changes *changes, struct arena *scratch,
                                struct allow_list *ret_list)
{
    struct allow_list l = {.models = arena_array(scratch, s->models.count + changes->count, sizeof(*l.models))};
    size_t at = 0;
    const struct state_model *m = NULL;

    ENSURE(l.models != NULL, CS_E_NOMEM, "models");
    while ((m = map_next(&s->models, &at)) != NULL) {
        if (!m->removed && !puts_model(changes, m->aaguid)) {
            allow(&l, m->aaguid, m->roots, m->root_count);
        }
    }
    for (size_t i = 0; i < changes->count; i++) {
        const struct token_model *t = &changes->item[i].model;
        if (changes->item[i].op == CHANGE_PUT_MODEL) {
            allow(&l, t->aaguid, t->roots, t->root_count);
        }
    }
    *ret_list = l;
    return CS_SUCCESS;
}

/* Those that a person can do something about have a reason of their own; the cause says the rest. */
static enum policy_reason attest_reason(enum crypt_attest a)
{
    if (a == CRYPT_ATTEST_MODEL) {
        return REASON_MODEL_UNKNOWN;
    }
    return a == CRYPT_ATTEST_BACKUP ? REASON_BACKUP : REASON_ATTESTATION;
}

static struct verdict registration_holds(const struct roster_change *c, const struct allow_list *l,
                                         const struct judge_enrolment *at)
{
    const struct credential *k = &c->credential;
    uint8_t client_data[CLIENT_DATA_MAX];
    struct writer w = wr_fixed(client_data, sizeof(client_data));
    struct crypt_registration reg = {0};

    const struct cs_result r = model_register_client_data(at->origin, at->rp_id, c->id, k->attestation.nonce, &w);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_ATTESTATION, r);
    }
    const struct crypt_attest_in in = {.rp_id = at->rp_id,
                                       .client_data = wr_span(&w),
                                       .auth_data = k->attestation.auth_data,
                                       .sig = k->attestation.sig,
                                       .x5c = k->attestation.x5c,
                                       .x5c_count = k->attestation.x5c_count,
                                       .time_s = at->time_ms / 1000};
    const enum crypt_attest said = crypt_attest_check(&in, l->models, l->count, &reg);
    if (said != CRYPT_ATTEST_HOLDS) {
        return VERDICT_CAUSE(attest_reason(said), CS_FAIL(CS_E_REFUSED, crypt_attest_text(said)));
    }
    /* what the roster says about the key is what the key said about itself */
    const bool same = span_eq(reg.id, k->id) && span_eq(reg.aaguid, k->aaguid) && span_eq(SPAN_OF(reg.spki), k->key);
    return same ? VERDICT_ALLOW : VERDICT_CAUSE(REASON_ATTESTATION, CS_FAIL(CS_E_MISMATCH, "credential"));
}

struct verdict judge_attestations_hold(struct judge *j, const struct judge_enrolment *at,
                                       const struct roster_changes *changes)
{
    struct allow_list l = {0};

    const struct cs_result r = allowed_models(at->state, changes, &j->scratch, &l);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->item[i].op != CHANGE_ADD_CREDENTIAL) {
            continue;
        }
        const struct verdict v = registration_holds(&changes->item[i], &l, at);
        if (!v.allow) {
            return v;
        }
    }
    return VERDICT_ALLOW;
}

struct verdict judge_changes_hold(struct judge *j, const struct judge_enrolment *at,
                                  const struct roster_changes *changes)
{
    const struct verdict v = judge_attestations_hold(j, at, changes);
    return v.allow ? judge_cards_hold(at, changes) : v;
}

/* The envelope has one spelling, so it is rebuilt around its own signature and compared. */
static CS_RESULT envelope_signature(struct span envelope, struct span payload, struct span spki, struct writer *sig)
{
    static const char end[] = "\"}]}";
    AUTO_WRITER frame = wr_heap(ENVELOPE_MAX);

    TRY(note_dsse_write(SPAN_LIT(JUDGE_OUTCOME_TYPE), payload, spki, SPAN_NONE, &frame));
    const size_t head = frame.len - (sizeof(end) - 1);
    const struct span before = span_make(frame.p, head);
    ENSURE(envelope.left > frame.len && span_starts(envelope, before), CS_E_MISMATCH, "envelope");
    const struct span after = span_from(envelope, envelope.left - (sizeof(end) - 1));
    ENSURE(span_is(after, end), CS_E_MISMATCH, "envelope");
    return text_base64_decode(span_make(envelope.p + head, envelope.left - frame.len), sig, "envelope.sig");
}

struct verdict judge_envelope_holds(struct judge *j, struct span envelope, struct span payload)
{
    const struct span spki = j->state.outcome_key;
    uint8_t der[ENVELOPE_SIG_MAX];
    struct writer sig = wr_fixed(der, sizeof(der));
    AUTO_WRITER pae = wr_heap(ENVELOPE_MAX);
    struct crypt_key *key = NULL;

    struct cs_result r = envelope_signature(envelope, payload, spki, &sig);
    if (r.code == CS_OK && j->depth == JUDGE_PROVE) {
        r = judge_keys_open(j->keys, spki, &key);
        r = r.code == CS_OK ? note_dsse_pae(SPAN_LIT(JUDGE_OUTCOME_TYPE), payload, &pae) : r;
        r = r.code == CS_OK ? crypt_verify(key, CRYPT_ES256, wr_span(&pae), wr_span(&sig)) : r;
    }
    return r.code == CS_OK ? VERDICT_ALLOW : VERDICT_CAUSE(REASON_ENVELOPE, r);
}
