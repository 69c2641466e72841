/* SPDX-License-Identifier: Apache-2.0 */
/* Deployments in a generated log: asked for, decided, used, reported. */
#include "support/any_log_in.h"

enum { ARENA_BYTES = 64 << 20, ACCOUNT_BYTES = 16 };

static const char *const services[] = {"payments", "ledger"};
static const char *const artifacts[] = {"v1", "v2", "v3"};

/* A request while it is made. */
struct asking {
    struct any_log *l;
    struct any_request *r;
    struct deploy_content *d;
    struct deploy_rollback back;
    char accounts[4][ACCOUNT_BYTES];
};

static struct span account(struct asking *x, unsigned at, size_t person)
{
    const char *id = x->l->people[person].id;

    switch (chance(&x->l->chance, 4)) { /* all of them are this person */
    case 0:
        (void)snprintf(x->accounts[at], ACCOUNT_BYTES, "gitlab:%s", id);
        break;
    case 1:
        (void)snprintf(x->accounts[at], ACCOUNT_BYTES, "GitLab:%s", id);
        break;
    case 2:
        (void)snprintf(x->accounts[at], ACCOUNT_BYTES, "person:%s", id);
        break;
    default:
        (void)snprintf(x->accounts[at], ACCOUNT_BYTES, "%s", id);
        break;
    }
    return span_str(x->accounts[at]);
}

static size_t somebody(struct any_log *l)
{
    return chance_once(&l->chance, 2) ? ANY_NOBODY : chance(&l->chance, ANY_PEOPLE);
}

static void name_people(struct asking *x)
{
    struct any_request *r = x->r;
    struct deploy_content *d = x->d;

    r->initiator = somebody(x->l);
    r->trigger = somebody(x->l);
    r->author = somebody(x->l);
    d->initiator = r->initiator != ANY_NOBODY ? account(x, 0, r->initiator) : SPAN_LIT("gitlab:7");
    d->trigger = r->trigger != ANY_NOBODY ? account(x, 1, r->trigger) : SPAN_NONE;
    if (r->author == ANY_NOBODY && chance_once(&x->l->chance, 4)) {
        return; /* no source at all */
    }
    d->source = (struct request_source){.present = true,
                                        .commit = SPAN_LIT("0123456789abcdef0123456789abcdef01234567"),
                                        .ref = SPAN_LIT("refs/heads/main"),
                                        .repository = SPAN_LIT("payments/api"),
                                        .since = SPAN_LIT("v4"),
                                        .authors = {SPAN_LIT("gitlab:9")},
                                        .author_count = 1,
                                        .has_protected = true,
                                        .is_protected = !chance_once(&x->l->chance, 6),
                                        .pull_request = 12,
                                        .pull_request_state = SPAN_LIT("merged"),
                                        .reviewers = {SPAN_LIT("gitlab:8")},
                                        .reviewer_count = chance_once(&x->l->chance, 6) ? 0 : 1,
                                        .commits = 1,
                                        .files_changed = 3,
                                        .lines_added = 40};
    if (r->author != ANY_NOBODY) {
        d->source.authors[0] = account(x, 2, r->author);
    }
}

static struct named_digest artifact(const char *version)
{
    return (struct named_digest){.name = SPAN_LIT("api"), .sha256 = digest_sha256(span_str(version))};
}

static void name_things(struct asking *x)
{
    static const char *const data[] = {"pii", "phi", "none"};
    struct chance *c = &x->l->chance;
    struct deploy_content *d = x->d;

    x->r->artifact = CHANCE_WORD(c, artifacts);
    d->artifacts[d->artifact_count++] = artifact(x->r->artifact);
    if (!chance_once(c, 4)) {
        x->r->data = CHANCE_WORD(c, data);
        d->attributes[d->attribute_count++] =
            (struct text_pair){.key = SPAN_LIT("data"), .value = span_str(x->r->data)};
    }
    d->has_config = !chance_once(c, 8);
    d->config_sha256 = d->has_config ? digest_sha256(SPAN_LIT("config")) : d->config_sha256;
    d->has_plan = !chance_once(c, 8);
    d->plan_sha256 = d->has_plan ? digest_sha256(SPAN_LIT("plan")) : d->plan_sha256;
    if (!chance_once(c, 12)) {
        d->documentation[d->documentation_count++] =
            (struct text_pair){.key = SPAN_LIT("backout_plan"), .value = SPAN_LIT("Roll back.")};
    }
    if (!chance_once(c, 8)) {
        d->ticket = SPAN_LIT("OPS-1");
        d->ticket_system = SPAN_LIT("jira");
        d->ticket_state = chance_once(c, 8) ? SPAN_LIT("draft") : SPAN_LIT("scheduled");
    }
    d->title = SPAN_LIT("Release");
    x->r->service = CHANCE_WORD(c, services);
    d->service = span_str(x->r->service);
    x->r->remediates = x->l->frozen_count > 0 && chance_once(c, 4);
    if (x->r->remediates) {
        d->remediates[d->remediates_count++] = SPAN_LIT("INC-1");
    }
}

