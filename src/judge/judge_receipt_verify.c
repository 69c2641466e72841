/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's order: docs/formats/receipt.md §4. The first thing that fails is the answer. */
#include "judge/judge_checkpoint.h"
#include "judge/judge_receipt.h"

struct check {
    const struct receipt *r;
    const struct trust *t;
    const struct receipt_ask *ask;
    struct judge *j;
    struct checkpoint head;
};

static struct finding proof_holds(const struct check *c, const struct receipt_entry *e)
{
    const struct sha256 leaf = merkle_leaf(e->leaf);
    struct merkle_proof proof = {0};

    const struct cs_result decoded = merkle_proof_decode(e->proof, &proof);
    if (decoded.code != CS_OK) {
        return judge_finding_of(FINDING_INCLUSION, decoded);
    }
    const struct cs_result r = merkle_check_inclusion(e->index, c->head.size, &leaf, &proof, &c->head.root);
    return r.code == CS_OK ? FINDING_OK : judge_finding_of(FINDING_INCLUSION, r);
}

static struct finding all_included(const struct check *c)
{
    for (size_t i = 0; i < c->r->entry_count; i++) {
        const struct finding f = proof_holds(c, &c->r->entries[i]);
        if (f.class != FINDING_HOLDS) {
            return judge_finding_at(f, c->r->entries[i].index);
        }
    }
    const struct sha256 first = digest_sha256(c->r->entries[0].leaf);
    const bool pinned = c->r->entries[0].index == 0 && sha256_eq(&first, &c->t->genesis_sha256);
    return pinned ? FINDING_OK : judge_finding_at((struct finding){.class = FINDING_GENESIS}, 0);
}

static const struct receipt_entry *find_entry(const struct receipt *r, uint64_t index)
{
    for (size_t i = 0; i < r->entry_count; i++) {
        if (r->entries[i].index == index) {
            return &r->entries[i];
        }
    }
    return NULL;
}

/* Entries are in ascending order, so a whole range stands in one piece. */
static struct finding range_is_whole(const struct receipt *r)
{
    size_t at = 0;

    if (!r->is_range) {
        return FINDING_OK;
    }
    while (at < r->entry_count && r->entries[at].index < r->first) {
        at++;
    }
    for (uint64_t i = 0; i < r->count; i++) {
        if (i >= r->entry_count - at || r->entries[at + i].index != r->first + i) {
            return judge_finding_at((struct finding){.class = FINDING_INCOMPLETE}, r->first + i);
        }
    }
    return FINDING_OK;
}

static const struct receipt_anchor *find_anchor(const struct receipt *r, uint64_t size)
{
    size_t low = 0;
    size_t high = r->anchor_count;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (r->anchors[mid].size < size) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < r->anchor_count && r->anchors[low].size == size ? &r->anchors[low] : NULL;
}

/* The head that the person signed is one that this log had when they signed. */
static struct finding anchor_holds(const struct check *c, const struct entry *e, const struct statement *st)
{
    const struct receipt_anchor *a = find_anchor(c->r, st->anchor_size);
    struct merkle_proof proof = {0};
    const struct sha256 empty = merkle_empty();

    if (st->anchor_size > e->seq) {
        return judge_finding_of(FINDING_ANCHOR, CS_FAIL(CS_E_RANGE, "anchor.size"));
    }
    if (st->anchor_size == 0) {
        const bool same = sha256_eq(&empty, &st->anchor_root);
        return same ? FINDING_OK : judge_finding_of(FINDING_ANCHOR, CS_FAIL(CS_E_MISMATCH, "anchor.root"));
    }
    if (a == NULL) {
        return judge_finding_of(FINDING_ANCHOR, CS_FAIL(CS_E_MISSING, "receipt.anchors"));
    }
    struct cs_result r = merkle_proof_decode(a->proof, &proof);
    if (r.code == CS_OK) {
        r = merkle_check_consistency(a->size, c->head.size, &st->anchor_root, &c->head.root, &proof);
    }
    return r.code == CS_OK ? FINDING_OK : judge_finding_of(FINDING_ANCHOR, r);
}

/* The judge's scratch still holds the entry, and has room: it decoded the same body a moment ago. */
static struct finding decision_anchor_holds(const struct check *c, const struct entry *e)
{
    struct decision d = {0};
    struct statement st = {0};

