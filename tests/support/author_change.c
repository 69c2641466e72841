/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_change.h"

enum { ARENA_BYTES = 16 << 20 };

static struct verdict failed(struct cs_result r)
{
    return VERDICT_CAUSE(REASON_MALFORMED, r);
}

/* Asked for, signed by the two officers who did not ask, in force. */
static struct verdict decided(struct author_log *l, enum request_kind kind, struct span content, const char *asked_by)
{
    static const char *const officers[] = {"odette", "olga", "omar"};
    const char *by = asked_by != NULL ? asked_by : officers[0];
    uint64_t id = 0;

    struct verdict v = author_log_propose(l, kind, content, &id);
    for (size_t i = 0; v.allow && i < 3; i++) {
        if (strcmp(officers[i], by) != 0) {
            v = author_log_decide(l, officers[i], id, "officers/officers", DECISION_APPROVE, NULL, NULL);
        }
    }
    return v.allow ? author_log_effect(l, kind == KIND_POLICY ? ENTRY_POLICY : ENTRY_ROSTER, id) : v;
}

/* Copies the document in force up to and with `mark`; what follows it. */
static struct span up_to(struct span text, const char *mark, struct writer *w)
{
    const uint8_t *at = memmem(text.p, text.left, mark, strlen(mark));
    if (at == NULL) {
        return SPAN_NONE;
    }
    const size_t n = (size_t)(at - text.p) + strlen(mark);
    wr_bytes(w, span_make(text.p, n));
    return span_from(text, n);
}

static void end_with_version(struct author_log *l, struct writer *w)
{
    wr_dec(w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(w, "}");
}

static struct verdict change_policy(struct author_log *l, struct span policy, const char *editor)
{
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    const struct policy_content c = {
        .initiator = span_str(editor), .policy = policy, .reason = SPAN_LIT("as agreed"), .title = SPAN_LIT("Policy")};
    const struct cs_result r = model_policy_content_encode(&c, &content);
    return r.code == CS_OK ? decided(l, KIND_POLICY, wr_span(&content), editor) : failed(r);
}

struct verdict author_change_policy_by(struct author_log *l, const char *editor, const char *rules)
{
    AUTO_WRITER policy = wr_heap(MODEL_LEAF_MAX);
    (void)up_to(author_log_judge(l)->state.policy->text, "\"rules\":[", &policy);
    wr_text(&policy, rules);
    wr_text(&policy, "],\"v\":1,\"version\":");
    end_with_version(l, &policy);
    return change_policy(l, wr_span(&policy), editor);
}

struct verdict author_change_policy(struct author_log *l, const char *rules)
{
    return author_change_policy_by(l, "odette", rules);
}

struct verdict author_change_threshold(struct author_log *l, unsigned threshold)
{
    AUTO_WRITER policy = wr_heap(MODEL_LEAF_MAX);
    const struct span rest = up_to(author_log_judge(l)->state.policy->text, "\"threshold\":", &policy);
    wr_dec(&policy, threshold);
    (void)up_to(span_from(rest, 1), "\"version\":", &policy);
    end_with_version(l, &policy);
    return change_policy(l, wr_span(&policy), "odette");
}

struct verdict author_change_roster(struct author_log *l, struct roster_change *items, size_t count)
{
    const struct roster_content c = {.changes = {.item = items, .count = count},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Roster")};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    const struct cs_result r = model_roster_content_encode(&c, &content);
    return r.code == CS_OK ? decided(l, KIND_ROSTER, wr_span(&content), NULL) : failed(r);
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
