/* SPDX-License-Identifier: Apache-2.0 */
/* Cards and lists of revoked ones in words; what a change switches off, and what those keys and cards decided. */
#include "screen/screen_read.h"

/* A serial or a list's number: decimal as far as anybody writes it so, else its bytes. */
static void put_card_number(struct doc *d, const char *label, const struct card_number *n)
{
    size_t at = 0;
    uint64_t value = 0;

    while (at < sizeof(n->b) && n->b[at] == 0) {
        at++;
    }
    if (sizeof(n->b) - at > sizeof(value)) {
        doc_bytes(d, label, span_make(n->b + at, sizeof(n->b) - at));
        return;
    }
    for (; at < sizeof(n->b); at++) {
        value = value << 8U | n->b[at];
    }
    doc_number(d, label, value);
}

/* ---- a card */

static void put_uses(struct doc *d, const char *who, enum card_use pin, enum card_use touch)
{
    doc_literal(d, "Policies", who);
    doc_literal(d, "PIN asked", card_use_text(pin));
    doc_literal(d, "Touch asked", card_use_text(touch));
}

void screen_read_name(struct doc *d, const char *label, struct span name)
{
    if (name.left == 0) {
        doc_literal(d, label, "nothing is named");
    } else {
        doc_field(d, label, name, DOC_PLAIN);
    }
}

void screen_read_certificate(struct doc *d, const struct change_facts *facts)
{
    if (facts == NULL || facts->card == NULL || facts->words == NULL) {
        doc_point(d, MARK_WARN, SPAN_LIT("its certificates cannot be read here"));
        d->unshown = true;
        return;
    }
    screen_read_name(d, "Subject", facts->words->subject);
    screen_read_name(d, "Signed by", facts->words->issuer);
    put_card_number(d, "Certificate no.", &facts->card->serial);
    doc_time(d, "Valid from", facts->card->not_before_ms);
    doc_time(d, "Valid before", facts->card->not_after_ms);
}

/* Certificates that cannot be read here are not signed for here. */
static void put_card_facts(struct doc *d, const struct card *c, const struct change_facts *facts)
{
    const struct card_facts *f = facts != NULL && facts->words != NULL ? facts->card : NULL;
    if (f == NULL) {
        put_uses(d, "declared by officers", c->pin, c->touch);
        screen_read_certificate(d, NULL);
        return;
    }
    put_uses(d, f->attested ? "attested by the card" : "declared by officers, not attested", f->pin, f->touch);
    if (f->has_device) {
        doc_digest(d, "Serial sha256", &f->device_sha256);
    }
    screen_read_certificate(d, facts);
    doc_digest(d, "Signed by sha256", &f->authority);
}

void screen_read_card(struct doc *d, const struct roster_change *c, const struct change_facts *facts,
                      const struct state *state)
{
    const struct sha256 id = model_card_id(c->card.key);
    const struct sha256 key = digest_sha256(sha256_span(&id));
    const bool known = state != NULL && state_credential_find(state, &key) != NULL;
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, known ? "New certificate for the card of " : "New card for ");
    wr_bytes(&l.w, c->id);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    if (c->card.nickname.left > 0) {
        doc_field(d, "Named", c->card.nickname, DOC_PLAIN);
    }
    doc_field(d, "Issuer", c->card.issuer, DOC_PLAIN);
    put_card_facts(d, &c->card, facts);
    const struct sha256 certificate = digest_sha256(c->card.certificate);
    doc_digest(d, "Certificate", &certificate);
    doc_digest(d, "Key sha256", &key);
}

/* ---- what a change switches off */

struct dark {
    const struct roster_change *change;
    const struct crl_facts *crl; /* of put_crl */
};

static bool on_list(const struct crl_facts *l, const struct card_number *serial)
{
    for (size_t i = 0; i < l->serial_count; i++) {
        if (card_number_cmp(&l->serial[i], serial) == 0) {
            return true;
        }
    }
    return false;
}

/* By whose roots it came does not matter: the authority is known by its name. */
static bool revoked_by(const struct dark *x, const struct state_card *card)
{
    return x->crl != NULL && sha256_eq(&card->facts.authority, &x->crl->authority) &&
           on_list(x->crl, &card->facts.serial);
}

/* The issuer is put again, without the root that this card's certificate led to. */
static bool loses_root(const struct card_issuer *now, const struct state_card *card)
{
    if (!span_eq(card->issuer->id, now->id)) {
        return false;
    }
    for (size_t i = 0; i < now->root_count; i++) {
        const struct sha256 root = digest_sha256(now->roots[i]);
        if (sha256_eq(&root, &card->facts.root_sha256)) {
            return false;
        }
    }
    return true;
}

/* Does it count now, and not any more afterwards? */
static bool goes_dark(const struct dark *x, const struct state_credential *k)
{
    const struct roster_change *c = x->change;
    if (!state_credential_counts(k)) {
        return false;
    }
    if (c->op == CHANGE_REMOVE_PERSON || c->op == CHANGE_SUSPEND_PERSON) {
        return span_eq(k->person->id, c->id);
    }
    if (c->op == CHANGE_REMOVE_MODEL) {
        return k->model != NULL && span_eq(k->model->aaguid, c->id);
    }
    if (k->kind != CREDENTIAL_PIV) {
        return false;
    }
    if (c->op == CHANGE_PUT_ISSUER) {
        return loses_root(&c->issuer, k->card);
    }
    if (c->op == CHANGE_PUT_CRL) {
        return revoked_by(x, k->card);
    }
    return c->op == CHANGE_REMOVE_ISSUER && span_eq(k->card->issuer->id, c->id);
}

