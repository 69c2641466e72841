/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files about a deployment: read as they arrive, given to the core piece by piece, then what they say. This process
 * reads them because it has no key and no way out; what it says of them is judged by the core and read again by
 * auditors (docs/adr/0063-evidence.md).
 */
#include "http/http_evidence.h"

#include "base/base_text.h"
#include "evidence/evidence_report.h"
#include "http/http_commands.h"
#include "http/http_front.h"
#include "http/http_route.h"
#include "policy/policy_evidence.h"

enum { REPORT_ARENA_BYTES = 4 << 20, DETAIL_MAX = 256 };

struct http_upload {
    struct evidence *reader;
    struct cs_result fault; /* of what was read so far */
    struct arena arena;     /* the report's texts, the request */
    struct evidence_asked asked;
    struct sha256 artifacts[MODEL_ARTIFACTS_MAX];
    size_t artifact_count;
    struct sha256 sha256;
    struct span report; /* canonical */
    size_t sent;        /* bytes that the core has */
    bool said;          /* the core was told what they say */
};

void http_upload_free(struct http_call *c)
{
    struct http_upload *u = c->upload;

    if (c->front->giving == c) {
        c->front->giving = NULL;
    }
    if (u == NULL) {
        return;
    }
    if (c->front->uploading == c) {
        c->front->uploading = NULL;
    }
    evidence_free(u->reader);
    arena_release(&u->arena);
    free(u);
    c->upload = NULL;
    c->front->uploads--;
}

static void refuse_reason(struct http_call *c, enum policy_reason reason, unsigned retry_s)
{
    const struct http_refusal r = http_refusal_reason(span_str(policy_reason_code(reason)));
    http_reply_refusal(c, &r, retry_s);
}

/* "sha256=HEX, sha256=HEX" */
static bool read_artifacts(struct span header, struct http_upload *u)
{
    static const size_t hex = (size_t)2 * SHA256_BYTES;
    struct span rest = header;

    while (rest.left > 0) {
        if (!span_starts(rest, SPAN_LIT("sha256=")) || rest.left < 7 + hex ||
            u->artifact_count == MODEL_ARTIFACTS_MAX) {
            return false;
        }
        const struct span digest = span_make(rest.p + 7, hex);
        if (text_hex_decode(digest, u->artifacts[u->artifact_count++].b, SHA256_BYTES, "artifact").code != CS_OK) {
            return false;
        }
        rest = span_from(rest, 7 + hex);
        if (rest.left == 0) {
            break;
        }
        if (rest.p[0] != ',') {
            return false;
        }
        rest = span_from(rest, 1);
        rest = rest.left > 0 && rest.p[0] == ' ' ? span_from(rest, 1) : rest;
        if (rest.left == 0) {
            return false;
        }
    }
    return true;
}

/* What the core would say to any file for this line, before the file is read: reading is work. Fills in what is asked.
 */
static enum policy_reason wanted(const struct http_call *c, struct http_upload *u, enum report_kind kind)
{
    const struct state *s = &c->front->follow.judge.state;
    const struct state_request *q = state_request_find(s, c->target.id);
    struct state_loaded *l = arena_alloc(&u->arena, sizeof(*l));

    if (q == NULL || q->kind != KIND_DEPLOY) {
        return REASON_UNKNOWN_REQUEST;
    }
    if (!state_is_live(q->status) || q->open == NULL) {
        return judge_why_not_open(q);
    }
    if (q->evidence != NULL && q->evidence->count >= REPORT_ENTRIES_MAX) {
        return REASON_EVIDENCE_FULL;
    }
    if (l == NULL || state_load(q, &u->arena, l).code != CS_OK) {
        return REASON_NO_ROOM;
    }
    const struct sheet_input in = {.deploy = l->deploy, .opened_under = q->open->opened_under, .in_force = s->policy};
    u->asked = policy_evidence_asked(&in, http_line_span(&c->target.line));
    if (u->asked.count == 0) {
        return REASON_EVIDENCE_LINE;
    }
    return policy_evidence_wanted(&u->asked, kind) ? REASON_OK : REASON_EVIDENCE_KIND;
}

static bool admitted(struct http_call *c, struct http_upload *u, enum report_kind kind)
{
    const struct state *s = &c->front->follow.judge.state;
    const struct state_client *client = state_client_find(s, span_str(c->client));

    if (client == NULL || !http_auth_may(client, 1U << model_evidence_scope(kind))) {
        const struct http_refusal r = http_refusal_of(PROBLEM_NO_SCOPE);
        http_front_deny(c->front, c, (const char *)r.code.p); /* a literal of the table */
        http_reply_refusal(c, &r, 0);
        return false;
    }
    const enum policy_reason reason = wanted(c, u, kind);
    if (reason == REASON_UNKNOWN_REQUEST && !http_front_live(c->front)) {
        http_reply_problem(c, PROBLEM_BEHIND); /* it may stand in what was not read yet */
    } else if (reason != REASON_OK) {
        refuse_reason(c, reason, 0);
    }
    return reason == REASON_OK;
}

