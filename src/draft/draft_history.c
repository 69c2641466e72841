/* SPDX-License-Identifier: Apache-2.0 */
/* `history: { window: 30d, change_fail_rate: { gt: 0.15 } }` */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool take_ratio(const struct draft_node *v, int64_t *ret_millionths)
{
    uint64_t n = 0;

    if (v->kind != DRAFT_SCALAR || !draft_millionths(v->text, &n) || n > HISTORY_MILLION) {
        return false;
    }
    *ret_millionths = (int64_t)n;
    return true;
}

static bool take_time(const struct draft_node *v, int64_t *ret_seconds)
{
    uint64_t s = 0;
    if (!draft_seconds(v, &s) || s > POLICY_SECONDS_MAX) {
        return false;
    }
    *ret_seconds = (int64_t)s;
    return true;
}

static bool take_count(const struct draft_node *v, int64_t *ret_n)
{
    return draft_integer(v, ret_n) && *ret_n >= 0 && *ret_n <= INT32_MAX;
}

static const struct metric {
    const char *key;
    const char *name;
    bool (*take)(const struct draft_node *v, int64_t *ret_n);
    const char *what;
} metrics[] = {
    {"change_fail_rate", "history.change_fail_rate", take_ratio, "a share from 0 to 1, such as 0.15"},
    {"deployments", "history.deployments", take_count, "a whole number"},
    {"recovery", "history.recovery", take_time, "a time such as 4h"},
};

static void take_metric(struct draft_ctx *c, const struct metric *m, const struct draft_node *v,
                        struct draft_history *h)
{
    static const struct {
        const char *key;
        bool least;
        int64_t off;
    } bounds[] = {{"ge", true, 0}, {"gt", true, 1}, {"le", false, 0}, {"lt", false, -1}};
    size_t i = 0;
    int64_t n = 0;

    if (v->kind != DRAFT_MAP || v->count != 1) {
        draft_fault(c->d, v->at, "`%s` has one comparison, such as { gt: 1 }: ge, gt, le or lt", m->key);
        return;
    }
    while (i < COUNT(bounds) && !span_is(v->child->key->text, bounds[i].key)) {
        i++;
    }
    if (i == COUNT(bounds)) {
        draft_fault(c->d, v->child->key->at, "`%s` is no comparison of history: ge, gt, le and lt are",
                    draft_show(v->child->key->text).text);
    } else if (!m->take(v->child, &n)) {
        draft_fault(c->d, v->child->at, "`%s` is %s", m->key, m->what);
    } else {
        h->item[h->count++] =
            (struct draft_measure){.name = span_str(m->name), .least = bounds[i].least, .bound = n + bounds[i].off};
    }
}

struct draft_history draft_history_read(struct draft_ctx *c, const struct draft_node *v)
{
    struct draft_history h = {0};
    const struct draft_node *window = draft_member(v, "window");

    if (!draft_is(c, v, DRAFT_MAP, "`history` is a map, such as { window: 30d, change_fail_rate: { gt: 0.15 } }")) {
        return h;
    }
    if (window == NULL || !draft_seconds(window, &h.window_s)) {
        draft_fault(c->d, window != NULL ? window->at : v->at, "`history` has a `window`, a time such as 30d");
    } else if (h.window_s < 1 || h.window_s > POLICY_SECONDS_MAX) {
        draft_fault(c->d, window->at, "`window` is from 1s to 3652d");
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < COUNT(metrics) && !span_is(m->key->text, metrics[i].key)) {
            i++;
        }
        if (i < COUNT(metrics)) {
            take_metric(c, &metrics[i], m, &h);
        } else if (m != window) {
            static const char *const words[] = {"change_fail_rate", "deployments", "recovery", "window"};
            draft_fault(c->d, m->key->at, "`%s` is not known in `history`%s", draft_show(m->key->text).text,
                        draft_hint_words(m->key->text, words, COUNT(words)).text);
        }
    }
    if (v->count < 2) {
        draft_fault(c->d, v->at, "`history` compares change_fail_rate, deployments or recovery");
    }
    return h;
}
