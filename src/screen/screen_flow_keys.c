/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and cards that are enrolled one after the other: at the genesis ceremony, and for people. */
#include "screen/screen_flow_in.h"

enum { ASK_AGAIN_MS = 5000 };

/* ---- the proposal */

void flow_proposal_ask(const struct turn *t)
{
    struct flow_making *m = &t->f->making;
    const bool lately = m->asked_ms != 0 && t->w->now_ms - m->asked_ms < ASK_AGAIN_MS;
    if (m->has_proposal || lately) {
        return;
    }
    const struct flow_ask *a = flow_ask(t->f, ASK_PROPOSAL);
    m->proposal_id = a != NULL ? a->id : 0;
    m->asked_ms = t->w->now_ms;
}

static CS_RESULT take_proposal(struct flow *f, const struct flow_answer *a)
{
    struct flow_making *m = &f->making;
    struct span text = SPAN_NONE;

    arena_reset(&f->people);
    TRY(arena_copy(&f->people, a->proposal, &text));
    TRY(arena_copy(&f->people, a->log_key, &m->log_key));
    TRY(arena_copy(&f->people, a->outcome_key, &m->outcome_key));
    TRY(model_proposal_decode(text, &f->people, &m->proposal));
    TRY(model_policy_decode(m->proposal.policy, &f->people, &m->policy));
    ENSURE(m->proposal.changes.count <= MODEL_CHANGES_MAX, CS_E_RANGE, "proposal.changes");
    memcpy(m->item, m->proposal.changes.item, m->proposal.changes.count * sizeof(m->item[0]));
    m->count = m->proposal.changes.count;
    return CS_SUCCESS;
}

static bool is_person(const struct roster_change *c)
{
    return c->op == CHANGE_PUT_PERSON;
}

/* From `at` on, the next person of the proposal; count of its changes when there is none. */
static size_t next_person(const struct flow_making *m, size_t at)
{
    while (at < m->proposal.changes.count && !is_person(&m->item[at])) {
        at++;
    }
    return at;
}

void flow_proposal_answer(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    const struct flow_answer *a = t->in->answer;
    m->proposal_id = 0;
    if (f->state != FLOW_OUT || t->w->state->begun) {
        return;
    }
    if (!span_is(a->code, "ok") || a->proposal.left == 0) {
        f->out = WORD_NO_PROPOSAL;
        return;
    }
    if (take_proposal(f, a).code != CS_OK) {
        f->out = WORD_PROPOSAL_BAD;
        return;
    }
    m->has_proposal = true;
    m->what = MAKING_GENESIS;
    m->at = next_person(m, 0);
    (void)flow_go(t, FLOW_EV_EMPTY);
}

static void set_proposal(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    struct doc *d = &m->page.doc;
    const struct sha256 log_key = digest_sha256(m->log_key);
    const struct sha256 outcome_key = digest_sha256(m->outcome_key);
    const struct roster_changes first = {.item = m->item, .count = m->proposal.changes.count};
    doc_title(d, SPAN_LIT("The start of this log"));
    doc_field(d, "Log", m->proposal.origin, DOC_PLAIN);
    doc_field(d, "Keys are for", m->proposal.rp_id, DOC_PLAIN);
    doc_field(d, "Kiosk", flow_text(&f->kiosk), DOC_PLAIN);
    doc_number(d, "Officers sign", m->policy.officers_threshold);
    doc_digest(d, "Log key sha256", &log_key);
    doc_digest(d, "Outcome key sha256", &outcome_key);
    screen_read_changes(d, &first, flow_facts(t->w, &first, &f->people), NULL);
    screen_read_policy(d, &m->policy, NULL);
}

void flow_making_set(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    if (m->what == MAKING_NONE) {
        return;
    }
    doc_init(&m->page.doc, &f->people, REPERTOIRE_CELLS);
    if (m->what == MAKING_PERSON) {
        const struct roster_changes changes = {.item = m->item, .count = m->count};
        doc_title(&m->page.doc, SPAN_LIT("Changes to propose"));
        if (m->count == 0) {
            doc_note(&m->page.doc, "None yet. Add people and keys, or switch keys off.");
        } else {
            screen_read_changes(&m->page.doc, &changes, flow_facts(t->w, &changes, &f->people), t->w->state);
        }
    } else {
        set_proposal(t);
    }
    flow_set_pages(f, &m->page, &f->people, t->w->now_ms);
}

void flow_making_drop(struct flow *f)
{
    memset(&f->making, 0, sizeof(f->making));
    arena_reset(&f->people);
}