    struct cs_result r = model_decision_decode(e->body, &c->j->scratch, &d);
    if (r.code == CS_OK) {
        r = model_statement_decode(d.statement, &c->j->scratch, &st);
    }
    return r.code == CS_OK ? anchor_holds(c, e, &st) : judge_finding_of(FINDING_FORMAT, r);
}

static struct finding entry_holds(const struct check *c, const struct receipt_entry *at)
{
    struct entry e = {0};

    const struct cs_result skipped = judge_skip(c->j, at->index);
    if (skipped.code != CS_OK) {
        return judge_finding_of(FINDING_FORMAT, skipped);
    }
    const struct verdict v = judge_entry(c->j, at->leaf, &e);
    if (!v.allow) {
        return judge_finding_of_verdict(v);
    }
    if (e.type == ENTRY_GENESIS) {
        return judge_genesis_is_trusted(&c->j->state, c->t, &c->head);
    }
    return e.type == ENTRY_DECISION ? decision_anchor_holds(c, &e) : FINDING_OK;
}

static struct finding all_judged(const struct check *c)
{
    for (size_t i = 0; i < c->r->entry_count; i++) {
        const struct finding f = entry_holds(c, &c->r->entries[i]);
        if (f.class != FINDING_HOLDS) {
            return judge_finding_at(f, c->r->entries[i].index);
        }
    }
    return FINDING_OK;
}

bool judge_is_approved(enum request_status s)
{
    switch (s) {
    case STATUS_APPROVED:
    case STATUS_APPLIED:
    case STATUS_REDEEMED:
    case STATUS_SUCCEEDED:
    case STATUS_FAILED:
    case STATUS_ROLLED_BACK:
        return true;
    case STATUS_NONE:
    case STATUS_ELIGIBLE:
    case STATUS_REJECTED:
    case STATUS_EXPIRED:
    case STATUS_LAPSED:
    case STATUS_WITHDRAWN:
    case STATUS_SUPERSEDED:
    case STATUS_VOID:
    case STATUS_BLOCKED:
    case STATUS_PAUSED:
    case STATUS_COUNT:
        break;
    }
    return false;
}

static struct finding envelope_is_logged(const struct check *c, const struct state_request *q)
{
    const struct receipt_entry *at = q->redeem_index > 0 ? find_entry(c->r, q->redeem_index) : NULL;
    struct entry e = {0};
    struct redeem *redeem = arena_alloc(&c->j->scratch, sizeof(*redeem));

    if (at == NULL) {
        const bool none = c->r->envelope.left == 0;
        return none ? FINDING_OK : judge_finding_of(FINDING_ENVELOPE, CS_FAIL(CS_E_MISSING, "redeem"));
    }
    struct cs_result r = redeem != NULL ? CS_SUCCESS : CS_FAIL(CS_E_NOMEM, "receipt");
    if (r.code == CS_OK) {
        r = model_entry_decode(at->leaf, &c->j->scratch, &e);
    }
    if (r.code == CS_OK) {
        r = model_redeem_decode(e.body, &c->j->scratch, redeem);
    }
    if (r.code != CS_OK) {
        return judge_finding_of(FINDING_FORMAT, r);
    }
    const bool same = span_eq(redeem->envelope, c->r->envelope);
    return same ? FINDING_OK : judge_finding_of(FINDING_ENVELOPE, CS_FAIL(CS_E_MISMATCH, "receipt.envelope"));
}

bool judge_went_back(const struct state_request *q)
{
    return q->fallback != NULL && q->fallback->redeem_index != 0;
}

const struct deploy_content *judge_receipt_back(const struct deploy_content *d, struct arena *arena)
{
    const struct deploy_rollback *r = d->rollback;
    struct deploy_content *back = r != NULL ? arena_alloc(arena, sizeof(*back)) : NULL;

    if (back != NULL) {
        *back = *d;
        memcpy(back->artifacts, r->artifacts, sizeof(back->artifacts));
        back->artifact_count = r->artifact_count;
        back->has_config = r->has_config;
        back->config_sha256 = r->config_sha256;
        back->has_plan = r->has_plan;
        back->plan_sha256 = r->plan_sha256;
    }
    return back;
}

