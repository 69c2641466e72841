/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the directory outside has, and saying so. */
#include "http/http_commands.h"
#include "http/http_route.h"

#include "model/model_state_directory.h"
#include "policy/policy_directory.h"

enum { CONTENT_MAX = MODEL_CONTENT_MAX, PAGE_PEOPLE = 256, PERSON_MAX = 16384, PAGE_MAX = 1 << 20 };

/* --- who is listed --- */

static void put_out(const struct state_person *p, struct json_out *o)
{
    bool any = false;

    for (size_t i = 0; i < p->role_count; i++) {
        const enum state_bar bar = p->entitlements[i].bar;
        if (bar == BAR_NONE) {
            continue;
        }
        if (!any) {
            json_put_array(o, "out");
            any = true;
        }
        json_put_object(o, NULL);
        json_put_text(o, "code", policy_reason_code(policy_bar_reason(bar)));
        json_put_str(o, "role", p->roles[i]);
        json_put_close(o);
    }
    if (any) {
        json_put_close(o);
    }
}

static void put_roles(const struct state *s, const struct state_person *p, bool listed, struct json_out *o)
{
    json_put_array(o, listed ? "listed" : "roles");
    for (size_t i = 0; i < p->role_count; i++) {
        const bool governed = model_policy_directory_governs(&s->policy->doc, p->roles[i]);
        if (governed && (!listed || p->entitlements[i].listed)) {
            json_put_str(o, NULL, p->roles[i]);
        }
    }
    json_put_close(o);
}

static void put_person(const struct state *s, const struct state_person *p, struct json_out *o)
{
    json_put_object(o, NULL);
    json_put_array(o, "accounts");
    for (size_t i = 0; i < p->account_count; i++) {
        json_put_str(o, NULL, p->accounts[i]);
    }
    json_put_close(o);
    put_roles(s, p, true, o);
    put_out(p, o);
    json_put_str(o, "person", p->id);
    put_roles(s, p, false, o);
    json_put_close(o);
}

static CS_RESULT write_page(const struct state *s, size_t at, uint64_t now_ms, struct writer *w)
{
    struct json_out o = json_out_make(w);
    const struct policy_directory *d = &s->policy->doc.directory;
    const struct state_person *p = NULL;
    size_t n = 0;
    size_t next = at; /* behind the last one that is on the page */

    json_put_object(&o, NULL);
    json_put_array(&o, "items");
    while (n < PAGE_PEOPLE && w->len + PERSON_MAX < PAGE_MAX && (p = map_next(&s->people, &next)) != NULL) {
        if (!p->removed) {
            put_person(s, p, &o);
            n++;
        }
    }
    json_put_close(&o);
    if (p != NULL) {
        json_put_uint(&o, "next", next);
    }
    json_put_uint(&o, "prev", s->roster_index);
    if (s->directory.read_ms != 0) {
        json_put_time(&o, "read", s->directory.read_ms);
    }
    json_put_bool(&o, "silent", policy_directory_silent(s, now_ms));
    json_put_str(&o, "source", d->source);
    json_put_uint(&o, "total", state_directory_total(s));
    json_put_close(&o);
    return json_out_end(&o, "directory");
}

/* Made when it is asked for: one client asks, and what it says is about what is verified. */
void http_serve_listed(struct http_call *c)
{
    const struct follow *f = &c->front->follow;
    const struct state *s = &f->judge.state;
    const struct http_query *q = &c->target.query;
    AUTO_WRITER w = wr_heap(PAGE_MAX);

    if (!s->begun || s->size != f->verified) {
        http_reply_problem(c, PROBLEM_BEHIND);
        return;
    }
    if (s->policy->doc.directory.max_stale_s == 0) {
        const struct http_refusal none = http_refusal_reason(span_str(policy_reason_code(REASON_NO_DIRECTORY)));
        http_reply_refusal(c, &none, 0);
        return;
    }
    const size_t at = q->has_cursor && q->cursor < SIZE_MAX ? (size_t)q->cursor : 0;
    if (write_page(s, at, c->front->view.now_ms, &w).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    http_reply_own(c, 200, HTTP_JSON, &w);
}

/* --- saying so --- */

/* The body in its canonical spelling; otherwise the reply is set. */
static bool take_content(struct http_call *c, struct writer *content)
{
    struct content_faults faults = {.count = 0};
    struct directory_note x;

    const struct cs_result r = model_directory_from_body(wr_span(&c->body), &c->front->scratch, &x, &faults);
    if (!http_body_read_as(c, r, &faults)) {
        return false;
    }
    if (model_directory_encode(&x, content).code != CS_OK) {
        http_reply_problem(c, PROBLEM_TOO_LARGE);
        return false;
    }
    return true;
}

static void say(struct http_call *c)
{
    AUTO_WRITER content = wr_heap(CONTENT_MAX);

    if (!http_body_ready(c, WIRE_BODY_MAX)) {
        return;
    }
    arena_reset(&c->front->scratch);
    if (!take_content(c, &content)) {
        return;
    }
    const struct wire_command command = {.cmd = WIRE_DIRECTORY,
                                         .client = span_str(c->client),
                                         .ip = span_str(c->conn->ip),
                                         .directory = {.content = wr_span(&content)}};
    http_call_command(c, &command);
}

void http_serve_directory(struct http_call *c)
{
    struct wire_answer a;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);
    struct json_out o = json_out_make(&w);

    if (c->waiting == WAIT_NOTHING) {
        say(c);
        return;
    }
    if (http_answered(c, &a)) {
        json_put_object(&o, NULL);
        json_put_uint(&o, "directory", a.index);
        json_put_close(&o);
        http_reply_own(c, 201, HTTP_JSON, &w);
    }
}