void flow_ceremony_press(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_pages *p = &f->making.page;
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    if (flow_turn_page(t, p, true)) {
        return;
    }
    if (t->in->press != PRESS_F12 && point != 'a') {
        return;
    }
    if (p->doc.unshown || p->doc.hidden || p->pages.too_long) {
        flow_say(f, WORD_UNSHOWN);
    } else if (!flow_all_read(p, t->w->now_ms)) {
        flow_say(f, WORD_READ_ALL);
    } else if (!t->w->token_up) {
        flow_say(f, WORD_NO_READER);
    } else {
        flow_say(f, WORD_NONE);
        (void)flow_go(t, FLOW_EV_BEGIN);
    }
}

/* ---- changes */

bool flow_change_add(struct flow *f, const struct roster_change *c)
{
    struct flow_making *m = &f->making;
    for (size_t i = 0; i < m->count; i++) {
        const bool same_person = c->op == CHANGE_PUT_PERSON && m->item[i].op == c->op && span_eq(m->item[i].id, c->id);
        const bool same_key = c->op == CHANGE_REVOKE_CREDENTIAL && m->item[i].op == c->op &&
                              sha256_eq(&m->item[i].credential_sha256, &c->credential_sha256);
        if (same_person || same_key) {
            m->item[i] = *c;
            return true;
        }
    }
    if (m->count == MODEL_CHANGES_MAX) {
        flow_say(f, WORD_LIST_FULL);
        return false;
    }
    m->item[m->count++] = *c;
    return true;
}

/* Credentials of the changes so far, and for people those of the roster too. */
bool flow_makes_key(const struct roster_change *c)
{
    return c->op == CHANGE_ADD_CREDENTIAL || c->op == CHANGE_ADD_CARD;
}

/* Their own card, whose certificate may be a later one now: the core sees whether it renews it. */
static bool may_be_renewed(const struct flow *f, const struct state_credential *k)
{
    const bool gone = k->revoked || k->card == NULL || k->card->cert_revoked;
    return !gone && f->making.what == MAKING_PERSON && span_eq(k->person->id, flow_making_person(f));
}

size_t flow_collect_made(const struct turn *t, struct span *ids, size_t max)
{
    const struct flow_making *m = &t->f->making;
    size_t n = 0;
    for (size_t i = 0; i < m->count && n < max; i++) {
        if (flow_makes_key(&m->item[i])) {
            ids[n++] = m->item[i].credential.id;
        }
    }
    size_t at = 0;
    for (const struct state_credential *k = map_next(&t->w->state->credentials, &at); k != NULL && n < max;
         k = map_next(&t->w->state->credentials, &at)) {
        if (!may_be_renewed(t->f, k)) {
            ids[n++] = k->id;
        }
    }
    return n;
}

/* ---- who is next */

/* The key just used is out: who comes now? */
static void go_on(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    if (m->what == MAKING_PERSON) {
        (void)flow_go(t, FLOW_EV_PEOPLE);
        return;
    }
    if (m->what == MAKING_GENESIS) {
        m->at = next_person(m, m->at + 1);
        if (m->at == m->proposal.changes.count) {
            if (flow_seal_write(t).code != CS_OK) {
                flow_say(f, WORD_NO_MEMORY);
                return;
            }
            m->what = MAKING_SEAL;
        }
    }
    (void)flow_go(t, FLOW_EV_NEXT);
}

static void use_key(const struct turn *t, const struct flow_device *d)
{
    struct flow *f = t->f;
    flow_use(f, d);
    if (d->card && f->making.what != MAKING_SEAL && flow_issuers(f, t->w) == 0) {
        flow_say(f, WORD_NO_ISSUER);
        return;
    }
    if (f->making.what == MAKING_SEAL) {
        flow_seal_identify(t);
    } else {
        flow_say(f, WORD_NONE);
        (void)flow_go(t, FLOW_EV_INSERTED);
    }
}

void flow_key_in(const struct turn *t)
{
    struct flow *f = t->f;
    if (f->state != FLOW_KEY || f->token.devices == 0) {
        return;
    }
    if (f->token.devices > 1) {
        flow_cancel(f);
        flow_use(f, NULL);
        flow_say(f, WORD_WHICH);
        return;
    }
    use_key(t, &f->token.device[0]);
}

void flow_key_enter(const struct turn *t)
{
    flow_key_in(t);
}

void flow_key_out_enter(const struct turn *t)
{
    flow_say(t->f, WORD_TAKE_OUT);
    if (t->f->token.number == 0) {
        go_on(t);
    }
}

