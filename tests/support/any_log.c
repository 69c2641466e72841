/* SPDX-License-Identifier: Apache-2.0 */
#include "support/any_log_in.h"

#include <stdarg.h>

#include "softkey/softkey_author.h"

enum {
    STATE_BYTES = 64 << 20,
    ARENA_BYTES = 64 << 20,
    TRACE_BYTES = 4 << 20,
    LINE_BYTES = 256,
    LOG_LEAST = 90, /* entries, after which a log may be long enough */
    LOG_MOST = 1200,
};

const char *const any_roles[ANY_ROLES] = {"officer", "tech", "business", "security", "owner", "duty"};

enum { OFFICER = 1, TECH = 2, BUSINESS = 4, SECURITY = 8, OWNER = 16, DUTY = 32 };

static const struct any_person cast[ANY_PEOPLE] = {
    {.id = "odette", .roles = OFFICER},    {.id = "olga", .roles = OFFICER},  {.id = "omar", .roles = OFFICER},
    {.id = "tom", .roles = TECH},          {.id = "tina", .roles = TECH},     {.id = "tess", .roles = TECH | SECURITY},
    {.id = "bea", .roles = BUSINESS},      {.id = "bill", .roles = BUSINESS}, {.id = "ben", .roles = BUSINESS | OWNER},
    {.id = "sam", .roles = SECURITY},      {.id = "sue", .roles = SECURITY},  {.id = "carol", .roles = OWNER},
    {.id = "cora", .roles = OWNER | TECH}, {.id = "dora", .roles = DUTY},     {.id = "dirk", .roles = DUTY | TECH},
};

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "any_log: %s\n", what);
        abort();
    }
}

/* --- what is known --- */

const struct any_policy *any_now(const struct any_log *l)
{
    return &l->policies[l->policy_count - 1];
}

const struct state *any_state(struct any_log *l)
{
    return &author_log_judge(l->log)->state;
}

unsigned any_role_bit(const char *role)
{
    for (unsigned i = 0; i < ANY_ROLES; i++) {
        if (strcmp(role, any_roles[i]) == 0) {
            return 1U << i;
        }
    }
    return 0;
}

struct any_request *any_request_of(struct any_log *l, uint64_t index)
{
    for (size_t i = 0; i < l->request_count; i++) {
        if (l->requests[i].index == index) {
            return &l->requests[i];
        }
    }
    return NULL;
}

const struct state_request *any_live(struct any_log *l, enum request_kind kind)
{
    const struct state *s = any_state(l);
    const size_t first = s->live_count > 0 ? chance(&l->chance, s->live_count) : 0;

    for (size_t i = 0; i < s->live_count; i++) {
        const struct state_request *q = s->live[(first + i) % s->live_count];
        if (q->kind == kind) {
            return q;
        }
    }
    return NULL;
}

struct sheet any_sheet(struct any_log *l, const struct state_request *q, struct arena *a)
{
    struct state_loaded *loaded = arena_alloc(a, sizeof(*loaded));
    struct sheet s = {.count = 0};

    must(loaded != NULL && state_load(q, a, loaded).code == CS_OK &&
             policy_sheet_at(any_state(l), q, loaded, author_log_now(l->log), a, &s).code == CS_OK,
         "sheet");
    return s;
}

size_t any_holder(struct any_log *l, const char *role)
{
    const unsigned bit = any_role_bit(role);
    const size_t first = chance(&l->chance, ANY_PEOPLE);

    for (size_t i = 0; i < ANY_PEOPLE && !chance_once(&l->chance, 60); i++) {
        const struct any_person *p = &l->people[(first + i) % ANY_PEOPLE];
        if ((p->roles & bit) != 0 && !p->suspended && !p->removed && !p->keyless) {
            return (first + i) % ANY_PEOPLE;
        }
    }
    return first;
}

/* --- what happens --- */

static void keep_refused(struct any_log *l, struct verdict v)
{
    if (v.allow || l->refused_count == ANY_REFUSED) {
        return;
    }
    struct any_refused *x = &l->refused[l->refused_count++];
    *x = (struct any_refused){.at = author_log_size(l->log), .reason = v.reason};
    must(arena_copy(&l->kept, author_log_last_leaf(l->log), &x->leaf).code == CS_OK, "refused");
}

struct verdict any_did(struct any_log *l, struct verdict v, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    wr_dec(&l->trace, author_log_size(l->log));
    wr_text(&l->trace, "\t");
    wr_text(&l->trace, text);
    wr_text(&l->trace, v.allow ? "" : ": ");
    wr_text(&l->trace, v.allow ? "" : policy_reason_code(v.reason));
    wr_text(&l->trace, "\n");
    l->done++;
    return v;
}

static bool on_duty(const struct any_log *l, size_t person)
{
    const uint64_t now_ms = author_log_now(l->log);
    bool on = false;

    for (size_t i = 0; i < ANY_SHIFTS; i++) {
        const struct any_shift *x = &l->shifts[i];
        for (size_t k = 0; k < 2 && now_ms >= x->from_ms && now_ms < x->until_ms; k++) {
            on = on || strcmp(x->people[k], l->people[person].id) == 0;
        }
    }
    return on;
}

