/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_facts.h"

_Static_assert((int)CRYPT_NUMBER_BYTES == (int)MODEL_NUMBER_BYTES, "one size of serials");
_Static_assert((int)CRYPT_CRL_SERIALS_MAX == (int)MODEL_CRL_SERIALS_MAX, "one size of lists");
_Static_assert((int)CRYPT_CERT_MAX == (int)MODEL_CERTIFICATE_MAX, "one size of certificates");

/* A certificate's time is in seconds and may be far off; it stays at the end of time then. */
static uint64_t ms_of(uint64_t s)
{
    return s < UINT64_MAX / 1000 ? s * 1000 : UINT64_MAX;
}

/* What is attested comes before what was declared. The bytes are those of the attestation's policy extension. */
static void take_uses(const struct card *card, const struct crypt_card_facts *said_by, struct card_facts *f)
{
    static const enum card_use pins[] = {CARD_USE_UNKNOWN, CARD_USE_NEVER, CARD_USE_ONCE, CARD_USE_ALWAYS};
    static const enum card_use touches[] = {CARD_USE_UNKNOWN, CARD_USE_NEVER, CARD_USE_ALWAYS, CARD_USE_CACHED};

    f->attested = said_by->attested;
    f->pin = said_by->attested ? pins[said_by->pin & 3U] : card->pin;
    f->touch = said_by->attested ? touches[said_by->touch & 3U] : card->touch;
    f->has_device = said_by->has_device;
    f->device_sha256 = said_by->device;
}

enum crypt_card judge_card_facts(const struct card *c, struct arena *arena, struct card_facts **ret_facts)
{
    struct card_facts *f = arena_alloc(arena, sizeof(*f));
    struct crypt_card_facts read = {.attested = false};

    if (f == NULL) {
        return CRYPT_CARD_NO_ROOM;
    }
    const enum crypt_card said = crypt_card_read(c->certificate, c->x5c, c->x5c_count, &read);
    if (said != CRYPT_CARD_HOLDS) {
        return said;
    }
    f->authority = read.authority;
    memcpy(f->serial.b, read.serial, sizeof(f->serial.b));
    f->not_before_ms = ms_of(read.not_before_s);
    f->not_after_ms = ms_of(read.not_after_s);
    take_uses(c, &read, f);
    *ret_facts = f;
    return CRYPT_CARD_HOLDS;
}

enum crypt_card judge_crl_facts(struct span crl, struct arena *arena, const struct crl_facts **ret_facts)
{
    struct crypt_crl_facts *read = arena_alloc(arena, sizeof(*read));
    struct crl_facts *f = arena_alloc(arena, sizeof(*f));

    if (read == NULL || f == NULL) {
        return CRYPT_CARD_NO_ROOM;
    }
    const enum crypt_card said = crypt_crl_read(crl, read);
    if (said != CRYPT_CARD_HOLDS) {
        return said;
    }
    struct card_number *serials = arena_array(arena, read->serial_count, sizeof(*serials));
    if (serials == NULL) {
        return CRYPT_CARD_NO_ROOM;
    }
    for (size_t i = 0; i < read->serial_count; i++) {
        memcpy(serials[i].b, read->serial[i], sizeof(serials[i].b));
    }
    f->authority = read->authority;
    memcpy(f->number.b, read->number, sizeof(f->number.b));
    f->this_update_ms = ms_of(read->this_update_s);
    f->serial = serials;
    f->serial_count = read->serial_count;
    *ret_facts = f;
    return CRYPT_CARD_HOLDS;
}

/* ---- for people */

static bool keep_name(const struct crypt_name *name, struct arena *arena, struct span *ret_copy)
{
    return arena_copy(arena, span_make(name->b, name->len), ret_copy).code == CS_OK;
}

static enum crypt_card read_words(struct span certificate, struct arena *arena, struct cert_words *w)
{
    struct crypt_cert_words read;
    const enum crypt_card said = crypt_cert_words(certificate, &read);

    if (said != CRYPT_CARD_HOLDS) {
        return said;
    }
    w->not_before_ms = ms_of(read.not_before_s);
    w->not_after_ms = ms_of(read.not_after_s);
    return keep_name(&read.subject, arena, &w->subject) && keep_name(&read.issuer, arena, &w->issuer)
               ? CRYPT_CARD_HOLDS
               : CRYPT_CARD_NO_ROOM;
}

static enum crypt_card card_words(const struct card *c, struct arena *arena, const struct cert_words **ret_words)
{
    struct cert_words *w = arena_alloc(arena, sizeof(*w));
    const enum crypt_card said = w != NULL ? read_words(c->certificate, arena, w) : CRYPT_CARD_NO_ROOM;

    *ret_words = said == CRYPT_CARD_HOLDS ? w : NULL;
    return said;
}

static enum crypt_card issuer_words(const struct card_issuer *x, struct arena *arena,
                                    const struct cert_words **ret_words)
{
    struct cert_words *w = arena_array(arena, x->root_count + x->attestation_root_count, sizeof(*w));
    enum crypt_card said = w != NULL ? CRYPT_CARD_HOLDS : CRYPT_CARD_NO_ROOM;

    for (size_t i = 0; said == CRYPT_CARD_HOLDS && i < x->root_count; i++) {
        said = read_words(x->roots[i], arena, &w[i]);
    }
    for (size_t i = 0; said == CRYPT_CARD_HOLDS && i < x->attestation_root_count; i++) {
        said = read_words(x->attestation_roots[i], arena, &w[x->root_count + i]);
    }
    *ret_words = said == CRYPT_CARD_HOLDS ? w : NULL;
    return said;
}

static enum crypt_card crl_words(struct span crl, struct arena *arena, const struct cert_words **ret_words)
{
    struct cert_words *w = arena_alloc(arena, sizeof(*w));
    struct crypt_name issuer = {.len = 0};
    enum crypt_card said = w != NULL ? crypt_crl_words(crl, &issuer) : CRYPT_CARD_NO_ROOM;

    if (said == CRYPT_CARD_HOLDS && !keep_name(&issuer, arena, &w->issuer)) {
        said = CRYPT_CARD_NO_ROOM;
    }
    *ret_words = said == CRYPT_CARD_HOLDS ? w : NULL;
    return said;
}

/* False: no memory. What cannot be read is left out. */
static bool read_change(const struct roster_change *c, struct arena *arena, struct change_facts *f)
{
    enum crypt_card facts = CRYPT_CARD_HOLDS;
    enum crypt_card words = CRYPT_CARD_HOLDS;

    if (c->op == CHANGE_ADD_CARD) {
        struct card_facts *card = NULL;
        facts = judge_card_facts(&c->card, arena, &card);
        words = card_words(&c->card, arena, &f->words);
        f->card = card;
    } else if (c->op == CHANGE_PUT_CRL) {
        facts = judge_crl_facts(c->crl, arena, &f->crl);
        words = crl_words(c->crl, arena, &f->words);
    } else if (c->op == CHANGE_PUT_ISSUER) {
        words = issuer_words(&c->issuer, arena, &f->words);
    }
    return facts != CRYPT_CARD_NO_ROOM && words != CRYPT_CARD_NO_ROOM;
}

const struct change_facts *judge_change_facts(const struct roster_changes *changes, struct arena *arena)
{
    struct change_facts *facts = arena_array(arena, changes->count, sizeof(*facts));
    bool room = facts != NULL;

    for (size_t i = 0; room && i < changes->count; i++) {
        room = read_change(&changes->item[i], arena, &facts[i]);
    }
    return room ? facts : NULL;
}
