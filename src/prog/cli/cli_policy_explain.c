/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign policy explain REQUEST` and `diff OLD NEW`. */
#include "cli_policy.h"
#include "file/file_show.h"
#include "json/json_out.h"

static const char *const name = "policy";

enum { WORDS_MAX = 1 << 20, SHEET_JSON_MAX = 4 << 20 };

void policy_print(struct writer *w)
{
    file_show(stdout, wr_span(w));
    w->len = 0;
}

int policy_print_lines(const struct writer *w, const char *before)
{
    struct reader r = rd_make(wr_span(w));
    struct span line = SPAN_NONE;

    while (rd_until(&r, '\n', &line, "line").code == CS_OK) {
        (void)fputs(before, stdout);
        file_show(stdout, line);
        (void)fputc('\n', stdout);
    }
    return w->fail == CS_OK ? CLI_OK : cli_fail(CLI_FAILED, name, "not enough memory");
}

/* --- explain --- */

static void print_rules(const struct draft_trial *t)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);

    for (size_t i = 0; i < t->doc->rule_count; i++) {
        const struct policy_rule *rule = &t->doc->rules[i];
        (void)printf("%-16s", policy_matches(rule, t->deploy) ? "applies" : "does not apply");
        wr_bytes(&w, rule->id);
        wr_text(&w, ": ");
        policy_why(rule, t->deploy, &w);
        policy_print(&w);
        (void)fputc('\n', stdout);
    }
    for (size_t i = 0; i < t->doc->earned_count; i++) {
        wr_text(&w, "not earned      ");
        wr_bytes(&w, t->doc->earned[i].rule);
        wr_text(&w, "/");
        wr_bytes(&w, t->doc->earned[i].seat);
        wr_text(&w, ": only a log can tell how deployments went");
        policy_print(&w);
        (void)fputc('\n', stdout);
    }
}

static void print_who(const struct draft_trial *t, const struct sheet_line *line, const struct draft_roster *roster)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);
    size_t n = 0;

    for (size_t i = 0; i < roster->count; i++) {
        if (draft_may_sign(t, &roster->item[i], line).allow) {
            wr_text(&w, n++ == 0 ? "; may sign: " : ", ");
            wr_bytes(&w, roster->item[i].id);
        }
    }
    if (n == 0) {
        wr_text(&w, "; nobody may sign");
    }
    policy_print(&w);
}

static void put_seat(const struct sheet_line *l, struct writer *w)
{
    wr_dec(w, l->count);
    if (l->quorum != QUORUM_NONE && l->of > 0) {
        wr_text(w, " of ");
        wr_dec(w, l->of);
    }
    wr_text(w, " of role ");
    wr_bytes(w, l->role);
    if (l->quorum != QUORUM_NONE) {
        wr_text(w, ", by vote: ");
        wr_text(w, policy_quorum_text(l->quorum));
    }
    for (size_t i = 0; i < l->veto_count; i++) {
        wr_text(w, i == 0 ? ", veto " : ", ");
        wr_bytes(w, l->veto[i]);
    }
    if (l->after.left > 0) {
        wr_text(w, ", after ");
        wr_bytes(w, l->after_rule);
        wr_text(w, l->after_rule.left > 0 ? "/" : "");
        wr_bytes(w, l->after);
    }
}

static void put_line(const struct sheet_line *l, struct writer *w)
{
    const bool seat = l->kind == SHEET_SEAT;

    wr_text(w, seat || !policy_line_passes(l) ? "missing  " : "met      ");
    wr_text(w, policy_sheet_word(l->kind));
    wr_text(w, " ");
    wr_bytes(w, l->rule);
    wr_text(w, "/");
    wr_bytes(w, l->id);
    wr_text(w, ": ");
    if (!seat) {
        wr_bytes(w, l->limit);
        return;
    }
    put_seat(l, w);
}

static void print_sheet(const struct draft_trial *t, const struct draft_roster *roster)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);

    for (size_t i = 0; t->has_sheet && i < t->sheet.count; i++) {
        put_line(&t->sheet.lines[i], &w);
        policy_print(&w);
        if (roster->count > 0 && t->sheet.lines[i].kind == SHEET_SEAT) {
            print_who(t, &t->sheet.lines[i], roster);
        }
        (void)fputc('\n', stdout);
    }
}

static int print_json(const struct draft_trial *t)
{
    AUTO_WRITER w = wr_heap(SHEET_JSON_MAX);
    struct json_out o = json_out_make(&w);

    json_put_object(&o, NULL);
    json_put_text(&o, "reason", policy_reason_code(t->reason));
    json_put_array(&o, "rules");
    for (size_t i = 0; i < t->doc->rule_count; i++) {
        if (policy_matches(&t->doc->rules[i], t->deploy)) {
            json_put_str(&o, NULL, t->doc->rules[i].id);
        }
    }
    json_put_close(&o);
    if (t->has_sheet) {
        policy_sheet_write(&t->sheet, &o, "sheet");
    }
    json_put_close(&o);
    if (json_out_end(&o, "explain").code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    (void)printf("%.*s\n", (int)w.len, (const char *)w.p);
    return CLI_OK;
}

/* Lines that are neither seats nor met: they may come yet. */
static bool waits_for_more(const struct draft_trial *t)
{
    for (size_t i = 0; t->has_sheet && i < t->sheet.count; i++) {
        if (t->sheet.lines[i].kind != SHEET_SEAT && !policy_line_passes(&t->sheet.lines[i])) {
            return true;
        }
    }
    return false;
}

static const char *what_then(const struct draft_trial *t)
{
    if (t->reason != REASON_OK) {
        return policy_reason_sentence(t->reason);
    }
    return waits_for_more(t) ? "it waits for what is missing, and for signatures" : "it waits for signatures";
}

int policy_explain(const struct policy_options *o, struct arena *arena)
{
    struct policy_file p = {.text = SPAN_NONE};
    struct draft_roster roster = {.count = 0};
    struct deploy_content *deploy = NULL;
    struct draft_trial t;

    if (o->policy == NULL) {
        return cli_fail(CLI_USAGE, name, "--policy FILE is missing");
    }
    int status = policy_read_roster(name, o->roster, arena, &roster);
    status = status == CLI_OK ? policy_read(name, o->policy, NULL, arena, &p) : status;
    status = status == CLI_OK ? policy_read_request(name, o->file[0], arena, &deploy) : status;
    if (status != CLI_OK) {
        return status;
    }
    /* whether a window is open is told as of now */
    if (draft_try(&p.doc, deploy, NULL, cli_now_ms(), arena, &t).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    if (roster.count > 0) {
        draft_groups(&t, &roster);
    }
    if (o->json) {
        status = print_json(&t);
    } else {
        print_rules(&t);
        print_sheet(&t, &roster);
        (void)printf("%s: %s\n", t.reason == REASON_OK ? "would be opened" : "would be refused", what_then(&t));
    }
    return status == CLI_OK && t.reason != REASON_OK ? CLI_FAILED : status;
}

/* --- diff --- */

int policy_diff(const struct policy_options *o, struct arena *arena)
{
    struct policy_file a = {.text = SPAN_NONE};
    struct policy_file b = {.text = SPAN_NONE};
    AUTO_WRITER w = wr_heap(SHEET_JSON_MAX);

    int status = policy_read(name, o->file[0], NULL, arena, &a);
    status = status == CLI_OK ? policy_read(name, o->file[1], NULL, arena, &b) : status;
    if (status != CLI_OK) {
        return status;
    }
    const struct draft_change c = draft_diff(&a.doc, &b.doc, &w);
    status = policy_print_lines(&w, "");
    if (status == CLI_OK && c.more + c.less == 0) {
        (void)puts("nothing becomes stricter or looser");
    }
    return status == CLI_OK && o->log != NULL ? policy_over_log(o, &a.doc, &b.doc, arena) : status;
}