struct verdict any_say(struct any_log *l, struct any_said x, const char *reason)
{
    const struct any_lent *g = x.by != ANY_NOBODY ? &l->lent[x.by] : NULL;
    const struct author_wrong how = {.delegation = g != NULL ? g->request : 0,
                                     .port = x.port[0] != '\0' ? x.port : NULL};

    x.index = author_log_size(l->log);
    x.time_ms = author_log_now(l->log);
    const struct verdict v = author_log_decide(l->log, l->people[x.person].id, x.request, x.seat, x.word, reason, &how);
    keep_refused(l, v);
    x.by = g != NULL ? g->by : ANY_NOBODY;
    x.not_lent = g != NULL && (g->ended || x.time_ms < g->from_ms || x.time_ms >= g->until_ms);
    x.off_duty = !on_duty(l, g != NULL ? g->by : x.person);
    if (v.allow) {
        must(l->said_count < ANY_SAID, "too much was said");
        l->said[l->said_count++] = x;
    }
    return any_did(l, v, "%s says %s to %s of %llu%s%s", l->people[x.person].id, decision_word_text(x.word), x.seat,
                   (unsigned long long)x.request, x.by != ANY_NOBODY ? " for " : "",
                   x.by != ANY_NOBODY ? l->people[x.by].id : "");
}

void any_log_print(const struct any_log *l)
{
    (void)fprintf(stderr, "%.*s\n%.*s", (int)l->documents.len, (const char *)l->documents.p, (int)l->trace.len,
                  (const char *)l->trace.p);
}

/* Most often both who did not ask. */
struct verdict any_officers(struct any_log *l, uint64_t request, enum entry_type type)
{
    struct verdict v = VERDICT_DENY(REASON_TOO_FEW_SIGNED);
    const size_t first = chance(&l->chance, ANY_OFFICERS);

    for (size_t i = 0; i < ANY_OFFICERS; i++) {
        const struct state_request *q = state_request_find(any_state(l), request);
        const struct any_said x = {.request = request,
                                   .person = (first + i) % ANY_OFFICERS,
                                   .by = ANY_NOBODY,
                                   .word = DECISION_APPROVE,
                                   .seat = "officers/officers"};
        if (q->status == STATUS_ELIGIBLE && !chance_once(&l->chance, 20)) {
            (void)any_say(l, x, NULL);
        }
    }
    if (state_request_find(any_state(l), request)->status == STATUS_APPROVED) {
        v = author_log_effect(l->log, type, request);
        keep_refused(l, v);
        (void)any_did(l, v, "request %llu takes effect", (unsigned long long)request);
    }
    return v;
}

struct verdict any_adopt(struct any_log *l)
{
    struct any_policy *p = &l->policies[l->policy_count];
    AUTO_WRITER text = wr_heap((size_t)MODEL_LEAF_MAX * 2);
    AUTO_WRITER content = wr_heap((size_t)MODEL_LEAF_MAX * 2);
    const size_t editor = ANY_OFFICERS + chance(&l->chance, ANY_PEOPLE - ANY_OFFICERS);
    uint64_t id = 0;

