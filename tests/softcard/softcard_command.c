/* SPDX-License-Identifier: Apache-2.0 */
/* What the control socket says about cards. */
#include <inttypes.h>

#include "softcard_link.h"
#include "softkey/softkey_line.h"

/* One command. */
struct ask {
    struct softcard_rack *rack;
    struct softkey_line line;
    uint64_t now_ms;
};

#define say(ask, ...) softkey_line_say((ask)->line.answer, __VA_ARGS__)

/* The card that a command names: one that is known, or read, or made now. NULL, with the answer given, if none. */
static struct softcard_card *named(const struct ask *ask)
{
    if (ask->line.count < 2 || !softcard_name_fits(ask->line.words[1])) {
        say(ask, "error name");
        return NULL;
    }
    struct softcard_card *card = softcard_rack_find(ask->rack, ask->line.words[1]);
    if (card == NULL) {
        card = softcard_rack_load(ask->rack, ask->line.words[1]);
    }
    if (card == NULL) {
        say(ask, "error no room or unreadable card file");
    }
    return card;
}

static struct softcard_card *inserted(const struct ask *ask)
{
    struct softcard_card *card = named(ask);

    if (card != NULL && card->fd < 0) {
        say(ask, "error not inserted");
        return NULL;
    }
    return card;
}

static void do_insert(const struct ask *ask)
{
    struct softcard_card *card = named(ask);
    unsigned long reader = 0;

    if (card == NULL) {
        return;
    }
    if (card->fd >= 0 || card->coming) {
        say(ask, "error inserted already");
    } else if (ask->line.count > 2 && !softkey_line_number(ask->line.words[2], 10, SOFTCARD_READERS_MAX - 1, &reader)) {
        say(ask, "error reader");
    } else if (!softcard_put_in(ask->rack, card, ask->line.count > 2 ? (unsigned)reader : card->reader)) {
        say(ask, "error the reader is taken or not there");
    } else {
        say(ask, "ok %u", card->reader);
    }
}

static void do_remove(const struct ask *ask)
{
    struct softcard_card *card = inserted(ask);

    if (card != NULL) {
        softcard_take_out(card);
        say(ask, "ok");
    }
}

/* swap NAME OTHER: out with one and, as soon as a person can do it, in with the other, in one reader. */
static void do_swap(const struct ask *ask)
{
    struct softcard_card *card = inserted(ask);

    if (card == NULL) {
        return;
    }
    struct ask second = *ask;
    second.line.words[1] = ask->line.words[2];
    second.line.count--;
    struct softcard_card *other = named(&second);
    if (other == NULL) {
        return;
    }
    if (!softcard_put_in_later(other, card->reader, ask->now_ms)) {
        say(ask, "error inserted already");
        return;
    }
    softcard_take_out(card);
    say(ask, "ok");
}

static void do_touch(const struct ask *ask)
{
    struct softcard_card *card = inserted(ask);

    if (card != NULL) {
        say(ask, softcard_finger(ask->rack, card, ask->now_ms) ? "ok" : "error not asked for");
    }
}

static void do_touch_auto(const struct ask *ask)
{
    struct softcard_card *card = named(ask);

    if (card == NULL) {
        return;
    }
    if (ask->line.count != 3 || (strcmp(ask->line.words[2], "on") != 0 && strcmp(ask->line.words[2], "off") != 0)) {
        say(ask, "error on or off");
        return;
    }
    card->auto_touch = strcmp(ask->line.words[2], "on") == 0;
    say(ask, "ok");
}

static void do_touch_timeout(const struct ask *ask)
{
    struct softcard_card *card = named(ask);
    unsigned long ms = 0;

    if (card == NULL) {
        return;
    }
    if (ask->line.count != 3 || !softkey_line_number(ask->line.words[2], 10, 600000, &ms)) {
        say(ask, "error 0 to 600000 ms");
        return;
    }
    card->touch_timeout_ms = (uint32_t)ms;
    say(ask, "ok");
}

static const char *const pin_policies[] = {"default", "never", "once", "always"};
static const char *const touch_policies[] = {"default", "never", "always", "cached"};

static const char *const cert_kinds[] = {
#define X(id, name, what) name,
    SOFTCARD_CERT_KINDS(X)
#undef X
};

static bool one_of(const char *word, const char *const *list, size_t count, unsigned *ret_at)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0) {
            *ret_at = (unsigned)i;
            return true;
        }
    }
    return false;
}

