/* SPDX-License-Identifier: Apache-2.0 */
#include "support/any_policy.h"

#include <fcntl.h>
#include <stdarg.h>

#include "base/base_text.h"
#include "draft/draft_policy.h"
#include "file/file_read.h"

enum { DOCUMENT_BYTES = 65536, WORD_BYTES = 512, KEY_BYTES = 160 };

const char *const any_environments[ANY_ENVIRONMENTS] = {"test", "staging", "production"};

static const char *const change_types[] = {"emergency", "normal", "rollback"};

/* A rule while it is written. */
struct making {
    struct chance *c;
    struct any_policy *p;
    struct any_rule *r;
    size_t at; /* its place */
    struct writer w;
    char key[KEY_BYTES]; /* of provenance, in base64 */
};

__attribute__((format(printf, 2, 3))) static void say(struct writer *w, const char *format, ...)
{
    char text[WORD_BYTES];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    wr_text(w, text);
}

/* --- conditions --- */

static void say_environments(struct making *m)
{
    const char *comma = "";

    m->r->environments = (1U << ANY_ENVIRONMENTS) - 1;
    if (!chance_once(m->c, 3)) {
        return;
    }
    m->r->environments = 1 + (unsigned)chance(m->c, (1U << ANY_ENVIRONMENTS) - 1);
    wr_text(&m->w, ", environment: [");
    for (unsigned i = 0; i < ANY_ENVIRONMENTS; i++) {
        if ((m->r->environments & 1U << i) != 0) {
            say(&m->w, "%s%s", comma, any_environments[i]);
            comma = ", ";
        }
    }
    wr_text(&m->w, "]");
}

static void say_values(struct making *m)
{
    if (chance_once(m->c, 5)) {
        m->r->change_type = CHANCE_WORD(m->c, change_types);
        m->r->other_type = chance_once(m->c, 2);
        say(&m->w, m->r->other_type ? ", not: { change_type: %s }" : ", change_type: %s", m->r->change_type);
    }
    if (chance_once(m->c, 4)) {
        static const char *const data[] = {"pii", "phi"};
        m->r->data = CHANCE_WORD(m->c, data);
        say(&m->w, ", attributes.data: %s", m->r->data);
    }
}

static void say_history(struct making *m)
{
    static const char *const asked[] = {"change_fail_rate: { gt: 0.15 }", "deployments: { ge: 2 }",
                                        "recovery: { gt: 1h }"};

    m->r->history = chance_once(m->c, 6);
    if (m->r->history) {
        say(&m->w, ", history: { window: %s, %s }", chance_once(m->c, 2) ? "30d" : "7d", CHANCE_WORD(m->c, asked));
    }
}

/* The first rule always applies, so that somebody is always asked. */
static void say_when(struct making *m)
{
    wr_text(&m->w, "    when: { any: [ { attributes.lines: { ge: 0 } }, { attributes.lines: { lt: 0 } } ]");
    m->r->environments = (1U << ANY_ENVIRONMENTS) - 1;
    if (m->at > 0) {
        say_environments(m);
        say_values(m);
        say_history(m);
    }
    wr_text(&m->w, " }\n");
}

/* --- what is asked --- */

static void say_list(struct making *m, const char *name, const char *const *words, size_t n, uint64_t once)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (chance_once(m->c, once)) {
            wr_text(&m->w, any ? ", " : "      ");
            wr_text(&m->w, any ? "" : name);
            wr_text(&m->w, any ? "" : ": [");
            wr_text(&m->w, words[i]);
            any = true;
        }
    }
    wr_text(&m->w, any ? "]\n" : "");
}

static void say_separate(struct making *m)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = {{SEPARATE_AUTHORS, "authors"},
                 {SEPARATE_INITIATOR, "initiator"},
                 {SEPARATE_POLICY_EDITOR, "policy_editor"},
                 {SEPARATE_TRIGGER, "trigger"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (chance_once(m->c, 3)) {
            say(&m->w, m->r->separate == 0 ? "      separate: [%s" : ", %s", words[i].word);
            m->r->separate |= words[i].bit;
        }
    }
    wr_text(&m->w, m->r->separate != 0 ? "]\n" : "");
}

