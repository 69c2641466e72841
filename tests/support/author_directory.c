/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_directory.h"

#include <stdlib.h>

#include "model/model_state_directory.h"
#include "policy/policy_access.h"
#include "support/author_change.h"

static const struct state *state_of(struct author_log *l)
{
    return &author_log_judge(l)->state;
}

static void must(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "author_directory: %s\n", what);
        abort();
    }
}

void author_directory_policy(struct author_log *l, const char *member)
{
    const struct span now = state_of(l)->policy->text;
    const uint8_t *environments = memmem(now.p, now.left, "\"environments\":", 15);
    const uint8_t *had = memmem(now.p, now.left, "\"directory\":", 12);
    const uint8_t *version = memmem(now.p, now.left, "\"version\":", 10);
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    must(environments != NULL && version != NULL, "the policy");
    const uint8_t *cut = had != NULL ? had : environments;
    wr_bytes(&w, span_make(now.p, (size_t)(cut - now.p)));
    wr_text(&w, member);
    wr_bytes(&w, span_make(environments, (size_t)(version + 10 - environments)));
    wr_dec(&w, state_of(l)->policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

struct verdict author_directory_begin(struct author_log *l, const char *member)
{
    struct sha256 token = digest_sha256(SPAN_LIT("dir"));
    struct roster_change put = {.op = CHANGE_PUT_CLIENT, .id = SPAN_LIT("dir")};

    put.client =
        (struct client){.id = put.id, .scopes = 1U << (unsigned)SCOPE_DIRECTORY, .tokens = {token}, .token_count = 1};
    const struct verdict v = author_change_roster(l, &put, 1);
    author_directory_policy(l, member);
    return v;
}

/* "bea:business tina:tech,officer tom:" */
static size_t parse(const char *people, struct entitlement *items)
{
    size_t n = 0;

    for (const char *at = people; *at != '\0';) {
        struct entitlement *e = &items[n++];
        const size_t person = strcspn(at, ":");
        *e = (struct entitlement){.person = span_make(at, person)};
        at += person + 1;
        while (*at != '\0' && *at != ' ') {
            const size_t role = strcspn(at, ", ");
            e->roles[e->role_count++] = span_make(at, role);
            at += role;
            at += *at == ',' ? 1 : 0;
        }
        at += *at == ' ' ? 1 : 0;
    }
    return n;
}

/* How many are listed once it is applied. */
static uint64_t total_after(const struct state *s, const struct directory_note *x)
{
    uint64_t n = state_directory_total(s);

    for (size_t i = 0; i < x->count; i++) {
        const struct state_person *p = state_person_find(s, x->item[i].person);
        for (size_t k = 0; p != NULL && k < p->role_count; k++) {
            n -= p->entitlements[k].listed ? 1U : 0U;
        }
        n += x->item[i].role_count;
    }
    return n;
}

struct verdict author_directory_say(struct author_log *l, const struct author_reading *r)
{
    struct entitlement *items = calloc(MODEL_LISTED_MAX, sizeof(*items));
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    must(items != NULL, "no memory");
    struct directory_note x = {.age_ms = r->age_ms,
                               .item = items,
                               .count = parse(r->people, items),
                               .prev = state_of(l)->roster_index + (r->elsewhere ? 1U : 0U),
                               .source = span_str(r->source != NULL ? r->source : "ldap"),
                               .total_set = r->total != AUTHOR_MORE};
    x.total = r->total >= 0 ? (uint64_t)r->total : total_after(state_of(l), &x);
    must(model_directory_encode(&x, &body).code == CS_OK, "directory");
    const struct verdict v =
        author_log_append(l, ENTRY_DIRECTORY, r->actor != NULL ? r->actor : "client:dir", wr_span(&body));
    free(items);
    return v;
}

struct verdict author_directory_silent(struct author_log *l, const char *actor)
{
    const struct directory_note x = {.stale = true, .prev = state_of(l)->roster_index};
    AUTO_WRITER body = wr_heap(4096);
    must(model_directory_encode(&x, &body).code == CS_OK, "directory");
    return author_log_append(l, ENTRY_DIRECTORY, actor, wr_span(&body));
}

size_t author_directory_lapses(struct author_log *l)
{
    struct lapse *x = calloc(1, sizeof(*x));
    size_t n = 0;
    must(x != NULL, "no memory");
    while (policy_lapses(state_of(l), author_log_now(l), x)) {
        AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
        must(model_lapse_encode(x, &body).code == CS_OK, "lapse");
        must(author_log_append(l, ENTRY_LAPSE, "system:core", wr_span(&body)).allow, "lapse");
        n += x->count;
    }
    free(x);
    return n;
}