/* One of the words after the algorithm: pin=, touch=, cert=, imported. */
static bool option(const char *word, struct softcard_key *key, enum softcard_cert_kind *kind)
{
    unsigned at = 0;

    if (strcmp(word, "imported") == 0) {
        key->imported = true;
        return true;
    }
    if (strncmp(word, "pin=", 4) == 0 && one_of(word + 4, pin_policies, 4, &at)) {
        key->pin = (enum softcard_pin_policy)at;
        return true;
    }
    if (strncmp(word, "touch=", 6) == 0 && one_of(word + 6, touch_policies, 4, &at)) {
        key->touch = (enum softcard_touch_policy)at;
        return true;
    }
    if (strncmp(word, "cert=", 5) == 0 && one_of(word + 5, cert_kinds, SOFTCARD_CERT_KIND_COUNT, &at)) {
        *kind = (enum softcard_cert_kind)at;
        return true;
    }
    return false;
}

/* issue NAME SLOT ALG [pin=P] [touch=T] [cert=KIND] [imported] */
static void do_issue(const struct ask *ask)
{
    struct softcard_card *card = named(ask);
    struct softcard_key key = {0};
    enum softcard_cert_kind kind = SOFTCARD_CERT_ISSUED;
    unsigned long slot = 0;

    if (card == NULL) {
        return;
    }
    bool ok = ask->line.count >= 4 && softkey_line_number(ask->line.words[2], 16, 0xff, &slot);
    for (size_t i = 4; ok && i < ask->line.count; i++) {
        ok = option(ask->line.words[i], &key, &kind);
    }
    key.slot = (uint8_t)slot;
    key.alg = ok ? softcard_alg_named(ask->line.words[3]) : SOFTCARD_ALG_NONE;
    if (key.alg == SOFTCARD_ALG_NONE) {
        say(ask, "error slot, algorithm or option");
        return;
    }
    say(ask, softcard_issue(&card->core, &key, kind, card->name) ? "ok" : "error cannot issue");
}

static void do_renew(const struct ask *ask)
{
    struct softcard_card *card = named(ask);
    unsigned long slot = 0;

    if (card == NULL) {
        return;
    }
    const bool ok = ask->line.count == 3 && softkey_line_number(ask->line.words[2], 16, 0xff, &slot) &&
                    softcard_renew(&card->core, (uint8_t)slot, card->name);
    say(ask, ok ? "ok" : "error no key in that slot");
}

static void set_secret(const struct ask *ask, bool puk)
{
    struct softcard_card *card = named(ask);

    if (card == NULL) {
        return;
    }
    struct softcard_store *store = &card->core.store;
    if (ask->line.count != 3 || !softcard_secret_set(puk ? &store->puk : &store->pin, ask->line.words[2])) {
        say(ask, "error 6 to 8 characters");
        return;
    }
    say(ask, softcard_store_save(store) ? "ok" : "error cannot write the card's file");
}

static void do_pin(const struct ask *ask)
{
    set_secret(ask, false);
}

static void do_puk(const struct ask *ask)
{
    set_secret(ask, true);
}

/* tries NAME LEFT [MOST]: of the PIN; 0 left is blocked. */
static void do_tries(const struct ask *ask)
{
    struct softcard_card *card = named(ask);
    unsigned long left = 0;

    if (card == NULL) {
        return;
    }
    struct softcard_secret *pin = &card->core.store.pin;
    unsigned long most = pin->tries_max;
    if (ask->line.count < 3 || !softkey_line_number(ask->line.words[2], 10, 15, &left) ||
        (ask->line.count > 3 && !softkey_line_number(ask->line.words[3], 10, 15, &most)) || left > most || most == 0) {
        say(ask, "error tries left, at most 15");
        return;
    }
    pin->tries = (uint8_t)left;
    pin->tries_max = (uint8_t)most;
    say(ask, softcard_store_save(&card->core.store) ? "ok" : "error cannot write the card's file");
}

/* The word that a kind wants after INS and NTH. */
static bool fault_word(const struct ask *ask, struct softcard_fault *f)
{
    const char kind = softcard_fault_words[f->kind];
    const char *word = ask->line.count == 6 ? ask->line.words[5] : NULL;
    unsigned long n = 0;

    if (kind == 0 || word == NULL) {
        return kind == 0 && word == NULL;
    }
    if (kind == 'c') {
        (void)snprintf(f->card, sizeof(f->card), "%s", word);
        return softcard_name_fits(word) &&
               (softcard_rack_find(ask->rack, word) != NULL || softcard_rack_load(ask->rack, word) != NULL);
    }
    const bool ok = softkey_line_number(word, kind == 'h' ? 16 : 10, kind == 'h' ? 0xffff : 600000, &n);
    f->value = (uint32_t)n;
    return ok;
}