/* Whose signature provenance must carry: what the policy in force says, else the one that the request was opened under.
 */
static struct span pinned_key(const struct http_upload *u)
{
    struct span key = SPAN_NONE;

    for (size_t i = 0; i < u->asked.count; i++) {
        key = u->asked.item[i]->key.left > 0 ? u->asked.item[i]->key : key;
    }
    return key;
}

static bool begin_reader(struct http_call *c, struct http_upload *u)
{
    struct evidence_options o = {.artifacts = span_make(u->artifacts, u->artifact_count * sizeof(u->artifacts[0]))};

    if (!evidence_report_format(http_name_span(&c->target.query.format), &o.format)) {
        http_reply_problem(c, PROBLEM_BAD_TARGET);
        return false;
    }
    if (!admitted(c, u, evidence_report_kind(o.format))) {
        return false;
    }
    if (o.format == EVIDENCE_PROVENANCE) {
        o.key = pinned_key(u);
        if (o.key.left == 0) {
            refuse_reason(c, REASON_EVIDENCE_LINE, 0);
            return false;
        }
    }
    if (evidence_begin(&o, &u->reader).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return false;
    }
    return true;
}

/* One at a time of each client: no client keeps the others' files out. */
static bool is_sending(const struct http_call *c)
{
    bool sends = false;
    for (const struct http_conn *conn = c->front->conns; conn != NULL && !sends; conn = conn->next) {
        const struct http_call *other = conn->call;
        sends = other != NULL && other != c && other->upload != NULL && other->reply.status == 0 &&
                strcmp(other->client, c->client) == 0;
    }
    return sends;
}

bool http_upload_begin(struct http_call *c)
{
    struct http_upload *u = NULL;

    if (c->front->uploads >= HTTP_UPLOADS_MAX || is_sending(c)) {
        refuse_reason(c, REASON_BUSY, 2);
        return false;
    }
    u = calloc(1, sizeof(*u));
    if (u == NULL) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return false;
    }
    c->upload = u;
    c->fed_ms = c->front->now_ms;
    c->front->uploads++;
    arena_init(&u->arena, REPORT_ARENA_BYTES);
    bool begun = read_artifacts(http_call_header(c, "Evidence-Artifacts"), u);
    if (!begun) {
        refuse_reason(c, REASON_EVIDENCE_ARTIFACT, 0);
    } else {
        begun = begin_reader(c, u);
    }
    if (!begun) {
        http_upload_free(c);
    }
    return begun;
}

void http_upload_feed(struct http_call *c, struct span bytes)
{
    struct http_upload *u = c->upload;
    c->fed_ms = c->front->now_ms;
    if (u != NULL && u->fault.code == CS_OK) {
        u->fault = evidence_feed(u->reader, bytes);
    }
}

/* --- when all of it is there --- */

static void refuse_file(struct http_call *c, struct cs_result why)
{
    const struct http_upload *u = c->upload;
    char detail[DETAIL_MAX];
    const char *advice = evidence_advice(u->reader);
    struct http_refusal r = http_refusal_of(PROBLEM_INVALID);

    (void)snprintf(detail, sizeof(detail), "Line %llu, byte %lu: %s %s. %s",
                   (unsigned long long)evidence_line(u->reader), (unsigned long)why.at, why.msg, cs_code_text(why.code),
                   advice != NULL ? advice : "");
    const struct http_fault fault = {.pointer = SPAN_LIT(""), .code = SPAN_LIT("evidence"), .detail = span_str(detail)};
    r.faults = &fault;
    r.fault_count = 1;
    http_reply_refusal(c, &r, 0);
}

static bool names(const struct evidence_summary *s, const struct sha256 *artifact)
{
    bool found = false;
    for (size_t i = 0; !found && i < s->artifact_count; i++) {
        found = sha256_eq(&s->artifact[i], artifact);
    }
    return found;
}

/* A file that says what it is about must say so of every artifact that the client names; of provenance, and where the
 * client names none, the file's word is all there is. */
static bool take_named(struct http_upload *u, const struct evidence_summary *s)
{
    if (s->format != EVIDENCE_PROVENANCE && u->artifact_count > 0) {
        bool all = true;
        for (size_t i = 0; s->names_artifacts && i < u->artifact_count; i++) {
            all = all && names(s, &u->artifacts[i]);
        }
        return all;
    }
    u->artifact_count = 0;
    for (size_t i = 0; i < s->artifact_count && u->artifact_count < MODEL_ARTIFACTS_MAX; i++) {
        u->artifacts[u->artifact_count++] = s->artifact[i];
    }
    return true;
}

static void refuse_artifacts(struct http_call *c, const char *detail)
{
    const struct http_fault fault = {.pointer = SPAN_LIT(""), .code = SPAN_LIT("evidence"), .detail = span_str(detail)};
    struct http_refusal r = http_refusal_reason(span_str(policy_reason_code(REASON_EVIDENCE_ARTIFACT)));

    r.faults = &fault;
    r.fault_count = 1;
    http_reply_refusal(c, &r, 0);
}