    any_policy_make(&l->chance, (unsigned)any_state(l)->policy->doc.version + 1, SPAN_OF(l->builder), p);
    any_policy_compile(p, l->backwards, &text);
    const struct policy_content c = {.initiator = span_str(l->people[editor].id),
                                     .policy = wr_span(&text),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Policy")};
    must(model_policy_content_encode(&c, &content).code == CS_OK, "policy");
    struct verdict v = author_log_propose(l->log, KIND_POLICY, wr_span(&content), &id);
    keep_refused(l, v);
    (void)any_did(l, v, "%s asks for policy %u", l->people[editor].id, p->version);
    v = v.allow ? any_officers(l, id, ENTRY_POLICY) : v;
    if (v.allow) {
        l->editors[l->policy_count++] = editor;
        any_policy_write(p, l->backwards, &l->documents);
    }
    return v;
}

/* --- the first entries --- */

static const char base_policy[] =
    "{\"change_types\":[\"normal\"],\"environments\":[\"test\"],\"name\":\"base\",\"officers\":{\"sign_by_s\":86400,"
    "\"threshold\":2},\"roles\":[\"business\",\"duty\",\"officer\",\"owner\",\"security\",\"tech\"],\"rules\":[],\"v\":"
    "1,"
    "\"version\":2}";

static void put_client(struct roster_change *c, const char *id, unsigned scopes)
{
    static const struct sha256 token = {{7}};

    *c = (struct roster_change){.op = CHANGE_PUT_CLIENT, .id = span_str(id)};
    c->client = (struct client){.id = c->id, .scopes = scopes, .tokens = {token}, .token_count = 1};
    c->client.tokens[0].b[0] = (uint8_t)id[0];
}

static unsigned evidence_scopes(void)
{
    unsigned scopes = 0;
    for (unsigned k = REPORT_NONE + 1; k < REPORT_KIND_COUNT; k++) {
        const enum client_scope scope = model_evidence_scope((enum report_kind)k);
        scopes |= scope != SCOPE_NONE ? 1U << (unsigned)scope : 0U;
    }
    return scopes;
}

/* A few at a time: an entry holds so many keys. */
static void enrol(struct any_log *l, size_t first, size_t end, bool clients)
{
    struct arena a;
    struct roster_change *items = NULL;
    size_t n = 0;

    arena_init(&a, ARENA_BYTES);
    items = arena_array(&a, MODEL_CHANGES_MAX, sizeof(*items));
    must(items != NULL, "people");
    for (size_t i = first; i < end; i++) {
        const char *roles[ANY_ROLES];
        size_t count = 0;
        for (unsigned k = ANY_ROLES; k-- > 0;) {
            if ((l->people[i].roles & 1U << k) != 0) {
                roles[count++] = any_roles[k];
            }
        }
        if (count == 2 && strcmp(roles[0], roles[1]) > 0) {
            const char *const second = roles[0];
            roles[0] = roles[1];
            roles[1] = second;
        }
        must(author_log_person(l->log, l->people[i].id, roles, count, &a, &items[n]).code == CS_OK, "person");
        n += 2;
    }
    if (clients) {
        put_client(&items[n++], "ci", 1U << SCOPE_REQUEST | 1U << SCOPE_REDEEM | 1U << SCOPE_OUTCOME);
        put_client(&items[n++], "monitor", 1U << SCOPE_INCIDENT);
        put_client(&items[n++], "scanner", evidence_scopes());
    }
    must(author_change_roster(l->log, items, n).allow, "people");
    arena_release(&a);
}

static void begin(struct any_log *l)
{
    struct softkey_author *builder = softkey_author_new("builder");

    must(builder != NULL, "builder");
    memcpy(l->builder, softkey_author_spki(builder), sizeof(l->builder));
    softkey_author_free(builder);
    author_log_begin(l->log);
    author_log_adopt(l->log, SPAN_LIT(base_policy));
    enrol(l, ANY_OFFICERS, 9, true);
    enrol(l, 9, ANY_PEOPLE, false);
    do {
        must(l->done < 1000, "no policy loads");
    } while (!any_adopt(l).allow);
    any_duty(l);
}

struct any_log *any_log_new(uint64_t seed, uint64_t round, bool backwards)
{
    struct any_log *l = calloc(1, sizeof(*l));

    must(l != NULL, "memory");
    l->policies = calloc(ANY_POLICIES, sizeof(*l->policies));
    l->log = author_log_new(JUDGE_PROVE, STATE_BYTES);
    must(l->policies != NULL && l->log != NULL, "memory");
    arena_init(&l->kept, ARENA_BYTES);
    l->trace = wr_heap(TRACE_BYTES);
    l->documents = wr_heap(TRACE_BYTES);
    l->chance = chance_of(seed, round);
    l->backwards = backwards;
    memcpy(l->people, cast, sizeof(cast));
    begin(l);
    return l;
}

void any_log_free(struct any_log *l)
{
    author_log_free(l->log);
    free(l->policies);
    wr_release(&l->trace);
    wr_release(&l->documents);
    arena_release(&l->kept);
    free(l);
}

/* --- then --- */

/* Most often a little; what is over by then ends. */
static void pass_time(struct any_log *l)
{
    static const struct {
        uint64_t once;
        uint64_t ms;
    } waits[] = {{300, 9 * 86400000ULL}, {120, 86400000}, {60, (uint64_t)5 * 3600000},
                 {25, 3600000},          {6, 600000},     {1, 1000}};
    size_t i = 0;

    while (!chance_once(&l->chance, waits[i].once)) {
        i++;
    }
    author_log_advance(l->log, waits[i].ms);
    if (waits[i].ms >= 3600000) {
        any_due(l);
    }
}

bool any_log_step(struct any_log *l)
{
    static const struct {
        unsigned weight;
        void (*happens)(struct any_log *);
    } things[] = {
        {14, any_open},    {60, any_decide},  {20, any_evidence},     {6, any_waiver},        {10, any_redeem},
        {8, any_outcome},  {1, any_withdraw}, {1, any_change_policy}, {4, any_change_person}, {2, any_duty},
        {4, any_delegate}, {2, any_freeze},   {3, any_thaw},          {3, any_review_access}, {5, any_emergency},
        {2, any_voucher},  {3, any_pay},      {10, any_due},
    };
    unsigned sum = 0;

    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        sum += things[i].weight;
    }
    uint64_t at = chance(&l->chance, sum);
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        if (at < things[i].weight) {
            pass_time(l);
            things[i].happens(l);
            break;
        }
        at -= things[i].weight;
    }
    const uint64_t size = author_log_size(l->log);
    return size < LOG_MOST && l->said_count + 64 < ANY_SAID && l->request_count + 4 < ANY_REQUESTS &&
           l->lent_count + 4 < ANY_SAID && l->file_count + 4 < ANY_SAID && l->run_count + 4 < ANY_REQUESTS &&
           l->frozen_count + 4 < ANY_REQUESTS && (size < LOG_LEAST || l->done < 250);
}