/* To another version than the one that is deployed. */
static void name_rollback(struct asking *x)
{
    struct deploy_rollback *b = &x->back;

    b->artifacts[0] = artifact(CHANCE_WORD(&x->l->chance, artifacts));
    if (!chance_once(&x->l->chance, 4) || sha256_eq(&b->artifacts[0].sha256, &x->d->artifacts[0].sha256)) {
        return;
    }
    b->artifact_count = 1;
    b->has_config = x->d->has_config;
    b->config_sha256 = x->d->config_sha256;
    b->has_plan = x->d->has_plan;
    b->plan_sha256 = x->d->plan_sha256;
    b->triggers[b->trigger_count++] = SPAN_LIT("error_rate");
    x->d->rollback = b;
}

static void remember(struct any_log *l, struct any_request r)
{
    r.policy = l->policy_count - 1;
    for (size_t i = 0; i < l->run_count; i++) {
        const struct any_request *x = l->runs[i].of;
        r.ran = r.ran || (x->environment == r.environment && strcmp(x->service, r.service) == 0);
    }
    for (size_t i = 0; i < ANY_PEOPLE; i++) {
        for (unsigned k = 0; k < ANY_ROLES; k++) {
            r.group[k] += (l->people[i].roles & 1U << k) != 0 && !l->people[i].removed ? 1U : 0U;
        }
    }
    l->requests[l->request_count++] = r;
}

void any_open(struct any_log *l)
{
    static const char *const types[] = {"normal", "normal", "normal", "normal", "emergency", "rollback"};
    struct any_request r = {.status = STATUS_ELIGIBLE};
    struct arena a;
    struct asking x = {.l = l, .r = &r};
    AUTO_WRITER text = wr_heap(MODEL_CONTENT_MAX);

    arena_init(&a, ARENA_BYTES);
    x.d = arena_alloc(&a, sizeof(*x.d));
    if (x.d == NULL) {
        abort();
    }
    r.environment = (unsigned)chance(&l->chance, ANY_ENVIRONMENTS);
    r.change_type = CHANCE_WORD(&l->chance, types);
    x.d->environment = span_str(any_environments[r.environment]);
    x.d->change_type = span_str(r.change_type);
    name_people(&x);
    name_things(&x);
    name_rollback(&x);
    const struct cs_result made = model_deploy_encode(x.d, &text);
    if (made.code != CS_OK) {
        (void)fprintf(stderr, "any_log: %s\n", made.msg);
        abort();
    }
    const struct state_request *old = chance_once(&l->chance, 12) ? any_live(l, KIND_DEPLOY) : NULL;
    const struct verdict v = author_log_deploy(l->log, wr_span(&text), old, &r.index);
    (void)any_did(l, v, "a request to %s: %s", any_environments[r.environment], r.change_type);
    if (v.allow) {
        remember(l, r);
    }
    arena_release(&a);
}

/* --- decisions --- */

static const struct sheet_line *free_seat(struct any_log *l, const struct sheet *s)
{
    const size_t first = chance(&l->chance, s->count);

    for (size_t i = 0; i < s->count; i++) {
        const struct sheet_line *line = &s->lines[(first + i) % s->count];
        if (line->kind == SHEET_SEAT && (line->have < line->count || chance_once(&l->chance, 6))) {
            return line;
        }
    }
    return NULL;
}

