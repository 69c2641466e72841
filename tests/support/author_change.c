/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_change.h"

enum { ARENA_BYTES = 16 << 20 };

static struct verdict failed(struct cs_result r)
{
    return VERDICT_CAUSE(REASON_MALFORMED, r);
}

/* Asked for, signed by two officers, in force. */
static struct verdict decided(struct author_log *l, enum request_kind kind, struct span content)
{
    static const char *const officers[] = {"olga", "omar"};
    uint64_t id = 0;

    struct verdict v = author_log_propose(l, kind, content, &id);
    for (size_t i = 0; v.allow && i < 2; i++) {
        v = author_log_decide(l, officers[i], id, "officers/officers", DECISION_APPROVE, NULL, NULL);
    }
    return v.allow ? author_log_effect(l, kind == KIND_POLICY ? ENTRY_POLICY : ENTRY_ROSTER, id) : v;
}

/* The document in force, up to its rules, with others and the next version. */
static bool next_policy(const struct state_policy *now, const char *rules, struct writer *w)
{
    static const char mark[] = "\"rules\":[";
    const uint8_t *at = memmem(now->text.p, now->text.left, mark, sizeof(mark) - 1);
    if (at == NULL) {
        return false;
    }
    wr_bytes(w, span_make(now->text.p, (size_t)(at - now->text.p) + sizeof(mark) - 1));
    wr_text(w, rules);
    wr_text(w, "],\"v\":1,\"version\":");
    wr_dec(w, now->doc.version + 1);
    wr_text(w, "}");
    return true;
}

struct verdict author_change_policy(struct author_log *l, const char *rules)
{
    AUTO_WRITER policy = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    if (!next_policy(author_log_judge(l)->state.policy, rules, &policy)) {
        return VERDICT_DENY(REASON_POLICY_INVALID);
    }
    const struct policy_content c = {.initiator = SPAN_LIT("odette"),
                                     .policy = wr_span(&policy),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Policy")};
    const struct cs_result r = model_policy_content_encode(&c, &content);
    return r.code == CS_OK ? decided(l, KIND_POLICY, wr_span(&content)) : failed(r);
}

struct verdict author_change_roster(struct author_log *l, struct roster_change *items, size_t count)
{
    const struct roster_content c = {.changes = {.item = items, .count = count},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Roster")};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    const struct cs_result r = model_roster_content_encode(&c, &content);
    return r.code == CS_OK ? decided(l, KIND_ROSTER, wr_span(&content)) : failed(r);
}

struct verdict author_change_roles(struct author_log *l, const char *person, const char *roles)
{
    const struct state_person *now = state_person_find(&author_log_judge(l)->state, span_str(person));
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = span_str(person)};
    struct span rest = span_str(roles);

    put.person.id = put.id;
    for (size_t i = 0; now != NULL && i < now->account_count; i++) {
        put.person.accounts[put.person.account_count++] = now->accounts[i];
    }
    while (rest.left > 0) {
        const uint8_t *blank = memchr(rest.p, ' ', rest.left);
        const size_t n = blank != NULL ? (size_t)(blank - rest.p) : rest.left;
        put.person.roles[put.person.role_count++] = span_make(rest.p, n);
        rest = span_from(rest, blank != NULL ? n + 1 : n);
    }
    return author_change_roster(l, &put, 1);
}

static struct verdict with_key(struct author_log *l, const char *person, const char *key_of, bool revoke)
{
    struct arena a;
    struct roster_change change = {.op = CHANGE_NONE};
    arena_init(&a, ARENA_BYTES);

    const struct cs_result r = author_log_key_for(l, person, key_of, &a, &change);
    struct roster_change off = {.op = CHANGE_REVOKE_CREDENTIAL};
    if (r.code == CS_OK && revoke) {
        off.credential_sha256 = digest_sha256(change.credential.id);
    }
    const struct verdict v = r.code == CS_OK ? author_change_roster(l, revoke ? &off : &change, 1) : failed(r);
    arena_release(&a);
    return v;
}

struct verdict author_change_revoke(struct author_log *l, const char *key_of)
{
    return with_key(l, key_of, key_of, true);
}

struct verdict author_change_add_key(struct author_log *l, const char *person, const char *key_of)
{
    return with_key(l, person, key_of, false);
}
