/* SPDX-License-Identifier: Apache-2.0 */
#include "golden_life.h"

#include "base/base_text.h"

enum { DAY_MS = 86400000, USE_BY_MS = 14400000 };

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static struct verdict approve(struct golden_life *g, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(g->l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static struct verdict wrongly(struct golden_life *g, const char *who, uint64_t id, struct author_wrong wrong)
{
    return author_log_decide(g->l, who, id, tech, DECISION_APPROVE, NULL, &wrong);
}

static uint64_t opened_as(struct golden_life *g, struct author_request q)
{
    uint64_t id = 0;
    golden_allow(q.title, author_log_request(g->l, &q, &id));
    return id;
}

static uint64_t opened(struct golden_life *g, const char *title)
{
    return opened_as(g, (struct author_request){.title = title});
}

static void sign_both(struct golden_life *g, uint64_t id)
{
    golden_allow("tech", approve(g, "tina", id, tech));
    golden_allow("business", approve(g, "bea", id, business));
}

static struct entry entry_at(struct golden_life *g, uint64_t index)
{
    struct entry e;
    golden_must("entry", model_entry_decode(author_log_leaf(g->l, index), &g->arena, &e));
    return e;
}

/* Tries a leaf as it is. */
static struct verdict try_leaf(struct golden_life *g, const char *name, enum policy_reason want, struct span leaf)
{
    const struct verdict v = author_log_append_leaf(g->l, leaf);
    if (v.allow || v.reason != want || g->wrong_count == GOLDEN_WRONG_MAX) {
        golden_give_up(name, v);
    }
    struct golden_wrong *w = &g->wrong[g->wrong_count++];
    *w = (struct golden_wrong){.name = name, .at = author_log_size(g->l), .reason = want};
    golden_must(name, arena_copy(&g->arena, leaf, &w->leaf));
    return v;
}

static void try_entry(struct golden_life *g, const char *name, enum policy_reason want, const struct entry *e)
{
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    golden_must(name, model_entry_encode(e, &w));
    (void)try_leaf(g, name, want, wr_span(&w));
}

static struct span boot_body(struct golden_life *g)
{
    const struct boot b = {.version = SPAN_LIT("0.1.0")};
    AUTO_WRITER w = wr_heap(256);
    struct span kept = SPAN_NONE;
    golden_must("boot", model_boot_encode(&b, &w));
    golden_must("boot", arena_copy(&g->arena, wr_span(&w), &kept));
    return kept;
}

/* A good boot entry, and everything about its place or form that can be wrong. */
static void places(struct golden_life *g)
{
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER spaced = wr_heap(MODEL_LEAF_MAX);
    struct entry good;
    golden_must("boot", author_log_build(g->l, ENTRY_BOOT, "system:core", boot_body(g), &w));
    golden_must("boot", model_entry_decode(wr_span(&w), &g->arena, &good));

    struct entry e = good;
    e.head.b[0] ^= 1;
    try_entry(g, "head", REASON_WRONG_HEAD, &e);
    e = good;
    e.seq++;
    try_entry(g, "seq_ahead", REASON_WRONG_SEQ, &e);
    e = good;
    e.seq--;
    try_entry(g, "seq_behind", REASON_WRONG_SEQ, &e);
    e = good;
    e.time_ms -= 60000;
    try_entry(g, "time_back", REASON_TIME_BACK, &e);
    e = good;
    e.actor = SPAN_LIT("client:ci");
    try_entry(g, "boot_by_client", REASON_WRONG_ACTOR, &e);
    e = good;
    e.body = SPAN_LIT("{\"version\":\"0.1.0\",\"x\":1}");
    try_entry(g, "unknown_member", REASON_MALFORMED, &e);
    wr_bytes(&spaced, wr_span(&w));
    wr_u8(&spaced, ' ');
    (void)try_leaf(g, "trailing_space", REASON_MALFORMED, wr_span(&spaced));
    golden_refuse(g, "second_genesis", REASON_NOT_FIRST,
                  author_log_append(g->l, ENTRY_GENESIS, "system:core", entry_at(g, 0).body));
    golden_allow("boot", author_log_append_leaf(g->l, wr_span(&w)));
}

static void signatures(struct golden_life *g, uint64_t id)
{
    golden_refuse(g, "rp_id", REASON_RP_ID, wrongly(g, "tom", id, (struct author_wrong){.rp_id = "elsewhere.example"}));
    golden_refuse(g, "no_presence", REASON_NO_PRESENCE,
                  wrongly(g, "tom", id, (struct author_wrong){.no_presence = true}));
    golden_refuse(g, "no_verification", REASON_NO_VERIFICATION,
                  wrongly(g, "tom", id, (struct author_wrong){.no_verification = true}));
    golden_refuse(g, "backup", REASON_BACKUP, wrongly(g, "tom", id, (struct author_wrong){.backup = true}));
    golden_refuse(g, "bad_signature", REASON_SIGNATURE,
                  wrongly(g, "tom", id, (struct author_wrong){.bad_signature = true}));
    golden_refuse(g, "wrong_key", REASON_SIGNATURE, wrongly(g, "tom", id, (struct author_wrong){.key_of = "tina"}));
    golden_refuse(g, "wrong_person", REASON_WRONG_PERSON,
                  wrongly(g, "tom", id, (struct author_wrong){.credential_of = "tina"}));
    golden_refuse(g, "unknown_credential", REASON_UNKNOWN_CREDENTIAL, approve(g, "mallory", id, tech));
    golden_refuse(g, "too_old", REASON_STATEMENT_EXPIRED,
                  wrongly(g, "tom", id, (struct author_wrong){.age_ms = 120001}));
    golden_refuse(g, "from_the_future", REASON_STATEMENT_EXPIRED,
                  wrongly(g, "tom", id, (struct author_wrong){.age_ms = (uint64_t)-1000}));
    golden_refuse(g, "other_anchor", REASON_ANCHOR, wrongly(g, "tom", id, (struct author_wrong){.other_anchor = true}));
    golden_refuse(g, "other_sheet", REASON_SHEET_CHANGED,
                  wrongly(g, "tom", id, (struct author_wrong){.other_sheet = true}));
    golden_refuse(g, "other_policy", REASON_POLICY_CHANGED,
                  wrongly(g, "tom", id, (struct author_wrong){.other_policy = true}));
    golden_refuse(g, "other_subject", REASON_STATEMENT,
                  wrongly(g, "tom", id, (struct author_wrong){.other_subject = true}));
    golden_refuse(g, "other_environment", REASON_STATEMENT,
                  wrongly(g, "tom", id, (struct author_wrong){.environment = "staging"}));
}

static void seats(struct golden_life *g, uint64_t id)
{
    uint8_t nonce[MODEL_NONCE_BYTES];

    golden_refuse(g, "no_role", REASON_NO_ROLE, approve(g, "olga", id, tech));
    golden_refuse(g, "unknown_seat", REASON_UNKNOWN_SEAT, approve(g, "tom", id, "production/cab"));
    golden_refuse(g, "reason_short", REASON_REASON_SHORT,
                  author_log_decide(g->l, "tom", id, tech, DECISION_REJECT, "no", NULL));
    golden_refuse(g, "redeem_unsigned", REASON_NOT_APPROVED, author_log_redeem(g->l, id, false));
    golden_allow("tom", approve(g, "tom", id, tech));
    memcpy(nonce, author_log_last_nonce(g->l), sizeof(nonce));
    golden_refuse(g, "replayed", REASON_NONCE_USED,
                  author_log_append(g->l, ENTRY_DECISION, "person:tom", entry_at(g, author_log_size(g->l) - 1).body));
    golden_refuse(g, "nonce_used", REASON_NONCE_USED, wrongly(g, "tina", id, (struct author_wrong){.nonce = nonce}));
    golden_refuse(g, "counter_back", REASON_COUNTER,
                  wrongly(g, "tom", id, (struct author_wrong){.counter_back = true}));
    golden_refuse(g, "same_person_twice", REASON_ALREADY_SIGNED, approve(g, "tom", id, tech));
    golden_refuse(g, "seat_full", REASON_SEAT_FULL, approve(g, "tina", id, tech));
    golden_refuse(g, "redeem_half_signed", REASON_NOT_APPROVED, author_log_redeem(g->l, id, false));
    golden_allow("bea", author_log_decide(g->l, "bea", id, business, DECISION_APPROVE, "go", NULL));
    golden_refuse(g, "quorum_met", REASON_QUORUM_MET, approve(g, "bill", id, business));
    golden_refuse(g, "outcome_before_use", REASON_NO_OUTCOME, author_log_outcome(g->l, id, STATUS_SUCCEEDED));
}

static struct verdict redeem_with(struct golden_life *g, struct redeem *r, uint64_t request)
{
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    r->request = request;
    golden_must("redeem", model_redeem_encode(r, &w));
    return author_log_append(g->l, ENTRY_REDEEM, "client:ci", wr_span(&w));
}

/* With the envelope of another approval. */
static void envelopes(struct golden_life *g, uint64_t other)
{
    struct redeem *r = arena_alloc(&g->arena, sizeof(*r));
    const uint64_t index = state_request_find(&author_log_judge(g->l)->state, other)->redeem_index;
    const uint64_t id = opened(g, "Release 4.18.3");
    sign_both(g, id);
    golden_must("redeem", model_redeem_decode(entry_at(g, index).body, &g->arena, r));
    golden_refuse(g, "drift_with_envelope", REASON_DRIFTED, redeem_with(g, r, id));
    r->artifacts[0].sha256 = digest_sha256(SPAN_LIT("Release 4.18.3"));
    golden_refuse(g, "envelope_of_another", REASON_ENVELOPE, redeem_with(g, r, id));
    r->envelope = SPAN_NONE;
    golden_refuse(g, "no_envelope", REASON_ENVELOPE, redeem_with(g, r, id));
    golden_allow("drift", author_log_redeem(g->l, id, true));
    golden_refuse(g, "redeem_void", REASON_NOT_OPEN, redeem_with(g, r, id));
    golden_keep(g, "void", id, FINDING_NOT_APPROVED);
}

static void one_release(struct golden_life *g)
{
    const uint64_t id = opened(g, "Release 4.18.2");
    signatures(g, id);
    seats(g, id);
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_refuse(g, "redeem_twice", REASON_REDEEMED, author_log_redeem(g->l, id, false));
    golden_allow("outcome", author_log_outcome(g->l, id, STATUS_SUCCEEDED));
    golden_refuse(g, "outcome_twice", REASON_NO_OUTCOME, author_log_outcome(g->l, id, STATUS_FAILED));
    golden_keep(g, "used", id, FINDING_HOLDS);
    envelopes(g, id);
}

static void endings(struct golden_life *g)
{
    const uint64_t rejected = opened(g, "Too much at once");
    golden_allow("reject",
                 author_log_decide(g->l, "tina", rejected, tech, DECISION_REJECT, "three services at once", NULL));
    golden_keep(g, "rejected", rejected, FINDING_NOT_APPROVED);

    const uint64_t withdrawn = opened(g, "Not needed");
    golden_refuse(g, "withdraw_by_stranger", REASON_UNKNOWN_CLIENT,
                  author_log_withdraw(g->l, withdrawn, "client:other"));
    golden_allow("withdraw", author_log_withdraw(g->l, withdrawn, "client:ci"));
    golden_refuse(g, "withdraw_twice", REASON_NOT_OPEN, author_log_withdraw(g->l, withdrawn, "client:ci"));

    const uint64_t late = opened(g, "Nobody came");
    author_log_advance(g->l, DAY_MS - 10);
    golden_refuse(g, "expire_early", REASON_NOT_DUE, author_log_expire(g->l, late));
    author_log_advance(g->l, 10);
    golden_refuse(g, "sign_late", REASON_EXPIRED, approve(g, "tom", late, tech));
    golden_allow("expire", author_log_expire(g->l, late));

    const uint64_t unused = opened(g, "Never deployed");
    sign_both(g, unused);
    author_log_advance(g->l, USE_BY_MS + 1);
    golden_refuse(g, "redeem_late", REASON_LAPSED, author_log_redeem(g->l, unused, false));
    golden_allow("lapse", author_log_expire(g->l, unused));
    golden_keep(g, "lapsed", unused, FINDING_NOT_APPROVED);
}

static void requests(struct golden_life *g)
{
    uint64_t id = 0;
    const uint64_t first = opened_as(g, (struct author_request){.title = "First try", .key = "k1"});
    struct author_request q = {.title = "First try", .key = "k1"};
    golden_refuse(g, "same_request", REASON_SAME_REQUEST, author_log_request(g->l, &q, &id));
    q.title = "Something else";
    golden_refuse(g, "idempotency_mismatch", REASON_IDEMPOTENCY_MISMATCH, author_log_request(g->l, &q, &id));
    q = (struct author_request){.title = "No way back", .backout = ""};
    golden_refuse(g, "missing_field", REASON_MISSING_FIELD, author_log_request(g->l, &q, &id));
    q = (struct author_request){.title = "Where", .environment = "moon"};
    golden_refuse(g, "unknown_environment", REASON_UNKNOWN_ENVIRONMENT, author_log_request(g->l, &q, &id));
    q = (struct author_request){.title = "Second try", .revises_set = true, .revises = first};
    const uint64_t second = opened_as(g, q);
    q.title = "Third try";
    golden_refuse(g, "revise_superseded", REASON_CANNOT_REVISE, author_log_request(g->l, &q, &id));
    sign_both(g, second);
    golden_allow("redeem", author_log_redeem(g->l, second, false));
    golden_allow("outcome", author_log_outcome(g->l, second, STATUS_FAILED));
    golden_keep(g, "revised", second, FINDING_HOLDS);
}

static void separation_and_order(struct golden_life *g)
{
    const uint64_t own =
        opened_as(g, (struct author_request){.title = "Own work", .initiator = "gitlab:tom", .author = "gitlab:tina"});
    golden_refuse(g, "requester_signs", REASON_IS_REQUESTER, approve(g, "tom", own, tech));
    golden_refuse(g, "author_signs", REASON_IS_AUTHOR, approve(g, "tina", own, tech));
    golden_allow("withdraw", author_log_withdraw(g->l, own, "client:ci"));

    const uint64_t staged = opened_as(g, (struct author_request){.title = "Staging", .environment = "staging"});
    golden_refuse(g, "seat_order", REASON_SEAT_ORDER, approve(g, "bea", staged, "staging/then"));
    golden_allow("tom", approve(g, "tom", staged, "staging/tech"));
    golden_allow("bea", approve(g, "bea", staged, "staging/then"));
    golden_allow("redeem", author_log_redeem(g->l, staged, false));
    golden_allow("outcome", author_log_outcome(g->l, staged, STATUS_ROLLED_BACK));
    golden_keep(g, "sequence", staged, FINDING_HOLDS);
}

static void by_officers(struct golden_life *g, uint64_t id)
{
    golden_allow("olga", approve(g, "olga", id, "officers/officers"));
    golden_refuse(g, id % 2 == 0 ? "officer_twice_even" : "officer_twice_odd", REASON_ALREADY_SIGNED,
                  approve(g, "olga", id, "officers/officers"));
    golden_allow("omar", approve(g, "omar", id, "officers/officers"));
}

static struct verdict effect_with(struct golden_life *g, enum entry_type type, struct effect e)
{
    AUTO_WRITER w = wr_heap(1024);
    golden_must("effect", model_effect_encode(&e, &w));
    return author_log_append(g->l, type, "system:core", wr_span(&w));
}

/* tom's key is revoked and tess joins; what was open stays open, but tom signs no more. */
static void roster_change(struct golden_life *g)
{
    static const char *const roles[] = {"tech"};
    const struct state *s = &author_log_judge(g->l)->state;
    const uint64_t open = opened(g, "Open over a roster change");
    struct roster_change *items = arena_array(&g->arena, 3, sizeof(*items));
    const struct state_person *tom = state_person_find(s, SPAN_LIT("tom"));
    const struct state_credential *key = NULL;
    size_t at = 0;

    do {
        key = map_next(&s->credentials, &at);
    } while (key != NULL && key->person != tom);
    if (key == NULL) {
        golden_give_up("tom's key", VERDICT_DENY(REASON_UNKNOWN_CREDENTIAL));
    }
    golden_must("tess", author_log_person(g->l, "tess", roles, 1, &g->arena, items));
    items[2].op = CHANGE_REVOKE_CREDENTIAL;
    items[2].credential_sha256 = key->id_sha256;
    const struct roster_content c = {.changes = {.item = items, .count = 3},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("tom lost a key"),
                                     .title = SPAN_LIT("Tess for Tom")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    golden_must("roster", model_roster_content_encode(&c, &text));
    golden_allow("roster", author_log_propose(g->l, KIND_ROSTER, wr_span(&text), &id));
    golden_refuse(g, "effect_unsigned", REASON_NOT_APPROVED, author_log_effect(g->l, ENTRY_ROSTER, id));
    by_officers(g, id);
    struct effect e = {.prev = s->roster_index, .request = id, .sha256 = {{0}}};
    golden_refuse(g, "effect_of_other_changes", REASON_WRONG_EFFECT, effect_with(g, ENTRY_ROSTER, e));
    golden_must("digest", model_changes_digest(&c.changes, &g->arena, &e.sha256));
    e.prev--;
    golden_refuse(g, "effect_out_of_chain", REASON_WRONG_EFFECT, effect_with(g, ENTRY_ROSTER, e));
    golden_refuse(g, "effect_of_other_kind", REASON_WRONG_EFFECT, author_log_effect(g->l, ENTRY_POLICY, id));
    golden_allow("effect", author_log_effect(g->l, ENTRY_ROSTER, id));
    golden_refuse(g, "revoked", REASON_REVOKED, approve(g, "tom", open, tech));
    golden_allow("tess", approve(g, "tess", open, tech));
    golden_allow("bill", approve(g, "bill", open, business));
    golden_keep(g, "roster", id, FINDING_HOLDS);
    golden_keep(g, "approved", open, FINDING_HOLDS);
}

/* The policy in force with another version. */
static struct span policy_of_version(struct golden_life *g, uint64_t version)
{
    const struct state_policy *p = author_log_judge(g->l)->state.policy;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    struct span kept = SPAN_NONE;
    const struct span tail = SPAN_LIT("\"version\":2}");

    wr_bytes(&w, span_make(p->text.p, p->text.left - tail.left));
    wr_text(&w, "\"version\":");
    wr_dec(&w, version);
    wr_text(&w, "}");
    golden_must("policy", arena_copy(&g->arena, wr_span(&w), &kept));
    return kept;
}

static struct verdict propose_policy(struct golden_life *g, struct span policy, uint64_t *ret_index)
{
    const struct policy_content c = {.initiator = SPAN_LIT("olga"),
                                     .policy = policy,
                                     .reason = SPAN_LIT("yearly review"),
                                     .title = SPAN_LIT("The same, a year later")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    golden_must("policy", model_policy_content_encode(&c, &text));
    return author_log_propose(g->l, KIND_POLICY, wr_span(&text), ret_index);
}

static void policy_change(struct golden_life *g)
{
    uint64_t id = 0;
    const uint64_t before = opened(g, "Opened under the old policy");

    golden_refuse(g, "policy_version", REASON_POLICY_VERSION, propose_policy(g, policy_of_version(g, 2), &id));
    golden_allow("policy", propose_policy(g, policy_of_version(g, 3), &id));
    golden_refuse(g, "own_policy", REASON_IS_REQUESTER, approve(g, "olga", id, "officers/officers"));
    golden_allow("omar", approve(g, "omar", id, "officers/officers"));
    golden_allow("odette", approve(g, "odette", id, "officers/officers"));
    golden_allow("effect", author_log_effect(g->l, ENTRY_POLICY, id));
    golden_keep(g, "policy", id, FINDING_HOLDS);

    golden_allow("tess", approve(g, "tess", before, tech));
    golden_allow("bea", approve(g, "bea", before, business));
    golden_allow("redeem", author_log_redeem(g->l, before, false));
    golden_keep(g, "over_policies", before, FINDING_HOLDS);
}

static struct verdict clock_note(struct golden_life *g, uint64_t back_ms)
{
    const struct clock_note c = {.back_ms = back_ms};
    AUTO_WRITER w = wr_heap(256);
    golden_must("clock", model_clock_encode(&c, &w));
    return author_log_append(g->l, ENTRY_CLOCK, "system:core", wr_span(&w));
}

static void clock_goes_back(struct golden_life *g)
{
    const uint64_t id = opened(g, "While the clock is wrong");
    const struct access_note a = {.code = SPAN_LIT("pin_wrong"), .count = 2, .person = SPAN_LIT("tess")};
    AUTO_WRITER w = wr_heap(256);

    golden_refuse(g, "clock_was_right", REASON_CLOCK, clock_note(g, 0));
    golden_allow("back", clock_note(g, 5000));
    golden_refuse(g, "sign_without_clock", REASON_CLOCK, approve(g, "tess", id, tech));
    golden_allow("forth", clock_note(g, 0));
    golden_must("access", model_access_encode(&a, &w));
    golden_allow("access", author_log_append(g->l, ENTRY_ACCESS, "person:tess", wr_span(&w)));
    golden_allow("tess", approve(g, "tess", id, tech));
    golden_keep(g, "half_signed", id, FINDING_NOT_APPROVED);
}

void golden_life_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    golden_keep(g, "first", 1, FINDING_HOLDS);
    places(g);
    one_release(g);
    endings(g);
    requests(g);
    separation_and_order(g);
    roster_change(g);
    policy_change(g);
    clock_goes_back(g);
    g->range_first = 14;
    g->range_count = 20;
}
