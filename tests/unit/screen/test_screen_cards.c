/* SPDX-License-Identifier: Apache-2.0 */
/* What officers read before they sign for a card, for a list of revoked ones, or for what switches keys off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "judge/judge_facts.h"
#include "screen_golden.h"

enum { ARENA_BYTES = 16 << 20, TOM = 5001, TINA = 5002, NOBODY = 5003, COLS = 200, ROWS = 60 };

static const uint64_t revoked[] = {NOBODY, TOM};
static const struct cardpki_list list = {.number = 258, .serials = revoked, .count = 2};

static const struct state *state_of(const struct bed_visit *v)
{
    return &author_log_judge(v->log)->state;
}

/* The officers' change comes into force. */
static void changed(struct author_log *l, struct roster_change *items, size_t n)
{
    const struct roster_content c = {.changes = {.item = items, .count = n},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("cards"),
                                     .title = SPAN_LIT("Cards")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    assert_true(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id).allow);
    assert_true(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_effect(l, ENTRY_ROSTER, id).allow);
}

struct giving {
    const char *person;
    uint64_t serial;
    int touch;        /* as the attestation says, and the officers; 0: there is none, the officers say cached */
    int64_t other;    /* the device */
    const char *name; /* of the certificate's subject */
    const char *not_after;
};

static const enum card_use touches[] = {CARD_USE_CACHED, CARD_USE_NEVER, CARD_USE_ALWAYS, CARD_USE_CACHED};

static void card_change(struct author_log *l, const struct giving *g, struct arena *a, struct roster_change *ret_change)
{
    const struct cardpki_plan certificate = {.serial = g->serial, .name = g->name, .not_after = g->not_after};
    const struct cardpki_plan attestation = {.touch = g->touch, .device = g->other};
    const struct author_card how = {
        .certificate = &certificate, .attestation = g->touch != 0 ? &attestation : NULL, .touch = touches[g->touch]};
    assert_int_equal(author_log_card(l, g->person, &how, a, ret_change).code, CS_OK);
}

static void give_card(struct author_log *l, const struct giving *g)
{
    struct arena a;
    struct roster_change add;
    arena_init(&a, ARENA_BYTES);
    card_change(l, g, &a, &add);
    changed(l, &add, 1);
    arena_release(&a);
}

static struct roster_change list_of(struct author_log *l, const struct cardpki_list *what, struct arena *a)
{
    struct roster_change c = {.op = CHANGE_PUT_CRL, .id = SPAN_LIT("corp")};
    struct cardpki_der der;
    assert_true(cardpki_crl(author_log_pki(l), what, &der));
    assert_int_equal(arena_copy(a, span_make(der.p, der.len), &c.crl).code, CS_OK);
    cardpki_der_release(&der);
    return c;
}

