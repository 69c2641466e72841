/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk_facts.h"

#include "crypt/crypt_card.h"

static uint64_t ms_of(uint64_t s)
{
    return s < UINT64_MAX / 1000 ? s * 1000 : UINT64_MAX;
}

/* What is attested is shown as attested; that it was declared so, the judge sees to: docs/formats/entry.md. */
static void take_uses(const struct card *c, const struct crypt_card_facts *read, struct card_facts *f)
{
    static const enum card_use pins[] = {CARD_USE_UNKNOWN, CARD_USE_NEVER, CARD_USE_ONCE, CARD_USE_ALWAYS};
    static const enum card_use touches[] = {CARD_USE_UNKNOWN, CARD_USE_NEVER, CARD_USE_ALWAYS, CARD_USE_CACHED};

    f->attested = read->attested;
    f->pin = read->attested ? pins[read->pin & 3U] : c->pin;
    f->touch = read->attested ? touches[read->touch & 3U] : c->touch;
    f->has_device = read->has_device;
    f->device_sha256 = read->device;
}

/* False: no memory. */
static bool read_card(const struct card *c, struct arena *arena, const struct card_facts **ret_facts)
{
    struct card_facts *f = arena_alloc(arena, sizeof(*f));
    struct crypt_card_facts read = {.attested = false};

    if (f == NULL) {
        return false;
    }
    const enum crypt_card said = crypt_card_read(c->certificate, c->x5c, c->x5c_count, &read);
    if (said != CRYPT_CARD_HOLDS) {
        return said != CRYPT_CARD_NO_ROOM;
    }
    f->authority = read.authority;
    memcpy(f->serial.b, read.serial, sizeof(f->serial.b));
    f->not_before_ms = ms_of(read.not_before_s);
    f->not_after_ms = ms_of(read.not_after_s);
    take_uses(c, &read, f);
    *ret_facts = f;
    return true;
}

static bool read_crl(struct span crl, struct arena *arena, const struct crl_facts **ret_facts)
{
    struct crypt_crl_facts *read = arena_alloc(arena, sizeof(*read));
    struct crl_facts *f = arena_alloc(arena, sizeof(*f));

    if (read == NULL || f == NULL) {
        return false;
    }
    const enum crypt_card said = crypt_crl_read(crl, read);
    if (said != CRYPT_CARD_HOLDS) {
        return said != CRYPT_CARD_NO_ROOM;
    }
    struct card_number *serials = arena_array(arena, read->serial_count, sizeof(*serials));
    if (serials == NULL) {
        return false;
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
    return true;
}

const struct change_facts *kiosk_facts(const struct roster_changes *changes, struct arena *arena)
{
    struct change_facts *facts = arena_array(arena, changes->count, sizeof(*facts));
    bool room = facts != NULL;

    for (size_t i = 0; room && i < changes->count; i++) {
        const struct roster_change *c = &changes->item[i];
        if (c->op == CHANGE_ADD_CARD) {
            room = read_card(&c->card, arena, &facts[i].card);
        } else if (c->op == CHANGE_PUT_CRL) {
            room = read_crl(c->crl, arena, &facts[i].crl);
        }
    }
    return room ? facts : NULL;
}