static bool make_report(struct http_call *c)
{
    struct http_upload *u = c->upload;
    const struct evidence_summary *s = NULL;
    struct report report;
    struct cs_result r = u->fault.code == CS_OK ? evidence_end(u->reader, &s) : u->fault;

    if (r.code != CS_OK) {
        refuse_file(c, r);
        return false;
    }
    uint8_t *p = arena_alloc(&u->arena, MODEL_LEAF_MAX);
    struct writer w = wr_fixed(p, p != NULL ? (size_t)MODEL_LEAF_MAX : 0);
    if (!take_named(u, s) || u->artifact_count == 0) {
        refuse_artifacts(
            c, u->artifact_count == 0
                   ? "Say which artifacts the file is about: Evidence-Artifacts, or --artifact of the command."
                   : "The file itself says that it is about others.");
        return false;
    }
    u->sha256 = s->sha256;
    r = p != NULL ? evidence_report(s, follow_core_time_ms(&c->front->follow, c->front->now_ms), &u->arena, &report)
                  : CS_FAIL(CS_E_NOMEM, "report");
    r = r.code == CS_OK ? model_report_encode(&report, &w) : r;
    if (r.code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return false;
    }
    u->report = wr_span(&w);
    return true;
}

static void send_piece(struct http_call *c)
{
    struct http_upload *u = c->upload;
    const size_t left = c->body.len - u->sent;
    const size_t n = left < WIRE_PIECE_MAX ? left : (size_t)WIRE_PIECE_MAX;
    const struct wire_command command = {
        .cmd = WIRE_BLOB,
        .blob = {.at = u->sent, .bytes = span_make(c->body.p + u->sent, n), .sha256 = u->sha256, .size = c->body.len}};
    u->sent += n;
    http_call_command(c, &command);
}

static void say(struct http_call *c)
{
    struct http_upload *u = c->upload;
    struct wire_command command = {.cmd = WIRE_EVIDENCE,
                                   .client = span_str(c->client),
                                   .ip = span_str(c->conn->ip),
                                   .evidence = {.artifact_count = u->artifact_count,
                                                .line = http_line_span(&c->target.line),
                                                .report = u->report,
                                                .request = c->target.id,
                                                .sha256 = u->sha256,
                                                .size = c->body.len}};
    memcpy(command.evidence.artifacts, u->artifacts, sizeof(u->artifacts));
    u->said = true;
    http_call_command(c, &command);
}

static void reply_taken(struct http_call *c, uint64_t index)
{
    const struct http_upload *u = c->upload;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);
    struct json_out o = json_out_make(&w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "id", c->target.id);
    json_put_uint(&o, "index", index);
    json_put_str(&o, "line", http_line_span(&c->target.line));
    json_put_hex(&o, "sha256", sha256_span(&u->sha256));
    json_put_uint(&o, "size", c->body.len);
    json_put_close(&o);
    http_reply_own(c, 201, HTTP_JSON, &w);
}

/* The core takes one file at a time. */
static bool my_turn(struct http_call *c)
{
    if (c->front->uploading != NULL && c->front->uploading != c) {
        refuse_reason(c, REASON_BUSY, 1);
        return false;
    }
    c->front->uploading = c;
    return true;
}

static void go_on(struct http_call *c)
{
    if (c->upload->sent < c->body.len) {
        send_piece(c);
    } else {
        say(c);
    }
}

void http_serve_evidence(struct http_call *c)
{
    struct wire_answer a;

    if (c->upload == NULL || wr_end(&c->body, "body").code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    if (c->waiting == WAIT_NOTHING) {
        if (make_report(c) && my_turn(c)) {
            go_on(c);
        }
        return;
    }
    if (!http_answered(c, &a)) {
        return;
    }
    if (c->upload->said) {
        reply_taken(c, a.index);
        return;
    }
    free(c->answer);
    c->answer = NULL;
    go_on(c);
}

/* --- files that are kept, for auditors --- */

/* One is given at a time: the core keeps one in memory. */
static bool my_file(struct http_call *c)
{
    if (c->front->giving != NULL && c->front->giving != c) {
        refuse_reason(c, REASON_BUSY, 1);
        return false;
    }
    c->front->giving = c;
    return true;
}

static void next_piece(struct http_call *c)
{
    const struct wire_command command = {.cmd = WIRE_FETCH, .fetch = {.at = c->body.len, .sha256 = c->target.file}};
    http_call_command(c, &command);
}

void http_serve_file(struct http_call *c)
{
    struct wire_answer a;

    if (c->waiting == WAIT_NOTHING) {
        if (my_file(c)) {
            next_piece(c);
        }
        return;
    }
    if (!http_answered(c, &a)) {
        return;
    }
    wr_bytes(&c->body, a.piece);
    free(c->answer);
    c->answer = NULL;
    if (wr_end(&c->body, "file").code != CS_OK || a.piece.left == 0 || c->body.len > a.size) {
        http_reply_problem(c, PROBLEM_INTERNAL);
    } else if (c->body.len < a.size) {
        next_piece(c);
    } else {
        http_reply_own(c, 200, "application/octet-stream", &c->body);
    }
}
