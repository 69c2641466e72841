/* SPDX-License-Identifier: Apache-2.0 */
/* What the core itself decides about commands, before the judge. Requirements D3, 1.5, 2.6, 8.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/model_proposal.h"
#include "core_bed.h"

enum { DAY_MS = 86400000, CLOSED = 130 };

/* How often the outcome key has signed. */
static unsigned signed_outcomes;

struct cs_result __real_seal_outcome(const struct seal *s, struct span type, struct span payload, struct writer *w);
struct cs_result __wrap_seal_outcome(const struct seal *s, struct span type, struct span payload, struct writer *w);

struct cs_result __wrap_seal_outcome(const struct seal *s, struct span type, struct span payload, struct writer *w)
{
    signed_outcomes++;
    return __real_seal_outcome(s, type, payload, w);
}

/* --- redeem --- */

static void approve(struct inside *w, uint64_t q)
{
    struct wire_command c;
    inside_decision(w, q, &c);
    (void)inside_act(w, CORE_KIOSK, &c, "ok");
}

/* The outcome key is not asked for a signature that the judge would refuse. */
static void the_outcome_key_signs_only_what_is_allowed(void **state)
{
    struct inside *w = bed_core(state);
    struct wire_command c;
    struct sha256 artifact;
    const uint64_t q = inside_request(w, &artifact);

    signed_outcomes = 0;
    inside_redeem(q, &artifact, &c);
    (void)inside_act(w, CORE_HTTP, &c, "not_approved");
    approve(w, q);
    c.client = SPAN_LIT("nobody");
    (void)inside_act(w, CORE_HTTP, &c, "unknown_client");
    c.client = SPAN_LIT("watch");
    (void)inside_act(w, CORE_HTTP, &c, "no_scope");
    c.client = SPAN_LIT("ci");
    c.redeem.request = q + 1;
    (void)inside_act(w, CORE_HTTP, &c, "unknown_request");
    c.redeem.request = q;
    w->core.judge.state.clock_back = true;
    (void)inside_act(w, CORE_HTTP, &c, "clock");
    w->core.judge.state.clock_back = false;
    assert_int_equal(signed_outcomes, 0);
    (void)inside_act(w, CORE_HTTP, &c, "ok");
    assert_int_equal(signed_outcomes, 1);
    (void)inside_act(w, CORE_HTTP, &c, "redeemed");
    assert_int_equal(signed_outcomes, 1);

    const uint64_t late = inside_request(w, &artifact);
    approve(w, late);
    inside_redeem(late, &artifact, &c);
    w->core.real_ms += DAY_MS;
    (void)inside_act(w, CORE_HTTP, &c, "lapsed");
    const uint64_t drifts = inside_request(w, &artifact);
    approve(w, drifts);
    inside_redeem(drifts, &artifact, &c);
    c.redeem.artifacts[0].sha256.b[0] ^= 1;
    (void)inside_act(w, CORE_HTTP, &c, "drifted");
    assert_int_equal(state_request_find(&w->core.judge.state, drifts)->status, STATUS_VOID);
    assert_int_equal(signed_outcomes, 1);
    cast_forget(&w->cast);
}

/* --- genesis --- */

static void other_origin(struct proposal *p)
{
    p->origin = SPAN_LIT("other.example/log1");
}

static void other_rp_id(struct proposal *p)
{
    p->rp_id = SPAN_LIT("other.example");
}

static void other_policy(struct proposal *p)
{
    uint8_t *version = memmem(p->policy.p, p->policy.left, "\"version\":1", 11);
    assert_non_null(version);
    version[10] = '2'; /* in a copy of its own */
}

static struct roster_change *first_of(struct proposal *p, enum change_op op)
{
    for (size_t i = 0; i < p->changes.count; i++) {
        if (p->changes.item[i].op == op) {
            return &p->changes.item[i];
        }
    }
    fail_msg("the proposal has none");
    return NULL;
}

static void one_role_less(struct proposal *p)
{
    first_of(p, CHANGE_PUT_PERSON)->person.role_count--;
}

static void another_account(struct proposal *p)
{
    struct person *x = &first_of(p, CHANGE_PUT_PERSON)->person;
    x->accounts[0] = SPAN_LIT("gitlab:elsewhere");
    x->account_count = 1;
}

