/* SPDX-License-Identifier: Apache-2.0 */
/* A duty plan from its file, by the system's table of time zones; a delegation; people and the roles that they keep. */
#include "cli_propose.h"

#include "cli_policy.h"
#include "draft/draft_delegate.h"
#include "draft/draft_duty.h"

static int read_zone(const char *name, struct span zone, struct draft_zone *ret_zone)
{
    AUTO_WRITER text = wr_heap((size_t)DRAFT_ZONE_FILE_MAX + 1);

    struct cs_result r = policy_zone_file(zone, &text);
    r = r.code == CS_OK ? draft_zone_decode(wr_span(&text), ret_zone) : r;
    return r.code == CS_OK ? CLI_OK
                           : cli_fail(CLI_FAILED, name, "the system has no time zone %.*s: it %s", (int)zone.left,
                                      (const char *)zone.p, cs_code_text(r.code));
}

static int faulty(const char *name, const char *path, struct draft *d, const char *what)
{
    policy_say_faults(path, d);
    return cli_fail(CLI_FAILED, name, "%s is no %s", path, what);
}

int propose_read_duty(const char *name, const char *path, struct arena *arena, struct duty_roster *ret_roster)
{
    struct policy_document doc = {.top = NULL};
    struct draft_zone zone = {.count = 0};

    int status = policy_load(name, path, arena, &doc);
    if (status != CLI_OK) {
        return status;
    }
    const struct span named = draft_duty_zone(doc.draft, doc.top);
    if (named.left == 0) {
        return faulty(name, path, doc.draft, "duty plan");
    }
    status = read_zone(name, named, &zone);
    if (status != CLI_OK) {
        return status;
    }
    if (draft_duty(doc.draft, doc.top, &zone, ret_roster).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    return draft_good(doc.draft) ? CLI_OK : faulty(name, path, doc.draft, "duty plan");
}

int propose_read_delegation(const char *name, const char *path, struct arena *arena, struct delegate_content *c)
{
    struct policy_document doc = {.top = NULL};

    const int status = policy_load(name, path, arena, &doc);
    if (status != CLI_OK) {
        return status;
    }
    if (draft_delegate(doc.draft, doc.top, c).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    return draft_good(doc.draft) ? CLI_OK : faulty(name, path, doc.draft, "delegation");
}

static int by_person(const void *va, const void *vb)
{
    const struct entitlement *a = va;
    const struct entitlement *b = vb;
    return span_cmp(a->person, b->person);
}

/* Roles stand sorted in the log, and each once. */
static bool take_roles(const struct draft_person *p, struct entitlement *e)
{
    e->person = p->id;
    for (size_t i = 0; i < p->role_count; i++) {
        size_t at = e->role_count;
        while (at > 0 && span_cmp(e->roles[at - 1], p->roles[i]) > 0) {
            at--;
        }
        if (at > 0 && span_eq(e->roles[at - 1], p->roles[i])) {
            continue;
        }
        memmove(&e->roles[at + 1], &e->roles[at], (e->role_count - at) * sizeof(e->roles[0]));
        e->roles[at] = p->roles[i];
        e->role_count++;
    }
    return e->role_count > 0;
}

int propose_read_access(const char *name, const char *path, struct arena *arena, struct access_review_content *c)
{
    struct draft_roster r = {.count = 0};

    const int status = policy_read_roster(name, path, arena, &r);
    if (status != CLI_OK) {
        return status;
    }
    c->item = arena_array(arena, r.count + 1, sizeof(*c->item));
    if (c->item == NULL) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    for (size_t i = 0; i < r.count; i++) {
        if (!take_roles(&r.item[i], &c->item[c->count++])) {
            return cli_fail(CLI_FAILED, name, "%s: every person has at least one role to keep", path);
        }
    }
    if (c->count < 1 || c->count > MODEL_ENTITLEMENTS_MAX) {
        return cli_fail(CLI_FAILED, name, "%s: from 1 to %d people are reviewed at once", path,
                        (int)MODEL_ENTITLEMENTS_MAX);
    }
    qsort(c->item, c->count, sizeof(*c->item), by_person);
    return CLI_OK;
}
