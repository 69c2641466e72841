/* SPDX-License-Identifier: Apache-2.0 */
#include "countersign/countersign.h"

#include "base/base_text.h"
#include "judge/judge_receipt.h"
#include "judge/judge_replay.h"

enum { MEMORY_BYTES = 256 * 1024 * 1024 };

/* The public classes are the exit statuses of the same list. */
#define CLASS_OF(name) COUNTERSIGN_##name
#define CHECK_CLASS(name, exit_code, word, sentence)                                                                   \
    _Static_assert((int)CLASS_##name == (exit_code), "the public header and judge_finding.h are one list");
#define CLASS_FINDING_CANNOT_TELL  CLASS_OF(CANNOT_TELL)
#define CLASS_FINDING_HOLDS        CLASS_OF(HOLDS)
#define CLASS_FINDING_FORMAT       CLASS_OF(FORMAT)
#define CLASS_FINDING_CHECKPOINT   CLASS_OF(CHECKPOINT)
#define CLASS_FINDING_PINNED       CLASS_OF(PINNED)
#define CLASS_FINDING_INCLUSION    CLASS_OF(INCLUSION)
#define CLASS_FINDING_GENESIS      CLASS_OF(GENESIS)
#define CLASS_FINDING_ENTRY        CLASS_OF(ENTRY)
#define CLASS_FINDING_ANCHOR       CLASS_OF(ANCHOR)
#define CLASS_FINDING_INCOMPLETE   CLASS_OF(INCOMPLETE)
#define CLASS_FINDING_NOT_APPROVED CLASS_OF(NOT_APPROVED)
#define CLASS_FINDING_ENVELOPE     CLASS_OF(ENVELOPE)
#define CLASS_FINDING_SUBJECT      CLASS_OF(SUBJECT)
#define CLASS_FINDING_ENVIRONMENT  CLASS_OF(ENVIRONMENT)
#define CLASS_FINDING_EXPIRED      CLASS_OF(EXPIRED)
#define CLASS_FINDING_NOT_REDEEMED CLASS_OF(NOT_REDEEMED)
#define CLASS_FINDING_SERVICE      CLASS_OF(SERVICE)
JUDGE_FINDINGS(CHECK_CLASS)

struct countersign_verdict {
    struct arena arena; /* everything that is told */
    size_t memory_bytes;
    struct finding finding;
    struct countersign_request request;
    struct countersign_artifact *artifacts;
    size_t artifact_count;
    struct countersign_decision *decisions;
    size_t decision_count;
};

const char *countersign_version(void)
{
    return COUNTERSIGN_VERSION;
}

static struct countersign_verdict *verdict_new(size_t memory_bytes)
{
    struct countersign_verdict *v = calloc(1, sizeof(*v));

    if (v == NULL) {
        return NULL;
    }
    v->memory_bytes = memory_bytes > 0 ? memory_bytes : (size_t)MEMORY_BYTES;
    arena_init(&v->arena, v->memory_bytes);
    v->request = (struct countersign_request){
        .kind = "", .status = "", .service = "", .environment = "", .title = "", .index = 0, .use_by_ms = 0};
    return v;
}

void countersign_verdict_free(struct countersign_verdict *v)
{
    if (v != NULL) {
        arena_release(&v->arena);
        free(v);
    }
}

/* A copy that ends with NUL. */
static CS_RESULT text_of(struct arena *a, struct span s, const char **ret_text)
{
    char *p = arena_alloc(a, s.left + 1);

    ENSURE(p != NULL, CS_E_NOMEM, "verdict");
    if (s.left > 0) {
        memcpy(p, s.p, s.left);
    }
    p[s.left] = '\0';
    *ret_text = p;
    return CS_SUCCESS;
}

static CS_RESULT tell_content(struct countersign_verdict *v, const struct deploy_content *d)
{
    TRY(text_of(&v->arena, d->service, &v->request.service));
    TRY(text_of(&v->arena, d->environment, &v->request.environment));
    TRY(text_of(&v->arena, d->title, &v->request.title));
    v->artifacts = arena_array(&v->arena, d->artifact_count, sizeof(*v->artifacts));
    ENSURE(v->artifacts != NULL, CS_E_NOMEM, "verdict");
    for (size_t i = 0; i < d->artifact_count; i++) {
        uint8_t hex[2 * SHA256_BYTES];
        struct writer w = wr_fixed(hex, sizeof(hex));
        wr_hex(&w, sha256_span(&d->artifacts[i].sha256));
        TRY(text_of(&v->arena, d->artifacts[i].name, &v->artifacts[i].name));
        TRY(text_of(&v->arena, wr_span(&w), &v->artifacts[i].sha256));
    }
    v->artifact_count = d->artifact_count;
    return CS_SUCCESS;
}

static CS_RESULT tell_of(struct countersign_verdict *v, const struct state_request *q)
{
    for (size_t i = 0; q != NULL && i < q->decision_count; i++) {
        const struct state_decision *from = &q->decisions[i];
        struct countersign_decision *d = &v->decisions[v->decision_count++];
        TRY(text_of(&v->arena, from->person->id, &d->person));
        TRY(text_of(&v->arena, from->seat, &d->seat));
        d->approved = from->word == DECISION_APPROVE ? 1 : 0;
        d->time_ms = from->time_ms;
        d->entry = from->index;
    }
    return CS_SUCCESS;
}

/* Of what an emergency granted, who signed that comes after who signed the request itself; their seats say so. */
static CS_RESULT tell_decisions(struct countersign_verdict *v, const struct state_request *q)
{
    const struct state_request *from[] = {q, q->grant != NULL ? q->grant->emergency : NULL,
                                          q->grant != NULL ? q->grant->voucher : NULL};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        n += from[i] != NULL ? from[i]->decision_count : 0;
    }
    v->decisions = arena_array(&v->arena, n, sizeof(*v->decisions));
    ENSURE(v->decisions != NULL || n == 0, CS_E_NOMEM, "verdict");
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        TRY(tell_of(v, from[i]));
    }
    return CS_SUCCESS;
}