void flow_key_gone(const struct turn *t, const struct word_args *removed)
{
    struct flow *f = t->f;
    if (f->state == FLOW_KEY_OUT) {
        flow_say(f, WORD_NONE);
        go_on(t);
    } else if (f->state != FLOW_KEY) {
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say_args(f, WORD_REMOVED, removed);
    } else {
        flow_say(f, WORD_NONE);
    }
}

bool flow_may_skip(const struct flow *f)
{
    const struct flow_making *m = &f->making;
    return m->what == MAKING_PERSON || (m->what == MAKING_GENESIS && !flow_is_officer(&m->item[m->at].person));
}

void flow_key_press(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    if (f->state != FLOW_KEY) {
        return;
    }
    if (t->in->press == PRESS_ESC) {
        flow_cancel(f);
        flow_say(f, WORD_NONE);
        (void)flow_go(t, m->what == MAKING_PERSON ? FLOW_EV_PEOPLE : FLOW_EV_BACK);
    } else if (t->in->press == PRESS_ENTER) {
        flow_key_in(t);
    } else if (point >= '1' && point - '1' < f->token.devices) {
        flow_cancel(f);
        use_key(t, &f->token.device[point - '1']);
    } else if (t->in->press == PRESS_TAB && flow_may_skip(f)) {
        go_on(t); /* the person stays in the changes, without a key */
    }
}

/* ---- PIN and touch */

struct span flow_making_person(const struct flow *f)
{
    const struct flow_making *m = &f->making;
    switch (m->what) {
    case MAKING_GENESIS:
        return m->at < m->count ? m->item[m->at].id : SPAN_NONE;
    case MAKING_SEAL:
        return flow_text(&m->signer);
    case MAKING_PERSON:
        return flow_text(&m->id);
    case MAKING_NONE:
        break;
    }
    return SPAN_NONE;
}

static bool ask_enrol(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    const bool genesis = m->what == MAKING_GENESIS;
    const struct span origin = genesis ? m->proposal.origin : t->w->state->origin;
    const struct span rp_id = genesis ? m->proposal.rp_id : t->w->state->rp_id;
    const struct span person = flow_making_person(f);
    uint8_t frame[MODEL_REGISTER_MESSAGE_BYTES];
    AUTO_WRITER w = wr_heap(4096);
    memcpy(m->nonce, t->w->random, sizeof(m->nonce));
    struct span *ids = arena_array(&f->step, FLOW_IDS_MAX, sizeof(*ids));
    const struct span nonce = span_make(m->nonce, sizeof(m->nonce));
    struct writer message = wr_fixed(frame, sizeof(frame));
    if (ids == NULL || model_register_message(origin, person, nonce, &message).code != CS_OK ||
        model_register_client_data(origin, rp_id, person, nonce, &w).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
        return false;
    }
    const struct sha256 user = digest_sha256(person);
    struct flow_ask *a = flow_ask_token(f, ASK_ENROL, f->token.number);
    if (a == NULL) {
        return false;
    }
    a->rp_id = rp_id;
    a->client_data = flow_keep(f, wr_span(&w));
    a->message = flow_keep(f, wr_span(&message));
    if (a->client_data.left == 0 || a->message.left == 0) {
        flow_unask(f, a);
        return false;
    }
    a->ids = ids;
    a->id_count = flow_collect_made(t, ids, FLOW_IDS_MAX);
    a->pin = span_make(f->token.pin, f->token.pin_len);
    a->timeout_ms = FLOW_TOKEN_MS;
    a->user_id = flow_keep(f, sha256_span(&user));
    a->user_name = person;
    return true;
}

void flow_key_pin_press(const struct turn *t)
{
    struct flow *f = t->f;
    if (t->in->press == PRESS_ESC) {
        flow_stop(t);
        return;
    }
    if (f->state != FLOW_KEY_PIN) {
        return;
    }
    if (t->in->press != PRESS_ENTER) {
        flow_say(f, WORD_NONE);
    }
    if (!flow_pin_typed(t) || !flow_go(t, FLOW_EV_PINNED)) {
        return;
    }
    flow_say(f, WORD_NONE);
    const bool asked = f->making.what == MAKING_SEAL ? flow_seal_ask(t) : ask_enrol(t);
    if (!asked) {
        (void)flow_go(t, FLOW_EV_BACK);
    }
}

/* ---- how it ended */