static void other_token(struct proposal *p)
{
    first_of(p, CHANGE_PUT_CLIENT)->client.tokens[0].b[0] ^= 1;
}

static void other_model(struct proposal *p)
{
    first_of(p, CHANGE_PUT_MODEL)->model.name = SPAN_LIT("another name");
}

static void one_client_less(struct proposal *p)
{
    struct roster_change *x = first_of(p, CHANGE_PUT_CLIENT);
    *x = p->changes.item[--p->changes.count];
}

struct genesis_row {
    const char *name;
    void (*bend)(struct proposal *p);
    bool log_key;
    bool outcome_key;
};

/* A key of the same kind. */
static struct span another_spki(struct inside *w)
{
    return span_make(softkey_author_spki(cast_person(&w->cast, "ada")->key), SOFTKEY_SPKI_BYTES);
}

static void try_genesis(struct inside *w, const struct genesis_row *row, const char *want)
{
    const struct note_key key = seal_log_key(w->core.log.seal);
    const struct span spki = seal_outcome_spki(w->core.log.seal);
    struct wire_command c = {.cmd = WIRE_GENESIS, .kiosk = SPAN_LIT(CAST_KIOSK)};
    struct proposal p;
    struct arena a;
    uint8_t other_log[32];
    AUTO_WRITER other = wr_heap(CAST_TEXT_MAX);

    arena_init(&a, 16 << 20);
    memcpy(other_log, key.key, sizeof(other_log));
    other_log[0] ^= row->log_key ? 1 : 0;
    assert_int_equal(model_proposal_decode(wr_span(&w->proposal), &a, &p).code, CS_OK);
    struct span policy = SPAN_NONE;
    assert_int_equal(arena_copy(&a, p.policy, &policy).code, CS_OK);
    p.policy = policy;
    if (row->bend != NULL) {
        row->bend(&p);
    }
    assert_int_equal(model_proposal_encode(&p, &other).code, CS_OK);
    const struct cast_ceremony how = {.proposal = wr_span(&other),
                                      .log_key = SPAN_OF(other_log),
                                      .outcome_key = row->outcome_key ? another_spki(w) : spki,
                                      .now_ms = w->core.real_ms,
                                      .signers = 2};
    cast_genesis(&w->cast, &how, &c.genesis);
    (void)inside_act(w, CORE_KIOSK, &c, want);
    arena_release(&a);
}

/* What is signed at the ceremony is what `countersign init` proposed, and keys. */
static void a_genesis_is_what_was_proposed(void **state)
{
    static const struct genesis_row rows[] = {
        {"origin", other_origin, false, false},
        {"rp id", other_rp_id, false, false},
        {"policy", other_policy, false, false},
        {"roles", one_role_less, false, false},
        {"accounts", another_account, false, false},
        {"a client's token", other_token, false, false},
        {"a model's name", other_model, false, false},
        {"a client left out", one_client_less, false, false},
        {"log key", NULL, true, false},
        {"outcome key", NULL, false, true},
    };
    struct inside *w = bed_core(state);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].name);
        try_genesis(w, &rows[i], "genesis_keys");
        assert_int_equal(w->core.judge.state.size, 0);
    }
    try_genesis(w, &(struct genesis_row){.name = "right"}, "ok");
    cast_forget(&w->cast);
}

static void ceremony(struct inside *w, size_t signers, bool twice, const char *want)
{
    const struct note_key key = seal_log_key(w->core.log.seal);
    struct wire_command c = {.cmd = WIRE_GENESIS, .kiosk = SPAN_LIT(CAST_KIOSK)};
    const struct cast_ceremony how = {.proposal = wr_span(&w->proposal),
                                      .log_key = SPAN_OF(key.key),
                                      .outcome_key = seal_outcome_spki(w->core.log.seal),
                                      .now_ms = w->core.real_ms,
                                      .signers = signers};
    cast_genesis(&w->cast, &how, &c.genesis);
    if (twice) {
        c.genesis.signatures[1] = c.genesis.signatures[0];
    }
    (void)inside_act(w, CORE_KIOSK, &c, want);
    cast_forget(&w->cast);
}

/* Different people, each of them an officer. */
static void a_genesis_is_signed_by_officers(void **state)
{
    enum { OFFICERS = 3 };
    struct inside *w = bed_core(state);
    ceremony(w, 1, false, "too_few_signed");
    ceremony(w, 2, true, "already_signed");
    ceremony(w, OFFICERS + 1, false, "no_role"); /* dan is none */
    assert_int_equal(w->core.judge.state.size, 0);
    ceremony(w, OFFICERS, false, "ok");
}