static int by_person(const void *va, const void *vb)
{
    const struct state_credential *const *a = va;
    const struct state_credential *const *b = vb;
    return span_cmp((*a)->person->id, (*b)->person->id);
}

/* Their names, each once, as many in a line as go in. */
static void put_names(struct doc *d, const struct state_credential *const *k, size_t count)
{
    size_t i = 0;
    while (i < count) {
        struct doc_line l;
        doc_line(&l, d);
        while (i < count && l.w.len + 2 + k[i]->person->id.left <= DOC_LINE_MAX) {
            wr_text(&l.w, l.w.len > 0 ? ", " : "");
            wr_bytes(&l.w, k[i]->person->id);
            const struct span name = k[i]->person->id;
            while (i < count && span_eq(k[i]->person->id, name)) {
                i++;
            }
        }
        doc_point(d, MARK_GONE, doc_line_end(&l));
    }
}

static void put_count(struct doc *d, size_t count)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_dec(&l.w, count);
    wr_text(&l.w,
            count == 1 ? " key or card that counts now goes dark, of" : " keys or cards that count now go dark, of");
    doc_point(d, MARK_WARN, doc_line_end(&l));
}

static void put_decision(struct doc *d, const struct state_request *q, const struct state_decision *x,
                         const struct span *person)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "look again at request ");
    wr_dec(&l.w, q->index);
    wr_text(&l.w, ": ");
    wr_bytes(&l.w, person != NULL ? *person : SPAN_LIT("it"));
    wr_text(&l.w, " said ");
    wr_text(&l.w, decision_word_text(x->word));
    wr_text(&l.w, " for ");
    wr_bytes(&l.w, x->seat);
    wr_text(&l.w, x->counted || q->status == STATUS_ELIGIBLE ? "" : ", which does not count");
    doc_point(d, MARK_WARN, doc_line_end(&l));
}

/* False: no memory. */
static bool put_decisions_of(struct doc *d, const struct state_credential *k, const struct state *state,
                             const struct span *person, size_t *count)
{
    const struct state_request **open = NULL;
    size_t n = 0;
    if (state_live_decided_by(state, k, d->arena, &open, &n).code != CS_OK) {
        d->fail = CS_E_NOMEM;
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t at = 0; at < open[i]->decision_count; at++) {
            if (open[i]->decisions[at].credential == k) {
                put_decision(d, open[i], &open[i]->decisions[at], person);
                *count += 1;
            }
        }
    }
    return true;
}

void screen_read_decided(struct doc *d, const struct state_credential *k, const struct state *state)
{
    size_t count = 0;
    if (put_decisions_of(d, k, state, NULL, &count) && count == 0) {
        doc_literal(d, "Open decisions", "none");
    }
}

void screen_read_dark(struct doc *d, const struct roster_change *c, const struct crl_facts *crl,
                      const struct state *state)
{
    const struct dark x = {.change = c, .crl = crl};
    const struct state_credential **found = NULL;
    size_t n = 0;
    size_t at = 0;
    size_t decisions = 0;

    if (state == NULL) {
        return; /* nobody is enrolled yet */
    }
    found = arena_array(d->arena, state->credentials.count, sizeof(struct state_credential *));
    if (found == NULL) {
        d->fail = CS_E_NOMEM;
        return;
    }
    for (const struct state_credential *k = map_next(&state->credentials, &at); k != NULL;
         k = map_next(&state->credentials, &at)) {
        if (goes_dark(&x, k)) {
            found[n++] = k;
        }
    }
    if (n == 0) {
        doc_literal(d, "Goes dark", "nobody's key or card");
        return;
    }
    qsort(found, n, sizeof(struct state_credential *), by_person);
    put_count(d, n);
    put_names(d, found, n);
    for (size_t i = 0; i < n && put_decisions_of(d, found[i], state, &found[i]->person->id, &decisions); i++) {
    }
    if (decisions == 0) {
        doc_literal(d, "Open decisions", "none");
    }
}

/* ---- a list */

static void put_list_in_force(struct doc *d, const struct roster_change *c, const struct crl_facts *f,
                              const struct state *state)
{
    const struct state_issuer *x = state != NULL ? state_issuer_find(state, c->id) : NULL;
    const struct state_crl *l = x != NULL ? state_issuer_crl(x, &f->authority) : NULL;
    if (l == NULL) {
        doc_literal(d, "List in force", "none");
        return;
    }
    put_card_number(d, "In force no.", &l->number);
    doc_time(d, "In force of", l->this_update_ms);
}

void screen_read_crl(struct doc *d, const struct roster_change *c, const struct change_facts *facts,
                     const struct state *state)
{
    const struct crl_facts *f = facts != NULL ? facts->crl : NULL;
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "Cards that the issuer revoked: ");
    wr_bytes(&l.w, c->id);
    doc_point(d, MARK_GONE, doc_line_end(&l));
    if (f == NULL || facts->words == NULL) {
        doc_point(d, MARK_WARN, SPAN_LIT("the list cannot be read here"));
        d->unshown = true;
    } else {
        put_card_number(d, "Number", &f->number);
        doc_time(d, "Made", f->this_update_ms);
        doc_number(d, "Serials on it", f->serial_count);
        put_list_in_force(d, c, f, state);
        screen_read_dark(d, c, f, state);
        screen_read_name(d, "Signed by", facts->words->issuer);
        doc_digest(d, "Signed by sha256", &f->authority);
    }
    const struct sha256 list = digest_sha256(c->crl);
    doc_digest(d, "List sha256", &list);
}
