/* SPDX-License-Identifier: Apache-2.0 */
/* `freeze`: what passes while an incident holds an environment, and who ends it. */
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void put_pass(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const char *const words[] = {"nothing", "remediates"};

    if (v == NULL) {
        json_put_text(c->o, row->member, words[0]);
        return;
    }
    for (size_t i = 0; i < COUNT(words); i++) {
        if (v->kind == DRAFT_SCALAR && span_is(v->text, words[i])) {
            json_put_text(c->o, row->member, words[i]);
            return;
        }
    }
    draft_fault(c->d, v->at, "what passes is `remediates` or `nothing`%s",
                draft_hint_words(v->text, words, COUNT(words)).text);
}

static const struct draft_row rows[] = {
    {"pass", DRAFT_ALWAYS, put_pass, "pass", 0, 0, 0},
    {"thaw_by", DRAFT_MUST, draft_put_role, "thaw_by", 0, 0, 0},
};

void draft_put_freeze(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *role = draft_member(v, "thaw_by");

    if (!draft_is(c, v, DRAFT_MAP, "`freeze` is a map, such as { thaw_by: incident-commander, pass: remediates }")) {
        return;
    }
    json_put_object(c->o, row->member);
    draft_rows(c, v, rows, COUNT(rows), "`freeze`");
    json_put_close(c->o);
    if (c->roster != NULL && role != NULL && draft_has(c->roles, role->text) &&
        draft_holders(c->roster, role->text) == 0) {
        draft_fault(c->d, role->at, "nobody on the roster has the role `%s`: what is frozen would stay so",
                    draft_show(role->text).text);
    }
}