/* --- keys --- */

static void take_file(const struct inside *from, const struct inside *to, const char *name)
{
    char path[512];
    uint8_t bytes[4096];

    (void)snprintf(path, sizeof(path), "%s/%s", from->state, name);
    FILE *in = fopen(path, "rbe");
    assert_non_null(in);
    const size_t n = fread(bytes, 1, sizeof(bytes), in);
    assert_true(n > 0 && n < sizeof(bytes));
    assert_int_equal(fclose(in), 0);
    (void)snprintf(path, sizeof(path), "%s/%s", to->state, name);
    FILE *out = fopen(path, "wbe");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

/* A sound key for outcomes that the genesis does not name: nothing is written on. */
static void another_outcome_key_seals_the_log(void **state)
{
    struct core_bed *here = *state;
    void *other = NULL;
    (void)core_bed_set_up(&other);
    const struct core_bed *there = other;
    const struct core_files files = {.log = here->w.log, .keys = here->w.state};
    struct core *c = &here->w.core;

    inside_stop(&here->w);
    take_file(&there->w, &here->w, "outcome.key");
    assert_int_equal(core_init(c, CORE_BED_STATE_BYTES).code, CS_OK);
    c->version = "inside";
    c->real_ms = INSIDE_START_MS;
    assert_int_equal(core_open(c, &files).code, CS_OK);
    assert_int_equal(core_load(c, false).code, CS_OK);
    assert_true(c->log.sealed);
    assert_string_equal(c->log.why, policy_reason_sentence(REASON_GENESIS_KEYS));
    (void)core_bed_tear_down(&other);
}

/* --- proposals --- */

/* A closed proposal never answers for a new one, however often it was made before. */
/* What people at a kiosk asked for in vain stands in the log, by whomever it was refused. */
static void a_kiosk_is_refused_in_the_log(void **state)
{
    struct inside *w = bed_core(state);
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    struct sha256 artifact;
    const struct state *s = &w->core.judge.state;

    cast_enrol(&w->cast, "gus", "no-such-role", "ada", &content);
    struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    const uint64_t size = s->size;
    (void)inside_act(w, CORE_OPERATOR, &c, "unknown_role");
    assert_int_equal(s->size, size); /* a person with a command line sees why, and can sign nothing there */
    c.kiosk = SPAN_LIT("kiosk-1");
    (void)inside_act(w, CORE_KIOSK, &c, "unknown_role");
    assert_int_equal(s->size, size + 1);
    const uint64_t q = inside_request(w, &artifact);
    c = (struct wire_command){
        .cmd = WIRE_WITHDRAW, .kiosk = SPAN_LIT("kiosk-1"), .withdraw = {.reason = SPAN_LIT("not mine"), .request = q}};
    const uint64_t before = s->size;
    const struct wire_answer a = inside_act(w, CORE_KIOSK, &c, "unknown_client");
    assert_int_equal(a.index, 0);
    assert_int_equal(s->size, before + 1);
}

static void the_same_is_proposed_again_and_again(void **state)
{
    struct inside *w = bed_core(state);
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    uint64_t last = 0;

    cast_enrol(&w->cast, "gus", "tech", "ada", &content);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    for (unsigned i = 0; i < CLOSED; i++) {
        const uint64_t q = inside_act(w, CORE_OPERATOR, &c, "ok").index;
        assert_true(q > last);
        assert_int_equal(inside_act(w, CORE_OPERATOR, &c, "same_request").index, q);
        w->core.real_ms += 2 * (uint64_t)DAY_MS;
        assert_int_equal(core_tick(&w->core).code, CS_OK);
        assert_int_equal(state_request_find(&w->core.judge.state, q)->status, STATUS_EXPIRED);
        last = q;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CORE_BEGUN(the_outcome_key_signs_only_what_is_allowed),
        CORE_EMPTY(a_genesis_is_what_was_proposed),
        CORE_EMPTY(a_genesis_is_signed_by_officers),
        CORE_BEGUN(another_outcome_key_seals_the_log),
        CORE_BEGUN(a_kiosk_is_refused_in_the_log),
        CORE_BEGUN(the_same_is_proposed_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