static bool names(const struct deploy_content *d, const struct sha256 *subject)
{
    size_t i = 0;
    while (i < d->artifact_count && !sha256_eq(&d->artifacts[i].sha256, subject)) {
        i++;
    }
    return i < d->artifact_count;
}

static struct finding answers(const struct check *c, const struct state_request *q)
{
    const struct receipt_ask *ask = c->ask;
    const struct deploy_content *d = NULL;

    const struct cs_result r = judge_receipt_content(c->r, q->index, &c->j->scratch, &d);
    if (r.code != CS_OK) {
        return judge_finding_of(FINDING_FORMAT, r);
    }
    if (d != NULL && judge_went_back(q)) {
        d = judge_receipt_back(d, &c->j->scratch);
    }
    if (ask->has_subject && (d == NULL || !names(d, &ask->subject))) {
        return (struct finding){.class = FINDING_SUBJECT};
    }
    if (ask->environment.left > 0 && (d == NULL || !span_eq(d->environment, ask->environment))) {
        return (struct finding){.class = FINDING_ENVIRONMENT};
    }
    if (ask->service.left > 0 && (d == NULL || !span_eq(d->service, ask->service))) {
        return (struct finding){.class = FINDING_SERVICE};
    }
    if (ask->redeemed && q->redeem_index == 0) {
        return (struct finding){.class = FINDING_NOT_REDEEMED};
    }
    return ask->now_ms > q->use_by_ms ? (struct finding){.class = FINDING_EXPIRED} : FINDING_OK;
}

bool judge_receipt_asks(const struct receipt_ask *ask)
{
    return ask->has_subject || ask->environment.left > 0 || ask->service.left > 0 || ask->now_ms > 0 || ask->redeemed;
}

static struct finding request_is_approved(const struct check *c)
{
    const struct state_request *q = state_request_find(&c->j->state, c->r->request);

    if (c->r->is_range) {
        /* it is about no request, so it approves nothing that anyone could ask for */
        return judge_receipt_asks(c->ask) ? (struct finding){.class = FINDING_NOT_APPROVED} : FINDING_OK;
    }
    if (q == NULL) {
        return judge_finding_of(FINDING_FORMAT, CS_FAIL(CS_E_MISSING, "receipt.request"));
    }
    struct finding f = {.class = judge_is_approved(q->status) ? FINDING_HOLDS : FINDING_NOT_APPROVED};
    if (f.class == FINDING_HOLDS) {
        f = envelope_is_logged(c, q);
    }
    if (f.class == FINDING_HOLDS) {
        f = answers(c, q);
    }
    return f.class == FINDING_HOLDS ? f : judge_finding_at(f, q->index);
}

struct finding judge_receipt_verify(const struct receipt *r, const struct trust *t, const struct receipt_ask *ask,
                                    struct judge *j)
{
    struct check c = {.r = r, .t = t, .ask = ask, .j = j};

    j->sparse = true;
    j->state.partial = true;
    struct finding f = judge_checkpoint_open(r->checkpoint, t, &c.head);
    if (f.class == FINDING_HOLDS) {
        f = all_included(&c);
    }
    if (f.class == FINDING_HOLDS) {
        f = range_is_whole(r);
    }
    if (f.class == FINDING_HOLDS) {
        f = all_judged(&c);
    }
    return f.class == FINDING_HOLDS ? request_is_approved(&c) : f;
}

CS_RESULT judge_receipt_content(const struct receipt *r, uint64_t request, struct arena *arena,
                                const struct deploy_content **ret_content)
{
    const struct receipt_entry *at = find_entry(r, request);
    struct entry e = {0};
    struct request q = {0};

    ENSURE(at != NULL, CS_E_UNKNOWN, "receipt.request");
    TRY(model_entry_decode(at->leaf, arena, &e));
    ENSURE(e.type == ENTRY_REQUEST, CS_E_UNKNOWN, "receipt.request");
    TRY(model_request_decode(e.body, arena, &q));
    if (q.kind != KIND_DEPLOY) {
        *ret_content = NULL;
        return CS_SUCCESS;
    }
    struct deploy_content *d = arena_alloc(arena, sizeof(*d));
    ENSURE(d != NULL, CS_E_NOMEM, "receipt.request");
    TRY(model_deploy_decode(q.content, arena, d));
    *ret_content = d;
    return CS_SUCCESS;
}
