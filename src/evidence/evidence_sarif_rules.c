/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_sarif_in.h"

enum { RULES_MAX = 1 << 16 };

CS_RESULT sarif_rule_add(struct evidence *e, struct sarif_rules *rules, const struct sarif_rule *rule)
{
    if (rules->count == RULES_MAX) {
        return evidence_fail(e, CS_E_FULL, "sarif.rules", "A run may have 65536 rules.");
    }
    if (rules->count == rules->cap) {
        const size_t cap = rules->cap == 0 ? 64 : rules->cap * 2;
        struct sarif_rule *p = realloc(rules->rule, cap * sizeof(*p));
        if (p == NULL) {
            return evidence_fail(e, CS_E_NOMEM, "sarif.rules", NULL);
        }
        rules->rule = p;
        rules->cap = cap;
    }
    rules->rule[rules->count] = *rule;
    rules->count++;
    return CS_SUCCESS;
}

uint64_t sarif_rule_key(struct span id)
{
    const struct sha256 d = digest_sha256(id);
    uint64_t key = 0;

    memcpy(&key, d.b, sizeof(key));
    return key;
}

static int by_key(const void *a, const void *b)
{
    const struct sarif_rule *x = a;
    const struct sarif_rule *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* One more rule of the same id: the worst of both, whatever a result says itself. */
static void fold(struct sarif_rule *into, const struct sarif_rule *rule)
{
    const uint8_t level = rule->level == SARIF_UNSET ? (uint8_t)SARIF_WARNING : rule->level;

    into->level = least(into->level == SARIF_UNSET ? (uint8_t)SARIF_WARNING : into->level, level);
    if (rule->rated == SARIF_UNRATED) {
        into->unrated_level = into->unrated ? least(into->unrated_level, level) : level;
        into->unrated = true;
    } else {
        into->severity = into->rated == SARIF_UNRATED ? rule->severity : least(into->severity, rule->severity);
        into->rated = into->rated > rule->rated ? into->rated : rule->rated;
    }
}

/* The rules sorted, each id once: a result is looked up in them, however many rules have its id. */
struct table {
    struct sarif_rule *rule;
    size_t count;
};

static CS_RESULT make_table(struct evidence *e, const struct sarif_rules *rules, struct table *ret_table)
{
    struct sarif_rule *p = calloc(rules->count + 1, sizeof(*p));
    size_t n = 0;

    if (p == NULL) {
        return evidence_fail(e, CS_E_NOMEM, "sarif.rules", NULL);
    }
    for (size_t i = 0; i < rules->count; i++) {
        p[i] = rules->rule[i];
    }
    if (rules->count > 1) {
        qsort(p, rules->count, sizeof(*p), by_key);
    }
    for (size_t i = 0; i < rules->count; i++) {
        const struct sarif_rule rule = p[i];
        if (n == 0 || p[n - 1].key != rule.key) {
            p[n++] = (struct sarif_rule){.key = rule.key, .level = rule.level};
        }
        fold(&p[n - 1], &rule);
    }
    *ret_table = (struct table){.rule = p, .count = n};
    return CS_SUCCESS;
}

static const struct sarif_rule *find(const struct table *t, uint64_t key)
{
    size_t low = 0;
    size_t high = t->count;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (t->rule[mid].key < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < t->count && t->rule[low].key == key ? &t->rule[low] : NULL;
}

static uint8_t of_level(uint8_t level)
{
    static const uint8_t severities[] = {[SARIF_ERROR] = EVIDENCE_IS_HIGH,
                                         [SARIF_WARNING] = EVIDENCE_IS_MEDIUM,
                                         [SARIF_NOTE] = EVIDENCE_IS_LOW,
                                         [SARIF_NONE] = EVIDENCE_IS_INFO,
                                         [SARIF_UNSET] = EVIDENCE_IS_MEDIUM};
    return severities[level];
}

/* What a finding is by this rule, or (NULL) by none. */
static struct evidence_pending judge(const struct evidence_pending *finding, const struct sarif_rule *rule)
{
    struct evidence_pending f = *finding;
    const bool own = f.level != SARIF_UNSET;

    if (!own) {
        f.level = rule != NULL && rule->level != SARIF_UNSET ? rule->level : (uint8_t)SARIF_WARNING;
    }
    if (f.rated != SARIF_RATED && rule != NULL && rule->rated != SARIF_UNRATED) {
        const uint8_t besides =
            rule->unrated ? of_level(own ? f.level : rule->unrated_level) : (uint8_t)EVIDENCE_IS_INFO;
        f.rated = f.rated > rule->rated ? f.rated : rule->rated;
        f.severity = least(rule->severity, besides);
    } else if (f.rated == SARIF_UNRATED) {
        f.severity = of_level(f.level);
    }
    if (f.rated == SARIF_ODD) {
        f.severity = least(f.severity, EVIDENCE_IS_HIGH);
    }
    return f;
}

static struct evidence_pending worse(const struct evidence_pending *a, const struct evidence_pending *b)
{
    struct evidence_pending f = a->severity <= b->severity ? *a : *b;

    f.level = least(a->level, b->level);
    f.rated = a->rated > b->rated ? a->rated : b->rated;
    return f;
}

static struct evidence_pending judge_by_index(const struct evidence_pending *f, const struct sarif_rules *rules,
                                              const struct table *table)
{
    struct evidence_pending odd = *f;

    if (f->index < rules->driver_count) {
        const struct sarif_rule *rule = &rules->rule[rules->driver_first + f->index];
        return judge(f, rule->key != 0 ? find(table, rule->key) : rule);
    }
    odd.rated = f->rated == SARIF_UNRATED ? (uint8_t)SARIF_ODD : f->rated;
    odd.severity = f->rated == SARIF_UNRATED ? (uint8_t)EVIDENCE_IS_HIGH : f->severity;
    return judge(&odd, NULL);
}

/* By id, where that is a rule's or begins with one's; by index; by both, the worse. */
static void resolve(struct evidence_pending *f, const struct sarif_rules *rules, const struct table *table)
{
    const struct sarif_rule *rule = find(table, f->rule);

    if (rule == NULL && f->parent != 0) {
        rule = find(table, f->parent);
    }
    const bool elsewhere = f->index >= rules->driver_count && rule != NULL;
    const struct evidence_pending by_id = judge(f, rule);
    const struct evidence_pending by_index =
        (f->by & SARIF_BY_INDEX) != 0 && !elsewhere ? judge_by_index(f, rules, table) : by_id;
    *f = (f->by & SARIF_BY_ID) != 0 || (f->by & SARIF_BY_INDEX) == 0 ? worse(&by_id, &by_index) : by_index;
}

static void count(struct evidence *e, struct evidence_pending *f)
{
    static const enum evidence_number levels[] = {
        [SARIF_ERROR] = EVIDENCE_ERROR, [SARIF_WARNING] = EVIDENCE_WARNING, [SARIF_NOTE] = EVIDENCE_NOTE};

    if (f->undecided && f->severity > EVIDENCE_IS_MEDIUM) {
        f->severity = EVIDENCE_IS_MEDIUM; /* a person should look at it: it is not nothing */
    }
    if (f->level <= SARIF_NOTE) {
        evidence_count(e, levels[f->level]);
    }
    if (f->rated == SARIF_ODD) {
        evidence_count(e, EVIDENCE_UNRATED);
    }
}

CS_RESULT sarif_resolve(struct evidence *e, const struct sarif_rules *rules, size_t first)
{
    struct evidence_list *l = &e->list;
    struct table table = {0};

    TRY(make_table(e, rules, &table));
    for (size_t i = first; i < l->count; i++) {
        resolve(&l->item[i], rules, &table);
        count(e, &l->item[i]);
    }
    free(table.rule);
    return CS_SUCCESS;
}
