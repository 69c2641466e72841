/* SPDX-License-Identifier: Apache-2.0 */
/* The commands a pipeline may give. Each body is checked here so that its faults are told at once; the core judges it
 * again from the bytes. */
#include "http/http_commands.h"
#include "http/http_route.h"

#include "json/json_tree.h"

enum { DETAIL_MAX = 128 };

/* ---- faults ---- */

void http_refuse_faults(struct http_call *c, const struct http_refusal *r, const struct content_faults *faults)
{
    struct http_fault list[CONTENT_FAULTS_MAX];
    struct http_refusal refusal = *r;
    for (size_t i = 0; i < faults->count; i++) {
        list[i] = (struct http_fault){.pointer = span_str(faults->item[i].pointer),
                                      .code = span_str(faults->item[i].code),
                                      .detail = span_str(faults->item[i].detail)};
    }
    refusal.faults = list;
    refusal.fault_count = faults->count;
    http_reply_refusal(c, &refusal, 0);
}

/* A body that is not JSON of the profile: what, and at which byte. */
void http_refuse_syntax(struct http_call *c, struct cs_result why)
{
    char detail[DETAIL_MAX];
    struct http_refusal r = http_refusal_of(PROBLEM_MALFORMED);
    (void)snprintf(detail, sizeof(detail), "%s %s, at byte %u.", why.msg, cs_code_text(why.code), (unsigned)why.at);
    r.detail = span_str(detail);
    http_reply_refusal(c, &r, 0);
}

bool http_body_read_as(struct http_call *c, struct cs_result read, const struct content_faults *faults)
{
    if (read.code == CS_E_REFUSED) {
        const struct http_refusal invalid = http_refusal_of(PROBLEM_INVALID);
        http_refuse_faults(c, &invalid, faults);
    } else if (read.code != CS_OK) {
        http_refuse_syntax(c, read);
    }
    return read.code == CS_OK;
}

bool http_body_ready(struct http_call *c, size_t max_bytes)
{
    if (wr_end(&c->body, "body").code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return false;
    }
    if (c->body.len > max_bytes) {
        http_reply_problem(c, PROBLEM_TOO_LARGE);
        return false;
    }
    return true;
}

/* ---- answers of the core ---- */

static void put_url(struct http_call *c, uint64_t id, struct writer *w)
{
    const struct http_config *config = &c->front->config;
    if (config->public_url != NULL) {
        wr_text(w, config->public_url);
    } else {
        wr_text(w, "https://");
        wr_bytes(w, http_call_header(c, MHD_HTTP_HEADER_HOST));
    }
    wr_text(w, "/v1/requests/");
    wr_dec(w, id);
}

static bool host_is_plain(struct span host)
{
    for (size_t i = 0; i < host.left; i++) {
        const uint8_t ch = host.p[i];
        const uint8_t low = ch | 0x20;
        if (!((low >= 'a' && low <= 'z') || (ch >= '0' && ch <= '9') || (ch != 0 && strchr(".:-[]_", ch) != NULL))) {
            return false;
        }
    }
    return host.left > 0 && host.left <= 255;
}

/* What the answer to a submission says depends on the request entry alone, so that its repetition is the same bytes. */
static void reply_submitted(struct http_call *c, unsigned status, uint64_t index)
{
    const struct http_record *r = http_view_find(&c->front->view, index);
    char url[HTTP_LOCATION_MAX];
    struct writer u = wr_fixed(url, sizeof(url) - 1);
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);
    struct json_out o = json_out_make(&w);

    if (r == NULL) {
        http_reply_problem(c, PROBLEM_BEHIND);
        return;
    }
    put_url(c, index, &u);
    url[u.len] = '\0';
    json_put_object(&o, NULL);
    json_put_uint(&o, "id", r->id);
    json_put_hex(&o, "leaf_sha256", sha256_span(&r->leaf_sha256));
    json_put_time(&o, "opened", r->opened_ms);
    json_put_uint(&o, "revision", r->revision);
    json_put_str(&o, "url", wr_span(&u));
    json_put_close(&o);
    http_reply_own(c, status, HTTP_JSON, &w);
    if (c->reply.status == status) {
        http_reply_header(c, MHD_HTTP_HEADER_LOCATION, url);
    }
}

