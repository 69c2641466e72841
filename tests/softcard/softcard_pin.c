/* SPDX-License-Identifier: Apache-2.0 */
/* PIN and PUK. Source: SP 800-73-4 part 2 §3.2. */
#include "softcard_turn.h"

enum { REF_PIN = 0x80, REF_PUK = 0x81 };

uint16_t softcard_saved(const struct softcard *card)
{
    return softcard_store_save(&card->store) ? SW_OK : SW_BROKEN;
}

/* Six to eight characters, then FF. */
static bool well_formed(struct span secret)
{
    size_t len = 0;

    if (secret.left != SOFTCARD_PIN_BYTES) {
        return false;
    }
    while (len < secret.left && secret.p[len] != 0xff) {
        len++;
    }
    for (size_t i = len; i < secret.left; i++) {
        if (secret.p[i] != 0xff) {
            return false;
        }
    }
    return len >= 6;
}

/* Compares and counts; SW_OK when it is the one. */
static uint16_t try_secret(struct softcard *card, struct softcard_secret *secret, struct span given)
{
    if (secret->tries == 0) {
        return SW_BLOCKED;
    }
    if (memcmp(secret->bytes, given.p, SOFTCARD_PIN_BYTES) == 0) {
        secret->tries = secret->tries_max;
        return softcard_saved(card);
    }
    secret->tries--;
    if (softcard_saved(card) != SW_OK) {
        return SW_BROKEN;
    }
    return secret->tries == 0 ? SW_BLOCKED : (uint16_t)(SW_TRIES | (secret->tries & 0x0fu));
}

/* What an empty VERIFY asks: is it verified, and if not, how many tries are left? */
static uint16_t how_many(const struct softcard *card)
{
    if (card->pin_verified) {
        return SW_OK;
    }
    return card->store.pin.tries == 0 ? SW_BLOCKED : (uint16_t)(SW_TRIES | (card->store.pin.tries & 0x0fu));
}

uint16_t softcard_ins_verify(struct softcard_turn *t)
{
    struct softcard *card = t->card;

    if (t->c->p2 != REF_PIN) {
        return SW_REFERENCE;
    }
    if (t->c->p1 == 0xff && t->c->data.left == 0) {
        card->pin_verified = false;
        return SW_OK;
    }
    if (t->c->p1 != 0x00) {
        return SW_PARAMETERS;
    }
    if (t->c->data.left == 0) {
        return how_many(card);
    }
    if (!well_formed(t->c->data)) {
        return SW_DATA;
    }
    const uint16_t sw = card->any_pin ? SW_OK : try_secret(card, &card->store.pin, t->c->data);
    card->pin_verified = sw == SW_OK;
    card->pin_fresh = sw == SW_OK;
    return sw;
}

/* Checks `old`, then puts `fresh` in its place or, for the PUK's word about the PIN, in the place of `other`. */
static uint16_t replace(struct softcard *card, struct softcard_secret *old, struct softcard_secret *other,
                        struct span both)
{
    if (both.left != (size_t)2 * SOFTCARD_PIN_BYTES || !well_formed(span_from(both, SOFTCARD_PIN_BYTES))) {
        return SW_DATA;
    }
    const uint16_t sw = try_secret(card, old, both);
    if (sw != SW_OK) {
        return sw;
    }
    memcpy(other->bytes, both.p + SOFTCARD_PIN_BYTES, SOFTCARD_PIN_BYTES);
    other->tries = other->tries_max;
    return softcard_saved(card);
}

uint16_t softcard_ins_change(struct softcard_turn *t)
{
    struct softcard_store *store = &t->card->store;

    if (t->c->p1 != 0x00) {
        return SW_PARAMETERS;
    }
    if (t->c->p2 != REF_PIN && t->c->p2 != REF_PUK) {
        return SW_REFERENCE;
    }
    struct softcard_secret *secret = t->c->p2 == REF_PIN ? &store->pin : &store->puk;
    const uint16_t sw = replace(t->card, secret, secret, t->c->data);
    if (t->c->p2 == REF_PIN) {
        t->card->pin_verified = sw == SW_OK;
    }
    return sw;
}

uint16_t softcard_ins_unblock(struct softcard_turn *t)
{
    struct softcard_store *store = &t->card->store;

    if (t->c->p1 != 0x00) {
        return SW_PARAMETERS;
    }
    if (t->c->p2 != REF_PIN) {
        return SW_REFERENCE;
    }
    return replace(t->card, &store->puk, &store->pin, t->c->data);
}

/* Both secrets become those of the factory, with these tries. */
uint16_t softcard_ins_retries(struct softcard_turn *t)
{
    struct softcard_store *store = &t->card->store;

    if (!t->card->managed || !t->card->pin_verified) {
        return SW_SECURITY;
    }
    if (t->c->p1 == 0 || t->c->p2 == 0) {
        return SW_PARAMETERS;
    }
    store->pin.tries_max = t->c->p1;
    store->puk.tries_max = t->c->p2;
    (void)softcard_secret_set(&store->pin, "123456");
    (void)softcard_secret_set(&store->puk, "12345678");
    t->card->pin_verified = false;
    return softcard_saved(t->card);
}

/* Only a card that nobody can use any more forgets. What its factory gave it stays. */
uint16_t softcard_ins_reset(struct softcard_turn *t)
{
    struct softcard_store *store = &t->card->store;
    struct softcard_store fresh;

    if (store->pin.tries != 0 || store->puk.tries != 0) {
        return SW_CONDITIONS;
    }
    softcard_store_new(&fresh);
    fresh.serial = store->serial;
    memcpy(fresh.seed, store->seed, sizeof(fresh.seed));
    memcpy(fresh.path, store->path, sizeof(fresh.path));
    softcard_store_release(store);
    *store = fresh;
    softcard_power(t->card);
    t->card->selected = true;
    return softcard_personalize(t->card) ? SW_OK : SW_BROKEN;
}
