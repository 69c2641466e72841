/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the genesis ceremony: officers sign the whole, one after the other, and the core gets it. */
#include "screen/screen_flow_in.h"

enum { GENESIS_BYTES = 64 << 10 };

bool flow_is_officer(const struct person *p)
{
    for (size_t i = 0; i < p->role_count; i++) {
        if (span_is(p->roles[i], "officer")) {
            return true;
        }
    }
    return false;
}

static const struct roster_change *made_by_id(const struct flow_making *m, const struct sha256 *id)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct roster_change *c = &m->item[i];
        const struct sha256 d = digest_sha256(c->credential.id);
        if (flow_makes_key(c) && sha256_eq(&d, id)) {
            return c;
        }
    }
    return NULL;
}

CS_RESULT flow_seal_write(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    const struct genesis_statement g = {.changes = {.item = m->item, .count = m->count},
                                        .created_ms = t->w->clock_ms,
                                        .log_key = m->log_key,
                                        .origin = m->proposal.origin,
                                        .outcome_key = m->outcome_key,
                                        .policy = m->proposal.policy,
                                        .rp_id = m->proposal.rp_id};
    AUTO_WRITER w = wr_heap(GENESIS_BYTES);
    TRY(model_genesis_statement_encode(&g, &w));
    TRY(arena_copy(&f->people, wr_span(&w), &m->statement));
    m->digest = digest_sha256(m->statement);
    return CS_SUCCESS;
}

void flow_seal_identify(const struct turn *t)
{
    struct flow *f = t->f;
    struct span *ids = arena_array(&f->step, MODEL_CHANGES_MAX, sizeof(*ids));
    struct flow_ask *a = ids != NULL && f->token.op == 0 ? flow_ask_token(f, ASK_IDENTIFY, f->token.number) : NULL;
    if (a != NULL) {
        a->ids = ids;
        a->id_count = flow_collect_made(t, ids, MODEL_CHANGES_MAX);
        a->rp_id = f->making.proposal.rp_id;
    }
}

bool flow_seal_ask(const struct turn *t)
{
    const struct flow_making *m = &t->f->making;
    const struct roster_change *c = made_by_id(m, &m->signer_credential);
    if (c == NULL) {
        return false;
    }
    const struct flow_sign_ask what = {
        .statement = m->statement, .rp_id = m->proposal.rp_id, .credential = c->credential.id};
    return flow_ask_sign(t, &what);
}

void flow_seal_signed(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    struct genesis_signature s = {.credential_sha256 = m->signer_credential};
    if (m->genesis.signature_count == GENESIS_SIGNATURES_MAX ||
        arena_copy(&f->people, t->in->done->auth_data, &s.auth_data).code != CS_OK ||
        arena_copy(&f->people, t->in->done->sig, &s.sig).code != CS_OK ||
        arena_copy(&f->people, flow_text(&m->signer), &s.person).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
        (void)flow_go(t, FLOW_EV_BACK);
        return;
    }
    m->genesis.signatures[m->genesis.signature_count++] = s;
    const bool enough = m->genesis.signature_count >= m->policy.officers_threshold;
    (void)flow_go(t, enough ? FLOW_EV_ALL : FLOW_EV_MADE);
}

static bool has_signed(const struct flow_making *m, struct span person)
{
    for (size_t i = 0; i < m->genesis.signature_count; i++) {
        if (span_eq(m->genesis.signatures[i].person, person)) {
            return true;
        }
    }
    return false;
}

static const struct person *person_of(const struct flow_making *m, struct span id)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->item[i].op == CHANGE_PUT_PERSON && span_eq(m->item[i].id, id)) {
            return &m->item[i].person;
        }
    }
    return NULL;
}

void flow_seal_known(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    const struct sha256 id = digest_sha256(t->in->done->credential);
    const struct roster_change *c = made_by_id(m, &id);
    const struct person *p = c != NULL ? person_of(m, c->id) : NULL;
    if (p == NULL) {
        flow_say(f, WORD_NOT_ENROLLED);
    } else if (!flow_is_officer(p)) {
        flow_say(f, WORD_NO_ROLE);
    } else if (has_signed(m, p->id)) {
        flow_say(f, WORD_SIGNED_ONCE);
    } else {
        flow_short_set(&m->signer, p->id);
        m->signer_credential = id;
        flow_say(f, WORD_NONE);
        (void)flow_go(t, FLOW_EV_INSERTED);
    }
}

/* ---- the first entry */

void flow_seal_enter(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    struct flow_ask *a = flow_ask(f, ASK_GENESIS);
    m->genesis.statement = m->statement;
    if (a != NULL) {
        a->genesis = &m->genesis;
        m->send_id = a->id;
    }
    flow_say(f, WORD_NONE);
}

void flow_seal_answer(const struct turn *t)
{
    struct flow *f = t->f;
    if (t->in->kind == INPUT_ANSWER && !span_is(t->in->answer->code, "ok")) {
        (void)flow_go(t,
                      FLOW_EV_LOST); /* signed or not, it is not wanted: the proposal is read again, from its start */
        flow_say_reason(f, policy_reason_of(t->in->answer->code));
        return;
    }
    if (!t->w->state->begun) {
        return;
    }
    f->receipt = (struct flow_receipt){
        .genesis = true, .statement = f->making.digest, .head = t->w->root, .size = t->w->state->size};
    (void)flow_go(t, FLOW_EV_RECORDED);
}