static enum decision_word any_word(struct any_log *l)
{
    switch (chance(&l->chance, 40)) {
    case 0:
        return DECISION_REJECT;
    case 1:
        return DECISION_ABSTAIN;
    default:
        return DECISION_APPROVE;
    }
}

static const char *role_of(const struct sheet_line *line)
{
    for (unsigned k = 0; k < ANY_ROLES; k++) {
        if (span_is(line->role, any_roles[k])) {
            return any_roles[k];
        }
    }
    return any_roles[0];
}

void any_decide(struct any_log *l)
{
    const struct state_request *q = any_live(l, KIND_DEPLOY);
    struct any_said x = {.by = ANY_NOBODY, .word = any_word(l)};
    struct arena a;

    if (q == NULL) {
        any_open(l);
        return;
    }
    arena_init(&a, ARENA_BYTES);
    const struct sheet s = any_sheet(l, q, &a);
    const struct sheet_line *line = free_seat(l, &s);
    if (line != NULL) {
        struct writer name = wr_fixed(x.seat, sizeof(x.seat) - 1);
        policy_seat_name(line, &name);
        x.person = any_holder(l, line->also_count > 0 && chance_once(&l->chance, 4) ? "duty" : role_of(line));
        x.request = q->index;
        if (l->lent_count > 0 && chance_once(&l->chance, 6)) {
            x.by = chance(&l->chance, l->lent_count);
            x.person = l->lent[x.by].to;
        }
        (void)any_say(l, x, chance_once(&l->chance, 10) ? NULL : "said at the kiosk");
    }
    arena_release(&a);
}

/* --- use --- */

static const struct state_request *in_status(struct any_log *l, enum request_status status)
{
    const struct state *s = any_state(l);
    const size_t first = l->request_count > 0 ? chance(&l->chance, l->request_count) : 0;

    for (size_t i = 0; i < l->request_count; i++) {
        const struct state_request *q = state_request_find(s, l->requests[(first + i) % l->request_count].index);
        if (q->status == status) {
            return q;
        }
    }
    return NULL;
}

void any_redeem(struct any_log *l)
{
    const struct state_request *q = in_status(l, chance_once(&l->chance, 12) ? STATUS_ELIGIBLE : STATUS_APPROVED);
    const struct state_request *failed = in_status(l, STATUS_FAILED);
    const bool drifts = chance_once(&l->chance, 12);

    if (failed != NULL && failed->fallback != NULL && failed->fallback->open != NULL) {
        const struct verdict v = author_log_go_back(l->log, failed->index, drifts);
        (void)any_did(l, v, "%llu goes back%s", (unsigned long long)failed->index, drifts ? " to something else" : "");
        return;
    }
    if (q != NULL) {
        const struct verdict v = author_log_redeem_as(l->log, q->index, drifts,
                                                      chance_once(&l->chance, 12) ? "client:scanner" : "client:ci");
        (void)any_did(l, v, "%llu is used%s", (unsigned long long)q->index, drifts ? " for something else" : "");
        if (v.allow && !drifts) {
            l->runs[l->run_count++] = (struct any_run){.of = any_request_of(l, q->index)};
        }
    }
}

void any_outcome(struct any_log *l)
{
    const struct state_request *q = in_status(l, STATUS_REDEEMED);
    const bool fails = chance_once(&l->chance, 4);

    if (q != NULL) {
        const struct verdict v =
            fails ? author_log_failed(l->log, q->index, chance_once(&l->chance, 2) ? "error_rate" : NULL)
                  : author_log_outcome(l->log, q->index, STATUS_SUCCEEDED);
        (void)any_did(l, v, "%llu %s", (unsigned long long)q->index, fails ? "failed" : "succeeded");
        for (size_t i = 0; i < l->run_count && v.allow && !fails; i++) {
            l->runs[i].good_ms = l->runs[i].of->index == q->index ? author_log_now(l->log) : l->runs[i].good_ms;
        }
    }
}

void any_withdraw(struct any_log *l)
{
    const struct state_request *q = any_live(l, KIND_DEPLOY);

    if (q != NULL) {
        const struct verdict v = author_log_withdraw(l->log, q->index, "client:ci");
        (void)any_did(l, v, "%llu is withdrawn", (unsigned long long)q->index);
    }
}