/* tom and tina have a card each beside their keys, and tom's said yes to what waits. */
static int set_up(void **state)
{
    bed_set_up(state);
    struct bed_visit *v = *state;
    struct roster_change issuer;
    author_log_issuer(v->log, &issuer);
    changed(v->log, &issuer, 1);
    give_card(v->log, &(struct giving){.person = "tom", .serial = TOM});
    give_card(v->log, &(struct giving){.person = "tina", .serial = TINA});
    assert_true(author_log_decide(v->log, "tom", v->request, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    v->bed.world.facts = judge_change_facts;
    return 0;
}
#define CARDS(f) cmocka_unit_test_setup_teardown(f, set_up, bed_tear_down)

/* ---- the pages of some changes, without line ends and spaces */

struct pages_of {
    struct arena arena;
    struct doc doc;
    uint8_t text[1 << 16];
    struct writer w;
};

static void read_changes(struct pages_of *p, struct roster_change *items, size_t n, const struct state *state,
                         bool facts)
{
    const struct roster_changes changes = {.item = items, .count = n};
    struct pages pages;
    arena_init(&p->arena, ARENA_BYTES);
    p->w = wr_fixed(p->text, sizeof(p->text));
    doc_init(&p->doc, &p->arena, REPERTOIRE_CELLS);
    screen_read_changes(&p->doc, &changes, facts ? judge_change_facts(&changes, &p->arena) : NULL, state);
    assert_int_equal(doc_end(&p->doc).code, CS_OK);
    assert_int_equal(screen_pages(&p->doc, COLS, ROWS, &p->arena, &pages).code, CS_OK);
    for (size_t i = 0; i < pages.line_count; i++) {
        for (size_t k = 0; k < pages.lines[i].count; k++) {
            const struct span t = pages.lines[i].pieces[k].text;
            for (size_t at = 0; at < t.left; at++) {
                if (t.p[at] != ' ') {
                    wr_u8(&p->w, t.p[at]);
                }
            }
        }
        wr_u8(&p->w, '\n');
    }
    assert_int_equal(wr_end(&p->w, "pages").code, CS_OK);
}

static bool says(const struct pages_of *p, const char *text)
{
    return memmem(p->text, p->w.len, text, strlen(text)) != NULL;
}

static void must_say(const struct pages_of *p, const char *const *lines)
{
    for (size_t i = 0; lines[i] != NULL; i++) {
        if (!says(p, lines[i])) {
            fail_msg("not said: %s, but\n%.*s", lines[i], (int)p->w.len, (const char *)p->text);
        }
    }
}

static struct pages_of pages;

/* ---- lists */

static void whoever_signs_a_list_reads_what_it_does(void **state)
{
    struct bed_visit *v = *state;
    struct arena a;
    char decided[80];
    arena_init(&a, ARENA_BYTES);
    struct roster_change c = list_of(v->log, &list, &a);
    (void)snprintf(decided, sizeof(decided), "lookagainatrequest%u:tomsaidapproveforproduction/tech\n",
                   (unsigned)v->request);
    read_changes(&pages, &c, 1, state_of(v), true);
    const char *const lines[] = {"issuerrevoked:corp\n",
                                 "Number258\n",
                                 "Made2026-01-0100:00:00UTC\n",
                                 "Serialsonit2\n",
                                 "Listinforcenone\n",
                                 "1keyorcardthatcountsnowgoesdark,of\n[-]tom\n",
                                 "SignedbyCN=SoftCardIssuingCA\n",
                                 decided,
                                 "Listsha256",
                                 NULL};
    must_say(&pages, lines);
    assert_false(pages.doc.unshown || says(&pages, "tina"));
    arena_release(&pages.arena);

    changed(v->log, &c, 1); /* in force: tom's card counts no more, and the next list is beside this one */
    const struct cardpki_list next = {.number = 259, .serials = revoked, .count = 2, .this_update = "20260102000000Z"};
    c = list_of(v->log, &next, &a);
    read_changes(&pages, &c, 1, state_of(v), true);
    const char *const after[] = {
        "Number259\n", "Made2026-01-02", "Inforceno.258\n", "Inforceof2026-01-01", "Goesdarknobody'skeyorcard\n", NULL};
    must_say(&pages, after);
    arena_release(&pages.arena);
    arena_release(&a);
}

/* The same serials of another authority are not these cards; whose list of that authority it is does not matter. */
static void a_list_is_about_the_cards_of_its_authority(void **state)
{
    struct bed_visit *v = *state;
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct roster_change c = list_of(v->log, &list, &a);
    c.id = SPAN_LIT("state-id");
    read_changes(&pages, &c, 1, state_of(v), true);
    assert_true(says(&pages, "goesdark,of\n[-]tom\n"));
    arena_release(&pages.arena);
    const struct roster_changes changes = {.item = &c, .count = 1};
    struct crl_facts of_another = *judge_change_facts(&changes, &a)->crl;
    of_another.authority.b[0] ^= 1;
    struct doc d;
    doc_init(&d, &a, REPERTOIRE_CELLS);
    screen_read_dark(&d, &c, &of_another, state_of(v));
    assert_int_equal(d.count, 1);
    assert_int_equal(d.items[0].kind, ITEM_FIELD); /* nobody's */
    arena_release(&a);
}

static void what_cannot_be_read_cannot_be_signed(void **state)
{
    struct bed_visit *v = *state;
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct roster_change c = list_of(v->log, &list, &a);
    for (unsigned i = 0; i < 2; i++) {
        c.crl.left -= i; /* whole, but nobody reads it; read, but cut */
        read_changes(&pages, &c, 1, state_of(v), i == 1);
        assert_true(pages.doc.unshown);
        assert_true(says(&pages, "thelistcannotbereadhere"));
        arena_release(&pages.arena);
    }
    card_change(v->log, &(struct giving){.person = "bea", .serial = 7}, &a, &c);
    for (unsigned i = 0; i < 2; i++) {
        c.card.certificate.left -= i;
        read_changes(&pages, &c, 1, state_of(v), i == 1);
        assert_true(pages.doc.unshown);
        assert_true(says(&pages, "itscertificatescannotbereadhere"));
        arena_release(&pages.arena);
    }
    arena_release(&a);
}

/* ---- removals */

static void whoever_removes_reads_what_goes_dark(void **state)
{
    struct bed_visit *v = *state;
    const struct state_credential *key = NULL;
    size_t at = 0;
    while ((key = map_next(&state_of(v)->credentials, &at)) != NULL && key->model == NULL) {
    }
    assert_non_null(key);
    static struct roster_change rows[6]; /* large */
    author_log_issuer(v->log, &rows[0]); /* put again with the root that it has: nothing happens */
    rows[1] = rows[0];
    rows[1].issuer.roots[0] = SPAN_LIT("another");
    rows[2] = (struct roster_change){.op = CHANGE_REMOVE_ISSUER, .id = SPAN_LIT("corp")};
    rows[3] = (struct roster_change){.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tom")};
    rows[4] = (struct roster_change){.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("bea")};
    rows[5] = (struct roster_change){.op = CHANGE_REMOVE_MODEL, .id = key->model->aaguid};
    static const char *const want[][4] = {
        {"Goesdarknobody'skeyorcard\n"},
        {"2keysorcardsthatcountnowgodark,of\n[-]tina,tom\n", ":tomsaidapproveforproduction/tech\n"},
        {"2keysorcardsthatcountnowgodark,of\n[-]tina,tom\n", ":tomsaidapproveforproduction/tech\n"},
        {"2keysorcardsthatcountnowgodark,of\n[-]tom\n", ":tomsaidapproveforproduction/tech\n"},
        {"1keyorcardthatcountsnowgoesdark,of\n[-]bea\n", "Opendecisionsnone\n"},
        {"7keysorcardsthatcountnowgodark,of\n[-]bea,bill,odette,olga,omar,tina,tom\n", "Opendecisionsnone\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_changes(&pages, &rows[i], 1, state_of(v), false);
        assert_int_equal(pages.doc.unshown, rows[i].op == CHANGE_PUT_ISSUER); /* whose roots nobody read here */
        must_say(&pages, want[i]);
        arena_release(&pages.arena);
    }
}

static void the_roots_of_an_issuer_are_named(void **state)
{
    struct bed_visit *v = *state;
    struct roster_change c;
    author_log_issuer(v->log, &c);
    read_changes(&pages, &c, 1, state_of(v), true);
    static const char *const lines[] = {"RootCN=SoftCardIssuingCA\nValidbefore2045-01-01",
                                        "AttestingrootCN=SoftCardPIVRootCA\nValidbefore2045-01-01", "Itssha256", NULL};
    must_say(&pages, lines);
    assert_false(pages.doc.unshown || pages.doc.hidden);
    arena_release(&pages.arena);
    c.issuer.attestation_roots[0].left--; /* one that cannot be read spoils the whole */
    read_changes(&pages, &c, 1, state_of(v), true);
    assert_true(pages.doc.unshown);
    assert_true(says(&pages, "itscertificatescannotbereadhere"));
    arena_release(&pages.arena);
}

/* Names come from outside, whoever signed them: what they hide is marked, and no value looks like two. */
static void a_name_hides_nothing(void **state)
{
    static const struct {
        const char *name;
        const char *line;
        bool hidden;
    } rows[] = {
        {"Ada Lovelace", "SubjectCN=AdaLovelace\n", false},
        {"M\xc3\xbcller", "SubjectCN=M\xc3\xbcller\n", false},
        {"Ada, O=Bank", "SubjectCN=Ada\\,O=Bank\n", false},
        {"Ada+CN=Eve\\", "SubjectCN=Ada\\+CN=Eve\\\\\n", false},
        {"#41", "SubjectCN=\\#41\n", false},
        {"Ada\nEve", "SubjectCN=Ada\\0AEve\n", false},
        {"Ada\xe2\x80\xae"
         "evE",
         "U+202E", true},
        {"Ada\xc2\xa0"
         "Eve",
         "U+00A0", true},
    };
    struct bed_visit *v = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct roster_change c;
        arena_init(&a, ARENA_BYTES);
        card_change(v->log, &(struct giving){.person = "bea", .serial = 300, .name = rows[i].name}, &a, &c);
        read_changes(&pages, &c, 1, state_of(v), true);
        const char *const lines[] = {rows[i].line, NULL};
        must_say(&pages, lines);
        assert_int_equal(pages.doc.hidden, rows[i].hidden); /* reject only */
        arena_release(&pages.arena);
        arena_release(&a);
    }
}

/* ---- cards */

static void what_is_attested_is_said_and_not_what_was_declared(void **state)
{
    struct bed_visit *v = *state;
    struct arena a;
    struct roster_change c;
    arena_init(&a, ARENA_BYTES);
    card_change(v->log, &(struct giving){.person = "bea", .serial = 300, .touch = 2}, &a, &c);
    read_changes(&pages, &c, 1, state_of(v), true);
    static const char *const attested[] = {
        "Newcardforbea\n",     "Policiesattestedbythecard\n",
        "PINaskedalways\n",    "Touchaskedalways\n",
        "Serialsha256",        "SubjectCN=SoftCard\nSignedbyCN=SoftCardIssuingCA\nCertificateno.300\n",
        "Validfrom2025-01-01", "Validbefore2035-01-01",
        "Signedbysha256",      NULL};
    must_say(&pages, attested);
    assert_false(pages.doc.unshown);
    arena_release(&pages.arena);
    card_change(v->log, &(struct giving){.person = "tom", .serial = 300}, &a, &c);
    read_changes(&pages, &c, 1, state_of(v), true);
    assert_true(says(&pages, "Newcertificateforthecardoftom\n"));
    arena_release(&pages.arena);
    card_change(v->log, &(struct giving){.person = "bea", .serial = 300}, &a, &c);
    read_changes(&pages, &c, 1, state_of(v), true);
    static const char *const declared[] = {"Policiesdeclaredbyofficers,notattested\n", "PINaskedalways\n",
                                           "Touchaskedcached\n", NULL};
    must_say(&pages, declared);
    assert_false(pages.doc.unshown || says(&pages, "Serialsha256"));
    arena_release(&pages.arena);
    arena_release(&a);
}

/* What the kiosk reads is what the judge read, and put into the roster's state. */
static void the_kiosk_reads_what_the_judge_reads(void **state)
{
    static const char *const people[] = {"tom", "bea", "bill", "odette"};
    struct bed_visit *v = *state;
    for (int touch = 0; touch <= 3; touch++) { /* 0: declared, and in the roster already */
        struct arena a;
        struct roster_change c;
        arena_init(&a, ARENA_BYTES);
        const struct giving g = {
            .person = people[touch], .serial = (uint64_t)(TOM + touch), .touch = touch, .other = 10 + touch};
        card_change(v->log, &g, &a, &c);
        const struct roster_changes changes = {.item = &c, .count = 1};
        const struct change_facts *said = judge_change_facts(&changes, &a);
        assert_non_null(said);
        assert_non_null(said->card);
        if (touch > 0) {
            changed(v->log, &c, 1);
        }
        const struct sha256 id = author_log_credential(v->log, g.person);
        const struct card_facts *f = &state_credential_find(state_of(v), &id)->card->facts;
        assert_true(sha256_eq(&f->authority, &said->card->authority));
        assert_int_equal(card_number_cmp(&f->serial, &said->card->serial), 0);
        assert_int_equal(f->not_before_ms, said->card->not_before_ms);
        assert_int_equal(f->not_after_ms, said->card->not_after_ms);
        assert_int_equal(f->attested, said->card->attested);
        assert_int_equal(f->pin, said->card->pin);
        assert_int_equal(f->touch, said->card->touch);
        assert_int_equal(f->has_device, said->card->has_device);
        assert_true(sha256_eq(&f->device_sha256, &said->card->device_sha256));
        arena_release(&a);
    }
}

/* Ids that a key or card of this person must not be. */
static size_t excluded(struct bed *b, const char *person)
{
    static const struct flow_plug card = {.number = 7, .card = true, .port = {(const uint8_t *)"1-3", 3}};
    bed_plugs(b, NULL, 0);
    bed_press(b, PRESS_F7);
    bed_type(b, "1");
    bed_type(b, person);
    bed_press(b, PRESS_TAB);
    bed_type(b, strcmp(person, "nora") == 0 ? "3" : ""); /* the others have their roles */
    bed_press(b, PRESS_ENTER);
    bed_plugs(b, &card, 1);
    bed_pin(b, "123456");
    assert_int_equal(b->flow.state, FLOW_KEY_TOUCH);
    const size_t n = b->asked[b->asked_count - 1].ids;
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    bed_forget(b);
    return n;
}

/* tom's card with a later certificate is a renewal, and nobody else's; one that is switched off comes back for nobody.
 */
static void a_card_comes_again_to_its_own_person(void **state)
{
    struct bed_visit *v = *state;
    struct arena a;
    const size_t all = excluded(&v->bed, "nora");
    assert_int_equal(excluded(&v->bed, "tom"), all - 1);
    assert_int_equal(excluded(&v->bed, "bea"), all);
    arena_init(&a, ARENA_BYTES);
    struct roster_change c = list_of(v->log, &list, &a);
    changed(v->log, &c, 1); /* it revokes tom's */
    bed_fold(&v->bed);
    assert_int_equal(excluded(&v->bed, "tom"), all);
    arena_release(&a);
}

static void without_memory_nothing_is_said(void **state)
{
    struct bed_visit *v = *state;
    struct arena a;
    struct roster_change c[2];
    arena_init(&a, ARENA_BYTES);
    c[0] = list_of(v->log, &list, &a);
    card_change(v->log, &(struct giving){.person = "bea", .serial = 300, .touch = 2}, &a, &c[1]);
    const struct roster_changes changes = {.item = c, .count = 2};
    size_t cap = 0;
    const struct change_facts *said = NULL;
    for (; said == NULL; cap += 64) {
        struct arena small;
        assert_true(cap < ARENA_BYTES);
        arena_init(&small, cap);
        said = judge_change_facts(&changes, &small);
        assert_true(said == NULL || (said[0].crl != NULL && said[1].card != NULL));
        arena_release(&small);
    }
    assert_true(cap > 64);
    arena_release(&a);
}

/* ---- at the kiosk */

static void open_newest(struct bed *b)
{
    const struct state_request *rows[FLOW_QUEUE_ROWS];
    const size_t n = flow_queue(b->world.state, 0, rows);
    size_t newest = n;
    for (size_t i = 0; i < n; i++) {
        const bool later = newest == n || rows[i]->index > rows[newest]->index;
        newest = rows[i]->kind == KIND_ROSTER && later ? i : newest;
    }
    const char digit[2] = {(char)('1' + newest), '\0'};
    bed_type(b, digit);
    assert_int_equal(b->flow.state, FLOW_READ);
}

static void an_officer_signs_a_list_that_was_read(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct arena a;
    uint64_t id = 0;
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    arena_init(&a, ARENA_BYTES);
    struct roster_change c = list_of(v->log, &list, &a);
    const struct roster_content content = {.changes = {.item = &c, .count = 1},
                                           .initiator = SPAN_LIT("system:operator"),
                                           .reason = SPAN_LIT("weekly"),
                                           .title = SPAN_LIT("Revoked cards")};
    assert_int_equal(model_roster_content_encode(&content, &text).code, CS_OK);
    assert_true(author_log_propose(v->log, KIND_ROSTER, wr_span(&text), &id).allow);
    for (unsigned i = 0; i < 2; i++) {
        b->world.facts = i == 0 ? NULL : judge_change_facts;
        bed_fold(b);
        open_newest(b);
        assert_int_equal(b->flow.reading.page.doc.unshown, i == 0);
        bed_read_all(b);
        bed_devices(b, 1);
        bed_done_as(b, "olga");
        bed_press(b, PRESS_F12);
        assert_int_equal(b->flow.state, i == 0 ? FLOW_READ : FLOW_DECIDE);
        if (i == 0) {
            bed_devices(b, 0);
            bed_press(b, PRESS_ESC);
            assert_int_equal(b->flow.state, FLOW_QUEUE);
        }
    }
    arena_release(&a);
}

static const struct state_credential *card_of(const struct bed_visit *v, const char *person)
{
    const struct state_credential *k = NULL;
    size_t at = 0;
    while ((k = map_next(&state_of(v)->credentials, &at)) != NULL &&
           (k->kind != CREDENTIAL_PIV || !span_is(k->person->id, person))) {
    }
    assert_non_null(k);
    return k;
}

/* In at the list: the kiosk says at once why it does not count, and the log has the reason. */
static void must_learn(struct bed_visit *v, enum screen_word word, const char *code)
{
    struct bed *b = &v->bed;
    const struct flow_plug card = {.number = ++b->device, .card = true};
    bed_forget(b);
    bed_plugs(b, &card, 1);
    const struct flow_done d = {
        .op = b->flow.token.op, .code = SPAN_LIT("ok"), .device = card.number, .credential = card_of(v, "tom")->id};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
    assert_int_equal(b->flow.message.word, word);
    assert_true(bed_noted(b, code));
    bed_plugs(b, NULL, 0);
}

static void whose_card_it_was_learns_why_it_does_not_count(void **state)
{
    struct bed_visit *v = *state;
    struct roster_change issuer;
    author_log_issuer(v->log, &issuer);
    struct roster_change other = issuer;
    other.issuer.roots[0] = issuer.issuer.attestation_roots[0];
    changed(v->log, &other, 1);
    must_learn(v, WORD_ROOT_GONE, "cert_chain");
    changed(v->log, &issuer, 1);
    struct roster_change gone = {.op = CHANGE_REMOVE_ISSUER, .id = issuer.issuer.id};
    changed(v->log, &gone, 1);
    must_learn(v, WORD_ISSUER_GONE, "revoked");
    gone = (struct roster_change){.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tom")};
    changed(v->log, &gone, 1);
    must_learn(v, WORD_PERSON_GONE, "revoked");
}

/* From the list to the touch of a card for this person. */
static void to_touch(struct bed *b, const char *person)
{
    const struct flow_plug card = {.number = ++b->device, .card = true};
    bed_press(b, PRESS_F7);
    bed_type(b, "1");
    bed_type(b, person);
    for (unsigned field = FLOW_FORM_ID; field < FLOW_FORM_NICKNAME; field++) {
        bed_press(b, PRESS_TAB); /* roles and accounts stay as they are */
    }
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_KEY);
    bed_plugs(b, &card, 1);
    bed_type(b, "314159");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_KEY_TOUCH);
}

/* How many credentials a card for this person must not be. */
static size_t excluded_for(struct bed *b, const char *person)
{
    size_t ids = 0;
    bed_forget(b);
    to_touch(b, person);
    for (size_t i = 0; i < b->asked_count; i++) {
        ids = b->asked[i].kind == ASK_ENROL ? b->asked[i].ids : ids;
    }
    bed_press(b, PRESS_ESC);
    bed_plugs(b, NULL, 0);
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    return ids;
}

static uint64_t proposed(struct author_log *l, struct roster_change *items, size_t n, const char *title)
{
    const struct roster_content c = {.changes = {.item = items, .count = n},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("The old certificate runs out in March."),
                                     .title = span_str(title)};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    assert_true(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id).allow);
    return id;
}

/* The pages of officers, and what the holder of a card is told. */
static void cards_look_as_written_down(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct arena a;
    struct roster_change c[2];
    arena_init(&a, ARENA_BYTES);
    card_change(v->log, &(struct giving){.person = "bea", .serial = 300, .touch = 2, .name = "Bea Brown, 4th floor"},
                &a, &c[0]);
    (void)proposed(v->log, c, 1, "A card for bea");
    bed_fold(b);
    open_newest(b);
    golden(b, "read-card-new");
    bed_press(b, PRESS_PAGE_DOWN);
    golden(b, "read-card-new-2");
    bed_press(b, PRESS_ESC);
    card_change(v->log,
                &(struct giving){.person = "tom",
                                 .serial = 301,
                                 .not_after = "20360101000000Z",
                                 .name = "Tom\xe2\x80\xae"
                                         "moT"},
                &a, &c[0]);
    (void)proposed(v->log, c, 1, "A later certificate for tom");
    bed_fold(b);
    open_newest(b);
    golden(b, "read-card-renewed");
    bed_press(b, PRESS_ESC);
    card_change(v->log, &(struct giving){.person = "bea", .serial = 302, .name = "Bea Brown, 4th floor"}, &a, &c[0]);
    to_touch(b, "bea");
    const struct flow_done made = {.op = b->flow.token.op,
                                   .code = SPAN_LIT("ok"),
                                   .device = b->flow.token.op_device,
                                   .credential = SPAN_LIT("a card of bea's that is new here"),
                                   .sig = c[0].card.sig,
                                   .key = c[0].card.key,
                                   .certificate = c[0].card.certificate,
                                   .pin_policy = SPAN_LIT("unknown"),
                                   .touch_policy = SPAN_LIT("unknown")};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &made});
    bed_type(b, "111"); /* the issuer; always its PIN; always a touch */
    golden(b, "card-take-out-named");
    bed_plugs(b, NULL, 0);
    golden(b, "people-card-named");
    bed_press(b, PRESS_ESC);
    author_log_issuer(v->log, &c[0]);
    c[1] = c[0];
    c[1].issuer.roots[0] = c[0].issuer.attestation_roots[0];
    changed(v->log, &c[1], 1);
    must_learn(v, WORD_ROOT_GONE, "cert_chain");
    golden(b, "queue-card-root-gone");
    arena_release(&a);
}