static void say_words(struct making *m)
{
    static const char *const fields[] = {"title",  "service",         "initiator",    "documentation.backout_plan",
                                         "ticket", "attributes.data", "source.commit"};
    static const char *const bind[] = {"artifacts", "config", "plan"};
    static const char *const source[] = {"{ refs: [refs/heads/main, \"refs/tags/v*\"] }", "{ protected: true }",
                                         "{ pull_request: merged, reviewers: 1 }"};
    static const char *const ticket[] = {"{ system: any }", "{ system: jira, state: [scheduled, implement] }"};

    wr_text(&m->w, "    require:\n");
    say_list(m, "fields", fields, sizeof(fields) / sizeof(fields[0]), 4);
    say_list(m, "bind", bind, sizeof(bind) / sizeof(bind[0]), 3);
    say_separate(m);
    if (chance_once(m->c, 6)) {
        say(&m->w, "      source: %s\n", CHANCE_WORD(m->c, source));
    }
    if (chance_once(m->c, 6)) {
        say(&m->w, "      ticket: %s\n", CHANCE_WORD(m->c, ticket));
    }
    if (chance_once(m->c, 5)) {
        wr_text(&m->w, "      token: { verification: required, attested: true }\n");
    }
    if (chance_once(m->c, 3)) {
        wr_text(&m->w, "      reason: { approve: { min: 3 }, reject: { min: 15 } }\n");
    }
    say(&m->w, "      sign_by: %s\n", chance_once(m->c, 2) ? "2d" : "24h");
    say(&m->w, "      use_by: %s\n", chance_once(m->c, 2) ? "4h" : "1d");
}

static void say_evidence(struct making *m)
{
    enum { HOUR_MS = 3600000 };
    static const struct {
        struct any_line line;
        const char *text;
    } kinds[] = {
        {{"canary", REPORT_CANARY, (uint64_t)60 * 24 * HOUR_MS, false},
         "from: staging, window: 30m, max_age: 60d, bounds: { error_rate: \"<0.01\" }"},
        {{"coverage", REPORT_COVERAGE, 0, false}, "min_line: 0.80, max_drop: 0.01"},
        {{"parts", REPORT_CYCLONEDX, (uint64_t)48 * HOUR_MS, false},
         "max: { critical: 0 }, waivable_by: owner, max_age: 2d"},
        {{"iac", REPORT_IAC, 0, false}, "max: { error: 0, delete: 0 }, drift: none, waivable_by: owner"},
        {{"junit", REPORT_JUNIT, (uint64_t)24 * HOUR_MS, false}, "min_pass: 1.0, max: { skipped: 5 }, max_age: 24h"},
        {{"db", REPORT_MIGRATION, 0, false}, "backup_max_age: 6h, restore_tested: 30d, schema_from: deployed"},
        {{"plan", REPORT_PLAN, 0, false}, "max: { delete: 0, replace: 0 }, drift: none"},
        {{"sast", REPORT_SARIF, 0, true}, "max: { critical: 0, high: 0 }, waivable_by: owner, baseline: deployed"},
        {{"built", REPORT_PROVENANCE, 0, false}, NULL}};
    enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
    const uint64_t first = chance(m->c, KINDS);

    m->r->line_count = chance_once(m->c, 3) ? 1 + chance(m->c, ANY_LINES) : 0;
    for (size_t i = 0; i < m->r->line_count; i++) {
        const uint64_t k = (first + i * 4) % KINDS;
        m->r->lines[i] = kinds[k].line;
        wr_text(&m->w, i == 0 ? "      evidence:\n" : "");
        say(&m->w, "        - { id: %s, kind: %s, ", kinds[k].line.id, report_kind_text(kinds[k].line.kind));
        if (kinds[k].text != NULL) {
            say(&m->w, "%s }\n", kinds[k].text);
        } else {
            say(&m->w, "key: \"%s\" }\n", m->key);
        }
    }
}

/* --- who signs --- */

static void say_quorum(struct making *m, struct any_seat *seat)
{
    static const struct {
        enum policy_quorum quorum;
        const char *word;
    } words[] = {{QUORUM_COUNT, "1"}, {QUORUM_MAJORITY, "majority"}, {QUORUM_TWO_THIRDS, "two_thirds"}};
    const uint64_t k = chance(m->c, 3);

    seat->quorum = words[k].quorum;
    seat->count = 1;
    say(&m->w, ", quorum: %s", words[k].word);
    if (chance_once(m->c, 2)) {
        wr_text(&m->w, ", veto: [security]");
    }
}

/* A seat comes after one that was made before it, of whichever rule, so no turn comes back to itself. */
static void say_after(struct making *m)
{
    const size_t of = m->r->seat_count > 1 ? m->at : m->at - 1;
    const struct any_rule *r = &m->p->rules[of];

    if (of == m->at) {
        say(&m->w, ", after: %s", r->seats[0].id);
    } else if (r->seat_count > 0) {
        say(&m->w, ", after: %s/%s", r->id, r->seats[chance(m->c, r->seat_count)].id);
    }
}