static CS_RESULT tell(struct countersign_verdict *v, const struct receipt *r, const struct state *s)
{
    const struct state_request *q = r->is_range ? NULL : state_request_find(s, r->request);
    const struct deploy_content *d = NULL;

    if (q == NULL) {
        return CS_SUCCESS;
    }
    v->request.index = q->index;
    v->request.kind = request_kind_text(q->kind);
    v->request.status = request_status_text(q->status);
    v->request.use_by_ms = q->use_by_ms;
    TRY(judge_receipt_content(r, q->index, &v->arena, &d));
    if (d != NULL && judge_went_back(q)) {
        d = judge_receipt_back(d, &v->arena);
        ENSURE(d != NULL, CS_E_NOMEM, "verdict");
    }
    if (d != NULL) {
        TRY(tell_content(v, d));
    }
    return tell_decisions(v, q);
}

static CS_RESULT read_ask(const struct countersign_ask *ask, struct receipt_ask *ret_ask)
{
    struct receipt_ask a = {0};

    if (ask != NULL && ask->subject_sha256 != NULL) {
        TRY(text_hex_decode(span_str(ask->subject_sha256), a.subject.b, SHA256_BYTES, "ask.subject_sha256"));
        a.has_subject = true;
    }
    if (ask != NULL && ask->environment != NULL) {
        a.environment = span_str(ask->environment);
        TRY(text_id_check(a.environment, MODEL_ID_MAX, "ask.environment"));
    }
    if (ask != NULL && ask->service != NULL) {
        a.service = span_str(ask->service);
        TRY(text_id_check(a.service, MODEL_ID_MAX, "ask.service"));
    }
    a.now_ms = ask != NULL ? ask->now_ms : 0;
    a.redeemed = ask != NULL && ask->redeemed != 0;
    *ret_ask = a;
    return CS_SUCCESS;
}

static struct finding verify_decoded(struct countersign_verdict *v, const struct receipt *r, const struct trust *t,
                                     const struct receipt_ask *ask)
{
    struct judge j;

    const struct cs_result made = judge_init(&j, JUDGE_PROVE, v->memory_bytes);
    if (made.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, made);
    }
    struct finding f = judge_receipt_verify(r, t, ask, &j);
    if (f.class == FINDING_HOLDS) {
        const struct cs_result told = tell(v, r, &j.state);
        f = told.code == CS_OK ? f : judge_finding_of(FINDING_CANNOT_TELL, told);
    }
    judge_release(&j);
    return f;
}