/* The same card with a later certificate is taken of whom it stands for, and of nobody else. */
static void a_card_is_renewed_by_its_person_only(void **state)
{
    struct bed_visit *v = *state;
    const size_t all = state_of(v)->credentials.count;
    assert_int_equal(excluded_for(&v->bed, "tom"), all - 1);
    assert_int_equal(excluded_for(&v->bed, "bea"), all);
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct roster_change c = list_of(v->log, &list, &a);
    changed(v->log, &c, 1); /* tom's stands on it: that card is over */
    assert_int_equal(excluded_for(&v->bed, "tom"), all);
    arena_release(&a);
}

int main(int argc, char **argv)
{
    golden_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        CARDS(whoever_signs_a_list_reads_what_it_does),
        CARDS(a_list_is_about_the_cards_of_its_authority),
        CARDS(what_cannot_be_read_cannot_be_signed),
        CARDS(whoever_removes_reads_what_goes_dark),
        CARDS(the_roots_of_an_issuer_are_named),
        CARDS(a_name_hides_nothing),
        CARDS(what_is_attested_is_said_and_not_what_was_declared),
        CARDS(the_kiosk_reads_what_the_judge_reads),
        CARDS(a_card_comes_again_to_its_own_person),
        CARDS(without_memory_nothing_is_said),
        CARDS(an_officer_signs_a_list_that_was_read),
        CARDS(whose_card_it_was_learns_why_it_does_not_count),
        CARDS(a_card_is_renewed_by_its_person_only),
        CARDS(cards_look_as_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