static void say_seats(struct making *m)
{
    static const char *const roles[] = {"tech", "business", "security", "owner", "duty", "tech"};
    static const char *const ids[ANY_SEATS] = {"a", "b"};
    const size_t n = m->at == 0 ? 1 : chance(m->c, ANY_SEATS + 1);

    for (size_t i = 0; i < n; i++) {
        struct any_seat *seat = &m->r->seats[m->r->seat_count++];
        *seat = (struct any_seat){.id = ids[i], .role = CHANCE_WORD(m->c, roles), .count = 1};
        say(&m->w, "%s        - { id: %s, role: %s", i == 0 ? "      seats:\n" : "", seat->id, seat->role);
        if (chance_once(m->c, 4)) {
            say_quorum(m, seat);
        } else if (chance_once(m->c, 3)) {
            seat->count = 2;
            wr_text(&m->w, ", count: 2");
        }
        if ((m->at > 0 || i > 0) && chance_once(m->c, 4)) {
            say_after(m);
        }
        wr_text(&m->w, " }\n");
    }
}

static void say_steps(struct making *m)
{
    if (m->r->seat_count == 0 || !chance_once(m->c, 3)) {
        return;
    }
    wr_text(&m->w, "      escalate: [ { after: 1h, to: duty }");
    m->r->to[m->r->to_count++] = "duty";
    if (chance_once(m->c, 2)) {
        wr_text(&m->w, ", { after: 3h, when: { attributes.data: pii }, to: owner }");
        m->r->to[m->r->to_count++] = "owner";
    }
    wr_text(&m->w, " ]\n");
}

static void make_rule(struct making *m)
{
    m->w = wr_fixed(m->r->text, sizeof(m->r->text) - 1);
    (void)snprintf(m->r->id, sizeof(m->r->id), "r%zu", m->at);
    say(&m->w, "  - id: %s\n", m->r->id);
    say_when(m);
    say_words(m);
    say_evidence(m);
    say_seats(m);
    say_steps(m);
    m->r->text[m->w.len] = '\0';
}

/* --- the rest of the document --- */

static void make_earned(struct making *m)
{
    struct any_policy *p = m->p;
    const size_t at = chance(m->c, p->rule_count);
    struct any_rule *r = &p->rules[at];
    struct any_seat *seat = r->seat_count > 0 ? &r->seats[chance(m->c, r->seat_count)] : NULL;
    const bool share = seat != NULL && (seat->quorum == QUORUM_MAJORITY || seat->quorum == QUORUM_TWO_THIRDS);

    if (seat == NULL || (!share && (seat->quorum != QUORUM_NONE || seat->count < 2))) {
        return;
    }
    seat->earned = 1;
    (void)snprintf(
        p->earned, sizeof(p->earned),
        "earned:\n  - { rule: %s, seat: %s, to: { %s: 1 }, when: { history: { window: 30d, deployments: { ge: "
        "1 }, change_fail_rate: { lt: 0.5 } } } }\n",
        r->id, seat->id, share ? "quorum" : "count");
}

static void say_emergency(struct making *m)
{
    m->p->emergency = chance_once(m->c, 2);
    if (m->p->emergency) {
        wr_text(
            &m->w,
            "emergency:\n"
            "  kinds:\n"
            "    outage: { anchor: incident, environments: [production, staging], change_types: [normal, "
            "rollback] }\n"
            "    patch: { anchor: cve, environments: [production], change_types: [emergency] }\n"
            "  justification: { min: 10 }\n"
            "  seats:\n"
            "    - { id: operator, role: tech, self: true }\n"
            "    - { id: endorse, role: business, voucher: true }\n"
            "  presence: { kiosk: true, ports: [\"1-1\", \"1-2\", \"1-3\"], switch: false, tokens: 2, window: 2m }\n"
            "  sign_by: 1h\n"
            "  use_by: 30m\n"
            "  voucher_life: 7d\n"
            "  review:\n"
            "    due: 24h\n"
            "    overdue: block_emergency\n"
            "    fields: [impact]\n"
            "    seats: [{ id: author, role: tech, self: true }, { id: board, role: owner }]\n"
            "  budget: { count: 1, per: 7d, over: { add: { id: second, role: owner } } }\n");
    }
}

static void say_people(struct making *m)
{
    if (chance_once(m->c, 2)) {
        wr_text(&m->w,
                "delegation: { roles: { tech: { to: [duty], most: 10d }, business: { to: [owner], most: 5d } } }\n");
    }
    m->p->duty = chance_once(m->c, 3);
    if (m->p->duty) {
        wr_text(&m->w, "duty: { roles: { duty: ops, security: ops } }\n");
    }
    if (chance_once(m->c, 4)) {
        wr_text(&m->w, "access_review: { every: 30d, unused: 20d, on_miss: suspend }\n");
    }
    if (chance_once(m->c, 3)) {
        wr_text(&m->w, "tokens: { security: { attested: true, touch: true }, owner: { touch: true } }\n");
    }
    m->p->freezes = !chance_once(m->c, 3);
    if (m->p->freezes) {
        say(&m->w, "freeze: { thaw_by: owner, pass: %s }\n", chance_once(m->c, 2) ? "remediates" : "nothing");
    }
    if (chance_once(m->c, 4)) {
        wr_text(&m->w, "retention: { default: 7y, classes: { hipaa: 6y } }\n");
    }
}