static bool read_fault(const struct ask *ask, struct softcard_fault *f)
{
    unsigned kind = 0;
    unsigned long n = 0;

    if (ask->line.count < 5 || !one_of(ask->line.words[2], softcard_fault_names, SOFTCARD_FAULT_COUNT, &kind)) {
        return false;
    }
    f->kind = (enum softcard_fault_kind)kind;
    f->ins = SOFTCARD_ANY_INS;
    if (strcmp(ask->line.words[3], "*") != 0) {
        if (!softkey_line_number(ask->line.words[3], 16, 0xff, &n)) {
            return false;
        }
        f->ins = (int)n;
    }
    if (strcmp(ask->line.words[4], "*") != 0) {
        if (!softkey_line_number(ask->line.words[4], 10, 1000000, &n) || n == 0) {
            return false;
        }
        f->nth = (uint32_t)n;
    }
    return fault_word(ask, f);
}

/* fault NAME none | fault NAME KIND INS NTH [WORD] */
static void do_fault(const struct ask *ask)
{
    struct softcard_card *card = named(ask);
    struct softcard_fault f = {0};

    if (card == NULL) {
        return;
    }
    if (ask->line.count == 3 && strcmp(ask->line.words[2], "none") == 0) {
        card->faults.count = 0;
        card->core.any_pin = false;
        say(ask, "ok");
    } else if (!read_fault(ask, &f)) {
        say(ask, "error KIND INS|* NTH|* [WORD]");
    } else {
        say(ask, softcard_faults_add(&card->faults, &f) ? "ok" : "error too many faults");
    }
}

static const char *light(const struct softcard_card *card)
{
    switch (card->light) {
    case SOFTCARD_IDLE:
        return "idle";
    case SOFTCARD_BLINKING:
        return "blinking";
    case SOFTCARD_BUSY:
        return "busy";
    case SOFTCARD_MUTE:
        return "mute";
    }
    return "idle";
}

static void do_status(const struct ask *ask)
{
    const struct softcard_card *card = named(ask);

    if (card == NULL) {
        return;
    }
    const struct softcard_store *store = &card->core.store;
    say(ask, "ok %s %s reader %u powered %s pin %u/%u puk %u/%u serial %u keys %zu apdus %u signatures %u faults %zu",
        card->fd >= 0 ? "in" : "out", light(card), card->reader, card->powered ? "yes" : "no",
        (unsigned)store->pin.tries, (unsigned)store->pin.tries_max, (unsigned)store->puk.tries,
        (unsigned)store->puk.tries_max, (unsigned)store->serial, store->key_count, (unsigned)card->apdus,
        (unsigned)card->core.signatures, card->faults.count);
}

/* Of the last command that used a key, by the monotonic clock. */
static void do_times(const struct ask *ask)
{
    const struct softcard_card *card = named(ask);

    if (card == NULL) {
        return;
    }
    if (card->asked_us == 0 || card->answered_us < card->asked_us) {
        say(ask, "error no key was used");
        return;
    }
    say(ask, "ok asked %" PRIu64 " answered %" PRIu64, card->asked_us, card->answered_us);
}

static void do_list(const struct ask *ask)
{
    char text[SOFTKEY_LINE_MAX - 8] = "";
    size_t at = 0;

    for (size_t i = 0; i < ask->rack->count; i++) {
        const struct softcard_card *card = ask->rack->cards[i];
        const int n =
            snprintf(text + at, sizeof(text) - at, card->fd >= 0 ? " %s:%u" : " %s:out", card->name, card->reader);
        if (n < 0 || (size_t)n >= sizeof(text) - at) {
            text[at] = '\0';
            break;
        }
        at += (size_t)n;
    }
    say(ask, "ok%s", text);
}

static void do_quit(const struct ask *ask)
{
    ask->rack->quit = true;
    say(ask, "ok");
}

static const struct {
    const char *word;
    void (*run)(const struct ask *ask);
} commands[] = {
    {"insert", do_insert}, {"remove", do_remove},         {"swap", do_swap},
    {"touch", do_touch},   {"touch-auto", do_touch_auto}, {"touch-timeout", do_touch_timeout},
    {"issue", do_issue},   {"renew", do_renew},           {"pin", do_pin},
    {"puk", do_puk},       {"tries", do_tries},           {"fault", do_fault},
    {"status", do_status}, {"times", do_times},           {"list", do_list},
    {"quit", do_quit},
};

void softcard_rack_command(struct softcard_rack *rack, const char *line, uint64_t now_ms,
                           char ret_answer[SOFTKEY_LINE_MAX])
{
    struct ask ask = {.rack = rack, .now_ms = now_ms};

    if (!softkey_line_read(line, ret_answer, &ask.line)) {
        return;
    }
    for (size_t i = 0; ask.line.count > 0 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(ask.line.words[0], commands[i].word) == 0) {
            commands[i].run(&ask);
            return;
        }
    }
    say(&ask, "error no such command");
}
