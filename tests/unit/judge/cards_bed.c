/* SPDX-License-Identifier: Apache-2.0 */
#include "cards_bed.h"

enum { CHANGES = 4 };

int set_up(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    author_log_standard(l);
    *state = l;
    return 0;
}

int tear_down(void **state)
{
    author_log_free(*state);
    return 0;
}

void expect(struct verdict v, enum policy_reason want, const char *what)
{
    if (v.reason != want || v.allow != (want == REASON_OK)) {
        fail_msg("%s: %s (%s), wanted %s", what, policy_reason_code(v.reason), v.cause.msg, policy_reason_code(want));
    }
}

const struct state *state_of(struct author_log *l)
{
    return &author_log_judge(l)->state;
}

uint64_t opened(struct author_log *l, const char *title)
{
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = title}, &id), REASON_OK, title);
    return id;
}

/* A roster request with these changes. */
struct verdict asked(struct author_log *l, const struct roster_change *items, size_t n, uint64_t *ret_id)
{
    struct roster_change *copy = calloc(n, sizeof(*copy)); /* too large for the stack */
    assert_true(copy != NULL && n <= CHANGES);
    memcpy(copy, items, n * sizeof(*items));
    const struct roster_content c = {.changes = {.item = copy, .count = n},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("cards"),
                                     .title = SPAN_LIT("Cards")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    free(copy);
    return author_log_propose(l, KIND_ROSTER, wr_span(&text), ret_id);
}

/* odette and omar decide, so that olga may be the subject. */
struct verdict in_force(struct author_log *l, enum entry_type type, uint64_t id)
{
    expect(author_log_decide(l, "odette", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "odette");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    return author_log_effect(l, type, id);
}

void changed(struct author_log *l, const struct roster_change *items, size_t n)
{
    uint64_t id = 0;
    expect(asked(l, items, n, &id), REASON_OK, "asked for");
    expect(in_force(l, ENTRY_ROSTER, id), REASON_OK, "in force");
}

void allow_corp(struct author_log *l)
{
    struct roster_change put;
    author_log_issuer(l, &put);
    changed(l, &put, 1);
}

void give_card(struct author_log *l, const char *person, const struct author_card *how)
{
    struct arena a;
    struct roster_change add;
    arena_init(&a, 1 << 20);
    assert_int_equal(author_log_card(l, person, how, &a, &add).code, CS_OK);
    author_log_use_card(l, "omar", false); /* only officers with keys decide here */
    changed(l, &add, 1);
    arena_release(&a);
}

struct roster_change list_of(struct author_log *l, const struct cardpki_list *list, struct arena *a)
{
    struct roster_change c = {.op = CHANGE_PUT_CRL, .id = SPAN_LIT("corp")};
    struct cardpki_der der;
    assert_true(cardpki_crl(author_log_pki(l), list, &der));
    assert_int_equal(arena_copy(a, span_make(der.p, der.len), &c.crl).code, CS_OK);
    cardpki_der_release(&der);
    return c;
}

enum policy_reason list_asked(struct author_log *l, const struct cardpki_list *list)
{
    struct arena a;
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    const struct roster_change c = list_of(l, list, &a);
    const enum policy_reason r = asked(l, &c, 1, &id).reason;
    arena_release(&a);
    return r;
}

void list_in_force(struct author_log *l, const struct cardpki_list *list)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    const struct roster_change c = list_of(l, list, &a);
    changed(l, &c, 1);
    arena_release(&a);
}

const struct state_credential *card_of(struct author_log *l, const char *person)
{
    const struct sha256 id = author_log_credential(l, person);
    const struct state_credential *k = state_credential_find(state_of(l), &id);
    assert_non_null(k);
    assert_int_equal(k->kind, CREDENTIAL_PIV);
    return k;
}