static CS_RESULT keep_card(struct flow *f, const struct flow_done *d, struct roster_change *ret_change)
{
    const struct flow_making *m = &f->making;
    struct roster_change c = {.op = CHANGE_ADD_CARD};
    struct card *k = &c.card;

    TRY(arena_copy(&f->people, flow_making_person(f), &c.id));
    TRY(arena_copy(&f->people, d->credential, &c.credential.id)); /* for our own list: the change has it from the key */
    TRY(arena_copy(&f->people, d->certificate, &k->certificate));
    TRY(arena_copy(&f->people, d->key, &k->key));
    TRY(arena_copy(&f->people, d->sig, &k->sig));
    TRY(arena_copy(&f->people, flow_text(&m->nickname), &k->nickname));
    TRY(arena_copy(&f->people, span_make(m->nonce, sizeof(m->nonce)), &k->nonce));
    for (size_t i = 0; i < d->x5c_count; i++) {
        TRY(arena_copy(&f->people, d->x5c[i], &k->x5c[i]));
    }
    k->x5c_count = d->x5c_count;
    TRY(card_use_decode(d->pin_policy, &k->pin, "pin_policy"));
    TRY(card_use_decode(d->touch_policy, &k->touch, "touch_policy"));
    c.person.id = c.id;
    *ret_change = c;
    return CS_SUCCESS;
}

static CS_RESULT keep_credential(struct flow *f, const struct flow_done *d, struct roster_change *ret_change)
{
    const struct flow_making *m = &f->making;
    struct roster_change c = {.op = CHANGE_ADD_CREDENTIAL};
    struct credential *k = &c.credential;

    TRY(arena_copy(&f->people, flow_making_person(f), &c.id));
    TRY(arena_copy(&f->people, d->credential, &k->id));
    TRY(arena_copy(&f->people, d->key, &k->key));
    TRY(arena_copy(&f->people, d->aaguid, &k->aaguid));
    TRY(arena_copy(&f->people, flow_text(&m->nickname), &k->nickname));
    TRY(arena_copy(&f->people, d->auth_data, &k->attestation.auth_data));
    TRY(arena_copy(&f->people, d->sig, &k->attestation.sig));
    TRY(arena_copy(&f->people, span_make(m->nonce, sizeof(m->nonce)), &k->attestation.nonce));
    for (size_t i = 0; i < d->x5c_count; i++) {
        TRY(arena_copy(&f->people, d->x5c[i], &k->attestation.x5c[i]));
    }
    k->attestation.x5c_count = d->x5c_count;
    c.person.id = c.id;
    *ret_change = c;
    return CS_SUCCESS;
}

/* First into the list: whoever comes next may already sign it, where the token is out before its questions are over. */
void flow_key_made(const struct turn *t)
{
    const bool added = flow_change_add(t->f, &t->f->making.pending);
    const enum screen_word why = t->f->message.word;
    (void)flow_go(t, added ? FLOW_EV_MADE : FLOW_EV_BACK);
    if (!added) {
        flow_say(t->f, why);
    }
}

static void enrolled(const struct turn *t)
{
    struct flow *f = t->f;
    struct roster_change *c = &f->making.pending;
    const struct flow_done *d = t->in->done;
    const struct cs_result r = f->token.card ? keep_card(f, d, c) : keep_credential(f, d, c);
    const bool open_card = f->token.card && d->x5c_count > 0 && c->card.pin != CARD_USE_ALWAYS;
    if (open_card) {
        flow_note_access(t, span_str(policy_reason_code(REASON_CARD_PIN)));
    }
    if (r.code != CS_OK || open_card) {
        flow_say(f, open_card ? WORD_CARD_PIN : WORD_NO_MEMORY);
        (void)flow_go(t, FLOW_EV_BACK);
    } else if (f->token.card) {
        flow_form_start(t, FORM_CARD);
    } else {
        flow_key_made(t);
    }
}

void flow_key_done(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_done *d = t->in->done;
    const bool ok = span_is(d->code, "ok");
    if (f->state == FLOW_KEY) {
        if (ok) {
            flow_seal_known(t);
        } else {
            flow_say(f, span_is(d->code, "wrong_key") ? WORD_NOT_ENROLLED : screen_word_of_token(d->code));
        }
        return;
    }
    if (f->state != FLOW_KEY_TOUCH) {
        return;
    }
    if (ok) {
        if (f->making.what == MAKING_SEAL) {
            flow_seal_signed(t);
        } else {
            enrolled(t);
        }
        return;
    }
    const bool again = span_is(d->code, "pin_wrong") || span_is(d->code, "bad_request");
    flow_note_access(t, d->code);
    (void)flow_go(t, again ? FLOW_EV_AGAIN : FLOW_EV_BACK);
    flow_say_token(f, d);
}