static struct finding verify_in(struct countersign_verdict *v, struct span receipt, struct span trust,
                                const struct countersign_ask *ask, struct arena *a)
{
    struct trust t = {0};
    struct receipt r = {0};
    struct receipt_ask asked = {0};

    struct cs_result got = read_ask(ask, &asked);
    got = got.code == CS_OK ? judge_trust_decode(trust, a, &t) : got;
    if (got.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, got);
    }
    got = judge_receipt_decode(receipt, a, &r);
    if (got.code != CS_OK) {
        return judge_finding_of(got.code == CS_E_STATE ? FINDING_CANNOT_TELL : FINDING_FORMAT, got);
    }
    return verify_decoded(v, &r, &t, &asked);
}

struct countersign_verdict *countersign_verify_receipt(const void *receipt, size_t receipt_bytes, const void *trust,
                                                       size_t trust_bytes, const struct countersign_ask *ask)
{
    struct countersign_verdict *v = verdict_new(ask != NULL ? ask->memory_bytes : 0);
    struct arena a;

    if (v == NULL) {
        return NULL;
    }
    arena_init(&a, v->memory_bytes);
    v->finding = verify_in(v, span_make(receipt, receipt_bytes), span_make(trust, trust_bytes), ask, &a);
    arena_release(&a);
    return v;
}

static struct finding replay_all(struct replay *r, const struct countersign_source *source)
{
    for (uint64_t i = 0; i < r->head.size; i++) {
        const void *bytes = NULL;
        size_t n = 0;
        if (source->leaf(source->ctx, i, &bytes, &n) != 0) {
            return judge_finding_at((struct finding){.cause = CS_FAIL(CS_E_MISSING, "leaf")}, i);
        }
        const struct finding f = judge_replay_entry(r, span_make(bytes, n), NULL);
        if (f.class != FINDING_HOLDS) {
            return f;
        }
    }
    return judge_replay_end(r);
}

static struct finding replay_in(size_t memory_bytes, struct span checkpoint, struct span trust,
                                const struct countersign_source *source, struct arena *a)
{
    struct trust t = {0};
    struct replay r;

    const struct cs_result got = judge_trust_decode(trust, a, &t);
    if (got.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, got);
    }
    struct finding f = judge_replay_begin(checkpoint, &t, memory_bytes, &r);
    if (f.class == FINDING_HOLDS) {
        f = replay_all(&r, source);
        judge_replay_release(&r);
    }
    return f;
}

struct countersign_verdict *countersign_replay(const void *checkpoint, size_t checkpoint_bytes, const void *trust,
                                               size_t trust_bytes, const struct countersign_source *source)
{
    struct countersign_verdict *v = verdict_new(source->memory_bytes);
    struct arena a;

    if (v == NULL) {
        return NULL;
    }
    arena_init(&a, v->memory_bytes);
    v->finding =
        replay_in(v->memory_bytes, span_make(checkpoint, checkpoint_bytes), span_make(trust, trust_bytes), source, &a);
    arena_release(&a);
    return v;
}

enum countersign_class countersign_verdict_class(const struct countersign_verdict *v)
{
    const int status = judge_finding_exit(v->finding.class);
    return (enum countersign_class)status;
}

const char *countersign_verdict_sentence(const struct countersign_verdict *v)
{
    return v->finding.class == FINDING_ENTRY ? policy_reason_sentence(v->finding.reason)
                                             : judge_finding_sentence(v->finding.class);
}

const char *countersign_verdict_reason(const struct countersign_verdict *v)
{
    return v->finding.class == FINDING_ENTRY ? policy_reason_code(v->finding.reason) : "";
}

int countersign_verdict_entry(const struct countersign_verdict *v, uint64_t *ret_index)
{
    if (v->finding.at_entry) {
        *ret_index = v->finding.index;
    }
    return v->finding.at_entry ? 1 : 0;
}

const struct countersign_request *countersign_verdict_request(const struct countersign_verdict *v)
{
    return &v->request;
}

size_t countersign_verdict_artifacts(const struct countersign_verdict *v,
                                     const struct countersign_artifact **ret_artifacts)
{
    *ret_artifacts = v->artifacts;
    return v->artifact_count;
}

size_t countersign_verdict_decisions(const struct countersign_verdict *v,
                                     const struct countersign_decision **ret_decisions)
{
    *ret_decisions = v->decisions;
    return v->decision_count;
}