/* A status that says more than "not approved" or "not open". */
static struct span sharper(const struct http_call *c, struct span code)
{
    const struct http_record *r = http_view_find(&c->front->view, c->target.id);
    const bool vague =
        span_is(code, policy_reason_code(REASON_NOT_APPROVED)) || span_is(code, policy_reason_code(REASON_NOT_OPEN));
    if (r == NULL || !vague) {
        return code;
    }
    switch (r->status) {
    case STATUS_REJECTED:
    case STATUS_EXPIRED:
    case STATUS_LAPSED:
    case STATUS_WITHDRAWN:
    case STATUS_SUPERSEDED:
    case STATUS_REDEEMED:
    case STATUS_VOID:
        return span_str(request_status_text(r->status));
    case STATUS_NONE:
    case STATUS_ELIGIBLE:
    case STATUS_APPROVED:
    case STATUS_APPLIED:
    case STATUS_SUCCEEDED:
    case STATUS_FAILED:
    case STATUS_ROLLED_BACK:
    case STATUS_BLOCKED:
    case STATUS_PAUSED:
    case STATUS_COUNT:
        return code;
    }
    return code;
}

static void reply_refused(struct http_call *c, const struct wire_answer *a)
{
    struct http_refusal r = http_refusal_reason(a->code);
    struct http_fault faults[CONTENT_FAULTS_MAX];
    r.code = sharper(c, a->code);
    r.detail = a->detail;
    for (size_t i = 0; i < a->fault_count; i++) {
        faults[i] = (struct http_fault){
            .pointer = a->faults[i].pointer, .code = a->faults[i].code, .detail = a->faults[i].detail};
    }
    r.faults = faults;
    r.fault_count = a->fault_count;
    if (r.status == 403) {
        http_front_deny(c->front, c, policy_reason_code(policy_reason_of(a->code)));
    }
    http_reply_refusal(c, &r, r.status == 503 ? 2 : 0);
}

static bool is_done(struct span code)
{
    return span_is(code, policy_reason_code(REASON_OK)) || span_is(code, policy_reason_code(REASON_SAME_REQUEST)) ||
           span_is(code, policy_reason_code(REASON_ALREADY_FROZEN));
}

bool http_answered(struct http_call *c, struct wire_answer *ret_answer)
{
    struct http_front *f = c->front;
    if (c->answer == NULL || (c->timed_out && c->waiting == WAIT_FOLD)) {
        f->metrics.commands_late += c->answer == NULL ? 0 : 1;
        http_reply_problem(c, PROBLEM_UNAVAILABLE);
        return false;
    }
    arena_reset(&f->scratch);
    if (wire_answer_decode(span_make(c->answer, c->answer_len), &f->scratch, ret_answer).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return false;
    }
    if (!is_done(ret_answer->code)) {
        reply_refused(c, ret_answer);
        return false;
    }
    return true;
}

/* ---- POST /v1/requests. R-8.5 ---- */

static struct sha256 memo_of(const struct http_call *c)
{
    const struct span parts[] = {span_str(c->client), SPAN_LIT("\0"), span_make(c->key.p, c->key.len)};
    return digest_sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));
}

static bool under_way(const struct http_call *c, const struct sha256 *memo)
{
    const struct http_front *f = c->front;
    for (size_t i = 0; i < HTTP_COMMANDS_MAX; i++) {
        const struct http_call *x = f->command[i];
        if (x != NULL && x->has_memo && sha256_eq(&x->memo, memo)) {
            return true;
        }
    }
    for (const struct http_call *x = f->folding; x != NULL; x = x->peers.next) {
        if (x->has_memo && sha256_eq(&x->memo, memo)) {
            return true;
        }
    }
    return false;
}

/* Without a key of its own a submission is named by the digest of its bytes. */
static void key_default(struct http_call *c)
{
    if (c->key.len == 0) {
        const struct sha256 digest = digest_sha256(wr_span(&c->body));
        struct writer w = wr_fixed(c->key.p, sizeof(c->key.p));
        wr_hex(&w, sha256_span(&digest));
        c->key.len = (uint8_t)w.len;
    }
}

static bool submission_good(struct http_call *c)
{
    struct content_faults faults = {.count = 0};
    struct span content = SPAN_NONE;
    bool revises_set = false;
    uint64_t revises = 0;

    arena_reset(&c->front->scratch);
    const struct cs_result r =
        model_deploy_from_body(wr_span(&c->body), &c->front->scratch, &content, &revises_set, &revises, &faults);
    if (r.code == CS_OK) {
        return true;
    }
    if (r.code == CS_E_REFUSED) {
        const struct http_refusal invalid = http_refusal_reason(span_str(policy_reason_code(REASON_INVALID_REQUEST)));
        http_refuse_faults(c, &invalid, &faults);
    } else {
        http_refuse_syntax(c, r);
    }
    return false;
}