static void say_places(struct making *m)
{
    static const char *const closed[] = {
        "  - { id: weekend, environments: [production], deny: { days: [sat, sun], zone: Europe/Berlin } }\n",
        "  - { id: winter, environments: [production, staging], deny: { dates: 12-20..01-04 } }\n",
        "  - { id: hours, environments: [production], allow: { hours: \"06:00-20:00\", zone: Asia/Tokyo } }\n"};
    bool any = false;

    m->p->after[1] = chance_once(m->c, 6);
    m->p->after[2] = chance_once(m->c, 4);
    m->p->soak_ms = chance_once(m->c, 2) ? 600000 : 0;
    say(&m->w, "environments:\n  test: {}\n  staging: %s\n", m->p->after[1] ? "{ after: test }" : "{}");
    say(&m->w, "  production: %s%s }\n", m->p->after[2] ? "{ after: staging" : "{",
        m->p->after[2] && m->p->soak_ms > 0 ? ", soak: 10m" : "");
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        if (chance_once(m->c, 6)) {
            say(&m->w, "%s%s", any ? "" : "calendar:\n", closed[i]);
            m->p->weekend = m->p->weekend || i == 0;
            any = true;
        }
    }
}

static void make_parts(struct making *m)
{
    m->w = wr_fixed(m->p->parts, sizeof(m->p->parts) - 1);
    wr_text(&m->w, "name: any\nofficers: { threshold: 2, sign_by: 2d }\n"
                   "roles: [officer, tech, business, security, owner, duty]\n"
                   "change_types: [emergency, normal, rollback]\n");
    say_places(m);
    say_emergency(m);
    say_people(m);
    m->p->parts[m->w.len] = '\0';
}

void any_policy_make(struct chance *c, unsigned version, struct span builder, struct any_policy *ret)
{
    struct making m = {.c = c, .p = ret};
    struct writer key = wr_fixed(m.key, sizeof(m.key) - 1);

    memset(ret, 0, sizeof(*ret));
    wr_base64(&key, builder);
    ret->version = version;
    ret->rule_count = 1 + chance(c, ANY_RULES);
    for (m.at = 0; m.at < ret->rule_count; m.at++) {
        m.r = &ret->rules[m.at];
        make_rule(&m);
    }
    make_parts(&m);
    if (chance_once(c, 3)) {
        make_earned(&m);
    }
}

/* --- the document --- */

void any_policy_write(const struct any_policy *p, bool backwards, struct writer *w)
{
    say(w, "version: %u\n", p->version);
    wr_text(w, p->parts);
    wr_text(w, p->earned);
    wr_text(w, "rules:\n");
    for (size_t i = 0; i < p->rule_count; i++) {
        wr_text(w, p->rules[backwards ? p->rule_count - 1 - i : i].text);
    }
}

static struct cs_result zone(struct span name, struct writer *w)
{
    const bool there = span_is(name, "Europe/Berlin") || span_is(name, "Asia/Tokyo");
    ENSURE(there, CS_E_MISSING, "zone");
    return file_read(
        AT_FDCWD, span_is(name, "Asia/Tokyo") ? "/usr/share/zoneinfo/Asia/Tokyo" : "/usr/share/zoneinfo/Europe/Berlin",
        0, w);
}

void any_policy_compile(const struct any_policy *p, bool backwards, struct writer *w)
{
    AUTO_WRITER text = wr_heap(DOCUMENT_BYTES);
    const struct draft_node *top = NULL;
    struct draft *d = calloc(1, sizeof(*d));
    struct arena a;

    arena_init(&a, (size_t)64 << 20);
    any_policy_write(p, backwards, &text);
    if (d != NULL) {
        draft_init(d, &a);
        d->zone = zone;
    }
    if (d == NULL || draft_load(d, wr_span(&text), &top).code != CS_OK || draft_policy(d, top, NULL, w).code != CS_OK) {
        (void)fprintf(stderr, "%.*s", (int)text.len, (const char *)text.p);
        for (size_t i = 0; d != NULL && i < d->fault_count; i++) {
            (void)fprintf(stderr, "%u:%u: %s\n", d->fault[i].at.line, d->fault[i].at.column, d->fault[i].sentence);
        }
        abort();
    }
    free(d);
    arena_release(&a);
}
