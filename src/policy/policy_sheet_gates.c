/* SPDX-License-Identifier: Apache-2.0 */
/* What must have happened before: the stage that an environment comes after. Pure. */
#include "policy/policy_gates.h"

#include "base/base_text.h"
#include "policy/policy_sheet_in.h"

static bool is_there(const struct state_run *r, struct span environment)
{
    return r->outcome_index != 0 && span_eq(r->place->environment, environment);
}

static uint64_t later(uint64_t from_ms, uint64_t s)
{
    const uint64_t most = (UINT64_MAX - from_ms) / 1000;
    return from_ms + (s < most ? s : most) * 1000;
}

/* The last of them that did not go well; NULL when there is none. */
static const struct state_run *last_bad(const struct state_trail *t, struct span environment)
{
    const struct state_run *bad = NULL;
    for (const struct state_run *r = t->last; r != NULL; r = r->before) {
        const bool later_one = bad == NULL || r->outcome_index > bad->outcome_index;
        bad = is_there(r, environment) && !r->good && later_one ? r : bad;
    }
    return bad;
}

/* Of several that are not there for long enough the one whose time is over first says how long it takes. */
static bool says_more(const struct policy_fared *have, bool left, uint64_t until_ms)
{
    if (left) {
        return have->word == FARED_NOT || have->word == FARED_BADLY;
    }
    return have->word != FARED_SOAKING || until_ms < have->until_ms;
}

/* A good use there that no failure there came after. */
static bool counts(const struct state_run *r, struct span environment, const struct state_run *bad)
{
    return is_there(r, environment) && r->good && (bad == NULL || r->outcome_index >= bad->outcome_index);
}

static struct policy_fared fared_on(const struct state_trail *t, const struct policy_stage *stage, uint64_t soak_s,
                                    uint64_t now_ms)
{
    const struct state_run *bad = last_bad(t, stage->environment);
    struct policy_fared f = {.word = bad != NULL ? FARED_BADLY : FARED_NOT, .run = bad};

    for (const struct state_run *r = t->last; r != NULL; r = r->before) {
        if (!counts(r, stage->environment, bad)) {
            continue;
        }
        const bool left = r->left_index != 0;
        const uint64_t until = later(r->outcome_ms, soak_s);
        if (soak_s == 0 || until <= (left ? r->left_ms : now_ms)) {
            return (struct policy_fared){.word = FARED_WELL, .run = r};
        }
        if (says_more(&f, left, until)) {
            f = (struct policy_fared){.word = left ? FARED_LEFT : FARED_SOAKING, .run = r, .until_ms = until};
        }
    }
    return f;
}

struct policy_fared policy_fared(const struct state *s, const struct policy_stage *stage, uint64_t soak_s,
                                 uint64_t now_ms)
{
    const struct state_trail *t = state_trail_find(s, stage->service, stage->items, stage->count);

    return t != NULL ? fared_on(t, stage, soak_s, now_ms) : (struct policy_fared){.word = FARED_NOT};
}

bool policy_goes_back(const struct state *s, const struct deploy_content *d)
{
    const struct deploy_rollback *r = d->rollback;

    if (r == NULL) {
        return false;
    }
    const struct policy_stage stage = {d->service, d->environment, r->artifacts, r->artifact_count};
    return policy_fared(s, &stage, 0, s->time_ms).word == FARED_WELL;
}

/* --- promotion --- */

CS_RESULT policy_promotion_add(struct builder *b, const struct policy_doc *doc)
{
    const struct policy_promotion *p = model_policy_promotion(doc, b->sheet->in.deploy->environment);

    if (p == NULL) {
        return CS_SUCCESS;
    }
    return policy_line_add(b, &(struct sheet_line){.kind = SHEET_PROMOTION,
                                                   .rule = SPAN_LIT("environments"),
                                                   .id = p->after,
                                                   .reason = REASON_NOT_PROMOTED,
                                                   .passing = true,
                                                   .count = (uint32_t)p->soak_s});
}

static CS_RESULT write_soak(struct builder *b, struct sheet_line *line)
{
    AUTO_WRITER w = wr_heap(64);

    wr_text(&w, "succeeded");
    if (line->count > 0) {
        wr_text(&w, ", and stayed ");
        wr_dec(&w, line->count);
        wr_text(&w, " s");
    }
    TRY(wr_end(&w, "sheet"));
    return arena_copy(b->arena, wr_span(&w), &line->limit);
}

static CS_RESULT write_fared(struct builder *b, const struct policy_fared *f, struct sheet_line *line)
{
    static const char *const words[] = {
        [FARED_NOT] = "did not succeed there",   [FARED_BADLY] = "went wrong there",
        [FARED_LEFT] = "was replaced too early", [FARED_SOAKING] = "stays until ",
        [FARED_WELL] = "succeeded there",
    };
    AUTO_WRITER w = wr_heap(128);

    wr_text(&w, words[f->word]);
    if (f->word == FARED_SOAKING) {
        text_time_write(&w, f->until_ms);
    }
    if (f->run != NULL) {
        wr_text(&w, ", request ");
        wr_dec(&w, f->run->of->index);
        wr_text(&w, ", outcome ");
        wr_dec(&w, f->run->outcome_index);
    }
    TRY(wr_end(&w, "sheet"));
    return arena_copy(b->arena, wr_span(&w), &line->value);
}

static void judge_line(const struct policy_fared *f, struct sheet_line *line)
{
    static const struct {
        enum sheet_state state;
        enum policy_reason reason;
    } means[] = {
        [FARED_NOT] = {SHEET_MISSING, REASON_NOT_PROMOTED},
        [FARED_BADLY] = {SHEET_FAILED, REASON_STAGE_FAILED},
        [FARED_LEFT] = {SHEET_FAILED, REASON_SOAK_CUT},
        [FARED_SOAKING] = {SHEET_BLOCKED, REASON_SOAKING},
        [FARED_WELL] = {SHEET_MET, REASON_OK},
    };
    line->state = means[f->word].state;
    line->reason = means[f->word].reason;
}

CS_RESULT policy_promotion_look(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;

    for (size_t i = 0; i < b->count; i++) {
        struct sheet_line *line = &b->lines[i];
        if (line->kind != SHEET_PROMOTION) {
            continue;
        }
        const struct policy_stage stage = {in->deploy->service, line->id, in->deploy->artifacts,
                                           in->deploy->artifact_count};
        const struct policy_fared f =
            in->state != NULL ? policy_fared(in->state, &stage, line->count, in->now_ms) : (struct policy_fared){0};
        judge_line(&f, line);
        TRY(write_soak(b, line));
        TRY(write_fared(b, &f, line));
        if (f.word == FARED_SOAKING && f.until_ms < b->sheet->until_ms) {
            b->sheet->until_ms = f.until_ms;
        }
    }
    return CS_SUCCESS;
}