static void submit(struct http_call *c)
{
    if (!http_body_ready(c, WIRE_BODY_MAX) || !submission_good(c)) {
        return;
    }
    if (c->front->config.public_url == NULL && !host_is_plain(http_call_header(c, MHD_HTTP_HEADER_HOST))) {
        http_reply_problem(c, PROBLEM_BAD_FRAMING);
        return;
    }
    key_default(c);
    c->memo = memo_of(c);
    if (under_way(c, &c->memo)) {
        http_reply_problem(c, PROBLEM_IN_PROGRESS);
        http_reply_header(c, MHD_HTTP_HEADER_RETRY_AFTER, "1");
        return;
    }
    c->has_memo = true;
    const struct wire_command command = {
        .cmd = WIRE_REQUEST,
        .client = span_str(c->client),
        .ip = span_str(c->conn->ip),
        .request = {.body = wr_span(&c->body), .key = span_make(c->key.p, c->key.len)},
    };
    http_call_command(c, &command);
}

void http_serve_submit(struct http_call *c)
{
    struct wire_answer a;
    if (c->waiting == WAIT_NOTHING) {
        submit(c);
        return;
    }
    if (http_answered(c, &a)) {
        reply_submitted(c, span_is(a.code, "ok") ? 201 : 200, a.index);
    }
}

/* ---- the other commands ---- */

static CS_RESULT read_body(struct http_call *c, struct wire_command *w, struct content_faults *faults)
{
    struct arena *arena = &c->front->scratch;
    const struct span body = wr_span(&c->body);

    if (c->target.path == PATH_REDEEM) {
        w->cmd = WIRE_REDEEM;
        return model_redeem_from_body(body, arena, &w->redeem, faults);
    }
    if (c->target.path == PATH_OUTCOME) {
        w->cmd = WIRE_OUTCOME;
        return model_outcome_from_body(body, arena, &w->outcome, faults);
    }
    w->cmd = WIRE_WITHDRAW;
    return model_withdraw_from_body(body, arena, &w->withdraw, faults);
}

static void name_request(struct wire_command *w, uint64_t id)
{
    if (w->cmd == WIRE_REDEEM) {
        w->redeem.request = id;
    } else if (w->cmd == WIRE_OUTCOME) {
        w->outcome.request = id;
    } else {
        w->withdraw.request = id;
    }
}

static void command(struct http_call *c)
{
    struct content_faults faults = {.count = 0};

    if (!http_body_ready(c, WIRE_BODY_MAX)) {
        return;
    }
    arena_reset(&c->front->scratch);
    struct wire_command *w = arena_alloc(&c->front->scratch, sizeof(*w));
    if (w == NULL) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    const struct cs_result r = read_body(c, w, &faults);
    if (!http_body_read_as(c, r, &faults)) {
        return;
    }
    w->client = span_str(c->client);
    w->ip = span_str(c->conn->ip);
    name_request(w, c->target.id);
    http_call_command(c, w);
}

/* The page of the request as it stands now, whoever changed it last. Something was done, so it is never "you have it
 * already", and the answer has fields of its own. */
static void reply_state(struct http_call *c)
{
    const struct http_record *r = http_view_find(&c->front->view, c->target.id);
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);

    if (r == NULL) {
        http_reply_problem(c, PROBLEM_BEHIND);
        return;
    }
    wr_bytes(&w, span_make(r->status_page->bytes, r->status_page->len));
    http_reply_own(c, 200, HTTP_JSON, &w);
    if (c->reply.status == 200) {
        http_reply_tag(c, r->status_page);
    }
}

void http_serve_outcome(struct http_call *c)
{
    struct wire_answer a;
    if (c->waiting == WAIT_NOTHING) {
        command(c);
    } else if (http_answered(c, &a)) {
        reply_state(c);
    }
}

void http_serve_withdraw(struct http_call *c)
{
    http_serve_outcome(c);
}

/* 200 only with the receipt of this very redemption; a drifted one was appended too, and is answered 409. */
void http_serve_redeem(struct http_call *c)
{
    struct wire_answer a;
    if (c->waiting == WAIT_NOTHING) {
        command(c);
        return;
    }
    if (!http_answered(c, &a)) {
        return;
    }
    const struct http_record *r = http_view_find(&c->front->view, c->target.id);
    if (r == NULL || http_view_after(&c->front->view, a.index) != STATUS_REDEEMED) {
        const struct http_refusal drifted = http_refusal_reason(span_str(policy_reason_code(REASON_DRIFTED)));
        http_reply_refusal(c, &drifted, 0);
        return;
    }
    http_serve_receipt(c);
}
